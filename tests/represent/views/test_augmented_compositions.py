"""Copies with an element dropped or hidden: what may change, what may not, and that both keep one order."""

from __future__ import annotations

import pytest
import torch

from matscout.data.compositions import Compositions
from matscout.data.elements import N_ELEMENTS
from matscout.errors import UsageError
from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.views.augmented_compositions import AugmentedCompositions

ROWS = [
    {"Fe": 1},
    {"Na": 1, "Cl": 1},
    {"Fe": 2, "O": 3},
    {"Ba": 1, "Ti": 1, "O": 3},
    {"Li": 1, "Fe": 1, "P": 1, "O": 4},
]


def batch() -> CompositionBatch:
    labels = torch.arange(len(ROWS), dtype=torch.float32)[:, None]
    return CompositionBatch.from_compositions(Compositions.from_dicts(ROWS), labels)


def told(copy: CompositionBatch) -> dict[int, dict[int, float]]:
    """Label -> element -> fraction."""
    owners = [row for row, k in enumerate(k for n, k in copy.blocks for _ in range(n)) for _ in range(k)]
    found: dict[int, dict[int, float]] = {}
    for owner, element, fraction in zip(owners, copy.elements.tolist(), copy.fractions.tolist(), strict=True):
        found.setdefault(int(copy.labels[owner, 0]), {})[element] = fraction
    return found


@pytest.mark.parametrize("dropped", [0.0, 1.0])
def test_one_element_goes_or_hides_and_a_pure_one_stays(dropped: float) -> None:
    whole = told(batch())
    for copy in AugmentedCompositions(dropped)(batch(), torch.Generator().manual_seed(3)).values():
        for row, elements in told(copy).items():
            assert sum(elements.values()) == pytest.approx(1.0)
            if len(whole[row]) == 1:
                assert elements == whole[row]
            elif dropped:
                assert len(elements) == len(whole[row]) - 1
                assert set(elements) < set(whole[row])
            else:
                assert set(elements) - set(whole[row]) == {N_ELEMENTS}
                assert sorted(elements.values()) == pytest.approx(sorted(whole[row].values()))


def test_both_copies_are_in_one_order_and_differ() -> None:
    one, two = AugmentedCompositions()(batch(), torch.Generator().manual_seed(0)).values()
    assert one.labels.equal(two.labels)
    assert one.blocks == two.blocks
    assert not one.elements.equal(two.elements)


def test_a_probability_is_from_0_to_1() -> None:
    with pytest.raises(UsageError, match=r"view\.dropped is from 0 to 1; got 1\.5"):
        AugmentedCompositions(1.5)


def test_a_composition_that_stands_twice_is_shown_once() -> None:
    again = [ROWS[0], ROWS[0], ROWS[1], ROWS[2], {"Fe": 4, "O": 6}, ROWS[3]]
    given = CompositionBatch.from_compositions(Compositions.from_dicts(again), torch.arange(6.0)[:, None])
    one, two = AugmentedCompositions()(given, torch.Generator().manual_seed(0)).values()
    assert one.labels.flatten().sort().values.tolist() == [0.0, 2.0, 3.0, 5.0]
    assert two.labels.equal(one.labels)
    assert len(told(one)) == 4
