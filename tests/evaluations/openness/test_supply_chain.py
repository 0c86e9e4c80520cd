"""What the files of a release show about their safety is one finding a code, with the reason in both languages."""

import asyncio
import pickle
import re
from pathlib import Path

import pytest
from tests.fakes.subject import ScriptedSubject
from tests.targets.inspection.crafted import HONEST, SYSTEM, Runs, inspected

from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import FileInspection, ReleaseFile, ReleaseListing
from qistas.contracts.openness import SUPPLY_CODES, Quote, SupplyFinding
from qistas.evaluations.cards import load_card
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.supply_chain import SupplyChain, _rules, supply_chain
from qistas.wiring import evaluation_for

CONFIG = b'{\n "auto_map": {"AutoModel": "modeling_x.Model", "AutoConfig": "org/other--config_x.Config"}\n}'


def listing(folder: Path, files: dict[str, bytes], **more: object) -> ReleaseListing:
    """A release whose every file was inspected; JSON files are documents too."""
    return ReleaseListing(
        files=tuple(
            ReleaseFile(path=name, size_bytes=len(data), sha256="0" * 64) for name, data in files.items()
        ),
        texts={name: data.decode() for name, data in files.items() if name.endswith(".json")},
        source="example",
        inspections=tuple(inspected(folder, name, data) for name, data in files.items()),
        **more,  # type: ignore[arg-type]
    )


def found(folder: Path, files: dict[str, bytes], **more: object) -> list[tuple[str, str, str]]:
    return [
        (one.file, one.severity, one.code)
        for one in supply_chain(ReleaseRecord(listing(folder, files, **more)))
    ]


def observed(made: ReleaseListing) -> dict[str, float | str]:
    """The value of each kind; the reason where it has none."""
    evaluation = SupplyChain(load_card("openness/supply-chain"))
    subject = ScriptedSubject(release=made)
    values: dict[str, float | str] = {}
    for sample in evaluation.samples([]):
        try:
            for value in asyncio.run(evaluation.observe(sample, subject)).values():
                values[sample.id] = value
        except Unscored as unscored:
            values[sample.id] = unscored.reason
    return values


def test_every_code_has_a_reason_in_both_languages_and_every_reason_a_code(repo_root: Path) -> None:
    said = _rules().reasons
    raised = {
        code
        for path in (repo_root / "src/qistas/targets/inspection").glob("*.py")
        for code in re.findall(r'ault\(\s*f?"([a-z{}-]+)"', path.read_text("utf-8"))
    }

    assert set(said) == set(SUPPLY_CODES)
    assert all(reason.en and reason.ar for reason in said.values())
    assert len(raised) > 40
    assert raised - {"pickle-{how}-global"} <= set(SUPPLY_CODES)


def test_an_honest_file_is_clean_and_a_release_without_signature_is_called_that(tmp_path: Path) -> None:
    assert found(tmp_path, {"model.safetensors": HONEST}) == [
        ("model.safetensors", "ok", "clean"),
        (".", "note", "unsigned"),
    ]


def test_a_finding_holds_what_the_bytes_showed(tmp_path: Path) -> None:
    made = listing(tmp_path, {"model.bin": pickle.dumps(Runs())})

    finding = next(one for one in supply_chain(ReleaseRecord(made)) if one.code == "pickle-dangerous-global")

    assert finding == SupplyFinding(
        file="model.bin",
        format="pickle",
        severity="danger",
        code="pickle-dangerous-global",
        reason=_rules().reasons["pickle-dangerous-global"],
        runs=(SYSTEM,),
        evidence=(Quote(file="model.bin", line=0, quote=SYSTEM, digest=f"sha256:{'0' * 64}"),),
    )


def test_a_finding_in_a_text_quotes_its_line(tmp_path: Path) -> None:
    made = listing(tmp_path, {"config.json": CONFIG})

    finding = next(one for one in supply_chain(ReleaseRecord(made)) if one.code == "remote-code")

    assert [(quote.line, quote.quote) for quote in finding.evidence] == [
        (0, "auto_map names code of the release: modeling_x.Model, org/other--config_x.Config"),
        (2, CONFIG.decode().split("\n")[1]),
    ]
    assert finding.runs == (
        "auto_map.AutoModel: modeling_x.Model",
        "auto_map.AutoConfig: org/other--config_x.Config",
    )


