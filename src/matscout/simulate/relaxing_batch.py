"""Crystals on their way to a minimum: places of atoms and deformations of cells, many crystals in flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.simulate.energies import GIGAPASCAL, Energies
from matscout.simulate.movers import Mover, mover_for
from matscout.simulate.relax_settings import RelaxSettings
from matscout.simulate.symmetry_keeping import SiteSymmetry

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RelaxingBatch:
    """n crystals with s sites, each at its own step.

    The lattice of a crystal is that at its start times the transposed deformation, and atoms move in the undeformed
    cell (E. B. Tadmor, G. S. Smith, N. Bernstein, E. Kaxiras, Phys. Rev. B 59, 235 (1999), and ``UnitCellFilter`` of
    ASE): then strains carry the atoms with them.

    Parameters
    ----------
    rows
        int64 [n], which crystal of the source each is.
    crystals
        As they are now; ordered.
    start
        float64 [n, 3, 3], Å, lattices at the start.
    deformation
        float64 [n, 3, 3].
    movers
        What moves the coordinates of each: those of its sites, then three rows of the deformation.
    steps
        int64 [n], taken so far.
    seconds
        float64 [n], spent so far: the time of a batch is shared by the sites.
    symmetries
        Those to be kept; None for none.
    """

    rows: Integers
    crystals: Crystals
    start: Floats
    deformation: Floats
    movers: tuple[Mover, ...]
    steps: Integers
    seconds: Floats
    symmetries: tuple[SiteSymmetry | None, ...]

    @classmethod
    def at_start(
        cls, rows: Integers, crystals: Crystals, symmetries: Sequence[SiteSymmetry | None], method: str
    ) -> RelaxingBatch:
        """Crystals that have not moved; ``method`` is that of :class:`RelaxSettings`."""
        n = len(crystals)
        return cls(
            rows,
            crystals,
            crystals.lattices,
            np.tile(np.eye(3), (n, 1, 1)),
            tuple(mover_for(method, int(sites)) for sites in np.diff(crystals.offsets)),
            np.zeros(n, dtype=np.int64),
            np.zeros(n),
            tuple(symmetries),
        )

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sites(self) -> Integers:
        """Sites of each crystal, [n]."""
        return np.diff(self.crystals.offsets)

    @property
    def volume_ratios(self) -> Floats:
        """Volumes over those at the start, [n]."""
        return np.asarray(np.linalg.det(self.deformation))

    def kept(self, keep: NDArray[np.bool_]) -> RelaxingBatch:
        """Those that are to be kept, [n]."""
        chosen = np.flatnonzero(keep)
        return RelaxingBatch(
            self.rows[keep],
            self.crystals[chosen],
            self.start[keep],
            self.deformation[keep],
            tuple(self.movers[row] for row in chosen),
            self.steps[keep],
            self.seconds[keep],
            tuple(self.symmetries[row] for row in chosen),
        )

    def with_others(self, others: RelaxingBatch) -> RelaxingBatch:
        """These, and others behind them."""
        both = (self, others)
        return RelaxingBatch(
            np.concatenate([one.rows for one in both]),
            joined_crystals([one.crystals for one in both]),
            np.concatenate([one.start for one in both]),
            np.concatenate([one.deformation for one in both]),
            (*self.movers, *others.movers),
            np.concatenate([one.steps for one in both]),
            np.concatenate([one.seconds for one in both]),
            (*self.symmetries, *others.symmetries),
        )

    def moved(self, pull: Pull) -> RelaxingBatch:
        """After one step along the forces."""
        site_rows, cell_rows = self._places()
        scale = np.array([mover.scale for mover in self.movers])[:, None, None]
        slopes = np.empty((len(site_rows) + 3 * len(self), 3))
        slopes[site_rows] = np.einsum("si,sij->sj", pull.forces, self.deformation[self.crystals.owners])
        slopes[cell_rows] = pull.virial @ np.linalg.inv(self.deformation).transpose(0, 2, 1) / scale
        parts = np.split(slopes, cell_rows[:-1, -1] + 1)
        taken = [mover.step(part) for mover, part in zip(self.movers, parts, strict=True)]
        step = np.concatenate([one for one, _ in taken])
        stretched = self.deformation + step[cell_rows] / scale * pull.cell_moves[:, None, None]
        return self._placed(stretched, step[site_rows], tuple(mover for _, mover in taken), pull)

    def _placed(self, deformation: Floats, step: Floats, movers: tuple[Mover, ...], pull: Pull) -> RelaxingBatch:
        """With another deformation, and sites that have moved by ``step`` in the undeformed cell."""
        if pull.keeps_volume:
            deformation = deformation / np.cbrt(np.linalg.det(deformation))[:, None, None]
        there = np.einsum("si,sij->sj", step, np.linalg.inv(self.start)[self.crystals.owners])
        lattices = self.start @ deformation.transpose(0, 2, 1)
        crystals = replace(self.crystals, lattices=lattices, fractional=self.crystals.fractional + there)
        return replace(self, crystals=crystals, deformation=deformation, movers=movers, steps=self.steps + 1)

    def _places(self) -> tuple[Integers, Integers]:
        """Which rows of the coordinates are sites [s], and which the deformation [n, 3]."""
        ends = np.cumsum(self.sites + 3)
        cell_rows = ends[:, None] - 3 + np.arange(3)
        is_site = np.ones(int(ends[-1]) if len(ends) else 0, dtype=np.bool_)
        is_site[cell_rows] = False
        return np.flatnonzero(is_site), cell_rows


@dataclass(frozen=True, eq=False)
class Pull:
    """What moves the atoms and cells of n crystals.

    Parameters
    ----------
    forces
        float64 [s, 3], eV/Å.
    virial
        float64 [n, 3, 3], eV, symmetric: minus the derivative of the enthalpy by a strain; 0 along what may not change.
    cell_moves
        bool [n], whether the cell may change.
    keeps_volume
        Whether the volume may not.
    """

    forces: Floats
    virial: Floats
    cell_moves: NDArray[np.bool_]
    keeps_volume: bool

    @classmethod
    def of(cls, batch: RelaxingBatch, energies: Energies, settings: RelaxSettings) -> Pull:
        """With symmetry, outer pressure and what may change taken into account."""
        crystals = batch.crystals
        moves = crystals.periodic & (settings.cell != "fixed")
        push = energies.stress / GIGAPASCAL + settings.pressure / GIGAPASCAL * np.eye(3)
        virial = np.where(moves[:, None, None], -crystals.volumes[:, None, None] * push, 0.0)
        forces, virial = _symmetric(batch, energies.forces, virial)
        return cls(forces, _allowed(virial, settings), moves, settings.cell == "shape")

    def largest_force(self, batch: RelaxingBatch) -> Floats:
        """Of each crystal, eV/Å, [n]."""
        return np.asarray(np.maximum.reduceat(np.linalg.norm(self.forces, axis=1), batch.crystals.offsets[:-1]))

    def largest_gradient(self, batch: RelaxingBatch) -> Floats:
        """The largest row of the virial over the number of sites, eV, [n]."""
        return np.asarray(np.linalg.norm(self.virial, axis=2).max(axis=1) / batch.sites)

    def largest_stress(self, batch: RelaxingBatch) -> Floats:
        """The largest component that is left of what the cell may follow, GPa, [n]."""
        return np.asarray(np.abs(self.virial).max(axis=(1, 2)) / batch.crystals.volumes * GIGAPASCAL)


def _symmetric(batch: RelaxingBatch, forces: Floats, virial: Floats) -> tuple[Floats, Floats]:
    if not any(batch.symmetries):
        return forces, virial
    forces, virial, offsets = forces.copy(), virial.copy(), batch.crystals.offsets
    for row, symmetry in enumerate(batch.symmetries):
        if symmetry is not None:
            sites = slice(offsets[row], offsets[row + 1])
            forces[sites], virial[row] = symmetry.forces(forces[sites]), symmetry.tensor(virial[row])
    return forces, virial


def _allowed(virial: Floats, settings: RelaxSettings) -> Floats:
    """The part of it along what of the cell may change."""
    mean = np.trace(virial, axis1=1, axis2=2)[:, None, None] / 3.0 * np.eye(3)
    return np.asarray({"volume": mean, "shape": virial - mean}.get(settings.cell, virial))


def joined_crystals(parts: Sequence[Crystals]) -> Crystals:
    """Ordered crystals of several batches, one batch behind the other."""
    sites = np.concatenate([np.diff(part.offsets) for part in parts])
    total = int(sites.sum())
    return Crystals(
        np.concatenate([part.lattices for part in parts]),
        np.concatenate([[0], np.cumsum(sites)]).astype(np.int64),
        np.concatenate([part.fractional for part in parts]),
        np.arange(total),
        np.concatenate([part.atomic_numbers for part in parts]),
        np.ones(total),
        np.concatenate([part.pbc for part in parts]),
    )
