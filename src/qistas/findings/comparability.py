"""In what two runs differ beside the model, and which comparisons that weakens or forbids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.comparisons import Discrepancy, Effect
from qistas.contracts.documents import Criterion, EvaluationCard, MetricCard, Text
from qistas.contracts.identity import HostRecord, TargetInfo
from qistas.contracts.records import Header
from qistas.findings.estimating import metric_of
from qistas.findings.reported_pairs import behaviours_of, is_reported

_ROLES = ("attacker", "judge-target")
_SHOWN_DIGITS = 12

SENTENCES: dict[str, Text] = {
    "criterion": Text("Only one of the two runs asked this.", "لم يُسأل عن هذا إلّا في أحد التشغيلين."),
    "evaluation": Text(
        "The two runs asked in different ways: the evaluation's prompts or parameters are not the same.",
        "اختلفت طريقة السؤال بين التشغيلين: طلبات التقييم أو معاملاته ليست واحدة.",
    ),
    "metric": Text(
        "The two runs counted in different ways: the metric is not defined alike.",
        "اختلفت طريقة العدّ بين التشغيلين: تعريف المقياس ليس واحدًا.",
    ),
    "stratum": Text(
        "The two runs looked at different parts of the samples.",
        "نظر التشغيلان في جزأين مختلفين من العيّنات.",
    ),
    "data": Text("The prompts come from different data.", "الطلبات مأخوذة من بيانات مختلفة."),
    "reported": Text(
        "Both are reports of other tools, out of different files: answers to the same prompt, word for word, are paired.",
        "كلاهما منقول عن أدوات أخرى من ملفّين مختلفين: يُقابَل بين الأجوبة عن الطلب الواحد بنصّه.",
    ),
    "behaviours": Text(
        "Our judges did not see the same requests: what the attacks sought comes from different files of behaviours, or was "
        "given on one side only.",
        "لم يرَ حُكّامنا الطلبات نفسها: ما قُصد بالهجمات مأخوذ من ملفّي سلوكات مختلفين، أو لم يُعطَ إلّا في أحد الجانبين.",
    ),
    "judge": Text(
        "The answers were judged by different judges, or by different versions of one.",
        "حكم في الأجوبة حَكَمان مختلفان، أو إصداران مختلفان من حَكَم واحد.",
    ),
    "attacker": Text(
        "Another model attacked, so the two did not meet the same prompts.",
        "هاجم كلًّا منهما نموذج غير الذي هاجم الآخر، فلم يواجها الطلبات نفسها.",
    ),
    "judge-target": Text("The answers were judged by different models.", "حكم في الأجوبة نموذجان مختلفان."),
    "machine": Text(
        "The two were measured on different machines, and this number belongs to a machine as much as to a model.",
        "قيس كلّ منهما على جهاز غير جهاز الآخر، وهذا الرقم يخصّ الجهاز كما يخصّ النموذج.",
    ),
    "version": Text(
        "The evaluation's version differs, although what it asks and counts does not.",
        "إصدار التقييم مختلف، وإن لم يختلف ما يَسأل عنه وما يعدّه.",
    ),
    "decoding": Text(
        "Answers were drawn with different settings (length, temperature).",
        "وُلّدت الأجوبة بإعدادات مختلفة (الطول، درجة الحرارة).",
    ),
    "system_prompt": Text(
        "The system instructions differ, so a difference may come from them and not from the models.",
        "تعليمات النظام مختلفة، فقد يعود الفرق إليها لا إلى النموذجين.",
    ),
    "framing": Text(
        "The conversation is put to the two in different ways, so a difference may come from that.",
        "تُعرض المحادثة على النموذجين بطريقتين مختلفتين، فقد يعود الفرق إلى ذلك.",
    ),
    "guard": Text(
        "One of the two has a guard that the other has not: whole systems are compared, and a difference may come from the "
        "guard.",
        "حول أحد النموذجين حاجز حماية ليس حول الآخر: فالمقارنة بين نظامين كاملين، وقد يعود الفرق إلى الحاجز.",
    ),
    "template": Text(
        "Each was asked in its own chat template, which belongs to the model.",
        "سُئل كلّ منهما بقالب المحادثة الخاصّ به، وهو جزء من النموذج.",
    ),
    "standard": Text(
        "The standards differ; criteria are matched by what they measure.",
        "المعياران مختلفان؛ ويُقابَل بين الشروط بحسب ما تقيسه.",
    ),
    "qistas": Text(
        "Different versions of Qistas did the asking and counting.",
        "أجرى السؤال والعدّ إصداران مختلفان من قِسطاس.",
    ),
    "seed": Text(
        "The order of samples differs, so the runs may share fewer of them.",
        "ترتيب العيّنات مختلف، فقد يقلّ المشترك منها بين التشغيلين.",
    ),
    "budget": Text(
        "The number of samples allowed differs; only shared samples are compared.",
        "عدد العيّنات المسموح به مختلف؛ ولا يُقارَن إلّا بالمشترك منها.",
    ),
    "same_model": Text(
        "Both runs weighed the same weights: what differs is the circumstances.",
        "وزن التشغيلان الأوزان نفسها: فما يختلف هو الظروف.",
    ),
}


class Matched(NamedTuple):
    """A criterion of A's standard with the one of B's that measures the same; one of the two may be missing."""

    ours: Criterion | None
    theirs: Criterion | None

    @property
    def known(self) -> Criterion:
        """The one that is there; A's where both are."""
        found = self.ours or self.theirs
        assert found is not None  # noqa: S101
        return found


