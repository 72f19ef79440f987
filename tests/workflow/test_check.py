from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset, Provenance, Target
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.workflow.check import check


def materials(*compositions: dict[str, float]) -> Materials:
    names = np.array([f"m{number}" for number in range(len(compositions))])
    context = {"temperature": np.linspace(300.0, 600.0, len(compositions)), "route": names}
    return Materials(names, names, Compositions.from_dicts(compositions), context=context)


def dataset() -> Dataset:
    gap = Target("gap", np.array([0.0, 1.5, np.nan, 3.0]), "eV", errors=np.array([np.nan, 0.1, 0.1, np.nan]))
    metal = Target("metal", np.array([0.0, 1.0, 1.0, np.nan]), task="classification", classes=("no", "yes"))
    bound = Target("kappa", np.array([0.1, 1.0, 1.0, 2.0]), censored=np.array([-1, 0, 0, 1], dtype=np.int8))
    return Dataset(
        materials({"Fe": 2, "O": 3}, {"Ga": 1, "As": 1}, {"Fe": 4, "O": 6}, {"Si": 1}),
        {target.name: target for target in (gap, metal, bound)},
        problems=(RowProblem(4, "nan", "no value", "ok", dropped=False), RowProblem(9, "Xx2", "no element", "mend it")),
        provenance=Provenance("labels.csv", "abc", 5, remarks=("comma between columns",)),
    )


def test_counts_rows_and_materials() -> None:
    summary = check(dataset())
    assert (summary.n_found, summary.n_used, summary.n_left_out) == (5, 4, 1)
    assert (summary.n_materials, summary.n_repeated) == (3, 2)
    assert summary.elements == ("O", "Si", "Fe", "Ga", "As")
    assert summary.bad_fraction == 0.2
    assert [problem.row for problem in summary.problems] == [9, 4]
    assert dict(summary.context)["temperature"] == "numbers from 300 to 600"
    assert dict(summary.context)["route"].startswith("4 categories: m0, m1")


def test_counts_values() -> None:
    gap, metal, kappa = check(dataset()).targets
    assert (gap.n_known, gap.minimum, gap.median, gap.maximum, gap.n_zero, gap.n_with_error) == (3, 0, 1.5, 3, 1, 1)
    assert metal.class_counts == (("no", 1), ("yes", 2))
    assert np.isnan(metal.median)
    assert kappa.n_censored == 2


def test_repeats_that_contradict_each_other_are_listed() -> None:
    formulas = [{"Fe": 2.0, "O": 3.0 + 0.1 * place} for place in range(20)]
    again = np.arange(6) / 10 + np.array([0.01, 0.01, 0.02, 0.01, 0.02, 5.5])
    gap = Target("gap", np.concatenate([np.arange(20) / 10, again]), "eV")
    plain = replace(materials(*formulas, *formulas[:6]), context={})
    summary = check(Dataset(plain, {"gap": gap}, row_numbers=np.arange(2, 28)))
    assert summary.targets[0].n_known == 26
    assert summary.targets[0].n_merged == 20
    assert any("6 materials" in remark and "merged" in remark for remark in summary.remarks)
    assert [problem.row for problem in summary.problems] == [7]
    assert summary.n_left_out == 0


def test_suggestions_name_what_to_do() -> None:
    text = " ".join(check(dataset()).suggestions)
    assert "--groups" in text
    assert "kappa: no unit in the header" in text
    assert "fewer than 5 rows in the classes no, yes" in text
    grouped = Dataset(dataset().materials, groups=np.array(["a", "a", "b", "b"]))
    assert check(grouped).n_groups == 2
    assert "--groups" not in " ".join(check(grouped).suggestions)


def test_empty_file_is_all_bad() -> None:
    assert check(Dataset(materials())).bad_fraction == 1.0


@pytest.mark.parametrize(("scale", "ruled"), [("linear", True), ("log", False)])
def test_a_value_far_beyond_the_others_is_worth_a_look(scale, ruled):
    values = np.array([1.0, 2.0, 3.0, 4e6, 2.5])
    target = Target("kappa", values, "W/m/K", asked_scale=scale)
    dataset = Dataset(Materials.from_formulas(["NaCl", "KCl", "LiF", "NaF", "KF"]), {"kappa": target})
    (striking,) = [sentence for sentence in check(dataset).suggestions if "4e+06 in row 4" in sentence]
    assert "more than 1,000 times any other value: check its unit and decimal point" in striking
    assert ("dominates every mean error" in striking) is ruled
    assert not [remark for remark in check(dataset).remarks if "1,000 times" in remark]
