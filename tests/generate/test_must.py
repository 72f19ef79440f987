"""What candidates must hold: by the labels, by the user, and who wins where they disagree."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.generate.making import generate

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.data.reading import read
from matscout.discover.filters import require_some, screen
from matscout.errors import InputError, UsageError
from matscout.generate.base import Candidates
from matscout.generate.generators.enumeration import enumerate_neutral
from matscout.generate.generators.substitution import substitute
from matscout.generate.must import NOTHING, must_of
from matscout.generate.pools import element_pool
from matscout.remarks import codes

SALTS = [f"Li{amount}{anion}" for anion in ("F", "Cl", "Br", "I", "S", "O", "N") for amount in (1, 2, 3)]


def labels(formulas: list[str], known: int | None = None) -> Dataset:
    values = np.where(np.arange(len(formulas)) < (len(formulas) if known is None else known), 1.0, np.nan)
    return Dataset(Materials.from_formulas(formulas), {"conductivity": Target("conductivity", values, "S/cm")})


def test_an_element_of_all_labels_is_asked_for_and_said() -> None:
    must = must_of(labels(SALTS), ["conductivity"], None)
    assert must.symbols == ("Li",)
    assert must.step == "holds Li, as 100 % of the labels do"
    assert must.remarks == ("Every label holds Li (21 of 21), so candidates must, too; --must=none allows all.",)


def test_repeats_count_once() -> None:
    must = must_of(labels([*SALTS, *SALTS[:5]]), ["conductivity"], None)
    assert "(21 of 21)" in must.remarks[0]


@pytest.mark.parametrize(("others", "symbols"), [(["NaCl"], ("Li",)), (["NaCl", "KCl"], ())])
def test_the_share_that_counts_is_95_percent(others: list[str], symbols: tuple[str, ...]) -> None:
    must = must_of(labels([*SALTS[:19], *others]), ["conductivity"], None)
    assert must.symbols == symbols
    if symbols:
        assert must.step == "holds Li, as 95 % of the labels do"
        assert must.remarks[0].startswith("95 % of the labels hold Li (19 of 20), so candidates must, too")


@pytest.mark.parametrize(("known", "symbols"), [(19, ()), (20, ("Li",))])
def test_rows_without_a_value_are_no_labels(known: int, symbols: tuple[str, ...]) -> None:
    assert must_of(labels(SALTS, known), ["conductivity"], None).symbols == symbols


def test_several_shared_elements_are_one_step() -> None:
    oxides = [f"Li{a}{metal}O{b}" for metal in ("Mn", "Fe", "Co", "Ni", "Cu") for a in (1, 2) for b in (2, 3)]
    must = must_of(labels([*oxides, *(["LiF"])]), [], None)
    assert must.symbols == ("Li", "O")
    assert must.step == "holds Li and O, as at least 95 % of the labels do"
    assert must.remarks[0].startswith("Nearly all labels hold Li (21 of 21) and O (20 of 21), so candidates must, too")
    assert must_of(labels(oxides), [], None).remarks[0].startswith("Every label holds Li and O (20 of 20)")


def test_none_asks_for_nothing_and_says_what_follows() -> None:
    must = must_of(labels(SALTS), ["conductivity"], ())
    assert (must.symbols, must.step) == ((), "")
    assert must.remarks == ("Every label holds Li (21 of 21): candidates without it may lie outside the domain.",)


def test_a_list_is_taken_as_it_is() -> None:
    must = must_of(labels(SALTS), ["conductivity"], ("Na", "O", "Na"))
    assert (must.symbols, must.step) == (("Na", "O"), "holds Na and O, as asked")


@pytest.mark.parametrize(
    ("asked", "expected", "named"),
    [
        (("Li",), [], ""),
        (("Li", "O"), [], ""),
        (("Kr",), ["asked-elements-in-no-label"], "contains Kr,"),
        (("Li", "Na", "Kr"), ["asked-elements-in-no-label"], "contains any of Na and Kr,"),
        (("O", "F"), ["asked-elements-never-together"], "holds O and F together"),
    ],
)
def test_what_no_label_holds_is_told(asked: tuple[str, ...], expected: list[str], named: str) -> None:
    remarks = must_of(labels(SALTS), ["conductivity"], asked).remarks
    assert codes(remarks) == expected
    assert named in " ".join(remarks)


def test_each_element_that_is_asked_for_is_a_step_of_its_own() -> None:
    formulas = ["LiF", "LiCl", "NaCl", "Li2SO4", "K2SO4"]
    found = Candidates(Materials.from_formulas(formulas), np.array(list("abcde")))
    must = must_of(labels(SALTS), [], ("Li", "S", "Cl"))
    screening = screen(found, Materials.from_formulas(SALTS), must=must)
    steps = (("holds Li, as asked", 3), ("holds S, as asked", 1), ("holds Cl, as asked", 0))
    assert screening.funnel == steps
    told = "candidates: 5, holds Li, as asked: 3, holds S, as asked: 1, holds Cl, as asked: 0"
    with pytest.raises(InputError, match=told):
        require_some(screening, must)


def test_what_cannot_be_generated_is_explained() -> None:
    with pytest.raises(
        InputError, match=r"no candidate with Li, Na, K, S and Cl .*at most 4 elements.*21 contain Li, 0 contain Na"
    ):
        generate(labels(SALTS), 100, must=("Li", "Na", "K", "S", "Cl"))
    with pytest.raises(InputError, match="no oxidation state or electronegativity is known for Ne"):
        generate(labels(SALTS), 100, must=("Li", "Ne"))
    with pytest.raises(InputError, match="no combination of them is charge-neutral"):
        generate(labels(SALTS), 100, elements=("Li", "Na"), must=("Li", "Na"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"exclude": ("Li",)}, "must= and exclude= both name Li"),
        ({"elements": ("Na", "O")}, "must= names Li, which is not among elements="),
    ],
)
def test_a_list_that_contradicts_is_refused(options: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        must_of(labels(SALTS), ["conductivity"], ("Li",), **options)


@pytest.mark.parametrize(
    ("options", "why"),
    [({"exclude": ("Li",)}, "it is excluded"), ({"elements": ("Na", "O")}, "it is not among --elements")],
)
def test_what_the_user_leaves_out_wins_over_the_labels(options: dict, why: str) -> None:
    must = must_of(labels(SALTS), ["conductivity"], None, **options)
    assert not must.symbols
    assert must.remarks[0].startswith(f"Every label holds Li (21 of 21), but {why}: candidates need not contain it")


def test_reactions_have_no_elements_to_ask_for() -> None:
    frame = pl.DataFrame({"rxn": ["CCBr>>CCO", "CCCBr>>CCCO"], "yield (%)": [10.0, 20.0]})
    plate = read(frame, reaction="rxn", target="yield")
    assert must_of(plate, ["yield"], None) is NOTHING
    with pytest.raises(UsageError, match="the labels are reactions"):
        must_of(plate, ["yield"], ("Li",))


def test_it_is_a_step_of_the_funnel() -> None:
    found = Candidates(Materials.from_formulas(["SI3Br3", "Li3SBr", "NaCl", "LiF"]), np.array(list("abcd")))
    screening = screen(found, Materials.from_formulas(SALTS), require=["new"], must=must_of(labels(SALTS), [], None))
    assert screening.funnel == (
        ("holds Li, as 100 % of the labels do", 2),
        ("no label and no near-duplicate of one", 1),
    )
    assert screening.removed_by.tolist()[0] == "holds Li, as 100 % of the labels do"


def test_where_it_leaves_nothing_the_way_out_is_told() -> None:
    must = must_of(labels(SALTS), [], None)
    found = Candidates(Materials.from_formulas(["NaCl", "KCl"]), np.array(["a", "b"]))
    screening = screen(found, Materials.from_formulas(SALTS), must=must)
    with pytest.raises(InputError, match=r'"holds Li, .*" removed 2 of them.*must=\(\) allows all'):
        require_some(screening, must)


def holding(candidates: Candidates, symbol: str) -> bool:
    return all(symbol in candidates.materials.compositions.to_dict(row) for row in range(len(candidates)))


def test_no_generator_loses_what_candidates_must_hold() -> None:
    compositions = Materials.from_formulas([*SALTS, "NaCl", "KBr"]).compositions
    names = [*SALTS, "NaCl", "KBr"]
    pool = element_pool(compositions)
    free, bound = (substitute(compositions, names, pool, 300, must=must) for must in ((), ("Li",)))
    assert holding(bound, "Li")
    assert not holding(free, "Li")
    # What all must hold may come in: LiCl is labelled, but K can make way for it in KBr with another anion.
    assert len(bound)
    enumerated = enumerate_neutral(["Li", "Na", "S", "Cl", "O"], 100, must=["Li", "O"])
    assert holding(enumerated, "Li")
    assert holding(enumerated, "O")
    generated = generate(labels(SALTS), 500, must=["Li"])
    assert len(generated) == 500
    assert holding(generated, "Li")


def test_what_is_asked_for_is_combined_even_if_no_label_is_like_it() -> None:
    assert "U" in element_pool(Materials.from_formulas(SALTS).compositions, must=["U"])
