"""Which files are documents, and their words out of their bytes."""

import pytest

from qistas.targets.release_documents import decoded, most_bytes, rank_of


@pytest.mark.parametrize(
    ("name", "rank"),
    [
        ("README.md", 0),
        ("LICENSE", 0),
        ("LICENSE-CODE", 0),
        ("docs/paper.html", 0),
        ("CITATION.cff", 0),
        ("CITATION", 0),
        ("refs.bib", 0),
        ("USE_POLICY", 0),
        ("Data-Card", 0),
        ("requirements.txt", 0),
        ("config.json", 1),
        ("chat_template.jinja", 1),
        ("mix.yaml", 1),
        ("pyproject.toml", 1),
        ("train.py", None),
        ("paper.pdf", None),
        ("LICENSE.pdf", None),
        ("model.safetensors", None),
        ("Makefile", None),
    ],
)
def test_documents_are_known_by_their_names(name: str, rank: int | None) -> None:
    assert rank_of(name) == rank


def test_prose_may_be_longer_than_data() -> None:
    assert (most_bytes(0), most_bytes(1)) == (2 * 2**20, 256 * 2**10)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        ("نموذج".encode("utf-8-sig"), "نموذج"),
        ("© ü".encode("utf-16"), "© ü"),
        ("© ü".encode("utf-16-be"), None),
        (b"\xfe\xff\x00a\x00", "a\ufffd"),
        (
            b"Copyright \xa9 2024, all of the rights are here.",
            "Copyright © 2024, all of the rights are here.",
        ),
        (b"\xc4\xe3\xba\xc3", "\ufffd\ufffd\ufffd"),
        (b"a\0b", None),
        (b"", ""),
    ],
)
def test_bytes_become_text_or_are_none(data: bytes, text: str | None) -> None:
    assert decoded(data) == text
