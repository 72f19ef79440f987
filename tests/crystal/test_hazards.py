"""Hazards of substances whose classification is known.

Truth is not from the rules: harmonised classifications of CLP Annex VI (index number in the comment), UN numbers of the
dangerous goods list, IARC groups, or the entry of the substance in Bretherick's handbook ("B").
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.crystal.hazard_classes import HAZARD_KINDS, STATEMENTS
from matscout.crystal.hazards import RULES, families, hazards_of, is_hazardous
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.formulas import parse_formulas

KNOWN = {
    # explosive
    "Ag3N": "explosive",  # B: silver nitride, fulminating silver
    "AgN3": "explosive H200",  # B: silver azide
    "PbN6": "explosive H200",  # 082-003-00-7, UN 0129
    "HgN6": "explosive H200",  # B: mercury(II) azide
    "BaN6": "explosive H200",  # UN 0224
    "NaN3": "explosive toxic H300",  # 011-004-00-7; B: decomposes explosively when heated
    "HN3": "explosive",  # B: hydrogen azide
    "Hg3N2": "explosive",  # B: trimercury dinitride
    "Tl3N": "explosive toxic",  # B: trithallium nitride
    "Cu3N": "explosive",  # B: copper(I) nitride
    "Cd3N2": "explosive",  # B: tricadmium dinitride
    "BiN": "explosive",  # B: bismuth nitride
    "NCl3": "explosive",  # B: nitrogen trichloride
    "NI3": "explosive",  # B: nitrogen triiodide
    "N2H3I3": "explosive",  # B: nitrogen triiodide-ammonia
    "S4N4": "explosive",  # B: tetrasulfur tetranitride
    "Se4N4": "explosive toxic",  # B: tetraselenium tetranitride
    "AgCNO": "explosive",  # B: silver fulminate
    "HgC2N2O2": "explosive toxic",  # 080-005-00-2, UN 0135
    "Ag2C2": "explosive",  # B: silver acetylide
    "Cu2C2": "explosive",  # B: copper(I) acetylide
    "NH4ClO4": "explosive H201 H271",  # 017-009-00-0
    "KO3": "explosive",  # B: potassium ozonide
    "XeO3": "explosive",  # B: xenon trioxide
    "XeO4": "explosive",  # B: xenon tetraoxide
    "ClO2": "explosive",  # B: chlorine dioxide
    "Cl2O7": "explosive",  # B: chlorine heptoxide
    "Mn2O7": "explosive",  # B: manganese(VII) oxide
    "HgO2": "explosive toxic",  # B: mercury peroxide
    # radioactive
    "UO2": "radioactive toxic H300 H330",  # 092-002-00-3
    "ThO2": "radioactive",  # IARC 1: thorium-232
    "TcO2": "radioactive",
    "PuO2": "radioactive",
    "RaCl2": "radioactive",
    "PmCl3": "radioactive",
    # toxic
    "TlCl": "toxic H300 H330",  # 081-002-00-9
    "Tl2Te": "toxic H300",  # 081-002-00-9
    "HgCl2": "toxic H300",  # 080-010-00-X
    "HgI2": "toxic H300 H310 H330",  # 080-002-00-6
    "CdTe": "toxic restricted H350",  # IARC 1
    "CdS": "toxic restricted H350",  # 048-010-00-4
    "PbI2": "toxic restricted H360",  # 082-001-00-6
    "CsPbBr3": "toxic restricted H360",  # 082-001-00-6
    "As2O3": "toxic H350",  # 033-003-00-0
    "GaAs": "toxic H350",  # 031-001-00-4
    "BeO": "toxic H350i H330",  # 004-003-00-8
    "InP": "toxic H350",  # 015-200-00-3
    "K2Cr2O7": "toxic oxidising H350i",  # 024-002-00-6 (Carc. 1B)
    "Na2CrO4": "toxic H350i",  # 024-018-00-3
    "CrO3": "toxic oxidising H271",  # 024-001-00-0
    "NiO": "toxic H350i",  # 028-003-00-2
    "LiNiO2": "toxic H350i",  # 028-058-00-2
    "CoCl2": "toxic H350",  # 027-004-00-5
    "V2O5": "toxic H330 H350",  # 023-001-00-8
    "OsO4": "toxic H300 H310 H330",  # 076-001-00-5
    "SnSe": "toxic H301 H331",  # 034-002-00-8
    "Na2SeO3": "toxic H301 H331",  # 034-002-00-8; 034-003-00-3
    "TeO2": "toxic H360",  # harmonised since 2021
    "KCN": "toxic H300 H310 H330",  # 006-007-00-5
    "NaCN": "toxic H300 H310 H330",  # 006-007-00-5
    "NaF": "toxic H301",  # 009-004-00-7
    "BaCl2": "toxic H301",  # 056-004-00-8
    "NiC4O4": "toxic H330",  # 028-001-00-1 (Ni(CO)4)
    "H2S": "toxic H330",  # 016-001-00-4
    "PCl3": "toxic water-reactive H330 EUH014",  # 015-007-00-4
    # pyrophoric, water-reactive
    "P4": "pyrophoric H250",  # 015-001-00-1
    "SiH4": "pyrophoric H250",  # UN 2203; B
    "UH3": "pyrophoric radioactive H250",  # B
    "Li": "water-reactive H260",  # 003-001-00-4
    "Na": "water-reactive H260",  # 011-001-00-0
    "Cs": "pyrophoric H260",  # UN 1407; B
    "Cs2RbSb": "water-reactive",  # B: alkali antimonides
    "Na3Bi": "water-reactive",  # B
    "LiH": "water-reactive H260",  # UN 1414
    "NaBH4": "water-reactive H260",  # 005-...; UN 1426
    "LiAlH4": "water-reactive H260",  # 001-002-00-4
    "CaH2": "water-reactive H260",  # 001-004-00-5
    "AlP": "water-reactive H260 H300",  # 015-004-00-8
    "Ca3P2": "water-reactive H260 H300",  # 015-003-00-2
    "Mg3P2": "water-reactive H260 H300",  # 015-005-00-3
    "Zn3P2": "water-reactive H260 H300",  # 015-006-00-9
    "P2S5": "water-reactive H260",  # 015-104-00-1
    "Al2S3": "water-reactive H260",  # B
    "Na2S": "water-reactive H314 EUH031",  # 016-009-00-8
    "BaS": "water-reactive EUH031",  # 016-002-00-X
    "Mg2Si": "water-reactive H261",  # UN 2624
    "CaC2": "water-reactive H260",  # 006-004-00-9
    "Li3N": "water-reactive H260",  # UN 2806
    "NaNH2": "water-reactive H260",  # UN 1390
    "AlCl3": "water-reactive H314",  # 013-003-00-7
    "TiCl4": "water-reactive toxic H314 EUH014 H330",  # 022-001-00-5
    "PCl5": "water-reactive toxic EUH014 H330",  # 015-008-00-X
    "SiCl4": "water-reactive EUH014",  # 014-002-00-4
    "P2O5": "water-reactive H314",  # 015-010-00-0
    "Li3PS4": "water-reactive",  # DOI 10.1016/j.ssi.2010.10.013
    # oxidising
    "KClO4": "oxidising H271",  # 017-008-00-5
    "KClO3": "oxidising H271",  # 017-004-00-3
    "KMnO4": "oxidising H272",  # 025-002-00-9
    "Na2O2": "oxidising H271",  # 011-003-00-1
    "KO2": "oxidising H271",  # UN 2466
    "NH4NO3": "oxidising H272",  # UN 1942
    "NaNO3": "oxidising H272",  # UN 1498
}
"""Formula -> kinds and statements that must be among its hazards."""

HARMLESS = tuple(
    """
    NaCl KBr CsI CaF2 MgF2 SrCO3 CaCO3 CaSO4 BaSO4 BaTiO3 SrTiO3 CaTiO3 TiO2 ZrO2 HfO2 SiO2 Al2O3 MgO ZnO
    Fe2O3 Fe3O4 Cr2O3 CeO2 La2O3 Y2O3 Bi2O3 SnO2 In2O3 Ga2O3 WO3 MoO3 Nb2O5 Ta2O5 GaN AlN InN TiN ZrN BN
    Si3N4 TiC WC SiC B4C Mg3Bi2 Bi2Te3 Sb2Te3 GeTe SnS SnS2 Sb2S3 MoS2 WS2 ZnS FeS2 Cu2S Cu2ZnSnS4 CuFeS2
    LiFePO4 LiCoO2 LiMn2O4 Li7La3Zr2O12 NaZr2Si2P3O12 Mg2SiO4 KAlSi3O8 Ca5P3O12FOH CoSb3 ZrNiSn TiNiSn Fe2VAl
    Si Ge Fe Cu Ag W Sn C CaZn2P2 ZnGeP2 GaP BP YBa2Cu3O7 CuTaN2 NH4Cl TiC0.5N0.5 Be3Al2Si6O18 SF6 Cs2SnCl6
    CsSnI3 Bi H2O BiOCl Cu FeNi TiH2 LaNi5H6 Na3MgC2O6Cl KOCN
    """.split()  # noqa: SIM905 - a list of formulas is easier to read without quotes
)
"""No statement that the rules know: not classified, or less than category 3 (H302, H315, H319, H351, H412 ...)."""


def hazard_words(formulas):
    read = parse_formulas(list(formulas))
    assert len(read.compositions) == len(formulas), read.problems
    return [
        {word for one in own for word in (one.kind, *one.codes)} for own in hazards_of(read.compositions)
    ]  # fmt: skip


def test_enough_substances_are_known():
    assert len(KNOWN) >= 60
    assert len(set(HARMLESS)) >= 40


@pytest.mark.parametrize(("formula", "expected"), KNOWN.items())
def test_known_hazards_are_stated(formula, expected):
    assert set(expected.split()) <= hazard_words([formula])[0]


@pytest.mark.parametrize("formula", HARMLESS)
def test_harmless_substances_have_none(formula):
    assert hazard_words([formula]) == [set()]


@pytest.mark.parametrize("formula", ["SnSe", "Bi2Se3", "GaN", "NaNO3", "NH4NO3", "KCl", "CuSbSe2", "PbS", "HgS"])
def test_what_is_milder_is_neither_fatal_nor_explosive(formula):
    assert not hazard_words([formula])[0] & {"explosive", "H200", "H201", "H300", "H310", "H330"}


def test_cinnabar_is_restricted_but_not_among_the_toxic_mercury_compounds():
    """CLP 080-002-00-6: "with the exception of mercuric sulphide"."""
    assert hazard_words(["HgS"]) == [{"restricted", "RoHS"}]


@pytest.mark.parametrize(("chromium", "restricted"), [("PbCrO4", True), ("CrO2", False), ("FeCr2O4", False)])
def test_only_chromium_six_is_restricted(chromium, restricted):
    assert ("H350i" in hazard_words([chromium])[0]) == restricted


@given(st.dictionaries(st.sampled_from(SYMBOLS), st.integers(1, 6), min_size=1, max_size=5))
def test_hazards_agree_with_their_summaries(amounts):
    composition = Compositions.from_dicts([amounts])
    own = hazards_of(composition)[0]
    kinds = {one.kind for one in own}
    assert [one.kind for one in own] == sorted([one.kind for one in own], key=HAZARD_KINDS.index)
    assert {kind for kind in HAZARD_KINDS if is_hazardous(composition, (kind,))[0]} == kinds
    assert all(kind in families(composition)[0] for kind in kinds)
    assert ("radioactive" in kinds) == bool({*amounts} & {"Tc", "Pm", *SYMBOLS[83:]})


def test_many_compositions_are_as_each_alone():
    read = parse_formulas([*KNOWN, *HARMLESS] * 60).compositions
    flagged = is_hazardous(read, HAZARD_KINDS)
    assert np.array_equal(flagged, np.tile(is_hazardous(read[: len(KNOWN) + len(HARMLESS)], HAZARD_KINDS), 60))


def test_every_rule_has_statements_and_a_source():
    for rule in RULES:
        assert set(rule.hazard.codes) <= set(STATEMENTS)
        assert len(rule.hazard.source) > 5
