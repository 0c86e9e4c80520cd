"""The size check names what is too large, what needs no exception, and nothing else."""

import ast
import runpy
from pathlib import Path

import pytest

CHECK = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "check_sizes.py"))


def function(name: str, lines: int, indent: str = "") -> str:
    body = "\n".join(f"{indent}    x = {number}" for number in range(lines - 1))
    return f"{indent}def {name}():\n{body}\n"


def checkout(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_what_is_within_the_limits_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkout(tmp_path, {"src/a.py": function("f", 60), "tests/b.py": "x = 1\n" * 500})

    assert CHECK["main"](tmp_path) == 0
    assert capsys.readouterr().out.startswith("Sizes: every file and function is within its limit")


def test_every_oversized_file_and_function_is_named_with_its_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    method = "class A:\n" + function("long", 61, indent="    ")
    checkout(tmp_path, {"src/a.py": method, "src/b.py": function("f", 62), "tests/c.py": "x = 1\n" * 501})

    assert CHECK["main"](tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == [
        "src/a.py::A.long: 61 lines, at most 60",
        "src/b.py::f: 62 lines, at most 60",
        "tests/c.py: 501 lines, at most 500",
        "Split it, or give the reason in tools/sizes.toml.",
    ]


def test_a_reason_excuses_exactly_what_it_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkout(
        tmp_path,
        {
            "src/a.py": function("f", 61) + function("g", 61),
            "tools/sizes.toml": '["src/a.py::f"]\nreason = "one table"\n',
        },
    )

    assert CHECK["main"](tmp_path) == 1
    assert capsys.readouterr().out.splitlines()[0] == "src/a.py::g: 61 lines, at most 60"


def test_an_exception_without_need_or_without_reason_fails(tmp_path: Path) -> None:
    found = {"src/a.py::f": "61 lines, at most 60"}
    exceptions = {"src/a.py::f": {}, "src/gone.py": {"reason": "was long once"}}

    assert CHECK["faults"](found, exceptions) == [
        "src/gone.py: excepted, but not too large",
        "src/a.py::f: excepted without a reason",
    ]


def test_nested_functions_are_measured_too() -> None:
    source = "async def outer():\n" + function("inner", 3, indent="    ")

    assert list(CHECK["functions"](ast.parse(source))) == [("outer", 4), ("outer.inner", 3)]
