"""Names that look like formulas: abbreviations, trade names, phase names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from matscout.data.formula_charges import NONMETALS, Balance, balance
from matscout.data.formula_findings import FormulaError, Interpretation
from matscout.data.formula_ligands import alone

_MEANINGS = {
    "YBa2Cu3O7": "YBCO",
    "GdBa2Cu3O7": "GdBCO",
    "Bi2Sr2CaCu2O8": "BSCCO BiSCCO",
    "K0.5Na0.5NbO3": "KNN NKN",
    "BiFeO3": "BFO",
    "BaTiO3": "BTO",
    "SrTiO3": "STO",
    "PbTiO3": "PTO",
    "LaAlO3": "LAO",
    "PbZr0.52Ti0.48O3": "PZT",
    "Pb0.92La0.08Zr0.65Ti0.35O3": "PLZT",
    "PbMg0.333Nb0.667O3": "PMN",
    "PbZn0.333Nb0.667O3": "PZN",
    "Bi0.5Na0.5TiO3": "BNT NBT",
    "Bi0.5K0.5TiO3": "BKT KBT",
    "Ba0.6Sr0.4TiO3": "BST",
    "Ba0.85Ca0.15Zr0.1Ti0.9O3": "BCZT BCTZ",
    "BaZr0.2Ti0.8O3": "BZT",
    "SrBi2Ta2O9": "SBT",
    "Bi4Ti3O12": "BIT",
    "KTa0.5Nb0.5O3": "KTN",
    "KTaO3": "KTO",
    "LaNiO3": "LNO",
    "Li4Ti5O12": "LTO",
    "In1.8Sn0.2O3": "ITO",
    "InGaZnO4": "IGZO",
    "SnO1.9F0.1": "FTO",
    "Zn0.98Al0.02O": "AZO",
    "Zn0.98Ga0.02O": "GZO",
    "Ba0.5Sr0.5Co0.8Fe0.2O3": "BSCF",
    "La0.6Sr0.4Co0.2Fe0.8O3": "LSCF",
    "La0.6Sr0.4CoO3": "LSC",
    "La0.7Sr0.3MnO3": "LSMO LSM",
    "La0.7Ca0.3MnO3": "LCMO",
    "Pr0.7Ca0.3MnO3": "PCMO",
    "LaMnO3": "LMO",
    "La0.8Sr0.2Ga0.8Mg0.2O2.8": "LSGM",
    "Zr0.852Y0.148O1.926": "YSZ 8YSZ",
    "Zr0.942Y0.058O1.971": "3YSZ TZP",
    "Ce0.9Gd0.1O1.95": "GDC CGO",
    "Ce0.8Sm0.2O1.9": "SDC",
    "BaZr0.8Y0.2O2.9": "BZY",
    "Y3Al5O12": "YAG",
    "Lu3Al5O12": "LuAG",
    "Y3Fe5O12": "YIG",
    "Gd3Ga5O12": "GGG",
    "CoFe2O4": "CFO",
    "NiFe2O4": "NFO",
    "Bi4Ge3O12": "BGO",
    "LiFePO4": "LFP",
    "LiCoO2": "LCO",
    "LiNi0.5Mn1.5O4": "LNMO",
    "Na3V2P3O12": "NVP",
    "LiNi0.8Mn0.1Co0.1O2": "NMC811 NCM811",
    "LiNi0.6Mn0.2Co0.2O2": "NMC622 NCM622",
    "LiNi0.5Mn0.3Co0.2O2": "NMC532 NCM523",
    "LiNi0.333Mn0.333Co0.333O2": "NMC NCM NMC111 NCM111",
    "LiNi0.8Co0.15Al0.05O2": "NCA",
    "Li7La3Zr2O12": "LLZO",
    "Li6.5La3Zr1.5Ta0.5O12": "LLZTO",
    "Li1.3Al0.3Ti1.7P3O12": "LATP",
    "Li1.5Al0.5Ge1.5P3O12": "LAGP",
    "Li0.33La0.557TiO3": "LLTO",
    "Na3Zr2Si2PO12": "NASICON NaSICON",
    "Li2.9PO3.3N0.5": "LiPON LIPON",
    "Si5AlON7": "SiAlON SIALON",
    "CuIn0.7Ga0.3Se2": "CIGS CIGSe",
    "CuInSe2": "CIS CISe",
    "Cu2ZnSnS4": "CZTS",
    "Cu2ZnSnSe4": "CZTSe",
    "CH6NPbI3": "MAPI",
    "CH5N2PbI3": "FAPI",
    "Hg0.7Cd0.3Te": "MCT",
    "Ca5P3O13H": "HAP",
    "Ca3P2O8": "TCP",
    "Ge2Sb2Te5": "GST",
    "LiC2F6NO4S2": "LiTFSI",
    "LiF2NO4S2": "LiFSI",
    "C2H3Cl": "PVC",
    "C2H2F2": "PVDF",
    "C2F4": "PTFE",
    "C2H4O": "PEO PEG PVA",
    "C5H8O2": "PMMA",
    "C2H6SiO": "PDMS",
    "C3H4O2": "PLA",
    "BN": "hBN cBN",
    "Nd2Fe14B": "NdFeB",
    "C": "CNT MWCNT SWCNT rGO RGO HOPG",
    "": "ReBCO REBCO KNNT PMN-PT PZN-PT PNN PIN BNKT BNBT BCT SBN BTF KNO IZO IWO ATO LSF LSGMC PSZ SSZ ScSZ YDC BCZY "
    "BCY BZCY GAGG LSO LYSO NCO NZFO MZF BSO LMFP LVP LISICON LiSICON CIGSSe CGS CZTSSe HCT CZT P3HT PVP PET PCBM "
    "PVB PBI GO PEDOT PSS PEI PAN PANI PTAA SPIRO",
}  # fmt: skip
_EXAMPLES = {name: formula for formula, names in _MEANINGS.items() for name in names.split()}
"""Abbreviations, and the formula that each of them stands for, or an example of it; "" where it stands for many."""

_IN_MIXTURES = {
    "BT": "BaTiO3", "ST": "SrTiO3", "CT": "CaTiO3", "PT": "PbTiO3", "PZ": "PbZrO3", "BF": "BiFeO3", "BA": "", "BZ": "",
    "NN": "NaNbO3", "AN": "", "BS": "", "BMT": "", "BMZ": "", "BZT": "", "BNZ": "", "BLF": "",
}  # fmt: skip
"""Shorter ones that stand only for parts of mixtures."""

_SHARE_SIGNS = "0123456789.,() *"

_MOLECULES = frozenset((
    "HCN", "HNC", "KCN", "HOF", "NOF", "HNO", "HCO", "CNO", "OCN", "SCN", "CNS", "NCS", "KOH", "HOH", "HOI", "HOCN",
    "HNCO", "HCNO", "HNCS", "HSCN", "KCNO", "KOCN", "KNCO", "KSCN", "KCNS", "COS", "OCS", "FCN", "ICN",
    "NSF", "SNF", "FNO", "KHS", "KSH", "NOH", "CIN", "BOF", "FCO",
))  # fmt: skip
"""Molecules, ions and salts of three and more one-letter symbols without a number."""

_TRADE_NAME = re.compile(
    r"(?:[A-Z]{2,4}[ -]?\d{3,4}[A-Z]{0,2}|In[ -]?(?:600|601|617|625|690|713C?|718|738|740H?|792|800|825)"
    r"|Al[ -]?[1-8]\d{3}|Ti[ -]?64|(?:AA|UNS|AISI|SUS|SS|EN|DIN|ASTM)[ -]?[A-Z]?\d{2,6}[A-Z]{0,2}"
    r"|\d{3}[LHN]{1,2}|(?:A[EJMSXZ]|Z[EK]|WE|QE|EV)\d{2}[A-E]?|(?:MOF|MIL|ZIF|UiO|HKUST|SBA|MCM|ZSM|COF|IRMOF|NU|PCN)-\d{1,4}"
    r"|(?:Inconel|Incoloy|Hastelloy|Monel|Nimonic|Haynes|Stellite|Zircaloy|Invar|Kovar|Duralumin|Zamak)[ -]?[A-Z]?\d*"
    r"|P25|[PT]9[12]|(?:Y|Nd|Gd|Bi|Tl|Hg)[ -]?(?:123|124|247|1201|1212|1223|2201|2212|2223))"
)
_FORMS = "wafer|film|foil|bulk|crystal|nano|single|poly|plate|rod|wire|target|metal|powder|doped"
_WORD = re.compile(
    r"(?:As|In|At|Co|No|Re|Be|He)-[a-z]{2}[a-z -]*|(?<![A-Za-z])[A-Za-z]+-(?:based|like|free|type)|BCC|FCC|HCP|BCT|SS"
    rf"|[A-Z][a-z]?-(?!{_FORMS})[a-z]{{4,}}"
)
_NUMBERED = re.compile(r"\d{0,2}([A-Za-z]{3,})[ -]?\d{2,4}")
_HUNDREDTHS = re.compile(r"([A-Z][a-z]?)([1-9]\d)(?=([A-Z][a-z]?)([1-9]\d)(?![\d.]))")
_HEAVY_WATER = re.compile(r"[HD]2(1[678])O")
_KROEGER = re.compile(r"V_\{?(?:[A-Z][a-z]?)\}?[^A-Za-z]*")
_ORGANIC = frozenset("CHNOS")
_LETTERS = re.compile(r"(?:[A-Z][a-z]?){3,}")
_SINGLE_LETTERS = re.compile(r"[A-Z](?![a-z])")
_MOST_BESIDE = 12
"""Atoms of other elements beside two amounts in hundredths."""
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
    _refuse_abbreviation(plain, fail)
    _refuse_mixed(plain, fail)
    if _WORD.fullmatch(plain):
        raise fail(f"{plain} is a word, not a formula", _WRITE)
    if _TRADE_NAME.fullmatch(plain):
        raise fail(f"{plain} looks like a trade name", _WRITE)
    heavy = _HEAVY_WATER.fullmatch(plain)
    if heavy:
        raise fail(f"{plain} may be water of {heavy[1]}O", "write H2O, or a mark before the isotope: H2^18O")
    if _KROEGER.fullmatch(plain):
        raise fail(f"{plain} is a vacancy, not a compound", "write the compound with less of the element, e.g. TiO1.98")


def _refuse_abbreviation(plain: str, fail: Callable[[str, str], FormulaError]) -> None:
    host = plain.partition(":")[0].strip()
    numbered = _NUMBERED.fullmatch(host)
    name = next((name for name in (host, numbered[1] if numbered else "") if name in _EXAMPLES), None)
    if name is not None:
        # A number behind a name is a share, which the example does not have.
        example = _EXAMPLES[name] if name == host else ""
        raise fail(f"{host} is an abbreviation", f"{_WRITE}, e.g. {example}" if example else _WRITE)
    atoms = alone(plain)
    if atoms is not None:
        raise fail(f"{plain} is the abbreviation of a group or molecule, {atoms}", "write the formula of the compound")


def _refuse_mixed(plain: str, fail: Callable[[str, str], FormulaError]) -> None:
    """Refuse a mixture of which a part is an abbreviation: ``0.95KNN-0.05BFO``."""
    parts = re.split("[-+]", plain.partition(" (")[0])
    for part in parts if len(parts) > 1 else ():
        name = part.lstrip(_SHARE_SIGNS).removeprefix("x").strip(") ")
        example = _EXAMPLES.get(name, _IN_MIXTURES.get(name))
        if example is not None:
            raise fail(f"{name} is an abbreviation", f"{_WRITE}, e.g. {example}" if example else _WRITE)


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


def refuse_hundredths(text: str, atoms: Mapping[str, float]) -> None:
    """Refuse amounts of two neighbouring metals that add up to 100 in a compound whose other amounts are small.

    Raises
    ------
    FormulaError
        If there are such, as in ``PbZr52Ti48O3``.
    """
    for first, one, second, other in _HUNDREDTHS.findall(text):
        rest = [amount for symbol, amount in atoms.items() if symbol not in (first, second)]
        metals = NONMETALS.isdisjoint((first, second)) and not NONMETALS.isdisjoint(atoms)
        if metals and int(one) + int(other) == 100 and max(rest) <= _MOST_BESIDE:
            raise FormulaError(
                text,
                f"the amounts {one} of {first} and {other} of {second} add up to 100: decimal points may be missing",
                f"write the amounts, e.g. {first}0.{one}{second}0.{other}",
            )


def may_be_name(text: str) -> bool:
    """Whether a plain formula can be an abbreviation or a trade name; quick."""
    if text.isalpha():
        return text in _EXAMPLES or is_short(text) or _WORD.fullmatch(text) is not None
    numbered = _NUMBERED.fullmatch(text)
    return (
        text in _EXAMPLES
        or (numbered is not None and numbered[1] in _EXAMPLES)
        or _TRADE_NAME.fullmatch(text) is not None
        or _HEAVY_WATER.fullmatch(text) is not None
        or any(int(one) + int(other) == 100 for _, one, _, other in _HUNDREDTHS.findall(text))
    )


def is_short(text: str) -> bool:
    """Whether a text is nothing but symbols, three or more of one letter."""
    return bool(_LETTERS.fullmatch(text)) and len(_SINGLE_LETTERS.findall(text)) >= 3


def _as_hydrogen(text: str) -> str:
    return text.replace("D", "H").replace("T", "H")
