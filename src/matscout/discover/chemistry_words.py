"""What a chemist says of a composition: how charges balance in it, how scarce its elements are, and its hazards."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.charges import BALANCED, MIXED_VALENCE, UNBALANCED, balance_charges, log_likelihoods
from matscout.crystal.chemistry import element_facts
from matscout.crystal.element_kinds import flags_of
from matscout.crystal.hazards import families
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.discover.element_rules import ABUNDANT

COMMON = 10.0
"""Abundance in the earth's crust, mg/kg, below which no element is called abundant (Co has 25, Ge 1.5, Ta 2)."""

LOG_USUAL = float(np.log(0.001))
"""Oxidation states whose shares multiply to less are not told: Zr2+, Ni2+ and Sn4- hardly occur together, let alone in
the metal ZrNiSn (1 in 5,000; Mg2+ and Si4- 1 in 80)."""

_SALTS = flags_of(("N", "O", "F", "S", "Cl", "Se", "Br", "Te", "I"))
"""Elements beside which charges count."""

NO_CHARGE = 1e-3
"""Elementary charges per formula unit that rounded amounts leave."""


def charge_words(compositions: Compositions) -> list[str]:
    """Whether usual charges of the ions of each composition add up to zero, and which they are, [n]."""
    balance = balance_charges(compositions)
    is_usual = log_likelihoods(compositions, balance.charges) >= LOG_USUAL
    words = []
    for row, verdict in enumerate(balance.verdicts):
        entries = slice(compositions.offsets[row], compositions.offsets[row + 1])
        if verdict in (BALANCED, MIXED_VALENCE) and is_usual[row]:
            amounts, charges = compositions.amounts[entries], balance.charges[entries]
            words.append(_balanced_words(compositions.elements[entries].tolist(), amounts, charges))
        elif verdict == UNBALANCED:
            words.append("not charge-balanced by known oxidation states")
        else:
            words.append(_uncharged_words(compositions.elements[entries]))
    return words


def _uncharged_words(elements: NDArray[np.uint8]) -> str:
    if len(elements) == 1:
        return "an element"
    if _SALTS[elements.astype(np.int64) - 1].any():
        return "charge-balanced by unusual oxidation states only"
    return "no usual oxidation states add up to zero, as in metals"


def _balanced_words(elements: Sequence[int], amounts: NDArray[np.float64], charges: NDArray[np.float64]) -> str:
    ions = sorted(zip(elements, charges.tolist(), strict=True), key=lambda ion: -ion[1])
    named = " ".join(_ion(SYMBOLS[number - 1], charge) for number, charge in ions)
    left = float((amounts * charges).sum())
    if abs(left) < NO_CHARGE:
        return f"charge-balanced ({named})"
    return f"charge-balanced except for {left:+.2g} per formula unit, as in doping ({named})"


def _ion(symbol: str, charge: float) -> str:
    size = f"{abs(charge):.3g}"
    return f"{symbol}{'' if size == '1' else size}{'+' if charge > 0 else '-'}"


def element_words(compositions: Compositions) -> list[str]:
    """Whether the elements of each composition are abundant, and its hazards, [n]."""
    abundance, hazards = element_facts().abundance, families(compositions)
    words = []
    for row in range(len(compositions)):
        own = [SYMBOLS[z - 1] for z in compositions.elements[compositions.offsets[row] : compositions.offsets[row + 1]]]
        scarce = [symbol for symbol in own if not abundance[SYMBOLS.index(symbol)] >= ABUNDANT]
        uncommon = [symbol for symbol in own if ABUNDANT <= abundance[SYMBOLS.index(symbol)] < COMMON]
        kinds = {"scarce in the crust": scarce, "uncommon in the crust": uncommon}
        supply = ", ".join(f"{words}: {', '.join(symbols)}" for words, symbols in kinds.items() if symbols)
        words.append("; ".join([supply or "abundant elements", *filter(None, [hazards[row]])]))
    return words
