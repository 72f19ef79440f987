"""Evidence: what a column says of itself, cut, joined and written."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from matscout import registry
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.base import Brief, Goal
from matscout.discover.opinions import EvidenceProvider
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource, columns_of

SOURCE = EvidenceSource("network", "3", "ab" * 32, prefix="net")
NAMES = [plug_in.name for plug_in in registry.plug_ins("evidence")]
floats = arrays(np.float64, 6, elements=st.one_of(st.floats(-5, 5), st.just(np.nan)))


def fact(values: np.ndarray, column: str = "net_gap_eV") -> Evidence:
    n = len(values)
    return Evidence(column, "gap", values, "made up", SOURCE, "eV", np.full(n, 0.1), "made up", np.arange(n) % 2 == 0)


@given(floats, st.permutations(range(6)))
def test_cut_and_joined_it_is_the_same(values: np.ndarray, order: list[int]) -> None:
    whole, rows = fact(values), np.array(order)
    again = Evidence.joined([whole[rows[:2]], whole[rows[2:]]])
    np.testing.assert_array_equal(again.values, values[rows])
    np.testing.assert_array_equal(again.seen, whole.seen[rows])
    assert again.described() == whole.described()


@given(floats)
def test_nothing_is_null_but_what_is_not_known(values: np.ndarray) -> None:
    columns = columns_of([fact(values), fact(values, "net_hull_eV")])
    assert list(columns) == ["net_gap_eV", "net_gap_eV_error", "net_hull_eV", "net_hull_eV_error", "net_seen"]
    for column in columns.values():
        assert column.is_null().to_list() == np.isnan(values).tolist()


def test_parts_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        Evidence("a", "a", np.zeros(2), "", SOURCE, errors=np.zeros(3))
    with pytest.raises(ValueError, match="not one value for each of 1 candidates"):
        Candidates(Materials.from_formulas(["KBr"]), np.array(["x"]), facts={"net_gap_eV": fact(np.zeros(2))})


@pytest.mark.parametrize("name", NAMES)
def test_every_provider_speaks_of_every_candidate_whatever_their_order(name: str) -> None:
    provider: EvidenceProvider = registry.load_class("evidence", name)()
    formulas = ["NaCl", "GaAs", "ZnO", "CdTe", "UPu3"]
    labels = Dataset(
        Materials.from_formulas([f"Zn{1 - x:.2f}Mg{x:.2f}O" for x in np.linspace(0.1, 0.9, 12)]),
        {"gap": Target("gap", np.linspace(3.3, 4.9, 12), "eV")},
    )
    brief = Brief(labels, (Goal("gap", np.inf, np.inf),))
    known = Evidence("gap_predicted", "gap", np.linspace(1, 2, 5), "made up", EvidenceSource("model"), "eV")
    candidates = Candidates(Materials.from_formulas(formulas), np.full(5, "x")).with_facts([known])
    order = np.array([3, 1, 4, 0, 2])
    first, again = (provider.evidence(some, brief).facts for some in (candidates, candidates[order]))
    for one, other in zip(first, again, strict=True):
        assert len(one) == 5
        assert one.meaning
        assert not one.meaning.endswith(".")
        if one.values.dtype.kind == "f":
            np.testing.assert_allclose(other.values, one.values[order], rtol=1e-4)
        else:
            assert other.values.tolist() == one.values[order].tolist()
