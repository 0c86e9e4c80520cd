"""Names to objects: the only file that knows concrete classes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from qistas.contracts.calibrations import CalibrationRecord, NoCalibration
from qistas.contracts.documents import EvaluationCard, Standard
from qistas.contracts.errors import BadInput, Fault, UnknownName
from qistas.contracts.exchanges import ChatResponse, FileInspection
from qistas.contracts.identity import TargetInfo
from qistas.contracts.protocols import AnyJudge, Evaluation, Meter, ReleaseSource, Target
from qistas.contracts.records import JudgeCard, Sample
from qistas.engine.plan import Job, RunSettings
from qistas.targets.refs import parse_guard_ref, without_home

if TYPE_CHECKING:
    from qistas.judges.records import JudgeRecord
    from qistas.targets.hub import HubWholeRelease
    from qistas.targets.release_whole import Inspect, WholeRelease

KINDS = {
    "chat": "qistas.evaluations.chat:ChatEvaluation",
    "choice": "qistas.evaluations.choice:ChoiceEvaluation",
    "reported": "qistas.evaluations.reported:ReportedEvaluation",
}
CODE = {
    "capability/letters": "qistas.evaluations.capability.letters:LettersEvaluation",
    "capability/contamination": "qistas.evaluations.capability.contamination:ContaminationEvaluation",
    "trust/memorisation": "qistas.evaluations.trust.memorisation:MemorisationEvaluation",
    "openness/documents": "qistas.evaluations.openness.documents:Documents",
    "openness/licence": "qistas.evaluations.openness.licence:LicenceEvaluation",
    "openness/european-index": "qistas.evaluations.openness.european_index:EuropeanIndex",
    "openness/supply-chain": "qistas.evaluations.openness.supply_chain:SupplyChain",
    "openness/framework": "qistas.evaluations.openness.framework_evaluation:FrameworkEvaluation",
    "trust/calibration": "qistas.evaluations.trust.calibration:CalibrationEvaluation",
    "safety/transformations": "qistas.evaluations.safety.transformations:TransformationsEvaluation",
    "safety/attacks": "qistas.evaluations.safety.attacks.evaluation:AttacksEvaluation",
    "safety/harmbench": "qistas.evaluations.safety.harmbench:HarmBenchEvaluation",
    "safety/harmbench-refusal": "qistas.evaluations.safety.harmbench:HarmBenchEvaluation",
    "safety/harmbench-attacked": "qistas.evaluations.safety.attacks.evaluation:AttacksEvaluation",
    "safety/injection": "qistas.evaluations.safety.injection:InjectionEvaluation",
    "safety/pair": "qistas.evaluations.safety.adaptive.pair:PairEvaluation",
    "safety/tap": "qistas.evaluations.safety.adaptive.tap:TapEvaluation",
    "safety/crescendo": "qistas.evaluations.safety.adaptive.crescendo:CrescendoEvaluation",
    "safety/gcg": "qistas.evaluations.safety.adaptive.gcg:GcgEvaluation",
    "efficiency/answering": "qistas.evaluations.efficiency.answering:AnsweringEvaluation",
    "efficiency/generation": "qistas.evaluations.efficiency.generation:GenerationEvaluation",
    "trust/bias": "qistas.evaluations.trust.bias:BiasEvaluation",
    "trust/robustness": "qistas.evaluations.trust.robustness:RobustnessEvaluation",
    "trust/attribution": "qistas.evaluations.trust.attribution:AttributionEvaluation",
}
JUDGES = {
    "rule/refusal": "qistas.judges.refusal:RefusalJudge",
    "rule/keywords": "qistas.judges.keywords:KeywordJudge",
    "rule/exact-match": "qistas.judges.exact_match:ExactMatchJudge",
    "rule/choice-letter": "qistas.judges.choice_letter:ChoiceLetterJudge",
    "rule/copyright-minhash": "qistas.judges.copyright:CopyrightJudge",
    "rule/mention": "qistas.judges.mention:MentionJudge",
    "rule/harm": "qistas.judges.harm:HarmRuleJudge",
    "model/refusal": "qistas.judges.model_refusal:ModelRefusalJudge",
    "model/harmbench": "qistas.judges.harmbench:HarmBenchJudge",
    "model/strongreject": "qistas.judges.strongreject:StrongRejectJudge",
    "model/llama-guard": "qistas.judges.llama_guard:LlamaGuardJudge",
    "model/harm-rubric": "qistas.judges.harm_rubric:HarmRubricJudge",
    "model/ensemble": "qistas.judges.ensemble:HarmEnsembleJudge",
}
_ENSEMBLE = "qistas.judges.ensemble:EnsembleJudge"
_REPORTED = "qistas.judges.reported:ReportedJudge"
METERS = {
    "clock": "qistas.meters.clock:ClockMeter",
    "cpu": "qistas.meters.cpu:CpuMeter",
    "memory": "qistas.meters.memory:MemoryMeter",
    "energy": "qistas.meters.energy:EnergyMeter",
    "elsewhere": "qistas.meters.elsewhere:ElsewhereMeter",
}
TARGETS = {
    "openai:": "qistas.targets.openai:OpenAITarget",
    "hf:": "qistas.targets.hub:HubTarget",
    "python:": "qistas.targets.python:PythonTarget",
    "folder": "qistas.targets.local:TransformersTarget",
    "reported": "qistas.targets.reported:ReportedTarget",
}
_WHOLE_RELEASE = "qistas.targets.release_whole:WholeRelease"
_HUB_RELEASE = "qistas.targets.hub:HubWholeRelease"
_INSPECTION = "qistas.targets.inspection.inspect:inspect_file"
_SIGNATURE = "qistas.targets.inspection.signatures:verify"
_KEY = "qistas.targets.inspection.signatures:check_key"
_GUARDED = "qistas.targets.guarded:GuardedTarget"
_RULE_GUARD = "qistas.targets._guards:RuleGuard"
_MODEL_GUARD = "qistas.targets._guards:ModelGuard"


class ModelOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach and load a model. ``data`` maps a data source's id to a file that replaces it.

    ``card_folder``: where a card of the user's own stands; its pinned data lie beside it. ``task``: a task of
    lm-eval (``qistas.evaluations.lm_eval``), which makes its rows of ``data`` itself. ``judge_records``: calibration records
    that take the place of the judges' own. ``judge_prompts``: by judge a file with the prompt that takes the place of its own. ``guard``: what stands around the model, a rule judge of harm or a model that
    answers as Llama Guard does.
    """

    dtype: str | None = None
    device: str | None = None
    memory_bytes: int | None = None
    timeout_seconds: float = 120.0
    release: Path | None = None
    trust_remote_code: bool = False
    data: Mapping[str, Path] = msgspec.field(default_factory=dict)
    card_folder: Path | None = None
    task: Any = None
    attacker: str | None = None
    judge_target: str | None = None
    judge_records: tuple[Path, ...] = ()
    judge_prompts: Mapping[str, Path] = msgspec.field(default_factory=dict)
    guard: str | None = None


