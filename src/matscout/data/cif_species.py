"""What atoms the sites of a CIF hold: element symbols, isotopes, vacancies, mixed sites; anything else is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matscout.data.elements import ATOMIC_NUMBERS, is_element, is_mass_number
from matscout.data.structure_readings import StructureError

_VACANCIES = frozenset({"va", "vac", "vacancy", "vacant", "□", "void"})
_OXYGEN_OF_GROUPS = {"ow": "O", "hw": "H", "wat": "O", "oh": "O", "h2o": "O", "oh2": "O", "o-h": "O"}
_WITHOUT_HYDROGEN = frozenset({"wat", "oh", "h2o", "oh2", "o-h"})
_NO_ATOMS = frozenset({"dum", "dummy", "cp", "cen", "cent", "ctr", "cg", "x", "xx", "q", "m", "a", "ln", "re", "r"})
"""Names of points, groups and sums of elements; ``re`` only where it is written RE."""

_VALENCE_DENSITIES = {"cval": "C", "siva": "Si"}
"""Scattering factors that the International Tables list besides those of atoms."""

_HEAVIEST = 100
"""Atomic number of the heaviest element that a solid was made of."""

_SYMBOL = re.compile(r"([A-Za-z]{1,8}|□)(.*)", re.DOTALL)
_CHARGES = "0123456789+-"
_ISOTOPE = re.compile(r"\(?(\d{1,3})\)?-?([A-Z][a-z]?)(?![A-Za-z])")
_CHARGE = re.compile(r"[\d.+\-()]*")
_SHARE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(?:\(\d+\))?[ ]?([A-Za-z]{1,3}|□)(?:[\d.+\-]|</?sup>)*")


@dataclass(frozen=True)
class Occupants:
    """Elements and isotopes of a site with their shares; none is a vacancy. ``remark`` may be empty."""

    shares: Mapping[str, float]
    remark: str = ""


def occupants(type_symbol: str | None, label: str, declared: Iterable[str]) -> Occupants:
    """What a site holds.

    Parameters
    ----------
    type_symbol
        As it stands in ``_atom_site_type_symbol``; None where there is none.
    label
        Of the site; it begins with the element where there is no type symbol.
    declared
        Elements of the formula of the file, which decide where a label can be read in two ways.

    Raises
    ------
    StructureError
        If it  is not an element.
    """
    if type_symbol is None:
        return _of_label(label.strip(), frozenset(declared))
    text = type_symbol.strip()
    if isotope := _isotope(text):
        return isotope
    if "+" in text[:-1] and any(character in text for character in " \t") and _SHARE.match(text):
        return _mixed(text)
    match = _SYMBOL.fullmatch(text)
    if match is None:
        raise _no_element(text)
    letters, rest = match.groups()
    if (special := _special(letters + rest, letters, declared)) is not None:
        return special
    symbol = letters[:1].upper() + letters[1:].lower()
    if letters.lower() in _VALENCE_DENSITIES:
        return Occupants({_VALENCE_DENSITIES[letters.lower()]: 1.0})
    if is_element(symbol) and _CHARGE.fullmatch(rest) and not _is_group(letters, rest):
        return Occupants({symbol: 1.0})
    raise _no_element(text)


def _is_group(letters: str, rest: str) -> bool:
    """Whether capitals may mean two atoms (``NO3``, ``CN``) rather than one whose symbol is written in capitals."""
    if len(letters) != 2 or not letters.isupper() or not all(map(is_element, letters)):
        return False
    return rest.isdecimal() or ATOMIC_NUMBERS.get(letters.title(), 0) > _HEAVIEST


def _special(text: str, letters: str, declared: Iterable[str]) -> Occupants | None:
    lower = text.lower().rstrip(_CHARGES)
    if letters.lower() in _VACANCIES:
        return Occupants({}, "vacancies hold no atoms")
    for name in (text.lower(), lower):
        if name in _OXYGEN_OF_GROUPS:
            return Occupants({_OXYGEN_OF_GROUPS[name]: 1.0}, _group_remark(text))
    if letters.lower() in _NO_ATOMS and (letters == "RE" or letters.lower() != "re") and "Re" not in declared:
        raise _no_element(text)
    return None


def _group_remark(text: str) -> str:
    name = text.lower() if text.lower() in _OXYGEN_OF_GROUPS else text.lower().rstrip(_CHARGES)
    remark = f"{text} counts as {_OXYGEN_OF_GROUPS[name]}"
    return remark + " without its hydrogen" * (name in _WITHOUT_HYDROGEN)


def _isotope(text: str) -> Occupants | None:
    """The element of an isotope, ``6Li``, ``(2)H`` or ``13-C1``; None where the number is no mass of the element."""
    match = _ISOTOPE.match(text)
    symbol = match[2] if match else ""
    if match is None or not is_mass_number(int(match[1]), symbol):
        return None
    return Occupants({symbol: 1.0}, f"{match[0]} counts as {symbol}")


def _mixed(text: str) -> Occupants:
    """Shares written like ``0.6Cu + 0.4Al``, as in the Pauling File."""
    shares: dict[str, float] = {}
    for part in text.split(" + "):
        match = _SHARE.fullmatch(part.strip())
        if match is None:
            raise _no_element(text)
        symbol = match[2].title()
        if match[2].lower() in _VACANCIES:
            continue
        if not is_element(symbol):
            raise _no_element(match[2])
        shares[symbol] = shares.get(symbol, 0.0) + float(match[1])
    return Occupants(shares)


def _of_label(label: str, declared: frozenset[str]) -> Occupants:
    """The element that a label begins with: two letters where they are one, unless the formula says otherwise."""
    if isotope := _isotope(label):
        return isotope
    match = _SYMBOL.match(label)
    if match is None:
        raise _no_element(label)
    letters = match[1]
    if letters.lower() in _VACANCIES and "V" not in declared:
        return Occupants({}, "vacancies hold no atoms")
    if letters.lower() in _OXYGEN_OF_GROUPS and letters[:2].title() not in declared:
        return Occupants({_OXYGEN_OF_GROUPS[letters.lower()]: 1.0}, _group_remark(letters))
    readings = [symbol for symbol in (letters[:2].title(), letters[:1].upper()) if is_element(symbol)]
    readings = list(dict.fromkeys(readings))
    confirmed = [symbol for symbol in readings if symbol in declared]
    if not confirmed and letters.lower() in _NO_ATOMS and not is_element(letters):
        raise _no_element(label)
    if not readings or (declared and not confirmed and len(letters) > 2):
        raise _no_element(label)
    symbol = (confirmed or readings)[0]
    return Occupants({symbol: 1.0}, f"{letters} is read as {symbol}" * (letters != symbol and not confirmed))


def _no_element(text: str) -> StructureError:
    return StructureError(f"{text[:40]} is not an element", "name the atoms by element symbols")
