"""A judge held against people's labels, and the calibration record that this makes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from qistas.contracts.agreements import Agreement, ErrorCounts, JudgeAgreement, LabelFile
from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.protocols import AnyJudge
from qistas.contracts.records import Decision
from qistas.datasets.labels import SCALES, Labelled, Scale, load_labelled
from qistas.engine.judging import asks_a_model
from qistas.engine.labelled import asked_decisions, decisions
from qistas.judges.scales import merged, positives, readings
from qistas.stats import agreement as statistics
from qistas.stats.agreement import Pair
from qistas.wiring import ModelOptions, judges_for, target_for

CONFIDENCE = 0.95


def calibrate_judge(
    judge: str,
    labels: Path,
    *,
    binary: bool = False,
    language: str = "en",
    options: ModelOptions | None = None,
    concurrency: int | None = None,
) -> JudgeAgreement:
    """How well ``judge`` agrees with the labels in a CSV or JSON Lines file.

    A row has ``prompt``, ``response`` and ``label`` (for judges of refusals ``full_refusal``, ``partial_refusal``,
    ``compliance``; for judges of harm ``safe``, ``unsafe``), and may have ``language`` (else ``language``) and ``attack``,
    the family. ``binary``: a partial refusal is a refusal, and nothing finer is compared. ``options.judge_target`` is the
    judging model, for judges that ask one; ``concurrency`` the most requests in flight.

    Raises:
        UnknownName: there is no such judge.
        InvalidDocument: faults of the file, all of them.
        BadInput: the judge's labels are its definition; a judging model is missing, or is not needed.
        TargetFailed: the judging model failed for good.
    """
    known = options or ModelOptions()
    chosen = judges_for([judge], known)[judge]
    read = readings(chosen)
    faults = list(_faults(chosen, read, known))
    if faults:
        raise BadInput(*faults)
    rows, scale, digest = load_labelled(labels, list(read), language=language, binary=binary)
    decided, target = _decided(chosen, rows, known, concurrency)
    compared = _Compared(rows, decided, read[scale], scale, binary and scale == "refusal")
    card = chosen.card
    return JudgeAgreement(
        judge=card.id,
        version=card.version,
        scale=scale,
        binary=compared.binary,
        positive=compared.said(positive=True),
        negative=compared.said(positive=False),
        means=compared.means(),
        labels=LabelFile(name=labels.name, digest=digest),
        target=target,
        languages={name: compared.of(language=name) for name in compared.languages()},
        attacks={
            name: {family: compared.of(language=name, attack=family) for family in families}
            for name in compared.languages()
            if (families := compared.attacks(name))
        },
        **msgspec.structs.asdict(compared.of()),
    )


def _faults(judge: AnyJudge, read: Mapping[Scale, object], options: ModelOptions) -> Iterator[Fault]:
    card = judge.card
    if not read:
        yield Fault(
            f"{card.id} tells neither refusals nor harm: there is nothing to hold it against",
            next_step="qistas judges list names the judges",
        )
    elif asks_a_model(judge) and options.judge_target is None:
        yield Fault(f"{card.id} asks a model", next_step="name it with --judge-target MODEL")
    elif options.judge_target is not None and not asks_a_model(judge):
        yield Fault(f"{card.id} asks no model", next_step="leave --judge-target out")


def _decided(
    judge: AnyJudge, rows: Sequence[Labelled], options: ModelOptions, concurrency: int | None
) -> tuple[list[Decision], str | None]:
    """(the decisions in order, the judging model by its digest, or by its name where it has none)."""
    if options.judge_target is None:
        return asyncio.run(decisions(judge, rows)), None
    target, _ = target_for(options.judge_target, options)
    decided, info = asyncio.run(asked_decisions(judge, rows, target, concurrency))
    return decided, info.model.digest or info.model.ref


class _Compared(NamedTuple):
    """Labelled answers with what the judge decided about each; ``read``: what the judge's labels stand for."""

    rows: Sequence[Labelled]
    decided: Sequence[Decision]
    read: Mapping[str, str]
    scale: Scale
    binary: bool

    def languages(self) -> list[str]:
        return sorted({row.language for row in self.rows})

    def attacks(self, language: str) -> list[str]:
        return sorted({row.attack for row in self.rows if row.attack and row.language == language})

    def said(self, *, positive: bool) -> tuple[str, ...]:
        """The judge's labels that stand for a positive, or for a negative."""
        found = positives(self.scale, binary=False)
        return tuple(label for label, meant in self.read.items() if (meant in found) is positive)

    def means(self) -> dict[str, str]:
        """The word of people, as compared, that each of the judge's labels stands for."""
        return {label: self._label(meant) for label, meant in self.read.items()}

    def of(self, language: str | None = None, attack: str | None = None) -> Agreement:
        """The agreement on all answers, on those in a language, or on those to a family of attacks in it."""
        chosen = [
            (row, decision)
            for row, decision in zip(self.rows, self.decided, strict=True)
            if language in (None, row.language) and attack in (None, row.attack)
        ]
        pairs = [Pair(self._label(row.label), self._judged(decision), row.prompt) for row, decision in chosen]
        left = Counter(decision.label for _, decision in chosen if decision.label not in self.read)
        positive = positives(self.scale, binary=self.binary)
        return Agreement(
            n=len(pairs),
            clusters=len({pair.cluster for pair in pairs}),
            agreement=statistics.agreement(pairs, confidence=CONFIDENCE),
            sensitivity=statistics.sensitivity(pairs, positive, confidence=CONFIDENCE),
            specificity=statistics.specificity(pairs, positive, confidence=CONFIDENCE),
            confusion=statistics.confusion(pairs, self._labels()),
            unscored=left.total(),
            why_unscored=dict(sorted(left.items())),
            counts=_counts(pairs, positive),
        )

    def _labels(self) -> list[str]:
        return list(dict.fromkeys(self._label(label) for label in SCALES[self.scale]))

    def _label(self, label: str) -> str:
        return merged(label) if self.binary else label

    def _judged(self, decision: Decision) -> str | None:
        meant = self.read.get(decision.label)
        return None if meant is None else self._label(meant)


def _counts(pairs: Sequence[Pair], positive: Sequence[str]) -> ErrorCounts:
    errors = statistics.judge_errors(pairs, positive)
    return ErrorCounts(
        true_positive=errors.true_positives,
        false_negative=errors.false_negatives,
        true_negative=errors.true_negatives,
        false_positive=errors.false_positives,
    )
