"""The graph that CHGNet reads: atoms, the bonds between them, and the angles between short bonds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.neighbours import Pairs

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ChgnetGraph:
    """p directed pairs are two directions of p / 2 bonds; a angles lie between the short ones.

    Parameters
    ----------
    ends
        int64 [p, 2], the two sites of each pair.
    bonds
        int64 [p], which bond a pair is one direction of.
    pairs
        int64 [p / 2], the pair that comes first of each bond.
    angles
        int64 [a, 5]: site in the middle, bond and pair on one side, bond and pair on the other.
    """

    ends: Integers
    bonds: Integers
    pairs: Integers
    angles: Integers


def bond_graph(pairs: Pairs, cutoff: float) -> ChgnetGraph:
    """Bonds and angles of all pairs.

    Bonds are matched by the cells in which their ends lie, where the package matches lengths: it stops where one
    direction of a bond is a rounding error longer than its cutoff.

    Parameters
    ----------
    pairs
        Within the reach of the force field.
    cutoff
        Å; angles are taken between bonds that are shorter.
    """
    first = pairs.first
    there = np.column_stack([first, pairs.second, pairs.shifts])
    back = np.column_stack([pairs.second, first, -pairs.shifts])
    _, pair_of_bond, bonds = np.unique(
        np.where(_comes_later(there, back)[:, None], back, there), axis=0, return_index=True, return_inverse=True
    )
    bonds = bonds.ravel()
    left, right = _both_of_one_site(first, np.flatnonzero(pairs.distances < cutoff))
    angles = np.column_stack([first[left], bonds[left], left, bonds[right], right])
    return ChgnetGraph(there[:, :2], bonds, pair_of_bond, angles)


def _comes_later(rows: Integers, others: Integers) -> NDArray[np.bool_]:
    """Whether a row follows the other one in the order of its first number that differs."""
    apart = rows != others
    place = apart.argmax(axis=1)[:, None]
    return np.asarray(np.take_along_axis(rows > others, place, axis=1)[:, 0])


def _both_of_one_site(first: Integers, short: Integers) -> tuple[Integers, Integers]:
    """All two different ones of the pairs ``short`` that start at the same site, in both orders."""
    _, start, number = np.unique(first[short], return_index=True, return_counts=True)
    number_of_each = np.repeat(number, number)
    left = np.repeat(np.arange(len(short)), number_of_each)
    begin = np.cumsum(number_of_each) - number_of_each
    right = np.arange(len(left)) - np.repeat(begin - np.repeat(start, number), number_of_each)
    different = left != right
    return short[left[different]], short[right[different]]
