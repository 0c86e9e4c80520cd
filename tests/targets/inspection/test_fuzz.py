"""2,500 crafted files: none brings inspection down, none holds it up, none is run."""

import json
import pickle
import random
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.timing import seconds_of
from tests.targets.inspection.crafted import HONEST, Gguf, Runs, checkpoint, codes, zipped

from qistas.contracts.openness import SUPPLY_CODES
from qistas.evaluations.openness.release_texts import read_document
from qistas.targets.inspection.inspect import inspect_file

MOST_SECONDS = 2.0
INTERESTING = [
    *(b"\xff" * size for size in (1, 2, 4, 8)),
    *(b"\x00" * size for size in (1, 4, 8)),
    *(b"\x7f" + b"\xff" * 7, b"\x80\x04\x95", b"PK\x05\x06", b"PK\x03\x04", b"GGUF", b'{"a":', b"[" * 3000),
    *(
        b"\x93",
        b"R.",
        b"cos\nsystem\n",
        b"---\n",
        b"&a [*a, *a]\n",
        b"{%",
        b"{{" + b"(" * 400,
        b"\n" * 500,
        b"9" * 5000,
    ),
]
# What must never happen while bytes that are not trusted are looked at.
RUNS = frozenset(
    {
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "subprocess.Popen",
        "pickle.find_class",
        "socket.connect",
        "os.putenv",
    }
)
_seen: list[str] = []
_watching = False


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event in RUNS or (
        event == "open" and arguments[1] is not None and set("wax+") & set(str(arguments[1]))
    ):
        _seen.append(f"{event} {arguments!r:.200}")


sys.addaudithook(_hook)  # cannot be removed again; it looks only while a test asks it to


@contextmanager
def nothing_runs() -> Iterator[None]:
    global _watching  # noqa: PLW0603 - an audit hook is the process's own
    _seen.clear()
    _watching = True
    try:
        yield
    finally:
        _watching = False
    assert _seen == []


