"""Rules for what explodes, radiates, burns in air, reacts with water or feeds a fire; see the module hazards."""

from __future__ import annotations

from collections.abc import Callable

from matscout.crystal.hazard_chemistry import ALKALI, EARTHS, HALOGENS, METALS, RARE_EARTHS, Bools, HazardChemistry
from matscout.crystal.hazard_classes import Hazard, HazardKind, HazardRule
from matscout.data.elements import SYMBOLS

Chemistry = HazardChemistry

NOBLE = ("Cu", "Ag", "Au", "Hg")
ENDOTHERMIC_NITRIDES = (*NOBLE, "Tl", "Cd", "Pb", "Sb", "Bi")
"""Metals whose nitrides form with heat taken up, and give it back at a blow."""
HEAVY_AZIDES = (*NOBLE, "Cd", "Pb", "Tl", "Ba", "Sr", "Ca", "Zn", "Ni", "Co", "Mn")
HYDROLYSING = ("B", "Al", "Ga", "Si", "Ge", "Sn", "P", "As", "Sb", "S", "Se", "Te", "Ti", "Zr", "Hf", "V", "Nb", "Ta")
HYDROLYSING_METALS = ("Mo", "W", "U")
UNSTABLE = ("Tc", "Pm", *(symbol for symbol in SYMBOLS[83:] if symbol not in ("Th", "U")))
"""Elements without a stable isotope, apart from thorium and uranium; bismuth counts as stable (2e19 years)."""

BRETHERICK, CLP = "Bretherick's Handbook, class ", "CLP Annex VI, "


def _rule(kind: HazardKind, family: str, codes: str, source: str, applies: Callable[[Chemistry], Bools]) -> HazardRule:
    return HazardRule(Hazard(kind, family, tuple(codes.split()), source), applies)


def _is_azide(c: Chemistry) -> Bools:
    """Three nitrogen atoms or more for each metal and nothing else: no nitride has so many."""
    return c.only(*METALS, "N") & (c.ratio(("N",), METALS) >= 2.9) & c.any(*METALS)


def _is_perchlorate_with_fuel(c: Chemistry) -> Bools:
    """Ammonium salts by their formula, since one element in two states is not balanced; others by the state of Cl."""
    salt = c.only("N", "H", "O", "Cl") & c.all("N", "H", "Cl") & (c.ratio(("O",), ("Cl",)) >= 2.9)
    fuel = c.all("N", "H") | c.any("C")
    return salt | (fuel & c.any("Cl") & (c.state("Cl") >= 5) & (c.ratio(("O",), ("Cl",)) >= 2.9))


def _has_oxyanion(c: Chemistry, symbol: str, state: int) -> Bools:
    return c.all(symbol, "O") & (c.state(symbol) >= state) & ~c.only(symbol, "O") & ~c.only(symbol, "O", "H")


def _is_hydride(c: Chemistry) -> Bools:
    reactive = (*ALKALI, *EARTHS, *RARE_EARTHS, "Al", "U", "Th")
    return c.any("H") & c.any(*reactive) & c.only(*METALS, "B", "H") & (c.among_others((*reactive, "B"), "H") > 0.5)


def _salt_of(c: Chemistry, anion: str, cations: tuple[str, ...], share: float = 0.5) -> Bools:
    """Compounds of one anion and of metals more than a share of which, in atoms, are these."""
    allowed = (*METALS, "Si", "B", anion)
    return c.any(anion) & c.any(*cations) & c.only(*allowed) & (c.among_others(cations, anion) > share)


def _is_thiophosphate(c: Chemistry) -> Bools:
    formers = ("P", "Si", "B", "Al", "Ge")
    return c.any("S") & c.any(*formers) & c.any(*ALKALI) & c.only(*ALKALI, *formers, *EARTHS, "S", *HALOGENS)


def _is_hydrolysing_halide(c: Chemistry) -> Bools:
    """Every cation pulls electrons from water; salts of other metals, such as Cs2SnCl6, are far slower."""
    halogens, cations = ("Cl", "Br", "I"), (*HYDROLYSING, *HYDROLYSING_METALS)
    few = c.ratio(halogens, cations) < 2.5
    tin = c.any("Sn") | c.any("Ge")
    return c.only(*cations, *halogens) & c.any(*halogens) & c.any(*cations) & ~(few & tin)


