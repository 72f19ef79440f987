"""Labels of one table after those of another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.workflow.made_up_rounds import labels

from matscout.data.dataset import Dataset, Target
from matscout.data.made_up import made_up_dataset
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.workflow.joined_labels import joined_labels


def test_new_rows_come_behind_those_known() -> None:
    joined = joined_labels(labels({"GaAs": 1.4, "GaSb": 0.7}), labels({"ZnO": 3.3, "GaAs": 1.4}))
    assert joined.materials.formulas.tolist() == ["GaAs", "GaSb", "ZnO"]
    assert joined.target("gap").values.tolist() == [1.4, 0.7, 3.3]
    assert len(np.unique(joined.materials.ids)) == 3


def test_a_repeat_with_another_value_counts() -> None:
    joined = joined_labels(labels({"GaAs": 1.4}), labels({"GaAs": 1.5}))
    assert joined.target("gap").values.tolist() == [1.4, 1.5]


def test_a_table_that_holds_all_that_is_known_takes_its_place() -> None:
    whole = labels({"GaAs": 1.4, "GaSb": 0.7, "ZnO": 3.3})
    assert joined_labels(labels({"GaSb": 0.7}), whole) is whole
    known = labels({"GaAs": 1.4, "ZnO": 3.3})
    assert joined_labels(known, labels({"ZnO": 3.3})) is known


def test_conditions_come_along_and_errors_and_bounds_are_filled() -> None:
    first = labels({"GaAs": 1.4, "GaSb": 0.7}, [300.0, 600.0])
    second = labels({"GaAs": 1.3}, [600.0])
    target = Target("gap", np.array([1.3]), "eV", errors=np.array([0.1]), censored=np.array([1], np.int8))
    joined = joined_labels(first, replace(second, targets={"gap": target}))
    assert joined.materials.context["temperature"].tolist() == [300.0, 600.0, 600.0]
    np.testing.assert_array_equal(joined.target("gap").errors, [np.nan, np.nan, 0.1])
    np.testing.assert_array_equal(joined.target("gap").censored, [0, 0, 1])


def classes(formulas: list[str], positions: list[float], names: tuple[str, ...]) -> Dataset:
    target = Target("kind", np.array(positions), None, "classification", names)
    return Dataset(Materials.from_formulas(formulas), {"kind": target})


def test_classes_keep_their_names() -> None:
    first = classes(["Cu", "MgO", "Ag"], [0.0, 1.0, np.nan], ("metal", "oxide"))
    second = classes(["GaN", "Au"], [1.0, 0.0], ("metal", "nitride"))
    target = joined_labels(first, second).target("kind")
    assert target.classes == ("metal", "nitride", "oxide")
    np.testing.assert_array_equal(target.values, [0.0, 2.0, np.nan, 1.0, 0.0])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match=r"targets gap \(meV\), but the earlier labels have gap \(eV\)"):
        other = labels({"GaAs": 1400.0})
        joined_labels(labels({"GaAs": 1.4}), replace(other, targets={"gap": replace(other.target("gap"), unit="meV")}))
    with pytest.raises(UsageError, match="conditions temperature"):
        joined_labels(labels({"GaAs": 1.4}), labels({"GaSb": 0.7}, [300.0]))


def test_crystals_keep_their_structures_and_reactions_need_the_whole_table() -> None:
    crystals = made_up_dataset("crystal", 6)
    joined = joined_labels(crystals[:4], crystals[3:])
    assert joined.materials.structures is not None
    assert joined.materials.structures.to_pymatgen(5) == crystals.materials.structures.to_pymatgen(5)  # type: ignore[union-attr]
    reactions = made_up_dataset("reaction", 6)
    assert joined_labels(reactions[:4], reactions) is reactions
    with pytest.raises(UsageError, match="give the whole table"):
        joined_labels(reactions[:4], reactions[3:])
