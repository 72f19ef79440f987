"""Known and unlabelled rows: what they are read from, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import matscout
from matscout.data.dataset import POSITIVE_UNLABELLED
from matscout.data.given import as_dataset
from matscout.data.positive_unlabelled import UnlabelledCells, plain_cell, with_unlabelled
from matscout.data.repeats import merge_repeats
from matscout.errors import InputError, UsageError
from matscout.mentions import speaking_to
from matscout.remarks import codes

METALS = ("Li", "Na", "K", "Rb", "Mg", "Ca", "Sr", "Ba", "Zn", "Cd")
FORMULAS = [f"{metal}{anion}" for metal in METALS for anion in ("O", "S", "Se", "Te", "F", "Cl")]


def table(cells: Sequence[str | None], formulas: Sequence[str] = FORMULAS) -> pl.DataFrame:
    return pl.DataFrame({"formula": list(formulas)[: len(cells)], "made": list(cells)})


def test_zeros_are_unlabelled_where_they_are_said_to_be() -> None:
    read = matscout.read(table(["1"] * 20 + ["0"] * 40), unlabelled=0, class_prior=0.1)
    target = read.target("made")
    assert (target.task, target.classes, target.class_prior) == (POSITIVE_UNLABELLED, ("unlabelled", "1"), 0.1)
    np.testing.assert_array_equal(target.values, np.repeat([1.0, 0.0], [20, 40]))
    assert target.scale == "linear"
    assert str(target) == "Target: made, 20 known (1), 40 unlabelled"
    assert str(read).startswith("Dataset: 60 rows, made (known and unlabelled)")
    assert read.to_frame()["made"].to_list()[19:21] == ["1", "unlabelled"]
    assert "known-and-unlabelled-rows" in codes(read.provenance.remarks)


def test_blanks_are_unlabelled_where_they_are_said_to_be() -> None:
    read = matscout.read(table(["yes"] * 20 + [None] * 40), target="made", unlabelled="blank")
    assert read.target().classes == ("unlabelled", "yes")
    assert int((read.target().values == 0).sum()) == 40


def test_other_values_have_no_label() -> None:
    with pytest.raises(UsageError, match=r"holds y \(20\), maybe \(10\).*positive="):
        matscout.read(table(["y"] * 20 + ["n"] * 30 + ["maybe"] * 10), target="made", unlabelled="n")
    named = matscout.read(table(["y"] * 20 + ["n"] * 30 + ["maybe"] * 10), target="made", unlabelled="n", positive="Y")
    assert int(named.target().known.sum()) == 50
    assert "neither-known-nor-unlabelled" in codes(named.provenance.remarks)


def test_a_material_that_is_both_is_known_and_the_rows_are_named() -> None:
    formulas = [*FORMULAS[:59], FORMULAS[3]]
    read = matscout.read(table(["1"] * 20 + ["0"] * 40, formulas), unlabelled=0)
    assert (len(read), int((read.target().values == 1).sum())) == (59, 20)
    (problem,) = [one for one in read.problems if one.dropped]
    assert problem.row == 60
    assert "the same material is '1' in row 4" in problem.reason
    assert "known-and-unlabelled" in codes(read.provenance.remarks)


def test_conditions_tell_materials_apart() -> None:
    frame = table(["1"] * 20 + ["0"] * 40, [*FORMULAS[:59], FORMULAS[3]]).with_columns(hull=pl.arange(60) / 100)
    assert len(matscout.read(frame, target="made", context="hull", unlabelled=0)) == 60


def test_too_few_known_rows_and_no_unlabelled_one_are_refused() -> None:
    with pytest.raises(InputError, match=r"19 rows of 'made' are known to be '1'; at least 20 are needed"):
        matscout.read(table(["1"] * 19 + ["0"] * 41), unlabelled=0)
    with pytest.raises(InputError, match=r"no row of 'made' is 2: it holds 0 \(40\), 1 \(20\); name the value"):
        matscout.read(table(["1"] * 20 + ["0"] * 40), unlabelled=2)
    with pytest.raises(InputError, match="every row of 'made' is unlabelled"):
        matscout.read(table(["0"] * 60), target="made", unlabelled=0)


def test_one_class_alone_is_a_usage_error_that_names_the_option() -> None:
    with pytest.raises(UsageError, match=r"'yes'.*unlabelled='blank' for the 40 blank cells"):
        matscout.read(table(["yes"] * 20 + [None] * 40), target="made")
    ones = matscout.read(table(["1"] * 20 + [None] * 40), target="made")
    with pytest.raises(UsageError, match=r"every known value of 'made' is 1.*unlabelled='blank'"):
        matscout.fit(ones, fast=True)
    with speaking_to("command line"), pytest.raises(UsageError, match="--unlabelled blank"):
        matscout.fit(ones, fast=True)


def test_options_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(UsageError, match="positive= is for rows of which some are unlabelled"):
        UnlabelledCells.asked(None, positive=1)
    with pytest.raises(UsageError, match=r"class_prior= is a share between 0 and 1; got 1.5"):
        UnlabelledCells.asked(0, class_prior=1.5)
    with pytest.raises(UsageError, match=r"both '1.0'"):
        UnlabelledCells.asked("1", positive="1.0")


def test_what_was_read_as_classes_can_be_read_again() -> None:
    classes = matscout.read(table(["1"] * 20 + ["0"] * 40))
    assert classes.target().task == "classification"
    again = as_dataset(classes, cells=UnlabelledCells("0"))
    np.testing.assert_array_equal(again.target().values, classes.target().values)
    assert again.target().task == POSITIVE_UNLABELLED
    ones = matscout.read(table(["1"] * 20 + [None] * 40), target="made")
    assert int((with_unlabelled(ones, UnlabelledCells("blank")).target().values == 0).sum()) == 40


def test_one_known_row_is_enough_where_rows_are_merged() -> None:
    read = matscout.read(table(["1"] * 20 + ["0"] * 40), unlabelled=0)
    twice = replace(read, materials=read.materials[np.r_[np.arange(57), 0, 0, 0]])
    merged = merge_repeats(twice, "made")
    assert len(merged) == 57
    assert merged.target().values[0] == 1.0


@given(st.integers(-50, 50))
def test_numbers_are_the_same_however_they_are_written(number: int) -> None:
    assert plain_cell(f" {number} ") == plain_cell(f"{number}.0") == plain_cell(f"{float(number):.2e}")


def test_codes_of_many_digits_are_told_apart():
    assert plain_cell("1234567") != plain_cell("1234568")
    assert plain_cell("1.0") == plain_cell(" 1 ") == "1"
    assert plain_cell("0.25") == "0.25"


@pytest.mark.parametrize(("last", "asked"), [("1", True), ("2", False)])
def test_materials_that_are_both_raise_a_question(last: str, asked: bool) -> None:
    cells = [str(n % 2) for n in range(10)]
    formulas = [*FORMULAS[:8], FORMULAS[1], FORMULAS[0]]
    remarks = as_dataset(table([*cells[:8], "0", last], formulas), "made").provenance.remarks
    asking = [one for one in remarks if "in one row and 0 in another" in one]
    assert codes(asking) == ["perhaps-unlabelled"] * asked
    assert all(one.startswith("made: 2 materials are 1 in one row") for one in asking)
