"""Which files of a release others wrote and it only carries along."""

from __future__ import annotations

import re

_CARRIED = re.compile(
    r"(?:^|/)(?:[^/]{0,60}[-_ .])?(?:third[-_ ]?part(?:y|ies)|3rd[-_ ]?part(?:y|ies))(?:[-_ .]|/|$|licen|notice)"
    r"|(?:^|/)(?:node_modules|vendor(?:ed)?|external|deps)/"
    r"|(?:^|/)(?:vendor(?:ed)?|external|deps)[-_ .]"
    r"|(?:^|/)[^/]{0,60}licen[cs]es?[-_ .]{1,2}notices?(?:[-_ .]|$)|(?:^|/)[^/]{0,60}notices?[-_ .]{1,2}licen[cs]es?",
    re.IGNORECASE,
)


def is_carried(path: str) -> bool:
    """Whether a path is that of a work, or of a bundle of licences, of others; it says nothing of the release's own parts."""
    return _CARRIED.search(path) is not None
