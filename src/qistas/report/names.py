"""How a model is named, and why its weights have no digest, in both languages: a target says both in English only."""

from __future__ import annotations

import re
from collections.abc import Mapping

from qistas.contracts.documents import Language, Text
from qistas.datasets.reports.record import UNNAMED, model_words
from qistas.report.bidi import Clean, apart

_NAMES: Mapping[str, str] = {
    r"(.+) guarded by (.+)": " مع حاجز الحماية ",
    r"(.+) \(reported by (.+)\)": "، كما أورد عنه ",
}
_NO_DIGEST: Mapping[str, str] = {
    r"an endpoint does not show its weights": "العنوان الذي يُتّصل به لا يُظهر أوزانه",
    r"what stands behind a callable cannot be read": "لا يمكن الاطّلاع على ما وراء الدالّة",
    r"what stands behind the guard cannot be read": "لا يمكن الاطّلاع على ما وراء حاجز الحماية",
    r"Qistas did not observe this model: (.+) reported about it": "لم يرصد قِسطاس هذا النموذج: أورد عنه {0}",
}


def name_of(ref: str, lang: Language, clean: Clean) -> str:
    """A model's name, passed through ``clean`` and set apart; in Arabic with the words around it in Arabic."""
    if lang == "ar":
        if ref == UNNAMED:
            return model_words(ref).ar
        for pattern, between in _NAMES.items():
            if found := re.fullmatch(pattern, ref):
                model, other = found.groups()
                return f"{name_of(model, lang, clean)}{between}{apart(other, clean)}"
    return apart(ref, clean)


def no_digest_words(reason: str) -> Text | None:
    """Why there is no digest, or ``None`` for what no target of Qistas says."""
    for pattern, arabic in _NO_DIGEST.items():
        if found := re.fullmatch(pattern, reason):
            return Text(reason, arabic.format(*found.groups()))
    return None
