"""Names that look like formulas: abbreviations, trade names, phase names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from matscout.data.formula_charges import Balance, balance
from matscout.data.formula_findings import FormulaError, Interpretation

_MEANINGS = {
    "YBa2Cu3O7": "YBCO ReBCO REBCO GdBCO",
    "Bi2Sr2CaCu2O8": "BSCCO BiSCCO",
    "K0.5Na0.5NbO3": "KNN NKN KNNT",
    "BiFeO3": "BFO",
    "BaTiO3": "BTO",
    "SrTiO3": "STO",
    "PbTiO3": "PTO",
    "PbZr0.52Ti0.48O3": "PZT PLZT",
    "PbMg0.33Nb0.67O3": "PMN PMN-PT PZN PZN-PT PNN PIN",
    "Bi0.5Na0.5TiO3": "BNT NBT BNKT BKT KBT BNBT",
    "Ba0.6Sr0.4TiO3": "BST",
    "Ba0.85Ca0.15Zr0.1Ti0.9O3": "BCZT BZT BCT BCTZ",
    "SrBi2Ta2O9": "SBT SBN BIT BTF",
    "KTa0.5Nb0.5O3": "KTN KTO KNO LNO LTO",
    "In1.8Sn0.2O3": "ITO IZO IGZO IWO",
    "SnO1.9F0.1": "FTO ATO",
    "Zn0.98Al0.02O": "AZO GZO",
    "Ba0.5Sr0.5Co0.8Fe0.2O3": "BSCF LSCF LSC LSF",
    "La0.7Sr0.3MnO3": "LSMO LCMO LSM PCMO LMO",
    "La0.8Sr0.2Ga0.8Mg0.2O3": "LSGM LSGMC",
    "Zr0.92Y0.08O1.96": "YSZ 8YSZ 3YSZ PSZ TZP SSZ ScSZ",
    "Ce0.9Gd0.1O1.95": "GDC SDC CGO YDC",
    "BaZr0.8Y0.2O2.9": "BZY BCZY BCY BZCY",
    "Y3Al5O12": "YAG LuAG YIG GGG GAGG LSO LYSO",
    "CoFe2O4": "CFO NFO NCO NZFO MZF",
    "Bi4Ge3O12": "BGO BSO",
    "LiFePO4": "LFP LMFP LVP NVP",
    "LiCoO2": "LCO LNMO",
    "LiNi0.8Mn0.1Co0.1O2": "NMC NCM NCA NMC811 NMC622 NMC532 NMC111 NCM811 NCM622 NCM523 NCM111",
    "Li7La3Zr2O12": "LLZO LLZTO LATP LAGP LLTO LISICON LiSICON",
    "Na3Zr2Si2PO12": "NASICON NaSICON",
    "Li2.9PO3.3N0.5": "LiPON LIPON",
    "Si5AlON7": "SiAlON SIALON",
    "CuIn0.7Ga0.3Se2": "CIGS CIGSe CIGSSe CIS CISe CGS",
    "Cu2ZnSnS4": "CZTS CZTSe CZTSSe",
    "CH3NH3PbI3": "MAPI MAPbI3 MAPbI FAPI FAPbI3 FAPbI",
    "Hg0.7Cd0.3Te": "MCT HCT CZT",
    "Ca10(PO4)6(OH)2": "HAP TCP",
    "Ge2Sb2Te5": "GST",
    "LiC2F6NO4S2": "LiTFSI LiFSI",
    "C2H2F2, the repeating unit": "P3HT PVDF PVC PTFE PVA PVP PET PEO PEG PMMA PCBM PDMS PVB PBI",
    "Nd2Fe14B": "NdFeB",
    "C": "CNT MWCNT SWCNT rGO RGO GO HOPG",
}  # fmt: skip
_EXAMPLES = {name: formula for formula, names in _MEANINGS.items() for name in names.split()}
"""Abbreviations, and a formula of the kind that each of them stands for."""

_MOLECULES = frozenset((
    "HCN", "HNC", "KCN", "HOF", "NOF", "HNO", "HCO", "CNO", "OCN", "SCN", "CNS", "NCS", "KOH", "HOH", "HOI", "HOCN",
    "HNCO", "HCNO", "HNCS", "HSCN", "KCNO", "KOCN", "KNCO", "KSCN", "KCNS", "COS", "OCS", "FCN", "ICN",
    "NSF", "SNF", "FNO", "KHS", "KSH", "NOH", "CIN", "BOF", "FCO",
))  # fmt: skip
"""Molecules, ions and salts of three and more one-letter symbols without a number."""

_TRADE_NAME = re.compile(
    r"(?:[A-Z]{2,4}[ -]?\d{3,4}[A-Z]{0,2}|In[ -]?(?:600|601|617|625|690|713C?|718|738|740H?|792|800|825)"
    r"|Al[ -]?[1-8]\d{3}|Ti[ -]?64|(?:AA|UNS|AISI|SUS|SS|EN|DIN|ASTM)[ -]?[A-Z]?\d{2,6}[A-Z]{0,2}"
    r"|P25|[PT](?:22|91|92)|(?:Y|Nd|Gd|Bi|Tl|Hg)[ -]?(?:123|124|247|1201|1212|1223|2201|2212|2223))"
)
_FORMS = "wafer|film|foil|bulk|crystal|nano|single|poly|plate|rod|wire|target|metal|powder|doped"
_WORD = re.compile(
    r"(?:As|In|At|Co|No|Re|Be|He)-[a-z]{2}[a-z -]*|(?<![A-Za-z])[A-Za-z]+-(?:based|like|free|type)|BCC|FCC|HCP|BCT|SS"
    rf"|[A-Z][a-z]?-(?!{_FORMS})[a-z]{{4,}}"
)
_NUMBERED = re.compile(r"\d{0,2}([A-Za-z]{3,})[ -]?\d{2,4}")
_KROEGER = re.compile(r"V_\{?(?:[A-Z][a-z]?)\}?[^A-Za-z]*")
_ORGANIC = frozenset("CHNOS")
_LETTERS = re.compile(r"(?:[A-Z][a-z]?){3,}")
_SINGLE_LETTERS = re.compile(r"[A-Z](?![a-z])")
_WRITE = "write the formula with its amounts"


def refuse_name(text: str, fail: Callable[[str, str], FormulaError]) -> None:
    """Refuse what is an abbreviation, a trade name, or the name of a vacancy.

    Parameters
    ----------
    text
        The text in plain characters.
    fail
        Makes the error to raise from a reason and an advice.

    Raises
    ------
    FormulaError
        If it is.
    """
    plain = text.strip()
    numbered = _NUMBERED.fullmatch(plain)
    example = _EXAMPLES.get(plain) or (numbered and _EXAMPLES.get(numbered[1]))
    if example:
        raise fail(f"{plain} is an abbreviation", f"{_WRITE}, e.g. {example}")
    if _WORD.fullmatch(plain):
        raise fail(f"{plain} is a word, not a formula", _WRITE)
    if _TRADE_NAME.fullmatch(plain):
        raise fail(f"{plain} looks like a trade name", _WRITE)
    if _KROEGER.fullmatch(plain):
        raise fail(f"{plain} is a vacancy, not a compound", "write the compound with less of the element, e.g. TiO1.98")


def check_abbreviation(text: str, atoms: Mapping[str, float]) -> list[Interpretation]:
    """A remark on three and more one-letter symbols without a number that make no compound.

    Parameters
    ----------
    text
        The formula.
    atoms
        Element symbol -> amount, as read.

    Raises
    ------
    FormulaError
        If it can hardly be a formula.
    """
    if not is_short(text) or _as_hydrogen(text) in _MOLECULES:
        return []
    balanced = balance(atoms) == Balance.WHOLE
    oxide = text.endswith("O") and len(text) > 3 and not _ORGANIC.issuperset(atoms)
    if text.isupper() and (oxide or (not balanced and re.search("[DT]", text))):
        raise FormulaError(text, f"{text} may be an abbreviation", _WRITE)
    if balanced or not text.isupper():
        return []
    return [Interpretation("may be an abbreviation", f"{text} may be an abbreviation: read letter by letter")]


def may_be_name(text: str) -> bool:
    """Whether a plain formula can be an abbreviation or a trade name; quick."""
    if text.isalpha():
        return text in _EXAMPLES or is_short(text) or _WORD.fullmatch(text) is not None
    numbered = _NUMBERED.fullmatch(text)
    return (
        text in _EXAMPLES
        or (numbered is not None and numbered[1] in _EXAMPLES)
        or _TRADE_NAME.fullmatch(text) is not None
    )


def is_short(text: str) -> bool:
    """Whether a text is nothing but symbols, three or more of one letter."""
    return bool(_LETTERS.fullmatch(text)) and len(_SINGLE_LETTERS.findall(text)) >= 3


def _as_hydrogen(text: str) -> str:
    return text.replace("D", "H").replace("T", "H")
