"""Domain: similarity as its docstring defines it, neighbours, and where predictions may be trusted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.crystal.tables import own_table
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.materials import Materials
from matscout.data.reactions.texts import parse_components, part_of
from matscout.predict.domain import ENOUGH, MARGIN, Domain
from matscout.predict.measures import SCALE, element_likeness


def materials(*compositions: dict[str, float], **context: np.ndarray) -> Materials:
    names = ["".join(f"{symbol}{amount:g}" for symbol, amount in row.items()) for row in compositions]
    store = Compositions.from_dicts(compositions)
    return Materials(np.arange(len(names)).astype(np.str_), np.array(names), store, context=context)


SALTS = [{"Na": 1, "Cl": 1}, {"K": 1, "Cl": 1}, {"Na": 1, "Br": 1}, {"Mg": 1, "O": 1}, {"Ga": 1, "As": 1}]


def domain(*compositions: dict[str, float]) -> Domain:
    return Domain.fit(materials(*compositions), np.arange(len(compositions)))


def brute_force(left: dict[str, float], right: dict[str, float]) -> float:
    """The three sums of the module's docstring, one pair of elements at a time."""
    scale = own_table("magpie").column("MendeleevNumber")

    def overlap(f: dict[str, float], g: dict[str, float]) -> float:
        total = sum(f.values()) * sum(g.values())
        return sum(
            x * y / total * np.exp(-abs(scale[ATOMIC_NUMBERS[a] - 1] - scale[ATOMIC_NUMBERS[b] - 1]) / SCALE)
            for a, x in f.items()
            for b, y in g.items()
        )

    return overlap(left, right) / np.sqrt(overlap(left, left) * overlap(right, right))


COMPOSITION = st.dictionaries(
    st.sampled_from(["H", "Li", "O", "Na", "Cl", "Fe", "Ga", "As", "La", "U"]),
    st.floats(0.1, 9.0),
    min_size=1,
    max_size=4,
)


@given(COMPOSITION, st.lists(COMPOSITION, min_size=2, max_size=5))
def test_similarity_equals_brute_force(new: dict[str, float], labelled: list[dict[str, float]]) -> None:
    found = Domain.fit(materials(*labelled), np.arange(len(labelled))).nearest(materials(new), k=len(labelled))
    expected = np.array([brute_force(new, row) for row in labelled])
    np.testing.assert_allclose(found.similarities[0], np.sort(expected)[::-1], atol=1e-6)
    np.testing.assert_allclose(expected[found.rows[0]], found.similarities[0], atol=1e-6)


def test_likeness_of_elements_is_a_kernel() -> None:
    likeness = element_likeness()
    assert np.linalg.eigvalsh(likeness).min() > -1e-9
    np.testing.assert_array_equal(np.diag(likeness), 1.0)
    np.testing.assert_array_equal(likeness, likeness.T)


@pytest.mark.parametrize(
    ("material", "nearer", "farther"),
    [
        ({"Ga": 1, "As": 1}, {"Ga": 1, "P": 1}, {"Na": 1, "Cl": 1}),
        ({"Na": 1, "Cl": 1}, {"K": 1, "Cl": 1}, {"Fe": 1, "Cl": 1}),
        ({"Cd": 1, "Te": 1}, {"Zn": 1, "Se": 1}, {"Cd": 1, "F": 2}),
        ({"La": 1, "Mn": 1, "O": 3}, {"Nd": 1, "Mn": 1, "O": 3}, {"Ti": 1, "Mn": 1, "O": 3}),
        ({"Bi": 2, "Te": 3}, {"Sb": 2, "Te": 3}, {"Bi": 1, "Te": 9}),
    ],
)
def test_chemists_would_agree(material: dict, nearer: dict, farther: dict) -> None:
    near, far = domain(nearer, farther).nearest(materials(material), k=2).rows[0]
    assert (near, far) == (0, 1)


