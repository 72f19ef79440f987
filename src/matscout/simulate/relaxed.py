"""Relaxed crystals with what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.materials import Materials
from matscout.data.read_only import lock
from matscout.data.structures import Structures
from matscout.errors import RowProblem
from matscout.remarks import Remark
from matscout.shown import ShownTable
from matscout.simulate.energy_schemes import EnergyScheme

if TYPE_CHECKING:
    import polars

Floats = NDArray[np.float64]

COLUMNS: Mapping[str, type] = {
    "id": str,
    "formula": str,
    "sites": int,
    "energy (eV/atom)": float,
    "energy scheme": str,
    "steps": int,
    "converged": bool,
    "reason": str,
    "largest force (eV/Å)": float,
    "largest stress (GPa)": float,
    "volume change": float,
    "space group before": str,
    "space group after": str,
    "warnings": str,
    "warning codes": str,
}
"""Of the table ``relaxed.parquet``."""


@dataclass(frozen=True, eq=False, repr=False)
class Relaxed(ShownTable):
    """n materials, relaxed with a force field.

    Parameters
    ----------
    materials
        n rows with the relaxed structures; those that were given up have the structure that was given.
    energies
        float64 [n], eV/atom; NaN for those that were given up.
    steps
        int64 [n], taken.
    converged
        bool [n], whether forces and stresses are as small as they should be.
    reasons
        n texts, why a row is not converged; "" where it is.
    largest_force
        float64 [n], that is left, eV/Å.
    largest_stress
        float64 [n], the largest component that is left of what the cell may follow, GPa.
    volume_change
        float64 [n], volume over that at the start, minus 1.
    space_groups_before, space_groups_after
        n international symbols each; "" where there is none.
    warnings
        n tuples of remarks: what makes a row doubtful.
    force_field
        Its name, and version and digest of the weights.
    scheme
        Which energies these are.
    problems
        One for each row that is not converged; ``dropped`` where it has no energy. ``row`` is the position from 1.
    unread
        What of a file or folder could not be read; ``row`` is the number there.
    """

    materials: Materials
    energies: Floats
    steps: NDArray[np.int64]
    converged: NDArray[np.bool_]
    reasons: tuple[str, ...]
    largest_force: Floats
    largest_stress: Floats
    volume_change: Floats
    space_groups_before: tuple[str, ...]
    space_groups_after: tuple[str, ...]
    warnings: tuple[tuple[Remark, ...], ...]
    force_field: str
    scheme: EnergyScheme
    problems: tuple[RowProblem, ...] = ()
    unread: tuple[RowProblem, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.materials) == len(self.energies) == len(self.reasons):
            raise ValueError(f"{len(self.energies)} energies do not fit {len(self.materials)} materials")
        lock(self)

    @classmethod
    def joined(cls, materials: Materials, parts: Sequence[Self]) -> Self:
        """Materials that were relaxed in parts with one force field, one part behind the other."""
        starts = np.cumsum([0, *(len(part) for part in parts[:-1])]).tolist()
        arrays = ("energies", "steps", "converged", "largest_force", "largest_stress", "volume_change")
        texts = ("reasons", "space_groups_before", "space_groups_after", "warnings")
        columns: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in arrays}
        columns |= {name: tuple(one for part in parts for one in getattr(part, name)) for name in texts}
        problems = [
            replace(problem, row=problem.row + start)
            for start, part in zip(starts, parts, strict=True)
            for problem in part.problems
        ]
        unread = tuple(problem for part in parts for problem in part.unread)
        ends = [part.materials.structures for part in parts if part.materials.structures is not None]
        relaxed = replace(materials, structures=Structures.joined(ends))
        return replace(parts[0], materials=relaxed, **columns, problems=tuple(problems), unread=unread)

    def __len__(self) -> int:
        return len(self.energies)

    def in_a_line(self) -> str:
        """How many, and how many are converged."""
        parts = [counted(len(self), "material"), f"{int(self.converged.sum()):,} converged"]
        parts += [f"{len(self.unread):,} unread"] if self.unread else []
        return ", ".join([*parts, f"by {self.force_field}"])

    def to_frame(self) -> polars.DataFrame:
        """A row for each material, the columns of ``relaxed.parquet``."""
        import polars

        structures = self.materials.structures
        assert structures is not None
        columns = (
            self.materials.ids.tolist(),
            self.materials.formulas.tolist(),
            np.diff(structures.offsets),
            self.energies,
            [self.scheme] * len(self),
            self.steps,
            self.converged,
            list(self.reasons),
            self.largest_force,
            self.largest_stress,
            self.volume_change,
            list(self.space_groups_before),
            list(self.space_groups_after),
            ["; ".join(map(str, one)) for one in self.warnings],
            [" ".join(remark.code for remark in one) for one in self.warnings],
        )
        return polars.DataFrame(dict(zip(COLUMNS, columns, strict=True)), schema=COLUMNS, nan_to_null=True)
