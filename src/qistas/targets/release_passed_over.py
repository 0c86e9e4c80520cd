"""What there is to say of a release about files that were passed over, or could not be read as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from qistas.contracts.documents import Text

_MOST_NAMED = 5

_LINKS = Text(
    "not followed, because they lead out of the release, to a folder or nowhere, or are no regular files ({count}): {names}",
    "لم تُتبع لأنّها تخرج من الإصدار أو تقود إلى مجلّد أو إلى لا شيء، أو لأنّها ليست ملفّات عادية ({count}): {names}",
)
_NAMES = Text(
    "names that are no UTF-8, in which each such byte stands as \ufffd ({count}): {names}",
    "أسماء ليست بترميز UTF-8، وُضع فيها \ufffd مكان كلّ بايت من ذلك ({count}): {names}",
)
_LARGE = Text(
    "documents too large to be read; only their names and sizes were taken ({count}): {names}",
    "وثائق أكبر من أن تُقرأ، فلم يؤخذ منها إلّا الاسم والحجم ({count}): {names}",
)


def passed_over(links: Sequence[str], names: Sequence[str], large: Sequence[str]) -> Iterator[Text]:
    """A note for each kind: links that were not followed, names that are no UTF-8, and documents that are too large."""
    for said, found in ((_LINKS, links), (_NAMES, names), (_LARGE, large)):
        if found:
            shown = sorted(found)[:_MOST_NAMED]
            yield Text(
                said.en.format(count=len(found), names=_listed(shown, len(found), ", ")),
                said.ar.format(count=len(found), names=_listed(shown, len(found), "، ")),
            )


def is_unreadable(path: Path) -> bool:
    """Whether the name of a file is no UTF-8."""
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return True
    return False


def _listed(shown: Sequence[str], count: int, comma: str) -> str:
    return comma.join([*shown, *(["…"] if count > len(shown) else [])])
