"""A document that a licence makes part of itself is named, with its address and the sentence."""

from qistas.contracts.exchanges import ReleaseListing
from qistas.evaluations.openness.incorporated import Incorporated, incorporated
from qistas.evaluations.openness.record import ReleaseRecord


def found(**texts: str) -> list[tuple[str | None, str, int, str]]:
    record = ReleaseRecord(ReleaseListing(files=(), texts=texts, source="example"))
    return [
        (one.address, one.evidence.file, one.evidence.line, one.evidence.quote)
        for one in incorporated(record)
    ]


def test_the_nearest_address_before_the_words_is_that_of_the_document() -> None:
    text = (
        "See https://example.org/terms/first.\n\nYour use must adhere to the Use Policy\n"
        "(https://example.org/model/use-policy), which is hereby incorporated by\nreference into this Agreement.\n"
    )

    assert found(LICENSE=text) == [
        (
            "https://example.org/model/use-policy",
            "LICENSE",
            4,
            "(https://example.org/model/use-policy), which is hereby incorporated by\nreference into this Agreement.",
        )
    ]


def test_an_address_without_a_scheme_and_none_at_all_are_both_kept() -> None:
    terms = "The policy at example.org/policy. is herein incorporated by reference."
    notice = "The AUP, which is incorporated herein by reference, applies."

    assert [(address, file) for address, file, _, _ in found(TERMS=terms, NOTICE=notice)] == [
        (None, "NOTICE"),
        ("example.org/policy", "TERMS"),
    ]


def test_words_about_incorporating_are_not_taken_for_it() -> None:
    assert found(LICENSE="any terms and conditions incorporated by reference") == []


def test_the_same_sentence_counts_once_and_a_text_made_for_it_ends() -> None:
    said = "The policy example.org/a is incorporated by reference.\n"
    many = found(**{f"f{number:03}": said * 2 for number in range(100)})

    assert len(many) == 50
    assert many[:2] == [
        ("example.org/a", "f000", 1, said.strip()),
        ("example.org/a", "f000", 2, said.strip()),
    ]


def test_a_record_of_it_has_the_digest_of_its_file() -> None:
    record = ReleaseRecord(
        ReleaseListing(files=(), texts={"L": "It is incorporated by reference."}, source="e")
    )

    assert incorporated(record) == (Incorporated(address=None, evidence=record.pages["L"].quote(0, 32)),)
