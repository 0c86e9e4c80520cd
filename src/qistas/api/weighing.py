"""Weighing a model: against a standard, or by one evaluation."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from qistas.api.choosing import evaluation_asked, need_roles, refuse_chosen, refuse_namesake
from qistas.api.reporting import write_reports
from qistas.api.silence import refuse_silence
from qistas.contracts.canonical import canonical, digest
from qistas.contracts.documents import Criterion, EvaluationCard, Language, Standard, Text
from qistas.contracts.errors import BadInput, CheckFailed, Fault, Interrupted, TargetFailed
from qistas.contracts.findings import Finding, Report
from qistas.contracts.power import Power
from qistas.contracts.records import Sample
from qistas.engine.cache import ResponseCache, cache_folder
from qistas.engine.loop import run
from qistas.engine.pace import remember_pace
from qistas.engine.plan import Job, RunSettings
from qistas.engine.run import Progress
from qistas.engine.work import work
from qistas.targets.refs import without_home
from qistas.wiring import ModelOptions, capabilities_by_form, evaluation_for, job_for, samples_for

OnProgress = Callable[[Progress], None]
OnPower = Callable[[tuple[Power, ...]], None]
# The standard of a run of one evaluation, which asks nothing.
BARE = "bare"


class Listeners(NamedTuple):
    """Who is told how far a run is, and before it asks anything what it can show."""

    progress: OnProgress | None = None
    power: OnPower | None = None


class Weighing(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run: its report, where the files are, and a note where something did not serve."""

    report: Report
    folder: Path
    note: str | None = None

    @property
    def passed(self) -> bool:
        """Whether every criterion that applies is met, and one does; what was not shown does not pass."""
        verdicts = {f.verdict for f in self.report.findings}
        return "met" in verdicts and verdicts <= {"met", "not_applicable"}


def weigh(
    model: str,
    standard: str | Path = "open-release",
    *,
    out: Path | None = None,
    options: ModelOptions | None = None,
    settings: RunSettings | None = None,
    lang: Language = "en",
    on_progress: OnProgress | None = None,
    on_power: OnPower | None = None,
) -> Weighing:
    """Weigh a model against a standard; the folder ``out`` then holds ledger and reports.

    ``on_power`` is told before anything is asked which differences so many prompts can show.
    Running it again with the same arguments resumes: what the ledger holds is not asked twice. Raises
    ``BadInput`` (2), ``TargetFailed`` (3; what was answered is kept and reported) and ``Interrupted`` (130).
    """
    refuse_chosen(settings := settings or RunSettings())
    cards = known_cards()
    document = standard_of(standard, cards)
    settings = with_rerun(settings, model, str(standard))
    folder = out or default_folder(model, document.id, settings.seed, options.guard if options else None)
    listeners = Listeners(on_progress, on_power)
    return _run(model, document, cards, folder, options or ModelOptions(), settings, lang, listeners)


def measure(
    evaluation: str | Path,
    model: str,
    standard: str | Path | None = None,
    *,
    out: Path | None = None,
    options: ModelOptions | None = None,
    settings: RunSettings | None = None,
    lang: Language = "en",
    on_progress: OnProgress | None = None,
) -> Weighing:
    """Run one evaluation: with ``standard``, that standard's criteria for it; else every metric, unjudged.

    ``evaluation`` is a name, or the YAML file of a card, beside which its data are looked for, or of a task of
    lm-eval, whose data ``options`` name by split. ``settings.chosen`` may put values in place of parameters of a
    published card; the report says which.
    """
    listeners = Listeners(on_progress)
    return run_evaluation(
        evaluation,
        model,
        standard,
        out=out,
        options=options,
        settings=settings,
        lang=lang,
        listeners=listeners,
    )


