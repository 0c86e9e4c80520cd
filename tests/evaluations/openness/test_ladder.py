"""Ladders decide by their first rung that holds, show the words, and abstain where nothing can be told."""

import pytest

from qistas.contracts.canonical import digest_bytes
from qistas.contracts.documents import Text
from qistas.contracts.errors import InvalidDocument
from qistas.contracts.exchanges import ReleaseFile, ReleaseListing
from qistas.contracts.openness import ClauseFact, Judgement, LicenceReading, Quote
from qistas.evaluations.openness.ladder import Ladder, Ladders, judge, judge_all, read_ladders
from qistas.evaluations.openness.record import ReleaseRecord

HEAD = "qistas: ladders/1\nvalues: [open, partial, closed]\n"
T = "{en: a, ar: أ}"


def ladders(*conditions: str, uses: str = "[]", shows: str = "repository") -> Ladders:
    """One ladder whose rungs give open, partial, closed in this order."""
    rungs = "".join(
        f"      - {{id: r{i}, value: {value}, why: {{en: {value}, ar: {value}}}, when: {condition}}}\n"
        for i, (condition, value) in enumerate(zip(conditions, ("open", "partial", "closed"), strict=False))
    )
    text = (
        f"{HEAD}uses: {uses}\nladders:\n  - id: one\n    title: {T}\n    question: {T}\n    shows: {shows}\n"
        f"    otherwise: {T}\n" + (f"    rungs:\n{rungs}" if rungs else "")
    )
    return read_ladders("ladders.yaml", text)


def record(
    texts: dict[str, str], *others: str, licences: tuple[LicenceReading, ...] = (), only: tuple[str, ...] = ()
) -> ReleaseRecord:
    files = [
        ReleaseFile(path=path, size_bytes=len(text), sha256="0" * 64) for path, text in sorted(texts.items())
    ]
    files += [ReleaseFile(path=path, size_bytes=5) for path in others]
    files += [ReleaseFile(path=path, size_bytes=0) for path in only]
    return ReleaseRecord(
        ReleaseListing(files=tuple(files), texts=texts, source="here", listed_only=(*others, *only)), licences
    )


def decide(condition: str, release: ReleaseRecord, uses: str = "[]", **known: Judgement) -> str:
    return judge_all(ladders(condition, uses=uses), release, known)["one"].value


def quotes(condition: str, release: ReleaseRecord) -> list[tuple[str, int, str]]:
    evidence = judge_all(ladders(condition), release)["one"].evidence
    return [(quote.file, quote.line, quote.quote) for quote in evidence]


CARD = """---
license: mit
datasets: []
---
# Lighthouse
It was trained on the Harbour corpus. It was not trained on letters.

## Training data
### Harbour
All of it is public.
```
# Training data
secret: none
```
## Limits
It has never seen a river.
"""
HERE = record({"README.md": CARD}, "train.py", "model.safetensors")


def test_the_first_rung_that_holds_decides_with_its_sentence_and_the_words_that_show_it() -> None:
    made = judge_all(ladders("{says: {pattern: river}}", "{says: {pattern: corpus}}"), HERE)

    assert made == {
        "one": Judgement(
            value="open",
            rule="r0",
            reason=Text("open", "open"),
            evidence=(
                Quote(
                    file="README.md", line=16, quote="It has never seen a river.", digest=f"sha256:{'0' * 64}"
                ),
            ),
        )
    }