def resolve(place: str) -> Any:
    """The class behind ``module:Class``, imported only now."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def evaluation_for(card: EvaluationCard) -> Evaluation:
    """The evaluation that a card describes; code only for cards whose id is known here."""
    if card.kind != "code":
        return resolve(KINDS[card.kind])(card)  # type: ignore[no-any-return]
    if card.id not in CODE:
        step = "a card from a file may be of kind chat or choice"
        raise BadInput(Fault(f"evaluation {card.id!r} needs code that Qistas does not have", next_step=step))
    return resolve(CODE[card.id])(card)  # type: ignore[no-any-return]


def judge_id(name: str) -> str:
    """The judge's id; a name may leave out what comes before the slash, or put it last: ``harmbench``, ``refusal-rule``."""
    named = {one: one.partition("/") for one in JUDGES}
    found = [one for one, (kind, _, tail) in named.items() if name in (one, tail, f"{tail}-{kind}")]
    if len(found) != 1:
        raise UnknownName.of("judge", name, list(JUDGES))
    return found[0]


def judge_for(name: str) -> AnyJudge:
    """The judge with this id or short name (`judge_id`), or ``ensemble:A+B+C`` or ``ensemble:A+B+C,worst`` of them.

    ``reported/TOOL`` stands for the verdicts in a file of another tool.
    """
    if name.startswith("reported/"):
        return resolve(_REPORTED)(name.removeprefix("reported/"))  # type: ignore[no-any-return]
    kind, colon, rest = name.partition(":")
    if colon and kind == "ensemble":
        members, _, tie = rest.partition(",")
        chosen = [judge_for(one) for one in members.split("+")]
        return resolve(_ENSEMBLE)(chosen, tie or "unscored")  # type: ignore[no-any-return]
    return resolve(JUDGES[judge_id(name)])()  # type: ignore[no-any-return]