def test_the_same_composition_is_recognised_however_it_is_scaled() -> None:
    found = domain(*SALTS).nearest(materials({"Mg": 5, "O": 5}), k=3)
    assert found.rows[0, 0] == 3
    assert found.similarities[0, 0] == pytest.approx(1.0)


def test_no_more_neighbours_than_labelled_materials() -> None:
    assert domain(*SALTS).nearest(materials({"Fe": 1}), k=50).rows.shape == (1, 5)


def test_neighbours_do_not_depend_on_the_batch() -> None:
    rng = np.random.default_rng(0)
    symbols = np.array(["Na", "K", "Cl", "Br", "O", "S", "Zn"])
    many = materials(*[dict.fromkeys(rng.choice(symbols, 2, replace=False).tolist(), 1.0) for _ in range(5000)])
    known = Domain.fit(many[:50], np.arange(50))
    whole, alone = known.nearest(many, k=4), known.nearest(many[4321:4322], k=4)
    np.testing.assert_array_equal(whole.rows[4321], alone.rows[0])


def test_a_material_unlike_all_labelled_ones_is_outside() -> None:
    known = domain(*SALTS, {"K": 1, "Br": 1}, {"Ca": 1, "O": 1}, {"Ga": 1, "P": 1})
    np.testing.assert_array_equal(
        known.contains(materials({"Rb": 1, "Cl": 1}, {"U": 1, "Re": 2}, {"Na": 1, "Cl": 1})), [True, False, True]
    )


def test_about_the_stated_share_of_materials_like_the_labelled_ones_is_inside() -> None:
    rng = np.random.default_rng(0)
    numbers = np.array([ATOMIC_NUMBERS[symbol] for symbol in SYMBOLS[:83]])
    many = materials(*[{SYMBOLS[z - 1]: 1.0 for z in rng.choice(numbers, 2, replace=False)} for _ in range(600)])
    known = Domain.fit(many[:200], np.arange(200))
    assert known.threshold < ENOUGH
    assert 0.9 <= known.contains(many[200:]).mean() <= 0.99


def test_rows_of_one_unit_do_not_vouch_for_each_other() -> None:
    twins = [{"Na": 1, "Cl": 1}, {"Na": 1.01, "Cl": 1}, {"Ga": 1, "As": 1}, {"Ga": 1.01, "As": 1}]
    apart = Domain.fit(materials(*twins), np.arange(4)).threshold
    together = Domain.fit(materials(*twins), np.array([0, 0, 1, 1])).threshold
    assert apart == ENOUGH
    assert together < 0.5


def test_near_copies_among_the_labels_do_not_make_their_relatives_foreign() -> None:
    series = domain(*[{"La": 1 - x, "Sr": x, "Mn": 1, "O": 3} for x in np.linspace(0.1, 0.3, 21)])
    found = series.contains(materials({"La": 0.6, "Sr": 0.4, "Mn": 1, "O": 3}, {"Na": 1, "Cl": 1}))
    np.testing.assert_array_equal(found, [True, False])


def test_the_examples_of_its_threshold_hold() -> None:
    for pair in (({"Ga": 1, "As": 1}, {"Ga": 1, "P": 1}), ({"Na": 1, "Cl": 1}, {"K": 1, "Cl": 1})):
        assert brute_force(*pair) == pytest.approx(0.9, abs=0.03)


def test_a_context_outside_the_training_range_is_outside() -> None:
    salts = materials(
        *SALTS,
        temperature=np.array([300.0, 400, 500, 600, 700]),
        route=np.array(["film", "bulk", "bulk", "film", "bulk"]),
    )
    known = Domain.fit(salts, np.arange(5))
    inside = 700.0 + 400.0 * MARGIN
    new = materials(
        *[SALTS[0]] * 4,
        temperature=np.array([300.0, inside, inside + 1.0, 300.0]),
        route=np.array(["film", "film", "film", "powder"]),
    )
    np.testing.assert_array_equal(known.contains(new), [True, True, False, False])


