"""What else was tried with Deep InfoMax, in one command: ``python benchmarks/infomax_variants.py --tables FOLDER``.

Small runs of ``matscout pretrain deep_infomax`` (``CRYSTALS`` crystals, ``EPOCHS`` epochs), each with one thing
changed that the paper's outlook or the trials named, or with another objective, from several seeds; FOLDER is made by
``scripts/make_crystal_tables.py``. Their vectors learn from few labels, alone and beside descriptors and Mat2Vec, as in
``crystal_blocks.py``. Every run and every cell is stored under ``benchmarks/cells``, and a killed run goes on where it
was. Writes ``benchmarks/results/infomax_variants.md``.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import infomax_objectives
import numpy as np
from crystal_blocks import BESIDE, UNTRAINED, Cell, Task, untrained_copies
from data_folder import data_folder
from jobs import CELLS, RESULTS, Job, chosen, fail_if, run
from peers import Floats
from structure_data import arrays_file, mp_structures, small_ones
from structure_tasks import DRAWS, PROPERTIES, perovskites, superconductors
from tables import number, p_value, table

from matscout.data.files import write_text_whole
from matscout.data.materials import Materials
from matscout.data.structure_arrays import write_structure_arrays
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.evaluation.code import code_digest
from matscout.evaluation.statistics import wilcoxon_test
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.training import pretrain
from matscout.represent.seen import are_seen, marks

CRYSTALS, EPOCHS = 10_000, 8
MOST_SITES = 50
PLAIN = "as it is"
LABELLED = ("bulk-modulus", "formation-energy", "band-gap")
"""Properties that are learned; variants with labels were pretrained on the last two."""
SIZES = (100, 250)


@dataclass(frozen=True)
class Variant:
    """One thing changed, or another objective.

    Parameters
    ----------
    name
        As it stands in the table.
    changes
        Overrides of ``experiment``.
    crystals
        Which crystals are learned from: a name of :func:`crystals_called`.
    labelled
        Whether labels of the crystals are learned from as well.
    """

    name: str
    changes: tuple[str, ...] = ()
    experiment: str = "deep_infomax"
    crystals: str = "some"
    labelled: bool = False


SITE_NET = ("encoders.crystal.name=site-net", "data.number=36")
VARIANTS = (
    Variant(PLAIN),
    Variant(
        "geometry only: false polymorphs and permutations",
        ("objective.false_weights={other: 0.02, polymorph: 1.0, composition: 0.0, permutation: 1.0}",),
    ),
    Variant("hard false samples count more", ("objective.name=hard-deep-infomax",)),
    Variant("thermal copies", ("view.name=thermal-crystals", "objective.name=thermal-deep-infomax")),
    Variant("a tenth of the weight of the noise", ("objective.noise=0.01",)),
    Variant("vectors of 256 components", ("encoders.crystal.width=256",)),
    Variant("supercells of at most 50 sites", ("data.surroundings=supercell", "data.number=50")),
    Variant(
        "with labels of energy, gap, Fermi energy, magnetisation",
        ("objective.name=labelled-deep-infomax", "encoders.crystal.isolated=false"),
        labelled=True,
    ),
    Variant("denoising instead", experiment="crystal_denoising"),
    Variant("Barlow Twins instead", SITE_NET, "crystal_twins"),
    Variant("these labels only", SITE_NET, "crystal_properties", labelled=True),
    Variant("all 25,501 crystals", crystals="all"),
    Variant("all, with perov_5 and 3DSC", crystals="more"),
)


@dataclass(frozen=True)
class Run(Job):
    """A variant trained from one seed."""

    variant: Variant
    seed: int
    tables: Path

    @property
    def name(self) -> str:
        return f"{self.variant.name}, seed {self.seed}"

    @property
    def folder(self) -> Path:
        """Where the run lies, named by all that decides it."""
        own = Path(infomax_objectives.__file__).read_bytes()
        told = [code_digest(), hashlib.sha256(own).hexdigest(), repr(self.variant), CRYSTALS, EPOCHS, self.seed]
        told.append(digest_of_data(self.tables))
        return CELLS / f"infomax-{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]}"

    @property
    def finished(self) -> bool:
        return (self.folder / "artefact" / "spec.json").is_file()

    @property
    def address(self) -> str:
        return f"crystal-network={self.folder / 'artefact'}"

    def make(self, folder: Path) -> None:
        data = [f"data.structures={arrays_of(self.variant.crystals, self.tables)}"]
        if self.variant.labelled:
            data.append(f"data.labels={self.tables / 'training.parquet'}")
        changes = [*data, f"trainer.epochs={EPOCHS}", f"seed={self.seed}", *self.variant.changes]
        pretrain(read_experiment(self.variant.experiment, changes), self.folder)


@lru_cache(maxsize=2)
def digest_of_data(tables: Path) -> str:
    """SHA-256 of what is learned from."""
    paths = [tables / "training.npz", tables / "training.parquet", arrays_file(data_folder())]
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in paths)).hexdigest()


def arrays_of(name: str, tables: Path) -> Path:
    """The crystals to learn from as a file: "some" or "all" of the training crystals, or "more"."""
    if name == "all":
        return tables / "training.npz"
    path = CELLS / f"infomax-crystals-{name}-{CRYSTALS}-{digest_of_data(tables)[:12]}.npz"
    if not path.is_file():
        materials = (_some if name == "some" else _more)(tables)
        write_structure_arrays(path, materials.ids, _of(materials))
    return path


def _parts(tables: Path) -> tuple[Materials, Materials]:
    """Crystals to learn from, and those that are tested."""
    with np.load(tables / "training.npz") as stored:
        learned = np.isin(mp_structures(data_folder()).ids, stored["material_id"].astype(np.str_))
    everything = mp_structures(data_folder())
    return everything[np.flatnonzero(learned)], everything[np.flatnonzero(~learned)]


def _some(tables: Path) -> Materials:
    return small_ones(_parts(tables)[0], MOST_SITES, CRYSTALS)


def _more(tables: Path) -> Materials:
    """All training crystals, and those of other sets whose composition is not tested."""
    training, tested = _parts(tables)
    known = np.unique(marks(tested.compositions))
    others = [one.materials for one in (perovskites(), superconductors())]
    kept = [one[np.flatnonzero(~are_seen(marks(one.compositions), known))] for one in others]
    structures = Structures.joined([_of(one) for one in (training, *kept)])
    ids = np.arange(len(structures)).astype(np.str_)
    return Materials(ids, ids, compositions_of(structures), structures)


def _of(materials: Materials) -> Structures:
    assert materials.structures is not None
    return materials.structures


@dataclass(frozen=True)
class Judged:
    """Vectors of one kind on one task: an error for each seed and draw.

    Parameters
    ----------
    name
        The variant, or "untrained".
    addresses
        One for each seed.
    """

    name: str
    addresses: tuple[str, ...]

    @property
    def trained(self) -> bool:
        """Whether all networks are there."""
        return all((Path(one.partition("=")[2]) / "spec.json").is_file() for one in self.addresses)

    def cells(self, task: Task, draws: int, *, alone: bool) -> list[Cell]:
        """A Gaussian process on each vector, alone or beside descriptors and Mat2Vec."""
        return [Cell(task, (one,) if alone else (*BESIDE, one), draws) for one in self.addresses]

    def errors(self, task: Task, draws: int, *, alone: bool) -> Floats | None:
        """Mean over the seeds of the MAE of each draw; None if a cell is not finished."""
        if not self.trained:
            return None
        found = [cell.errors() for cell in self.cells(task, draws, alone=alone)]
        return None if any(one is None for one in found) else np.mean(np.array(found), axis=0)


def page(tasks: Sequence[Task], rows: Sequence[Judged], draws: int, seeds: int) -> str:
    """The result as Markdown."""
    packages = ", ".join(f"{package} {version(package)}" for package in ("matscout", "torch", "numpy", "numba"))
    return "\n".join(
        [
            "# What else was tried with Deep InfoMax",
            "",
            f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, Python "
            f"{platform.python_version()}; {packages}; code sha256 {code_digest()[:16]}….",
            f"Each variant is trained on {CRYSTALS:,} crystals for {EPOCHS} epochs (where it says all, on these), "
            f"seeds {list(range(seeds))}; {draws} draws of labels. *Alone*: a Gaussian process on the vector, MAE "
            f"over that of the variant “{PLAIN}”. *Beside*: the vector as a part of the kernel beside descriptors "
            "and Mat2Vec, MAE over that without it. Ratios are means over the draws, of means over the seeds; p "
            "is Wilcoxon's test of the draws.",
            "Command: `.venv/bin/python benchmarks/infomax_variants.py --tables FOLDER`.",
            "",
            *(text for task in tasks for text in _task(task, rows, draws)),
        ]
    )


def _task(task: Task, rows: Sequence[Judged], draws: int) -> list[str]:
    plain = next(row for row in rows if row.name == PLAIN).errors(task, draws, alone=True)
    beside = Cell(task, BESIDE, draws).errors()
    if plain is None or beside is None:
        return [f"**{task.name}: not finished.**", ""]
    lines, missing = [], []
    for row in rows:
        alone, added = (row.errors(task, draws, alone=one) for one in (True, False))
        if alone is None or added is None:
            missing.append(row.name)
            continue
        lines.append([row.name, number(alone.mean()), *_against(alone, plain), *_against(added, beside)])
    header = ("variant", "MAE alone", "ratio alone", "p", "ratio beside", "p")
    return [
        f"## {task.name} ({task.of.unit})",
        "",
        *([f"**Not finished: {', '.join(missing)}.**", ""] if missing else []),
        table(header, lines),
        "",
    ]


def _against(errors: Floats, other: Floats) -> tuple[str, str]:
    """Ratio and p, empty for what is compared with itself."""
    ratios = errors / other
    test = "" if (errors == other).all() else p_value(wilcoxon_test(errors, other).p_value)
    return f"{ratios.mean():.3f} ± {ratios.std(ddof=1):.3f}", test


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, required=True, metavar="FOLDER", help="crystals and their labels")
    parser.add_argument("--seeds", type=int, default=2, metavar="N")
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N")
    parser.add_argument("--tasks", nargs="+", default=["*"], metavar="NAME", help="names or patterns")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="made at the same time (processes)")
    return parser.parse_args()


def main() -> None:
    options = parse()
    properties = [one for name in LABELLED for one in PROPERTIES if one.name == name]
    tasks = chosen([Task(one, size) for size in SIZES for one in properties], options.tasks)
    runs = [Run(variant, seed, options.tables) for seed in range(options.seeds) for variant in VARIANTS]
    failed = run([one for one in runs if not one.finished], CELLS, options.jobs)
    rows = [Judged(variant.name, tuple(one.address for one in runs if one.variant == variant)) for variant in VARIANTS]
    if rows[0].trained:
        rows.append(Judged("untrained", tuple(untrained_copies(rows[0].addresses[0].partition("=")[2], UNTRAINED))))
    cells = [Cell(task, BESIDE, options.draws) for task in tasks]
    cells += [
        one
        for task in tasks
        for row in rows
        if row.trained
        for alone in (True, False)
        for one in row.cells(task, options.draws, alone=alone)
    ]
    failed += run([one for one in dict.fromkeys(cells) if not one.path(CELLS).is_file()], CELLS, options.jobs)
    print(write_text_whole(RESULTS / "infomax_variants.md", page(tasks, rows, options.draws, options.seeds)))
    fail_if(failed)


if __name__ == "__main__":
    main()