def test_where_no_rung_holds_it_is_undetermined_with_the_sentence_of_the_ladder() -> None:
    made = judge(ladders("{says: {pattern: lake}}").ladders[0], HERE)

    assert made == Judgement(value="undetermined", rule="undetermined", reason=Text("a", "أ"))


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        ("{says: {pattern: trained on, never: not}}", ["It was trained on the Harbour corpus."]),
        ("{says: {pattern: public, under: training data}}", ["All of it is public."]),
        ("{says: {pattern: secret, under: limits}}", None),
        ("{says: {pattern: trained on, least: 3}}", None),
        ("{says: {pattern: river, in: LICENSE}}", None),
        ("{heading: {pattern: '^limits$'}}", ["## Limits"]),
        ("{heading: {pattern: training, least: 2}}", None),
        ("{field: {name: license}}", ["license: mit"]),
        ("{field: {name: license, matches: apache}}", None),
        ("{field: {name: datasets}}", None),
        ("{file: {path: '[.]safetensors$'}}", ["model.safetensors"]),
        ("{file: {path: train, never: 'py$'}}", None),
        ("{file: {path: train, least_bytes: 6}}", None),
        ("{file: {path: '', least: 4}}", None),
        ("{listed: true}", []),
        ("{listed: false}", None),
        (
            "{all: [{field: {name: license}}, {says: {pattern: river}}]}",
            ["license: mit", "It has never seen a river."],
        ),
        ("{all: [{field: {name: license}}, {says: {pattern: lake}}]}", None),
        ("{any: [{says: {pattern: lake}}, {field: {name: license}}]}", ["license: mit"]),
        ("{none: [{says: {pattern: lake}}]}", []),
        ("{none: [{says: {pattern: river}}]}", None),
        (
            "{some: {least: 2, of: [{says: {pattern: lake}}, {says: {pattern: river}}, {field: {name: license}}]}}",
            ["It has never seen a river.", "license: mit"],
        ),
        ("{some: {least: 2, of: [{says: {pattern: lake}}, {field: {name: license}}]}}", None),
    ],
)
def test_a_condition_holds_by_what_it_quotes(condition: str, shown: list[str] | None) -> None:
    value = decide(condition, HERE)

    assert value == ("undetermined" if shown is None else "open")
    assert [quote for _, _, quote in quotes(condition, HERE)] == (shown or [])


def test_the_absence_of_words_is_not_known_where_a_document_was_not_read() -> None:
    nothing = "{none: [{says: {pattern: lake}}]}"

    assert decide(nothing, HERE) == "open"
    assert decide(nothing, record({"README.md": CARD}, "MODEL_CARD.md")) == "undetermined"
    assert (
        decide("{none: [{says: {pattern: lake, in: readme}}]}", record({"README.md": CARD}, "MODEL_CARD.md"))
        == "open"
    )


def test_the_absence_of_a_file_is_not_known_where_the_list_of_files_is_not_whole() -> None:
    nothing = "{none: [{file: {path: '[.]py$'}}]}"

    assert decide(nothing, record({"README.md": CARD})) == "undetermined"
    assert decide(nothing, record({"README.md": CARD}, "logo.png")) == "open"
    assert decide("{listed: false}", record({"README.md": CARD})) == "open"


def test_what_is_not_known_may_be_what_a_condition_lacks() -> None:
    release = record({"README.md": CARD}, "MODEL_CARD.md")
    lake, river = "{says: {pattern: lake}}", "{says: {pattern: river}}"

    assert decide(f"{{none: [{{some: {{least: 2, of: [{lake}, {river}]}}}}]}}", release) == "undetermined"
    assert decide(f"{{none: [{{all: [{lake}, {river}]}}]}}", release) == "undetermined"


def test_a_file_of_unknown_size_is_no_placeholder() -> None:
    assert decide("{file: {path: 'bin$', least_bytes: 1000}}", record({}, only=("model.bin",))) == "open"


def reading(**changes: object) -> LicenceReading:
    fields: dict[str, object] = {
        "file": "LICENSE",
        "id": "MIT",
        "name": "MIT",
        "match": "exact",
        "place": "text",
        "applies_to": ("code",),
        "osi": True,
        "fsf": True,
        "open": True,
        "reason": Text("a", "أ"),
        "clauses": (
            ClauseFact(fact="non_commercial", value=True, quote="not for trade", file="LICENSE", line=7),
        ),
        "evidence": (Quote(file="LICENSE", line=1, quote="Permission is granted"),),
    }
    return LicenceReading(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("condition", "changes", "shown"),
    [
        ("{licence: {is: open}}", {}, "Permission is granted"),
        ("{licence: {of: [code, data], id: '^mit$', place: [text]}}", {}, "Permission is granted"),
        ("{licence: {of: [weights]}}", {}, None),
        ("{licence: {is: not_open}}", {}, None),
        ("{licence: {is: not_open}}", {"open": False}, "Permission is granted"),
        ("{licence: {is: undecided}}", {"open": None}, "Permission is granted"),
        ("{licence: {is: near}}", {"match": "near"}, "Permission is granted"),
        ("{licence: {is: unknown}}", {"match": "unknown", "id": None}, "Permission is granted"),
        ("{licence: {place: [card]}}", {}, None),
        ("{licence: {id: mit}}", {"id": None}, None),
        ("{clause: {fact: non_commercial}}", {}, "not for trade"),
        ("{clause: {fact: non_commercial, of: [weights]}}", {}, None),
        ("{clause: {fact: user_threshold}}", {}, None),
    ],
)
def test_a_licence_or_a_clause_holds_by_its_own_words(
    condition: str, changes: dict[str, object], shown: str | None
) -> None:
    made = judge_all(ladders(condition), record({}, licences=(reading(**changes),)))["one"]

    assert made.value == ("undetermined" if shown is None else "open")
    assert [quote.quote for quote in made.evidence] == ([] if shown is None else [shown])