class Writes:
    """Unpickling it would write a file."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, (f"open({str(self.canary)!r}, 'w').close()",)


def gguf_file() -> bytes:
    made = Gguf().word("general.license", "mit").word("tokenizer.chat_template", "{{ a }}")
    made.key("a.list", 9, made.number("I", 8) + made.size(2) + made.text("x") * 2)
    return made.tensor("w", [4, 8], 0).tensor("q", [32, 2], 128, 2).bytes(bytes(192))


CARD = b"---\nlicense: mit\ntags: [a, b]\nbase_model: x/y\nmodel-index:\n- name: a\n  results: []\n---\n# Title\n\n## Uses\n**a**\n<h2>b</h2>\n"
CONFIG = {
    "auto_map": {"AutoModel": "m.M"},
    "chat_template": "{% for m in messages %}{{ m['content'].strip() }}{% endfor %}",
}


def seeds(kind: str, canary: Path) -> list[bytes]:
    runs = Writes(canary)
    made: dict[str, Callable[[], list[bytes]]] = {
        "m.safetensors": lambda: [
            HONEST,
            HONEST + pickle.dumps(runs),
            HONEST + checkpoint(pickle.dumps(runs)),
        ],
        "m.gguf": lambda: [gguf_file(), gguf_file() + pickle.dumps(runs)],
        "m.pkl": lambda: [
            *(pickle.dumps([runs, {"a": (1, 2.0, b"x", {3})}], protocol) for protocol in range(6)),
            b"(S'false'\niposix\nsystem\n.",
            b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x8c\x05false\x85R.",
        ],
        "m.pt": lambda: [
            checkpoint(pickle.dumps(runs, 2)),
            zipped({"a/data.pkl": pickle.dumps(runs), "b": bytes(9)}, zipfile.ZIP_DEFLATED),
        ],
        "tokenizer_config.json": lambda: [json.dumps(CONFIG).encode()],
        "m.npy": lambda: [b"\x93NUMPY\x01\x00\x20\x00{'descr': '|O', 'shape': (1,)}   " + pickle.dumps(runs)],
    }
    return made[kind]()


def mutated(data: bytes, draw: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(draw.randint(1, 6)):
        at = draw.randint(0, len(made))
        piece = draw.choice(INTERESTING)
        match draw.randint(0, 6):
            case 0:
                made[at : at + 1] = bytes([draw.randint(0, 255)])
            case 1:
                made[at : at + len(piece)] = piece
            case 2:
                made[at:at] = piece
            case 3:
                del made[at : at + draw.randint(1, 16)]
            case 4:
                other = draw.randint(0, len(made))
                made[at:at] = made[min(at, other) : max(at, other)]
            case 5 if at > 8:
                del made[at:]
            case _:
                made[:8] = draw.randbytes(draw.randint(0, 3)).ljust(8, b"\0")
    return bytes(made)


@pytest.mark.parametrize(
    "kind", ["m.safetensors", "m.gguf", "m.pkl", "m.pt", "tokenizer_config.json", "m.npy"]
)
def test_crafted_files_are_read_to_an_end_and_nothing_in_them_runs(tmp_path: Path, kind: str) -> None:
    draw = random.Random(f"qistas-{kind}")
    canary, path = tmp_path / "canary", tmp_path / kind
    originals = seeds(kind, canary)
    inspect_file(_written(path, originals[0]), kind)  # what is imported late is imported now
    for _ in range(400 if kind != "m.npy" else 100):
        data = mutated(draw.choice(originals), draw)
        _written(path, data)
        with nothing_runs():
            found, took = seconds_of(lambda: inspect_file(path, kind), below=MOST_SECONDS)
        assert took < MOST_SECONDS, data
        assert codes(found) <= set(SUPPLY_CODES), data
        assert not any("the reader failed" in fault for fault in found.faults), (found.faults, data)
    assert not canary.exists()


def test_crafted_cards_are_read_to_an_end() -> None:
    draw = random.Random("qistas-card")
    for _ in range(400):
        text = mutated(CARD, draw).decode("utf-8", "replace")
        with nothing_runs():
            _, took = seconds_of(partial(read_document, text), below=MOST_SECONDS)
        assert took < MOST_SECONDS, text


def test_the_canary_of_these_tests_would_sing(tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    with pytest.raises(AssertionError), nothing_runs():
        pickle.loads(pickle.dumps(Writes(canary)))  # noqa: S301 - to show that running is seen

    assert canary.exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (
            "m.safetensors",
            (2 * 2**20).to_bytes(8, "little") + b'{"a":' + b"[],".join([b"["] + [b""] * 600_000),
        ),
        ("m.safetensors", (3_000_000).to_bytes(8, "little") + b"{" + b" " * 2_999_999),
        ("m.pkl", b"\x80\x02" + b"]" * 3_000_000),
        ("m.pkl", b"\x80\x02" + b"(" * 1_000_000 + b"1" * 1_000_000 + b"."),
        ("m.pkl", b"I" + b"1" * 3_000_000 + b"\n."),
        ("m.pkl", b"V" + b"\\u0041" * 500_000 + b"\n."),
        ("m.pkl", b"\x80\x02" + pickle.dumps(Runs(), 2)[2:-1] * 50_000 + b"."),
        ("m.pkl", pickle.dumps(None) * 400_000),
        ("m.gguf", b"GGUF\3\0\0\0" + bytes(8) + b"\xff\xff" + bytes(6) + b"\1" * 2_000_000),
        ("m.pt", b"PK\x03\x04" + b"PK\x05\x06" * 500_000),
        (
            "m.pt",
            b"PK\x01\x02" * 900_000 + b"PK\x05\x06" + bytes(8) + (3_600_000).to_bytes(4, "little") + bytes(6),
        ),
        ("config.json", b'{"auto_map":' * 100_000),
        ("config.json", b"[" + b'{"a":[1]},' * 390_000 + b"1]"),
        ("chat_template.jinja", b"{% if a %}" * 4_900),
        ("chat_template.jinja", b"{{ a" + b"|b" * 24_000 + b" }}"),
        ("chat_template.jinja", b"{{ " + b"a." * 24_000 + b"a }}"),
        ("chat_template.jinja", b"{{ " + b"-" * 49_000 + b"a }}"),
        ("chat_template.jinja", b"{#" * 24_000),
        ("m.py", b"os . " * 800_000),
        ("m.py", b"\n" * 4_000_000),
    ],
)
def test_files_made_to_take_long_do_not(tmp_path: Path, name: str, data: bytes) -> None:
    inspect_file(_written(tmp_path / "small", pickle.dumps(Runs())), "small.pkl")
    path = _written(tmp_path / name, data)

    with nothing_runs():
        found, took = seconds_of(lambda: inspect_file(path, name), below=MOST_SECONDS)

    assert took < MOST_SECONDS
    assert not any("the reader failed" in fault for fault in found.faults)


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
