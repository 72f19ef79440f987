"""Mordred's 1,613 descriptors of the molecules of a reaction (a tenth of a second each), stored for later runs."""

from __future__ import annotations

import contextlib
import hashlib
import warnings
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from matscout.data.reactions.molecules import rdkit_molecule
from matscout.errors import MissingExtraError
from matscout.extras import available
from matscout.represent.reaction_representation import Floats, PooledMolecules
from matscout.represent.streaming.cache import VectorCache
from matscout.store import Store

AT_ONCE = 100
"""Molecules that are computed before they are kept."""


class ReactionMordred(PooledMolecules):
    """All 2D descriptors of mordred (Moriwaki and others 2018, doi:10.1186/s13321-018-0258-y), as mordredcommunity has.

    Blank where one is not defined for a molecule: many are not for salts and for metal complexes.
    """

    packages = ("rdkit", "mordred")

    @property
    def components(self) -> tuple[str, ...]:
        """Names as in mordred."""
        return tuple(str(descriptor) for descriptor in _calculator().descriptors)

    def of_molecules(self, molecules: tuple[str, ...]) -> Floats:
        """Descriptors, [u, 1613]; what was computed before is not computed again."""
        kept, keys = VectorCache(Store.of_user(), _maker()), [_key(smiles) for smiles in molecules]
        known = kept.get(keys)
        vectors = np.full((len(molecules), len(self.components)), np.nan)
        for place, vector in known.items():
            vectors[place] = vector
        missing = [place for place in range(len(molecules)) if place not in known]
        for start in range(0, len(missing), AT_ONCE):
            some = missing[start : start + AT_ONCE]
            for place in some:
                vectors[place] = _descriptors(molecules[place])
            # A full disk must not end the run: what is not kept is computed again another time.
            with contextlib.suppress(OSError):
                kept.put({keys[place]: vectors[place] for place in some})
        return vectors


@cache
def _calculator() -> Any:
    if not available("mordred"):
        raise MissingExtraError("mordredcommunity", "reactions")
    from mordred import Calculator, descriptors

    return Calculator(descriptors, ignore_3D=True)


def _maker() -> str:
    return f"mordredcommunity {version('mordredcommunity')} rdkit {version('rdkit')}"


def _key(smiles: str) -> bytes:
    return hashlib.blake2b(smiles.encode(), digest_size=16).digest()


def _descriptors(smiles: str) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # divisions by zero, which become blanks
        calculated = _calculator()(rdkit_molecule(smiles)).fill_missing(np.nan).values()
    values = np.array([float(value) for value in calculated])
    return np.where(np.isfinite(values), values, np.nan)
