"""What a YAML document says at its top: where it comes from, and what is not in it."""

from __future__ import annotations

from qistas.contracts.documents import Language, Text
from qistas.report.export.material import Material
from qistas.report.words import text

_OF_RUN = Text("by qistas {version}, ledger {head}", "من قِسطاس {version}، سجلّ الأدلّة {head}")
_OF_RELEASE = Text("by qistas {version}, release {head}", "من قِسطاس {version}، الإصدار {head}")
_LEFT_OUT = Text("no number: {criterion}: {reason}", "لا قيمة: {criterion}: {reason}")


def left_out(material: Material, lang: Language) -> tuple[str, ...]:
    """One line about the origin, and one for every criterion without a number: it is no zero."""
    if material.report:
        origin, head = _OF_RUN, material.report.ledger.head
    else:
        origin, head = _OF_RELEASE, material.release_digest
    return (
        text(origin, lang).format(version=material.version, head=head),
        *(
            text(_LEFT_OUT, lang).format(criterion=one.criterion, reason=text(one.reason, lang))
            for one in material.unmeasured()
        ),
    )
