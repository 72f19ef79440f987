"""Made-up labelled rows, for trying out what learns: compounds, crystals, reactions, defects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Target
from matscout.data.defects.column_store import Defects
from matscout.data.defects.hosts import HostCrystal, supercell_sites
from matscout.data.kinds import KindName
from matscout.data.materials import Materials
from matscout.data.reactions.texts import parse_components, part_of
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures

Floats = NDArray[np.float64]

CATIONS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Ti", "Zr", "Zn", "Al", "Ga", "Sn")
PULL = {"O": 3.4, "S": 2.6, "Se": 2.5, "Te": 2.1, "F": 4.0, "Cl": 3.2, "N": 3.0, "P": 2.2}
"""Anion -> how much it adds to the made-up property: its electronegativity."""
FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
CELLS = {4: (2 / 3**0.5 * FACE_CENTRED, 0.25), 6: (FACE_CENTRED, 0.5), 8: (2 / 3**0.5 * np.eye(3), 0.5)}
"""Coordination -> lattice vectors for bonds of length 1, and where the anion is on the diagonal."""
ALKYLS = ("C", "CC", "CCC", "C(C)C", "CCCC", "CC(C)C", "C1CC1", "C1CCCC1", "CCOC", "CCF")
ARYLS = {"c1ccccc1": 3.0, "c1ccc(C)cc1": 3.4, "c1ccc(OC)cc1": 3.8, "c1ccc(F)cc1": 2.6, "c1ccncc1": 2.2, "c1ccsc1": 2.0}
BASES = {"CCN(CC)CC": 0.0, "c1ccncc1": 0.4, "CN1CCOCC1": 0.9}


def compounds(n: int, rng: np.random.Generator) -> tuple[Materials, Floats]:
    """Compounds of two cations and an anion; the property [n] follows the share and kind of the anion."""
    rows = []
    for _ in range(n):
        elements = [*rng.choice(CATIONS, 2, replace=False).tolist(), str(rng.choice(list(PULL)))]
        rows.append(dict(zip(elements, rng.integers(1, 5, size=3).astype(float).tolist(), strict=True)))
    values = np.array([4.0 * row[a] / sum(row.values()) * PULL[a] for row in rows for a in row if a in PULL])
    formulas = np.array(["".join(f"{symbol}{amount:g}" for symbol, amount in row.items()) for row in rows])
    return Materials(np.arange(n).astype(np.str_), formulas, Compositions.from_dicts(rows)), values


def crystals(n: int, rng: np.random.Generator) -> tuple[Materials, Floats]:
    """Zinc blendes, rock salts and caesium chlorides of n (at most 96) pairs of ions, all different.

    The property [n] follows the anion, and how many of them surround a cation.
    """
    from pymatgen.core import Structure

    pairs = [(cation, anion) for cation in CATIONS for anion in PULL]
    chosen = [pairs[place] for place in rng.permutation(len(pairs))[:n]]
    numbers = rng.choice(list(CELLS), len(chosen)).tolist()
    made = [
        Structure(rng.uniform(2.1, 2.9) * CELLS[number][0], list(pair), [[0.0] * 3, [CELLS[number][1]] * 3])
        for pair, number in zip(chosen, numbers, strict=True)
    ]
    structures = Structures.from_pymatgen(made)
    formulas = np.array(["".join(pair) for pair in chosen])
    values = np.array([PULL[anion] * number / 4 for (_, anion), number in zip(chosen, numbers, strict=True)])
    ids = np.arange(len(chosen)).astype(np.str_)
    return Materials(ids, formulas, compositions_of(structures), structures), values


def couplings(n: int, rng: np.random.Generator) -> tuple[Materials, Floats]:
    """Amides, n of them (at most 180), from an acid and an amine; the property [n] follows the acid and the base."""
    places = rng.permutation(len(ALKYLS) * len(ARYLS) * len(BASES))[:n]
    alkyls, aryls, bases = np.unravel_index(places, (len(ALKYLS), len(ARYLS), len(BASES)))
    chosen = [(ALKYLS[a], list(ARYLS)[b], list(BASES)[c]) for a, b, c in zip(alkyls, aryls, bases, strict=True)]
    cells = {
        "acid": [f"OC(=O){aryl}" for _, aryl, _ in chosen],
        "amine": [f"N{alkyl}" for alkyl, _, _ in chosen],
        "base": [base for *_, base in chosen],
        "product": [f"O=C(N{alkyl}){aryl}" for alkyl, aryl, _ in chosen],
    }
    parsed = parse_components(list(cells.values()), [part_of(name) for name in cells])
    values = np.array([ARYLS[aryl] + BASES[base] for _, aryl, base in chosen])
    ids = np.arange(n).astype(np.str_)
    return Materials(ids, parsed.reactions.texts(), parsed.compositions, reactions=parsed.reactions), values


def vacancies_and_dopants(n: int, rng: np.random.Generator) -> tuple[Materials, Floats]:
    """Arrangements of two or three defects, n of them, all different, in a made-up layer of 5 x 5 cells.

    The property [n] is positive: energies of vacancies and dopants, and of pairs that attract each other by distance.
    """
    host = HostCrystal(
        "MoS2", (3.2, 0.0, 0.0, -1.6, 2.7713, 0.0, 0.0, 0.0, 15.0), (42, 16, 16), LAYER, (True, True, False)
    )
    matrix = (5, 0, 0, 0, 5, 0, 0, 0, 1)
    positions, numbers = supercell_sites(host, matrix)
    kept: dict[str, Defects] = {}
    while len(kept) < n:
        size = int(rng.integers(2, 4))
        sites = rng.choice(len(positions), size, replace=False)
        was = numbers[sites].astype(np.uint8)
        empty = rng.random(size) < 0.5
        now = np.where(empty, 0, np.where(was == 42, 74, 34)).astype(np.uint8)
        one = Defects(
            np.array([0, size]), was, now, positions[sites], (host,), np.zeros(1, dtype=np.int64), _as_cells(matrix)
        )
        kept.setdefault(str(one.keys()[0]), one)
    defects = Defects.joined(list(kept.values()))
    ids = np.arange(n).astype(np.str_)
    return Materials(ids, defects.texts(), defects.compositions(), defects=defects), _made_up_energies(defects)


def _as_cells(matrix: tuple[int, ...]) -> NDArray[np.int64]:
    return np.array(matrix, dtype=np.int64).reshape(1, 3, 3)


def _made_up_energies(defects: Defects) -> Floats:
    """Energies of single defects, less what pairs gain at short distances, [n]."""
    single = np.where(defects.now == 0, np.where(defects.was == 42, 7.0, 2.5), 0.5)
    energies = np.bincount(defects.rows, single, len(defects))
    pairs = defects.pairs()
    strength = np.sqrt(single[pairs.first] * single[pairs.second]) * 0.3
    gained = strength * np.exp(-pairs.distances / 3.0) * np.cos(pairs.distances)
    return np.asarray(energies - np.bincount(pairs.rows, gained, len(defects)))


LAYER = (1 / 3, 2 / 3, 0.25, 2 / 3, 1 / 3, 0.146, 2 / 3, 1 / 3, 0.354)
"""Fractional coordinates of a metal between two chalcogens."""

MAKERS: dict[KindName, Callable[[int, np.random.Generator], tuple[Materials, Floats]]] = {
    "composition": compounds,
    "crystal": crystals,
    "reaction": couplings,
    "defect": vacancies_and_dopants,
}
Label = Callable[[Floats], Target]
"""Makes a target of made-up positive values."""


def as_number(values: Floats) -> Target:
    """A gap in eV."""
    return Target("gap", values, "eV")


def as_class(values: Floats) -> Target:
    """Insulator, metal or semiconductor, each about a third of the rows."""
    thirds = np.digitize(values, np.quantile(values, [0.35, 0.7])).astype(np.float64)
    return Target("kind", thirds, None, "classification", ("insulator", "metal", "semiconductor"))


def as_known(values: Floats) -> Target:
    """Known or unlabelled: two in three of the upper half are known."""
    known = (values > np.median(values)) & (np.arange(len(values)) % 3 > 0)
    return Target("made", known.astype(np.float64), None, POSITIVE_UNLABELLED, ("unlabelled", "1"))


def made_up_dataset(
    kind: KindName, n: int, *, seed: int = 0, label: Label = as_number, context: bool = False, groups: bool = False
) -> Dataset:
    """Labelled rows of a kind, n of them, with a property that can be learned from what they are made of.

    Parameters
    ----------
    kind
        What a row is: "composition", "crystal" (at most 96 of them), "reaction" (at most 180) or "defect".
    n
        How many.
    seed
        Of what is drawn.
    label
        Makes the target of the n values, which are positive.
    context
        Whether rows have a temperature and a route, on which the property does not depend.
    groups
        Whether rows come from 15 papers.
    """
    rng = np.random.default_rng(seed)
    materials, values = MAKERS[kind](n, rng)
    if context:
        conditions = {"temperature": rng.uniform(300.0, 900.0, n), "route": rng.choice(["bulk", "film"], n)}
        materials = replace(materials, context=conditions)
    target = label(values)
    papers = np.array([f"paper {i % 15}" for i in range(n)]) if groups else None
    return Dataset(materials, {target.name: target}, papers)
