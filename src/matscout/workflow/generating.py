"""Crystals for wishes: drawn, compared with the wishes, counted in a table, written as files."""

from __future__ import annotations

import json
import math
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.code_digest import digest_of_code
from matscout.counting import counted
from matscout.crystal.cif_writing import plain_cif, symmetric_cif
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetrising import symmetrised
from matscout.crystal.wyckoff import wyckoff
from matscout.data.files import write_text_whole
from matscout.data.materials import Materials
from matscout.errors import InputError
from matscout.evaluation.crystal_table import CrystalTable, crystal_table
from matscout.evaluation.crystal_table_rows import CrystalCost
from matscout.extras import available
from matscout.generate.crystal_generator import CrystalGenerator, Drawn
from matscout.generate.crystal_generator_choice import USUAL, make_crystal_generator, usual_generator
from matscout.generate.crystal_rejection import sample_until
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.generate.kept_crystals import KeptCrystals
from matscout.made import write_made
from matscout.progress import Progress, silent
from matscout.remarks import Remark
from matscout.shown import ShownTable
from matscout.store import key_of
from matscout.version import __version__
from matscout.workflow.user_store import user_store

if TYPE_CHECKING:
    import polars

COUNTED = 1000
"""Crystals of the table at most, drawn with seed 0;"""
COUNTED_OF_ONE = 100
"""so many where all have one formula: each may have to be compared with each."""

EXACT = 1e-3
"""Å, for the symmetry of crystals that are written: they were made symmetric."""

METRICS, TABLE, CARD, FOLDER = "metrics.json", "structures.parquet", "card.md", "cifs"
"""Files of a result."""


@dataclass(frozen=True, eq=False, repr=False)
class Generated(ShownTable):
    """Crystals that were generated for wishes.

    Parameters
    ----------
    wishes, generator, seed
        What was asked for, of which generator.
    drawn
        All crystals that were drawn, those that do not meet the wishes among them.
    table
        The table of those that do, of at most :data:`COUNTED` of them; None if none does.
    counted_rows
        int64, which of ``materials`` the table counts.
    remarks
        What a reader should know, a sentence each.
    taken_over
        How many were drawn by an earlier run that was stopped.
    """

    wishes: CrystalWishes
    generator: str
    seed: int
    drawn: Drawn
    table: CrystalTable
    counted_rows: NDArray[np.int64]
    remarks: tuple[str, ...] = ()
    taken_over: int = 0

    @property
    def met(self) -> Drawn:
        """Those that meet the wishes, in the order in which they were drawn."""
        return self.drawn[np.flatnonzero(self.drawn.rejected_for == "")]

    @property
    def materials(self) -> Materials:
        """The materials of these, with structures."""
        return self.met.materials

    @property
    def report(self) -> str:
        """What was asked for and found, and the table, as Markdown."""
        return card(self)

    def __len__(self) -> int:
        return len(self.materials)

    def in_a_line(self) -> str:
        """How many for which wishes."""
        return f"{counted(len(self), 'crystal')} by {self.generator} for {self.wishes.in_words()}"

    def to_frame(self) -> polars.DataFrame:
        """A row for each that was drawn: formula, space group, reason of rejection, origin, and its structure."""
        return frame_of(self.drawn)

    def write(self, folder: Path) -> Path:
        """Write CIFs, table, metrics and card into a folder, which is made."""
        return write_generated(self, folder)


def generate_crystals(
    wishes: CrystalWishes | str,
    n: int = 20,
    *,
    with_: str = USUAL,
    seed: int = 0,
    reference: Materials | None = None,
    reference_words: str = "",
    parts: Path | None = None,
    progress: Progress = silent,
) -> Generated:
    """Generate crystals.

    Parameters
    ----------
    wishes
        What they must be; a text is a formula or plain English.
    n
        How many.
    with_
        Generator: a plug-in of the family "crystal-generators", with ``=FOLDER`` if it reads one. If none is named:
        ``"substitution"`` for a formula, ``"enumerated"`` for other wishes, ``"random"`` where these make nothing.
    seed
        Of random choices.
    reference
        Known crystals, with which they are compared.
    reference_words
        What these are.
    parts
        Folder in which batches are kept, so that a stopped run goes on.
    progress
        Told how many meet the wishes.

    Raises
    ------
    UsageError
        If wishes contradict each other, are not understood, or no crystal can meet them.
    InputError
        If none meets them after 50 n draws.
    """
    asked = CrystalWishes.from_text(wishes) if isinstance(wishes, str) else wishes
    with_ = with_ or usual_generator(asked)
    generator = make_crystal_generator(with_)
    generator.check(asked)
    kept = generator if parts is None else _kept(generator, parts, (with_, seed, asked))
    start, cpu = time.perf_counter(), time.process_time()
    drawn, remarks = _drawn(kept, asked, n, seed, progress)
    cost = CrystalCost(time.process_time() - cpu, time.perf_counter() - start, _peak_memory())
    met = drawn[np.flatnonzero(drawn.rejected_for == "")].materials
    rows = _counted(met)
    table = crystal_table(
        met[rows],
        reference,
        reference_words=reference_words,
        wished_groups=asked.group_numbers if asked.space_groups else (),
        cost=cost,
        store=user_store(),
    )
    remarks += _about_properties(asked)
    return Generated(asked, with_, seed, drawn, table, rows, remarks, getattr(kept, "taken_over", 0))


