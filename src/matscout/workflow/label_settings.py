"""How materials and labelled rows are read, as settings of commands and steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from matscout.data.reading_settings import ReadingSettings
from matscout.progress import Progress, silent
from matscout.settings.fields import SettingInfo
from matscout.settings.sharing import taken_over
from matscout.workflow.asked_scales import parse_scales
from matscout.workflow.parsing import existing

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset
    from matscout.data.sources import Source

_INPUT, _FIT = "Input options", "Fit options"


@dataclass(frozen=True)
class MaterialSettings(ReadingSettings):
    """How materials or reactions are read.

    Parameters
    ----------
    reaction
        Column of reaction SMILES (default: detected), or of one component (repeatable); COL=reactant, =agent or
        =product if its name does not show its role.
    """

    reaction: Annotated[tuple[str, ...], SettingInfo(metavar="COL[=SIDE]", panel=_INPUT)] = ()

    @classmethod
    def of(cls, reading: ReadingSettings, **more: Any) -> Self:
        """From other settings of reading, those that it has; ``more`` are the others."""
        return taken_over(cls, reading, **more)

    def placed(self, folder: Path) -> Self:
        """The same with the way to the structures, if they lie in ``folder``."""
        if self.structure is None or not (folder / self.structure).exists():
            return self
        return replace(self, structure=str(folder / self.structure))

    def load(self, path: Path, progress: Progress = silent) -> Source:
        """A file or folder, loaded once for what is read of it in several ways."""
        from matscout.data.sources import load_source

        return load_source(existing(path), sheet=self.sheet, formula=self.formula, progress=progress)

    def read_materials(
        self,
        source: Path | Source | list[str],
        context: tuple[str, ...] = (),
        context_units: Mapping[str, str] | None = None,
        progress: Progress = silent,
    ) -> Dataset:
        """Materials of a file or folder, or formulas; labelled or not; context columns in the units that are given."""
        from matscout.data.reading import read_materials

        return read_materials(
            existing(source) if isinstance(source, Path) else source,
            formula=self.formula,
            structure=self.structure,
            reaction=self.reaction,
            context=context,
            sheet=self.sheet,
            units=self.unit,
            alloys=self.alloys,
            decimal=self.decimal,
            thousands=self.thousands,
            max_bad=self.max_bad,
            context_units=context_units,
            progress=progress,
        )


@dataclass(frozen=True)
class LabelSettings(MaterialSettings):
    """How labelled rows are read.

    Parameters
    ----------
    target
        Column to learn (repeatable; default: detected).
    context
        Column of a condition, used in addition to the material (repeatable).
    groups
        Rows that belong together, e.g. one paper.
    error
        Column of measurement errors.
    scale
        Compare values by differences (linear) or by factors (log), for all targets or one (repeatable). auto: by
        factors if the values are positive and most of them span three decades.
    define
        A property that follows from others by a law, e.g. zT=S**2*sigma*T/kappa; each of them is learned (repeatable).
    """

    target: Annotated[tuple[str, ...], SettingInfo(metavar="COL", panel=_FIT)] = ()
    context: Annotated[tuple[str, ...], SettingInfo(metavar="COL", panel=_FIT)] = ()
    groups: Annotated[str | None, SettingInfo(metavar="COL|formula|chemical-system", panel=_FIT)] = None
    error: Annotated[str | None, SettingInfo(metavar="COL", panel=_FIT)] = None
    scale: Annotated[tuple[str, ...], SettingInfo(metavar="[COL=]auto|linear|log", panel=_FIT, default="auto")] = ()
    define: Annotated[Mapping[str, str], SettingInfo(metavar="NAME=LAW", panel=_FIT)] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parse_scales(self.scale)

    def with_columns(self, goals: Sequence[str], conditions: Mapping[str, str]) -> Self:
        """The same with the targets that goals name, and the context columns that are set."""
        from matscout.workflow.parsing import context_of, targets_of

        targets = targets_of(list(self.target), list(goals))
        return replace(self, target=tuple(targets), context=tuple(context_of(list(self.context), conditions)))

    @property
    def unlabelled_arguments(self) -> Mapping[str, Any]:
        """Which rows are unlabelled, as arguments of :func:`matscout.read`: none, unless settings say so."""
        return {}

    def read_labels(self, source: Path | Source, progress: Progress = silent) -> Dataset:
        """Labelled rows of a file or folder."""
        from matscout.data.reading import read
        from matscout.predict.definitions import names_needed, with_definitions
        from matscout.workflow.asked_scales import on_scales

        measured = [name for name in self.target if name not in self.define]
        measured += names_needed(dict(self.define), self.context)
        dataset = read(
            existing(source) if isinstance(source, Path) else source,
            formula=self.formula,
            structure=self.structure,
            reaction=self.reaction,
            target=tuple(dict.fromkeys(measured)),
            context=self.context,
            groups=self.groups,
            error=self.error,
            sheet=self.sheet,
            units=self.unit,
            alloys=self.alloys,
            decimal=self.decimal,
            thousands=self.thousands,
            max_bad=self.max_bad,
            progress=progress,
            **self.unlabelled_arguments,
        )
        return on_scales(with_definitions(dataset, self.define), parse_scales(self.scale))

    def learned(self, dataset: Dataset) -> tuple[str, ...]:
        """The targets to learn: all that were read, but what laws are about only if it was named too."""
        if not self.define:
            return tuple(dataset.targets)
        named = (dataset.target(name).name for name in self.target)
        return tuple(dict.fromkeys((*named, *self.define)))
