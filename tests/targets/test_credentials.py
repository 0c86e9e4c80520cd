"""Keys come from the environment, go to the server they were given for, and are never shown."""

import pytest

from qistas.contracts.errors import BadInput
from qistas.targets._redaction import MARK, Redactor, environment_secrets, excerpt
from qistas.targets.credentials import Credentials, credentials_for


def test_the_key_and_the_headers_are_read():
    environ = {"QISTAS_API_KEY": " k-1 ", "QISTAS_HEADERS": "X-Org: research\n\nX-Route: a: b\n"}
    assert credentials_for("http://host/v1", environ) == Credentials(
        "k-1", {"X-Org": "research", "X-Route": "a: b"}
    )


def test_openais_key_goes_to_openai_alone():
    environ = {"OPENAI_API_KEY": "sk-1"}
    assert credentials_for("https://api.openai.com/v1", environ).api_key == "sk-1"
    assert credentials_for("http://127.0.0.1:8000/v1", environ).api_key is None


def test_nothing_is_shown_by_repr():
    assert repr(Credentials("k-secret", {"X": "hidden"})) == "Credentials(api_key=set, headers=['X'])"


def test_every_faulty_header_is_named_by_its_line_and_not_by_its_text():
    with pytest.raises(BadInput) as caught:
        credentials_for("http://host/v1", {"QISTAS_HEADERS": "secretsecret\nX-Ok: 1\nX Y: secretsecret"})
    assert [f.where for f in caught.value.faults] == ["QISTAS_HEADERS, line 1", "QISTAS_HEADERS, line 3"]
    assert "secretsecret" not in str(caught.value)


def test_a_long_secret_leaves_messages_and_answers_a_short_one_messages_only():
    redactor = Redactor(["Bearer sk/12345678", "EMPTY", ""])
    text = "sk/12345678 sk%2F12345678 Bearer sk/12345678 EMPTY"
    assert redactor.message(text) == f"{MARK} {MARK} {MARK} {MARK}"
    assert redactor.answer(text) == f"{MARK} {MARK} {MARK} EMPTY"


def test_secrets_of_the_environment_are_known_by_their_names():
    environ = {
        "HF_TOKEN": "hf_abcdefgh",
        "MY_API_KEY": "short",
        "HOME": "/home/someone",
        "DB_PASSWORD": "p" * 9,
    }
    assert environment_secrets(environ) == ["hf_abcdefgh", "p" * 9]


def test_an_excerpt_is_one_short_line():
    assert excerpt("a\n b  c", 4) == "a b…"
    assert excerpt("a\n b") == "a b"


def test_an_excerpt_carries_no_escape_sequence_no_half_of_a_character_and_no_home_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert excerpt("\x1b[2Jred\u202e \udcff عربي") == "\ufffd[2Jred\ufffd \ufffd عربي"
    said = "no '/home/someone/m.bin', /home/someone: nor /home/someone-else or /mnt/home/someone/x"
    assert excerpt(said) == "no '~/m.bin', ~: nor /home/someone-else or /mnt/home/someone/x"