def _kept(generator: CrystalGenerator, folder: Path, made_of: Sequence[Any]) -> KeptCrystals:
    """The generator with the batches of the same call; those of another one are removed."""
    key = key_of(digest_of_code("matscout.generate"), *map(str, made_of[:2]), _plain(made_of[2]))
    mark = folder / "call.txt"
    if folder.exists() and not (mark.exists() and mark.read_text(encoding="utf-8") == key):
        shutil.rmtree(folder)
    write_text_whole(mark, key)
    return KeptCrystals(generator, folder)


def _plain(wishes: CrystalWishes) -> str:
    return json.dumps([wishes.in_words(), wishes.prototype_label, wishes.atom_range])


def _drawn(
    generator: CrystalGenerator, wishes: CrystalWishes, n: int, seed: int, progress: Progress
) -> tuple[Drawn, tuple[str, ...]]:
    batches: list[Drawn] = []
    remarks: tuple[str, ...] = ()
    met = 0
    try:
        for batch in sample_until(generator, wishes, n, seed):
            batches.append(batch)
            met += int((batch.rejected_for == "").sum())
            progress("drawing", met, n)
    except InputError as error:
        if not met:
            raise
        remarks = (Remark("wishes-hardly-met", f"{error}."),)
    if not met:
        counts = Counter(reason for batch in batches for reason in batch.rejected_for.tolist())
        most = f": {counts.most_common(1)[0][0]} rejects all of {sum(counts.values()):,}" if counts else ""
        raise InputError(f"no crystal of the generator meets the wishes ({wishes.in_words()}){most}")
    if met < n and not remarks:
        remarks = (Remark("fewer-crystals", f"The generator has no more than {met:,} of {n:,} crystals."),)
    return Drawn.joined(batches), remarks


def _counted(materials: Materials) -> NDArray[np.int64]:
    """The rows that the table counts."""
    most = COUNTED_OF_ONE if len(np.unique(materials.compositions.keys())) == 1 else COUNTED
    if len(materials) <= most:
        return np.arange(len(materials))
    return np.sort(np.random.default_rng(0).permutation(len(materials))[:most])


def _about_properties(wishes: CrystalWishes) -> tuple[str, ...]:
    if not wishes.properties:
        return ()
    names = ", ".join(wishes.properties)
    text = f"No model predicts {names} here: fit one on labels, and rank the crystals with matscout predict."
    return (Remark("properties-not-looked-at", text),)


def _peak_memory() -> float:
    """Bytes that this process has held at most; NaN on systems that do not count them (Windows)."""
    if not available("resource"):
        return math.nan
    resource = import_module("resource")
    peak = float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak if sys.platform == "darwin" else 1024.0 * peak


def score_crystals(
    materials: Materials,
    reference: Materials | None = None,
    *,
    unreadable: int = 0,
    reference_words: str = "",
) -> CrystalTable:
    """The table of any crystals: which are sound, distinct and new.

    Parameters
    ----------
    materials
        Crystals, for example of a folder of CIF files.
    reference
        Known crystals, for example those on which the generator was trained.
    unreadable
        So many more could not be read, and count as unsound.
    reference_words
        What the reference is.

    Raises
    ------
    InputError
        If there is no ordered crystal among them.
    """
    ordered = ordered_crystals(materials)
    if not len(ordered):
        raise InputError("no ordered crystal was given: give structures without shared sites, periodic along all axes")
    known = None if reference is None else ordered_crystals(reference)
    lost = unreadable + len(materials) - len(ordered)
    return crystal_table(ordered, known, unreadable=lost, reference_words=reference_words, store=user_store())


def ordered_crystals(materials: Materials) -> Materials:
    """Those with an ordered structure that is periodic along all directions."""
    structures = materials.structures
    if structures is None:
        return materials[np.zeros(0, dtype=np.int64)]
    owners = np.repeat(np.arange(len(structures)), np.diff(structures.offsets))
    shared = np.bincount(owners, structures.occupancies < 1.0 - 1e-3, len(structures)) > 0
    return materials[np.flatnonzero(structures.present & ~shared & structures.pbc.all(axis=1))]


def frame_of(drawn: Drawn) -> polars.DataFrame:
    """A row for each drawn crystal."""
    import polars

    structures, crystals = drawn.structures, drawn.crystals
    parts = [slice(*pair) for pair in zip(structures.offsets[:-1], structures.offsets[1:], strict=True)]
    groups = [None] * len(drawn) if crystals is None else crystals.space_groups.tolist()
    orbits = [None] * len(drawn) if crystals is None else [crystals.described(row) for row in range(len(drawn))]
    scores = [None if np.isnan(one) else one for one in drawn.log_likelihoods.tolist()]
    return polars.DataFrame(
        {
            "draw": drawn.materials.ids.tolist(),
            "formula": drawn.materials.formulas.tolist(),
            "rejected for": drawn.rejected_for.tolist(),
            "space group": polars.Series(groups, dtype=polars.Int64),
            "orbits": polars.Series(orbits, dtype=polars.String),
            "log likelihood": polars.Series(scores, dtype=polars.Float64),
            "origin": drawn.origins.tolist(),
            "lattice": [one.ravel().tolist() for one in structures.lattices],
            "numbers": [structures.atomic_numbers[part].tolist() for part in parts],
            "fractional": [structures.fractional_coordinates[part].ravel().tolist() for part in parts],
        }
    )


