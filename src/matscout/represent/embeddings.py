"""What representations say about the same materials, each asked once."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from matscout.code_digest import digest_of_code
from matscout.data.materials import Materials
from matscout.represent.base import Embedding, Representation
from matscout.represent.embedding import make_representation
from matscout.represent.streaming.cache import VectorCache, user_cache
from matscout.represent.streaming.known import represent_unknown


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
            maker = make_representation(name)
            self._known[name] = remembered(maker, self.materials) if maker.costly else maker.represent(self.materials)
        whole = self._known[name]
        if not part:
            return whole
        columns = make_representation(address).columns
        places = {column: place for place, column in enumerate(whole.columns)}
        return replace(whole, vectors=whole.vectors[:, [places[column] for column in columns]], columns=columns)


def remembered(maker: Representation, materials: Materials) -> Embedding:
    """What a costly representation says; asked once about a structure, for its vectors are kept from run to run.

    They lie where ``matscout embed`` keeps its own (:func:`matscout.represent.streaming.cache.user_cache`).
    """
    cache = VectorCache(user_cache())
    found = represent_unknown(materials, maker.name, digest_of_code(("data", "represent")), cache)
    # Where nothing can be written everything is computed again another time.
    with contextlib.suppress(OSError):
        cache.put({key: found.vectors[row] for row, key in found.keys.items()})
    return Embedding(found.vectors[found.rows], found.rows, maker.columns, found.problems)
