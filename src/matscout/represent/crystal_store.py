"""Crystals as arrays, of which any become a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.environments import Around, Environments, Surroundings, environments
from matscout.crystal.oxidation import guess_oxidation_states
from matscout.data.compositions import Compositions
from matscout.data.ragged import ranges
from matscout.represent.crystal_arrays import CrystalArrays, NeighbourArrays

if TYPE_CHECKING:
    from matscout.represent.crystal_batches import CrystalBatch

Integers = NDArray[np.int64]

_OWN = ("elements", "states", "species_offsets")
_AROUND = tuple(field.name for field in fields(Around))


class CrystalStore:
    """N crystals as arrays, of which any rows become a batch with a few array operations.

    Parameters
    ----------
    environments
        Of N crystals.
    elements, states
        int64 and float32 [Q], the species of every crystal, one crystal after the other.
    species_offsets
        int64 [N + 1].
    labels
        float32 [N, t], NaN where unknown, or None.
    """

    def __init__(
        self,
        environments: Environments,
        *,
        elements: Integers,
        states: NDArray[np.float32],
        species_offsets: Integers,
        labels: NDArray[np.float32] | None = None,
    ) -> None:
        self.environments = environments
        self.elements, self.states, self.species_offsets = elements, states, species_offsets
        self.labels = labels

    @classmethod
    def from_crystals(
        cls,
        crystals: Crystals,
        surroundings: Surroundings = "nearest",
        number: int = 36,
        labels: NDArray[np.float32] | None = None,
        *,
        merged: bool = True,
    ) -> Self:
        """From ordered crystals; oxidation states are guessed from the compositions."""
        compositions, site_species = _species(crystals)
        states = guess_oxidation_states(compositions).states.astype(np.float32)
        return cls(
            environments(crystals, site_species, surroundings, number, merged=merged),
            elements=compositions.elements.astype(np.int64) - 1,
            states=states,
            species_offsets=compositions.offsets,
            labels=labels,
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], labels: NDArray[np.float32] | None = None) -> Self:
        """The store that gave these :meth:`arrays`."""
        rest: dict[str, Any] = dict(arrays)
        own: dict[str, Any] = {name: rest.pop(name) for name in _OWN}
        for name in ("pairs", "places"):
            rest[name] = Around(**{key: rest.pop(f"{name}.{key}") for key in _AROUND})
        return cls(Environments(**rest), **own, labels=labels)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything but the labels, by name; names of offsets end so."""
        fields = vars(self.environments)
        return {
            **{name: getattr(self, name) for name in _OWN},
            **{name: value for name, value in fields.items() if not isinstance(value, Around)},
            **{f"{name}.{key}": getattr(fields[name], key) for name in ("pairs", "places") for key in _AROUND},
        }

    def __len__(self) -> int:
        return len(self.environments)

    @property
    def sizes(self) -> Integers:
        """Distinct sites of each crystal, [N]."""
        return np.diff(self.environments.offsets)

    def parts(self, pairs: int) -> Iterator[Integers]:
        """Crystals in their order, cut so that each part has about so many pairs of a site and a neighbour."""
        ends = self.environments.pairs.offsets[self.environments.offsets]
        cuts = np.flatnonzero(np.diff(ends[:-1] // pairs)) + 1
        return (part for part in np.split(np.arange(len(self)), cuts) if len(part))

    def batch(self, crystals: Integers) -> CrystalBatch:
        """The batch of these crystals, in this order, as tensors to train with."""
        import torch

        from matscout.represent.crystal_batches import CrystalBatch

        labels = None if self.labels is None else torch.from_numpy(self.labels[crystals])
        return CrystalBatch.from_arrays(self.arrays_of(crystals), labels)

    def arrays_of(self, crystals: Integers) -> CrystalArrays:
        """These crystals, in this order."""
        prepared = self.environments
        row_offsets, rows = ranges(prepared.offsets, crystals)
        site_offsets, sites = ranges(prepared.site_offsets, crystals)
        species_offsets, species = ranges(self.species_offsets, crystals)
        counts = np.diff(row_offsets)
        first_species = np.repeat(species_offsets[:-1], np.diff(site_offsets))
        site_species = prepared.site_species[sites] + first_species
        row_sites = prepared.row_sites[rows] + np.repeat(site_offsets[:-1], counts)
        totals = np.repeat(np.diff(site_offsets), counts)
        return CrystalArrays(
            np.asarray(self.elements[species]),
            np.asarray(self.states[species]),
            row_offsets,
            site_species[row_sites],
            (prepared.row_counts[rows] / totals).astype(np.float32),
            _neighbours(prepared.pairs, rows, np.repeat(species_offsets[:-1], counts)),
            _neighbours(prepared.places, rows, np.repeat(site_offsets[:-1], counts)),
            site_offsets,
            site_species,
            row_sites,
            prepared.site_rows[sites] + np.repeat(row_offsets[:-1], np.diff(site_offsets)),
        )


def _neighbours(around: Around, rows: Integers, first: Integers) -> NeighbourArrays:
    """The neighbours of some rows, their kinds counted from ``first`` [r]."""
    offsets, places = ranges(around.offsets, rows)
    lengths, counts = np.diff(offsets), around.counts[places]
    owner = np.repeat(np.arange(len(rows)), lengths)
    shares = counts / np.bincount(owner, counts, len(rows))[owner]
    kinds = around.kinds[places] + np.repeat(first, lengths)
    return NeighbourArrays(offsets, kinds, around.distances[places].astype(np.float32), shares.astype(np.float32))


def _species(crystals: Crystals) -> tuple[Compositions, Integers]:
    """The composition of each crystal, and for each site which of its entries is on it, from 0."""
    keys = crystals.owners * 128 + crystals.atomic_numbers
    distinct, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    owners = distinct // 128
    offsets = np.searchsorted(owners, np.arange(len(crystals) + 1))
    compositions = Compositions(offsets, (distinct % 128).astype(np.uint8), counts.astype(np.float64))
    return compositions, inverse - offsets[owners[inverse]]
