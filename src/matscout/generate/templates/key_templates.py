"""The templates of one stoichiometry, laid on its slots in all ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.generate.templates.profiles import pair_table
from matscout.generate.templates.slots import Key

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class KeyTemplates:
    """All ways to lay the templates of one key on its k slots: e entries, those of one template side by side.

    Parameters
    ----------
    key
        Atoms of each slot in the primitive cell.
    templates
        int64 [e], row of the pool.
    orders
        int64 [e, k]: which slot of the template (in its own order) each slot is.
    elements
        int64 [e, k], atomic numbers of the template in the slots.
    prototypes
        int64 [e], ascending from 0 in order of first appearance.
    nearest
        float32 [e, pairs], shortest distances between the slots over the cube root of the volume per atom.
    coulomb
        float64 [e, pairs], Ewald sums between the slots (:mod:`matscout.generate.templates.electrostatics`).
    profiles
        float32 [e / orders, pairs, bins], contact profiles of the templates in their own order.
    """

    key: Key
    templates: Integers
    orders: Integers
    elements: Integers
    prototypes: Integers
    nearest: Singles
    coulomb: Floats
    profiles: Singles

    @property
    def n_prototypes(self) -> int:
        """How many prototypes there are, the same atoms in other slots counted apart."""
        return int(self.prototypes.max()) + 1

    def profile(self, entry: int) -> Singles:
        """Contact profile of an entry, float32 [pairs x bins]; those of one template differ in the order of pairs."""
        tries = len(self.templates) // len(self.profiles)
        return np.ravel(self.profiles[entry // tries][laid_pairs(self.orders[entry], pair_table(len(self.key)))])


def laid_pairs(order: Integers, table: Integers) -> Integers:
    """Where each pair of slots is among the pairs of a template that is laid on them in this order."""
    first, second = np.triu_indices(len(order))
    return table[order[first], order[second]]
