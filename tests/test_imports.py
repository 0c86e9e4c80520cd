"""Starting up is cheap: nothing heavy is loaded before something needs it."""

import json
import subprocess
import sys
from importlib import metadata

import pytest

HEAVY = frozenset(
    {
        "accelerate",
        "aiohttp",
        "cryptography",
        "jinja2",
        "numpy",
        "rich",
        "ruamel",
        "scipy",
        "tokenizers",
        "torch",
        "transformers",
    }
)
START = "import sys, json, io, contextlib"
FINISH = "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
COMMAND_LINE = """
out = io.StringIO()
sys.argv = ["qistas", *{arguments!r}]
with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
    import runpy
    runpy.run_module("qistas", run_name="__main__", alter_sys=True)
assert "Usage" in out.getvalue(), out.getvalue()
"""


def loaded_by(script: str) -> set[str]:
    """The top-level packages that a fresh interpreter holds after a script."""
    source = f"{START}\n{script}\n{FINISH}"
    done = subprocess.run([sys.executable, "-c", source], check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_qistas_loads_nothing_heavy() -> None:
    loaded = loaded_by("import qistas")

    assert "qistas" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize(
    "arguments", [["--help"], ["weigh", "--help"], ["verify", "--help"], ["list", "--help"]]
)
def test_asking_for_help_loads_nothing_heavy(arguments: list[str]) -> None:
    loaded = loaded_by(COMMAND_LINE.format(arguments=arguments))

    assert "click" in loaded
    assert loaded & HEAVY == set()


def test_the_probe_sees_a_heavy_package_when_one_is_loaded() -> None:
    assert loaded_by("import numpy") & HEAVY == {"numpy"}


def test_the_installed_command_is_the_one_that_is_tested() -> None:
    (script,) = metadata.entry_points(group="console_scripts", name="qistas")

    assert script.value == "qistas.cli:main"
