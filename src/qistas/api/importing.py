"""What another tool reported, as a ledger of reported evidence; judged again where that is asked for."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from qistas.api.rejudging import Rejudged, rejudged
from qistas.api.reporting import write_reports
from qistas.api.weighing import Weighing, bare_standard
from qistas.contracts.documents import EvaluationCard, Language, Standard, Text
from qistas.contracts.errors import BadInput, Fault, Interrupted
from qistas.contracts.exchanges import ChatResponse
from qistas.contracts.identity import ModelIdentity, TargetInfo
from qistas.contracts.protocols import AnyJudge
from qistas.datasets.reports.behaviours import with_behaviours
from qistas.datasets.reports.reading import Format, load_report
from qistas.datasets.reports.record import Answer, ToolReport, model_words
from qistas.datasets.reports.success import with_success
from qistas.engine.cache import ResponseCache, cache_folder
from qistas.engine.judging import asks_a_model
from qistas.engine.loop import run
from qistas.engine.plan import Job, RunSettings
from qistas.engine.work import work
from qistas.evaluations.reported_card import judge_card, slug, tool_card
from qistas.findings.reported_pairs import BEHAVIOURS
from qistas.judges.scales import readings
from qistas.targets.refs import without_home
from qistas.wiring import ModelOptions, evaluation_for, judges_for, reported_job

# Letters of the blocks that Arabic is written in.
_ARABIC = ("\u0600", "\u06ff")


class ImportSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to read a file and who judges again.

    ``format``: known by the content where it is ``None``. ``model``: about which model it is, in place of the name in the file.
    ``success``: which verdicts mean that an attack succeeded, where the format does not say (`with_success`). ``language``: of
    answers for which the file names none and whose prompt is not in Arabic letters. ``judges``: of ours, by name. ``behaviours``: a file with the texts of
    behaviours that the results name by id (`with_behaviours`).
    """

    format: Format | None = None
    model: str | None = None
    success: tuple[str, ...] = ()
    language: str = "en"
    judges: tuple[str, ...] = ()
    behaviours: Path | None = None
    concurrency: int | None = None


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import made: its report and folder, what was read, and where our judges say otherwise."""

    weighing: Weighing
    tool: str
    model: str
    answers: int
    clusters: int
    rejudged: tuple[Rejudged, ...]


def import_report(
    file: Path,
    settings: ImportSettings | None = None,
    *,
    out: Path | None = None,
    options: ModelOptions | None = None,
    lang: Language = "en",
) -> Imported:
    """Read the results file of another tool into a ledger of reported evidence; the folder ``out`` holds ledger and reports.

    Nothing is asked of the model it is about. ``options.judge_target`` is the judging model, for judges that ask one. Importing the
    same file in the same way again changes nothing, and goes on where it was stopped; in another way it is refused.

    Raises:
        StorageError, InvalidDocument: the file, with every fault of it.
        UnknownName: there is no such judge.
        LedgerMismatch: in the folder stands another import.
        BadInput: verdicts that the file does not have; a judge that cannot be held against them, or lacks its model.
        TargetFailed: the judging model failed for good.
        Interrupted: stopped; what was judged is kept.
    """
    chosen, known = settings or ImportSettings(), options or ModelOptions()
    report, digest = load_report(file, chosen.format, chosen.model)
    if chosen.success:
        report = with_success(report, chosen.success)
    also: dict[str, str] = {}
    if chosen.behaviours is not None:
        report, also[BEHAVIOURS] = with_behaviours(report, chosen.behaviours)
    judges = list(judges_for(chosen.judges, known).values())
    _check(report, judges, known)
    cards = _cards(report, digest, judges)
    job = _job(report, cards, file, digest, chosen, known)
    job = replace(job, data={**job.data, **also})
    folder = out or Path("runs") / f"{slug(file.stem)[:64]}-reported-{slug(report.tool)}"
    note = _work(job, folder / "ledger.sqlite")
    made = write_reports(folder / "ledger.sqlite", folder, lang)
    return Imported(
        weighing=Weighing(report=made, folder=folder, note=note),
        tool=report.author,
        model=report.model,
        answers=len(report.answers),
        clusters=len({answer.cluster for answer in report.answers}),
        rejudged=rejudged(folder / "ledger.sqlite", made.findings),
    )


def _check(report: ToolReport, judges: Sequence[AnyJudge], options: ModelOptions) -> None:
    faults = []
    asking = [judge.card.id for judge in judges if asks_a_model(judge)]
    for judge in judges:
        if not readings(judge):
            step = "qistas judges list names the judges"
            faults.append(
                Fault(
                    f"{judge.card.id} tells neither refusals nor harm: there is nothing to compare",
                    next_step=step,
                )
            )
    if asking and options.judge_target is None:
        faults.append(
            Fault(f"{', '.join(asking)} asks a model", next_step="name it with --judge-target MODEL")
        )
    if options.judge_target is not None and not asking:
        faults.append(Fault("no judge here asks a model", next_step="leave --judge-target out"))
    if judges and not report.attacks:
        said = dict.fromkeys(one.said for answer in report.answers for one in answer.verdicts.values())
        shown = ", ".join(list(said)[:20]) or "none"
        what = f"verdicts of {report.tool} do not say whether an attack succeeded, so no judge can be held against them"
        faults.append(
            Fault(what, next_step=f"say which do with --success (a verdict, or >=0.5); the file has {shown}")
        )
    if faults:
        raise BadInput(*faults)


def _cards(report: ToolReport, digest: str, judges: Sequence[AnyJudge]) -> dict[str, EvaluationCard]:
    cards = [tool_card(report, digest)]
    for judge in judges:
        meant = readings(judge)["harm"]
        cards.append(judge_card(report, digest, judge.card, meant, asks=asks_a_model(judge)))
    return {card.id: card for card in cards}


def _job(
    report: ToolReport,
    cards: Mapping[str, EvaluationCard],
    file: Path,
    digest: str,
    settings: ImportSettings,
    options: ModelOptions,
) -> Job:
    rows = [_row(answer, settings.language) for answer in report.answers]
    answers = {
        answer.place: ChatResponse(text=answer.response, finish=answer.finish, usage=answer.usage)
        for answer in report.answers
        if answer.response is not None
    }
    run_settings = RunSettings(
        audit=0.0, concurrency=settings.concurrency, rerun=_rerun(file, settings, options)
    )
    standard = _standard(report, cards, rows)
    return reported_job(_info(report, file, digest), answers, standard, cards, rows, options, run_settings)


def _row(answer: Answer, language: str) -> dict[str, Any]:
    return {
        "id": answer.id,
        "cluster": answer.cluster,
        "place": answer.place,
        "language": answer.language or _language(answer, language),
        "request": answer.request,
        "conversation": [[turn.role, turn.content] for turn in answer.messages],
        "missing": answer.missing,
        "never_asked": answer.never_asked,
        "verdicts": {name: msgspec.to_builtins(one) for name, one in answer.verdicts.items()},
        "kept": answer.kept,
        **answer.strata,
    }


def _language(answer: Answer, otherwise: str) -> str:
    """That of the prompt, as in runs of one's own, whatever the answer is in; of the answer where no prompt is kept.

    Arabic where more than half of the letters are Arabic's; which language in Latin letters it is, no letter tells.
    """
    put = next((turn.content for turn in reversed(answer.messages) if turn.role == "user"), answer.request)
    letters = [character for character in put if character.isalpha()]
    letters = letters or [character for character in answer.response or "" if character.isalpha()]
    arabic = sum(_ARABIC[0] <= character <= _ARABIC[1] for character in letters)
    return "ar" if 2 * arabic > len(letters) else otherwise


def _info(report: ToolReport, file: Path, digest: str) -> TargetInfo:
    return TargetInfo(
        adapter="reported",
        model=ModelIdentity(
            ref=f"{report.model} (reported by {report.author})",
            revision=None,
            digest=None,
            digest_reason=f"Qistas did not observe this model: {report.author} reported about it",
        ),
        capabilities=("reported",),
        framing="reported",
        details={"tool": report.author, "model": report.model, "file": file.name, "digest": digest},
    )


def _standard(
    report: ToolReport, cards: Mapping[str, EvaluationCard], rows: Sequence[Mapping[str, Any]]
) -> Standard:
    """A standard that asks nothing: every number of every card."""
    parts = [bare_standard(card, evaluation_for(card).samples(rows), None) for card in cards.values()]
    tool, model = report.author, report.model
    return Standard(
        qistas="standard/1",
        id="reported",
        version="1.0.0",
        title=Text(f"Reported by {tool} about {model}", f"ما أورده {tool} عن {model_words(model).ar}"),
        summary=Text(
            f"Numbers of what {tool} reported. Nothing is required of them.",
            f"أرقام ما أورده {tool}، ولا يُشترط فيها شيء.",
        ),
        intended_use=Text(
            "Reading what another tool reported, and judging it again.",
            "قراءة ما أوردته أداة أخرى والحكم عليه ثانية.",
        ),
        not_tested=(),
        criteria=tuple(criterion for part in parts for criterion in part.criteria),
    )


def _rerun(file: Path, settings: ImportSettings, options: ModelOptions) -> str:
    """The arguments that repeat the import."""
    parts = [without_home(str(file))]
    for name, value in (("--format", settings.format), ("--model", settings.model)):
        parts += [name, value] if value else []
    parts += [part for value in settings.success for part in ("--success", value)]
    parts += ["--language", settings.language] if settings.language != "en" else []
    parts += [part for value in settings.judges for part in ("--judge", value)]
    parts += ["--behaviours", without_home(str(settings.behaviours))] if settings.behaviours else []
    parts += ["--judge-target", without_home(options.judge_target)] if options.judge_target else []
    for name, path in options.judge_prompts.items():
        parts += ["--judge-prompt", f"{name}={without_home(str(path))}"]
    parts += [p for path in options.judge_records for p in ("--judge-record", without_home(str(path)))]
    return shlex.join(parts)


def _work(job: Job, ledger: Path) -> str | None:
    """Run the job into the ledger; what did not serve."""
    cache = ResponseCache(cache_folder())
    try:
        run(work(job, ledger, cache, lambda _: None))
    except KeyboardInterrupt:
        again = "run the same command again: it goes on"
        raise Interrupted(Fault(f"stopped; what was judged is kept in {ledger}", next_step=again)) from None
    finally:
        cache.close()
    return cache.note


def imported_json(made: Imported) -> bytes:
    """What an import made, for machines: all but the report, which lies in the folder."""
    whole = {
        "tool": made.tool,
        "model": made.model,
        "answers": made.answers,
        "clusters": made.clusters,
        "folder": str(made.weighing.folder),
        "findings": made.weighing.report.findings,
        "rejudged": made.rejudged,
    }
    return msgspec.json.format(msgspec.json.encode(whole))
