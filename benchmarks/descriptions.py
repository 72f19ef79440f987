"""Descriptions of crystals beside robocrystallographer: ``python benchmarks/descriptions.py``.

300 crystals of ``mp_structures`` in ``MATSCOUT_DATA`` with at most 50 sites, drawn at random: CPU seconds of one
thread, whether both say the same of space group, dimensionality and the coordination of each site, and what is found by
either text. What robocrystallographer says is stored under ``benchmarks/cells``, crystal by crystal. Writes
``benchmarks/results/descriptions.md``.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import platform
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version

import numpy as np
import polars as pl
from data_folder import data_folder
from jobs import CELLS, RESULTS
from numpy.typing import NDArray
from pymatgen.core import Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer
from robocrys import StructureCondenser, StructureDescriber
from structure_data import arrays_file, mp_structures, small_ones
from threadpoolctl import threadpool_limits

from matscout.crystal.crystals import Crystals
from matscout.data.files import write_text_whole
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.evaluation.code import code_digest
from matscout.represent.describing.bonds import site_bonds
from matscout.represent.describing.facts import CrystalFacts, crystal_facts
from matscout.represent.describing.robocrystallographer import FAILURES
from matscout.represent.describing.words import description
from matscout.represent.embedding import make_representation
from matscout.represent.language.text_representation import TextRepresentation

Floats = NDArray[np.float64]

N, MOST_SITES, AT_ONCE = 300, 50, 50
NEAREST = 10


@dataclass(frozen=True)
class Said:
    """What robocrystallographer says of a crystal: coordination by site, text, CPU seconds."""

    space_group: str
    dimensionality: int
    coordination: dict[str, int]
    mineral: str
    text: str
    seconds: float


def robocrystallographer(structures: Structures, row: int, name: str) -> Said | None:
    """Now, or earlier; None if it fails."""
    path = CELLS / f"description-{version('robocrys')}-{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"
    if not path.is_file():
        write_text_whole(path, json.dumps(_asked(structures, row)))
    told = json.loads(path.read_text(encoding="utf-8"))
    return Said(**told) if told else None


def conventional(structure: Structure) -> Structure:
    """The cell that robocrystallographer numbers the sites of, made as its condenser makes it."""
    analyzer = SpacegroupAnalyzer(structure.get_sorted_structure(), symprec=0.01)
    return analyzer.get_conventional_standard_structure()


def _asked(structures: Structures, row: int) -> dict[str, object] | None:
    structure = structures.to_pymatgen(row)
    start = time.process_time()
    try:
        condensed = StructureCondenser().condense_structure(structure)
        text = StructureDescriber().describe(condensed)
    except FAILURES as error:
        print(f"robocrystallographer fails ({error})", flush=True)
        return None
    return asdict(
        Said(
            condensed["spg_symbol"],
            int(condensed["dimensionality"]),
            {str(site): len(facts["nn"]) for site, facts in condensed["sites"].items()},
            condensed["mineral"]["type"] or "",
            text,
            time.process_time() - start,
        )
    )


@dataclass(frozen=True)
class Retrieved:
    """What the ten crystals have in common with a crystal whose texts are most like its own.

    Parameters
    ----------
    text
        Whose.
    space_group, system, dimensionality
        Share that has the same.
    energy
        Mean absolute difference of formation energies, eV per atom.
    """

    text: str
    space_group: float
    system: float
    dimensionality: float
    energy: float


def retrieve(text: str, vectors: Floats, facts: Sequence[CrystalFacts], energies: Floats) -> Retrieved:
    """By the cosine of texts [n, d]; each crystal is sought among the others."""
    nearest = _nearest(vectors)
    groups, systems, dimensions = (
        np.array([str(getattr(one, name)) for one in facts]) for name in ("space_group", "system", "dimensionality")
    )
    same = [float((told[nearest] == told[:, None]).mean()) for told in (groups, systems, dimensions)]
    return Retrieved(text, *same, float(np.nanmean(np.abs(energies[nearest] - energies[:, None]))))


def _nearest(vectors: Floats) -> NDArray[np.int64]:
    """The ten most like each, [n, 10]."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness = unit @ unit.T
    np.fill_diagonal(likeness, -np.inf)
    return np.asarray(np.argsort(-likeness, axis=1, kind="stable")[:, :NEAREST])


def both_retrieve(materials: Materials, said: Sequence[Said | None]) -> tuple[list[Retrieved], float]:
    """What either text finds, and the share of the ten that both find, of the crystals that both describe."""
    rows = [row for row, told in enumerate(said) if told is not None]
    kept = materials[np.array(rows)]
    assert kept.structures is not None
    facts, reader = crystal_facts(kept.structures), make_representation("structure-text")
    assert isinstance(reader, TextRepresentation)
    known = pl.read_csv(data_folder() / "mp_structures" / "properties.csv.gz", infer_schema_length=None)
    ids = pl.DataFrame({"material_id": kept.ids.astype(str)})
    energies = ids.join(known, on="material_id", how="left", maintain_order="left")["formation_energy_per_atom"]
    texts = {
        "matscout": [description(one) for one in facts],
        "robocrystallographer": [told.text for told in said if told is not None],
        "composition only": [str(formula) for formula in kept.formulas],
    }
    vectors = {name: reader.vectors_of(told) for name, told in texts.items()}
    ours, theirs = _nearest(vectors["matscout"]), _nearest(vectors["robocrystallographer"])
    shared = np.mean([len(np.intersect1d(one, other)) / NEAREST for one, other in zip(ours, theirs, strict=True)])
    found = [retrieve(name, one, facts, energies.to_numpy()) for name, one in vectors.items()]
    return found, float(shared)


