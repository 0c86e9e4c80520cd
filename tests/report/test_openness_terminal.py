"""What is open of a release, in lines: every judgement with where the words stand."""

import msgspec
from tests.fakes.assessments import CARD, both, full_assessment, judgement

from qistas.contracts.openness import (
    DifferingSpan,
    LicenceReading,
    Lineage,
    MofProjection,
    OsaidProjection,
    Quote,
    UnreadPage,
)
from qistas.report.openness_terminal import openness_lines, osaid_words, span_words
from qistas.report.openness_words import place_words

ENGLISH = """\
example/model @ r1 (files: 3; documents read: 2; only listed: 1; 2026-01-31)

Licences
    ○ LICENSE: LicenseRef-example (near match)
        limit of monthly active users: 700 (beyond it, permission is needed); a notice in every copy

European Open Source AI Index
    ● Model card: open. because of full-card [README.md:7]
    ○ made_up: closed. because of said [model.bin]
    ? Not judged from repository text: Peer-reviewed paper

Model Openness Framework: class III (III 100 %, II 50 %, I 0 %)
    Each component that this class and those below it ask for is there under an open licence.
    ○ no training code

Open Source AI Definition 1.0: blocked
    The words of the release itself go against something that the definition asks for; one such place is enough. These decided it.
    ○ because of use-limits [README.md:7]

Concentration
    ● Compute: disclosed. because of named [README.md:7]

Lineage
    example/model ← a/base (fine-tuned)
    a term was dropped [README.md:7]

Supply chain
    ✗ model.bin: danger: would run code [os.system]

Contradictions
    two licences [README.md:7]

Training cost disclosed
    ? energy: undisclosed
    ● time on the clock: “10 to 12 hours”, that is 10 to 12.5 hours [README.md:7]
    ◐ training compute: 6 × 10²¹ FLOP (worked out: 6 × parameters × tokens)
    ● hardware: “8 boards”
    ● money: at most 1 million USD

Incorporated by reference and not read
    example.org/policy (LICENSE:4)
    no address given (LICENSE:5)

On the reading
    a note
"""


def test_a_release_is_shown_with_every_judgement_and_its_place() -> None:
    assert "\n".join(openness_lines([full_assessment()])) + "\n" == ENGLISH


def test_in_arabic_every_word_is_arabic_but_names_and_values_of_files() -> None:
    shown = "\n".join(openness_lines([full_assessment()], "ar"))

    assert "عدد الملفّات 3، منها وثائق مقروءة 2 وملفّات مذكورة غير حاضرة 1" in shown
    assert "● بطاقة النموذج: مفتوح. ع because of full-card [README.md:7]" in shown
    assert "الفئة III (100% من III، 50% من II، 0% من I)" in shown
    assert "ملاحظة" in shown
    assert "open:" not in shown
    assert "ناقصة" not in shown


def test_several_releases_stand_one_after_another() -> None:
    one = full_assessment()

    assert openness_lines([one, one]) == [*openness_lines([one]), "", *openness_lines([one])]


def test_where_nothing_was_found_that_is_said() -> None:
    empty = msgspec.structs.replace(
        full_assessment(),
        release={
            "source": "x",
            "revision": None,
            "files": 0,
            "documents": 0,
            "listed_only": 0,
            "read_on": None,
        },
        licences=(),
        concentration={},
        lineage=Lineage(),
        supply_chain=(),
        contradictions=(),
        training_cost={},
    )
    lines = openness_lines([empty])

    assert lines[0] == "x (files: 0; documents read: 0; only listed: 0; –)"
    assert {"Licences: no licence was found", "Lineage: none found", "Supply chain: none found"} < set(lines)
    assert "On the reading" not in lines


def test_no_class_is_said_with_what_that_means() -> None:
    mof = MofProjection(class_=0, progress={"3": 67}, components={}, reasons=(both("no card"),))
    made = msgspec.structs.replace(
        full_assessment(), projections=msgspec.structs.replace(full_assessment().projections, mof=mof)
    )
    lines = openness_lines([made])
    at = lines.index("Model Openness Framework: no class (III 67 %)")

    assert lines[at + 1 : at + 3] == [
        "    Class III, the lowest, asks for each of its components under an open licence. What it lacks of that stands below.",
        "    ○ no card",
    ]


