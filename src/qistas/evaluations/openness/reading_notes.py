"""What there is to say about how documents were read: fields at their top that were not."""

from __future__ import annotations

from collections.abc import Iterator

from qistas.contracts.documents import Text
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.release_texts import (
    MOST_FIELD_CHARACTERS,
    MOST_FIELDS_CHARACTERS,
    front_matter_left_out,
)

_MOST_NOTES = 20
_SAYS = {
    "large": Text(
        f"{{file}}: the fields at the top are longer than is read ({MOST_FIELD_CHARACTERS:,} characters each, "
        f"{MOST_FIELDS_CHARACTERS:,} in all); the rest of them was left out",
        f"{{file}}: الحقول التي في أعلى الوثيقة أطول ممّا يُقرأ ({MOST_FIELD_CHARACTERS:,} محرف لكلّ حقل، و{MOST_FIELDS_CHARACTERS:,} "
        "لها جميعًا)؛ وتُركت بقيّتها",
    ),
    "unreadable": Text(
        "{file}: the fields at the top are no YAML that can be read; none of them was taken",
        "{file}: الحقول التي في أعلى الوثيقة ليست YAML تُمكن قراءته، فلم يؤخذ منها شيء",
    ),
}


def reading_notes(record: ReleaseRecord) -> Iterator[Text]:
    """A note for each document whose front matter was not read, or not wholly; at most so many."""
    found = ((path, front_matter_left_out(page.text)) for path, page in record.pages.items())
    for count, (path, why) in enumerate((path, why) for path, why in found if why):
        if count == _MOST_NOTES:
            return
        yield Text(_SAYS[why].en.format(file=path), _SAYS[why].ar.format(file=path))