@dataclass(frozen=True)
class Compared:
    """How often both say the same; ``everything`` is space group, dimensionality and the coordination of each site."""

    space_group: float
    dimensionality: float
    coordination: float
    all_sites: float
    everything: float
    crystals: int
    sites: int
    named_by_both: int
    same_name: int


def compare(materials: Materials, said: Sequence[Said | None]) -> Compared:
    """Of the crystals that both describe."""
    structures = materials.structures
    assert structures is not None
    facts = crystal_facts(structures)
    cells = [conventional(structures.to_pymatgen(row)) for row in range(len(structures))]
    crystals = Crystals.from_structures(Structures.from_pymatgen(cells))
    coordination = site_bonds(crystals).graph.coordination
    groups, dimensions, sites, wholes, names = [], [], [], [], []
    for row, told in enumerate(said):
        if told is None:
            continue
        own = facts[row]
        groups.append(own.space_group == told.space_group)
        dimensions.append(own.dimensionality == told.dimensionality)
        names.append((own.name, told.mineral))
        ours = coordination[crystals.offsets[row] : crystals.offsets[row + 1]]
        own_sites = [int(ours[int(site)]) == count for site, count in told.coordination.items()]
        sites += own_sites
        wholes.append(all(own_sites))
    both = [(ours, theirs) for ours, theirs in names if ours and theirs]
    return Compared(
        float(np.mean(groups)),
        float(np.mean(dimensions)),
        float(np.mean(sites)),
        float(np.mean(wholes)),
        float(np.mean(np.all([groups, dimensions, wholes], axis=0))),
        len(groups),
        len(sites),
        len(both),
        sum(ours == theirs for ours, theirs in both),
    )


def speed(structures: Structures) -> float:
    """Ours, crystals per CPU second."""
    crystal_facts(structures[:5])
    start = time.process_time()
    for first in range(0, len(structures), AT_ONCE):
        [description(one) for one in crystal_facts(structures[first : first + AT_ONCE])]
    return len(structures) / (time.process_time() - start)


def page(
    found: Compared,
    rates: tuple[float, float],
    retrieved: tuple[Sequence[Retrieved], float],
    examples: Sequence[tuple[str, str, str]],
) -> str:
    """The result as Markdown."""
    (own, theirs), (by_text, shared) = rates, retrieved
    digest = hashlib.sha256(arrays_file(data_folder()).read_bytes()).hexdigest()
    packages = ", ".join(f"{package} {version(package)}" for package in ("matscout", "robocrys", "pymatgen", "spglib"))
    lines = [
        "# Descriptions of crystals",
        "",
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}; "
        f"{packages}; code sha256 {code_digest()[:16]}…. {N} crystals of `{arrays_file(data_folder()).name}` (SHA-256 "
        f"{digest[:16]}…) with at most {MOST_SITES} sites; robocrystallographer describes {found.crystals} of them.",
        "Command: `python benchmarks/descriptions.py`.",
        "",
        "| | matscout | robocrystallographer | goal |",
        "|---|--:|--:|--:|",
        f"| crystals per CPU second | {own:,.0f} | {theirs:.2f} | 50 |",
        f"| crystals with the same space group | {found.space_group:.1%} |  | 95 % |",
        f"| crystals with the same dimensionality | {found.dimensionality:.1%} |  | 95 % |",
        f"| crystals with the same coordination number at every site | {found.all_sites:.1%} |  | 95 % |",
        f"| crystals in which all three are the same | {found.everything:.1%} |  |  |",
        f"| same coordination number, of {found.sites:,} sites | {found.coordination:.1%} |  |  |",
        f"| same name, of {found.named_by_both} that both name | {found.same_name / found.named_by_both:.1%} |  |  |",
        "",
        f"Each crystal sought among the others by its text (all-MiniLM-L6-v2): what the {NEAREST} most alike have in "
        f"common with it. The two descriptions agree on {shared:.0%} of them.",
        "",
        "| text by | same space group | same crystal system | same dimensionality | formation energy differs by |",
        "|---|--:|--:|--:|--:|",
        *(
            f"| {one.text} | {one.space_group:.1%} | {one.system:.1%} | {one.dimensionality:.1%} | "
            f"{one.energy:.3f} eV/atom |"
            for one in by_text
        ),
        "",
    ]
    for name, ours, theirs_text in examples:
        lines += [f"## {name}", "", f"matscout: {ours}", "", f"robocrystallographer: {theirs_text}", ""]
    return "\n".join(lines)


def main() -> None:
    warnings.simplefilter("ignore")
    materials = small_ones(mp_structures(data_folder()), MOST_SITES, N)
    structures = materials.structures
    assert structures is not None
    with threadpool_limits(1):
        said = []
        for row, name in enumerate(materials.ids.tolist()):
            said.append(robocrystallographer(structures, row, name))
            if row % 20 == 0:
                print(f"{row} of {len(materials)}", flush=True)
        found, own = compare(materials, said), speed(structures)
    told = [one for one in said if one is not None]
    theirs = len(told) / sum(one.seconds for one in told)
    short = sorted((len(one.text), row) for row, one in enumerate(said) if one is not None)[
        len(told) // 4 :: len(told) // 4
    ]
    facts = crystal_facts(structures)
    examples = [(facts[row].formula, description(facts[row]), said[row].text) for _, row in short[:2] if said[row]]
    written = page(found, (own, theirs), both_retrieve(materials, said), examples)
    print(f"wrote {write_text_whole(RESULTS / 'descriptions.md', written)}")


if __name__ == "__main__":
    main()
