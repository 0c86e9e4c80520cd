"""What is open of a release, in lines: every judgement with where the words stand."""

import msgspec
from tests.fakes.assessments import cost, full_assessment

from qistas.contracts.openness import Lineage, MofProjection
from qistas.report.openness_terminal import amount, mof_line, openness_lines

ENGLISH = """\
example/model @ r1 (files: 3; documents read: 2; only listed: 1; 2026-01-31)

Licences
    ○ LICENSE: LicenseRef-example (near match) [users_threshold=700, notice=true]

European Open Source AI Index
    ● modelcard  open: because of full-card [README.md:7]
    ? paper      undetermined: because of undetermined
    ○ made_up    closed: because of said [model.bin]

Model Openness Framework: class III (III 100 %, II 50 %, I 0 %)
    no training code

Open Source AI Definition 1.0: blocked
    ○ because of use-limits [README.md:7]

Concentration
    ● compute  disclosed: because of named [README.md:7]

Lineage
    example/model ← a/base (finetune)
    a term was dropped [README.md:7]

Supply chain
    ✗ model.bin: danger: would run code [os.system]

Contradictions
    two licences [README.md:7]

Training cost disclosed
    ? energy: undisclosed
    ● time: 10-12.5 h [README.md:7]
    ● compute: 6e+21 FLOP (derived: 6ND)
    ● hardware: 8 boards
    ● money: …-1e+06 USD

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
    assert "● modelcard  مفتوح: ع because of full-card [README.md:7]" in shown
    assert "الفئة III" in shown
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


def test_no_class_is_said_and_a_quantity_without_figures_is_its_words() -> None:
    assert mof_line(MofProjection(class_=0, progress={"3": 67}, components={}), "en") == "no class (III 67 %)"
    assert amount(cost(disclosed=True, low=None, text=None), "en") == ""
    assert amount(cost(disclosed=True, low=3.0, high=3.0), "en") == "3 kWh"
