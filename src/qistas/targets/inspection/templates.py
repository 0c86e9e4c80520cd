"""Chat templates, parsed and never rendered: what they call, reach into, bring in and repeat.

Whoever uses the model renders its template with Jinja; a template is code, if a small language.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from qistas.targets.inspection.reading import Reading, Unfinished

MOST_CHARACTERS = 48 * 1024
MOST_NODES = 100_000
MOST_ROUNDS = 10_000

# What the libraries that render templates give them, and what Jinja has itself.
FUNCTIONS = frozenset(
    {
        "raise_exception",
        "strftime_now",
        "range",
        "namespace",
        "dict",
        "cycler",
        "joiner",
        "loop",
        "caller",
        "super",
    }
)
# Methods of text, lists and dictionaries that only compute.
METHODS = frozenset(
    {
        *(
            "append",
            "capitalize",
            "count",
            "endswith",
            "find",
            "format",
            "get",
            "index",
            "insert",
            "isdigit",
            "items",
        ),
        *(
            "join",
            "keys",
            "lower",
            "lstrip",
            "partition",
            "pop",
            "replace",
            "rfind",
            "rpartition",
            "rsplit",
            "rstrip",
        ),
        *(
            "split",
            "splitlines",
            "startswith",
            "strip",
            "title",
            "update",
            "upper",
            "values",
            "copy",
            "extend",
        ),
        *(
            "removeprefix",
            "removesuffix",
            "isspace",
            "isalpha",
            "isalnum",
            "zfill",
            "center",
            "ljust",
            "rjust",
        ),
    }
)
_BRINGS_IN = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)


class _Generation(Extension):
    """The tag ``generation`` of Transformers: marks what the assistant says."""

    tags = {"generation"}  # noqa: RUF012 - the type is that of Jinja's class

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def read(template: str, reading: Reading) -> None:
    """Notes what a template would do when somebody else renders it."""
    if len(template) > MOST_CHARACTERS:
        raise Unfinished(f"a template of {len(template):,} characters")
    environment = Environment(  # noqa: S701 - nothing is rendered
        extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do", _Generation]
    )
    try:
        tree = environment.parse(template)
    except RecursionError:
        reading.fault("template-unreadable", "the template is nested too deep")
        return
    except (TemplateSyntaxError, ValueError, OverflowError) as error:
        reading.fault("template-unreadable", str(error))
        return
    macros = {node.name for node, _ in _all(tree, reading) if isinstance(node, nodes.Macro)}
    for node, rounds in _all(tree, reading):
        _look(node, macros, reading)
        if rounds > MOST_ROUNDS:
            reading.fault("template-loop", f"loops in loops go round more than {MOST_ROUNDS:,} times")


def _all(tree: nodes.Node, reading: Reading) -> Iterator[tuple[nodes.Node, int]]:
    """Every node, and how often the loops around it that count go round."""
    waiting, count = [(tree, 1)], 0
    while waiting:
        node, rounds = waiting.pop()
        count += 1
        if count > MOST_NODES:
            raise Unfinished(f"a template of more than {MOST_NODES:,} nodes")
        if count % 4096 == 0:
            reading.deadline.check()
        yield node, rounds
        if isinstance(node, nodes.For):
            rounds *= _rounds(node.iter)
        inside = [(inner, rounds) for inner in node.iter_child_nodes()]
        waiting.extend(reversed(inside))


def _rounds(over: nodes.Node) -> int:
    """How often a loop goes round that counts to a number; 1 where that is the conversation's affair."""
    if isinstance(over, nodes.Call) and isinstance(over.node, nodes.Name) and over.node.name == "range":
        bounds = [
            one.value for one in over.args if isinstance(one, nodes.Const) and isinstance(one.value, int)
        ]
        return max((min(abs(bound), MOST_ROUNDS + 1) for bound in bounds), default=1) or 1
    return 1


def _look(node: nodes.Node, macros: set[str], reading: Reading) -> None:
    at = f"line {node.lineno}"
    if isinstance(node, nodes.Call):
        _call(node, macros, reading)
    elif isinstance(node, nodes.Getattr) and node.attr.startswith("__"):
        reading.fault("template-internals", f"reaches into {node.attr} ({at})")
    elif isinstance(node, nodes.Const) and isinstance(node.value, str) and _internal(node.value):
        reading.fault("template-internals", f"names {node.value!r:.60} ({at})")
    elif isinstance(node, nodes.Filter) and node.name in {"attr", "map", "selectattr", "rejectattr"}:
        _filter(node, reading)
    elif isinstance(node, _BRINGS_IN):
        reading.fault("template-brings-in", f"brings in another file ({at})")
        reading.run(f"{type(node).__name__.lower()} ({at})")
    elif isinstance(node, nodes.For) and node.recursive:
        reading.fault("template-loop", f"a loop that calls itself ({at})")
    elif isinstance(node, nodes.Pow | nodes.Mul) and _large(node):
        reading.fault("template-loop", f"multiplies by more than {MOST_ROUNDS:,} ({at})")


def _large(node: nodes.BinExpr) -> bool:
    """Whether a product or power is made to be large: a text times a million, ten to the tenth."""
    sides = [one.value for one in (node.left, node.right) if isinstance(one, nodes.Const)]
    numbers = [abs(side) for side in sides if isinstance(side, int)]
    return isinstance(node, nodes.Pow) or any(number > MOST_ROUNDS for number in numbers)


def _internal(text: str) -> bool:
    return text.startswith("__") and text.endswith("__") and text[2:-2].isidentifier()


def _filter(node: nodes.Filter, reading: Reading) -> None:
    """``attr`` and its like reach into a value by a name, which may be made while the template runs."""
    names: list[Any] = [*node.args[:1], *(pair.value for pair in node.kwargs if pair.key == "attribute")]
    if node.name in {"attr", "map"} and any(not isinstance(one, nodes.Const) for one in names):
        reading.fault(
            "template-internals", f"the filter {node.name} takes a name that is computed (line {node.lineno})"
        )


def _call(node: nodes.Call, macros: set[str], reading: Reading) -> None:
    called = node.node
    at = f"line {node.lineno}"
    if isinstance(called, nodes.Name):
        if called.name in macros:
            return
        reading.run(f"{called.name}() ({at})")
        if called.name == "strftime_now":
            reading.fault("template-clock", f"what it writes depends on the day ({at})")
        elif called.name not in FUNCTIONS:
            reading.fault("template-unknown-call", f"calls {called.name}() ({at})")
    elif isinstance(called, nodes.Getattr):
        if called.attr not in METHODS:
            reading.run(f".{called.attr}() ({at})")
            reading.fault("template-unknown-call", f"calls .{called.attr}() ({at})")
    else:
        reading.run(f"a computed call ({at})")
        reading.fault("template-unknown-call", f"calls what it has computed ({at})")
