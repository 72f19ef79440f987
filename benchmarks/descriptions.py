"""Descriptions of crystals beside robocrystallographer: ``python benchmarks/descriptions.py``.

300 crystals of ``mp_structures`` in ``MATSCOUT_DATA`` with at most 50 sites, drawn at random: CPU seconds of one
thread, and whether both say the same of space group, dimensionality and the coordination of each site. What
robocrystallographer says is stored under ``benchmarks/cells``, crystal by crystal. Writes
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
from data_folder import data_folder
from jobs import CELLS, RESULTS
from robocrys import StructureCondenser, StructureDescriber
from structure_data import arrays_file, mp_structures, small_ones
from threadpoolctl import threadpool_limits

from matscout.data.files import write_text_whole
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.evaluation.code import code_digest
from matscout.represent.crystals import Crystals
from matscout.represent.describing.bonds import site_bonds
from matscout.represent.describing.facts import crystal_facts
from matscout.represent.describing.words import description

N, MOST_SITES, AT_ONCE = 300, 50, 50


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


def _asked(structures: Structures, row: int) -> dict[str, object] | None:
    structure = structures.to_pymatgen(row)
    start = time.process_time()
    try:
        condensed = StructureCondenser().condense_structure(structure)
        text = StructureDescriber().describe(condensed)
    except (ValueError, RuntimeError, KeyError, IndexError, TypeError, AttributeError) as error:
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
class Compared:
    """How often both say the same."""

    space_group: float
    dimensionality: float
    coordination: float
    crystals: int
    sites: int
    named_by_both: int
    same_name: int


def compare(materials: Materials, said: Sequence[Said | None]) -> Compared:
    """Of the crystals that both describe."""
    structures = materials.structures
    assert structures is not None
    facts, crystals = crystal_facts(structures), Crystals.from_structures(structures)
    coordination = site_bonds(crystals).graph.coordination
    groups, dimensions, sites, names = [], [], [], []
    for row, told in enumerate(said):
        if told is None:
            continue
        own = facts[row]
        groups.append(own.space_group == told.space_group)
        dimensions.append(own.dimensionality == told.dimensionality)
        names.append((own.name, told.mineral))
        for site, count in told.coordination.items():
            sites.append(int(coordination[crystals.offsets[row] + int(site)]) == count)
    both = [(ours, theirs) for ours, theirs in names if ours and theirs]
    return Compared(
        float(np.mean(groups)),
        float(np.mean(dimensions)),
        float(np.mean(sites)),
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


def page(found: Compared, own: float, theirs: float, examples: Sequence[tuple[str, str, str]]) -> str:
    """The result as Markdown."""
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
        f"| same space group | {found.space_group:.1%} |  | 95 % |",
        f"| same dimensionality | {found.dimensionality:.1%} |  | 95 % |",
        f"| same coordination number, of {found.sites:,} sites | {found.coordination:.1%} |  | 95 % |",
        f"| same name, of {found.named_by_both} that both name | {found.same_name / found.named_by_both:.1%} |  |  |",
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
    print(f"wrote {write_text_whole(RESULTS / 'descriptions.md', page(found, own, theirs, examples))}")


if __name__ == "__main__":
    main()