def run_evaluation(
    evaluation: str | Path,
    model: str,
    standard: str | Path | None,
    *,
    out: Path | None,
    options: ModelOptions | None,
    settings: RunSettings | None,
    lang: Language,
    listeners: Listeners,
) -> Weighing:
    """As ``measure``, with listeners who are told beforehand what the run can show."""
    # Only a standard may name other evaluations; reading all cards takes longer than many a run.
    cards = {} if standard is None else known_cards()
    card, options, settings = evaluation_asked(
        evaluation, options or ModelOptions(), settings or RunSettings()
    )
    need_roles(card, options)
    if standard is not None:
        refuse_chosen(settings)
        refuse_namesake(card, cards.get(card.id))
    cards[card.id] = card
    if standard is None:
        document = bare_standard(card, samples_for(evaluation_for(card), options)[0], settings.budget)
        settings = with_rerun(settings, model, None)
    else:
        document = _only(standard_of(standard, cards), card.id)
        settings = with_rerun(settings, model, str(standard))
    name = f"{card.id.replace('/', '-')}-{document.id}"
    if settings.chosen and not settings.places:
        name += f"-chosen-{digest(settings.chosen).removeprefix('sha256:')[:8]}"
    folder = out or default_folder(model, name, settings.seed, options.guard)
    return _run(model, document, cards, folder, options, settings, lang, listeners)


def require(passed: bool, findings: tuple[Finding, ...]) -> None:
    """Raise ``CheckFailed`` naming every criterion that keeps the gate shut."""
    if not passed:
        open_ = [f for f in findings if f.verdict not in ("met", "not_applicable")]
        faults = [Fault(f"gate: {f.criterion} is {f.verdict}") for f in open_]
        raise CheckFailed(*(faults or [Fault("gate: no criterion is met, because none applies")]))


def default_folder(model: str, standard: str, seed: int, guard: str | None = None) -> Path:
    """``runs/<model>-<standard>-<seed>``; a guarded model has ``-guarded-<guard>`` after its name."""
    from qistas.targets.refs import parse_guard_ref, parse_ref, slug
    from qistas.wiring import named_judge

    name = slug(parse_ref(model))
    if guard is not None:
        rule = named_judge(guard)
        name += f"-guarded-{rule.replace('/', '-') if rule else slug(parse_guard_ref(guard))}"
    return Path("runs") / f"{name}-{standard}-{seed}"


def bare_standard(card: EvaluationCard, samples: Sequence[Sample], budget: int | None) -> Standard:
    """A standard that asks nothing: each metric of one evaluation, for each part of its samples."""
    criteria = tuple(
        Criterion(
            id=".".join(filter(None, (card.id.replace("/", "."), metric.id, *where.values()))),
            evaluation=card.id,
            metric=metric.id,
            title=Text(metric.title.en + said.en, metric.title.ar + said.ar),
            why=card.question,
            where=where,
            samples=budget or 1_000_000_000,
        )
        for metric in card.metrics
        for where, said in _parts(samples)
    )
    return Standard(
        qistas="standard/1",
        id=BARE,
        version=card.version,
        title=card.title,
        summary=card.question,
        intended_use=Text("Measuring without judging.", "القياس من غير إصدار حُكم."),
        not_tested=(),
        criteria=criteria,
    )


_LANGUAGES = {"en": Text(", in English", "، بالإنجليزية"), "ar": Text(", in Arabic", "، بالعربية")}


def _parts(samples: Sequence[Sample]) -> list[tuple[dict[str, str], Text]]:
    """How samples are kept apart where no standard says it: by group where there are several, else by language.

    Every sample belongs to a part, in whatever language it is.
    """
    for name in ("group", "language"):
        found = {sample.strata[name] for sample in samples if name in sample.strata}
        if found and (name == "language" or len(found) > 1):
            return [({name: value}, _said(name, value)) for value in sorted(found, key=_english_first)]
    return [({}, Text("", ""))]


def _english_first(value: str) -> tuple[int, str]:
    known = list(_LANGUAGES)
    return (known.index(value) if value in known else len(known), value)


def _said(name: str, value: str) -> Text:
    if name == "language":
        return _LANGUAGES.get(value, Text(f", in the language {value}", f"، باللغة {value}"))
    return Text(f", group {value}", f"، المجموعة {value}")


def known_cards() -> dict[str, EvaluationCard]:
    """Every packaged evaluation by id."""
    from qistas.evaluations.cards import all_cards

    return dict(all_cards())


