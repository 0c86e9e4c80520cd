"""The cards of an import: what the tool reported, and what a judge of ours decides about the same answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from qistas.contracts.documents import DataSource, EvaluationCard, MetricCard, Pillar, Text
from qistas.contracts.records import JudgeCard
from qistas.datasets.reports.record import ToolReport, model_words

VERSION = "1.0.0"
# Metrics of numbers that a file keeps beside its answers.
_KEPT = {
    "queries": MetricCard(
        id="queries",
        title=Text(
            "Queries that the attack put for one behaviour, as reported",
            "استعلامات الهجوم للسلوك الواحد كما وردت",
        ),
        unit="queries",
    ),
    "tokens": MetricCard(
        id="tokens",
        title=Text(
            "Tokens that the attack used for one behaviour, as reported", "رموز الهجوم للسلوك الواحد كما وردت"
        ),
        unit="tokens",
    ),
}
_NOT_OBSERVED = Text(
    "Qistas saw neither the model nor the run: requests, answers and verdicts are what the file says. How answers were "
    "decoded, and whether all of them are in the file, is not known.",
    "لم يشهد قِسطاس النموذج ولا التشغيل: فالطلبات والأجوبة والأحكام هي ما يقوله الملفّ. ولا يُعرف كيف وُلّدت الأجوبة، ولا "
    "هل هي كلّها في الملفّ.",
)
_NEVER_ASKED = Text(
    "Where an attack submitted no prompt, it counts as one that did not succeed; there is no answer to judge again.",
    "حين لم يقدّم الهجوم طلبًا يُعدّ غير ناجح، ولا جواب فيه يُحكم عليه ثانية.",
)
_ATTACK_ALONE = Text(
    "The file names behaviours without their text: judges of ours see the attack as the request, and not what it sought.",
    "يذكر الملفّ أسماء السلوكات بلا نصوصها: فلا يرى حُكّامنا إلّا نصّ الهجوم على أنّه الطلب، ولا يرون ما قُصد به.",
)


def slug(name: str) -> str:
    """A name as it can stand in an identifier."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "x"


def reported_id(tool: str) -> str:
    """The id of the judge that stands for a tool's verdicts."""
    return f"reported/{slug(tool)}"


def pillar_of(report: ToolReport) -> Pillar:
    """Attacks are about safety; what only says that an answer passed is about capability."""
    return "safety" if report.attacks else "capability"


def tool_card(report: ToolReport, digest: str) -> EvaluationCard:
    """What the tool reported."""
    tool, names = report.author, metric_names(report, "success" if report.attacks else "passed")
    several = len(names) > 1
    return _card(
        report,
        digest,
        tail="",
        title=Text(f"Reported by {tool}", f"ما أورده {tool}"),
        question=_question(report),
        metrics=(
            *(_verdict_metric(metric, name if several else None, report) for metric, name in names.items()),
            *(_KEPT[name] for name in _kept(report)),
        ),
        judge=reported_id(report.tool),
        parameters={
            "reported": reported_id(report.tool),
            "verdicts": names,
            "kept": {name: name for name in _kept(report)},
        },
        needs=("reported",),
    )


def judge_card(
    report: ToolReport, digest: str, judge: JudgeCard, meant: Mapping[str, str], *, asks: bool
) -> EvaluationCard:
    """What our judge decides, and where it agrees; ``meant``: by its labels, ``safe`` or ``unsafe``; ``asks``: a model."""
    tool, names = report.author, metric_names(report, "agreement")
    several = len(names) > 1
    return _card(
        report,
        digest,
        tail=f"-by-{slug(judge.id)}",
        title=Text(f"Reported by {tool}, judged by {judge.id}", f"ما أورده {tool}، بحكم {judge.id}"),
        question=Text(
            f"What does {judge.id} say of the answers that {tool} reported, and how often do both say the same?",
            f"ما حكم {judge.id} في الأجوبة التي أوردها {tool}، وكم مرّة يتّفق الحُكمان؟",
        ),
        metrics=(
            MetricCard(
                id="success",
                title=Text(
                    f"Attacks that succeeded, as {judge.id} decides", f"الهجمات الناجحة بحكم {judge.id}"
                ),
                direction="lower",
                labels={label: float(means == "unsafe") for label, means in meant.items()},
            ),
            *(
                _agreement(metric, name if several else report.tool, judge.id)
                for metric, name in names.items()
            ),
        ),
        judge=judge.id,
        parameters={
            "reported": reported_id(report.tool),
            "verdicts": names,
            "harmful": [label for label, means in meant.items() if means == "unsafe"],
        },
        needs=("reported", "judge-target") if asks else ("reported",),
    )


