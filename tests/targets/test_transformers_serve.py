"""The real server: what ``transformers serve`` answers is what the model answers in a folder."""

import asyncio
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException

import pytest
from tests.fakes.tiny_model import tiny_model

from qistas.contracts.errors import TargetFailed
from qistas.contracts.exchanges import ChatRequest, Decoding, Message, ScoreRequest
from qistas.targets.local import TransformersTarget
from qistas.targets.openai import OpenAITarget

NEEDED = (
    "transformers",
    "torch",
    "accelerate",
    "fastapi",
    "uvicorn",
    "openai",
    "pydantic",
    "starlette",
    "rich",
)
ABSENT = [name for name in NEEDED if importlib.util.find_spec(name) is None]
START_SECONDS = 180

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(ABSENT), reason=f"transformers[serving] is not installed: {', '.join(ABSENT)} missing"
    ),
]

SYSTEM = Message("system", "Be brief.")
QUESTIONS = ["hello", "What is the capital of France?", "ما عاصمة فرنسا؟", "x " * 40]
REQUESTS = [
    ChatRequest(messages=messages, decoding=Decoding(max_tokens=12, stop=stop))
    for question in QUESTIONS
    for messages in ((Message("user", question),), (SYSTEM, Message("user", question)))
    for stop in ((), ("e", "ب"))
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The server without a fixed model: a request names a folder, which is loaded when it is first named."""
    folder = tmp_path_factory.mktemp("serve")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-c", "from transformers.cli.transformers import main; main()", "serve"),
        *("--host", "127.0.0.1", "--port", str(port), "--device", "cpu"),
    ]
    surroundings = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_CACHE": str(folder / "cache"),
    }
    (folder / "cache").mkdir()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=surroundings, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(port, process, folder / "log")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def wait_for(port, process, log):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except (HTTPException, OSError):
            time.sleep(0.2)
        finally:
            connection.close()
    pytest.fail(f"transformers serve did not start: {log.read_text()[-2000:]}")


def opened(target, requests):
    async def main():
        try:
            return await target.open(), list(await target.answer(requests))
        finally:
            await target.close()

    return asyncio.run(main())


def test_a_chat_model_answers_as_it_does_in_a_folder(server):
    folder = tiny_model()
    info, found = opened(OpenAITarget(server, str(folder)), REQUESTS)
    _, expected = opened(TransformersTarget(folder, device="cpu"), REQUESTS)
    assert found == expected
    assert (info.framing, info.capabilities) == ("server", ("chat",))
    assert info.model.digest is None
    assert info.model.digest_reason == "an endpoint does not show its weights"
    assert info.missing["score"] == (
        "log-probabilities of a prompt cannot be had: "
        "the server gave no log-probabilities where echo and logprobs were asked for"
    )


def test_a_base_model_is_put_into_the_same_declared_form_as_in_a_folder(server):
    folder = tiny_model(chat_template=None)
    info, found = opened(OpenAITarget(server, str(folder)), REQUESTS)
    local, expected = opened(TransformersTarget(folder, device="cpu"), REQUESTS)
    assert found == expected
    assert info.framing == local.framing == "completion:question-answer"
    assert info.details["completion_form"] == local.details["completion_form"]


def test_scores_are_unsupported_with_the_reason(server):
    request = ScoreRequest(messages=(Message("user", "x"),), continuation="y")
    info, (found,) = opened(OpenAITarget(server, str(tiny_model())), [request])
    assert (found.kind, found.message, found.passing) == ("unsupported", info.missing["score"], False)


def test_a_model_that_the_server_cannot_load_is_a_failed_target(server, tmp_path):
    with pytest.raises(TargetFailed, match="the server answers neither way"):
        opened(OpenAITarget(server, str(tmp_path / "nothing")), [])
