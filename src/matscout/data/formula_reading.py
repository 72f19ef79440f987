"""One formula, read with the grammar: all readings of its signs, checked by charges, and decided or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from matscout.data.formula_alloys import AlloyContext
from matscout.data.formula_findings import FormulaError, Interpretation
from matscout.data.formula_grammar import ADDUCT
from matscout.data.formula_groups import check_groups
from matscout.data.formula_mixtures import refuse_open_mixture
from matscout.data.formula_names import check_abbreviation, refuse_hundredths
from matscout.data.formula_notation import tidy
from matscout.data.formula_points import (
    JOINING_POINT,
    PointReading,
    Usage,
    choose_reading,
    interpretations_of,
    point_readings,
)
from matscout.data.formula_spelling import recased
from matscout.errors import NOTHING_TO_DO, RowProblem


@dataclass(frozen=True)
class Surroundings:
    """What is known from the other formulas of a list, and from the user.

    Parameters
    ----------
    shouting
        Whether all are written in capitals.
    alloys
        What the numbers in the names of alloys are.
    usage
        What points and raised dots stand for.
    """

    shouting: bool = False
    alloys: AlloyContext = field(default_factory=AlloyContext)
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class FormulaReading:
    """One formula read by the grammar.

    Parameters
    ----------
    atoms
        Element symbol -> amount; empty if it could not be read.
    interpretations
        How it was understood where it is not plain.
    error
        Why it could not be read, or None.
    meanings
        What its points and raised dots were taken for, where they could be both, as (sign, is joint).
    undecided
        Whether the other formulas may decide.
    """

    atoms: Mapping[str, float]
    interpretations: tuple[Interpretation, ...] = ()
    error: FormulaError | None = None
    meanings: tuple[tuple[str, bool], ...] = ()
    undecided: bool = False

    @property
    def rule(self) -> str:
        """How it was understood, in a few words; "" if it was read letter by letter."""
        rules = dict.fromkeys(interpretation.rule for interpretation in self.interpretations)
        if JOINING_POINT in rules:
            rules.pop(ADDUCT, None)
        return "; ".join(rules)

    def problem(self, row: int, text: str) -> RowProblem | None:
        """Why the formula cannot be read, or what the user should look at; None if nothing."""
        if self.error is not None:
            return RowProblem(row, text, self.error.reason, self.error.advice)
        remarks = dict.fromkeys(
            interpretation.remark for interpretation in self.interpretations if interpretation.remark
        )
        if remarks:
            return RowProblem(row, text, "; ".join(remarks), NOTHING_TO_DO, dropped=False)
        return None


def read_formula(text: str, surroundings: Surroundings) -> FormulaReading:
    """Read one formula; what is wrong with it stands in the result."""
    tidied = text.strip()
    try:
        draft = tidy(text, surroundings.alloys)
        tidied = draft.text
        refuse_open_mixture(tidied)
        readings = point_readings(tidied, draft.variables)
        chosen = choose_reading(readings, surroundings.usage)
        if chosen is None:
            return FormulaReading({}, error=_undecided(text, readings), undecided=True)
        tidied = chosen.text
        interpretations = [*draft.interpretations, *interpretations_of(draft.text, chosen)]
        interpretations += _checked(chosen, shouting=surroundings.shouting)
    except FormulaError as error:
        shown = tidied.translate(_SHOWN)
        where = "" if shown == text.strip() else f" (read as {shown[:80]!r})"
        return FormulaReading({}, error=FormulaError(text, error.reason + where, error.advice))
    return FormulaReading(chosen.atoms, tuple(dict.fromkeys(interpretations)), meanings=chosen.meanings)


_SHOWN = str.maketrans({"\ue000": "·", "\ue001": "."})


def _checked(chosen: PointReading, *, shouting: bool) -> list[Interpretation]:
    """How the grammar understood the chosen reading, and what speaks against it."""
    refuse_hundredths(chosen.text, chosen.atoms)
    interpretations = [*chosen.reader.interpretations, *check_groups(chosen.text, chosen.atoms, chosen.reader.groups)]
    other = recased(chosen.text) if shouting else None
    if other:
        return [
            *interpretations,
            Interpretation("capitals", f"all letters are capitals: read letter by letter, not as {other}"),
        ]
    return interpretations if shouting else [*interpretations, *check_abbreviation(chosen.text, chosen.atoms)]


def _undecided(text: str, readings: list[PointReading]) -> FormulaError:
    first, second = readings[0].text, readings[1].text
    decimal, adduct = (first, second) if first.count("·") < second.count("·") else (second, first)
    return FormulaError(
        text,
        f"its points are decimal points ({decimal}) or join the parts of an adduct ({adduct})",
        "write an adduct as 'Na2O · 2SiO2', with spaces, and an amount below 1 as 0.5",
    )
