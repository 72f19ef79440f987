"""Structure prediction by formula: tasks, guesses of each method, and what they match; stored in blocks of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, reduce
from math import gcd
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from known_crystals import KnownCrystals, as_given, known_crystals, splits_of, synthesized
from numpy.typing import NDArray
from structure_matching import Matching

from matscout.data.elements import SYMBOLS
from matscout.data.structures import Structures
from matscout.errors import UsageError
from matscout.generate.crystal_generators.random import RandomCrystals
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.generate.templates.artefact import read_substitution
from matscout.generate.templates.fitting import fit_on_pool
from matscout.generate.templates.likeness import role_likeness, role_pairs
from matscout.generate.templates.model import Guess, SubstitutionModel
from matscout.generate.templates.pool import TemplatePool
from matscout.generate.templates.ranker import Ranker
from matscout.generate.templates.slots import in_slots
from matscout.generate.templates.volumes import VolumeModel
from matscout.predict.states import State, Stored, values_of

Integers = NDArray[np.int64]
Cell = tuple[Integers, Integers]
"""Atomic numbers, ascending, and atoms of each."""

MOST = 20
"""Guesses for each row of which many are compared."""
BLOCK = 25
QUERIES = 6000
"""Formulas at most that a ranker learns from."""


@dataclass(frozen=True, eq=False)
class PredictionTask:
    """A test set and the crystals that may be templates.

    Parameters
    ----------
    name, note
        How it is called, and what the templates are.
    test
        Crystals as they are published.
    pool
        Templates before the formulas of the test set are left out; None for the shipped model.
    strict
        Whether they are left out.
    shipped_parts
        Whether similarities, volumes and ranker are those that ship, which have not seen the formulas of the test set
        either; else they are learnt from the templates.
    """

    name: str
    note: str
    test: Callable[[], Structures]
    pool: Callable[[], KnownCrystals] | None
    strict: bool = True
    shipped_parts: bool = False


def tasks(cells: Path) -> dict[str, PredictionTask]:
    """All tasks by name."""

    def pool(*names: str, most: int = 52) -> Callable[[], KnownCrystals]:
        return lambda: _joined([_up_to(known_crystals(name, cells), most) for name in names])

    def known() -> KnownCrystals:
        whole = known_crystals("materials project", cells)
        left_out = _formulas(known_crystals("mpts-52 val", cells).structures)
        rows = synthesized()[whole.rows] & ~np.isin(_formulas(whole.structures), left_out)
        return whole[np.flatnonzero(rows)]

    def perov(kept: Callable[[], NDArray[np.bool_]]) -> Callable[[], KnownCrystals]:
        return lambda: known_crystals("perov-5", cells)[np.flatnonzero(kept())]

    def fold() -> NDArray[np.bool_]:
        marks = np.array([hash_of(one) % 5 for one in _formulas(as_given("perov-5"))])
        return np.asarray(marks == 0)

    mp20, mpts = (lambda: as_given("mp-20 test")), (lambda: as_given("mpts-52 test"))
    perov_test = splits_of("perov-5") == "test"
    made = [
        PredictionTask("mp-20", "Materials Project (<= 20 sites) and MP-20 val", mp20,
                       pool("materials project", "mp-20 val", most=20), shipped_parts=True),
        PredictionTask("mp-20-shipped", "the model that comes with matscout", mp20, None),
        PredictionTask("mpts-52-known", "crystals marked as synthesized, outside of val and test", mpts, known),
        PredictionTask("mpts-52-all", "Materials Project (<= 52 sites), MP-20 val, MPTS-52 val", mpts,
                       pool("materials project", "mp-20 val", "mpts-52 val"), shipped_parts=True),
        PredictionTask("mpts-52-shipped", "the model that comes with matscout", mpts, None),
        PredictionTask("perov-5", "published split, other formulas of train",
                       lambda: as_given("perov-5")[np.flatnonzero(perov_test)],
                       perov(lambda: splits_of("perov-5") == "train")),
        PredictionTask("perov-5-polymorph", "all structures of a formula on one side",
                       lambda: as_given("perov-5")[np.flatnonzero(fold())], perov(lambda: ~fold())),
        PredictionTask("carbon-24", "train, of the same formula",
                       lambda: as_given("carbon-24")[np.flatnonzero(splits_of("carbon-24") == "test")],
                       lambda: known_crystals("carbon-24", cells)[
                           np.flatnonzero(splits_of("carbon-24") == "train")], strict=False),
    ]  # fmt: skip
    return {task.name: task for task in made}


def hash_of(text: str) -> int:
    """A number for a formula that is the same in every process."""
    return crc32(text.encode())


@dataclass(frozen=True, eq=False)
class Predictor:
    """A task with its fitted model.

    Parameters
    ----------
    task
        What is predicted.
    test
        Its crystals.
    folder
        Where what is fitted is kept.
    """

    task: PredictionTask
    test: Structures
    folder: Path

    @cached_property
    def cells(self) -> list[Cell]:
        """What is known of each row: the atoms of its cell."""
        return [cell_of(self.test, row) for row in range(len(self.test))]

    @cached_property
    def formulas(self) -> NDArray[np.str_]:
        """Of the test set, in lowest terms."""
        return _formulas(self.test)

    @cached_property
    def model(self) -> SubstitutionModel:
        """Fitted without the formulas of the test set."""
        if self.task.pool is None:
            return read_substitution().model
        known = self.task.pool()
        if self.task.strict:
            known = known[np.flatnonzero(~np.isin(_formulas(known.structures), self.formulas))]
        pool = TemplatePool.of(known.structures, known.space_groups)
        print(f"{self.task.name}: {len(known.rows)} templates", flush=True)
        return fitted(pool, self.task, self.folder)

    def other_cells(self, row: int) -> list[Cell]:
        """Cells of other sizes that the test set has of the formula of a row, at most three."""
        same = np.flatnonzero(self.formulas == self.formulas[row])
        sizes = {int(self.cells[one][1].sum()): self.cells[one] for one in same}
        sizes.pop(int(self.cells[row][1].sum()))
        return [sizes[size] for size in sorted(sizes)][:3]

    def guesses(self, cell: Cell, most: int) -> dict[str, list[Structures]]:
        """At most so many structures for a cell by each method, best first."""
        guess = self._guess(cell)
        if guess is None:
            return {}
        likeness = guess.proposals.likeness
        orders = {
            "best template": np.argsort(-likeness, kind="stable")[:most],
            "votes": np.arange(len(likeness))[:most],
            "votes + ranker": guess.order[:most],
        }
        source, entries = self.model.source, guess.proposals.entries
        wanted = np.unique(np.concatenate([*orders.values()]))
        made = {int(place): source.decorated(guess.wanted, int(entries[place])) for place in wanted}
        return {name: [made[int(place)] for place in order] for name, order in orders.items()}

    def _guess(self, cell: Cell) -> Guess | None:
        """For the cell; where no template has its key, for twice and half of it."""
        elements, counts = cell
        for size in (counts, 2 * counts, *([] if (counts % 2).any() else [counts // 2])):
            guess = self.model.guess(self.model.wanted([(elements, size)])[0])
            if guess is not None:
                return guess
        return None

    def has_template(self, row: int) -> bool:
        """Whether a template has the key of a row."""
        return self.model.source.has(in_slots(*self.cells[row])[1])


@dataclass(frozen=True, eq=False)
class FittedParts(Stored):
    """What is learnt from a pool of templates."""

    likeness: NDArray[np.float64]
    volumes: VolumeModel
    ranker: Ranker


def fitted(pool: TemplatePool, task: PredictionTask, folder: Path) -> SubstitutionModel:
    """A model of a pool, fitted once; without a ranker where formulas cannot be left out."""
    if not task.strict:
        likeness, volumes = role_likeness(role_pairs(pool.all_keys())), VolumeModel.fit(pool.compositions, pool.volumes)
        return SubstitutionModel(pool, likeness, volumes, None)
    if task.shipped_parts:
        shipped = read_substitution()
        with_volumes = pool.with_volumes(shipped.volumes)
        return SubstitutionModel(with_volumes, shipped.likeness, shipped.volumes, shipped.pool_ranker)
    path = folder / f"fitted {task.name}.npz"
    if not path.is_file():
        queries = np.random.default_rng(0).permutation(len(pool.volumes))[:QUERIES]
        model = fit_on_pool(pool, np.sort(queries))
        if model.ranker is None:
            raise TypeError("a fitted model has a ranker")
        np.savez(path, **FittedParts(model.likeness, model.volumes, model.ranker).state().arrays)
    with np.load(path) as arrays:
        spec = {"volumes": {"trees": {}}, "ranker": {"trees": {}}}
        parts = FittedParts(**values_of(FittedParts.stored_fields(), State(spec, dict(arrays))))
    return SubstitutionModel(pool.with_volumes(parts.volumes), parts.likeness, parts.volumes, parts.ranker)


class FewRandomCrystals(RandomCrystals):
    """The same in batches of as many as are compared."""

    batch_size = MOST


def random_guesses(cell: Cell, n: int, seed: int) -> list[Structures]:
    """Crystals of the untrained baseline."""
    elements, counts = cell
    formula = "".join(f"{SYMBOLS[element - 1]}{count}" for element, count in zip(elements, counts, strict=True))
    atoms = int(counts.sum())
    try:
        batches = [*FewRandomCrystals().sample(CrystalWishes(formula=formula, atoms=(atoms, atoms)), n, seed)]
    except UsageError:
        return []
    return [drawn.structures[np.array([row])] for drawn in batches for row in range(len(drawn))]


def block_of(predictor: Predictor, rows: Integers, many: bool, matching: Matching) -> list[dict[str, Any]]:
    """What the guesses for some rows match, as JSON; of many guesses or of the first alone."""
    return [_row(predictor, int(row), many, matching) for row in rows]


def _row(predictor: Predictor, row: int, many: bool, matching: Matching) -> dict[str, Any]:
    elements, counts = predictor.cells[row]
    truth, most = predictor.test[np.array([row])], MOST if many else 1
    guesses = predictor.guesses(predictor.cells[row], most)
    if many:
        guesses["random"] = random_guesses(predictor.cells[row], MOST, row)
    return {
        "row": row,
        "elements": len(elements),
        "atoms": int(counts.sum()),
        "formula": str(predictor.formulas[row]),
        "template": predictor.has_template(row),
        "many": many,
        "methods": _compared(truth, guesses, matching),
        "others": [_compared(truth, predictor.guesses(cell, most), matching) for cell in predictor.other_cells(row)],
    }


def _compared(truth: Structures, guesses: dict[str, list[Structures]], matching: Matching) -> dict[str, Any]:
    """Both distances of the guesses of each method; one that several methods make is compared once."""
    compared: dict[int, tuple[float, float]] = {}
    methods: dict[str, Any] = {}
    for name, structures in guesses.items():
        for one in structures:
            if id(one) not in compared:
                compared[id(one)] = matching.distances(truth, one)
        methods[name] = [[_number(value) for value in compared[id(one)]] for one in structures]
    return methods


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 6)


def cell_of(structures: Structures, row: int) -> Cell:
    """The atoms of a cell."""
    sites = slice(int(structures.offsets[row]), int(structures.offsets[row + 1]))
    return np.unique(structures.atomic_numbers[sites].astype(np.int64), return_counts=True)


def _formulas(structures: Structures) -> NDArray[np.str_]:
    """In lowest terms, as texts."""
    texts = []
    for row in range(len(structures)):
        elements, counts = cell_of(structures, row)
        unit = reduce(gcd, counts.tolist())
        texts.append(" ".join(f"{one}:{count // unit}" for one, count in zip(elements, counts, strict=True)))
    return np.array(texts, dtype=np.str_)


def _up_to(known: KnownCrystals, most: int) -> KnownCrystals:
    return known[np.flatnonzero(np.diff(known.structures.offsets) <= most)]


def _joined(parts: list[KnownCrystals]) -> KnownCrystals:
    return KnownCrystals(
        Structures.joined([part.structures for part in parts]),
        np.concatenate([part.space_groups for part in parts]),
        np.concatenate([part.rows for part in parts]),
    )
