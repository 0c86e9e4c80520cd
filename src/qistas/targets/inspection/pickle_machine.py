"""The stack machine of pickle, played with labels in the place of objects: what would be named, called and changed.

Opcodes are told apart by the standard library's ``pickletools``; no object is made and nothing is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from qistas.targets.inspection.pickle_globals import standing
from qistas.targets.inspection.reading import Reading

MOST_NAME_CHARACTERS = 1_000
HIGHEST_PROTOCOL = 5
TORCH_MAGIC = 0x1950A86A20F9469CFC6C

_TEXTS = frozenset(
    {"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
)
_VALUES = frozenset(
    {
        *(
            "INT",
            "BININT",
            "BININT1",
            "BININT2",
            "LONG",
            "LONG1",
            "LONG4",
            "FLOAT",
            "BINFLOAT",
            "NONE",
            "NEWTRUE",
        ),
        *("NEWFALSE", "SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8", "EMPTY_LIST", "EMPTY_TUPLE"),
        *("EMPTY_DICT", "EMPTY_SET", "PERSID", "NEXT_BUFFER"),
    }
)
_OF_MARKED = frozenset({"TUPLE", "LIST", "DICT", "FROZENSET"})
_INTO_MARKED = frozenset({"APPENDS", "SETITEMS", "ADDITEMS"})
_POPPED = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3, "BINPERSID": 1}
_PUT = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
_GET = frozenset({"GET", "BINGET", "LONG_BINGET"})
_PASSIVE = frozenset({"PROTO", "FRAME", "STOP", "READONLY_BUFFER"})
# Legal, but written by no current pickler for data.
_UNUSUAL = frozenset({"INST", "OBJ", "NEXT_BUFFER", "READONLY_BUFFER", "EXT1", "EXT2", "EXT4"})


class Named(NamedTuple):
    """Something that is looked up by name."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class _Label:
    """A value of which only its kind matters here."""


MARK, OTHER, MADE = _Label(), _Label(), _Label()


