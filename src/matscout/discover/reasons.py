"""Why a candidate stands where it stands, in a sentence that a chemist reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.counting import unit_behind
from matscout.crystal.charges import BALANCED, MIXED_VALENCE, UNBALANCED, balance_charges, log_likelihoods
from matscout.crystal.chemistry import element_facts
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.discover.acquisition import probability
from matscout.discover.element_rules import ABUNDANT, HAZARDS
from matscout.discover.goals import Aim
from matscout.predict.base import AnyPredictions, ClassPredictions
from matscout.predict.domain import hundredths

COMMON = 10.0
"""Abundance in the earth's crust, mg/kg, below which no element is called abundant (Co has 25, Ge 1.5, Ta 2)."""

LOG_USUAL = float(np.log(0.001))
"""Oxidation states whose shares multiply to less are not told: Zr2+, Ni2+ and Sn4- hardly occur together, let alone in
the metal ZrNiSn (1 in 5,000; Mg2+ and Si4- 1 in 80)."""

NO_CHARGE = 1e-3
"""Elementary charges per formula unit that rounded amounts leave."""

UNKNOWN = ", the model knows no more than the average of the labels"


@dataclass(frozen=True, eq=False)
class Nearest:
    """The most similar labelled composition of k candidates, [k] each: formula, similarity 0..1, values in words.

    ``copied`` is the formula of the label of which a candidate is a near-copy, "" where there is none; ``objections``
    say why a candidate is outside the domain, "" where that is not known.
    """

    formulas: NDArray[np.str_]
    similarities: NDArray[np.float64]
    measured: Sequence[str]
    copied: Sequence[str]
    objections: Sequence[str] = ()


def reasons(
    materials: Materials,
    predictions: Sequence[AnyPredictions],
    aims: Sequence[Aim],
    nearest: Nearest,
    conditions: Sequence[str],
) -> list[str]:
    """One sentence for each of k candidates: prediction, chance, conditions, nearest label, chemistry."""
    parts = [
        *(prediction_words(block, aim) for block, aim in zip(predictions, aims, strict=True)),
        conditions,
        _nearest_words(nearest, np.all([block.in_domain for block in predictions], axis=0)),
        [
            f"near-copy of label {formula} (under 0.5 % of the atoms differ)" if formula else ""
            for formula in nearest.copied
        ],
        *(() if materials.reactions is not None else _chemistry(materials.compositions)),
    ]
    return ["; ".join(part for part in row if part) for row in zip(*parts, strict=True)]


def _chemistry(compositions: Compositions) -> tuple[list[str], list[str]]:
    return _charge_words(compositions), _element_words(compositions)


def prediction_words(predictions: AnyPredictions, aim: Aim) -> list[str]:
    """E.g. ``"gap 1.34 eV (1.02 to 1.71 at 90 %), 82 % chance of 1.1 to 1.6 eV"`` for each candidate."""
    chances = [f"{chance_words(chance)} chance of {aim.words}" for chance in probability(predictions, aim)]
    if isinstance(predictions, ClassPredictions):
        return chances
    unit = unit_behind(aim.unit)
    ends = (predictions.lower, predictions.upper)
    rows = zip(predictions.predicted, *ends, chances, predictions.knows_more, strict=True)
    name = aim.goal.target
    level = chance_words(predictions.level)
    return [
        f"{name} {value:.3g}{unit} ({low:.3g} to {high:.3g} at {level}){'' if known else UNKNOWN}, {chance}"
        for value, low, high, chance, known in rows
    ]


def chance_words(chance: float) -> str:
    """``"38 %"``, ``"under 1 %"``, ``"over 99 %"``."""
    if chance < 0.01:
        return "under 1 %"
    return "over 99 %" if chance > 0.99 else f"{100 * chance:.0f} %"


def _nearest_words(nearest: Nearest, in_domain: NDArray[np.bool_]) -> list[str]:
    why = nearest.objections or [""] * len(in_domain)
    rows = zip(nearest.formulas, nearest.similarities, nearest.measured, in_domain, why, strict=True)
    return [
        f"nearest label {formula} ({hundredths(similarity)} similar, {measured})"
        + ("" if inside else f", outside the domain{f' ({objection})' if objection else ''}")
        for formula, similarity, measured, inside, objection in rows
    ]


def _charge_words(compositions: Compositions) -> list[str]:
    balance = balance_charges(compositions)
    is_usual = log_likelihoods(compositions, balance.charges) >= LOG_USUAL
    words = []
    for row, verdict in enumerate(balance.verdicts):
        entries = slice(compositions.offsets[row], compositions.offsets[row + 1])
        if verdict in (BALANCED, MIXED_VALENCE) and is_usual[row]:
            amounts, charges = compositions.amounts[entries], balance.charges[entries]
            words.append(_balanced_words(compositions.elements[entries].tolist(), amounts, charges))
        elif verdict == UNBALANCED:
            words.append("not charge-balanced by known states")
        else:
            words.append(
                "an element"
                if compositions.lengths[row] == 1
                else "no usual oxidation states add up to zero, as in metals"
            )
    return words


def _balanced_words(elements: Sequence[int], amounts: NDArray[np.float64], charges: NDArray[np.float64]) -> str:
    ions = sorted(zip(elements, charges.tolist(), strict=True), key=lambda ion: -ion[1])
    named = " ".join(_ion(SYMBOLS[number - 1], charge) for number, charge in ions)
    left = float((amounts * charges).sum())
    if abs(left) < NO_CHARGE:
        return f"charge-balanced ({named})"
    return f"charge-balanced but for {left:+.2g} per formula unit, as in doping ({named})"


def _ion(symbol: str, charge: float) -> str:
    size = f"{abs(charge):.3g}"
    return f"{symbol}{'' if size == '1' else size}{'+' if charge > 0 else '-'}"


def _element_words(compositions: Compositions) -> list[str]:
    abundance = element_facts().abundance
    words = []
    for row in range(len(compositions)):
        own = [SYMBOLS[z - 1] for z in compositions.elements[compositions.offsets[row] : compositions.offsets[row + 1]]]
        scarce = [symbol for symbol in own if not abundance[SYMBOLS.index(symbol)] >= ABUNDANT]
        hazards = [HAZARDS[symbol] for symbol in own if symbol in HAZARDS]
        uncommon = [symbol for symbol in own if ABUNDANT <= abundance[SYMBOLS.index(symbol)] < COMMON]
        told = {"scarce in the crust": scarce, "uncommon in the crust": uncommon}
        supply = ", ".join(f"{words}: {', '.join(symbols)}" for words, symbols in told.items() if symbols)
        words.append("; ".join([supply or "abundant elements", *dict.fromkeys(hazards)]))
    return words
