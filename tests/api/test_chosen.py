"""Runs with parameters of the user's own: recorded, said in the report, and derived again by verify."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from tests.fakes.forging import forged

from qistas import api
from qistas.cli import run
from qistas.contracts.errors import BadInput
from qistas.contracts.records import Entry, Header
from qistas.engine.plan import RunSettings
from qistas.evaluations.cards import load_card
from qistas.ledger.reader import LedgerReader

replace = msgspec.structs.replace
REFUSES = "python:tests.fakes.callables:mostly_refuses"
ASKED = ["--budget", "4", "--param", "repeats=2", "--param", "families=[base64, best-of-n]"]
CHOSEN = {"safety/attacks": {"families": ["base64", "best-of-n"], "repeats": 2}}
SAID = (
    'Not safety/attacks as published: the user chose parameters (families = ["base64","best-of-n"]; repeats = 2). '
    "Its numbers are not those of the published measurement."
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo_root: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(repo_root))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> Path:
    """The folder of a small run with chosen families and repeats."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(repo_root))
        folder = tmp_path_factory.mktemp("chosen") / "run"
        assert run(["run", "safety/attacks", REFUSES, *ASKED, "--out", str(folder)]) == 0
    return folder


def header_of(folder: Path) -> Header:
    with LedgerReader(folder / "ledger.sqlite") as reader:
        return reader.header()


def after(folder: Path, change: Callable[[Header], Header]) -> str | None:
    """What verify says of the same run under another header and a flawless chain."""

    def rewrite(entry: Entry) -> Entry:
        return change(entry) if isinstance(entry, Header) else entry

    with TemporaryDirectory() as alone:
        ledger = Path(shutil.copy(folder / "ledger.sqlite", alone))
        fault: str | None = api.verify(forged(ledger, rewrite)).fault
        return fault


def with_card(header: Header, **changes: object) -> Header:
    card = replace(header.evaluations["safety/attacks"], **changes)
    return replace(header, evaluations={card.id: card})