class Machine:
    """One pickle. ``names``: what it looks up; ``calls``: whether anything that it looks up would be called."""

    def __init__(self, reading: Reading, where: str) -> None:
        self.names: dict[Named, None] = {}
        self.calls = False
        self.torch_magic = False
        self._reading = reading
        self._where = f" in {where}" if where else ""
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._protocol = 0
        self._count = 0
        self._actions: dict[str, Callable[[str, Any], None]] = {
            "GLOBAL": self._global,
            "STACK_GLOBAL": self._stack_global,
            "INST": self._inst,
            "OBJ": self._obj,
            "REDUCE": self._reduce,
            "NEWOBJ": self._reduce,
            "NEWOBJ_EX": self._newobj_ex,
            **dict.fromkeys(("EXT1", "EXT2", "EXT4"), self._extension),
        }

    def step(self, opcode: Any, argument: Any) -> None:
        """Plays one opcode of ``pickletools``."""
        name: str = opcode.name
        self._check_protocol(opcode, argument)
        if name in _UNUSUAL:
            self._fault("pickle-unusual-opcode", f"the opcode {name}")
        if name in _TEXTS:
            short = isinstance(argument, str) and len(argument) <= MOST_NAME_CHARACTERS
            self._stack.append(argument if short else OTHER)
        elif name in _VALUES:
            self.torch_magic |= argument == TORCH_MAGIC
            self._stack.append(OTHER)
        elif name in _PUT:
            self._memo[len(self._memo) if name == "MEMOIZE" else argument] = self._top()
        elif name in _GET:
            self._stack.append(self._memo[argument] if argument in self._memo else self._missing(argument))
        elif name in _POPPED:
            self._pop_many(_POPPED[name])
            self._stack.append(MADE if name == "BINPERSID" else OTHER)
        elif name not in _PASSIVE:
            self._actions.get(name, self._structure)(name, argument)

    def check_time(self) -> None:
        """Raises `Unfinished` once the time is over."""
        self._reading.deadline.check()

    def _structure(self, name: str, argument: Any) -> None:
        """Opcodes that only arrange what is on the stack."""
        if name == "MARK":
            self._stack.append(MARK)
        elif name in _OF_MARKED:
            self._to_mark()
            self._stack.append(OTHER)
        elif name in _INTO_MARKED:
            self._to_mark()
            self._changed(name)
        elif name == "POP_MARK":
            self._to_mark()
        elif name == "POP":
            # A mark may go this way too.
            if self._stack:
                self._stack.pop()
            else:
                self._underflow()
        elif name == "DUP":
            self._stack.append(self._top())
        else:
            self._pop_many({"APPEND": 1, "SETITEM": 2, "BUILD": 1}[name])
            self._changed(name)

    def _global(self, _: str, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._stack.append(self._look_up(module, name))

    def _stack_global(self, _: str, argument: Any) -> None:
        name, module = self._pop(), self._pop()
        if isinstance(module, str) and isinstance(name, str):
            self._stack.append(self._look_up(module, name))
        else:
            self._fault("pickle-unresolved-global", "what is looked up is not said in plain words")
            self._stack.append(MADE)

    def _inst(self, _: str, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._to_mark()
        self._call(self._look_up(module, name))

    def _obj(self, _: str, __: Any) -> None:
        marked = self._to_mark()
        self._call(marked[0] if marked else OTHER)

    def _reduce(self, _: str, __: Any) -> None:
        self._pop()
        self._call(self._pop())

    def _newobj_ex(self, _: str, __: Any) -> None:
        self._pop_many(2)
        self._call(self._pop())

    def _extension(self, _: str, argument: Any) -> None:
        self._fault(
            "pickle-extension-code", f"the extension code {argument} stands for a name that is not said"
        )
        self._stack.append(MADE)
        self.calls = True

    def _look_up(self, module: str, name: str) -> Named:
        named = Named(module, name)
        if named not in self.names:
            self.names[named] = None
            self._reading.run(str(named))
            how = standing(module, name)
            if how != "allowed":
                self._fault(f"pickle-{how}-global", str(named))
        return named

    def _call(self, called: Any) -> None:
        if isinstance(called, Named):
            self.calls = True
        else:
            self._fault("pickle-computed-call", "what is called was itself made by the pickle")
        self._stack.append(MADE)

    def _changed(self, name: str) -> None:
        """The value on top gets items or a state; a class or function must not."""
        if isinstance(top := self._top(), Named):
            self._fault("pickle-patches-code", f"{name} changes {top} itself")

    def _check_protocol(self, opcode: Any, argument: Any) -> None:
        self._count += 1
        if opcode.name == "PROTO":
            if self._count > 1 or argument > HIGHEST_PROTOCOL:
                self._fault("pickle-protocol", f"protocol {argument} is declared by opcode {self._count}")
            self._protocol = max(self._protocol, argument)
        elif opcode.proto > self._protocol and opcode.proto >= 2:
            said = f"{opcode.name} is of protocol {opcode.proto}, {self._protocol} is declared"
            self._fault("pickle-protocol", said)
            self._protocol = opcode.proto

    def _top(self) -> Any:
        return self._stack[-1] if self._stack else self._underflow()

    def _pop(self) -> Any:
        if not self._stack or self._stack[-1] is MARK:
            return self._underflow()
        return self._stack.pop()

    def _pop_many(self, count: int) -> None:
        for _ in range(count):
            self._pop()

    def _to_mark(self) -> list[Any]:
        """What lies above the last mark; the mark goes too."""
        marked: list[Any] = []
        while self._stack:
            if (value := self._stack.pop()) is MARK:
                return marked[::-1]
            marked.append(value)
        self._underflow()
        return marked[::-1]

    def _underflow(self) -> _Label:
        self._fault("pickle-broken", "the stack does not hold what an opcode takes from it")
        return OTHER

    def _missing(self, index: Any) -> _Label:
        self._fault("pickle-broken", f"nothing was remembered under {index}")
        return OTHER

    def _fault(self, code: str, detail: str) -> None:
        self._reading.fault(code, f"{detail}{self._where}")
