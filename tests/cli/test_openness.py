"""``qistas openness``: what is printed, where it goes, and what it exits with."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from qistas.cli import run


@pytest.fixture
def release(tmp_path: Path, repo_root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    (tmp_path / "model/LICENSE").write_bytes((repo_root / "LICENSE").read_bytes())
    (tmp_path / "model/README.md").write_text("---\nlicense: apache-2.0\n---\n# Model \x1b[31mcard\n")
    return "model"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["openness", *arguments])
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    return code, shown.out, shown.err


def test_a_release_is_shown_as_lines_for_a_terminal(release: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, release, "--read-on", "2026-01-31")

    assert (code, err) == (0, "")
    assert out.startswith("model (files: 2; documents read: 2; only listed: 0; 2026-01-31)\n")
    assert "LICENSE: Apache-2.0 (exact)" in out
    assert "\x1b" not in out


def test_json_goes_to_a_file_or_to_the_screen_and_is_the_same(
    release: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [release, "--format", "json", "--read-on", "2026-01-31"]
    code, out, _ = said(capsys, *given)
    assert said(capsys, *given, "--out", "found.json") == (0, "", "")

    assert code == 0
    assert (tmp_path / "found.json").read_text() == out
    assert json.loads(out)["release"]["source"] == "model"
    code, out, _ = said(capsys, release, release, "--format", "json")
    assert [one["release"]["source"] for one in json.loads(out)] == ["model", "model"]


def test_a_dimension_is_explained_in_either_language(
    release: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, english, _ = said(capsys, release, "--explain", "licences")
    _, arabic, _ = said(capsys, release, "--explain", "licences", "--lang", "ar")

    assert code == 0
    assert english.startswith("model: Licences\n")
    assert arabic.startswith("model: التراخيص\n")
    assert "LICENSE:" in english


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["absent"], "there is no release 'absent' → give a folder, a file, hf:org/name[@revision] or sanja"),
        (["model", "--explain", "modelcardd"], "--explain: unknown dimension 'modelcardd' → did you mean: "),
        (["model", "--read-on", "soon"], "--read-on: 'soon' is no date"),
        (["model", "--licence-texts", "absent"], "absent: there is no such folder"),
        (
            ["model", "--parent", "a/b"],
            "--parent 'a/b' is not ORG/NAME=RELEASE → write --parent org/name=RELEASE",
        ),
        (["model", "--parent", "a/b=absent"], "there is no release 'absent'"),
        ([], "Missing argument 'RELEASE...'"),
        (["model", "--format", "pdf"], "Invalid value for '--format'"),
        (["model", "--out", "no/such/folder/x"], "cannot write"),
    ],
)
def test_bad_input_is_said_with_the_next_step(
    release: str, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release
    code, _, err = said(capsys, *arguments)

    assert code == 2
    assert says in err


def test_lineage_is_read_on_in_a_parent(
    release: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "model/README.md").write_text("---\nlicense: mit\nbase_model: org/base\n---\n# Model\n")
    (tmp_path / "base").mkdir()
    (tmp_path / "base/README.md").write_text("---\nlicense: mit\nbase_model: org/root\n---\n# Base\n")
    nodes = []
    for given in ([], ["--parent", "org/base=base"]):
        code, out, _ = said(capsys, release, *given, "--format", "json")
        assert code == 0
        nodes.append({one["id"] for one in json.loads(out)["lineage"]["nodes"]})

    assert "org/base" in nodes[0]
    assert nodes[1] - nodes[0] == {"org/root"}


def test_nothing_is_fetched_unless_that_is_asked_for(
    release: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "Your use follows the policy at http://127.0.0.1/policy, which is incorporated by reference.\n"
    (tmp_path / "model/NOTICE").write_text(words)
    notes = []
    for given in ([], ["--fetch"]):
        code, out, err = said(capsys, release, *given, "--format", "json")
        assert (code, err) == (0, "")
        notes.append([note["en"] for note in json.loads(out)["release"]["notes"]])

    assert notes == [[], ["http://127.0.0.1/policy: lies in an inner network"]]


def test_every_faulty_line_of_a_file_list_is_said(release: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(release, "TREE.txt").write_text("a drawing of a tree\n3 a\n├── b\n")
    code, out, err = said(capsys, release)

    assert (code, out) == (2, "")
    assert [line.partition(": ")[2].partition(":")[0] for line in err.splitlines()] == [
        "model/TREE.txt",
        "model/TREE.txt",
    ]
    assert [line.split(":")[2] for line in err.splitlines()] == ["1", "3"]


def test_a_signature_in_a_release_is_verified_under_the_key_that_is_given(
    release: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signing = pytest.importorskip("model_signing.signing", reason="needs the extra signing")
    key = ec.generate_private_key(ec.SECP256R1())
    private, public = tmp_path / "key.pem", tmp_path / "key.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    signer = signing.Config().use_elliptic_key_signer(private_key=private)
    signer.sign(tmp_path / release, tmp_path / release / "model.sig")
    asked = [release, "--format", "json", "--read-on", "2026-01-31"]

    def of_signature(*more: str) -> set[str]:
        code, out, err = said(capsys, *asked, *more)
        assert (code, err) == (0, "")
        return {one["code"] for one in json.loads(out)["supply_chain"] if one["file"] == "model.sig"}

    assert of_signature() == {"signature-unverified"}
    assert of_signature("--public-key", "key.pub") == {"signature-verified"}
    (tmp_path / release / "README.md").write_text("another")
    assert of_signature("--public-key", "key.pub") == {"signature-invalid"}
    code, _, err = said(capsys, "hf:org/name", "--public-key", "key.pub")
    assert code == 2
    assert "fetch the repository and give its folder" in err


def test_what_is_wrong_before_anything_is_read_is_bad_input(
    release: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "no.pem").write_text("no key")
    for given, says in (
        ([""], "the name of a release is empty"),
        ([release, "--public-key", "missing.pem"], "the key cannot be read"),
        ([release, "--public-key", "no.pem"], "this is no public key"),
        ([release, "--format", "json", "--explain", "licenses"], "--explain is a text for people"),
    ):
        code, out, err = said(capsys, *given)
        assert (code, out) == (2, "")
        assert says in err
        assert "→" in err
