"""What a report on an import says before anything else: it was reported, and where our judges say otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from qistas.contracts.documents import Text
from qistas.contracts.records import Header
from qistas.datasets.reports.record import model_words
from qistas.findings.disagreements import Disagreements, disagreements, is_import
from qistas.findings.reading import Evidence

MOST_NAMED = 50


def reported_caveats(header: Header, evidence: Evidence) -> Iterator[Text]:
    """That Qistas observed nothing of it, and for each judge of ours how often and where it disagrees."""
    if not is_import(header):
        return
    details = header.target.details
    tool, model = details["tool"], details["model"]
    yield Text(
        f"Reported evidence: {tool} reported it about {model}. Qistas asked the model nothing and saw none of its answers being "
        "made; it cannot tell whether the file is complete or true.",
        f"أدلّة منقولة: أوردها {tool} عن {model_words(model).ar}. لم يسأل قِسطاس النموذج شيئًا ولم يشهد صدور جواب من أجوبته، ولا يستطيع أن "
        "يعرف هل الملفّ كامل وصحيح.",
    )
    for found in disagreements(header, evidence):
        if found.compared:
            yield _said(found, tool)


def _said(found: Disagreements, tool: str) -> Text:
    ours, theirs = found.judge, f"{found.by} ({tool})"
    count, of = len(found.samples), found.compared
    if not count:
        return Text(
            f"{ours} and {theirs} say the same of all answers that both judged ({of}).",
            f"يتّفق {ours} و{theirs} في كلّ الأجوبة التي حكما عليها ({of}).",
        )
    named = ", ".join(found.samples[:MOST_NAMED])
    more = count - len(found.samples[:MOST_NAMED])
    rest = Text(f", and {more} more", f"، وغيرها {more}") if more else Text("", "")
    return Text(
        f"{ours} and {theirs} disagree on {count} of {of} answers that both judged: {named}{rest.en}.",
        f"يختلف {ours} و{theirs} في {count} من {of} من الأجوبة التي حكما عليها: {named}{rest.ar}.",
    )
