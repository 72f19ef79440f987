"""How to read what a user points at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matscout.data.dataset import Dataset
from matscout.data.formula_alloys import Shares
from matscout.data.reading import read, read_materials
from matscout.data.reading_settings import ReadingSettings
from matscout.data.sources import Source, load_source
from matscout.errors import UsageError
from matscout.predict.definitions import names_needed, with_definitions
from matscout.progress import Progress, silent
from matscout.workflow.asked_scales import on_scales, parse_scales
from matscout.workflow.fit_settings import FitSettings
from matscout.workflow.parsing import existing, parse_assignments


@dataclass(frozen=True)
class ReadSettings:
    """How to read a file: what all that reads one shares."""

    formula: str | None = None
    structure: str | None = None
    sheet: str | None = None
    units: tuple[str, ...] | list[str] | None = None
    alloys: Shares | None = None
    decimal: str | None = None
    thousands: bool = False
    max_bad: float = 0.2
    reaction: tuple[str, ...] | list[str] | None = None
    takes_reactions: bool = False

    @classmethod
    def of(cls, reading: ReadingSettings) -> ReadSettings:
        """From the settings of a command or step."""
        return cls(
            reading.formula,
            reading.structure,
            reading.sheet,
            [f"{name}={unit}" for name, unit in reading.unit.items()],
            reading.alloys,
            reading.decimal,
            reading.thousands,
            reading.max_bad,
        )

    def load(self, path: Path, progress: Progress = silent) -> Source:
        """A file or folder, loaded once for what is read of it in several ways."""
        return load_source(existing(path), sheet=self.sheet, formula=self.formula, progress=progress)

    def read_labels(self, source: Path | Source, fit: FitSettings, progress: Progress = silent) -> Dataset:
        """Labelled rows of a file or folder."""
        definitions = fit.definitions
        measured = [name for name in fit.targets or () if name not in definitions]
        measured += names_needed(definitions, tuple(fit.context or ()))
        dataset = read(
            existing(source) if isinstance(source, Path) else source,
            formula=self.formula,
            structure=self.structure,
            reaction=tuple(self.reaction or ()),
            target=tuple(dict.fromkeys(measured)),
            context=tuple(fit.context or ()),
            groups=fit.groups,
            error=fit.error,
            sheet=self.sheet,
            units=parse_assignments(self.units, "--unit", "COL=UNIT"),
            alloys=self.alloys,
            decimal=self.decimal,
            thousands=self.thousands,
            max_bad=self.max_bad,
            progress=progress,
        )
        return on_scales(with_definitions(self._accepted(dataset), definitions), parse_scales(fit.scales))

    def read_materials(
        self,
        source: Path | Source | list[str],
        context: tuple[str, ...] = (),
        context_units: Mapping[str, str] | None = None,
        progress: Progress = silent,
    ) -> Dataset:
        """Materials of a file or folder, or formulas; labelled or not; context columns in the units that are given."""
        dataset = read_materials(
            existing(source) if isinstance(source, Path) else source,
            formula=self.formula,
            structure=self.structure,
            reaction=tuple(self.reaction or ()),
            context=context,
            sheet=self.sheet,
            units=parse_assignments(self.units, "--unit", "COL=UNIT"),
            alloys=self.alloys,
            decimal=self.decimal,
            thousands=self.thousands,
            max_bad=self.max_bad,
            context_units=context_units,
            progress=progress,
        )
        return self._accepted(dataset)

    def _accepted(self, dataset: Dataset) -> Dataset:
        """The same data.

        Raises
        ------
        UsageError
            If they are reactions, and the command is about materials.
        """
        kind = dataset.materials.kind
        if not (self.takes_reactions or kind.is_compound):
            raise UsageError(
                f"the rows of {dataset.provenance.source} are {kind.plural}, and this command is about materials: name "
                "the column of formulas (--formula COL), or use check, evaluate, fit, predict, scout or embed"
            )
        return dataset