def standard_of(name: str | Path, cards: Mapping[str, EvaluationCard]) -> Standard:
    """A packaged standard by name, or one from a file, checked against the evaluations it names."""
    from qistas.standards.registry import load_standard

    return load_standard(name, cards)


def _only(document: Standard, evaluation: str) -> Standard:
    kept = tuple(c for c in document.criteria if c.evaluation == evaluation)
    if not kept:
        asked = ", ".join(sorted({c.evaluation for c in document.criteria}))
        raise BadInput(
            Fault(f"standard {document.id!r} does not use {evaluation!r}", next_step=f"it uses {asked}")
        )
    # A part must not be read as the whole: it goes by a name of its own.
    return msgspec.structs.replace(
        document,
        id=f"{document.id}.part",
        title=Text(f"Part of “{document.title.en}”", f"جزء من «{document.title.ar}»"),
        criteria=kept,
    )


def with_rerun(settings: RunSettings, model: str, standard: str | None) -> RunSettings:
    """Settings whose ``rerun`` are all the arguments that repeat the run."""
    import shlex

    parts = [without_home(model)]
    if standard is not None:
        parts += ["--standard", without_home(standard)]
    parts += ["--seed", str(settings.seed)]
    if settings.budget is not None:
        parts += ["--budget", str(settings.budget)]
    for evaluation, chosen in settings.chosen.items():
        if evaluation not in settings.places:
            parts += [f"--param={name}={canonical(value).decode()}" for name, value in sorted(chosen.items())]
    rerun = " ".join([shlex.join(parts), settings.rerun]).strip()
    return msgspec.structs.replace(settings, rerun=rerun)


def _run(
    model: str,
    standard: Standard,
    cards: Mapping[str, EvaluationCard],
    folder: Path,
    options: ModelOptions,
    settings: RunSettings,
    lang: Language,
    listeners: Listeners,
) -> Weighing:
    ledger, note = answered(model, standard, cards, folder, options, settings, lang, listeners)
    return reported(ledger, folder, lang, note)


def reported(ledger: Path, folder: Path, lang: Language, note: str | None) -> Weighing:
    """The reports of a finished run, written into its folder."""
    made = write_reports(ledger, folder, lang)
    if made.run.failures:
        refuse_silence(ledger)
    return Weighing(report=made, folder=folder, note=note)


def answered(
    model: str,
    standard: Standard,
    cards: Mapping[str, EvaluationCard],
    folder: Path,
    options: ModelOptions,
    settings: RunSettings,
    lang: Language,
    listeners: Listeners,
) -> tuple[Path, str | None]:
    """Ask everything that the standard asks for; (the ledger in the folder, what did not serve).

    Raises as ``weigh``; where the target fails for good, what was answered is kept and reported.
    """
    job = job_for(model, standard, cards, options, settings)
    if listeners.power is not None:
        listeners.power(powers_in(job, capabilities_by_form(model, options)))
    ledger = folder / "ledger.sqlite"
    cache = ResponseCache(cache_folder())
    again = "run the same command again: it resumes"
    started = time.monotonic()
    try:
        asked = run(work(job, ledger, cache, listeners.progress or _silent))
        remember_pace(model, asked, time.monotonic() - started)
    except KeyboardInterrupt:
        raise Interrupted(Fault(f"stopped; what was answered is kept in {ledger}", next_step=again)) from None
    except TargetFailed as error:
        if ledger.exists():
            write_reports(ledger, folder, lang)
            kept = Fault(f"what was answered is kept in {ledger}, and {folder / 'report.html'} reports it")
            raise TargetFailed(*error.faults, kept) from error
        raise
    finally:
        cache.close()
    return ledger, cache.note


def powers_in(job: Job, capabilities: frozenset[str]) -> tuple[Power, ...]:
    """What the job's prompts can show, for the criteria that a model of these capabilities can be asked."""
    from qistas.findings.power import powers_of

    cards = {name: evaluation.card for name, evaluation in job.evaluations.items()}
    criteria = [c for c in job.standard.criteria if set(cards[c.evaluation].needs) <= capabilities]
    return powers_of(criteria, cards, job.populations, job.settings.seed, job.settings.budget)


def _silent(_: Progress) -> None:
    return