def test_code_is_told_apart_by_when_it_runs(tmp_path: Path) -> None:
    files = {
        "config.json": CONFIG,
        "modeling_x.py": b"x = 1\n",
        "setup.py": b"x = 1\n",
        "train.py": b"import subprocess\n",
        "util.py": b"x = 1\n",
    }

    assert found(tmp_path, files) == [
        ("config.json", "warning", "remote-code"),
        ("modeling_x.py", "warning", "code-run-on-load"),
        ("setup.py", "note", "code-run-on-install"),
        ("train.py", "note", "code-present"),
        ("util.py", "ok", "clean"),
        (".", "note", "unsigned"),
    ]


def test_code_in_a_folder_is_pointed_to_from_its_folder(tmp_path: Path) -> None:
    files = {"sub/config.json": CONFIG, "sub/modeling_x.py": b"x = 1\n"}

    assert ("sub/modeling_x.py", "warning", "code-run-on-load") in found(tmp_path, files)


def test_weights_that_are_only_listed_are_unread_and_other_files_are_not_said(tmp_path: Path) -> None:
    listed = ("model.safetensors", "here.bin", "README.md")

    assert found(tmp_path, {"here.bin": b""}, listed_only=listed) == [
        ("here.bin", "ok", "clean"),
        ("model.safetensors", "unread", "not-at-hand"),
        (".", "note", "unsigned"),
    ]
    assert found(tmp_path, {}, listed_only=listed[:1]) == [("model.safetensors", "unread", "not-at-hand")]


def test_a_verified_signature_is_said() -> None:
    signature = FileInspection(
        path="model.sig",
        format="signature",
        size_bytes=9,
        sha256="1" * 64,
        metadata={"signature.state": "verified"},
    )
    record = ReleaseRecord(ReleaseListing(files=(), texts={}, source="example", inspections=(signature,)))

    assert [(one.severity, one.code, one.runs) for one in supply_chain(record)] == [
        ("ok", "signature-verified", ())
    ]


def test_the_evaluation_weighs_each_kind_of_file_that_is_there(tmp_path: Path) -> None:
    files = {
        "a.safetensors": HONEST,
        "b.bin": pickle.dumps(Runs()),
        "config.json": CONFIG,
        "m.py": b"x = 1\n",
    }

    assert observed(listing(tmp_path, files)) == {
        "safetensors": 1.0,
        "pickle": 0.0,
        "code": 1.0,
        "other": 0.0,
    }


def test_a_pickle_that_only_holds_data_is_safe(tmp_path: Path) -> None:
    assert observed(listing(tmp_path, {"b.bin": pickle.dumps([1])})) == {"pickle": 1.0}


def test_a_file_that_was_not_read_has_no_value(tmp_path: Path) -> None:
    assert observed(listing(tmp_path, {"m.onnx": b"\x08\x07\x12\x07pytorch"})) == {
        "graph": "m.onnx: Files of this format are not looked into; what it holds is unknown."
    }
    bare = ReleaseListing(files=(ReleaseFile(path="a", size_bytes=1),), texts={}, source="example")
    assert set(observed(bare).values()) == {"the bytes of the release were not inspected"}
    assert observed(ReleaseListing(files=(), texts={}, source="example")) == {}


def test_the_card_and_its_code_are_known_by_name() -> None:
    evaluation = evaluation_for(load_card("openness/supply-chain"))

    assert isinstance(evaluation, SupplyChain)
    assert evaluation.card.id == "openness/supply-chain"
    assert len(evaluation.samples([])) == 8


def test_our_own_release_runs_nothing(repo_root: Path) -> None:
    folder = repo_root / "src/qistas/reference/sanja"
    if not folder.is_dir():
        pytest.skip("no weights in this checkout")
    from qistas.targets.inspection.inspect import inspect_files

    files = [(path.name, path) for path in sorted(folder.rglob("*")) if path.is_file()]
    made = tuple(inspect_files(files))
    record = ReleaseRecord(ReleaseListing(files=(), texts={}, source="example", inspections=made))

    assert {one.severity for one in supply_chain(record)} <= {"ok", "note"}
