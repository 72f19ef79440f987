"""Filters against small examples whose answer is known, and a loop written from the definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from smact import Element

from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.discover.element_rules import supply_risk
from matscout.discover.filters import Screening, check_filters, filter_names, require_some, screen
from matscout.errors import InputError, UsageError
from matscout.generate.base import Candidates


def candidates(formulas):
    return Candidates(Materials.from_formulas(formulas), np.array([f"from {formula}" for formula in formulas]))


def kept(formulas, labels=("GaAs",), **options):
    screening = screen(candidates(formulas), Materials.from_formulas(list(labels)), **options)
    return screening.candidates.materials.formulas.tolist()


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("unlabelled", ["GaP", "Ga2As", "Ga1.001As"], ["GaAs", "As2Ga2"]),
        ("new", ["GaP", "Ga2As", "Ga1.05As"], ["GaAs", "As2Ga2", "Ga1.001As"]),
        ("non-toxic", ["ZnO", "SnS"], ["CdTe", "PbO", "UO2", "HgS", "TlBr", "BeO"]),
        ("abundant", ["FeS2", "Zn3P2", "TiO2"], ["CdTe", "In2S3", "Au", "PtS"]),
        ("secure-supply", ["TiO2", "FeS2"], ["PtS", "NbN"]),
        ("neutral", ["CsSnI3", "Cu2ZnSnS4", "TiNiSn", "Fe3O4"], ["NaCl2", "CaCl3", "ZnO2Cl"]),
    ],
)
def test_each_filter_keeps_and_removes_what_it_says(name, good, bad):
    assert kept([*good, *bad], require=[name]) == good


def test_elements_in_and_out():
    formulas = ["ZnO", "CdTe", "ZnTe", "PbO"]
    assert kept(formulas, exclude=["Cd", "Pb"]) == ["ZnO", "ZnTe"]
    assert kept(formulas, elements=["Zn", "Te", "O"]) == ["ZnO", "ZnTe"]


def test_the_funnel_counts_every_step():
    screening = screen(
        candidates(["GaAs", "CdTe", "NaCl2", "ZnO", "PbS"]),
        Materials.from_formulas(["ZnO"]),
        require=["neutral", "new"],
        exclude=["Cd", "Pb"],
    )
    assert screening.funnel == (
        ("without Cd, Pb", 3),
        ("no label and no near-duplicate of one", 2),
        ("charge-balanced (or metals only)", 1),
    )
    assert screening.rows.tolist() == [0]
    assert screening.candidates.origins.tolist() == ["from GaAs"]
    assert screening.removed_by.tolist() == [
        "",
        "without Cd, Pb",
        "charge-balanced (or metals only)",
        "no label and no near-duplicate of one",
        "without Cd, Pb",
    ]


@given(st.lists(st.sampled_from(filter_names()), max_size=5), st.permutations(["GaAs", "CdTe", "NaCl2", "ZnO", "PtS"]))
def test_filters_only_remove_in_any_order(require, formulas):
    left = kept(formulas, require=require)
    assert left == [formula for formula in formulas if formula in left]
    assert set(left) == set(kept(formulas, require=require[::-1]))
    assert set(left) == set.intersection(set(formulas), *(set(kept(formulas, require=[name])) for name in require))


def test_unknown_names_come_with_the_choices():
    with pytest.raises(UsageError, match=r"did you mean neutral.*non-toxic.*in-domain"):
        check_filters(["neutrall"])
    with pytest.raises(UsageError, match="'Xx' is not the symbol"):
        kept(["ZnO"], exclude=["Xx"])


@given(st.dictionaries(st.sampled_from(["Fe", "O", "Pt", "H", "Zn", "S"]), st.integers(1, 5), min_size=1))
def test_supply_risk_is_the_mass_weighted_mean(amounts):
    known = {symbol: amount for symbol, amount in amounts.items() if Element(symbol).HHI_r is not None}
    masses = {symbol: amount * Element(symbol).mass for symbol, amount in known.items()}
    found = supply_risk(Compositions.from_dicts([amounts]))[0]
    if not known:
        assert np.isnan(found)
    else:
        weighted = sum(mass * Element(symbol).HHI_r for symbol, mass in masses.items())
        assert found == pytest.approx(weighted / sum(masses.values()))


def screened(n: int, *steps: tuple[str, int]) -> Screening:
    """n candidates of which steps leave the first few."""
    left = candidates([f"Li{count}O" for count in range(1, n + 1)])
    for name, count in steps:
        rows = np.arange(len(left))
        left = left.without(name, rows[:count], rows[count:], [name] * (len(rows) - count))
    return Screening(left, np.arange(len(left)), np.full(n, ""))


def test_nothing_left_is_blamed_on_the_step_that_removed_most():
    with pytest.raises(InputError, match=r'\(candidates: 3, a: 2, b: 0\); "b" removed 2 of them'):
        require_some(screened(3, ("a", 2), ("b", 0)))
    require_some(screened(4, ("a", 1)))
    with pytest.raises(InputError, match="candidates: 0"):
        require_some(screened(0))


def test_what_is_lost_is_told_with_its_reason():
    lost = screen(
        candidates(["GaAs", "CdTe", "ZnO"]), Materials.from_formulas(["ZnO"]), require=["new"], exclude=["Cd"]
    )
    assert [(one.step, one.before, one.after, one.formulas.tolist()) for one in lost.candidates.lost] == [
        ("without Cd", 3, 2, ["CdTe"]),
        ("no label and no near-duplicate of one", 2, 1, ["ZnO"]),
    ]
