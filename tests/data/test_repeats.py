"""Merging of repeats against a loop that follows the docstring, and small cases worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from matscout.data.dataset import Dataset, Target
from matscout.data.grouping import group_labels
from matscout.data.materials import Materials
from matscout.data.reading import read
from matscout.data.repeats import merge_repeats
from matscout.data.structures import Structures
from matscout.remarks import codes

NAN = np.nan


def made(formulas, values, **parts):
    materials = Materials.from_formulas(formulas)
    context = {name: np.array(column) for name, column in parts.pop("context", {}).items()}
    structures = parts.pop("structures", None)
    materials = Materials(materials.ids, materials.formulas, materials.compositions, structures, context)
    arrays = {name: np.array(value) if isinstance(value, list) else value for name, value in parts.items()}
    groups = arrays.pop("groups", None)
    target = Target("y", np.array(values, dtype=np.float64), **arrays)
    return Dataset(materials, {"y": target}, groups, row_numbers=np.arange(2, len(formulas) + 2))


def test_same_material_written_differently_is_one():
    merged = merge_repeats(made(["Fe2O3", "Si", "Fe4O6", "O3Fe2", "FeO"], [1, 5, 2, 3, 9]), "y")
    assert list(merged.materials.formulas) == ["Fe2O3", "Si", "FeO"]
    np.testing.assert_allclose(merged.target().values, [2, 5, 9])
    np.testing.assert_array_equal(merged.row_numbers, [2, 3, 6])
    assert "3 rows are repeats of 1 material (" in merged.provenance.remarks[-1]


def test_another_context_is_another_row():
    merged = merge_repeats(
        made(["Si"] * 4, [1, 2, 3, 5], context={"T": [300.0, 400.0, 300.0, 300.0], "route": ["a", "a", "a", "b"]}), "y"
    )
    np.testing.assert_allclose(merged.target().values, [2, 2, 5])


def test_repeats_are_merged_within_a_group_only():
    papers = ["one", "two", "one", "two", "two", "one"]
    merged = merge_repeats(made(["Si", "Si", "Si", "Ge", "Ge", "Sn"], [1, 5, 3, 7, 9, 4], groups=papers), "y")
    assert list(merged.materials.formulas) == ["Si", "Si", "Ge", "Sn"]
    assert list(merged.groups) == ["one", "two", "two", "one"]
    np.testing.assert_allclose(merged.target().values, [2, 5, 8, 4])
    assert merged.provenance.remarks == (
        "4 rows are repeats of 2 materials (same context and group) and were merged; "
        "0 of these disagree more than usual.",
        "1 material was measured in several groups (same context); the rows stay apart.",
    )


def test_rows_of_different_papers_stay_as_they_are():
    dataset = made(["Si", "Si", "Ge"], [1, 5, 7], errors=[0.3, NAN, 0.1], groups=["one", "two", "two"])
    merged = merge_repeats(dataset, "y")
    np.testing.assert_array_equal(merged.target().values, [1, 5, 7])
    np.testing.assert_array_equal(merged.target().errors, [0.3, NAN, 0.1])
    assert not merged.problems, "papers that differ are no mistake"


def test_groups_of_one_formula_merge_all_repeats():
    dataset = made(["Fe2O3", "Fe4O6", "Si"], [1, 3, 7])
    grouped = replace(dataset, groups=group_labels(dataset, "formula"))
    np.testing.assert_array_equal(merge_repeats(grouped, "y").target().values, [2, 7])


def test_rows_without_a_value_are_left_out():
    merged = merge_repeats(made(["Si", "Si", "Ge"], [1, NAN, NAN]), "y")
    np.testing.assert_array_equal(merged.target().values, [1])


def test_the_error_of_a_mean_by_hand():
    # one pair: mean 2, SS = 2, robust spread t = 1.4826 * sqrt(2) (both deviations are 1, times sqrt(2 / 1))
    merged = merge_repeats(made(["Si", "Si", "Ge"], [1, 3, 7]), "y")
    t = 1.4826 * np.sqrt(2)
    np.testing.assert_allclose(merged.target().errors, [np.sqrt((2 + t**2) / 2 / 2), NAN])


def test_given_errors_are_a_lower_limit():
    merged = merge_repeats(made(["Si", "Si", "Ge"], [1, 1, 7], errors=[0.3, 0.4, 0.2]), "y")
    np.testing.assert_allclose(merged.target().errors, [np.sqrt((0.09 + 0.16) / 2 / 2), 0.2])


def test_exact_copies_alone_give_no_error():
    assert merge_repeats(made(["Si", "Si", "Ge"], [1, 1, 7]), "y").target().errors is None


def test_bounds_are_not_averaged_with_values():
    dataset = made(["Si"] * 6, [0.5, 0.3, 0.1, 0.2, 7, 9], censored=[-1, -1, 0, 0, 1, 1])
    merged = merge_repeats(dataset, "y")
    np.testing.assert_allclose(merged.target().values, [0.3, 0.15, 9])
    np.testing.assert_array_equal(merged.target().censored, [-1, 0, 1])
    assert np.isnan(merged.target().errors[[0, 2]]).all()


def test_conflicts_are_listed_with_rows_and_values_and_used():
    formulas = [f"Fe{i}O" for i in range(1, 11) for _ in range(2)]
    values = [i + 0.01 * j for i in range(1, 11) for j in range(2)]
    values[5] += 8
    merged = merge_repeats(made(formulas, values), "y")
    (problem,) = merged.problems
    assert not problem.dropped
    assert problem.row == 6
    assert "3 (row 6), 11.01 (row 7)" in problem.reason
    assert merged.target().values[2] == pytest.approx(7.005)


def test_a_small_spread_is_no_conflict_even_if_unusual():
    formulas = [f"Fe{i}O" for i in range(1, 11) for _ in range(2)]
    values = [i + 0.001 * j for i in range(1, 11) for j in range(2)]
    values[5] += 0.05
    assert not merge_repeats(made(formulas, values), "y").problems


def test_classes_by_majority_and_ties_by_the_first():
    dataset = made(["Si", "Si", "Si", "Ge", "Ge", "Sn"], [0, 1, 1, 1, 0, 0], task="classification", classes=("a", "b"))
    merged = merge_repeats(dataset, "y")
    np.testing.assert_array_equal(merged.target().values, [1, 1, 0])
    assert [problem.row for problem in merged.problems] == [2, 5]
    assert "a (row 2), b (row 3), b (row 4)" in merged.problems[0].reason


def test_different_structures_are_different_materials():
    diamond = Structure.from_spacegroup("Fd-3m", Lattice.cubic(3.57), ["C"], [[0, 0, 0]])
    graphite = Structure(
        Lattice.hexagonal(2.46, 6.7),
        ["C"] * 4,
        [[0, 0, 0.25], [0, 0, 0.75], [1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]],
    )
    structures = Structures.from_pymatgen([diamond, graphite, diamond])
    merged = merge_repeats(made(["C", "C", "C"], [5, 0, 6], structures=structures), "y")
    np.testing.assert_allclose(merged.target().values, [5.5, 0])
    assert len(merge_repeats(made(["C", "C", "C"], [5, 0, 6]), "y")) == 1


def test_other_targets_do_not_come_along():
    dataset = made(["Si", "Si"], [1, 3])
    dataset = Dataset(
        dataset.materials, {**dataset.targets, "z": Target("z", np.array([1.0, 2.0]))}, row_numbers=dataset.row_numbers
    )
    assert list(merge_repeats(dataset, "y").targets) == ["y"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["Si", "Ge", "FeO", "Fe2O3"]), st.integers(0, 1), st.floats(-100, 100)),
        min_size=1,
        max_size=25,
    )
)
def test_against_a_loop(rows):
    formulas, temperatures, values = zip(*rows, strict=True)
    dataset = made(list(formulas), list(values), context={"T": [float(t) for t in temperatures]}).on_scale("linear")
    merged = merge_repeats(dataset, "y")
    groups: dict = {}
    for i, row in enumerate(rows):
        groups.setdefault(row[:2], []).append(i)
    assert [int(number) - 2 for number in merged.row_numbers] == [members[0] for members in groups.values()]
    means = [np.mean([values[i] for i in members]) for members in groups.values()]
    np.testing.assert_allclose(merged.target().values, means, atol=1e-9)
    scaled = [
        abs(values[i] - mean) * np.sqrt(len(members) / (len(members) - 1))
        for members, mean in zip(groups.values(), means, strict=True)
        for i in members
        if len(members) > 1
    ]
    typical = 1.4826 * np.median(scaled) if scaled else 0.0
    for row, (members, mean) in enumerate(zip(groups.values(), means, strict=True)):
        squares = sum((values[i] - mean) ** 2 for i in members)
        variance = (squares + typical**2) / len(members) ** 2 if len(members) > 1 else 0.0
        errors = merged.target().errors
        if variance > 1e-12:
            assert errors[row] == pytest.approx(np.sqrt(variance), rel=1e-6)


@given(st.lists(st.tuples(st.sampled_from(["Si", "Ge", "FeO"]), st.floats(1e-6, 1e6)), min_size=2, max_size=25))
def test_over_decades_the_logarithms_are_merged(rows):
    formulas, values = zip(*rows, strict=True)
    merged = merge_repeats(made(list(formulas), list(values)).on_scale("log"), "y").target()
    decades = merge_repeats(made(list(formulas), np.log10(values).tolist()).on_scale("linear"), "y").target()
    np.testing.assert_allclose(np.log10(merged.values), decades.values, atol=1e-9)
    if decades.errors is not None and len(decades.values) < len(values):
        np.testing.assert_allclose(merged.errors / merged.values, decades.errors * np.log(10), rtol=1e-6)


def test_merging_twice_changes_nothing(data_dir):
    dataset = read(data_dir / "thermoelectrics" / "estm.csv.gz", target="ZT", context="temperature_K")
    once = merge_repeats(dataset, "ZT")
    twice = merge_repeats(once, "ZT")
    assert len(once) == len(twice) < len(dataset)
    np.testing.assert_array_equal(once.target().values, twice.target().values)
    np.testing.assert_array_equal(once.target().errors, twice.target().errors)


def test_conditions_that_nobody_named_are_mentioned() -> None:
    rows = [
        (formula, t, gap, note) for formula in ("Si", "Ge", "C") for t, gap, note in ((300, 1.0, "a"), (600, 0.8, "b"))
    ]
    frame = polars.DataFrame(rows, schema=["formula", "T (K)", "gap", "remark"], orient="row")
    told = " ".join(merge_repeats(read(frame, target="gap"), "gap").provenance.remarks)
    assert "Rows that were merged differ in 'T (K)': if these are conditions, name them (--context)." in told
    named = merge_repeats(read(frame, target="gap", context="T (K)"), "gap")
    assert "merged-rows-differ" not in codes(named.provenance.remarks)
    same = frame.with_columns(polars.lit(300).alias("T (K)"))
    assert "merged-rows-differ" not in codes(merge_repeats(read(same, target="gap"), "gap").provenance.remarks)


def test_groups_of_reactions_are_of_equal_ones_and_a_column_of_the_user_goes_before_a_side() -> None:
    frame = polars.DataFrame(
        {"rxn": ["CC.O>>CCO", "O.CC>>CCO", "CN>>CNC"], "product": ["alcohol", "alcohol", "amine"], "yield": [1, 20, 30]}
    )
    dataset = read(frame, reaction="rxn", target="yield")
    assert group_labels(dataset, "product").tolist() == ["alcohol", "alcohol", "amine"]
    first, second, third = group_labels(dataset, "rxn").tolist()
    assert first == second != third