def test_numbers_outside_the_training_range_are_told_once_for_each_column() -> None:
    known = materials(*SALTS[:3], temperature=np.array([300.0, 400.0, 500.0]), route=np.array(["a", "b", "a"]))
    yardstick = Domain.fit(known, np.arange(3))
    asked = materials(*SALTS[:4], temperature=np.array([520.0, 60.0, 80.0, 300.0]), route=np.array(["c"] * 4))
    (told,) = yardstick.remarks(asked)
    assert (told.row, told.value, told.dropped) == (2, "60", False)
    assert told.reason == "this 'temperature' lies outside the training data, 300 to 500 (similar rows: 2)"
    assert not yardstick.remarks(known)


def test_elements_without_a_place_on_the_scale_are_like_themselves_only() -> None:
    found = domain({"Og": 1}, {"Na": 1, "Cl": 1}).nearest(materials({"Og": 1}), k=2)
    np.testing.assert_allclose(found.similarities, [[1.0, 0.0]], atol=1e-6)


def test_states_restore_the_domain() -> None:
    salts = materials(*SALTS, temperature=np.arange(5.0), route=np.array(list("abcde")))
    known = Domain.fit(salts, np.arange(5))
    again = Domain.from_state(known.state())
    assert again.threshold == known.threshold
    assert again.context == known.context
    np.testing.assert_array_equal(again.nearest(salts, 3).rows, known.nearest(salts, 3).rows)


def reactions(*rows: tuple[str, str]) -> Materials:
    parts = [part_of("halide"), part_of("ligand")]
    parsed = parse_components([list(column) for column in zip(*rows, strict=True)], parts)
    texts = parsed.reactions.texts()
    return Materials(np.arange(len(texts)).astype(np.str_), texts, parsed.compositions, reactions=parsed.reactions)


PLATE = [(halide, ligand) for halide in ("CCBr", "CCCBr", "CCCCBr") for ligand in ("CP(C)C", "CCP(C)C", "")]


def test_on_a_plate_a_molecule_that_was_not_tried_is_out_of_the_domain() -> None:
    known = Domain.fit(reactions(*PLATE), np.arange(len(PLATE)))
    assert known.shared == (0, 1)
    asked = reactions(("CCBr", "CCP(C)C"), ("CCBr", ""), ("CCCCCBr", "CP(C)C"), ("CCBr", "CCCP(C)C"), ("", "CP(C)C"))
    assert known.contains(asked).tolist() == [True, True, False, False, False]
    again = Domain.from_state(known.state())
    assert again.contains(asked).tolist() == known.contains(asked).tolist()


def test_where_each_reaction_has_its_own_molecule_another_one_is_no_surprise() -> None:
    rows = [(f"{'C' * n}Br", "CP(C)C") for n in range(1, 12)]
    known = Domain.fit(reactions(*rows), np.arange(len(rows)))
    assert known.shared == (1,)
    assert known.contains(reactions((f"{'C' * 12}Br", "CP(C)C"), ("CCBr", "CCP(C)C"))).tolist() == [True, False]


def test_groups_do_not_vouch_for_themselves() -> None:
    ligands = [("CP(C)C", "CCP(C)C", "").index(ligand) for _, ligand in PLATE]
    assert Domain.fit(reactions(*PLATE), np.array(ligands)).shared == (0,)


def test_a_condition_that_was_always_the_same_is_inside_however_it_was_converted() -> None:
    known = materials(*SALTS[:3], temperature=np.full(3, -78.0 + 273.15))
    yardstick = Domain.fit(known, np.arange(3))
    asked = materials(*SALTS[:2], temperature=np.array([195.15, np.nan]))
    assert yardstick.contains(asked).tolist() == [True, False]
    assert not yardstick.remarks(asked)
    (told,) = yardstick.remarks(materials(*SALTS[:1], temperature=np.array([300.0])))
    assert "always 195.15" in told.reason
