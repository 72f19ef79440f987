from __future__ import annotations

import numpy as np
import polars as pl

from matscout.data.reading import read
from matscout.workflow.check import check
from matscout.workflow.labels import label_sentences, list_rows, missing_labels, scale_sentences, unused_conditions


def test_rows_without_a_label_are_counted_and_listed() -> None:
    frame = pl.DataFrame(
        {
            "formula": ["NaCl", "KCl", "MgO", "Xq2", "ZnO", "GaN"],
            "gap": ["8.5", None, None, "1", "3.3", "n/a"],
            "ZT": ["1", "2", "3", "4", "5", None],
        }
    )
    dataset = read(frame, target=("gap", "ZT"))
    assert label_sentences(dataset) == ("2 of 6 rows have a value of gap", "4 of 6 rows have a value of ZT")
    assert missing_labels(dataset) == ("gap: no label in 3 rows (2-3, 6)", "ZT: no label in 1 row (6)")
    summary = check(dataset)
    assert (summary.n_used, summary.n_labelled, summary.labels) == (5, 4, label_sentences(dataset))
    assert set(missing_labels(dataset)) <= set(summary.remarks)


def test_columns_called_like_conditions_are_said_to_be_unused_unless_they_are_used_or_constant() -> None:
    frame = pl.DataFrame(
        {
            "rxn": ["CC>>CCC", "CN>>CNC", "CO>>COC"],
            "temp (C)": [25, 80, 25],
            "time": [1, 1, 1],
            "solvent": ["DMF", "THF", "DMF"],
            "MW": [1.0, 2.0, 3.0],
            "yield": [10.0, 20.0, 95.0],
        }
    )
    told = "not used: temp (C), solvent; if these are conditions, name them (--context='temp (C)' --context=solvent)"
    assert unused_conditions(read(frame)) == (told,)
    assert told in check(read(frame)).remarks
    assert not unused_conditions(read(frame, context=("temp", "solvent")))
    materials = pl.DataFrame({"formula": ["NaCl", "KCl"], "T (K)": [300, 500], "solvent": ["a", "b"], "ZT": [0.1, 0.2]})
    assert unused_conditions(read(materials, target="ZT")) == (
        "not used: T (K); if these are conditions, name them (--context='T (K)')",
    )


def test_row_numbers_are_told_in_runs() -> None:
    assert list_rows([]) == ""
    assert list_rows([4]) == "4"
    assert list_rows([2, 5, 6, 7, 9]) == "2, 5-7, 9"
    assert list_rows(np.arange(1, 101, 2).tolist()).endswith("39, and 30 more ranges")


def test_components_that_nobody_named_are_said_to_be_unused() -> None:
    frame = pl.DataFrame(
        {
            "amine": ["CN", "CCN", "c1ccccc1N"],
            "base": ["CCN(CC)CC", "c1ccncc1", "c1ccncc1"],
            "solvent": ["DMF", "THF", "DMF"],
            "yield": [10.0, 20.0, 95.0],
        }
    )
    assert unused_conditions(read(frame, reaction="base")) == (
        "not used: amine; if these take part in the reactions, name them (--reaction=amine)",
        "not used: solvent; if these are conditions, name them (--context=solvent)",
    )


def test_the_scale_of_what_has_limits_is_told_where_it_was_asked_for() -> None:
    frame = pl.DataFrame({"rxn": ["CC>>CCC", "CN>>CNC", "CO>>COC"], "yield (%)": [1.0, 40.0, 95.0]})
    dataset = read(frame)
    assert dataset.target("yield").limits is not None
    assert scale_sentences(dataset) == ()
    for scale, by in (("log", "factors"), ("linear", "differences")):
        assert scale_sentences(dataset.on_scale(scale)) == (f"'yield' is compared by {by}, as requested.",)
