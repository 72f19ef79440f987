"""Groups of atoms that chemists abbreviate: ``Cu(OAc)2``, ``Si(OEt)4``, ``Zn4O(BDC)3``, ``MA0.5FA0.5PbI3``.

What can be nothing else is written out; ``Ac`` and ``Pr`` where a group is likelier than the element are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from matscout.data.formula_findings import FormulaError, Interpretation

_GROUPS = {
    "OAc": ("acetate", "C2H3O2"),
    "OMe": ("methoxide", "CH3O"),
    "OEt": ("ethoxide", "C2H5O"),
    **dict.fromkeys(("OiPr", "OnPr", "OPri", "OPrn", "O-iPr", "O-nPr"), ("propoxide", "C3H7O")),
    **dict.fromkeys(
        ("OBu", "OtBu", "OnBu", "OiBu", "OsBu", "OBut", "OBun", "OBui", "O-tBu", "O-nBu"), ("butoxide", "C4H9O")
    ),
    "OPh": ("phenoxide", "C6H5O"),
    "OTf": ("triflate", "CF3SO3"),
    "TfO": ("triflate", "CF3SO3"),
    "OTs": ("tosylate", "C7H7SO3"),
    "TsO": ("tosylate", "C7H7SO3"),
    "Et": ("ethyl", "C2H5"),
    **dict.fromkeys(("iPr", "nPr"), ("propyl", "C3H7")),
    **dict.fromkeys(("Bu", "tBu", "nBu", "iBu", "sBu"), ("butyl", "C4H9")),
    "Ph": ("phenyl", "C6H5"),
    "Cp*": ("pentamethylcyclopentadienyl", "C10H15"),
    "Cp": ("cyclopentadienyl", "C5H5"),
    "Pc": ("phthalocyanine", "C32H16N8"),
}
"""Groups that a symbol of an element cannot be: name and atoms, by how they are written."""

_BRACKETED = {
    "OPr": ("propoxide", "C3H7O"),
    "Me": ("methyl", "CH3"),
    **dict.fromkeys(("acac", "Acac", "AcAc", "ACAC"), ("acetylacetonate", "C5H7O2")),
    **dict.fromkeys(("bpy", "bipy"), ("bipyridine", "C10H8N2")),
    "phen": ("phenanthroline", "C12H8N2"),
    "en": ("ethylenediamine", "C2H8N2"),
    "py": ("pyridine", "C5H5N"),
    **dict.fromkeys(("DMF", "dmf"), ("dimethylformamide", "C3H7NO")),
    **dict.fromkeys(("THF", "thf"), ("tetrahydrofuran", "C4H8O")),
    **dict.fromkeys(("DMSO", "dmso"), ("dimethyl sulfoxide", "C2H6OS")),
    **dict.fromkeys(("BDC", "bdc"), ("terephthalate", "C8H4O4")),
    **dict.fromkeys(("BTC", "btc"), ("trimesate", "C9H3O6")),
}
"""Groups that are certain only where they fill a bracket: ``Co(en)3``, ``Cu3(BTC)2``."""

_CATIONS = {
    "MA": ("methylammonium", "CH6N"),
    "FA": ("formamidinium", "CH5N2"),
    "PEA": ("phenethylammonium", "C8H12N"),
}
"""Cations of halide perovskites."""

_ALL = {**_GROUPS, **_BRACKETED, **_CATIONS}

_PARTLY = {"MeOH": "CH4O", "MeCN": "C2H3N", "AcOH": "C2H4O2", "HOAc": "C2H4O2"}
"""Molecules whose abbreviation begins or ends with a group that is not certain elsewhere."""


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_INSIDE = re.compile(rf"(?P<open>[(\[])(?P<group>{_either((*_GROUPS, *_BRACKETED))})(?P<close>[)\]])")
_CAPITAL = [group for group in _GROUPS if group[0].isupper()]
_BARE = re.compile(rf"(?<![A-Za-z-])(?P<small>[itns](?:Pr|Bu))(?![a-z])|(?P<group>{_either(_CAPITAL)})(?![a-z])")
_METHYL = re.compile(r"(?<=[a-zA-Z\d])Me(?=\d*(?:$|[)\]·]))")
_OPEN_METHYL = re.compile(r"Me(?![a-z])")
_CATION = re.compile(rf"\((?P<inside>{_either(_CATIONS)})\)|(?P<bare>{_either(_CATIONS)})(?![a-z])")
_PEROVSKITE_METAL = re.compile("Pb|Sn|Ge|Bi|Ag")
_HALIDE = re.compile("Br|Cl|I(?![a-z])")
_ACETATE = re.compile(
    r"\(Ac\)|^(?:H|Li|Na|K|Rb|Cs|Ag|Tl|NH4)Ac(?=$|·)|^(?:Mg|Ca|Ba|Sr|Zn|Cd|Cu|Pb|Mn|Co|Ni|Hg|Pd)Ac2(?=$|·)"
)
_PROPOXIDE = re.compile(r"^(?:Li|Na|K|Rb|Cs|Tl)OPr$")
_FORMULA = re.compile(r"[A-Za-z\d.,()\[\]·*+/ -]*")


def is_abbreviated(text: str) -> bool:
    """Whether a plain formula may hold an abbreviated group; quick."""
    return any(sign in text for sign in ("Ac", "OPr", "Ts"))


def alone(text: str) -> str | None:
    """The atoms of a group where a text is nothing but its abbreviation, else None."""
    return _ALL[text][1] if text in _ALL else None


def expand_groups(text: str, fail: Callable[[str, str], FormulaError]) -> tuple[str, list[Interpretation]]:
    """The formula with its abbreviated groups written out, and what was taken for which.

    Parameters
    ----------
    text
        The formula in plain characters.
    fail
        Makes the error to raise from a reason and an advice.

    Raises
    ------
    FormulaError
        If ``Ac``, ``Pr`` or ``Me`` may be a group or an element.
    """
    if not _FORMULA.fullmatch(text):
        return text, []
    if text in _PARTLY:
        return _PARTLY[text], [Interpretation(f"{text} = {_PARTLY[text]}")]
    _refuse_open(text, fail)
    interpretations: list[Interpretation] = []

    def written_out(name: str, short: str, atoms: str) -> str:
        interpretations.append(Interpretation(f"{name} group {short} = {atoms}"))
        return atoms

    def inside(match: re.Match[str]) -> str:
        return match["open"] + written_out(*_named(match["group"])) + match["close"]

    def bare(match: re.Match[str]) -> str:
        return f"({written_out(*_named(match['small'] or match['group']))})"

    text = _INSIDE.sub(inside, text)
    text = _BARE.sub(bare, text)
    text = _METHYL.sub(lambda _: f"({written_out('methyl', 'Me', 'CH3')})", text)
    if _PEROVSKITE_METAL.search(text) and _HALIDE.search(text):
        text = _CATION.sub(lambda match: f"({written_out(*_named(match['inside'] or match['bare']))})", text)
    if _OPEN_METHYL.search(text):
        raise fail("Me may be a methyl group or any metal", "write CH3 for methyl, or the symbol of the metal")
    return text, interpretations


def _named(short: str) -> tuple[str, str, str]:
    name, atoms = _ALL[short]
    return name, short, atoms


def _refuse_open(text: str, fail: Callable[[str, str], FormulaError]) -> None:
    if _ACETATE.search(text):
        raise fail("Ac may be an acetate group or actinium", "write C2H3O2 for acetate")
    if _PROPOXIDE.fullmatch(text):
        raise fail("OPr may be a propoxide group", "write C3H7O for propoxide")
