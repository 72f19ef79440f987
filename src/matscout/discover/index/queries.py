"""What is searched for: a formula, a structure, a material of the index, each as vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.cells import with_cells
from matscout.data.materials import Materials
from matscout.discover.index.encoders import require_same_vectors
from matscout.discover.index.store import Index
from matscout.errors import UsageError
from matscout.represent.embedding import make_representation, representation_class

CHECKED = 3
"""Materials of the index that are represented again before it is searched."""


@dataclass(frozen=True, eq=False)
class Query:
    """What is sought.

    Parameters
    ----------
    words
        How the user named it.
    material
        One material; None for a text.
    vectors
        Representation -> float32 [d], on the scale of the index.
    """

    words: str
    material: Materials | None
    vectors: Mapping[str, NDArray[np.float32]]

    @property
    def name(self) -> str:
        """What is sought in short: a formula, or the text."""
        return self.words if self.material is None else str(self.material.formulas[0])

    @property
    def called(self) -> str:
        """The id of the material in its source; of a text, the text."""
        return self.words if self.material is None else str(self.material.ids[0])


def query_of(words: str, material: Materials, index: Index) -> Query:
    """Vectors of one material; see :func:`queries_of`."""
    return queries_of([words], material, index)[0]


def queries_of(words: Sequence[str], materials: Materials, index: Index) -> list[Query]:
    """Vectors of n materials, called ``words``, in the cell of an index, by all of its representations that apply.

    Raises
    ------
    UsageError
        If a material has none, or the index was built with other weights.
    """
    about = index.about
    fitting = [name for name in about.vectors if materials.structures is not None or not needs_structures(name)]
    _require_once(index, fitting)
    placed = with_cells(materials, about.cell)
    vectors: list[dict[str, NDArray[np.float32]]] = [{} for _ in words]
    for name in fitting:
        embedding = make_representation(name).represent(placed)
        scaled = about.vectors[name].standard.apply(embedding.vectors)
        for row, vector in zip(embedding.rows.tolist(), scaled, strict=True):
            if vector.any():
                vectors[row][name] = vector
    if unknown := [row for row, known in enumerate(vectors) if not known]:
        others = f" (and {len(unknown) - 1} more have none)" if len(unknown) > 1 else ""
        why = _why_not(placed[[unknown[0]]], index, fitting)
        raise UsageError(
            f"{words[unknown[0]]} has no vector of this index ({why}){others}; give a structure file or the id of a "
            "material of the index"
        )
    return [Query(one, materials[[row]], known) for row, (one, known) in enumerate(zip(words, vectors, strict=True))]


def _why_not(material: Materials, index: Index, fitting: Sequence[str]) -> str:
    """Why no representation of an index makes a vector of a material."""
    reasons = []
    for name in index.about.vectors:
        problems = make_representation(name).represent(material).problems if name in fitting else ()
        unknown = f"{name}: {problems[0].reason if problems else 'nothing is known'}"
        reasons.append(unknown if name in fitting else f"{name} is for structures")
    return "; ".join(reasons)


def query_of_text(text: str, index: Index) -> Query | None:
    """Vectors of a question in plain English by the language models of an index; None if it has none.

    Raises
    ------
    UsageError
        If the index was built with other weights.
    """
    known = index.about.vectors
    asked = {name: make_representation(name).vectors_of([text]) for name in known}
    represented = {name: vector for name, vector in asked.items() if vector is not None}
    _require_once(index, represented)
    vectors = {name: known[name].standard.apply(vector)[0] for name, vector in represented.items()}
    return Query(f"the text {text!r}", None, vectors) if vectors else None


def _require_once(index: Index, names: Iterable[str]) -> None:
    if fresh := [name for name in names if name not in index.alike]:
        require_same_vectors(index, fresh, CHECKED)
        index.alike.update(fresh)


def needs_structures(name: str) -> bool:
    """Whether a representation needs structures, without making it."""
    return representation_class(name).needs == "structure"
