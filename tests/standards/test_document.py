"""Documents are read as plain data, and every fault is said with its file and line."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any, Literal

import msgspec
import pytest

from qistas.contracts.errors import InvalidDocument, StorageError
from qistas.standards.document import MAX_BYTES, Document, load_document, parse


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    size: float = 1.0


class Thing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    colour: Literal["red", "green"]
    count: int = 0
    wanted: bool = True
    parts: tuple[Part, ...] = ()
    notes: dict[str, str] | None = None
    either: str | list[str] = ""
    free: dict[str, Any] = msgspec.field(default_factory=dict)


def faults(text: str) -> list[str]:
    with pytest.raises(InvalidDocument) as caught:
        load_document("thing.yaml", dedent(text), Thing)
    return [str(fault) for fault in caught.value.faults]


def load(text: str) -> Thing:
    return load_document("thing.yaml", dedent(text), Thing)


def test_a_good_document_becomes_its_struct() -> None:
    thing = load("""\
        id: "1"
        colour: red
        count: 0x10
        wanted: False
        parts:
          - {name: wheel, size: 16e9}
          - {name: "عجلة", size: 2}
        notes: {day: 2024-01-01, <<: merged, none: ""}
        either: [a, b]
        free: {big: 1_000, list: [~, -.inf], deep: {x: +1.5}}
        """)
    assert thing == Thing(
        id="1",
        colour="red",
        count=16,
        wanted=False,
        parts=(Part("wheel", 16e9), Part("عجلة", 2)),
        notes={"day": "2024-01-01", "<<": "merged", "none": ""},
        either=["a", "b"],
        free={"big": 1000, "list": [None, float("-inf")], "deep": {"x": 1.5}},
    )


def test_five_faults_are_five_faults_each_with_file_and_line() -> None:
    """An unknown field, a wrong type, a wrong word, a missing field and a wrong nested value."""
    assert faults("""\
        id: 1.0
        colour: gren
        shape: round
        parts:
          - size: 3
          - name: wheel
            size: large
        """) == [
        "thing.yaml:1: 'id' must be a text, not the number 1.0 → put it in quotes",
        "thing.yaml:2: 'colour' cannot be 'gren' → did you mean 'green'?",
        "thing.yaml:3: unknown field 'shape' → known: colour, count, either, free, id, notes, parts, wanted",
        "thing.yaml:5: the field 'name' is missing in 'parts'[0] → add 'name': a text",
        "thing.yaml:7: 'size' must be a number, not the text 'large'",
    ]


def test_a_misspelt_field_is_one_fault_and_its_value_is_still_looked_at() -> None:
    assert faults("""\
        id: a
        color: [blue]
        partz:
          - {nam: wheel}
          - {nane: 3}
        """) == [
        "thing.yaml:2: unknown field 'color' → did you mean 'colour'?",
        "thing.yaml:2: 'color' cannot be \"['blue']\" → use one of 'green', 'red'",
        "thing.yaml:3: unknown field 'partz' → did you mean 'parts'?",
        "thing.yaml:4: unknown field 'nam' → did you mean 'name'?",
        "thing.yaml:5: unknown field 'nane' → did you mean 'name'?",
        "thing.yaml:5: 'nane' must be a text, not the number 3 → put it in quotes",
    ]


def test_two_keys_near_one_field_take_it_once() -> None:
    assert faults("""\
        iid: a
        idd: b
        colour: red
        """) == [
        "thing.yaml:1: unknown field 'iid' → did you mean 'id'?",
        "thing.yaml:2: unknown field 'idd' → known: colour, count, either, free, id, notes, parts, wanted",
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("count: 1.5", "'count' must be a whole number, not the number 1.5"),
        ("count: true", "'count' must be a whole number, not true"),
        ("wanted: 'yes'", "'wanted' must be true or false, not the text 'yes'"),
        ("parts: wheel", "'parts' must be a list, not the text 'wheel'"),
        ("parts: {a: 1}", "'parts' must be a list, not a mapping"),
        ("parts: [wheel]", "'parts'[0] must be a mapping with name, not the text 'wheel'"),
        ("parts: [{name: a, size: .nan}]", "'size' must be a number, not the number nan"),
        ("notes: [a]", "'notes' must be a mapping, not a list"),
        ("notes: {a: ~}", "'a' must be a text, not nothing"),
        ("either: 3", "'either' must be a text or a list, not the number 3"),
        ("free: 3", "'free' must be a mapping, not the number 3"),
        ("count: 1__9e", "'count' must be a whole number, not the text '1__9e'"),
        (f"notes: {'x' * 70}", f"'notes' must be a mapping, not the text '{'x' * 57}...'"),
    ],
)
def test_a_wrong_value_is_named_with_what_should_stand_there(line: str, fault: str) -> None:
    assert faults(f"id: a\ncolour: red\n{line}\n") == [f"thing.yaml:3: {fault}"]


def test_a_document_of_another_kind_is_one_fault() -> None:
    assert faults("- a\n- b\n") == [
        "thing.yaml:1: the document must be a mapping with id, colour, not a list"
    ]


def test_a_key_that_stands_twice_is_a_fault_wherever_it_is() -> None:
    assert faults("""\
        id: a
        colour: red
        id: b
        notes:
          x: one
          y: two
          x: three
        """) == [
        "thing.yaml:3: the key 'id' stands twice, first on line 1 → remove one of them",
        "thing.yaml:7: the key 'x' stands twice, first on line 5 → remove one of them",
    ]


def test_tags_are_refused_and_nothing_runs(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    assert faults(f"""\
        id: a
        colour: red
        free:
          x: !!python/object/apply:os.system ["touch {mark}"]
          y: !shape {{a: 1}}
          z: !!binary aGk=
        notes: {{a: !x b, c: !y {{d: e}}}}
        """) == [
        f"thing.yaml:{line}: the tag {tag} is not allowed → remove the tag; documents hold plain data only"
        for line, tag in (
            (4, "tag:yaml.org,2002:python/object/apply:os.system"),
            (5, "!shape"),
            (6, "tag:yaml.org,2002:binary"),
            (7, "!x"),
            (7, "!y"),
        )
    ]
    assert not mark.exists()


@pytest.mark.parametrize("value", ["!!int word", "!!float word"])
def test_a_number_that_cannot_be_read_is_a_fault(value: str) -> None:
    found = faults(f"id: a\ncolour: red\nfree: {{x: {value}}}\n")
    assert found == ["thing.yaml:3: 'word' is not a number that can be read"]


@pytest.mark.parametrize("key", ["[a, b]", "{a: b}"])
def test_a_key_must_be_a_plain_word(key: str) -> None:
    assert faults(f"id: a\ncolour: red\n? {key}\n: 3\n") == ["thing.yaml:3: a key must be a plain word"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("id: a\ncolour: [red\nparts: 3\n", 3),
        ("id: a\n\tcolour: red\n", 2),
        ("id: 'a\ncolour: red\n", 3),
        ("id: a\n--- \nid: b\n", 2),
        ("id: *nobody\n", 1),
        ("id: a\ncolour: \x07\n", 1),
        ("%YAML 3.0\n---\nid: a\n", 1),
    ],
)
def test_what_is_not_yaml_is_one_fault_with_its_line(text: str, line: int) -> None:
    (found,) = faults(text)
    assert found.startswith(f"thing.yaml:{line}: this is not YAML: ")
    assert "\n" not in found


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_document_is_said_to_be_empty(text: str) -> None:
    with pytest.raises(InvalidDocument, match=r"^thing\.yaml:1: the document is empty$"):
        load(text)


def test_aliases_are_written_out() -> None:
    assert load("id: &x a\ncolour: red\nnotes: {again: *x}\n").notes == {"again": "a"}


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    (found,) = faults("\n".join(lines))
    assert found.endswith("the document has more than 100000 values once its aliases are written out")


def test_an_alias_within_itself_is_refused() -> None:
    assert faults("id: a\nfree: &me {x: *me}\n") == ["thing.yaml:2: values are nested more than 40 deep"]


@pytest.mark.parametrize("depth", [60, 5000])
def test_deep_nesting_is_refused(depth: int) -> None:
    assert faults("id: a\nfree: " + "[" * depth) == ["thing.yaml:2: values are nested more than 40 deep"]


def test_a_document_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("a" * (MAX_BYTES + 1))
    wanted = f"{path}: the document is larger than 1048576 bytes → split it"
    for text in (None, path.read_text()):
        with pytest.raises(InvalidDocument) as caught:
            load_document(path, text, Thing)
        assert str(caught.value) == wanted


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "thing.yaml"
    path.write_text("id: a\ncolour: red\n", encoding="utf-8-sig")
    assert load_document(path, None, Thing) == Thing(id="a", colour="red")


def test_a_file_in_another_encoding_is_named_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "thing.yaml"
    path.write_bytes("id: a\ncolour: أحمر\n".encode("cp1256"))
    with pytest.raises(InvalidDocument) as caught:
        load_document(path, None, Thing)
    assert str(caught.value) == f"{path}:2: the text is not UTF-8 → save the file as UTF-8"


def test_a_file_that_is_not_there_or_is_a_folder_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no such file"):
        load_document(tmp_path / "none.yaml", None, Thing)
    with pytest.raises(StorageError, match="cannot be read"):
        load_document(tmp_path, None, Thing)


def test_positions_of_values_can_be_looked_up() -> None:
    document = parse("thing.yaml", "id: a\nparts:\n  - name: x\n  -\n    name: y\n")
    places = [(), ("id",), ("parts", 0), ("parts", 1, "name"), ("parts", 1, "size"), ("nowhere", 3)]
    assert [document.where(place) for place in places] == [f"thing.yaml:{n}" for n in (1, 1, 3, 5, 5, 1)]
    assert Document("made", {}).where(("parts", 1, "name")) == "made.parts[1].name"


class Odd(msgspec.Struct, frozen=True):
    word: str

    def __post_init__(self) -> None:
        if self.word == "bad":
            raise ValueError("the word is bad")


def test_what_the_struct_itself_refuses_is_a_fault_too() -> None:
    with pytest.raises(InvalidDocument, match=r"^odd\.yaml: the word is bad"):
        load_document("odd.yaml", "word: bad\n", Odd)