def test_a_ladder_may_stand_on_a_judgement_that_was_handed_in() -> None:
    quote = Quote(file="a", line=1, quote="b")
    asks = "{component: {id: weights, is: [open, partial]}}"

    def given(value: str) -> Judgement:
        return Judgement(value=value, rule="r", reason=Text("a", "أ"), evidence=(quote,))

    made = judge_all(ladders(asks, uses="[weights]"), HERE, {"weights": given("partial")})
    assert list(made) == ["one"]
    assert (made["one"].value, made["one"].evidence) == ("open", (quote,))
    assert decide(asks, HERE, "[weights]", weights=given("closed")) == "undetermined"
    nothing = f"{{none: [{asks}]}}"
    assert decide(nothing, HERE, "[weights]", weights=given("closed")) == "open"
    assert decide(nothing, HERE, "[weights]", weights=given("undetermined")) == "undetermined"


def test_a_page_is_quoted_with_its_own_digest_where_the_list_has_none() -> None:
    listing = ReleaseListing(files=(), texts={"README.md": "A river."}, source="here")

    made = judge_all(ladders("{says: {pattern: river}}"), ReleaseRecord(listing))["one"]

    assert made.evidence[0].digest == digest_bytes(b"A river.")


def test_every_fault_of_a_file_of_ladders_is_said_at_once() -> None:
    text = f"""{HEAD}ladders:
  - id: one
    title: {T}
    question: {T}
    shows: elsewhere
    otherwise: {T}
    rungs:
      - {{id: a, value: opne, why: {T}, when: {{listed: true, file: {{path: x}}}}}}
      - {{id: a, value: open, why: {T}, when: {{all: []}}}}
      - {{id: undetermined, value: open, why: {T}, when: {{}}}}
  - id: one
    title: {T}
    question: {T}
    shows: repository
    otherwise: {T}
    rungs:
      - {{id: a, value: open, why: {T}, when: {{says: {{pattern: '('}}}}}}
      - {{id: b, value: open, why: {T}, when: {{some: {{least: 1, of: [{{component: {{id: two, is: [open]}}}}]}}}}}}
      - {{id: c, value: open, why: {T}, when: {{none: [{{licence: {{id: '['}}}}, {{says: {{pattern: {"x" * 4001}}}}}]}}}}
      - {{id: d, value: open, why: {T}, when: 7}}
"""
    with pytest.raises(InvalidDocument) as caught:
        read_ladders("l.yaml", text)

    assert sorted(str(fault) for fault in caught.value.faults) == [
        "l.yaml:10: a condition asks one thing, not file and listed → put several under all, any or none",
        "l.yaml:10: no value is called 'opne' → use undetermined",
        "l.yaml:11: 'all' has nothing in it",
        "l.yaml:11: no value is called 'open' → use undetermined",
        "l.yaml:11: the rung 'a' stands twice, or is no rung's name",
        "l.yaml:12: a condition asks one thing, not nothing → put several under all, any or none",
        "l.yaml:12: no value is called 'open' → use undetermined",
        "l.yaml:12: the rung 'undetermined' stands twice, or is no rung's name",
        "l.yaml:13: the ladder 'one' stands twice",
        "l.yaml:19: this is no regular expression: missing ), unterminated subpattern at position 0",
        "l.yaml:20: no judgement 'two' is made before this one → put its ladder above, or name it under uses",
        "l.yaml:21: the expression is longer than 4000 characters → split it",
        "l.yaml:21: this is no regular expression: unterminated character set at position 0",
        "l.yaml:22: 'when' must be a mapping with fields, not the number 7",
    ]


def test_a_file_that_is_no_mapping_has_one_fault() -> None:
    with pytest.raises(InvalidDocument, match="the document must be a mapping"):
        read_ladders("l.yaml", "- 1")


def test_what_a_repository_cannot_show_is_always_undetermined() -> None:
    ladder: Ladder = ladders(shows="elsewhere").ladders[0]

    assert judge(ladder, HERE).value == "undetermined"
