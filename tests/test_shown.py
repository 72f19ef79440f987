"""Results show themselves in a line, as tables and as arrays."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import polars
import pytest
from pymatgen.core import Lattice, Structure

import matscout
from matscout.app import front
from matscout.data.made_up import as_known, made_up_dataset
from matscout.progress import NotebookLine, in_notebooks
from matscout.shown import LONGEST, Shown, ShownTable, as_array, named_few

SALTS = ["LiF", "NaF", "KF", "RbF", "LiCl", "NaCl", "KCl", "RbCl", "LiBr", "NaBr", "KBr", "RbBr", "MgO", "CaO", "SrO"]
TABLE = polars.DataFrame({"formula": SALTS, "gap (eV)": [14.2 - 0.4 * place for place in range(len(SALTS))]})
CLASSES = TABLE.select("formula", polars.Series("kind", ["fluoride"] * 4 + ["other"] * 11))


def _scouted(_: Path) -> Any:
    return matscout.scout(
        TABLE, "max", model="gp", fast=True, elements=["Li", "Na", "F", "Cl", "Br"], n_candidates=200, level=0.5
    )


def _campaign(_: Path) -> Any:
    return matscout.Campaign.begin(matscout.read(TABLE), "max", model="gp")


CAESIUM_CHLORIDE = Structure(Lattice.cubic(4.0), ["Cs", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def _defects(_: Path) -> Any:
    cell = CAESIUM_CHLORIDE * (3, 3, 3)
    cell.remove_sites([30])
    return matscout.read_defects(CAESIUM_CHLORIDE, [cell])


def _arranged(folder: Path) -> Any:
    path = folder / "energies.json"
    path.write_text('{"cutoff": 1, "sites": [{"defect": "Br(Cl)", "energy": 0.2}], "pairs": []}', encoding="utf-8")
    return matscout.arrange(CAESIUM_CHLORIDE, "2,2,2", "Cl->Br:2", path)


def _hull(_: Path) -> Any:
    phases = {
        "formula": ["NaCl", "Na2O"],
        "formation_energy_per_atom": [-2.0, -1.4],
        "scheme": ["corrected-mp2020"] * 2,
    }
    return matscout.hull(polars.DataFrame(phases), polars.DataFrame(phases))


def _moved(_: Path) -> Any:
    ase = pytest.importorskip("ase.build")
    return matscout.dynamics([ase.bulk("Ar", a=5.3, cubic=True)], "lennard-jones", temperature=30, ps=0.5, timestep=5,
                             interval=5, equilibration=0, ion="Ar", supercell="1,1,1")  # fmt: skip


def _relaxed(_: Path) -> Any:
    ase = pytest.importorskip("ase.build")
    return matscout.relax([ase.bulk("Ar", a=5.3, cubic=True)], force_field="lennard-jones", steps=20)


def _index(folder: Path) -> Any:
    pytest.importorskip("lancedb")
    return matscout.build_index(SALTS, folder / "salts.index", ["magpie"])


KNOWN = made_up_dataset("composition", 60, label=as_known)

RESULTS: dict[str, Callable[[Path], Any]] = {
    "read": lambda _: matscout.read(TABLE),
    "read_materials": lambda _: matscout.read_materials(SALTS),
    "embed": lambda _: matscout.embed(SALTS, "magpie"),
    "make_representation": lambda _: matscout.make_representation("magpie"),
    "Materials": lambda _: matscout.Materials.from_formulas(SALTS),
    "fit": lambda _: matscout.fit(TABLE, model="gp", fast=True),
    "predict": lambda _: matscout.fit(TABLE, model="gp", fast=True).predict("CsF", 0.5),
    "predict classes": lambda _: matscout.fit(CLASSES, model="gp", fast=True).predict(SALTS, 0.5),
    "predict likeness": lambda _: matscout.fit(KNOWN, fast=True).predict(SALTS),
    "load": lambda folder: matscout.load(matscout.fit(TABLE, model="gp", fast=True).save(folder / "model")),
    "evaluate": lambda _: matscout.evaluate(TABLE, model="gp", baselines=("dummy",), n_folds=3, level=0.5, fast=True),
    "scout": _scouted,
    "map_materials": lambda _: matscout.map_materials(SALTS, method="pca"),
    "build_index": _index,
    "search_index": lambda folder: matscout.search_index(_index(folder), "NaCl", k=3),
    "Workflow": lambda _: matscout.Workflow.of({"workflow": 1, "steps": {"labels": {"read": {"file": "a.csv"}}}}),
    "Campaign": _campaign,
    "compare_strategies": lambda _: matscout.compare_strategies(
        made_up_dataset("composition", 40), "max", ["random"], runs=2, batch=4, n_batches=2
    ),
    "arrange": _arranged,
    "read_defects": _defects,
    "CrystalWishes": lambda _: matscout.CrystalWishes(formula="NaCl"),
    "generate_crystals": lambda _: matscout.generate_crystals("NaCl", 2, with_="random"),
    "score_crystals": lambda _: matscout.score_crystals([CAESIUM_CHLORIDE]),
    "hull": _hull,
    "relax": _relaxed,
    "dynamics": _moved,
    "Recall": lambda _: matscout.Recall("salts.index", "NaCl"),
}
"""Public function -> a small result of it."""

NO_NOUN = {"__version__", "describe", "run_workflow", "screen"}
"""Texts, results by name, and what gives the same as another one."""


def test_all_public_functions_are_looked_at() -> None:
    assert {name.partition(" ")[0] for name in RESULTS} - {"predict"} == set(matscout.__all__) - NO_NOUN
    assert typing.get_type_hints(front.screen)["return"] is typing.get_type_hints(front.scout)["return"]


def _parts(result: Any) -> list[Any]:
    """A result and what it holds, of classes of matscout."""
    names = [name for name in dir(result) if not name.startswith("_")]
    fields = [name for name in names if not callable(inspect.getattr_static(result, name))]
    held = [getattr(result, name) for name in fields if name != "structure"]
    return [result, *(one for one in held if isinstance(one, Shown))]


@pytest.mark.parametrize("name", RESULTS)
def test_results_show_themselves_in_a_line(name: str, tmp_path: Path) -> None:
    for one in _parts(RESULTS[name](tmp_path)):
        line = repr(one)
        assert len(line) < 200, line
        assert "\n" not in line
        assert "array(" not in line
        assert " at 0x" not in line
        if isinstance(one, Shown):
            assert line.startswith(f"{type(one).__name__}: ")
            assert one._repr_html_().startswith(f"<b>{type(one).__name__}</b>: ")
        if isinstance(one, ShownTable):
            frame, by_pandas = one.to_frame(), one.to_pandas()
            assert list(by_pandas.columns) == frame.columns
            assert by_pandas.shape == frame.shape
            assert ("<table>" in one._repr_html_()) and one._repr_html_().count("<tr>") <= 11


def test_lines_say_what_one_looks_for() -> None:
    dataset = matscout.read(TABLE)
    assert repr(dataset) == "Dataset: 15 rows, gap (eV), 11 elements"
    assert repr(matscout.read(CLASSES)) == "Dataset: 15 rows, kind (classes), 11 elements"
    assert repr(dataset.materials) == "Materials: 15 materials, 11 elements"
    assert repr(dataset.materials[0]) == "Material: LiF (1), composition only"
    assert repr(dataset.target()) == "Target: gap (eV), 15 of 15 values known, 8.6 to 14.2"
    assert repr(matscout.embed(SALTS, "magpie")).startswith("Embedding: 15 vectors of 132 columns (")


def test_long_lines_are_cut() -> None:
    class Long(Shown):
        def in_a_line(self) -> str:
            return "word\n" * 100

    assert len(repr(Long())) == LONGEST
    assert "\n" not in repr(Long())
    assert named_few("abcdefg") == "a, b, c, d, e and 2 more"


def test_frames_hold_values_by_name() -> None:
    frame = matscout.read(CLASSES).to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["kind"].tolist() == CLASSES["kind"].to_list()
    gaps = matscout.read(
        TABLE.with_columns(polars.Series("gap (eV)", [None, *TABLE["gap (eV)"].to_list()[1:]]))
    ).to_pandas()
    assert gaps["gap"].isna().tolist() == [True] + [False] * 14
    assert gaps["gap"].dtype == np.float64


def test_matrices_and_vectors_are_arrays() -> None:
    embedding = matscout.embed(SALTS, "magpie")
    assert np.asarray(embedding) is embedding.vectors
    assert np.array(embedding, dtype=np.float32).dtype == np.float32
    copied = np.array(embedding, copy=True)
    assert copied is not embedding.vectors
    assert copied.flags.writeable
    predictions = matscout.fit(TABLE, model="gp", fast=True).predict(SALTS, 0.5)
    assert np.array_equal(np.asarray(predictions), predictions.predicted)
    assert as_array(np.arange(3), np.float64).tolist() == [0.0, 1.0, 2.0]


class _Shell:
    execution_count = 1
    kernel = "of the test"


def test_a_notebook_shows_a_line_that_is_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    line = NotebookLine(_Shell())
    monkeypatch.setattr(line, "_show", shown.append)
    for done in range(11):
        line("fold", done, 10)
    assert shown[0] == "fold [                    ] 0 of 10, 0 s"
    assert shown[-1] == "fold [####################] 10 of 10, 0 s"
    assert len(shown) == 2
    line("vectors", 0, 1)
    assert shown[-1] == "vectors, 0 s"


def test_scripts_show_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    in_notebooks("fold", 0, 10)
    assert capsys.readouterr() == ("", "")
