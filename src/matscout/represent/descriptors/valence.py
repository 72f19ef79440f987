"""Electrons in s, p, d and f valence orbitals, and norms of the stoichiometry.

Equal to matminer's ``ValenceOrbital(impute_nan=False)`` and ``Stoichiometry()``; L. Ward et al., npj Comput. Mater. 2,
16028 (2016), doi:10.1038/npjcompumats.2016.28, for the norms and orbitals.
"""

from __future__ import annotations

import numpy as np

from matscout.crystal.tables import ElementTable, own_table
from matscout.data.materials import Materials
from matscout.represent.base import Embedding, Representation
from matscout.represent.pooling import FloatArray, pool
from matscout.represent.segments import Segments
from matscout.represent.table_representation import remark_blanks

ORBITALS = ("s", "p", "d", "f")
NORMS = (0, 2, 3, 5, 7, 10)


def _valence_table() -> ElementTable:
    """The columns of Magpie that count valence electrons: s, p, d, f and all."""
    magpie = own_table("magpie")
    names = (*(f"N{orbital}Valence" for orbital in ORBITALS), "NValence")
    return ElementTable(names, np.stack([magpie.column(name) for name in names], axis=1), magpie.listed)


class Valence(Representation):
    """Mean electrons per orbital, their share of all valence electrons, and p-norms of the atomic fractions."""

    @property
    def columns(self) -> tuple[str, ...]:
        """As matminer names them: ``"avg s valence electrons"``, ``"frac s valence electrons"``, ``"0-norm"``, ..."""
        orbitals = tuple(f"{kind} {orbital} valence electrons" for kind in ("avg", "frac") for orbital in ORBITALS)
        return orbitals + tuple(f"{p}-norm" for p in NORMS)

    def represent(self, materials: Materials) -> Embedding:
        """Elements 113 to 118 have no counts: their orbital columns are NaN, reported."""
        rows, table = np.arange(len(materials)), _valence_table()
        compositions = materials.compositions
        averages = pool(table.values, compositions.elements.astype(np.intp) - 1, compositions, ("mean",))
        shares = averages[:, :-1] / averages[:, -1:]
        vectors = np.hstack([averages[:, :-1], shares, self._norms(materials)])
        return Embedding(vectors, rows, self.columns, tuple(remark_blanks(materials, rows, table, "valence")))

    def _norms(self, materials: Materials) -> FloatArray:
        """(sum x^p)^(1/p) for each p; for p = 0 the number of elements."""
        compositions = materials.compositions
        if not len(compositions):
            return np.empty((0, len(NORMS)))
        segments = Segments(compositions)
        norms = [segments.sum(compositions.fractions**p) ** (1 / p) if p else compositions.lengths for p in NORMS]
        return np.stack(norms, axis=1).astype(np.float64)
