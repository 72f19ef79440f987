"""What representations say about the same materials, each asked once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars

from matscout.data.materials import Materials
from matscout.progress import Progress, silent
from matscout.represent.addresses import Address
from matscout.represent.base import Embedding, require_described
from matscout.represent.embedding import make_representation
from matscout.represent.streaming.parts import MaterialPart, Parts
from matscout.represent.streaming.run import write_rows
from matscout.represent.streaming.work import Recipe, VectorJob, code_of
from matscout.store import Store
from matscout.workers import in_processes, in_this_process

COSTLY_AT_ONCE = 8
"""Structures that one process is given at a time by a costly representation."""


class Embeddings:
    """Materials, and what each representation that is asked about them says.

    Column sets share representations, and the parts of a network are one pass through it: whoever joins several asks
    here, and nothing is computed twice.

    Parameters
    ----------
    materials
        n materials, the same for every question.
    progress
        Called while a costly representation is asked.
    """

    def __init__(self, materials: Materials, progress: Progress = silent) -> None:
        self.materials = materials
        self._progress = progress
        self._known: dict[str, Embedding] = {}

    def of(self, address: str) -> Embedding:
        """What the representation called ``address``, or that part of it, says (see :func:`make_representation`)."""
        parsed = Address.parse(address)
        if parsed.whole not in self._known:
            maker = make_representation(parsed.whole)
            require_described(self.materials, maker, maker.name)
            self._known[parsed.whole] = (
                remembered(parsed.whole, self.materials, self._progress)
                if maker.costly
                else maker.represent(self.materials)
            )
        whole = self._known[parsed.whole]
        if not parsed.part:
            return whole
        columns = make_representation(address).columns
        places = {column: place for place, column in enumerate(whole.columns)}
        return replace(whole, vectors=whole.vectors[:, [places[column] for column in columns]], columns=columns)


def remembered(address: str, materials: Materials, progress: Progress = silent) -> Embedding:
    """What a costly representation says of n materials, asked by several processes, and only once about each.

    Vectors are kept where ``matscout embed`` keeps its own, part by part, so a stopped run loses next to nothing.
    """
    numbers = np.arange(1, len(materials) + 1)
    numbered = replace(materials, ids=numbers.astype(np.str_))
    places = [slice(start, start + COSTLY_AT_ONCE) for start in range(0, len(materials), COSTLY_AT_ONCE)]
    parts = Parts([MaterialPart(numbered[place], numbers[place]) for place in places], len(materials))
    maker = make_representation(address)
    recipe = Recipe(address, code=code_of(maker), store=Store.of_user())
    runner = in_processes if len(places) > 1 else in_this_process
    with TemporaryDirectory() as folder:
        written = write_rows(
            parts, VectorJob(recipe), Path(folder) / "vectors.parquet", origin={}, runner=runner, progress=progress
        )
        frame = polars.read_parquet(written.path)
    rows = frame["id"].cast(polars.Int64).to_numpy() - 1
    return Embedding(frame.select(maker.columns).to_numpy(), rows, maker.columns, written.problems)
