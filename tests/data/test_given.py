"""Public functions take what a user has at hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import polars
import pytest
from pymatgen.core import Composition, Lattice, Structure

import matscout
from matscout.data.given import as_dataset, as_materials
from matscout.errors import InputError, MatscoutError, UsageError

FORMULAS = ["NaCl", "KBr"]
SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def _file(folder: Path) -> Path:
    path = folder / "salts.csv"
    path.write_text(
        "formula,T (K),gap (eV)\n" + "".join(f"{one},300,{place}.5\n" for place, one in enumerate(FORMULAS))
    )
    return path


TABLE = {"formula": FORMULAS, "gap (eV)": [8.5, 7.6]}

FORMS: dict[str, Callable[[Path], Any]] = {
    "list": lambda _: FORMULAS,
    "tuple": lambda _: tuple(FORMULAS),
    "array": lambda _: np.array(FORMULAS),
    "pandas series": lambda _: pandas.Series(FORMULAS),
    "polars series": lambda _: polars.Series(FORMULAS),
    "pandas": lambda _: pandas.DataFrame(TABLE),
    "polars": lambda _: polars.DataFrame(TABLE),
    "path": _file,
    "path as text": lambda folder: str(_file(folder)),
    "compositions": lambda _: [Composition(one) for one in FORMULAS],
    "compositions and formulas": lambda _: [Composition("NaCl"), "KBr"],
    "materials": lambda _: matscout.read_materials(FORMULAS).materials,
    "rows of materials": lambda _: list(matscout.read_materials(FORMULAS).materials),
    "data set": lambda _: matscout.read_materials(FORMULAS),
    "structures in a frame": lambda _: pandas.DataFrame(
        {"structure": [SALT, SALT.copy().replace_species({"Na": "K", "Cl": "Br"})]}
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_many_forms_are_the_same_materials(form: str, tmp_path: Path) -> None:
    assert as_materials(FORMS[form](tmp_path)).keys().tolist() == as_materials(FORMULAS).keys().tolist()


@pytest.mark.parametrize("one", ["NaCl", Composition("NaCl"), SALT, matscout.read_materials("NaCl").materials[0]])
def test_a_single_material_is_a_batch_of_one(one: object) -> None:
    assert as_materials(one).keys().tolist() == as_materials(["NaCl"]).keys().tolist()


def test_structures_of_both_libraries_are_crystals() -> None:
    atoms = pytest.importorskip("pymatgen.io.ase").AseAtomsAdaptor.get_atoms(SALT)
    expected = matscout.embed([SALT, SALT], "structure-basic").vectors
    assert np.allclose(matscout.embed([atoms, atoms], "structure-basic").vectors, expected)
    assert np.allclose(matscout.embed(atoms, "structure-basic").vectors, expected[:1])


def test_a_reaction_is_known_by_its_arrows() -> None:
    assert as_materials("CCO>>CC=O").kind.name == "reaction"


@pytest.mark.parametrize("wrong", [3, None, {"a": 1}, b"NaCl"])
def test_what_is_taken_is_said_with_the_name_of_the_argument(wrong: object) -> None:
    with pytest.raises(UsageError, match=r"^materials= takes a formula or a list of formulas, a path.*; got "):
        matscout.embed(wrong, "magpie")


def test_a_file_that_is_not_there_is_no_formula() -> None:
    with pytest.raises(InputError, match=r"^dataset='salts.csv' is neither a formula nor a file or folder"):
        matscout.fit("salts.csv")


def test_labels_are_needed_to_fit() -> None:
    for function in (matscout.fit, matscout.evaluate, lambda given: matscout.scout(given, "max")):
        with pytest.raises(UsageError, match=r"^dataset= needs labels, but \['NaCl', 'KBr'\] has none"):
            function(FORMULAS)


def test_results_are_row_by_row_so_no_row_is_lost() -> None:
    with pytest.raises(InputError, match="row 2: 'Xx'"):
        as_materials(["NaCl", "Xx"])
    with pytest.raises(InputError, match="1 of 2 rows of pandas frame cannot be used"):
        as_materials(pandas.DataFrame({"formula": ["NaCl", "Xx"]}))


def test_lists_of_two_kinds_are_refused() -> None:
    with pytest.raises(UsageError, match="begins with a structure of pymatgen and then has 'NaCl'"):
        as_materials([SALT, "NaCl"])


def test_a_table_gives_labels_and_conditions(tmp_path: Path) -> None:
    dataset = as_dataset(_file(tmp_path), target="gap", context="T")
    assert dataset.target().values.tolist() == [0.5, 1.5]
    assert dataset.materials.context["T"].tolist() == [300.0, 300.0]
    with pytest.raises(UsageError, match="context= is for tables, but dataset= is already read"):
        as_dataset(dataset, context="T")


def test_unclear_tables_name_arguments(tmp_path: Path) -> None:
    with pytest.raises(MatscoutError, match=r"name it \(target=\), and the conditions .* \(context=\)"):
        matscout.fit(_file(tmp_path))


def test_a_model_takes_the_same_and_conditions_of_its_own(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    rows = [
        f"{one},{300 + 10 * place},{place}" for place, one in enumerate(["LiF", "NaF", "KF", "LiCl", "NaCl", "KCl"] * 3)
    ]
    table.write_text("\n".join(["formula,T (K),gap", *rows]))
    model = matscout.fit(table, "gap", model="gp", fast=True, context="T")
    with pytest.raises(UsageError, match=r"set one value for all rows \(settings=\{'T': VALUE\}\)"):
        model.predict("NaCl", 0.5)
    with pytest.raises(UsageError, match=r"^settings='p': the model has no such context column; it uses T"):
        model.predict("NaCl", 0.5, settings={"p": 3})
    celsius = model.predict(["NaCl"], 0.5, settings={"T": "26.85 C"}).predicted
    assert celsius == pytest.approx(model.predict("NaCl", 0.5, settings={"T": 300}).predicted)
    assert celsius == pytest.approx(model.predict(pandas.DataFrame({"formula": ["NaCl"], "T": [300.0]}), 0.5).predicted)
