"""Points and raised dots between the parts of a formula: decimal signs, or joints of an adduct.

Both signs do both: ``Cu1·8S`` and ``CuSO4·5H2O``, ``Cu1.8S`` and ``Na2O.2SiO2``. All readings that the grammar allows
are kept, and judged by whether the charges of their parts add up, by whether a sign has one meaning throughout, and by
its usual meaning; what is left undecided is decided by the other formulas, or refused.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matscout.data.formula_charges import ANIONS, Balance, balance, is_molecule
from matscout.data.formula_findings import FormulaError, Interpretation
from matscout.data.formula_grammar import AMOUNT_OF_ZERO, FormulaReader

JOINT = "\ue000"
"""Stands for a sign of which the spaces tell that it joins parts."""

DECIMAL = "\ue001"
"""Stands for a decimal comma."""

JOINING_POINT = "point joins an adduct"
MAX_OPEN_SIGNS = 10
MOST_PARTS = 24
"""A part behind a point, other than water, is not there more often; so often there is WO3 in tungstophosphates."""

_POINT = f"[.·{DECIMAL}]"
_COEFFICIENT = rf"(?:\d+(?:{_POINT}\d+)?|{_POINT}\d+)(?:/\d+)?"
_PART_FOLLOWS = re.compile(rf"{_COEFFICIENT}[A-Z(\[{{]")
_LETTER_FOLLOWS = re.compile(rf"[A-Z(\[{{□]|(?:{_COEFFICIENT})?[a-z]")
_WATER_FOLLOWS = re.compile(rf"(?:{_COEFFICIENT})?(?:H2O|D2O|\((?:H2O|D2O)\))(?=$|[.·{JOINT}])")
_ZERO_BEFORE = re.compile(rf"(?:^|[^\d.·{DECIMAL}])0$")
_ZERO_AFTER = re.compile(rf"0(?!{_POINT})")
_MOLECULE = re.compile(r"(?:\d+(?:\.\d+)?(?:/\d+)?)?(?:(?:H|N|O|F|Cl|Br|I)2|O3|P4|S8|Se8|C60|C70)")
_SMALL_MOLECULE = re.compile(r"(?:\d+(?:\.\d+)?(?:/\d+)?)?\(?(?:H2O|D2O|NH3|ND3|CO|NO|CH3OH|C2H5OH|HF|HCl)\)?")
_ENDS_LIKE_A_PART = re.compile(rf"(?:{'|'.join(sorted(ANIONS, key=len, reverse=True))}|[)\]}}])[\d.]*$")


@dataclass(frozen=True)
class PointReading:
    """One way to read the signs of a formula.

    Parameters
    ----------
    reader
        Has read the formula with ``·`` for each joint and ``.`` for each decimal point.
    atoms
        Element symbol -> amount.
    balanced
        How well the charges of its parts add up: the worst of them.
    meanings
        What each open sign is taken for, as (sign, is joint).
    n_pointless
        Joints between what are no compounds or molecules.
    n_split_water
        Points before water that are taken for decimal points.
    n_contradictions
        Signs that mean one thing in one place and another in another.
    n_broken
        Joints that follow an amount with a decimal point.
    n_unusual
        Signs with another meaning than their usual one.
    """

    reader: FormulaReader
    atoms: Mapping[str, float]
    balanced: Balance
    meanings: tuple[tuple[str, bool], ...]
    n_pointless: int
    n_split_water: int
    n_contradictions: int
    n_broken: int
    n_unusual: int

    @property
    def text(self) -> str:
        """The formula with ``·`` for each joint and ``.`` for each decimal point."""
        return self.reader.text

    @property
    def order(self) -> tuple[int, ...]:
        """The smaller, the likelier."""
        return *self.evidence, self.n_contradictions, self.n_unusual

    @property
    def evidence(self) -> tuple[int, ...]:
        """What speaks against it besides the use of the signs, the weightiest first."""
        n_zeros = sum(interpretation.rule == AMOUNT_OF_ZERO for interpretation in self.reader.interpretations)
        return self.n_pointless, n_zeros, self.n_split_water, -self.balanced, self.n_broken


@dataclass
class Usage:
    """What the open signs of the formulas of a list are taken for, where that is certain."""

    counts: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def agrees(self, reading: PointReading) -> bool:
        """Whether the signs stand for what they stand for in all other formulas."""
        return all(self.counts[sign, joins] and not self.counts[sign, not joins] for sign, joins in reading.meanings)


@dataclass(frozen=True)
class _Sign:
    """A sign between two parts or digits: where and which; ``joins`` is None where both meanings are possible."""

    position: int
    sign: str
    joins: bool | None
    water: bool = False

    @property
    def usual(self) -> bool:
        """Whether it usually joins parts."""
        return self.sign != "." or self.water


def _depths(text: str) -> list[int]:
    steps = [(letter in "([{") - (letter in ")]}") for letter in text]
    return list(itertools.accumulate(steps))


def _signs(text: str) -> list[_Sign]:
    depths = _depths(text)
    return [_sign(text, place, depths[place]) for place, letter in enumerate(text) if letter in f".·{JOINT}{DECIMAL}"]


def _sign(text: str, place: int, depth: int) -> _Sign:
    """What grammar says about the sign at a place."""
    sign, before, after = text[place], text[:place], text[place + 1 :]
    if sign in (JOINT, DECIMAL):
        return _Sign(place, sign, sign == JOINT)
    if _ZERO_BEFORE.search(before[-2:]) or not before or not (before[-1].isalnum() or before[-1] in ")]}"):
        return _Sign(place, sign, False)
    if _LETTER_FOLLOWS.match(after) and (sign == "·" or not after[:1].isdecimal()):
        return _Sign(place, JOINT, True)
    if depth or not _PART_FOLLOWS.match(after) or _ZERO_AFTER.match(after):
        return _Sign(place, sign, False)
    return _Sign(place, sign, None, water=_WATER_FOLLOWS.match(after) is not None)


def point_readings(text: str, variables: Mapping[str, float]) -> list[PointReading]:
    """All ways to read the points and raised dots of a formula that the grammar allows, the likeliest first.

    Raises
    ------
    FormulaError
        If there is none; the reason is that of the usual reading.
    """
    signs = _signs(text)
    open_signs = [sign for sign in signs if sign.joins is None]
    if len(open_signs) > MAX_OPEN_SIGNS:
        raise FormulaError(
            text, f"{len(open_signs)} of its points may be decimal signs or join parts", "write decimal points as '.'"
        )
    choices = list(itertools.product(*([sign.joins] if sign.joins is not None else [True, False] for sign in signs)))
    readings = [
        reading
        for choice in choices
        if (reading := _reading(text, signs, choice, variables, alone=len(choices) == 1)) is not None
    ]
    if readings:
        return sorted(readings, key=lambda reading: reading.order)
    usual = [sign.usual if sign.joins is None else sign.joins for sign in signs]
    FormulaReader(_written(text, signs, usual), variables).read()
    raise FormulaError(
        text, "its points are neither decimal signs nor joints between parts", "write an adduct with '·'"
    )


def _written(text: str, signs: Sequence[_Sign], joins: Sequence[bool]) -> str:
    letters = list(text)
    for sign, is_joint in zip(signs, joins, strict=True):
        letters[sign.position] = "·" if is_joint else "."
    return "".join(letters)


def _reading(
    text: str, signs: Sequence[_Sign], joins: Sequence[bool], variables: Mapping[str, float], *, alone: bool
) -> PointReading | None:
    """The reading with these meanings; None where the grammar forbids it."""
    written = _written(text, signs, joins)
    try:
        reader = FormulaReader(written, variables)
        atoms = reader.read()
    except FormulaError:
        if alone:
            raise
        return None
    pairs = list(zip(signs, joins, strict=True))
    opened = [(sign, is_joint) for sign, is_joint in pairs if sign.joins is None]
    n_pointless = sum(is_joint and not _joins_parts(written, sign, variables) for sign, is_joint in opened)
    parts = _parts(written) if opened else []
    decided = {(sign.sign, is_joint) for sign, is_joint in pairs if not sign.water}
    before = [written[: sign.position] for sign, is_joint in pairs if is_joint]
    return PointReading(
        reader,
        atoms,
        min((_balance_of_part(part, variables) for part in parts), default=Balance.NONE),
        tuple((sign.sign, is_joint) for sign, is_joint in opened),
        n_pointless,
        sum(sign.water and not is_joint for sign, is_joint in opened),
        sum((sign, True) in decided and (sign, False) in decided for sign in ".·"),
        sum(re.search(r"\.\d*$", text) is not None for text in before),
        sum(is_joint != sign.usual for sign, is_joint in opened),
    )


def _parts(written: str) -> list[str]:
    depths = _depths(written)
    cuts = [place for place, letter in enumerate(written) if letter == "·" and depths[place] == 0]
    return [written[start + 1 : end] for start, end in itertools.pairwise([-1, *cuts, len(written)])]


def _joins_parts(written: str, sign: _Sign, variables: Mapping[str, float]) -> bool:
    """Whether what stands left and right of a joint are compounds or, beside a raised dot, molecules."""
    left, right = _parts(written[: sign.position])[-1], _parts(written[sign.position + 1 :])[0]
    if _SMALL_MOLECULE.fullmatch(right) and sign.sign == "·":
        return True
    count = re.match(r"\d{1,9}", right)
    if count and sign.sign == "." and not sign.water and int(count[0]) > MOST_PARTS:
        return False
    return bool(_ENDS_LIKE_A_PART.search(left)) and all(
        _is_compound(part, variables) or (sign.sign == "·" and _MOLECULE.fullmatch(part) is not None)
        for part in (left, right)
    )


def _is_compound(part: str, variables: Mapping[str, float]) -> bool:
    atoms = FormulaReader(part, variables).read()
    return len(atoms) > 1 and not ANIONS.isdisjoint(atoms)


def _balance_of_part(part: str, variables: Mapping[str, float]) -> Balance:
    atoms = FormulaReader(part, variables).read()
    return Balance.WHOLE if is_molecule(atoms) and (len(atoms) > 1 or _MOLECULE.fullmatch(part)) else balance(atoms)


def choose_reading(readings: Sequence[PointReading], usage: Usage) -> PointReading | None:
    """The reading to take; None where two are equally likely and the other formulas do not tell.

    Parameters
    ----------
    readings
        The likeliest first.
    usage
        What the same signs stand for in the other formulas.
    """
    best = readings[0]
    rivals = [other for other in readings[1:] if _rivals(best, other)]
    if not rivals:
        return best
    agreeing = [reading for reading in (best, *rivals) if usage.agrees(reading)]
    return agreeing[0] if len(agreeing) == 1 else None


def _rivals(best: PointReading, other: PointReading) -> bool:
    """Whether only the use of the signs speaks for the first reading, and that not for a raised dot that joins."""
    if best.evidence != other.evidence or best.balanced == Balance.NONE or best.atoms == other.atoms:
        return False
    differing = {mine[0] for mine, its in zip(best.meanings, other.meanings, strict=True) if mine != its}
    return best.n_unusual > other.n_unusual or "." in differing


def interpretations_of(text: str, reading: PointReading) -> list[Interpretation]:
    """How the signs of a formula were taken, for those that may be taken otherwise."""
    interpretations = []
    signs = [(text[place], reading.text[place]) for place in range(len(text)) if text[place] in ".·"]
    if (".", "·") in signs:
        interpretations.append(Interpretation(JOINING_POINT, f"the point joins the parts of an adduct: {reading.text}"))
    if ("·", ".") in signs:
        interpretations.append(
            Interpretation("raised dot as decimal point", f"the raised dot is a decimal point: {reading.text}")
        )
    return interpretations
