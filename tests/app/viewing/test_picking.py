"""One structure out of a folder, an archive, arrays, a table or a file of frames."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pymatgen.core import Lattice, Structure

from matscout.app.viewing.picking import NAMED, pick
from matscout.errors import InputError, UsageError
from matscout.workflow.label_settings import MaterialSettings

NAMES = ("mp-1", "mp-2", "mp-3", "mp-4", "mp-5", "mp-6", "mp-7")


def crystal(place: int) -> Structure:
    """Differs by its lattice constant."""
    return Structure(Lattice.cubic(4.0 + place / 10), ["Cs", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def folder(at: Path) -> Path:
    at.mkdir()
    for place, name in enumerate(NAMES):
        crystal(place).to(str(at / f"{name}.cif"))
    (at / "notes.txt").write_text("not a structure\n", encoding="utf-8")
    return at


def archive(at: Path) -> Path:
    with zipfile.ZipFile(at, "w") as packed:
        for path in sorted(folder(at.with_suffix("")).iterdir()):
            packed.write(path, path.name)
    return at


def arrays(at: Path) -> Path:
    crystals = [crystal(place) for place in range(len(NAMES))]
    np.savez(
        at,
        material_id=NAMES,
        lattice=[one.lattice.matrix for one in crystals],
        n_sites=[2] * len(NAMES),
        atomic_number=[55, 17] * len(NAMES),
        frac_coords=np.concatenate([one.frac_coords for one in crystals]),
    )
    return at


def table(at: Path) -> Path:
    texts = [crystal(place).to(fmt="cif") for place in range(len(NAMES))]
    pl.DataFrame({"material_id": NAMES, "cif": texts, "gap": np.arange(len(NAMES))}).write_csv(at)
    return at


MAKERS = ((folder, "cells"), (archive, "cells.zip"), (arrays, "cells.npz"), (table, "cells.csv"))


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_the_structure_of_the_id_is_picked(make, name: str, tmp_path: Path) -> None:
    source = make(tmp_path / name)
    for place in (0, 4, len(NAMES) - 1):
        picked = pick(NAMES[place], source, MaterialSettings())
        assert picked.id == NAMES[place]
        assert len(picked.structure) == 1
        assert picked.structure.lattices[0, 0, 0] == pytest.approx(4.0 + place / 10, abs=1e-6)
        assert picked.material("CsCl").compositions.to_dict(0) == {"Cs": 1.0, "Cl": 1.0}


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_an_unknown_id_is_told_with_near_ones(make, name: str, tmp_path: Path) -> None:
    source = make(tmp_path / name)
    with pytest.raises(InputError, match=r"no structure with the id 'mp-11'; did you mean .*mp-1"):
        pick("mp-11", source, MaterialSettings())
    with pytest.raises(InputError, match="it contains mp-1, mp-2"):
        pick("quartz", source, MaterialSettings())


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_several_structures_without_an_id_are_named(make, name: str, tmp_path: Path) -> None:
    source = make(tmp_path / name)
    with pytest.raises(UsageError) as caught:
        pick(str(source), None, MaterialSettings())
    assert f"({', '.join(NAMES[:NAMED])}, ...)" in str(caught.value)
    assert f"matscout view mp-1 --in {source}" in str(caught.value)


def test_the_only_structure_needs_no_id(tmp_path: Path) -> None:
    path = tmp_path / "cell.cif"
    crystal(3).to(str(path))
    assert pick(str(path), None, MaterialSettings()).id == "cell"
    (tmp_path / "one").mkdir()
    path.rename(tmp_path / "one" / "cell.cif")
    (tmp_path / "one" / "README").write_text("about the cell\n", encoding="utf-8")
    assert pick(str(tmp_path / "one"), None, MaterialSettings()).id == "cell"


def test_frames_are_picked_by_position(tmp_path: Path) -> None:
    path = tmp_path / "frames.extxyz"
    frame = '1\nLattice="{0} 0 0 0 {0} 0 0 0 {0}" Properties=species:S:1:pos:R:3\nFe 0 0 0\n'
    path.write_text("".join(frame.format(size) for size in (2.5, 2.6, 2.7)), encoding="utf-8")
    assert pick("2", path, MaterialSettings()).structure.lattices[0, 0, 0] == pytest.approx(2.6)


def test_what_is_neither_path_nor_id_is_told_how_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no file or folder mp-149; .*--in COLLECTION"):
        pick("mp-149", None, MaterialSettings())
    formulas = tmp_path / "formulas.csv"
    formulas.write_text("id,formula\na,NaCl\nb,KCl\nc,LiF\n", encoding="utf-8")
    with pytest.raises(InputError, match="no structures; name the column"):
        pick("a", formulas, MaterialSettings())


def test_a_bad_structure_is_told_with_its_reason(tmp_path: Path) -> None:
    source = folder(tmp_path / "cells")
    (source / "bad.cif").write_text("data_bad\n_cell_length_a 4\n", encoding="utf-8")
    with pytest.raises(InputError, match="bad cannot be used: it lists no atoms"):
        pick("bad", source, MaterialSettings())
