"""Rules for what is toxic, carcinogenic, or restricted; see the module hazards.

Toxic is here what GHS calls fatal or toxic (acute toxicity of categories 1 to 3) and what may cause cancer or harm the
unborn (category 1); "harmful" (H302, H312, H332) and what is only suspected are left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matscout.crystal.hazard_chemistry import ALKALI, EARTHS, HALOGENS, METALS, Bools, HazardChemistry
from matscout.crystal.hazard_classes import Hazard, HazardRule

Chemistry = HazardChemistry

CLP, IARC = "CLP Annex VI, ", "IARC group 1"
ROHS = "Directive 2011/65/EU (RoHS), Annex II"
CYANIDES = (*ALKALI, *EARTHS, "H", "Cu", "Ag", "Au", "Zn", "Cd", "Hg", "Ni", "Pb", "Tl")
"""Metals whose simple cyanides release hydrogen cyanide; titanium and its like form carbonitrides instead."""
VOLATILE_FLUORIDES = ("B", "P", "As", "S", "Se", "Te", "W", "Mo", "U", "Cl", "Br", "I", "Xe", "Ge", "Si", "O")


def _toxic(family: str, codes: str, source: str, applies: Callable[[Chemistry], Bools]) -> HazardRule:
    return HazardRule(Hazard("toxic", family, tuple(codes.split()), source), applies)


def _restricted(family: str, applies: Callable[[Chemistry], Bools]) -> HazardRule:
    return HazardRule(Hazard("restricted", family, ("RoHS",), ROHS), applies)


def _is_cyanide(c: Chemistry) -> Bools:
    """One carbon for each nitrogen and as many as cations ask for: no cyanamide, no carbonitride."""
    equal = np.abs(c.part("C") - c.part("N")) < 0.01
    return c.only(*CYANIDES, "C", "N") & c.any("C") & equal & (c.ratio(("C",), CYANIDES) >= 0.9)


def _is_soluble_fluoride(c: Chemistry) -> Bools:
    return c.any("F") & c.any(*ALKALI, "H") & (c.only(*ALKALI, "H", "F") | c.only("N", "H", "F"))


def _is_volatile_fluoride(c: Chemistry) -> Bools:
    """Sulfur and carbon that fluorine covers wholly (SF6) is harmless, SF4 is not."""
    inert = c.like(S=1, F=6)
    return c.any("F") & c.any(*VOLATILE_FLUORIDES) & c.only("F", *VOLATILE_FLUORIDES) & ~inert


def _is_carbonyl(c: Chemistry) -> Bools:
    equal = np.abs(c.part("C") - c.part("O")) < 0.01
    return c.only(*METALS, "C", "O") & c.any(*METALS) & equal & (c.ratio(("C",), METALS) >= 2.9)


def _is_soluble_salt(c: Chemistry, metal: str) -> Bools:
    """Halides, nitrates, sulfates, carbonates of one metal, with or without water."""
    halide = c.only(metal, *HALOGENS, "H", "O") & c.any("F", "Cl", "Br", "I")
    oxysalt = (c.only(metal, "S", "O", "H") & (c.state("S") >= 6)) | (c.only(metal, "N", "O", "H") & c.all("N", "O"))
    return c.any(metal) & (halide | oxysalt | (c.only(metal, "C", "O", "H") & c.all("C", "O")))


TOXIC_RULES = (
    _toxic(
        "beryllium compounds",
        "H350i H330 H301 H372",
        f"{CLP}004-002-00-2; {IARC}",
        lambda c: c.any("Be") & ~c.all("Al", "Si", "O"),
    ),
    _toxic(
        "chromium(VI) compounds", "H350i", f"{CLP}024-017-00-8; {IARC}", lambda c: c.any("Cr") & (c.state("Cr") >= 5.5)
    ),
    _toxic(
        "nickel compounds",
        "H350i",
        f"{CLP}028-003-00-2 (NiO) and others; {IARC}",
        lambda c: c.any("Ni") & (c.state("Ni") > 0) & c.any("O", "S", "Se", "Te", *HALOGENS),
    ),
    _toxic(
        "cobalt metal and its soluble salts",
        "H350",
        f"{CLP}027-001-00-9 (Co), 027-004-00-5 (CoCl2)",
        lambda c: c.only("Co") | _is_soluble_salt(c, "Co"),
    ),
    _toxic("vanadium pentoxide", "H301 H330 H350 H372", f"{CLP}023-001-00-8", lambda c: c.like(V=2, O=5)),
    _toxic("indium phosphide", "H350 H372", f"{CLP}015-200-00-3", lambda c: c.only("In", "P") & c.all("In", "P")),
    _toxic("arsenic and its compounds", "H301 H331 H350", f"{CLP}033-002-00-5; {IARC}", lambda c: c.any("As")),
    _toxic("selenium compounds", "H301 H331", f"{CLP}034-002-00-8", lambda c: c.any("Se") & ~c.all("Cd", "S")),
    _toxic("tellurium and its dioxide", "H360", f"{CLP}052-001-00-0 (Te)", lambda c: c.only("Te") | c.like(Te=1, O=2)),
    _toxic("cadmium and its compounds", "H350 H372", f"{CLP}048-001-00-5 and others; {IARC}", lambda c: c.any("Cd")),
    _toxic(
        "barium salts that dissolve",
        "H301",
        f"{CLP}056-004-00-8 (BaCl2)",
        lambda c: (
            c.only("Ba", "Cl", "Br", "I", "O", "H", "N") & c.any("Ba") & (c.any("Cl", "Br", "I") | c.all("N", "O"))
        ),
    ),
    _toxic(
        "osmium tetroxide, or osmium that forms it in air",
        "H300 H310 H330",
        f"{CLP}076-001-00-5",
        lambda c: c.only("Os") | c.all("Os", "O"),
    ),
    _toxic(
        "mercury and its inorganic compounds",
        "H300 H310 H330",
        f"{CLP}080-002-00-6",
        lambda c: c.any("Hg") & ~(c.only("Hg", "S") & c.all("Hg", "S")),
    ),
    _toxic("thallium and its compounds", "H300 H330", f"{CLP}081-002-00-9", lambda c: c.any("Tl")),
    _toxic("lead and its compounds", "H360 H372", f"{CLP}082-001-00-6; IARC group 2A", lambda c: c.any("Pb")),
    _toxic("uranium compounds", "H300 H330", f"{CLP}092-002-00-3", lambda c: c.any("U")),
    _toxic("cyanides", "H300 H310 H330", f"{CLP}006-007-00-5", _is_cyanide),
    _toxic(
        "azides of alkali metals",
        "H300 H310",
        f"{CLP}011-004-00-7 (NaN3)",
        lambda c: c.only(*ALKALI, "N") & (c.ratio(("N",), ALKALI) >= 2.9) & c.any(*ALKALI),
    ),
    _toxic("fluorides that dissolve", "H301", f"{CLP}009-004-00-7 (NaF)", _is_soluble_fluoride),
    _toxic("fluorides of non-metals and hexafluorides", "H330", f"{CLP}005-001-00-X (BF3)", _is_volatile_fluoride),
    _toxic(
        "chlorides of phosphorus and titanium tetrachloride",
        "H330",
        f"{CLP}015-007-00-4 (PCl3), 022-001-00-5 (TiCl4)",
        lambda c: (c.only("P", "Cl", "Br", "O") & c.any("P") & c.any("Cl", "Br")) | c.like(Ti=1, Cl=4),
    ),
    _toxic(
        "boron trihalides",
        "H300 H330",
        f"{CLP}005-002-00-5 (BCl3)",
        lambda c: c.only("B", "Cl", "Br") & c.any("B") & c.any("Cl", "Br"),
    ),
    _toxic("carbonyls of metals", "H300 H330", f"{CLP}028-001-00-1 (Ni(CO)4)", _is_carbonyl),
    _toxic(
        "hydrides of S, Se, Te, P, As, Sb, Ge, B",
        "H330",
        f"{CLP}016-001-00-4 (H2S), 015-181-00-1 (PH3)",
        lambda c: (
            c.any("H")
            & c.any("S", "Se", "Te", "P", "As", "Sb", "Ge", "B")
            & c.only("H", "S", "Se", "Te", "P", "As", "Sb", "Ge", "B")
        ),
    ),
    _toxic("halogens", "H330", f"{CLP}017-001-00-7 (Cl2)", lambda c: c.only("F", "Cl", "Br") | c.only("Cl", "F")),
    _toxic(
        "nitrogen oxides, sulfur dioxide and carbon monoxide",
        "H330",
        f"{CLP}007-002-00-0 (NO2)",
        lambda c: c.like(N=1, O=1) | c.like(N=1, O=2) | c.like(S=1, O=2) | c.like(C=1, O=1),
    ),
    _restricted("lead", lambda c: c.any("Pb")),
    _restricted("mercury", lambda c: c.any("Hg")),
    _restricted("cadmium", lambda c: c.any("Cd")),
    _restricted("chromium(VI)", lambda c: c.any("Cr") & (c.state("Cr") >= 5.5)),
)
"""What harms people, and what the EU keeps out of electronics."""
