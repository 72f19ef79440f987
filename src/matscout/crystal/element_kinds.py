"""Kinds of elements as a solid-state chemist sorts them, and the stoichiometry of a composition in terms of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS

_ALKALI = ("Li", "Na", "K", "Rb", "Cs", "Fr")
_ALKALINE_EARTH = ("Be", "Mg", "Ca", "Sr", "Ba", "Ra")
_RARE_EARTH = ("Sc", "Y", *SYMBOLS[56:71])
_ACTINIDE = SYMBOLS[88:103]
_TRANSITION = (*SYMBOLS[21:30], *SYMBOLS[39:48], *SYMBOLS[71:80], *SYMBOLS[103:112])
_P_BLOCK_METAL = ("Al", "Ga", "Ge", "In", "Sn", "Sb", "Tl", "Pb", "Bi", "Po")
_METALLOID = ("B", "Si", "Ge", "As", "Sb", "Te")
_TETREL = ("C", "Si", "Ge", "Sn", "Pb")
_PNICTOGEN = ("N", "P", "As", "Sb", "Bi")
_CHALCOGEN = ("O", "S", "Se", "Te", "Po")
_HALOGEN = ("F", "Cl", "Br", "I", "At")
_METAL = (*_ALKALI, *_ALKALINE_EARTH, *_RARE_EARTH, *_ACTINIDE, *_TRANSITION, *_P_BLOCK_METAL)

NOBLE_GASES = ("He", "Ne", "Ar", "Kr", "Xe", "Rn", "Og")
RADIOACTIVE = ("Tc", "Pm", *SYMBOLS[83:])
"""Elements without a stable isotope, thorium and uranium among them."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "metal": _METAL,
    "s-block metal": (*_ALKALI, *_ALKALINE_EARTH),
    "alkali metal": _ALKALI,
    "alkaline earth metal": _ALKALINE_EARTH,
    "rare earth": _RARE_EARTH,
    "actinide": _ACTINIDE,
    "transition metal": _TRANSITION,
    "p-block metal": _P_BLOCK_METAL,
    "metalloid": _METALLOID,
    "element of the carbon group": _TETREL,
    "pnictogen, chalcogen or halogen": (*_PNICTOGEN, *_CHALCOGEN, *_HALOGEN),
    "pnictogen": _PNICTOGEN,
    "chalcogen or halogen": (*_CHALCOGEN, *_HALOGEN),
    "chalcogen": _CHALCOGEN,
    "halogen": _HALOGEN,
}
"""Kind -> its elements; kinds overlap. Germanium and antimony count as metals, too, as they take the sites of metals
(GeTe and SnTe, Sb2Te3 and Bi2Te3); zinc, cadmium and mercury as transition metals."""

_ROLES: tuple[tuple[str, ...], ...] = (
    (*_ALKALI, *_ALKALINE_EARTH, *_RARE_EARTH, *_ACTINIDE),
    (*_TRANSITION, *(symbol for symbol in _P_BLOCK_METAL if symbol not in _METALLOID)),
    _METALLOID,
    ("O", "S", "Se", "F", "Cl", "Br", "I", "At"),
    ("H", "C", "N", "P"),
)
"""Each element in one role: electropositive metals, other metals, metalloids (cations or anions), chalcogens and
halogens, other non-metals."""


def flags_of(symbols: tuple[str, ...]) -> NDArray[np.bool_]:
    """True for the elements with these symbols, [118]."""
    return np.isin(SYMBOLS, symbols)


def holds_any(compositions: Compositions, symbols: tuple[str, ...]) -> NDArray[np.bool_]:
    """True for compositions that hold one of the elements or several, [n]."""
    hits = flags_of(symbols)[compositions.elements.astype(np.int64) - 1]
    return np.asarray(np.bincount(compositions.rows, hits, len(compositions)) > 0)


def holds_all(compositions: Compositions, symbols: Sequence[str]) -> NDArray[np.bool_]:
    """True for compositions that hold every one of the elements, [n]."""
    held = np.ones(len(compositions), dtype=np.bool_)
    for symbol in symbols:
        held &= holds_any(compositions, (symbol,))
    return held


def stoichiometry(compositions: Compositions) -> NDArray[np.float64]:
    """Share of the atoms in each chemical role, [n, 5]; equal for compounds that differ in elements of one role.

    The roles are electropositive metals (s and f block, scandium, yttrium), other metals, metalloids, chalcogens and
    halogens, and hydrogen, carbon, nitrogen and phosphorus. So a solid solution or a small dopant moves it little or
    not at all: Bi2Te2.7Se0.3 has 40, 54 and 6 % of other metals, metalloids and chalcogens.
    """
    columns = compositions.elements.astype(np.int64) - 1
    shares = [
        np.bincount(compositions.rows, compositions.fractions * flags_of(role)[columns], len(compositions))
        for role in _ROLES
    ]
    return np.stack(shares, axis=1)
