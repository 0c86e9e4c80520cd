"""The European index where a card's metadata, or nothing that can be read, say what a dimension asks."""

import pytest

from qistas.contracts.exchanges import ReleaseFile, ReleaseListing
from qistas.contracts.openness import Judgement
from qistas.evaluations.openness.european_index import european_index
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.record import ReleaseRecord

SAID = "# Lighthouse\nLighthouse was trained on 400 billion tokens.\n"
GERMAN = (
    "# Leuchtturm\nDas Modell ist ein Sprachmodell und wurde auf Texten aus dem Netz mit einer Lizenz für die Forschung trainiert. "
    "Die Daten sind nicht veröffentlicht, und der Code wird nicht mit den Gewichten geliefert.\n"
)


def judged(readme: str) -> dict[str, Judgement]:
    listing = ReleaseListing(
        files=(ReleaseFile(path="README.md", size_bytes=len(readme)),),
        texts={"README.md": readme},
        source="here",
    )
    return european_index(ReleaseRecord(listing, read_licences(ReleaseRecord(listing))))


@pytest.mark.parametrize(
    ("metadata", "value", "rule"),
    [
        ("license: mit", "closed", "vague-training-data"),
        ("datasets: [sea/waves]", "partial", "data-in-the-metadata"),
        ("datasets: [sea/waves]\nbase_model: sea/tower", "undetermined", "data-of-further-training"),
    ],
)
def test_data_sets_in_the_metadata_are_named_and_of_a_base_model_they_may_not_be(
    metadata: str, value: str, rule: str
) -> None:
    found = judged(f"---\n{metadata}\n---\n{SAID}")["datasources_basemodel"]

    assert (found.value, found.rule) == (value, rule)


def test_what_a_repository_could_show_and_only_says_in_german_is_unread() -> None:
    found = judged(GERMAN)

    assert {name for name, one in found.items() if one.rule == "unread"} == {
        "datasources_basemodel",
        "trainingcode",
        "code",
        "preprint",
        "modelcard",
        "licenses",
    }
    assert found["modelcard"].reason.en.endswith("README.md (de) could not be read for the language.")
