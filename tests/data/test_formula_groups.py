"""Elements that may share a site: mixtures that are written so, and compounds in which each has its own."""

from __future__ import annotations

import pytest

from matscout.data.formulas import parse_formulas

SHARED = "may share a site"

MIXTURES = [
    "PbSnTe",
    "HgCdTe",
    "InGaAs",
    "AlGaN",
    "CuInGaSe2",
    "LaSrMnO3",
    "PbZrTiO3",
    "KNaNbO3",
    "LiNiMnO2",
    "TiAlN",
    "NbTaC",
    "ZnSSe",
    "CdSSe",
    "SrBaTiO3",
]
"""Written without shares in papers: (Pb,Sn)Te, (In,Ga)As, Li(Ni,Mn)O2, (Ti,Al)N, ..."""

COMPOUNDS = [
    "ZrSnTe",
    "BaMgCu2Se3",
    "ZrTiAs",
    "NbSeS",
    "SrLaNiRuO6",
    "NbSiGe",
    "Sr2Ti2AlGaO7",
    "BaLaNiRuO6",
    "CaFeSi2O6",
    "LaSrMnO4",
    "BiSbTe3",
]
"""Of the Materials Project or the ICSD, with a site for each; charges add up for a mixture by rare states only."""


@pytest.mark.parametrize("formula", MIXTURES)
def test_mixtures_are_told(formula: str) -> None:
    assert SHARED in parse_formulas([formula]).problems[0].reason


@pytest.mark.parametrize("formula", COMPOUNDS)
def test_compounds_are_not(formula: str) -> None:
    assert not any(SHARED in problem.reason for problem in parse_formulas([formula]).problems)