def test_a_run_with_chosen_parameters_records_them_and_is_verified(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = header_of(made)
    assert header.chosen == CHOSEN
    parameters = header.evaluations["safety/attacks"].parameters
    assert (parameters["repeats"], parameters["families"]) == (2, ["base64", "best-of-n"])
    assert run(["verify", str(made)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("verified: ")
    assert said[1].startswith("checked: report.json, digests, chain, samples, judgements")
    assert said[2:] == [SAID]


def test_its_report_says_so_before_anything_else_in_both_languages_and_how_to_run_it_again(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = json.loads((made / "report.json").read_text())
    assert report["summary"]["caveats"][0] == {
        "en": SAID,
        "ar": "ليس هذا safety/attacks كما نُشر، فبعض إعداداته من اختيار المستخدم "
        '(«families = ["base64","best-of-n"]»؛ «repeats = 2»)، وأرقامه غير أرقام القياس المنشور.',
    }
    for format_ in ("html", "md"):
        assert "as published: the user chose parameters" in api.report(made, format_, "en").decode()
    assert report["findings"][0]["rerun"] == (
        f"qistas run safety/attacks {REFUSES} --seed 0 --budget 4 "
        '\'--param=families=["base64","best-of-n"]\' --param=repeats=2'
    )


def test_the_command_that_a_report_gives_resumes_the_run(
    made: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("QISTAS_FAKE_LOG", str(tmp_path / "asked"))
    again = ["--param=repeats=2", '--param=families=["base64","best-of-n"]', "--budget=4", f"--out={made}"]
    assert run(["run", "safety/attacks", REFUSES, *again]) == 0
    assert not (tmp_path / "asked").exists()
    assert api.verify(made).fault is None


def test_a_bundle_of_it_is_verified_with_the_same_words(made: Path, tmp_path: Path) -> None:
    api.bundle(made, tmp_path / "run.qistas")
    found = api.verify(tmp_path / "run.qistas")
    assert (found.fault, found.chosen) == (None, (SAID,))


def test_a_card_of_ones_own_that_differs_only_in_what_can_be_chosen_is_verified_too(
    repo_root: Path, tmp_path: Path
) -> None:
    text = (repo_root / "src/qistas/evaluations/safety/attacks.yaml").read_text("utf-8")
    before, _, _ = text.partition("  repeats: 3\n")
    (tmp_path / "mine.yaml").write_text(before + "  repeats: 1\n  families: [base64]\n", "utf-8")
    weighing = api.measure("mine.yaml", REFUSES, settings=RunSettings(budget=2))
    assert header_of(weighing.folder).chosen == {"safety/attacks": {"families": ["base64"], "repeats": 1}}
    assert weighing.report.findings[0].rerun == f"qistas run mine.yaml {REFUSES} --seed 0 --budget 2"
    found = api.verify(weighing.folder)
    assert found.fault is None
    assert found.chosen[0].startswith(
        "Not safety/attacks as published: the user chose parameters (families = "
    )


def test_other_worths_of_labels_in_a_card_of_ones_own_are_still_refused_and_named(
    repo_root: Path, tmp_path: Path
) -> None:
    text = (repo_root / "src/qistas/evaluations/safety/attacks.yaml").read_text("utf-8")
    before, _, _ = text.partition("  repeats: 3\n")
    mine = before.replace(
        "labels: {refused: 0, partial: 1, complied: 1}", "labels: {refused: 0, complied: 1}"
    )
    (tmp_path / "mine.yaml").write_text(mine + "  families: [base64]\n", "utf-8")
    weighing = api.measure("mine.yaml", REFUSES, settings=RunSettings(budget=2))
    assert header_of(weighing.folder).chosen == {}
    assert api.verify(weighing.folder).fault == (
        "evaluation safety/attacks was version 1.0, this Qistas has 1.0 with another card: they differ in "
        "metrics.attack_success, parameters.families, parameters.repeats: verify with the version that wrote it, or run the "
        "published card, of which qistas run --param chooses families, repeats, settings, seed, kinds"
    )


def test_what_the_ledger_does_not_name_as_chosen_is_refused(made: Path) -> None:
    assert after(made, lambda header: replace(header, chosen={})) == (
        "evaluation safety/attacks was version 1.0, this Qistas has 1.0 with another card: they differ in "
        "parameters.families, parameters.repeats: the ledger does not name them as chosen; run it again with "
        "qistas run --param"
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"judge": "rule/harm"}, "they differ in judge: verify with the version that wrote it"),
        ({"version": "0.9"}, "was version 0.9, this Qistas has 1.0 with another card: verify with"),
        ({"cluster": "id"}, "they differ in cluster: verify"),
        ({"limits": ()}, "they differ in limits: verify"),
        (
            {"metrics": ()},
            "they differ in metrics.attack_success, metrics.attack_success_any, metrics.attempts: ",
        ),
    ],
)
def test_anything_else_that_differs_from_the_published_card_is_refused(
    made: Path, changes: dict[str, object], says: str
) -> None:
    assert says in (after(made, lambda header: with_card(header, **changes)) or "")


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        (
            {"safety/attacks": {"metrics": 1}},
            "the ledger names as chosen what nobody can choose: safety/attacks",
        ),
        (
            {"safety/attacks": {**CHOSEN["safety/attacks"], "repeats": 3}},
            "they differ in parameters.repeats: the ledger does not",
        ),
        (
            {**CHOSEN, "safety/direct": {"repeats": 1}},
            "names parameters chosen for safety/direct, where there are ",
        ),
    ],
)
def test_choices_that_are_not_those_of_the_run_are_refused(
    made: Path, chosen: dict[str, dict[str, object]], says: str
) -> None:
    assert says in (after(made, lambda header: replace(header, chosen=chosen)) or "")


def test_a_choice_that_the_card_does_not_show_is_refused(made: Path) -> None:
    def standard(header: Header) -> Header:
        parameters = {**header.evaluations["safety/attacks"].parameters, "repeats": 3}
        return with_card(
            replace(header, chosen={"safety/attacks": {**CHOSEN["safety/attacks"], "repeats": 3}}),
            parameters=parameters,
        )

    assert after(made, standard) == (
        "what the ledger names as chosen for safety/attacks is not what its card differs in from the published one"
    )


def test_chosen_values_with_which_nothing_runs_are_a_fault_and_no_stack_trace(made: Path) -> None:
    def broken(header: Header) -> Header:
        chosen = {"families": ["base64", "best-of-n"], "repeats": 0}
        parameters = {**header.evaluations["safety/attacks"].parameters, **chosen}
        return with_card(replace(header, chosen={"safety/attacks": chosen}), parameters=parameters)

    assert after(made, broken) == (
        "a card of the ledger cannot be run: safety/attacks: 'repeats' must be from 1 to 10,000, not 0 "
        "→ correct it on the card, or in --param"
    )


def test_a_number_of_attempts_without_end_is_bad_input() -> None:
    endless = RunSettings(chosen={"safety/attacks": {"repeats": 10**12}})
    with pytest.raises(BadInput, match="'repeats' must be from 1 to 10,000"):
        api.measure("safety/attacks", REFUSES, settings=endless)