def judges_for(names: Iterable[str], options: ModelOptions) -> dict[str, AnyJudge]:
    """The judges with these names, with the prompts that the options give them.

    Raises:
        UnknownName: there is no such judge.
        BadInput: a prompt that no judge here takes, or that is none; all faults.
    """
    judges = {name: judge_for(name) for name in names}
    if not options.judge_prompts:
        return judges
    from qistas.judges.prompts import with_prompts

    return with_prompts(judges, {judge_id(name): path for name, path in options.judge_prompts.items()})


def recorded_judge(name: str, card: JudgeCard) -> AnyJudge:
    """The judge of a ledger, with the prompt that it was given there."""
    from qistas.judges.prompts import as_recorded

    return as_recorded(judge_for(name), card)


def meters_for(local: bool) -> Sequence[Meter]:
    """The meters; where the model runs elsewhere, this process' CPU, memory and energy are not its own."""
    names = ["energy", "memory", "cpu", "clock"] if local else ["clock", "elsewhere"]
    return [resolve(METERS[name])() for name in names]


def target_for(ref: str, options: ModelOptions) -> tuple[Target, ReleaseSource | None]:
    """The adapter for a model reference, and where its release is read from."""
    from qistas.targets import refs

    given = _release(options.release, str(options.release)) if options.release else None
    match refs.parse_ref(ref):
        case refs.OpenAIRef() as endpoint:
            return _endpoint(endpoint.url, endpoint.model, options), given
        case refs.PythonRef() as named:
            return resolve(TARGETS["python:"])(named, timeout_seconds=options.timeout_seconds), given
        case refs.HubRef() as hub:
            target = resolve(TARGETS["hf:"])(hub, **_loading(options))
            return target, given or target.release
        case refs.FolderRef() as folder:
            return _folder(Path(folder.path), without_home(os.path.normpath(ref)), options, given)
        case _:
            return _folder(_sanja_path(ref), ref, options, given)


def _guarded(target: Target, options: ModelOptions) -> Target:
    """The target with the guard that the options name around it."""
    if options.guard is None:
        return target
    if (rule := named_judge(options.guard)) is not None:
        guard = resolve(_RULE_GUARD)(_rule_judge(rule))
    else:
        reader = resolve(JUDGES["model/llama-guard"])()
        parse_guard_ref(options.guard)
        behind, _ = target_for(options.guard, msgspec.structs.replace(options, release=None))
        guard = resolve(_MODEL_GUARD)(behind, reader.read, f"{reader.card.id} {reader.card.version}")
    return resolve(_GUARDED)(target, guard)  # type: ignore[no-any-return]


def named_judge(name: str) -> str | None:
    """The judge's id (`judge_id`), where this names one."""
    try:
        return judge_id(name)
    except UnknownName:
        return None


def _rule_judge(name: str) -> AnyJudge:
    judge = judge_for(name)
    if not judge.card.rule:
        step = "name the model itself, for example openai:http://host:port/v1#model; it answers as Llama Guard does"
        raise BadInput(Fault(f"{name} asks a model, which --guard must name", next_step=step))
    return judge


def _folder(
    path: Path, shown: str, options: ModelOptions, given: ReleaseSource | None
) -> tuple[Target, ReleaseSource]:
    target = resolve(TARGETS["folder"])(path, ref=shown, **_loading(options))
    return target, given or _release(path, shown)


def _loading(options: ModelOptions) -> dict[str, Any]:
    return {
        "dtype": options.dtype or "auto",
        "device": options.device or "auto",
        "trust_remote_code": options.trust_remote_code,
        "memory_bytes": options.memory_bytes,
    }


def capabilities_by_form(ref: str, options: ModelOptions) -> frozenset[str]:
    """What a model of this form can be expected to offer before it is opened."""
    from qistas.targets.refs import parse_ref

    scheme = parse_ref(ref).scheme
    have = (
        {"chat"}
        if scheme in ("openai", "python") or options.guard
        else {"chat", "score", "measure", "suffix", "release"}
    )
    roles = {"attacker": options.attacker, "judge-target": options.judge_target}
    return frozenset(
        have | ({"release"} if options.release else set()) | {r for r, named in roles.items() if named}
    )


def _sanja_path(name: str) -> Path:
    from qistas.reference import sanja_path

    return sanja_path(name)


