"""The kernel of the pair law: energies of defects as sums over single defects and pairs of them.

``k(X, X') = s1 (1 + n.n') + s2 exp(-|n - n'|^2 / 2 w^2) + sum over pairs p of X and q of X' of one kind of
exp(-(d_p + d_q) / L) (s3 exp(-(d_p - d_q)^2 / 2 l^2) + s4 [same shell])``

n counts each kind of defect. The first term gives each defect an energy of its own, the third each kind of pair a
function of the distance, smooth but for what each shell of the lattice adds: interactions oscillate from shell to
shell, and a smooth function alone flattens that. The second term takes what is not additive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matscout.data.defects.column_store import Defects
from matscout.predict.states import Stored

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHELL = 0.02
"""Å, within which two pairs are of one shell,"""
LEVEL = 0.1
"""and Å of their difference in height across a layer."""
EMPTY: tuple[str, ...] = ()


@dataclass(frozen=True)
class PairKernel(Stored):
    """The numbers of the kernel, variances in units of that of the values.

    Parameters
    ----------
    counts, family, smooth, shell
        Variances s1, s2, s3 and s4.
    width
        w, defects.
    length, reach
        l and L, Å.
    noise
        Variance of a value of weight 1.
    """

    counts: float = 1.0
    family: float = 0.1
    smooth: float = 1.0
    shell: float = 0.3
    width: float = 1.0
    length: float = 1.5
    reach: float = 4.0
    noise: float = 1e-4

    @property
    def logs(self) -> Floats:
        """Natural logarithms of the eight numbers, [8]."""
        return np.log([getattr(self, name) for name in FIELDS])

    @classmethod
    def from_logs(cls, logs: Floats) -> PairKernel:
        """From :attr:`logs`."""
        return cls(*np.exp(logs).tolist())


FIELDS = ("counts", "family", "smooth", "shell", "width", "length", "reach", "noise")


@dataclass(frozen=True, eq=False)
class PairTable(Stored):
    """What the kernel sees of n arrangements.

    Parameters
    ----------
    types
        Names of T kinds of defects, with the host where there are several: ``"v(Mo)"``.
    counts
        float64 [n, T].
    first, second
        int64 [U], positions in ``types`` of the U classes of pairs that occur, the smaller one first.
    distances, heights
        float64 [U], Å.
    offsets, members
        int64 [n + 1], [pairs]: the classes of the pairs of each arrangement, in compressed sparse rows.
    """

    types: tuple[str, ...]
    counts: Floats
    first: Integers
    second: Integers
    distances: Floats
    heights: Floats
    offsets: Integers
    members: Integers

    def __len__(self) -> int:
        return len(self.counts)

    @classmethod
    def of(cls, defects: Defects, types: tuple[str, ...] = EMPTY) -> PairTable:
        """Of arrangements; kinds of defects that are not among ``types`` come behind these."""
        names = site_names(defects)
        new = tuple(name for name in sorted({*names.tolist()}) if name not in types)
        known = (*types, *new)
        at = {name: place for place, name in enumerate(known)}
        places = np.array([at[name] for name in names.tolist()], dtype=np.int64)
        counts = np.zeros((len(defects), len(known)))
        np.add.at(counts, (defects.rows, places), 1.0)
        pairs = defects.pairs()
        kinds = np.sort(np.stack([places[pairs.first], places[pairs.second]]), axis=0)
        # Rounded, so that a class is the same in any batch.
        distances, heights = np.round(pairs.distances, 3), np.round(pairs.heights, 2)
        table = np.column_stack([*kinds, distances, heights])
        _, where, members = np.unique(table, axis=0, return_index=True, return_inverse=True)
        offsets = np.concatenate([[0], np.cumsum(np.bincount(pairs.rows, minlength=len(defects)))]).astype(np.int64)
        return cls(
            known,
            counts,
            kinds[0][where],
            kinds[1][where],
            distances[where],
            heights[where],
            offsets,
            members.ravel().astype(np.int64),
        )

    @property
    def kinds(self) -> Integers:
        """A number for the kind of each class of pairs, [U]."""
        return self.first * 4096 + self.second

    @property
    def pairs(self) -> csr_array:
        """How often each class of pairs occurs in each arrangement, [n, U]."""
        # Of copies: equal entries are summed in place.
        entries = (np.ones(len(self.members)), self.members.copy(), self.offsets.copy())
        table = csr_array(entries, shape=(len(self), len(self.distances)))
        table.sum_duplicates()
        return table

    def with_pristine(self) -> PairTable:
        """With one more arrangement, without defects."""
        counts = np.concatenate([self.counts, np.zeros((1, self.counts.shape[1]))])
        return replace(self, counts=counts, offsets=np.append(self.offsets, self.offsets[-1]))

    def rows(self, chosen: Integers) -> PairTable:
        """Some arrangements, with all classes."""
        lengths = np.diff(self.offsets)[chosen]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        entries = np.arange(offsets[-1]) + np.repeat(self.offsets[chosen] - offsets[:-1], lengths)
        return replace(self, counts=self.counts[chosen], offsets=offsets, members=self.members[entries])

    def widened(self, n_types: int) -> Floats:
        """The counts with columns of zeros behind, [n, n_types]."""
        return np.pad(self.counts, ((0, 0), (0, n_types - self.counts.shape[1])))


def site_names(defects: Defects) -> NDArray[np.str_]:
    """The kind of each defect with its host, text [sites]: ``"v(Mo) in MoS2"``."""
    from matscout.data.defects.column_store import type_name

    table = np.column_stack([defects.codes, defects.host[defects.rows]])
    each, where = np.unique(table, axis=0, return_inverse=True)
    names = [f"{type_name(code // 256, code % 256)} in {defects.hosts[host].formula}" for code, host in each.tolist()]
    return np.array(names, dtype=np.str_)[where.ravel()] if names else np.zeros(0, dtype=np.str_)


@dataclass(frozen=True, eq=False)
class ClassKernel:
    """Covariances [U, V] between classes of pairs, by the parts of the third term, and what their slopes need."""

    smooth: Floats
    shell: Floats
    apart: Floats
    together: Floats

    @classmethod
    def between(cls, kernel: PairKernel, left: PairTable, right: PairTable) -> ClassKernel:
        """Of all classes of two tables, whose types have equal numbers."""
        alike = left.kinds[:, None] == right.kinds
        together = left.distances[:, None] + right.distances
        apart = left.distances[:, None] - right.distances
        decay = np.where(alike, np.exp(-together / kernel.reach), 0.0)
        same = (np.abs(apart) < SHELL) & (np.abs(left.heights[:, None] - right.heights) < LEVEL)
        smooth = kernel.smooth * decay * np.exp(-0.5 * (apart / kernel.length) ** 2)
        return cls(smooth, kernel.shell * decay * same, apart, together)

    @property
    def whole(self) -> Floats:
        """Their sum."""
        return self.smooth + self.shell


def terms(kernel: PairKernel, left: PairTable, right: PairTable) -> tuple[Floats, Floats, Floats]:
    """The three terms of the covariance of arrangements [n, m]: counts, families, pairs."""
    n_types = max(left.counts.shape[1], right.counts.shape[1])
    one, two = left.widened(n_types), right.widened(n_types)
    of_pairs = left.pairs @ ClassKernel.between(kernel, left, right).whole @ right.pairs.T
    return kernel.counts * (1.0 + one @ two.T), kernel.family * families(kernel, one, two), np.asarray(of_pairs)


def families(kernel: PairKernel, one: Floats, two: Floats) -> Floats:
    """``exp(-|n - n'|^2 / 2 w^2)`` of counts [n, T] and [m, T]."""
    squares = (one**2).sum(axis=1)[:, None] + (two**2).sum(axis=1) - 2.0 * one @ two.T
    return np.asarray(np.exp(-0.5 * np.maximum(squares, 0.0) / kernel.width**2))


def covariance(kernel: PairKernel, left: PairTable, right: PairTable) -> Floats:
    """Of arrangements, without noise, [n, m]."""
    return sum(terms(kernel, left, right), np.zeros((len(left), len(right))))


def variances(kernel: PairKernel, table: PairTable) -> Floats:
    """Of each arrangement, without noise, [n]."""
    between = ClassKernel.between(kernel, table, table).whole
    own = np.asarray((table.pairs @ between * table.pairs.toarray()).sum(axis=1)) if len(between) else 0.0
    return np.asarray(kernel.counts * (1.0 + (table.counts**2).sum(axis=1)) + kernel.family + own)
