"""What force fields err by on reference phases, and what that says of materials in other chemical systems.

Formation energies by a force field are compared with those of the references. An error grows with the distance of a
material to the references in the features from which the force field reads its energies, and with the difference
between two force fields; divided by both, errors become conformal scores (:class:`~matscout.predict.conformal.Scores`).
Distances leave out the own chemical system, of references and materials alike. ``benchmarks/results/force_fields.md``
has what intervals cover, and how much more flagged materials err.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.predict.conformal import DEFAULT_LEVEL, Scores, units_needed
from matscout.progress import Progress, silent
from matscout.simulate.described_cells import DescribedCells, described_cells
from matscout.simulate.energy_schemes import MP2020, UNCORRECTED
from matscout.simulate.force_field import ForceField
from matscout.simulate.formation_energies import formation_energies
from matscout.simulate.references import References

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PHASES = 300
"""Reference phases that are computed; 9 and 33 ms each with CHGNet and SevenNet-0 on one processor."""

FEWEST = 40
"""With fewer, or in fewer chemical systems than the level needs, there is no interval."""

MOST_SITES = 24
"""Of a phase that is computed: larger ones take too long."""

SEED = 0

NEIGHBOURS = 5
"""Phases that are nearest to a material, whose mean distance counts."""

TENTH = 0.9
"""Of the references; what is farther away or differs by more than this share of them is flagged."""

LEAST = 1e-9
"""eV/atom, added to differences: two force fields that agree on all references are one."""

STEP = "errors on references"


@dataclass(frozen=True, eq=False)
class JudgedCrystals:
    """What force fields say of n crystals.

    Parameters
    ----------
    compositions
        Of them.
    features
        float64 [n, w], of the first force field; None where it has none.
    apart
        float64 [n], by how much formation energies of two force fields differ, eV/atom; None without a second one.
    """

    compositions: Compositions
    features: Floats | None
    apart: Floats | None


@dataclass(frozen=True, eq=False)
class Doubt:
    """How doubtful the energies of n materials are.

    Parameters
    ----------
    widths
        float64 [n], half of the interval of a formation energy, eV/atom; NaN where there is none.
    far
        bool [n], whether a material is farther from the references than nine tenths of these are from each other.
    apart
        bool [n], whether two force fields differ by more than on nine tenths of the references.
    """

    widths: Floats
    far: NDArray[np.bool_]
    apart: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ReferenceErrors:
    """Errors of formation energies on c reference phases.

    Parameters
    ----------
    phases
        What force fields say of them.
    errors
        float64 [c], eV/atom.
    level
        Of the intervals.
    """

    phases: JudgedCrystals
    errors: Floats
    level: float = DEFAULT_LEVEL

    def __len__(self) -> int:
        return len(self.errors)

    def doubt(self, materials: JudgedCrystals) -> Doubt:
        """Of n materials."""
        near, theirs = _distances(self.phases, self.phases), _distances(materials, self.phases)
        limit, apart = np.quantile(near, TENTH), self._limit_apart()
        units = np.unique(self.phases.compositions.chemical_systems(), return_inverse=True)[1]
        scores = Scores.collect(np.abs(self.errors) / self._scales(near, near, self.phases), units, "chemical systems")
        widths = scores.quantile(self.level) * self._scales(theirs, near, materials)
        differs = np.zeros(len(theirs), np.bool_) if materials.apart is None else materials.apart > apart
        return Doubt(widths, theirs > limit, differs)

    def _limit_apart(self) -> float:
        return np.inf if self.phases.apart is None else float(np.quantile(self.phases.apart, TENTH))

    def _scales(self, distances: Floats, near: Floats, judged: JudgedCrystals) -> Floats:
        """What errors grow with, up to a factor; the medians of the references keep it off 0."""
        scales = distances + np.median(near)
        if judged.apart is None or self.phases.apart is None:
            return scales
        return np.asarray(scales * (judged.apart + max(2.0 * float(np.median(self.phases.apart)), LEAST)))


def errors_on(
    references: References,
    field: ForceField,
    scheme: str,
    second: ForceField | None = None,
    progress: Progress = silent,
) -> ReferenceErrors | None:
    """Errors on some of the references, drawn at random; None if too few of them have structures or systems.

    Parameters
    ----------
    references
        Phases with formation energies.
    field, scheme
        The force field, and which energies it predicts.
    second
        Another one, which declares its scheme.
    progress
        Told how many phases are computed.
    """
    known = references[drawn(references.materials)] if references.materials.has_structure.any() else None
    if known is None or len(known) < FEWEST:
        return None
    # Those of the formation energies that come from total ones.
    known = known.in_scheme(MP2020 if scheme == UNCORRECTED else scheme)
    first = formation(known.materials, field, scheme, references, progress)
    errors = first.energies - known.formation_energies
    other = None if second is None else formation(known.materials, second, second.scheme, references, progress).energies
    apart = None if other is None else np.abs(first.energies - other)
    usable = np.isfinite(errors) & (np.isfinite(apart) if apart is not None else True)
    usable &= np.isfinite(first.features).all(axis=1) if first.features is not None else True
    compositions = known.materials.compositions[usable]
    if usable.sum() < FEWEST or len(np.unique(compositions.chemical_systems())) < units_needed(DEFAULT_LEVEL):
        return None
    return ReferenceErrors(
        JudgedCrystals(
            compositions,
            None if first.features is None else first.features[usable],
            None if apart is None else apart[usable],
        ),
        errors[usable],
    )


def drawn(materials: Materials) -> Integers:
    """Rows of the compounds whose errors are computed."""
    assert materials.structures is not None
    sites = np.diff(materials.structures.offsets)
    usable = np.flatnonzero((sites > 0) & (sites <= MOST_SITES) & (materials.compositions.lengths > 1))
    return np.sort(np.random.default_rng(SEED).permutation(usable)[:PHASES])


def formation(
    materials: Materials, field: ForceField, scheme: str, references: References, progress: Progress = silent
) -> DescribedCells:
    """Formation energies of structures by a force field, relative to the elements of references, with features."""
    cells = described_cells(_structures(materials), field, STEP, progress)
    values = formation_energies(materials, cells.energies, scheme, references.elements_for(scheme)).values
    return replace(cells, energies=values)


def _structures(materials: Materials) -> Structures:
    assert materials.structures is not None
    return materials.structures


def _distances(materials: JudgedCrystals, phases: JudgedCrystals) -> Floats:
    """Mean distance to the nearest phases of other chemical systems, in units of their spread, [n].

    1 for all without features or enough other systems; NaN for a material without features.
    """
    from scipy.spatial.distance import cdist

    systems, mine = phases.compositions.chemical_systems(), materials.compositions.chemical_systems()
    others = len(systems) - np.unique(systems, return_counts=True)[1].max()
    if materials.features is None or phases.features is None or others < NEIGHBOURS:
        return np.ones(len(mine))
    spread = np.maximum(phases.features.std(axis=0), 1e-12)
    distances = cdist(materials.features / spread, phases.features / spread)
    nearest = np.sort(np.where(mine[:, None] == systems[None], np.inf, distances), axis=1)[:, :NEIGHBOURS]
    return np.where(np.isfinite(materials.features).all(axis=1), nearest.mean(axis=1), np.nan)
