"""Family: what nearly all labels hold is asked of others, exceptions vouch for their likes, and why is told."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.crystal.element_kinds import stoichiometry
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.predict.domain import Domain
from matscout.predict.family import FEWEST, LEAST_REACH, USUAL_STOICHIOMETRY, Family, share_words
from matscout.predict.states import State

# Made up for this test: salts of lithium with one anion or two, as a table of solid electrolytes has them.
ANIONS = ["F", "Cl", "Br", "I", "SCl", "SBr", "SI", "O", "S", "N", "P", "OCl", "OBr", "SI3Br2", "S2I3Br3"]
ELECTROLYTES = [f"Li{amount}{anion}" for anion in ANIONS for amount in (3, 4)]

# Made up: tellurides of one metal each, and of two.
METALS = ["Bi", "Sb", "Pb", "Sn", "Ge", "In", "Ag", "Cu", "Ga", "Tl"]
TELLURIDES = [f"{one}{amount}Te{amount + 1}" for one in METALS for amount in (1, 2)]


def domain(formulas: list[str], units: np.ndarray | None = None) -> Domain:
    return Domain.fit(Materials.from_formulas(formulas), np.arange(len(formulas)) if units is None else units)


def objections(known: Domain, *formulas: str) -> list[str]:
    return known.objections(Materials.from_formulas(list(formulas)))


def test_without_the_lithium_of_all_labels_a_candidate_is_outside_however_similar() -> None:
    known = domain(ELECTROLYTES)
    asked = Materials.from_formulas(["SI3Br3", "NaCl", "Li3SBr", "Li6S2I"])
    assert known.nearest(asked).similarities[0, 0] > known.threshold
    assert known.contains(asked).tolist() == [False, False, True, True]
    told = known.objections(asked)
    assert told[0] == "no Li, which every label holds"
    assert told[1].startswith("no Li, which every label holds; not similar to any label (0.7")


def test_kinds_are_asked_for_where_no_single_element_is_shared() -> None:
    salts = [f"{metal}{amount}" for metal in ("Na", "K", "Rb", "Cs") for amount in (1, 2)]
    known = domain([salt + anion for salt in salts for anion in ("Te", "Se", "S")])
    names = [one.name for one in known.family.shared]
    assert "alkali metal" in names
    assert "chalcogen" in names
    assert not set(names) & set(SYMBOLS)
    told = objections(known, "LiSe", "BaTe", "H2Te", "LaPb3")
    assert told[0] == ""
    assert told[1].startswith("no alkali metal, which every label holds")
    # The widest kind that is lacking says enough.
    assert told[2].startswith("no metal, which every label holds")
    assert "s-block" not in told[2]
    assert told[3].startswith("no s-block metal, which every label holds; no pnictogen, chalcogen or halogen, which")


def test_an_intermetallic_is_no_telluride() -> None:
    known = domain(TELLURIDES)
    told = objections(known, "LaPb3", "SnTe", "Bi2Te3")
    assert told[0].startswith("no Te, which every label holds")
    assert told[1:] == ["", ""]


@pytest.mark.parametrize(("n", "asks"), [(FEWEST - 1, False), (FEWEST, True)])
def test_few_labels_say_nothing_of_what_they_share(n: int, asks: bool) -> None:
    assert bool(domain(ELECTROLYTES[:n]).family.shared) == asks
    # Rows of one unit are one: twice the rows of ten papers are still ten papers.
    assert not domain(ELECTROLYTES[:n], np.arange(n) // 2).family.shared


@pytest.mark.parametrize(("without", "shared"), [(1, True), (2, False)])
def test_the_threshold_is_95_percent_of_the_units(without: int, shared: bool) -> None:
    formulas = [*ELECTROLYTES[: 20 - without], *["NaCl", "KBr"][:without]]
    names = [one.name for one in domain(formulas).family.shared]
    assert ("Li" in names) == shared


def test_exceptions_vouch_for_their_likes_alone() -> None:
    known = domain([*ELECTROLYTES[:29], "NaCl"])
    told = objections(known, "NaCl", "KCl", "SI3Br3")
    assert told[0] == told[1] == ""
    assert told[2] == "no Li, which 96 % of the labels hold"


def test_a_stoichiometry_that_no_label_has_is_outside() -> None:
    salts = [
        f"{a}{b}Cl3"
        for a in ("Na", "K", "Rb", "Cs", "Ca", "Sr", "Ba", "Li")
        for b in ("Mn", "Fe", "Co", "Ni", "Pb", "Sn", "Zn")
    ]
    known = domain(salts)
    assert known.family.reach == LEAST_REACH
    assert objections(known, "CsCdCl3", "CsNi0.9Mn0.1Cl3", "CsCd0.95Cl2.9", "Cs2NiCl2") == [
        "",
        "",
        "",
        "a stoichiometry that no label has",
    ]
    assert math.isinf(domain(salts[:40]).family.reach)


def test_the_reach_is_the_quantile_of_a_loop() -> None:
    rng = np.random.default_rng(0)
    pool = ["Na", "K", "Fe", "Sn", "Te", "Ge", "O", "S", "N", "P"]
    rows = [
        dict(zip(rng.choice(pool, 3, replace=False).tolist(), rng.integers(1, 5, 3), strict=True)) for _ in range(120)
    ]
    compositions = Compositions.from_dicts(rows)
    units = np.arange(120) // 2
    shares = stoichiometry(compositions)
    nearest = [min(np.abs(shares[i] - shares[j]).sum() for j in range(120) if units[j] != units[i]) for i in range(120)]
    expected = max(LEAST_REACH, float(np.quantile(nearest, USUAL_STOICHIOMETRY)))
    assert Family.fit(compositions, units).reach == pytest.approx(expected, abs=1e-5)


COMPOSITION = st.dictionaries(
    st.sampled_from(["Li", "Na", "Fe", "Ga", "La", "Te", "O", "S", "Cl", "H"]),
    st.floats(0.1, 9.0),
    min_size=1,
    max_size=4,
)


def store(rows: list[dict[str, float]]) -> Materials:
    names = np.arange(len(rows)).astype(np.str_)
    return Materials(names, names, Compositions.from_dicts(rows))


@given(st.lists(COMPOSITION, min_size=2, max_size=80), COMPOSITION, st.floats(0.01, 100.0))
def test_every_label_is_inside_and_a_scaled_formula_is_judged_alike(
    labelled: list[dict[str, float]], new: dict[str, float], factor: float
) -> None:
    known = Domain.fit(store(labelled), np.arange(len(labelled)))
    scaled = [{symbol: factor * amount for symbol, amount in row.items()} for row in labelled]
    assert known.contains(store(labelled)).all()
    assert known.contains(store(scaled)).all()
    assert known.objections(store(labelled)) == [""] * len(labelled)
    told = known.objections(store([new, {symbol: factor * amount for symbol, amount in new.items()}]))
    assert (told[0] == "") == (told[1] == "")


@given(st.lists(COMPOSITION, min_size=20, max_size=60), st.lists(COMPOSITION, min_size=1, max_size=5))
def test_what_is_outside_has_a_reason_and_nothing_else(
    labelled: list[dict[str, float]], new: list[dict[str, float]]
) -> None:
    known = Domain.fit(store(labelled), np.arange(len(labelled)))
    told = known.objections(store(new))
    assert [objection == "" for objection in told] == known.contains(store(new)).tolist()


def test_states_restore_the_family_and_older_ones_ask_for_nothing() -> None:
    known = domain(ELECTROLYTES)
    asked = Materials.from_formulas(["SI3Br3", "Li3SBr"])
    state = known.state()
    again = Domain.from_state(state)
    assert again.family.shared == known.family.shared
    assert again.objections(asked) == known.objections(asked)
    older = Domain.from_state(
        State({name: part for name, part in state.spec.items() if name != "family"}, state.arrays)
    )
    assert older.contains(asked).tolist() == [True, True]


def test_shares_are_cut_off_so_that_all_means_all() -> None:
    assert share_words(1.0) == "every label"
    assert share_words(0.9999) == "99 % of the labels"
    assert share_words(0.95) == "95 % of the labels"


def test_context_and_similarity_are_told_too() -> None:
    salts = Materials.from_formulas(["NaCl", "KCl", "NaBr", "MgO", "GaAs"])
    hot = Materials(salts.ids, salts.formulas, salts.compositions, None, {"temperature": np.linspace(300.0, 500.0, 5)})
    known = Domain.fit(hot, np.arange(5))
    asked = Materials.from_formulas(["NaCl", "URe2"])
    told = known.objections(
        Materials(asked.ids, asked.formulas, asked.compositions, None, {"temperature": np.array([900.0, 300.0])})
    )
    assert told[0] == "temperature outside that of the labels"
    assert told[1].startswith("not similar to any label (0.")
