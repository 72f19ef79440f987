"""The first structures of an input in a line each, against what is known of the crystals."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymatgen.core import Lattice, Structure

from matscout.app.cli import run
from matscout.data.reading import read_materials
from matscout.workflow.structure_lines import FIRST, first_structures

CRYSTALS = {
    "copper": (Structure.from_spacegroup("Fm-3m", Lattice.cubic(3.615), ["Cu"], [[0, 0, 0]]), 8.93, "Fm-3m (225)"),
    "halite": (
        Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
        *(2.16, "Fm-3m (225)"),
    ),
    "silicon": (Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.431), ["Si"], [[0, 0, 0]]), 2.33, "Fd-3m (227)"),
}


def test_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, (structure, _, _) in CRYSTALS.items():
        (tmp_path / f"{name}.cif").write_text(structure.to(fmt="cif"), encoding="utf-8")
    lines = first_structures(read_materials(tmp_path).materials)
    assert [(line.name, line.space_group) for line in lines] == [(name, told[2]) for name, told in CRYSTALS.items()]
    assert [line.density for line in lines] == pytest.approx([told[1] for told in CRYSTALS.values()], abs=0.01)
    assert [line.n_sites for line in lines] == [4, 8, 8]
    assert run(["check", str(tmp_path)]) == 0
    assert all(part in capsys.readouterr().out for part in ("Fd-3m (227)",))


def test_formulas_have_none_and_many_structures_a_few(tmp_path: Path) -> None:
    assert first_structures(read_materials(["NaCl", "Si"]).materials) == ()
    for number in range(FIRST + 2):
        (tmp_path / f"s{number}.cif").write_text(CRYSTALS["halite"][0].to(fmt="cif"), encoding="utf-8")
    assert [line.name for line in first_structures(read_materials(tmp_path).materials)] == [
        "s0",
        "s1",
        "s2",
        "s3",
        "s4",
    ]
