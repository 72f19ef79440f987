"""Stages by a force field: relaxed structures, energies above the hull, and what they object to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase import build as ase_build
from tests.discover.noble_solids import CONSTANTS, candidates_of, energy, mixture, solid, write_solids
from tests.simulate.stuck_calculator import ADDRESS

import matscout
from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.base import Brief
from matscout.discover.funnel import FunnelStep, sift
from matscout.errors import UsageError
from matscout.generate.base import Candidates
from matscout.simulate.energy_schemes import MP2020

SALT = ase_build.bulk("NaCl", "rocksalt", a=5.64)


def calculator_in_mp2020():
    """A calculator that declares a scheme, which Lennard-Jones does not."""
    from ase.calculators.lj import LennardJones

    calculator = LennardJones()
    calculator.energy_scheme = MP2020
    return calculator


def brief() -> Brief:
    return Brief(Dataset(Materials.from_formulas(["NaCl"])))


def passed(atoms: list[Atoms], *steps: FunnelStep, store: Path | None = None) -> Candidates:
    return sift(candidates_of(atoms), steps, brief(), store=store)


def stability(folder: Path, **settings: object) -> FunnelStep:
    given = {"references": str(write_solids(folder)), "with": "lennard-jones", **settings}
    return FunnelStep("stability", given)


def test_structures_are_those_of_relax(tmp_path: Path) -> None:
    given = [solid("Ar", 5.5), SALT, mixture("ArKr", 4.4)]
    alone = matscout.relax(given, "lennard-jones")
    for _ in range(2):  # the second time from the store
        found = passed(given, FunnelStep("relax", {"with": "lennard-jones"}), store=tmp_path)
        structures, expected = found.materials.structures, alone.materials.structures
        assert structures is not None
        assert expected is not None
        np.testing.assert_allclose(structures.lattices, expected.lattices[[0, 2]])
        assert found.facts["relaxed_energy"].values == pytest.approx(alone.energies[[0, 2]])
        assert found.facts["relaxed_energy"].unit == "eV/atom"
        assert found.facts["relaxation_steps"].values.tolist() == alone.steps[[0, 2]].tolist()
        assert found.facts["relaxed_volume_change"].values == pytest.approx(alone.volume_change[[0, 2]])
    assert found.lost[-1].reasons.tolist() == ["cannot be relaxed: Lennard-Jones does not know Na, Cl"]
    assert str(found.facts["relaxed_energy"].source) == "lennard-jones none"


def test_what_is_not_converged_passes_with_a_note() -> None:
    found = passed([solid("Ar", 5.5)], FunnelStep("relax", {"with": "lennard-jones", "steps": 1}))
    assert "1 step" in found.facts["relaxation_warnings"].values[0]


def test_a_structure_that_never_ends_is_given_up_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process is ended, and the others are relaxed one by one."""
    monkeypatch.setattr("matscout.simulate.relaxing_apart.PATIENCE", 2.0)
    given = [ase_build.bulk(symbol, "fcc", a=5.3) for symbol in ("Ar", "Kr", "Xe")]
    step = FunnelStep("relax", {"with": ADDRESS, "time_limit": 0.5})
    found = passed(given, step)
    assert found.materials.formulas.tolist() == ["Ar", "Xe"]
    assert found.facts["relaxed_energy"].values == pytest.approx([1.0, 1.0])
    (reason,) = found.lost[-1].reasons.tolist()
    assert reason.startswith("cannot be relaxed: ")


def test_energies_above_the_hull_are_differences_to_the_solids(tmp_path: Path) -> None:
    given = [solid("Ar", 5.6), mixture("ArKr", 4.4), solid("Kr", 5.65), SALT, solid("Xe", 7.5)]
    found = passed(given, stability(tmp_path, keep_below=0.03))
    argon, krypton = (energy(solid(symbol, CONSTANTS[symbol])) for symbol in ("Ar", "Kr"))
    above = [0.0, energy(given[1]) - (argon + krypton) / 2, energy(given[0]) - argon]
    assert found.materials.formulas.tolist() == ["Kr", "KrAr", "Ar"]
    evidence = found.facts["e_above_hull"]
    assert evidence.values == pytest.approx(above, abs=1e-9)
    assert evidence.unit == "eV/atom"
    assert evidence.meaning == "energy above the hull of solids.csv by lennard-jones at 0 K"
    assert "Neither energies nor references state their scheme" in evidence.source.about
    assert found.facts["decomposition"].values.tolist()[1] == "0.5 Ar (2) + 0.5 Kr (3)"
    assert found.facts["competing_phases"].values.tolist() == [0, 0, 0]
    reasons = dict(zip(found.lost[-1].formulas.tolist(), found.lost[-1].reasons.tolist(), strict=True))
    assert reasons["NaCl"] == "has no energy above the hull: Lennard-Jones does not know Na, Cl"
    assert reasons["Xe"].endswith("eV/atom above the hull of solids.csv, more than 0.03")


def test_relaxed_candidates_are_placed_as_they_are_then(tmp_path: Path) -> None:
    """The lattice constant at which argon is stable is what relaxing finds."""
    found = passed(
        [solid("Ar", 5.6)], FunnelStep("relax", {"with": "lennard-jones", "fmax": 0.001}), stability(tmp_path)
    )
    assert found.facts["e_above_hull"].values == pytest.approx([0.0], abs=1e-4)


def test_other_references_are_another_verdict(tmp_path: Path) -> None:
    step, store = stability(tmp_path), tmp_path / "store"
    before = passed([solid("Ar", 5.6)], step, store=store).facts["e_above_hull"].values[0]
    table = tmp_path / "solids.csv"
    lowered = table.read_text(encoding="utf-8").replace("Ar,-0.0", "Ar,-0.1")
    table.write_text(lowered, encoding="utf-8")
    after = passed([solid("Ar", 5.6)], FunnelStep("stability", {**step.settings, "keep_below": 1.0}), store=store)
    assert after.facts["e_above_hull"].values[0] == pytest.approx(before + 0.1)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"with": "no-such-field"}, "no-such-field"),
        ({"with": "tests.discover.test_force_field_stages:calculator_in_mp2020"}, "the references unknown"),
        ({"scheme": "r2scan"}, "the references unknown"),
        ({"keep_below": -1.0}, "keep_below of stability is -1"),
        ({"keep-below": 0.1}, "did you mean keep_below"),
        ({"with_": "chgnet"}, "has no 'with_'"),
    ],
)
def test_wrong_settings_are_told_before_any_work(tmp_path: Path, settings: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        passed([solid("Ar", 5.6)], stability(tmp_path, **settings))


def test_formulas_are_refused(tmp_path: Path) -> None:
    formulas = Candidates(Materials.from_formulas(["Ar", "Kr"]), np.array(["a", "b"]))
    for step in (FunnelStep("relax", {"with": "lennard-jones"}), stability(tmp_path)):
        with pytest.raises(UsageError, match="formulas only"):
            sift(formulas, [step], brief())