def write_generated(generated: Generated, folder: Path) -> Path:
    """Write ``cifs/``, ``structures.parquet``, ``metrics.json``, ``card.md`` and ``made.json`` into a folder."""
    cifs = folder / FOLDER
    cifs.mkdir(parents=True, exist_ok=True)
    for name, text in cif_files(generated).items():
        (cifs / name).write_text(text, encoding="utf-8")
    generated.to_frame().write_parquet(folder / TABLE)
    (folder / METRICS).write_text(json.dumps(metrics(generated), indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / CARD).write_text(card(generated), encoding="utf-8")
    write_made(folder, generated.seed)
    return folder


def cif_files(generated: Generated) -> dict[str, str]:
    """File name -> CIF of each crystal that meets the wishes: symmetrised, with its origin as a comment."""
    met, files = generated.met, {}
    for row, (crystals, place) in enumerate(_with_symmetry(met)):
        score = "" if np.isnan(met.log_likelihoods[row]) else f", log likelihood {met.log_likelihoods[row]:.2f}"
        about = [f"made by matscout {__version__}, generator {generated.generator}", f"{met.origins[row]}{score}"]
        about += [] if met.crystals is None else [f"drawn in {symmetry_words(met.crystals, row)}"]
        symbol = "P 1" if crystals is None else wyckoff(int(crystals.space_groups[place])).symbol
        text = plain_cif(met.structures, row, about) if crystals is None else symmetric_cif(crystals, place, about)
        files[f"{row + 1:04}_{met.materials.formulas[row]}_{_short(symbol)}.cif"] = text
    return files


def symmetry_words(crystals: SymmetricCrystals, row: int) -> str:
    """The space group and what is on its sites: ``"Fm-3m (225): Na 4a, Cl 4b"``."""
    symbol = wyckoff(int(crystals.space_groups[row])).symbol.replace("_", "").replace(" ", "")
    return f"{symbol} ({crystals.space_groups[row]}): {crystals.described(row)}"


def _with_symmetry(drawn: Drawn) -> Iterator[tuple[SymmetricCrystals | None, int]]:
    """Each crystal by the symmetry that it has, which may be higher than that with which it was drawn."""
    symmetric = symmetrised(drawn.structures, EXACT)
    places = np.full(len(drawn), -1)
    places[symmetric.rows] = np.arange(len(symmetric.rows))
    for row, place in enumerate(places.tolist()):
        if place >= 0:
            yield symmetric.crystals, place
        else:
            yield drawn.crystals, row


def _short(symbol: str) -> str:
    """A symbol of a space group as part of a file name: ``"Fm-3m"``, ``"P21-c"``."""
    words = symbol.replace("_", "").split()
    short = [words[0], *(word for word in words[1:] if word != "1")]
    return "".join(short if len(short) > 1 else [*short, "1"]).replace("/", "-")


def metrics(generated: Generated) -> dict[str, object]:
    """What was asked for and the table, for programs."""
    reasons = Counter(reason for reason in generated.drawn.rejected_for.tolist() if reason)
    return {
        "matscout": __version__,
        "generator": generated.generator,
        "seed": generated.seed,
        "wishes": generated.wishes.in_words(),
        "met by construction": sorted(generated.drawn.conditioned),
        "drawn": len(generated.drawn),
        "met": len(generated),
        "rejected": dict(reasons),
        "remarks": [str(one) for one in generated.remarks],
        "table": generated.table.document(),
    }


def card(generated: Generated) -> str:
    """A page for people: what was asked for, what was found, and the table."""
    about = metrics(generated)
    rejected = ", ".join(f"{name} {count:,}" for name, count in Counter(about["rejected"]).most_common()) or "none"  # type: ignore[call-overload]
    by_construction = ", ".join(sorted(generated.drawn.conditioned)) or "none"
    lines = [
        f"# Crystals: {generated.wishes.in_words()}",
        "",
        f"matscout {__version__}, generator `{generated.generator}`, seed {generated.seed}.",
        "",
        f"- drawn: {len(generated.drawn):,}; meeting the wishes: {len(generated):,}",
        f"- wishes met by construction: {by_construction}; rejected for other wishes: {rejected}",
        *(f"- {remark}" for remark in generated.remarks),
        "",
        generated.table.markdown(),
        "Shares have exact binomial 95 % intervals; in brackets the share of those that passed the rows before. ",
        "Nothing here says that a crystal is stable: relax it with a force field and place it on the hull "
        "(`matscout relax`, `matscout hull`).",
        "",
    ]
    return "\n".join(lines)
