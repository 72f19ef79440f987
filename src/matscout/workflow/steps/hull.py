"""Energies above the convex hull of reference phases, beside the input's own columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from matscout.discover.hull_references import origin_of, public_set, read_references
from matscout.simulate.choice import make_force_field, origin_of_field
from matscout.simulate.element_energies import mp_elements_file
from matscout.workflow.hull_settings import HullSettings
from matscout.workflow.hulls import HullTable, hull_table
from matscout.workflow.kind import SourceFile, StepKind, StepWork
from matscout.workflow.label_settings import MaterialSettings


@dataclass(frozen=True, kw_only=True)
class HullStep(HullSettings, MaterialSettings, StepKind):
    """Place materials relative to a hull.

    Parameters
    ----------
    file
        Table of materials with energies, or structures.
    """

    max_bad: float = 1.0
    file: Annotated[Path, SourceFile()]

    output: ClassVar[str] = "Table"
    information: ClassVar[str] = "Structures count only through energies and corrections."

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> HullTable:
        """The table."""
        references = read_references(self._place(work.folder), self.references_scheme, work.progress)
        return hull_table(
            work.source(self.file),
            references,
            self.placed(work.folder),
            self.columns,
            force_field=self.force_field,
            own_hull=self.own_hull,
            second_opinion=self.second_opinion,
            without_itself=self.without_itself,
            progress=work.progress,
        )

    def summary(self, result: HullTable) -> str:
        """How many rows were placed."""
        return result.counts

    def write(self, result: HullTable, folder: Path) -> None:
        """Write ``hull.csv``."""
        result.write(folder / "hull.csv")

    def moved(self, move: Callable[[Any], Any]) -> StepKind:
        """The same, described from another folder."""
        named = public_set(self.references) is not None or "://" in self.references
        there = super().moved(move)
        return there if named else replace(there, references=str(move(Path(self.references))))  # type: ignore[type-var]

    def origin(self, folder: Path) -> object:
        """The state of the references, the energies of the elements, and the force field."""
        fields = [name for name in (self.force_field, self.second_opinion) if name is not None]
        origins = [dict(origin_of_field(make_force_field(name))) for name in fields]
        return [origin_of(self.references, folder), mp_elements_file(), origins]

    def _place(self, folder: Path) -> str:
        there = folder / self.references
        return str(there) if there.exists() else self.references
