"""Random numbers for each molecule of a reaction: the control that every chemical description must beat."""

from __future__ import annotations

import numpy as np

from matscout.represent.reaction_representation import Floats, PooledMolecules, seed_of

LENGTH = 64


class ReactionRandom(PooledMolecules):
    """64 normal numbers for each molecule, summed in each part (Chuang and Keiser 2018, doi:10.1126/science.aat8603).

    They say which molecules are there and nothing of what those are; equal molecules have equal numbers everywhere.
    """

    poolings = ("sum",)

    @property
    def components(self) -> tuple[str, ...]:
        """``"random 17"``."""
        return tuple(f"random {place}" for place in range(LENGTH))

    def of_molecules(self, molecules: tuple[str, ...]) -> Floats:
        """Numbers of mean 0 and variance 1, [u, 64]."""
        drawn = [np.random.default_rng(seed_of(smiles)).normal(size=LENGTH) for smiles in molecules]
        return np.array(drawn).reshape(len(molecules), LENGTH)
