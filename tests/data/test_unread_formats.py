"""Structures of formats that are not read; ASE writes some of them, and its readers are the way out that is named."""

from __future__ import annotations

import shlex

import pytest
from ase import Atoms
from ase.io import read as ase_read
from ase.io import write

from matscout.data.sources import load_source
from matscout.data.unread_formats import unread_format
from matscout.errors import InputError

SALT = Atoms("NaCl", cell=[4, 4, 4], pbc=True, scaled_positions=[[0, 0, 0], [0.5, 0.5, 0.5]])
ABINIT = "acell 3*7.5\nrprim 1 0 0\n 0 1 0\n 0 0 1\nntypat 2\nznucl 11 17\nnatom 2\ntypat 1 2\nxred 0 0 0\n .5 .5 .5\n"
GULP = "opti conp\ncell\n4 4 4 90 90 90\nfractional\nNa core 0 0 0 1.0\nCl core .5 .5 .5 -1.0\nspecies\nNa core 1.0\n"
MOL2 = "@<TRIPOS>MOLECULE\nx\n 1 0\nSMALL\n@<TRIPOS>ATOM\n 1 C 0 0 0 C.3\n"
SIESTA = "%block LatticeVectors\n1 0 0\n%endblock\n%block AtomicCoordinatesAndAtomicSpecies\n0 0 0 1\n%endblock\n"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("abinit.in", ABINIT, "an ABINIT input"),
        ("gulp.gin", GULP, "a GULP input"),
        ("gulp.txt", GULP, "a GULP input"),
        ("x.mol2", MOL2, "a Tripos mol2 file"),
        ("x.dat", MOL2, "a Tripos mol2 file"),
        ("x.fdf", SIESTA, "a SIESTA input"),
        ("siesta", SIESTA, "a SIESTA input"),
    ],
)
def test_texts(name, text, told, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"is {told}, a structure format that is not supported; \w+"):
        load_source(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "form", "told"),
    [
        ("x.cube", "cube", "a Gaussian cube file"),
        ("data.nacl", "lammps-data", "a LAMMPS data file"),
        ("y.in", "abinit-in", "an ABINIT input"),
        ("x.gro", "gromacs", "a GROMACS file"),
    ],
)
def test_what_ase_writes_is_told_with_the_format_that_ase_reads(name, form, told, tmp_path):
    path = tmp_path / name
    write(path, SALT, format=form)
    with pytest.raises(InputError, match=told) as raised:
        load_source(path)
    words = shlex.split(str(raised.value).partition("ase convert ")[2])
    assert words[:3] == ["-i", form, name]
    assert len(ase_read(path, format=words[1])) == 2


@pytest.mark.parametrize(
    "text",
    ["formula,gap\nNaCl,8.5\nSi,1.1\n", "cell\tgap\nNaCl\t8.5\n", "species,cell,fractional\nNaCl,1,2\n", "NaCl\nSi\n"],
)
@pytest.mark.parametrize("name", ["t.csv", "t.txt", "t.dat", "t"])
def test_tables_are_none(name, text, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert unread_format(tmp_path / name) is None
