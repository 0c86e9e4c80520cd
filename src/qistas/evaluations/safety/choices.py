"""Which parameters of the safety evaluations a user may choose, and the titles that name a budget.

What a number means is not among them: metrics, judges, what labels are worth, and the texts that are said.
"""

from __future__ import annotations

from typing import NamedTuple

from qistas.contracts.documents import Text

Path = tuple[str, ...]


class BudgetTitle(NamedTuple):
    """The title of a metric for a budget other than the published one.

    ``numbers``: where the parameters hold the numbers that stand in ``title``, in their order. No noun is counted by
    them, as its form would change with the number.
    """

    metric: str
    title: Text
    numbers: tuple[Path, ...]


_ADAPTIVE = ("most_queries", "most_tokens", "attempts", "history", "depth")
_WITHIN = BudgetTitle(
    "attack_success_any",
    Text(
        "Attack success within a query budget of {0} (ASR@{0})",
        "نجاح الهجوم ضمن ميزانية استعلامات قدرها {0} (ASR@{0})",
    ),
    (("most_queries", "target"),),
)
_SEARCH = BudgetTitle(
    "attack_success_suffix",
    Text(
        "Attack success with the suffix of a search; number of steps {0} and of candidates in each {1}",
        "نجاح الهجوم باللاحقة بعد بحث عدد خطواته {0} وعدد المرشّحات في كلّ منها {1}",
    ),
    (("steps",), ("search_width",)),
)

CHOICES: dict[str, tuple[str, ...]] = {
    "safety/attacks": ("families", "repeats", "settings", "seed", "kinds"),
    "safety/transformations": ("transformations",),
    "safety/injection": ("placements",),
    "safety/pair": (*_ADAPTIVE, "streams"),
    "safety/tap": (*_ADAPTIVE, "branching", "width"),
    "safety/crescendo": (*_ADAPTIVE, "backtracks"),
    "safety/gcg": ("steps", "search_width", "top_k", "replaced", "buffer", "seed"),
}
TITLES: dict[str, BudgetTitle] = {
    "safety/pair": _WITHIN,
    "safety/tap": _WITHIN,
    "safety/crescendo": _WITHIN,
    "safety/gcg": _SEARCH,
}