def _endpoint(url: str, model: str | None, options: ModelOptions) -> Target:
    from qistas.targets.credentials import credentials_for

    credentials = credentials_for(url, os.environ)
    return resolve(TARGETS["openai:"])(  # type: ignore[no-any-return]
        url,
        model,
        timeout_seconds=options.timeout_seconds,
        api_key=credentials.api_key,
        headers=credentials.headers,
    )


def whole_release_for(ref: str, public_key: Path | None = None) -> WholeRelease | HubWholeRelease:
    """What openness is judged by: a folder, a file, ``hf:org/name[@revision]`` or a calibration weight's name.

    ``public_key``: the signer's, as PEM; signatures in a folder are then verified under it.

    Raises:
        UnknownName: nothing of these answers to ``ref``.
        BadInput: a key is given for a release whose files are not all here.
    """
    from qistas.targets import refs

    if ref.startswith("hf:"):
        if public_key is not None:
            step = "fetch the repository and give its folder"
            raise BadInput(
                Fault("a signature covers all files, and of this only documents are read", ref, step)
            )
        return resolve(_HUB_RELEASE)(refs.parse_ref(ref), inspect=resolve(_INSPECTION))  # type: ignore[no-any-return]
    path = _sanja_path(ref) if ref in refs.BUNDLED else Path(ref).expanduser()
    if not path.exists():
        step = "give a folder, a file, hf:org/name[@revision] or sanja"
        raise UnknownName(Fault(f"there is no release {ref!r}", next_step=step))
    shown = ref if ref in refs.BUNDLED else without_home(os.path.normpath(ref))
    return resolve(_WHOLE_RELEASE)(path, source=shown, inspect=_inspecting(path, public_key))  # type: ignore[no-any-return]


def cached_release_for(repository: str, is_data: bool) -> WholeRelease | None:
    """A repository of which the hub's cache on this machine holds a snapshot; of its files, only headers are inspected."""
    from qistas.targets.hub_cache import cached_repository, headers_only

    path = cached_repository(repository, is_data)
    if path is None:
        return None
    source = f"https://huggingface.co/datasets/{repository}" if is_data else f"hf:{repository}"
    return resolve(_WHOLE_RELEASE)(path, source=source, inspect=headers_only(resolve(_INSPECTION)))  # type: ignore[no-any-return]


def documents_release_for(repository: str) -> HubWholeRelease:
    """The documents of a model on the hub, and nothing of its weights."""
    from qistas.targets.refs import HubRef

    ref = HubRef(text=f"hf:{repository}", repository=repository)
    return resolve(_HUB_RELEASE)(ref, inspect=resolve(_INSPECTION), headers=False)  # type: ignore[no-any-return]


def check_public_key(path: Path) -> None:
    """Raises ``BadInput`` where signatures cannot be verified under what stands there."""
    resolve(_KEY)(path)


def _inspecting(folder: Path, public_key: Path | None) -> Inspect:
    inspect: Inspect = resolve(_INSPECTION)
    if public_key is None:
        return inspect

    def inspected(path: Path, name: str, /, *, sha256: str | None, seconds: float) -> FileInspection:
        found = inspect(path, name, sha256=sha256, seconds=seconds)
        if found.format != "signature":
            return found
        return resolve(_SIGNATURE)(found, path, folder, public_key)  # type: ignore[no-any-return]

    return inspected


def _release(path: Path, shown: str) -> ReleaseSource:
    inspect = resolve(_INSPECTION)
    return resolve(_WHOLE_RELEASE)(path, source=without_home(shown), inspect=inspect)  # type: ignore[no-any-return]


def job_for(
    ref: str,
    standard: Standard,
    cards: Mapping[str, EvaluationCard],
    options: ModelOptions,
    settings: RunSettings,
) -> Job:
    """Everything a run of the standard on the model needs."""
    evaluations: dict[str, Evaluation] = {}
    populations: dict[str, Sequence[Sample]] = {}
    data: dict[str, str] = {}
    used = {criterion.evaluation for criterion in standard.criteria}
    _check_overrides(options, [cards[name] for name in used])
    for name in sorted(used):
        evaluations[name] = evaluation_for(cards[name])
        populations[name], digests = samples_for(evaluations[name], options)
        data.update(digests)
    target, release = target_for(ref, options)
    needs = {need for name in used for need in cards[name].needs}
    judges = judges_for(judge_names(cards[n] for n in used), options)
    return Job(
        target=_guarded(target, options),
        standard=standard,
        evaluations=evaluations,
        populations=populations,
        judges=judges,
        data=data,
        meters=meters_for,
        release=release if "release" in needs else None,
        roles=_roles(options),
        settings=settings,
        calibrations={name: _calibration(cards[name], judges) for name in used},
        judge_records=_judge_records(options.judge_records, judges),
    )


