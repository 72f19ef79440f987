"""Which properties that a pretraining learned may be a target under another name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from matscout.data.headings import split_heading

ENOUGH = 2
"""Names that share so many words are alike, as "band gap" and "HSE band gap"."""

_NO_SIGN = frozenset(("log10", "log", "predicted", "probability", "at", "of", "per", "the", "and", "pbe", "k", "is"))
"""Words that say how a property was found, not which it is."""


def properties_like(target: str, taught: Iterable[str]) -> tuple[str, ...]:
    """Those of the properties whose names hold all words of the target's name, or :data:`ENOUGH` of them.

    Names tell no more than that; what is called alike may differ, and what is called otherwise may be the same.
    """
    wanted = _words(target)
    shared = {name: wanted & _words(name) for name in taught}
    return tuple(name for name, words in shared.items() if words and (words == wanted or len(words) >= ENOUGH))


KNOWN = frozenset(("synthesised", "synthesized", "made", "known", "icsd", "synthesisable", "synthesizable"))
"""Words in the names of labels that say whether somebody made a material."""


def labels_of_known(taught: Iterable[str]) -> tuple[str, ...]:
    """Those of the properties that say whether a material was made: what learned them has seen which are known."""
    return tuple(name for name in taught if _words(name) & KNOWN)


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_][^\W_]*", split_heading(name).name.lower())) - _NO_SIGN
