"""References name exactly one adapter, or the message lists the forms."""

import pytest

from qistas.contracts.errors import BadInput, UnknownName
from qistas.targets.refs import FORMS, FolderRef, HubRef, OpenAIRef, PythonRef, SanjaRef, parse_ref, slug


@pytest.mark.parametrize(
    ("text", "ref", "name"),
    [
        ("sanja", SanjaRef(text="sanja"), "sanja"),
        ("sanja-control", SanjaRef(text="sanja-control"), "sanja-control"),
        ("hf:org/name", HubRef(text="hf:org/name", repository="org/name"), "name"),
        (
            "hf:org/na-me@v1.0",
            HubRef(text="hf:org/na-me@v1.0", repository="org/na-me", revision="v1.0"),
            "na-me",
        ),
        (
            "openai:http://127.0.0.1:8000/v1#org/model x",
            OpenAIRef(
                text="openai:http://127.0.0.1:8000/v1#org/model x",
                url="http://127.0.0.1:8000/v1",
                model="org/model x",
            ),
            "model-x",
        ),
        (
            "openai:https://host/v1/",
            OpenAIRef(text="openai:https://host/v1", url="https://host/v1", model=None),
            "host",
        ),
        (
            "openai:http://[::1]:8000/v1#/",
            OpenAIRef(text="openai:http://[::1]:8000/v1#/", url="http://[::1]:8000/v1", model="/"),
            "openai",
        ),
        (
            "python:package.module:factory.call",
            PythonRef(
                text="python:package.module:factory.call", module="package.module", attribute="factory.call"
            ),
            "package.module.factory.call",
        ),
    ],
)
def test_each_form_is_read(text, ref, name):
    assert parse_ref(text) == ref
    assert slug(ref) == name


def test_a_folder_is_a_reference_when_it_is_there(tmp_path):
    folder = tmp_path / "my model"
    folder.mkdir()
    ref = parse_ref(str(folder))
    assert ref == FolderRef(text=str(folder), path=str(folder))
    assert slug(ref) == "my-model"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("sanjaa", "a model is one of"),
        ("gguf:file", "a model is one of"),
        ("org/name", "hf:org/name"),
        ("http://host/v1", "openai:http://host/v1#model"),
    ],
)
def test_an_unknown_form_lists_the_forms(text, hint):
    with pytest.raises(UnknownName) as caught:
        parse_ref(text)
    assert caught.value.exit_code == 2
    assert all(form in str(caught.value) for form in (text, hint, *FORMS))


@pytest.mark.parametrize(
    "text", ["hf:name", "hf:a/b/c", "hf:org/name@", "python:module", "python:a:b c", "python::x"]
)
def test_a_known_form_with_a_fault_says_how_to_write_it(text):
    with pytest.raises(BadInput, match="write "):
        parse_ref(text)


def test_every_fault_of_an_address_is_reported_at_once_without_its_secret():
    with pytest.raises(BadInput) as caught:
        parse_ref("openai:ftp://me:hunter2hunter2@/v1?api_key=hunter2hunter2#m")
    assert len(caught.value.faults) == 4
    assert "hunter2" not in str(caught.value)


def test_an_address_that_is_none_is_bad_input():
    with pytest.raises(BadInput, match="cannot be read"):
        parse_ref("openai:http://host:port/v1")