def reported_job(
    info: TargetInfo,
    answers: Mapping[str, ChatResponse],
    standard: Standard,
    cards: Mapping[str, EvaluationCard],
    rows: Sequence[Mapping[str, Any]],
    options: ModelOptions,
    settings: RunSettings,
) -> Job:
    """Everything an import needs: the answers of a file by place, and its rows, in the place of a model and its data."""
    evaluations = {name: evaluation_for(card) for name, card in cards.items()}
    named = {str(name) for card in cards.values() for name in (card.judge, card.parameters["reported"])}
    judges = judges_for(sorted(named), options)
    return Job(
        target=resolve(TARGETS["reported"])(info, answers),
        standard=standard,
        evaluations=evaluations,
        populations={name: evaluation.samples(rows) for name, evaluation in evaluations.items()},
        judges=judges,
        data={source.id: f"sha256:{source.sha256}" for card in cards.values() if (source := card.data)},
        meters=meters_for,
        roles=_roles(options),
        settings=settings,
        calibrations=dict.fromkeys(cards, "none"),
        judge_records=_judge_records(options.judge_records, judges),
    )


def samples_for(evaluation: Evaluation, options: ModelOptions) -> tuple[Sequence[Sample], dict[str, str]]:
    """(an evaluation's samples, the digest of the data that they come from by the data's id)."""
    from qistas.datasets.rows import load_rows

    if options.task is not None:
        rows, digests = options.task.rows(options.data)
        return evaluation.samples(rows), digests
    source = evaluation.card.data
    if source is None:
        return evaluation.samples([]), {}
    rows, digest = load_rows(source, options.data.get(source.id), options.card_folder)
    digests = {source.id: digest}
    parameters = evaluation.card.parameters
    references = str(parameters.get("references"))
    if references in options.data:
        from qistas.datasets.references import with_references

        column = str(parameters["reference_id"])
        rows, digests[references] = with_references(rows, options.data[references], column)
    return evaluation.samples(rows), digests


def _calibration(card: EvaluationCard, judges: Mapping[str, AnyJudge]) -> CalibrationRecord | NoCalibration:
    from qistas.evaluations.calibrations import calibration_of

    return calibration_of(card, judges[card.judge].card.version if card.judge else None)


def _judge_records(paths: Sequence[Path], judges: Mapping[str, AnyJudge]) -> dict[str, JudgeRecord]:
    """The records by judge; each must be of a judge of this run, at its version."""
    from qistas.judges.records import load_judge_record

    versions = {judge.card.id: judge.card.version for judge in judges.values()} if paths else {}
    records, faults = {}, []
    for path in paths:
        record = load_judge_record(path)
        if versions.get(record.judge) != record.version:
            known = ", ".join(f"{name} {version}" for name, version in versions.items()) or "none"
            what = f"the record is of {record.judge} {record.version}; judges of this run: {known}"
            faults.append(Fault(what, str(path), "make one with qistas judges calibrate --out"))
        records[record.judge] = record
    if faults:
        raise BadInput(*faults)
    return records


def judge_names(cards: Any) -> list[str]:
    """The judges that these cards name; a card of kind code may name another in its parameters."""
    others = ("refusal_judge", "copyright_judge")
    named = {name for card in cards for name in (card.judge, *map(card.parameters.get, others))}
    return sorted(name for name in named if name)


def _check_overrides(options: ModelOptions, cards: Sequence[EvaluationCard]) -> None:
    known = sorted({card.data.id for card in cards if card.data} | _references(cards))
    if options.task is not None:
        known = list(options.task.splits)
    faults = [
        UnknownName.of("data source", name, known).faults[0] for name in options.data if name not in known
    ]
    if faults:
        raise BadInput(*faults)


def _references(cards: Sequence[EvaluationCard]) -> set[str]:
    """Data beside the rows: texts that answers are compared with."""
    return {str(name) for card in cards if (name := card.parameters.get("references"))}


def _roles(options: ModelOptions) -> dict[str, Target]:
    named = {"attacker": options.attacker, "judge-target": options.judge_target}
    helping = msgspec.structs.replace(options, release=None)
    return {role: target_for(ref, helping)[0] for role, ref in named.items() if ref}
