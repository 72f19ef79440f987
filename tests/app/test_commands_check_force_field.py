"""``matscout check-force-field`` as it is typed."""

import pytest
from ase.io import write
from tests.simulate.test_force_field import rare_gas

from matscout.app.cli import run


@pytest.mark.filterwarnings("ignore")
def test_it_shows_facts_and_a_verdict(tmp_path, capsys):
    write(tmp_path / "argon.extxyz", rare_gas("Ar"))
    arguments = ["check-force-field", "lennard-jones", "--crystal", str(tmp_path / "argon.extxyz")]
    assert run(arguments) == 0
    shown = capsys.readouterr().out
    assert "lennard-jones is conservative as far as this crystal shows" in shown
    for name in ("energies", "licence of the weights", "asymmetry of the derivatives of the forces"):
        assert name in shown


def test_mistakes_are_named(tmp_path, capsys):
    assert run(["check-force-field", "lennard-jone"]) == 2
    assert "did you mean lennard-jones?" in capsys.readouterr().err
    alone = rare_gas("Ar")
    alone.set_cell(alone.cell.array * 10, scale_atoms=True)
    write(tmp_path / "alone.extxyz", alone)
    assert run(["check-force-field", "lennard-jones", "--crystal", str(tmp_path / "alone.extxyz")]) == 1
    assert "cannot be checked on this crystal" in capsys.readouterr().err
    write(tmp_path / "two.extxyz", [rare_gas("Ar"), rare_gas("Kr")])
    assert run(["check-force-field", "lennard-jones", "--crystal", str(tmp_path / "two.extxyz")]) == 2
    assert "takes a file of one structure" in capsys.readouterr().err