def test_a_verdict_that_is_open_names_the_parts_that_were_not_seen() -> None:
    parts = {"code": judgement("undetermined", "undetermined"), "use": judgement("not_blocked", "free", CARD)}
    unseen = OsaidProjection(verdict="undetermined", blockers=(), parts=parts)
    clear = OsaidProjection(verdict="not_blocked", blockers=(), parts={"use": parts["use"]})

    assert osaid_words(unseen).en.endswith("not everything that it asks for could be seen here: Code.")
    assert osaid_words(clear).en == (
        "Nothing that was read goes against the definition; that it is met is not said by this."
    )


def near(spans: int, **fields: object) -> LicenceReading:
    differs = tuple(DifferingSpan(line=at, found=f"cats {at}", expected="dogs") for at in range(1, spans + 1))
    return msgspec.structs.replace(full_assessment().licences[0], differs=differs, clauses=(), **fields)


def test_the_words_in_which_a_near_match_departs_are_shown_and_the_rest_counted() -> None:
    made = msgspec.structs.replace(full_assessment(), licences=(near(5, clauses_changed=True),))

    assert openness_lines([made])[3:8] == [
        "    ○ LICENSE: LicenseRef-example (near match, words of its clauses were changed or conditions added)",
        "        line 1: “cats 1” in place of “dogs”",
        "        line 2: “cats 2” in place of “dogs”",
        "        line 3: “cats 3” in place of “dogs”",
        "        … +2 (--explain licences: all of them)",
    ]


def test_a_near_match_without_the_licence_s_own_text_says_how_to_see_it() -> None:
    licence = msgspec.structs.replace(near(0), differs=(DifferingSpan(line=3, found="cats"),))
    made = msgspec.structs.replace(full_assessment(), licences=(licence,))

    assert openness_lines([made])[4:6] == [
        "        line 3: “cats”",
        "        What stands there in its own text is not at hand; --licence-texts DIR shows it.",
    ]


def test_words_that_were_left_out_or_stand_in_no_text_at_hand_are_said_so() -> None:
    assert span_words(DifferingSpan(line=3, found=" ", expected="all of it"), "en") == (
        "line 3: (left out) in place of “all of it”"
    )
    assert span_words(DifferingSpan(line=3, found="new"), "ar") == "السطر 3: “new”"
    assert span_words(DifferingSpan(line=3, found="n" * 300, expected=""), "en").endswith("n…” in place of –")


def test_words_out_of_a_licence_s_known_text_name_that_text_and_not_a_file() -> None:
    known = Quote(file="licence text of CC-BY-NC-4.0", line=151, quote="x", origin="some/facts.json")
    policy = Quote(file="incorporated/policy", line=2, quote="x", origin="https://example.org/policy")

    assert place_words(known, "en") == "text of the licence CC-BY-NC-4.0, line 151"
    assert place_words(known, "ar") == "نصّ الترخيص CC-BY-NC-4.0، السطر 151"
    assert place_words(policy, "en") == "incorporated/policy:2 ← https://example.org/policy"


def test_prose_in_a_language_that_is_not_read_is_said_at_the_top() -> None:
    unread = (
        UnreadPage(file="README_x.md", language="zh", share=0.95, lines=(3, 80)),
        UnreadPage(file="b.md", language="und", share=0.6, lines=(1, 9)),
    )
    made = msgspec.structs.replace(full_assessment(), unread=unread)

    assert openness_lines([made])[1:3] == [
        (
            "? Not read: 95% of the prose of README_x.md (lines 3 to 80) is in Chinese; the rules read English. What stands only there is "
            "unread, not undisclosed."
        ),
        (
            "? Not read: 60% of the prose of b.md (lines 1 to 9) is in another language; the rules read English. What stands only there is "
            "unread, not undisclosed."
        ),
    ]
    assert "باللغة الصينية، والقواعد تقرأ الإنجليزية" in openness_lines([made], "ar")[1]
    assert "بلغة أخرى، والقواعد" in openness_lines([made], "ar")[2]
