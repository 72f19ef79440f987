"""Arrangements of defects on a host: against enumeration by symmetry, and energies summed by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

import matscout
from matscout.crystal.defects.enumeration import listed_arrangements
from matscout.crystal.defects.reading import host_crystal
from matscout.errors import InputError, UsageError
from matscout.generate.arrangements.host_sites import HostSites
from matscout.generate.arrangements.pair_energies import PairEnergies
from matscout.generate.arrangements.pair_tables import read_pair_energies
from matscout.generate.arrangements.replacements import parse_replacements, supercell_matrix

ROCK_SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
HOST = ROCK_SALT.get_primitive_structure()
WANTED = "Cl->Br:2, Na->v:1"


class ByDistance(PairEnergies):
    """A made-up law: alone 0.1 times the new number, pairs cos(d) / d, and 0.03 more where they are alike."""

    def alone(self, kind: tuple[int, int]) -> float:
        return 0.1 * kind[1]

    def between(
        self, one: tuple[int, int], other: tuple[int, int], distances: np.ndarray, heights: np.ndarray
    ) -> np.ndarray:
        assert not heights.any()
        return np.cos(distances) / distances + 0.03 * (one == other)


def arranged(method: str = "all", **settings: Any) -> Any:
    return matscout.arrange(HOST, "3,3,3", WANTED, ByDistance(), method=method, best=10_000, **settings)


def test_every_arrangement_is_there_once_as_the_enumeration_says() -> None:
    result = arranged()
    counts = Counter({256 * 17 + 35: 2, 256 * 11: 1})
    listing = listed_arrangements(host_crystal(HOST), supercell_matrix("3,3,3"), counts)
    assert result.is_exact
    assert result.n_all == listing.n_all == 27 * 27 * 26 // 2
    assert len(result) == len(listing.defects)
    assert sorted(result.multiplicities) == sorted(listing.multiplicities)
    assert result.multiplicities.sum() == result.n_all
    assert len(set(result.materials.defects.keys().tolist())) == len(result)
    assert set(result.materials.defects.keys().tolist()) == set(listing.defects.keys().tolist())


def test_energies_are_sums_over_the_shortest_distances() -> None:
    result, law = arranged(), ByDistance()
    for row in (0, 3, len(result) - 1):
        structure = result.materials.structures.to_pymatgen(row)
        defects = result.materials.defects[np.array([row])]
        places = [(int(was), int(now)) for was, now in zip(defects.was, defects.now, strict=True)]
        lattice = Lattice(structure.lattice.matrix)
        fractional = lattice.get_fractional_coords(defects.positions)
        total = sum(law.alone(kind) for kind in places)
        for i in range(3):
            for j in range(i):
                distance = lattice.get_all_distances(fractional[i], fractional[j])[0, 0]
                total += law.between(places[i], places[j], np.array([distance]), np.zeros(1))[0]
        assert result.energies[row] == pytest.approx(total, abs=2e-3)
        assert structure.composition.as_dict() == {"Na": 26, "Cl": 25, "Br": 2}


@pytest.mark.parametrize("method", ["tabu", "anneal"])
def test_searches_report_the_same_arrangements_as_going_through_all(method: str) -> None:
    exact = matscout.arrange(HOST, "3,3,3", WANTED, ByDistance(), method="all", best=15)
    searched = matscout.arrange(HOST, "3,3,3", WANTED, ByDistance(), method=method, best=15, restarts=5)
    assert not searched.is_exact
    assert searched.restarts == 5
    assert searched.energies == pytest.approx(exact.energies)
    assert (searched.multiplicities == exact.multiplicities).all()


def test_goals_and_populations() -> None:
    lowest, highest = arranged(), arranged(goal="highest")
    assert highest.energies[0] == pytest.approx(lowest.energies[-1])
    assert (np.diff(highest.energies) <= 1e-12).all()
    middle = matscout.arrange(HOST, "3,3,3", WANTED, ByDistance(), goal="7.2", best=5)
    assert np.abs(middle.energies - 7.2) == pytest.approx(np.sort(np.abs(lowest.energies - 7.2))[:5])
    factors = lowest.multiplicities * np.exp(-(lowest.energies - lowest.energies.min()) / (8.617333262e-5 * 300))
    assert lowest.populations == pytest.approx(factors / factors[0])
    few = matscout.arrange(HOST, "3,3,3", WANTED, ByDistance(), best=3)
    assert few.populations == pytest.approx(lowest.populations[:3])


def test_the_table_is_read_again_as_defects() -> None:
    result = matscout.arrange(HOST, "3,3,3", WANTED, ByDistance(), best=4)
    again = matscout.read_materials(result.to_frame())
    assert again.materials.defects.keys().tolist() == result.materials.defects.keys().tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S->Se:6", {(16, 34): 6}),
        ("S → Se : 6", {(16, 34): 6}),
        ("Se(S):6; v(Mo)", {(16, 34): 6, (42, 0): 1}),
        ("Mo->v", {(42, 0): 1}),
    ],
)
def test_replacements_as_people_write_them(text: str, expected: dict[tuple[int, int], int]) -> None:
    assert parse_replacements(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("S->Xx:2", "is no"),
        ("S->S:2", "no defect"),
        ("v(S)@3", "names a place"),
        ("v(S):2, v(S):1", "twice"),
        ("", "is no defect"),
    ],
)
def test_replacements_that_are_none(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_replacements(text)


@pytest.mark.parametrize(
    ("wanted", "supercell", "words"),
    [
        ("Cl->Br:2", "1,1,1", r"2 Br\(Cl\) need 2 sites of Cl; this supercell of NaCl has 1"),
        ("i(Li):1", "2,2,2", "stands between the sites"),
        ("K->Rb:1", "2,2,2", "need 1 sites of K; this supercell of NaCl has 0"),
        ("Cl->Br:1", "2,2", "supercell"),
    ],
)
def test_what_does_not_fit_the_host_is_refused(wanted: str, supercell: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        matscout.arrange(HOST, supercell, wanted, ByDistance())


def energies_in(folder: Path, **changes: Any) -> Path:
    held = {
        "cutoff": 4.5,
        "sites": [{"defect": "Br(Cl)", "energy": 0.2}],
        "pairs": [{"first": "Br(Cl)", "second": "Br(Cl)", "distance": 3.988, "energy": -0.05}],
    }
    path = folder / "energies.json"
    path.write_text(json.dumps(held | changes), encoding="utf-8")
    return path


def test_energies_of_a_file(tmp_path: Path) -> None:
    result = matscout.arrange(HOST, "3,3,3", "Cl->Br:2", energies_in(tmp_path), best=10)
    assert result.energies.tolist() == pytest.approx([0.35] + [0.4] * (len(result) - 1))


def test_a_cell_that_sees_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"repeats after 7.98 Å, less than twice the cutoff of 4.5 Å"):
        matscout.arrange(HOST, "2,2,2", "Cl->Br:2", energies_in(tmp_path))


def test_a_pair_that_is_not_listed_is_named(tmp_path: Path) -> None:
    path = energies_in(tmp_path, cutoff=5.7)
    with pytest.raises(UsageError, match=r"lists no energy of the pair Br\(Cl\)-Br\(Cl\) at 5.64 Å"):
        matscout.arrange(HOST, "3,3,3", "Cl->Br:2", path)
    with pytest.raises(UsageError, match=r"lists no energy of v\(Na\) under 'sites'"):
        matscout.arrange(HOST, "3,3,3", "Na->v:1", path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cutoff": "six"}, "'cutoff' is 'six'; expected a finite number"),
        ({"cutoff": None}, "'cutoff' is None"),
        ({"sites": None}, "needs a list 'sites'"),
        ({"sites": [{"defect": "Br", "energy": 1}]}, "sites 1: 'Br' is no defect"),
        ({"sites": [{"energy": 1}]}, "sites 1 has no 'defect'"),
        ({"pairs": [{"first": "Br(Cl)", "second": "Br(Cl)", "distance": 3.9}]}, "pairs 1: 'energy' is None"),
        (
            {"pairs": [{"first": "Br(Cl)", "second": "Br(Cl)", "distance": d, "energy": 0} for d in (3.9, 4.0)]},
            "twice near 3.9 Å",
        ),
    ],
)
def test_files_that_are_no_energies(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_pair_energies(energies_in(tmp_path, **changes))


def test_a_file_that_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "energies.json"
    path.write_text("cutoff: 3", encoding="utf-8")
    with pytest.raises(InputError, match="is no JSON with energies"):
        read_pair_energies(path)


def test_sites_start_with_the_composition() -> None:
    sites = HostSites.of(
        host_crystal(HOST), supercell_matrix("2,2,2"), parse_replacements("Cl->Br:3, Cl->v:1, Na->K:2")
    )
    assert np.bincount(sites.start).tolist() == [10, 3, 1, 2]
    for state, kind in enumerate(sites.kinds, start=1):
        chosen = sites.sublattices[sites.start == state]
        assert (chosen == [11, 17].index(kind[0])).all()
