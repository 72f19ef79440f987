"""Facts against pymatgen and the International Tables."""

from __future__ import annotations

import pytest
from pymatgen.core import Lattice, Structure

from matscout.app.viewing.facts import Facts, facts_of
from matscout.data.structures import Structures

QUARTZ = Structure.from_spacegroup(
    "P3_221", Lattice.hexagonal(4.9134, 5.4052), ["Si", "O"], [[0.4697, 0, 2 / 3], [0.4133, 0.2672, 0.7855]]
)


def told(crystal: Structure) -> tuple[Facts, dict[str, str]]:
    facts = facts_of(Structures.from_pymatgen([crystal]))
    return facts, {line.name: line.value for line in facts.lines}


def test_quartz() -> None:
    facts, lines = told(QUARTZ)
    assert facts.formula == lines["formula"] == "SiO2"
    assert lines["space group"] == "P3₂21 (no. 154), trigonal"
    assert lines["a, b, c"] == "4.913, 4.913, 5.405 Å"
    assert lines["α, β, γ"] == "90.00, 90.00, 120.00°"
    assert lines["volume per atom"] == f"{QUARTZ.volume / len(QUARTZ):.2f} Å³"
    assert lines["density"] == f"{QUARTZ.density:.2f} g/cm³"
    assert (lines["sites"], lines["disorder"]) == ("9", "none")


def test_angles_are_those_of_the_lattice() -> None:
    lattice = Lattice.from_parameters(4.0, 5.0, 6.0, 81.0, 96.5, 112.25)
    _, lines = told(Structure(lattice, ["Fe"], [[0, 0, 0]]))
    assert lines["α, β, γ"] == "81.00, 96.50, 112.25°"
    assert lines["a, b, c"] == "4.000, 5.000, 6.000 Å"


@pytest.mark.parametrize(
    ("group", "lattice", "system"),
    [
        ("Fm-3m", Lattice.cubic(5.6), "cubic"),
        ("P6_3/mmc", Lattice.hexagonal(3.2, 5.2), "hexagonal"),
        ("R-3m", Lattice.hexagonal(4.4, 30.0), "trigonal"),
        ("I4/mmm", Lattice.tetragonal(3.9, 12.0), "tetragonal"),
        ("Cmcm", Lattice.orthorhombic(3.0, 7.0, 5.0), "orthorhombic"),
        ("P2_1/c", Lattice.monoclinic(5.0, 6.0, 7.0, 105.0), "monoclinic"),
        ("P-1", Lattice.from_parameters(4, 5, 6, 80, 95, 110), "triclinic"),
    ],
)
def test_crystal_systems(group: str, lattice: Lattice, system: str) -> None:
    sites = [[0.11, 0.23, 0.37]] if system in ("triclinic", "monoclinic") else [[0.0, 0.13, 0.25]]
    sites = sites if system in ("triclinic", "monoclinic", "orthorhombic") else [[1 / 3, 2 / 3, 0.25]]
    sites = [[0.0, 0.0, 0.0]] if system in ("cubic", "tetragonal", "trigonal") else sites
    _, lines = told(Structure.from_spacegroup(group, lattice, ["Fe"], sites))
    assert lines["space group"].endswith(f", {system}")


def test_disorder_is_counted_by_site() -> None:
    crystal = Structure(
        Lattice.cubic(5.0),
        [{"Fe": 0.5, "Co": 0.5}, {"Fe": 0.5, "Co": 0.3}, {"O": 0.9}, "O"],
        [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]],
    )
    _, lines = told(crystal)
    assert lines["disorder"] == "2 sites shared by several elements, 2 sites partly vacant"
    assert lines["sites"] == "4"
    assert lines["volume per atom"] == f"{125.0 / 3.7:.2f} Å³"


def test_a_description_stands_below() -> None:
    words = told(QUARTZ)[0].words
    assert words.startswith("SiO2 is quartz (alpha) structured and ")
    assert "crystallizes in the trigonal P3_221 space group." in words
    assert "Si is bonded to four O atoms to form SiO4 tetrahedra that share corners with four SiO4 tetrahedra." in words
    mixed = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.6), [{"Na": 0.5, "K": 0.5}, "Cl"], [[0] * 3, [0.5] * 3])
    assert told(mixed)[0].words == ""


def test_a_description_of_very_many_sites_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matscout.app.viewing.facts.LONGEST", 200)
    words = told(QUARTZ)[0].words
    assert len(words) < 215
    assert words.endswith("...")