def _is_alkali_rich_metal(c: Chemistry) -> Bools:
    return c.only(*METALS, "Si", "As", "Sb", "Ge", "Te", "P") & (c.part(*ALKALI) >= 0.5) & ~c.any("Te", "P")


OTHER_RULES = (
    _rule(
        "explosive",
        "azides of heavy metals",
        "H200",
        f"{BRETHERICK}metal azides",
        lambda c: _is_azide(c) & c.any(*HEAVY_AZIDES),
    ),
    _rule("explosive", "azides", "H240", f"{BRETHERICK}metal azides", lambda c: _is_azide(c) & ~c.any(*HEAVY_AZIDES)),
    _rule(
        "explosive",
        "hydrogen azide and its ammonium salt",
        "H200",
        f"{BRETHERICK}non-metal azides",
        lambda c: c.like(H=1, N=3) | c.like(H=4, N=4),
    ),
    _rule(
        "explosive",
        "nitrides of Cu, Ag, Au, Hg, Tl, Cd, Pb, Sb, Bi",
        "H200",
        f"{BRETHERICK}N-metal derivatives, nitrides",
        lambda c: (
            c.only(*METALS, "N", "H")
            & c.any("N")
            & ~_is_azide(c)
            & (c.among_others(ENDOTHERMIC_NITRIDES, "N", "H") > 0.5)
        ),
    ),
    _rule(
        "explosive",
        "nitrides of sulfur, selenium and tellurium",
        "H200",
        f"{BRETHERICK}nitrides",
        lambda c: c.only("N", "S", "Se", "Te") & c.any("N") & c.any("S", "Se", "Te"),
    ),
    _rule(
        "explosive",
        "nitrogen halides",
        "H200",
        f"{BRETHERICK}N-halogen compounds",
        lambda c: (
            c.any("N")
            & c.any("Cl", "Br", "I")
            & c.only("N", "H", "Cl", "Br", "I", "F")
            & (c.ratio(("H",), ("N",)) <= 2.1)
        ),
    ),
    _rule(
        "explosive",
        "fulminates, or cyanates of the same formula",
        "H200",
        f"{BRETHERICK}metal fulminates",
        lambda c: (
            c.only(*NOBLE, "Tl", "Pb", "Cd", "C", "N", "O")
            & c.any(*METALS)
            & (abs(c.part("C") - c.part("N")) < 0.01)
            & (abs(c.part("C") - c.part("O")) < 0.01)
            & c.any("C")
        ),
    ),
    _rule(
        "explosive",
        "acetylides of Cu, Ag, Au, Hg",
        "H200",
        f"{BRETHERICK}metal acetylides",
        lambda c: c.only(*NOBLE, "C", "H") & c.any(*NOBLE) & (c.ratio(("C",), NOBLE) >= 0.9),
    ),
    _rule(
        "explosive",
        "chlorates and perchlorates with a fuel",
        "H201 H271",
        f"{CLP}017-009-00-0 (NH4ClO4)",
        _is_perchlorate_with_fuel,
    ),
    _rule(
        "explosive",
        "ozonides",
        "H200",
        f"{BRETHERICK}ozonides",
        lambda c: c.only(*ALKALI, "O") & c.any(*ALKALI) & (c.ratio(("O",), ALKALI) >= 2.5),
    ),
    _rule(
        "explosive",
        "oxides of xenon and krypton",
        "H200",
        f"{BRETHERICK}xenon compounds",
        lambda c: c.any("Xe", "Kr") & c.any("O") & c.only("Xe", "Kr", "O", "H", "F"),
    ),
    _rule(
        "explosive",
        "oxides of chlorine and bromine",
        "H200",
        f"{BRETHERICK}halogen oxides",
        lambda c: c.only("Cl", "Br", "O") & c.any("Cl", "Br") & c.any("O"),
    ),
    _rule("explosive", "mercury peroxide", "H200", f"{BRETHERICK}metal peroxides", lambda c: c.like(Hg=1, O=2)),
    _rule(
        "explosive",
        "manganese heptoxide and ruthenium tetroxide",
        "H200",
        f"{BRETHERICK}metal oxides",
        lambda c: c.like(Mn=2, O=7) | c.like(Ru=1, O=4),
    ),
    _rule(
        "radioactive",
        "element without a stable isotope",
        "class-7",
        "IAEA SSR-6, ADR class 7",
        lambda c: c.any(*UNSTABLE),
    ),
    _rule(
        "radioactive",
        "thorium and uranium, weakly radioactive",
        "class-7",
        "IAEA SSR-6, ADR class 7",
        lambda c: c.any("Th", "U"),
    ),
    _rule("pyrophoric", "white phosphorus", "H250 H300 H330", f"{CLP}015-001-00-1", lambda c: c.only("P")),
    _rule(
        "pyrophoric",
        "hydrides of B, Si, P and Ge",
        "H250",
        f"{BRETHERICK}pyrophoric materials, non-metal hydrides",
        lambda c: c.only("B", "Si", "P", "Ge", "H") & c.any("H") & c.any("B", "Si", "P", "Ge"),
    ),
    _rule(
        "pyrophoric",
        "hydrides of uranium, thorium and plutonium",
        "H250",
        f"{BRETHERICK}metal hydrides",
        lambda c: c.only("U", "Th", "Pu", "H") & c.any("H") & c.any("U", "Th", "Pu"),
    ),
    _rule(
        "pyrophoric",
        "rubidium and caesium",
        "H250 H260 H314",
        f"{BRETHERICK}pyrophoric metals",
        lambda c: c.only(*ALKALI) & (c.part("Rb", "Cs") >= 0.2),
    ),
    _rule(
        "water-reactive",
        "alkali metals and calcium, strontium, barium",
        "H260",
        f"{CLP}003-001-00-4, 011-001-00-0, 019-001-00-2",
        lambda c: c.only(*ALKALI, "Ca", "Sr", "Ba"),
    ),
    _rule(
        "water-reactive",
        "alkali-rich metals, antimonides and silicides, which burn or decay in moist air",
        "H260",
        f"{BRETHERICK}alkali-metal alloys",
        lambda c: _is_alkali_rich_metal(c) & ~c.only(*ALKALI),
    ),
    _rule(
        "water-reactive",
        "hydrides of electropositive metals",
        "H260",
        f"{CLP}001-002-00-4 (LiAlH4), 001-004-00-5 (CaH2)",
        _is_hydride,
    ),
    _rule(
        "water-reactive",
        "phosphides, which release phosphine",
        "H260 EUH029 H300",
        f"{CLP}015-003-00-2 to 015-006-00-9",
        lambda c: _salt_of(c, "P", (*ALKALI, *EARTHS, "Al")) | (c.only("Zn", "P") & c.all("Zn", "P")),
    ),
    _rule(
        "water-reactive",
        "silicides of magnesium and calcium, which release silanes",
        "H261",
        "UN 2624, UN 1405",
        lambda c: c.only(*EARTHS, "Si", "Ge", "Sn") & c.any("Si") & (c.part(*EARTHS) >= 0.3),
    ),
    _rule(
        "water-reactive",
        "sulfides, selenides and tellurides of alkali metals, which release H2S, H2Se, H2Te",
        "H314 EUH031",
        f"{CLP}016-009-00-8 (Na2S)",
        lambda c: c.any("S", "Se", "Te") & c.any(*ALKALI) & c.only(*ALKALI, "S", "Se", "Te", "H"),
    ),
    _rule(
        "water-reactive",
        "sulfides of Mg, Ca, Sr, Ba, which release H2S with acids",
        "EUH031",
        f"{CLP}016-004-00-0 (CaS), 016-002-00-X (BaS)",
        lambda c: c.any("S") & c.any(*EARTHS) & c.only(*EARTHS, "S"),
    ),
    _rule(
        "water-reactive",
        "sulfides, selenides and tellurides of Al, B, Si, P",
        "H260 EUH029",
        f"{CLP}015-104-00-1 (P2S5)",
        lambda c: c.any("S", "Se", "Te") & c.any("Al", "B", "Si", "P") & c.only("Al", "B", "Si", "P", "S", "Se", "Te"),
    ),
    _rule(
        "water-reactive",
        "thiophosphates and the like, which release H2S in moist air",
        "EUH029",
        "Muramatsu et al., 2011, DOI 10.1016/j.ssi.2010.10.013",
        _is_thiophosphate,
    ),
    _rule(
        "water-reactive",
        "carbides that release acetylene or methane",
        "H260",
        f"{CLP}006-004-00-9 (CaC2)",
        lambda c: c.any("C") & (c.part(*ALKALI, *EARTHS, "Al") >= 0.3) & c.only(*ALKALI, *EARTHS, "Al", "C"),
    ),
    _rule(
        "water-reactive",
        "nitrides and amides of alkali and alkaline earth metals",
        "H260",
        f"{BRETHERICK}nitrides, N-metal derivatives",
        lambda c: (
            ~_is_azide(c)
            & (_salt_of(c, "N", (*ALKALI, *EARTHS)) | (c.only(*ALKALI, "N", "H") & c.all("N", "H") & c.any(*ALKALI)))
        ),
    ),
    _rule(
        "water-reactive",
        "oxides of alkali metals and phosphorus",
        "H314 EUH014",
        f"{CLP}015-010-00-0 (P4O10)",
        lambda c: (
            (c.only(*ALKALI, "O") & c.any(*ALKALI) & c.any("O") & (c.ratio(("O",), ALKALI) < 0.6)) | c.like(P=2, O=5)
        ),
    ),
    _rule(
        "water-reactive",
        "halides that fume in moist air",
        "H314 EUH014",
        f"{CLP}013-003-00-7 (AlCl3), 022-001-00-5 (TiCl4), 015-008-00-X (PCl5)",
        _is_hydrolysing_halide,
    ),
    _rule(
        "oxidising",
        "peroxides and superoxides",
        "H271",
        f"{CLP}011-003-00-1 (Na2O2), 056-001-00-1 (BaO2)",
        lambda c: (
            (c.only(*ALKALI, "O") & c.any(*ALKALI) & (c.ratio(("O",), ALKALI) >= 0.9) & (c.ratio(("O",), ALKALI) < 2.5))
            | (c.only(*EARTHS, "O") & c.any(*EARTHS) & (c.ratio(("O",), EARTHS) >= 1.9))
            | c.like(H=1, O=1)
        ),
    ),
    _rule(
        "oxidising",
        "nitrates",
        "H272",
        f"{BRETHERICK}metal nitrates",
        lambda c: (
            (_has_oxyanion(c, "N", 5) & ~_is_perchlorate_with_fuel(c)) | c.like(N=2, H=4, O=3) | c.like(H=1, N=1, O=3)
        ),
    ),
    _rule(
        "oxidising",
        "chlorates, bromates, iodates and their per-compounds",
        "H271",
        f"{CLP}017-004-00-3 (KClO3), 017-008-00-5 (KClO4)",
        lambda c: (
            _has_oxyanion(c, "Cl", 5) | _has_oxyanion(c, "Br", 5) | _has_oxyanion(c, "I", 5) | c.like(H=1, Cl=1, O=4)
        ),
    ),
    _rule("oxidising", "permanganates", "H272", f"{CLP}025-002-00-9 (KMnO4)", lambda c: _has_oxyanion(c, "Mn", 7)),
    _rule(
        "oxidising",
        "chromium trioxide and dichromates",
        "H271",
        f"{CLP}024-001-00-0 (CrO3)",
        lambda c: c.all("Cr", "O") & (c.state("Cr") >= 6) & (c.ratio(("O",), ("Cr",)) < 3.6),
    ),
    _rule(
        "oxidising",
        "fluorides of xenon, oxygen and halogens",
        "H270",
        f"{BRETHERICK}oxidants",
        lambda c: c.any("F") & c.any("Xe", "Kr", "O", "Cl", "Br", "I") & c.only("F", "Xe", "Kr", "O", "Cl", "Br", "I"),
    ),
)
"""All but the toxic ones."""
