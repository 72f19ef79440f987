"""Near-copies against a loop over all pairs, and the cases that set the limit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.discover.near_copies import NEAR_COPY, closest_ratio, is_near_copy
from matscout.discover.novelty import novelty


def materials(*formulas):
    return Materials.from_formulas(list(formulas))


def made(*formulas):
    return materials(*formulas).compositions


AMOUNTS = st.lists(
    st.dictionaries(st.sampled_from(["Fe", "O", "S"]), st.floats(0.1, 5).map(lambda x: round(x, 2)), min_size=1),
    min_size=1,
    max_size=8,
)


@given(AMOUNTS, AMOUNTS)
def test_the_closest_ratio_is_that_of_a_loop(own, labelled):
    distances, rows = closest_ratio(Compositions.from_dicts(own), Compositions.from_dicts(labelled))
    for row, amounts in enumerate(own):
        apart = [
            sum(abs(amounts[s] / sum(amounts.values()) - other[s] / sum(other.values())) for s in amounts)
            for other in labelled
            if set(other) == set(amounts)
        ]
        assert distances[row] == pytest.approx(min(apart, default=np.inf), abs=1e-9)
        if apart:
            assert set(labelled[rows[row]]) == set(amounts)
        else:
            assert rows[row] == -1


@pytest.mark.parametrize(
    ("candidate", "label", "near"),
    [
        ("Pr1.3Lu0.7S3", "Pr1.29Lu0.71S3", True),
        ("Bi2Te2.75Se0.25", "Bi2Te2.7Se0.3", False),
        ("Bi2Te2.72Se0.28", "Bi2Te2.7Se0.3", True),
        ("Bi4Te6", "Bi2Te3", True),
        ("Bi2Te2.99Se0.01", "Bi2Te3", False),
        ("Co4Sb11.9Te0.1", "Co4Sb11.8Te0.2", False),
    ],
)
def test_what_counts_as_a_near_copy(candidate, label, near):
    distances, _ = closest_ratio(made(candidate), made("GaAs", label))
    assert is_near_copy(distances).tolist() == [near]


def test_a_step_of_exactly_the_limit_is_no_copy():
    distances, _ = closest_ratio(made("Bi2Te2.725Se0.275"), made("Bi2Te2.7Se0.3"))
    assert distances[0] == pytest.approx(NEAR_COPY)
    assert not is_near_copy(distances)[0]


def test_novelty_in_words():
    found = novelty(materials("GaAs", "Ga1.001As", "Ga17As", "As7GaP", "In17As"), materials("GaAs", "GaP"))
    words = ["already labelled", "near-duplicate of a label", "new ratio", "new combination of elements", "new element"]
    assert found.tolist() == words


def test_nothing_labelled_or_asked():
    assert closest_ratio(made("GaAs")[:0], made("GaAs"))[0].shape == (0,)
    assert novelty(materials("Ga17As"), materials("GaAs")[:0]).tolist() == ["new element"]