def matched(one: Header, other: Header) -> list[Matched]:
    """The criteria of both standards: by their id, else by evaluation, metric and stratum; then those of B alone."""
    left = {criterion.id: criterion for criterion in other.standard.criteria}
    pairs = []
    for ours in one.standard.criteria:
        theirs = left.get(ours.id)
        if theirs is None or _measures(theirs)[:2] != _measures(ours)[:2]:
            theirs = next((c for c in left.values() if _measures(c) == _measures(ours)), None)
        if theirs is not None:
            del left[theirs.id]
        pairs.append(Matched(ours, theirs))
    return pairs + [Matched(None, theirs) for theirs in left.values()]


def _measures(criterion: Criterion) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return criterion.evaluation, criterion.metric, tuple(sorted(criterion.where.items()))


def run_discrepancies(one: Header, other: Header) -> list[Discrepancy]:
    """What differs for all criteria alike."""
    reported = is_reported(one) and is_reported(other)
    found = [
        _of("system_prompt", "weakens", _short(one.system_prompt), _short(other.system_prompt)),
        # That of an import asks nothing, and names the model in its title.
        None if reported else _of("standard", "weakens", _named(one), _named(other)),
        _of("qistas", "weakens", one.qistas, other.qistas),
        _framing(one.target, other.target),
        _guards(one.target, other.target),
        _of("seed", "noted", one.seed, other.seed),
        _of("budget", "noted", one.budget, other.budget),
    ]
    same = one.target.model.digest
    if same is not None and same == other.target.model.digest:
        found.append(Discrepancy(kind="same_model", effect="noted", sentence=SENTENCES["same_model"]))
    return [discrepancy for discrepancy in found if discrepancy is not None]


def criterion_discrepancies(
    pair: Matched, one: Header, other: Header, hosts: tuple[HostRecord, HostRecord]
) -> list[Discrepancy]:
    """What differs for one criterion, what forbids its comparison first."""
    ours, theirs = pair
    if ours is None or theirs is None:
        here, there = (None if criterion is None else criterion.id for criterion in pair)
        found = _of("criterion", "forbids", here, there)
        return [msgspec.structs.replace(found, criteria=(pair.known.id,))] if found else []
    cards = one.evaluations[ours.evaluation], other.evaluations[theirs.evaluation]
    listed = [*_forbidding(pair, cards, (one, other)), *_machine(cards[0], ours, hosts), *_weakening(*cards)]
    return [msgspec.structs.replace(found, criteria=(ours.id,)) for found in listed]


def _forbidding(
    pair: Matched, cards: tuple[EvaluationCard, EvaluationCard], headers: tuple[Header, Header]
) -> Iterator[Discrepancy]:
    ours, theirs = pair
    assert ours is not None  # noqa: S101
    assert theirs is not None  # noqa: S101
    (card, their_card), (one, other) = cards, headers
    compared: list[tuple[str, Any, Any]] = [
        ("evaluation", _asks(card), _asks(their_card)),
        ("metric", _counts(card, ours), _counts(their_card, theirs)),
        ("stratum", ours.where, theirs.where),
    ]
    for kind, here, there in compared:
        if here != there:
            versions = (f"{c.id} {c.version}" for c in cards) if kind == "evaluation" else (None, None)
            yield _differs(kind, "forbids", *versions)
    yield from _given(_of("data", "forbids", data_of(card, one), data_of(their_card, other)))
    sought = behaviours_of(card, one), behaviours_of(their_card, other)
    if sought[0] != sought[1]:
        yield _differs("behaviours", "forbids", *(_short_digest(found) or None for found in sought))
    yield from _given(_of("judge", "forbids", _judge(card, one), _judge(their_card, other)))
    for role in _ROLES:
        if role in card.needs:
            yield from _given(_of(role, "forbids", _role(one, role), _role(other, role)))


def _weakening(card: EvaluationCard, their_card: EvaluationCard) -> Iterator[Discrepancy]:
    if _asks(card) == _asks(their_card):
        yield from _given(_of("version", "weakens", card.version, their_card.version))
    yield from _given(_of("decoding", "weakens", _settings(card), _settings(their_card)))
    if card.system != their_card.system:
        yield _differs("system_prompt", "weakens", _digest(card.system), _digest(their_card.system))


def _machine(
    card: EvaluationCard, criterion: Criterion, hosts: tuple[HostRecord, HostRecord]
) -> Iterator[Discrepancy]:
    if card.design == "repeats" or metric_of(card, criterion).bounds is None:
        yield from _given(_of("machine", "forbids", *(_machine_words(host) for host in hosts)))


