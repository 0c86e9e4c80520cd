"""Where the model's context ends, the answer ends, and says so."""

import json
import logging

import msgspec
import pytest
from tests.fakes.tiny_model import CONTEXT_LENGTH, copy_tiny_model, tiny_model
from tests.targets.test_local import ask, run

from qistas.contracts.exchanges import ChatResponse, Usage


@pytest.fixture(scope="module")
def chatty():
    return tiny_model()


@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_an_answer_ends_with_the_context_says_so_and_is_the_same_in_any_company(chatty, temperature):
    long = ask("x" * (CONTEXT_LENGTH - 10), temperature=temperature, max_tokens=24)
    short = ask("hello", temperature=temperature, max_tokens=24)
    fitting = ask("x" * (CONTEXT_LENGTH - 10), temperature=temperature, max_tokens=7)
    _, together, (alone,), (exact,) = run(chatty, [short, long, ask("b")], [long], [fitting])
    assert together[1] == alone
    assert (alone.finish, alone.context_left, alone.usage) == ("length", 7, Usage(249, 7))
    assert {r.context_left for r in together[::2]} == {msgspec.UNSET}
    assert (exact.finish, exact.context_left) == ("length", msgspec.UNSET)
    if temperature == 0:
        assert exact.text == alone.text


def test_the_tokenizers_warning_about_long_texts_reaches_nobody(tmp_path, caplog, monkeypatch):
    folder = copy_tiny_model(tmp_path / "m")
    config = json.loads((folder / "tokenizer_config.json").read_text()) | {"model_max_length": 8}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    monkeypatch.setattr(logging.getLogger("transformers"), "propagate", True)
    _, (found,) = run(folder, [ask("x" * 40, max_tokens=2)])
    assert isinstance(found, ChatResponse)
    assert not [record for record in caplog.records if "Token indices" in record.getMessage()]
