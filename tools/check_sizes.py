"""Fails when a file or a function has grown too large without a written reason.

Limits: 500 lines a file, 60 lines a function. An exception stands in ``tools/sizes.toml``::

    ["src/qistas/room/file.py"]
    reason = "why it is better whole"

    ["src/qistas/room/file.py::function"]
    reason = "why it is better whole"

An exception that is no longer needed, or gives no reason, fails too.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

FILE_LINES = 500
FUNCTION_LINES = 60
FOLDERS = ("src", "tests")


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, int]]:
    """The dotted name and length in lines of every function in a tree, nested ones included."""
    for node in ast.iter_child_nodes(tree):
        name = prefix
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{prefix}.{node.name}" if prefix else node.name
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield name, (node.end_lineno or node.lineno) - node.lineno + 1
        yield from functions(node, name)


def oversized(root: Path) -> dict[str, str]:
    """What is too large under a root: its key in the exceptions file, and the size in words."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            key = path.relative_to(root).as_posix()
            lines = len(text.splitlines())
            if lines > FILE_LINES:
                found[key] = f"{lines} lines, at most {FILE_LINES}"
            for name, length in functions(ast.parse(text, filename=str(path))):
                if length > FUNCTION_LINES:
                    found[f"{key}::{name}"] = f"{length} lines, at most {FUNCTION_LINES}"
    return found


def faults(found: Mapping[str, str], exceptions: Mapping[str, Mapping[str, str]]) -> list[str]:
    """One line for each size without a reason, and each reason without a size."""
    unexplained = [f"{key}: {size}" for key, size in found.items() if key not in exceptions]
    unneeded = [f"{key}: excepted, but not too large" for key in exceptions if key not in found]
    silent = [
        f"{key}: excepted without a reason" for key, entry in exceptions.items() if not entry.get("reason")
    ]
    return unexplained + unneeded + silent


def main(root: Path) -> int:
    """Prints every fault; 1 when there is one."""
    listed = root / "tools" / "sizes.toml"
    exceptions = tomllib.loads(listed.read_text(encoding="utf-8")) if listed.exists() else {}
    lines = faults(oversized(root), exceptions)
    for line in lines:
        print(line)
    if lines:
        print("Split it, or give the reason in tools/sizes.toml.")
        return 1
    print("Sizes: every file and function is within its limit or has a reason.")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