def metric_names(report: ToolReport, kind: str) -> dict[str, str]:
    """Metric to the tool's judge: ``kind`` where there is one, else ``kind-NAME`` for each."""
    judges = report.judges
    if len(judges) == 1:
        return {kind: judges[0]}
    names: dict[str, str] = {}
    for judge in judges:
        name = f"{kind}-{slug(judge)}"
        while name in names:
            name += "-x"
        names[name] = judge
    return names


def _kept(report: ToolReport) -> list[str]:
    return [name for name in _KEPT if any(name in answer.kept for answer in report.answers)]


def _question(report: ToolReport) -> Text:
    if report.attacks:
        return Text(
            f"How often did attacks on {report.model} succeed, as {report.author} reported?",
            f"كم مرّة نجحت الهجمات على {model_words(report.model).ar} بحسب ما أورده {report.author}؟",
        )
    return Text(
        f"How often did answers of {report.model} pass, as {report.author} reported?",
        f"كم مرّة اجتازت أجوبة {model_words(report.model).ar} الاختبار بحسب ما أورده {report.author}؟",
    )


def _verdict_metric(metric: str, name: str | None, report: ToolReport) -> MetricCard:
    by = Text(f", by {name}", f"، بحكم {name}") if name else Text("", "")
    if report.attacks:
        return MetricCard(
            id=metric,
            title=Text(
                f"Attacks that succeeded, as {report.tool} reported{by.en}",
                f"الهجمات الناجحة كما أوردها {report.tool}{by.ar}",
            ),
            direction="lower",
        )
    return MetricCard(
        id=metric,
        title=Text(
            f"Answers that passed, as {report.tool} reported{by.en}",
            f"الأجوبة التي اجتازت الاختبار كما أوردها {report.tool}{by.ar}",
        ),
        unit="score" if _has_numbers(report) else "proportion",
        direction="higher",
    )


def _sought_in(file: str) -> Text:
    return Text(
        f"What the attacks sought is not in the file of the results: it was read from {file}, and judges of ours see it as the "
        "request.",
        f"ما قُصد بالهجمات ليس في ملفّ النتائج: فهو مأخوذ من {file}، ويراه حُكّامنا على أنّه الطلب.",
    )


def _has_numbers(report: ToolReport) -> bool:
    return any(verdict.label == "number" for answer in report.answers for verdict in answer.verdicts.values())


def _agreement(metric: str, name: str, judge: str) -> MetricCard:
    return MetricCard(
        id=metric,
        title=Text(
            f"Answers of which {judge} and {name} say the same", f"الأجوبة التي يتّفق فيها {judge} و{name}"
        ),
        direction="higher",
    )


def _card(report: ToolReport, digest: str, tail: str, **said: Any) -> EvaluationCard:
    """A card of the import whose id ends with ``tail``; ``said`` is what differs between cards."""
    pillar = pillar_of(report)
    limits = [_NOT_OBSERVED]
    limits += [_NEVER_ASKED] if any(answer.never_asked for answer in report.answers) else []
    limits += [_ATTACK_ALONE] if report.attack_alone else []
    limits += [_sought_in(report.sought_in)] if report.sought_in else []
    return EvaluationCard(
        qistas="evaluation/1",
        id=f"{pillar}/reported-{slug(report.tool)}{tail}",
        version=VERSION,
        pillar=pillar,
        limits=tuple(limits),
        kind="reported",
        cluster_unit=Text("prompt", "طلب"),
        design="fixed",
        data=DataSource(
            id="report",
            file="report.jsonl",
            sha256=digest.removeprefix("sha256:"),
            licence="as the publisher of the file says",
            source=f"a file of {report.author} about {report.model}",
        ),
        cluster="cluster",
        strata=("language", *sorted({name for answer in report.answers for name in answer.strata})),
        **said,
    )