def test_a_choice_of_nothing_and_one_beside_a_published_standard_are_refused(made: Path) -> None:
    nothing = after(made, lambda header: replace(header, chosen={**CHOSEN, "safety/pair": {}}))
    assert nothing == "the ledger names parameters chosen for safety/pair, where there are none to choose"
    published = after(
        made, lambda header: replace(header, standard=replace(header.standard, id="guarded-system"))
    )
    assert published == (
        "the standard guarded-system is of evaluations as published, and the ledger names parameters chosen"
    )


def test_a_chosen_value_of_another_type_is_not_the_one_that_ran(made: Path) -> None:
    other = {"safety/attacks": {**CHOSEN["safety/attacks"], "repeats": 2.0}}
    assert "they differ in parameters" in (after(made, lambda header: replace(header, chosen=other)) or "")


def test_a_card_of_ones_own_under_a_published_name_is_said_by_report_and_verify(
    repo_root: Path, tmp_path: Path
) -> None:
    text = (repo_root / "src/qistas/evaluations/safety/direct.yaml").read_text("utf-8")
    mild = text.replace("{refused: 0, partial: 1, complied: 1}", "{refused: 0, partial: 0, complied: 0}")
    assert mild != text
    (tmp_path / "direct.yaml").write_text(mild, "utf-8")
    weighing = api.measure("direct.yaml", REFUSES, settings=RunSettings(budget=2))
    (said,) = [
        text
        for text in weighing.report.summary.caveats
        if text.en.startswith("Not safety/direct as published")
    ]
    assert said.en == (
        "Not safety/direct as published: the card is of the user's own and differs in metrics.compliance. Its numbers are "
        "not those of the published measurement."
    )
    assert said.ar
    assert api.verify(weighing.folder).chosen == (said.en,)
    with pytest.raises(
        BadInput, match=r"differs from the published safety/direct in metrics\.compliance → give it an id"
    ):
        api.measure("direct.yaml", REFUSES, "open-release")


def test_with_a_standard_no_parameters_are_chosen() -> None:
    with pytest.raises(BadInput, match="a standard is weighed with its evaluations as published"):
        api.measure("safety/attacks", REFUSES, "guarded-system", settings=RunSettings(chosen=CHOSEN))


def test_other_repeats_under_a_consistent_header_are_not_those_of_the_samples(made: Path) -> None:
    def fewer(header: Header) -> Header:
        chosen = {**CHOSEN["safety/attacks"], "repeats": 1}
        parameters = {**header.evaluations["safety/attacks"].parameters, **chosen}
        return with_card(replace(header, chosen={"safety/attacks": chosen}), parameters=parameters)

    assert after(made, fewer) == "the samples of safety/attacks are not those of its data"


def test_a_value_as_published_is_no_choice() -> None:
    name, ran = "safety/transformations", "tests.fakes.callables.mostly_refuses-safety-transformations-bare"
    published = load_card(name).parameters["transformations"]
    fewer = RunSettings(budget=2, chosen={name: {"transformations": {"persona": "1"}}})
    weighing = api.measure(name, REFUSES, settings=fewer)
    assert header_of(weighing.folder).chosen == fewer.chosen
    assert weighing.folder.name.startswith(f"{ran}-chosen-")
    same = RunSettings(budget=2, chosen={name: {"transformations": published}})
    weighing = api.measure(name, REFUSES, settings=same)
    assert header_of(weighing.folder).chosen == {}
    assert weighing.folder.name == f"{ran}-0"
    found = api.verify(weighing.folder)
    assert (found.fault, found.chosen) == (None, ())


@pytest.mark.parametrize("verb", [api.weigh, api.plan])
def test_a_standard_is_not_weighed_with_parameters_of_ones_own(verb: Callable[..., object]) -> None:
    with pytest.raises(BadInput) as caught:
        verb(REFUSES, settings=RunSettings(chosen=CHOSEN))
    assert str(caught.value) == (
        "a standard is weighed with its evaluations as published, not with parameters chosen for safety/attacks "
        "→ qistas run EVALUATION MODEL --param NAME=VALUE"
    )


def test_parameters_are_chosen_for_the_evaluation_that_runs_and_not_beside_a_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="chosen for safety/attacks, and safety/direct is to be run"):
        api.measure("safety/direct", REFUSES, settings=RunSettings(chosen=CHOSEN))
    (tmp_path / "mine.yaml").write_text("")
    with pytest.raises(BadInput, match=r"repeats: a card of your own holds its parameters itself → set them"):
        api.measure("mine.yaml", REFUSES, settings=RunSettings(chosen={"mine.yaml": {"repeats": 1}}))
