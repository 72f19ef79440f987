"""What is searched for: a formula, a structure, a material of the index, each as vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.cells import with_cells
from matscout.data.materials import Materials
from matscout.discover.index.about import About, Vectors
from matscout.errors import UsageError
from matscout.registry import load_class
from matscout.represent.addresses import Address
from matscout.represent.base import Representation
from matscout.represent.embedding import make_representation


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


def query_of(words: str, material: Materials, about: About) -> Query:
    """Vectors of one material, in the cell of an index, by all of its representations that apply to it.

    Raises
    ------
    UsageError
        If there is none.
    """
    vectors, reasons = {}, []
    placed = with_cells(material, about.cell)
    for name, how in about.vectors.items():
        if needs_structures(name) and material.structures is None:
            reasons.append(f"{name} is of structures")
            continue
        embedding = make_representation(name).represent(placed)
        scaled = how.standard.apply(embedding.vectors)
        if scaled.any():
            vectors[name] = scaled[0]
        else:
            reasons.append(f"{name}: {embedding.problems[0].reason if embedding.problems else 'nothing is known'}")
    if not vectors:
        raise UsageError(
            f"{words} has no vector that this index knows ({'; '.join(reasons)}); give a structure file or the id of "
            "a material of the index"
        )
    return Query(words, material, vectors)


def query_of_text(text: str, known: Mapping[str, Vectors]) -> Query | None:
    """Vectors of a question in plain English by the language models of an index; None if it has none."""
    asked = {name: make_representation(name).vectors_of([text]) for name in known}
    vectors = {name: known[name].standard.apply(found)[0] for name, found in asked.items() if found is not None}
    return Query(f"the text {text!r}", None, vectors) if vectors else None


def needs_structures(name: str) -> bool:
    """Whether a representation needs structures, without making it."""
    maker: type[Representation] = load_class("representations", Address.parse(name).name)
    return maker.needs == "structure"
