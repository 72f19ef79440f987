"""What representations say about the same materials, each asked once."""

from __future__ import annotations

from dataclasses import replace

from matscout.data.materials import Materials
from matscout.represent.base import Embedding
from matscout.represent.embedding import make_representation


class Embeddings:
    """Materials, and what each representation that is asked about them says.

    Column sets share representations, and the parts of a network are one pass through it: whoever joins several asks
    here, and nothing is computed twice.

    Parameters
    ----------
    materials
        n materials, the same for every question.
    """

    def __init__(self, materials: Materials) -> None:
        self.materials = materials
        self._known: dict[str, Embedding] = {}

    def of(self, address: str) -> Embedding:
        """What the representation called ``address``, or that part of it, says (see :func:`make_representation`)."""
        name, _, part = address.partition("/")
        if name not in self._known:
            self._known[name] = make_representation(name).represent(self.materials)
        whole = self._known[name]
        if not part:
            return whole
        columns = make_representation(address).columns
        places = {column: place for place, column in enumerate(whole.columns)}
        return replace(whole, vectors=whole.vectors[:, [places[column] for column in columns]], columns=columns)
