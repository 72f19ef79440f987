"""``matscout.generate_crystals`` and ``matscout.score_crystals``: run, and write what was found with its gallery."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from matscout.app.crystal_gallery import write_gallery
from matscout.data.files import atomic_folder
from matscout.data.given import Given
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.generate.crystal_generator_choice import USUAL
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.made import write_made
from matscout.progress import Progress, in_notebooks
from matscout.workflow import generating
from matscout.workflow.generating import METRICS, Generated, ordered_crystals
from matscout.workflow.places import result_folder

if TYPE_CHECKING:
    from matscout.evaluation.crystal_table import CrystalTable


def generate_crystals(
    wishes: CrystalWishes | str,
    n: int = 20,
    *,
    with_: str = USUAL,
    seed: int = 0,
    train: Given | None = None,
    out: str | Path | None = None,
    progress: Progress = in_notebooks,
) -> Generated:
    """Generate crystals for wishes: a formula, plain English, or :class:`~matscout.generate.CrystalWishes`.

    Parameters
    ----------
    wishes
        ``"Li2FeO3"``, ``"lead-free cubic oxide with 5 atoms"``.
    n
        How many.
    with_
        Generator: ``"substitution"``, ``"enumerated"``, ``"random"``, or ``"folder=PATH"`` for crystals that exist
        already. By default substitution for a formula, enumerated for other wishes, and random where these make
        nothing.
    seed
        Of random choices.
    train
        Known crystals (a folder of CIFs, a file, materials), with which the table compares them.
    out
        Folder for ``cifs/``, ``structures.parquet``, ``metrics.json``, ``card.md`` and ``gallery.html``; written
        completely or not at all. A run that was stopped goes on from the batches in ``OUT.parts``.
    progress
        Called with the progress of the work.

    Raises
    ------
    UsageError
        If wishes contradict each other or are not understood, no crystal can meet them, or ``out`` holds other files.
    InputError
        If no crystal meets the wishes after 50 n draws.
    """
    folder = None if out is None else result_folder(Path(out), METRICS)
    parts = None if folder is None else folder.with_name(f"{folder.name}.parts")
    known = None if train is None else known_crystals(train)
    generated = generating.generate_crystals(
        wishes,
        n,
        with_=with_,
        seed=seed,
        reference=known,
        reference_words=words_of(train, known),
        parts=parts,
        progress=progress,
    )
    if folder is not None:
        with atomic_folder(folder) as place:
            generating.write_generated(generated, place)
            write_gallery(generated, place)
    if parts is not None:
        shutil.rmtree(parts, ignore_errors=True)
    return generated


def score_crystals(crystals: Given, *, train: Given | None = None, out: str | Path | None = None) -> CrystalTable:
    """The table of crystals that any program or person made: which are sound, distinct and new.

    Parameters
    ----------
    crystals
        A folder of CIFs, a file, materials. Files that cannot be read count as unsound.
    train
        Known crystals, for example those on which the generator was trained.
    out
        Folder for ``metrics.json`` and ``card.md``.

    Raises
    ------
    InputError
        If there is no ordered crystal among them.
    UsageError
        If ``out`` holds other files.
    """
    folder = None if out is None else result_folder(Path(out), METRICS)
    dataset = read_materials(crystals, max_bad=1.0)
    lost = len({problem.row for problem in dataset.problems if problem.dropped})
    known = None if train is None else known_crystals(train)
    table = generating.score_crystals(dataset.materials, known, unreadable=lost, reference_words=words_of(train, known))
    if folder is not None:
        with atomic_folder(folder) as place:
            (place / METRICS).write_text(json.dumps(table.document(), indent=1, ensure_ascii=False), encoding="utf-8")
            (place / "card.md").write_text(f"# Crystals of {crystals}\n\n{table.markdown()}", encoding="utf-8")
            write_made(place)
    return table


def known_crystals(train: Given) -> Materials:
    """The ordered crystals of a reference."""
    if isinstance(train, Materials):
        return ordered_crystals(train)
    return ordered_crystals(read_materials(train, max_bad=1.0).materials)


def words_of(train: Given | None, known: Materials | None) -> str:
    """What the reference is: its name and size."""
    if known is None:
        return ""
    name = Path(train).name if isinstance(train, str | Path) else "given crystals"
    return f"{name}, {len(known):,} crystals"
