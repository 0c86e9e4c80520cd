"""One tree of errors; each says what is wrong, where, and the next step."""

import pytest

from qistas.contracts import errors
from qistas.contracts.errors import BadInput, Fault, MissingExtra, QistasError, UnknownName


def test_a_fault_reads_where_what_and_next_step() -> None:
    assert (
        str(Fault("a field is missing", "card.yaml:3", "add it"))
        == "card.yaml:3: a field is missing → add it"
    )
    assert str(Fault("a field is missing")) == "a field is missing"


def test_an_error_holds_every_fault() -> None:
    error = BadInput("one", Fault("two", next_step="do this"))
    assert [fault.message for fault in error.faults] == ["one", "two"]
    assert str(error) == "one\ntwo → do this"


@pytest.mark.parametrize(
    ("name", "code"),
    [("BadInput", 2), ("CheckFailed", 1), ("TargetFailed", 3), ("Interrupted", 130), ("LedgerMismatch", 2)],
)
def test_every_error_has_its_exit_code(name: str, code: int) -> None:
    error = getattr(errors, name)
    assert issubclass(error, QistasError)
    assert error.exit_code == code


def test_an_unknown_name_comes_with_the_nearest_or_with_all() -> None:
    known = ["open-release", "strict"]
    assert "did you mean 'open-release'?" in str(UnknownName.of("standard", "open-relase", known))
    assert "known: open-release, strict" in str(UnknownName.of("standard", "zzz", known))


def test_a_missing_extra_names_the_command_that_installs_it() -> None:
    assert "pip install 'qistas[local]'" in str(MissingExtra.of("local", "weighing a folder"))
