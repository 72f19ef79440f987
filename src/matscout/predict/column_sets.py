"""Column sets: which representations are joined for the learners of ``auto``, and which learners try them."""

from __future__ import annotations

from matscout import registry
from matscout.predict.recipes import LearnerName

COLUMN_SETS: dict[str, tuple[str, ...]] = {
    "chemistry": ("magpie", "ionic"),
    "ionic": ("ionic",),
    "fractions": ("magpie", "element-fraction"),
    "cgnf": ("cgnf",),
    "sevennet": ("sevennet",),
    "mat2vec": ("mat2vec",),
}
"""Name -> the representations joined in it."""

GAUSSIAN_SETS = ("chemistry", "cgnf")
"""Column sets that a Gaussian process tries as well."""

ON_TRIAL: tuple[tuple[LearnerName, str], ...] = (
    ("ridge", "fractions"),
    ("boosting", "chemistry"),
    ("networks", "mat2vec"),
)
"""Learners and column sets that seldom win, so the first inner fold decides whether they go on; none if ``fast``."""

DONATED_SETS: dict[str, tuple[str, ...]] = {
    "chemistry and donated": ("magpie", "ionic", "{donor}/properties"),
    "everything donated": ("magpie", "{donor}"),
    "donor vector": ("{donor}/vector",),
}
"""Column sets with what a network says that learned other properties, where it is at hand."""

DONATED_GAUSSIAN_SETS = ("chemistry and donated", "donor vector")
"""Of these, the ones that a Gaussian process tries as well."""

FAST_SETS = ("chemistry", "fractions", "sevennet", "chemistry and donated")
"""Column sets tried if ``fast``."""

PLAIN_SETS = ("chemistry", "chemistry and donated")
"""Column sets on which forests learn the plain target as well as the transformed one."""

EXPLAINED = "chemistry"
"""The column set whose properties mean something to a chemist; the first recipe uses it, so a member always does."""


def offered_sets(donor: str | None, *, fast: bool) -> dict[str, tuple[str, ...]]:
    """Column sets by name, each with the representations joined in it.

    Parameters
    ----------
    donor
        The representation that lends what it learned from other properties; left out if None, or if torch or its
        weights are missing.
    fast
        Only :data:`FAST_SETS`.
    """
    sets = dict(COLUMN_SETS)
    if donor is not None and registry.load_class("representations", donor).at_hand():
        for name, joined in DONATED_SETS.items():
            sets[name] = tuple(address.format(donor=donor) for address in joined)
    return {name: joined for name, joined in sets.items() if not fast or name in FAST_SETS}