def data_of(card: EvaluationCard, header: Header) -> str | None:
    """The digests of the data that an evaluation's samples come from; ``None`` where they come from its card alone."""
    if card.data is not None:
        return header.data.get(card.data.id)
    others = {c.data.id for c in header.evaluations.values() if c.data is not None}
    own = {name: value for name, value in header.data.items() if name not in others}
    return digest(own) if own else None


def by_prompt(found: Discrepancy) -> Discrepancy:
    """Other files, where it is known which answers belong together."""
    return msgspec.structs.replace(found, kind="reported", effect="weakens", sentence=SENTENCES["reported"])


def merged(found: Sequence[Discrepancy]) -> tuple[Discrepancy, ...]:
    """Equal discrepancies of several criteria as one; what forbids first, then what weakens."""
    criteria: dict[Discrepancy, list[str]] = {}
    for discrepancy in found:
        alike = msgspec.structs.replace(discrepancy, criteria=())
        criteria.setdefault(alike, []).extend(discrepancy.criteria)
    order = ("forbids", "weakens", "noted")
    listed = [msgspec.structs.replace(alike, criteria=tuple(names)) for alike, names in criteria.items()]
    return tuple(sorted(listed, key=lambda discrepancy: order.index(discrepancy.effect)))


def _asks(card: EvaluationCard) -> tuple[Any, ...]:
    """What an evaluation asks, without its titles and its version."""
    return card.id, card.kind, card.prompt, card.framing, card.parameters, card.cluster, card.needs


def _counts(card: EvaluationCard, criterion: Criterion) -> list[MetricCard]:
    """How the number is made, without titles: the metric, and those that it is computed from."""
    metric, untitled = metric_of(card, criterion), Text("", "")
    of = [other for other in card.metrics if other.id in metric.of]
    return [msgspec.structs.replace(each, title=untitled) for each in (metric, *of)]


def _judge(card: EvaluationCard, header: Header) -> str | None:
    judge = header.judges.get(card.judge) if card.judge else None
    if judge is None:
        return None
    prompt = f" {_digest(judge.prompt)}" if judge.prompt is not None else ""
    return f"{judge.id} {judge.version}{prompt}"


def _role(header: Header, role: str) -> str | None:
    target = header.roles.get(role)
    return None if target is None else f"{target.model.ref} {_short_digest(target.model.digest)}".strip()


def _settings(card: EvaluationCard) -> str:
    given: Mapping[str, Any] = msgspec.to_builtins(card.decoding)
    return ", ".join(f"{name} {value}" for name, value in given.items() if value not in (None, [], ()))


def _machine_words(host: HostRecord) -> str:
    return ", ".join([f"{host.cpu} × {host.cores}", *host.accelerators])


def _framing(one: TargetInfo, other: TargetInfo) -> Discrepancy | None:
    kinds = [target.framing.partition(":")[0] for target in (one, other)]
    if kinds[0] != kinds[1]:
        return _of("framing", "weakens", one.framing, other.framing)
    return _of("template", "noted", _short_digest(one.framing), _short_digest(other.framing))


def _guards(one: TargetInfo, other: TargetInfo) -> Discrepancy | None:
    """Noted where the model behind the guard is the same, as a difference can then come from nothing else."""
    said = [_guard(target) for target in (one, other)]
    known = [_behind(target) for target in (one, other)]
    alone = known[0] is not None and known[0] == known[1]
    return _of("guard", "noted" if alone else "weakens", *said)


def _guard(target: TargetInfo) -> str | None:
    guard = target.details.get("guard")
    return f"{guard['name']} {_digest(guard)}" if isinstance(guard, dict) and "name" in guard else None


def _behind(target: TargetInfo) -> str | None:
    """The digest of the model's own weights, without the guard."""
    inner = target.details.get("model") if _guard(target) else None
    if inner is None:
        return target.model.digest
    found: str | None = msgspec.convert(inner, TargetInfo).model.digest
    return found


def _named(header: Header) -> str:
    return f"{header.standard.id} {header.standard.version} {_digest(header.standard)}"


def _of(kind: str, effect: Effect, a: object, b: object) -> Discrepancy | None:
    """A discrepancy where the two differ, with what stands on either side."""
    if a == b:
        return None
    said = [None if value is None else str(value) for value in (a, b)]
    return _differs(kind, effect, said[0], said[1])


def _differs(kind: str, effect: Effect, a: str | None, b: str | None) -> Discrepancy:
    return Discrepancy(kind=kind, effect=effect, sentence=SENTENCES[kind], a=a, b=b)


def _given(found: Discrepancy | None) -> list[Discrepancy]:
    return [] if found is None else [found]


def _short(text: str | None) -> str | None:
    """A system prompt may hold anything: its digest tells two apart."""
    return None if text is None else _digest(text)


def _digest(value: Any) -> str:
    return _short_digest(digest(value))


def _short_digest(value: str | None) -> str:
    kind, colon, digits = (value or "").rpartition(":")
    return f"{kind}{colon}{digits[:_SHOWN_DIGITS]}…" if len(digits) > _SHOWN_DIGITS else value or ""
