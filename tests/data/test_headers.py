"""Headers of grids as people lay them out."""

from __future__ import annotations

import pytest

from matscout.data.headers import find_header, typical_width
from matscout.errors import InputError
from matscout.remarks import codes

DATA = [["Si", "300", "1.12"], ["Ge", "300", "0.66"], ["GaAs", "300", "1.42"]]


def header_of(*lines):
    rows = [*lines, *DATA]
    return find_header(rows, typical_width(rows))


def test_plain_header():
    header = header_of(["formula", "T", "gap"])
    assert (header.names, header.first, header.units) == (("formula", "T", "gap"), 1, {})


def test_title_and_blank_lines_above():
    header = header_of(["My gaps"], [], ["measured in May", "", ""], ["formula", "T", "gap"])
    assert (header.names, header.first) == (("formula", "T", "gap"), 4)
    assert "lines-above-header" in codes(header.remarks)


def test_line_of_units():
    header = header_of(["formula", "T", "gap"], ["", "(K)", "eV"])
    assert (header.names, header.first) == (("formula", "T", "gap"), 2)
    assert header.units == {"T": "K", "gap": "eV"}


def test_a_row_of_elements_is_no_line_of_units():
    rows = [["formula", "phase"], ["K", "V"], ["Si", "C"], ["W", "S"]]
    assert find_header([["formula", "gap"], ["K", "0"], ["Si", "1.1"]], 2).first == 1
    assert find_header(rows, 2).first == 1


def test_merged_cells_over_names():
    header = header_of(["Material", "", "Electronic"], ["formula", "T (K)", "gap"])
    assert (header.names, header.first) == (("formula", "T (K)", "gap"), 2)


def test_merged_cells_keep_the_upper_name_where_the_lower_one_is_not_unique():
    rows = [
        ["", "film", "", "bulk", ""],
        ["formula", "gap", "T", "gap", "T2"],
        ["Si", "1", "2", "3", "4"],
        ["Ge", "1", "2", "3", "4"],
    ]
    assert find_header(rows, 5).names == ("formula", "film: gap", "T", "bulk: gap", "T2")


def test_merged_cells_with_a_unit_give_it_to_the_columns_below():
    rows = [["", "band gap (eV)", "", "", ""], ["formula", "exp", "calc", "T (K)", "note"]]
    rows += [["NaCl", "8.5", "5.0", "300", "film"], ["KCl", "8.0", "5.1", "300", "bulk"]]
    header = find_header(rows, 5)
    assert (header.names, header.first) == (("formula", "band gap: exp", "band gap: calc", "T (K)", "note"), 2)
    assert header.units == {"band gap: exp": "eV", "band gap: calc": "eV"}
    assert "header-of-several-lines" in codes(header.remarks)
    assert "lines-above-header" not in codes(header.remarks)


def test_cells_merged_downwards_beside_cells_merged_across():
    header = header_of(["formula", "band gap (eV)", ""], ["", "exp", "calc"])
    assert (header.names, header.first) == (("formula", "band gap: exp", "band gap: calc"), 2)
    assert header.units == {"band gap: exp": "eV", "band gap: calc": "eV"}


def test_a_title_alone_above_the_header_is_no_merged_cell():
    header = header_of(["Table 1 (eV)", "", ""], ["formula", "T", "gap"])
    assert (header.names, header.units) == (("formula", "T", "gap"), {})


def test_no_header():
    assert header_of().names == ("column 1", "column 2", "column 3")
    assert header_of().first == 0
    assert find_header([["Si"], ["Ge"]], 1).first == 0
    assert find_header([["formula"], ["Ge"]], 1).first == 1


def test_double_and_blank_names():
    header = header_of(["formula", "", "formula"])
    assert header.names == ("formula", "column 2", "formula (2)")
    assert "columns-of-one-name" in codes(header.remarks)


def test_commented_header():
    assert header_of(["# formula", "T", "gap"]).names == ("formula", "T", "gap")


def test_a_header_with_more_names_than_the_rows_have_cells_is_refused() -> None:
    rows = [["yield (%", " LCMS)", "halide", "base"], ["20", "CBr", "O"], ["30", "CCl", "O"]]
    with pytest.raises(InputError, match=r"the header in line 1 names 4 columns .*, but most rows have 3 cells: put"):
        find_header(rows, typical_width(rows))
    blank_end = [["gap", "formula", "", ""], ["1", "Si"], ["2", "Ge"]]
    assert find_header(blank_end, typical_width(blank_end)).names == ("gap", "formula")


def test_a_reaction_with_a_number_beside_it_is_no_header() -> None:
    rows = [["CC.O>>CCO", "20"], ["CN.O>>CNO", "30"]]
    assert find_header(rows, 2).names == ("column 1", "column 2")


def test_brackets_around_units_below_the_header_may_hold_others():
    rows = [["formula", "kappa", "T"], ["", "[W/(m K)]", "K"], ["PbTe", "1.2", "300"], ["PbSe", "1.3", "300"]]
    assert find_header(rows, 3).units == {"kappa": "W/(m K)", "T": "K"}


def test_a_name_may_stand_any_number_of_times():
    """In a time that grows with their number; so that this test ends."""
    names = find_header([["a"] * 3_000, ["1"] * 3_000], 3_000).names
    assert names[:3] == ("a", "a (2)", "a (3)")
    assert names[-1] == "a (3000)"
    assert find_header([["a", "a (2)", "a", "a"], ["1"] * 4], 4).names == ("a", "a (2)", "a (3)", "a (4)")
