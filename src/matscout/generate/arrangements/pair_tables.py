"""Energies of sites and pairs in a file, as a cluster expansion up to pairs gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.column_store import type_name
from matscout.data.defects.texts import parse_defect
from matscout.errors import InputError, UsageError
from matscout.generate.arrangements.pair_energies import PairEnergies

Floats = NDArray[np.float64]
Kind = tuple[int, int]

TOLERANCE = 0.1
"""Å; a pair has the energy of the listed distance that is so near."""

FORM = (
    '{"cutoff": 6.0, "sites": [{"defect": "Se(S)", "energy": 0.1}], '
    '"pairs": [{"first": "Se(S)", "second": "Se(S)", "distance": 3.18, "energy": 0.02}]}'
)


@dataclass(frozen=True, eq=False)
class TabulatedPairs(PairEnergies):
    """Energies that a file lists.

    Parameters
    ----------
    sites
        Kind of defect -> its energy alone, eV.
    pairs
        Two kinds, the smaller one first -> float64 [k, 2], distances (Å, ascending) and energies (eV).
    cutoff
        Å; pairs farther apart have no energy. All that are nearer are listed.
    name
        Of the file, for messages.
    """

    sites: Mapping[Kind, float]
    pairs: Mapping[tuple[Kind, Kind], Floats]
    cutoff: float = field(default=np.inf)
    name: str = "the table of energies"

    def alone(self, kind: Kind) -> float:
        """As listed."""
        if kind not in self.sites:
            raise UsageError(f"{self.name} lists no energy of {type_name(*kind)} under 'sites': add it")
        return self.sites[kind]

    def between(self, one: Kind, other: Kind, distances: Floats, heights: Floats) -> Floats:
        """Those of the nearest listed distances."""
        first, second = sorted((one, other))
        listed = self.pairs.get((first, second), np.zeros((0, 2)))
        if not len(distances):
            return np.zeros(0)
        apart = np.abs(distances[:, None] - listed[:, 0]) if len(listed) else np.full((len(distances), 1), np.inf)
        missing = apart.min(axis=1) > TOLERANCE
        if missing.any():
            raise UsageError(
                f"{self.name} lists no energy of the pair {type_name(*first)}-{type_name(*second)} at "
                f"{distances[missing].min():.2f} Å, within its cutoff of {self.cutoff:g} Å: add it under 'pairs'"
            )
        return np.asarray(listed[apart.argmin(axis=1), 1])


def read_pair_energies(path: Path) -> TabulatedPairs:
    """Read energies from JSON: ``cutoff`` (Å), ``sites`` and ``pairs`` with distances (Å) and energies (eV).

    Raises
    ------
    InputError
        If it cannot be read, with the place and what is expected there.
    """
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(
            f"{path} is no JSON with energies of sites and pairs: {error}; it looks like {FORM}"
        ) from error
    if not isinstance(held, dict):
        raise InputError(f"{path} holds no energies of sites and pairs; it looks like {FORM}")
    sites: dict[Kind, float] = {}
    for place, row in enumerate(_rows(held, "sites", path), start=1):
        where = f"{path}, sites {place}"
        sites[_kind(row, "defect", where)] = _number(row, "energy", where)
    pairs: dict[tuple[Kind, Kind], list[tuple[float, float]]] = {}
    for place, row in enumerate(_rows(held, "pairs", path), start=1):
        where = f"{path}, pairs {place}"
        first, second = sorted((_kind(row, "first", where), _kind(row, "second", where)))
        one = (_number(row, "distance", where), _number(row, "energy", where))
        pairs.setdefault((first, second), []).append(one)
    cutoff = _number(held, "cutoff", str(path))
    for (first, second), ones in pairs.items():
        ones.sort()
        near = [one for one, after in pairwise(ones) if after[0] - one[0] <= 2 * TOLERANCE]
        if near:
            raise InputError(
                f"{path} lists the pair {type_name(*first)}-{type_name(*second)} twice near {near[0][0]:g} Å: "
                f"distances must differ by more than {2 * TOLERANCE:g} Å"
            )
    tables = {kinds: np.array(ones, dtype=np.float64) for kinds, ones in pairs.items()}
    return TabulatedPairs(sites, tables, cutoff, path.name)


def _rows(held: Mapping[str, Any], key: str, path: Path) -> list[Mapping[str, Any]]:
    rows = held.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{path} needs a list {key!r} of objects; it looks like {FORM}")
    return rows


def _kind(row: Mapping[str, Any], key: str, where: str) -> Kind:
    try:
        defect = parse_defect(str(row[key]))
    except KeyError:
        raise InputError(f"{where} has no {key!r}; it looks like {FORM}") from None
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error
    return defect.was, defect.now


def _number(row: Mapping[str, Any], key: str, where: str) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise InputError(f"{where}: {key!r} is {value!r}; expected a finite number")
    return float(value)
