"""Learn all parts of a substitution model from known crystals, each formula by what the others tell about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.symmetrising import SymmetrisedStructures
from matscout.generate.templates.averaging import averaged
from matscout.generate.templates.features import candidate_features
from matscout.generate.templates.key_templates import KeyTemplates
from matscout.generate.templates.likeness import role_likeness, role_pairs
from matscout.generate.templates.model import SubstitutionModel
from matscout.generate.templates.pool import TemplatePool
from matscout.generate.templates.proposals import Proposals, ProposalSource, Wanted
from matscout.generate.templates.ranker import Ranker
from matscout.generate.templates.volumes import VolumeModel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FOLDS = 3
"""Parts of the formulas whose volumes are predicted by the others, for the ranker to learn with honest volumes."""
RIGHT, RIGHT_ACROSS = 0.15, 0.07
"""A proposal is right if its contact profile differs by less, relative to its length, from that of the crystal: within
one space group and across two."""
TRAINED_ON = 20
"""Proposals for each formula that the ranker learns from."""


@dataclass(frozen=True, eq=False)
class RankedRows:
    """What a ranker learns from: features [m, d], whether each proposal is right [m], and the crystal of each [m]."""

    features: Floats
    right: NDArray[np.bool_]
    crystals: Integers


def fold_of(formulas: Integers, folds: int) -> Integers:
    """A part for each formula, [n], the same for equal ones."""
    mixed = (formulas.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return np.asarray((mixed >> np.uint64(33)) % np.uint64(folds), dtype=np.int64)


def left_out_volumes(pool: TemplatePool, folds: int = FOLDS, seed: int = 0) -> Floats:
    """Å3 per atom of each crystal as predicted from the formulas of the other parts, [n]."""
    compositions, part = pool.compositions, fold_of(pool.formulas, folds)
    predicted = np.zeros(len(part))
    for fold in range(folds):
        rest = np.flatnonzero(part != fold)
        model = VolumeModel.fit(compositions[rest], pool.volumes[rest], seed)
        predicted[part == fold] = model.predict(compositions[np.flatnonzero(part == fold)])
    return predicted


def fit_on_pool(pool: TemplatePool, queries: Integers | None = None, seed: int = 0) -> SubstitutionModel:
    """A model whose templates are the crystals of the pool.

    Parameters
    ----------
    pool
        Known crystals.
    queries
        int64 [q], the crystals that the ranker learns to find again with their formulas left out; None for all.
    seed
        Of the trees.
    """
    likeness = role_likeness(role_pairs(pool.all_keys()))
    rows = np.arange(len(pool.volumes)) if queries is None else queries
    learnt = ranked_rows(pool, pool, likeness, rows, left_out_volumes(pool, seed=seed))
    volumes = VolumeModel.fit(pool.compositions, pool.volumes, seed)
    ranker = Ranker.fit(learnt.features, learnt.right, seed)
    return SubstitutionModel(pool.with_volumes(volumes), likeness, volumes, ranker)


def fit_on_averages(
    pool: TemplatePool, symmetric: SymmetrisedStructures, queries: Integers | None = None, seed: int = 0
) -> SubstitutionModel:
    """A model of averages over the crystals of the pool, which holds none of them.

    Parameters
    ----------
    pool, queries, seed
        As for :func:`fit_on_pool`.
    symmetric
        The crystals of the pool, symmetrised.
    """
    likeness = role_likeness(role_pairs(pool.all_keys()))
    volumes = VolumeModel.fit(pool.compositions, pool.volumes, seed)
    predicted, honest = volumes.predict(pool.compositions), left_out_volumes(pool, seed=seed)
    part = fold_of(pool.formulas, FOLDS)
    asked = np.isin(np.arange(len(part)), np.arange(len(part)) if queries is None else queries)
    learnt = []
    for fold in range(FOLDS):
        rest = averaged(pool, symmetric, predicted, part != fold)
        learnt.append(ranked_rows(rest, pool, likeness, np.flatnonzero(asked & (part == fold)), honest))
    ranker = Ranker.fit(
        np.concatenate([one.features for one in learnt]), np.concatenate([one.right for one in learnt]), seed
    )
    table = averaged(pool, symmetric, predicted, np.ones(len(part), dtype=np.bool_))
    return SubstitutionModel(table, likeness, volumes, ranker)


def ranked_rows(
    source: ProposalSource, pool: TemplatePool, likeness: Floats, rows: Integers, volumes: Floats
) -> RankedRows:
    """Proposals of a source for crystals of the pool, their formulas left out.

    Parameters
    ----------
    source, likeness
        Of the model.
    pool
        Holds the crystals.
    rows
        int64 [q], which of them.
    volumes
        float64 [n], Å3 per atom, predicted without their formulas.
    """
    features, right, crystals = [], [], []
    for row, key, entry in _entries_of(pool, rows):
        wanted = Wanted.of(pool.chemistry, row, volumes[row])
        proposals = source.propose(wanted, likeness, TRAINED_ON, int(pool.formulas[row]))
        if proposals is None:
            continue
        features.append(candidate_features(wanted, proposals).astype(np.float32))
        right.append(are_right(source, wanted, proposals, key.profile(entry), int(pool.space_groups[row])))
        crystals.append(np.full(len(proposals), row))
    return RankedRows(np.concatenate(features), np.concatenate(right), np.concatenate(crystals))


def are_right(
    source: ProposalSource, wanted: Wanted, proposals: Proposals, profile: NDArray[np.float32], space_group: int
) -> NDArray[np.bool_]:
    """Which proposals have the contacts of the crystal, [c]."""
    theirs = source.profiles(wanted.key, proposals.entries)
    away = np.sqrt(((theirs - profile) ** 2).sum(axis=1) / (profile**2).sum())
    return np.asarray(away < np.where(proposals.space_groups == space_group, RIGHT, RIGHT_ACROSS))


def _entries_of(pool: TemplatePool, rows: Integers) -> Iterator[tuple[int, KeyTemplates, int]]:
    """Each crystal with its key and its entry in its own order of slots."""
    for row in rows:
        key = pool.at(pool.chemistry.keys[row])
        if key is not None:
            yield int(row), key, int(np.searchsorted(key.templates, row))
