"""The options that several commands share, and the plain values they are turned into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from matscout.app.asked_scales import on_scales, parse_scales
from matscout.errors import InputError, UsageError

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset
    from matscout.data.formula_alloys import Shares
    from matscout.data.reading_settings import ReadingSettings
    from matscout.data.sources import Source

_INPUT = "Input options"
_FIT = "Fit options"

Labels = Annotated[
    Path,
    typer.Argument(
        metavar="LABELS",
        help="Labelled rows: CSV, TSV, Excel, Parquet, JSON lines, a folder of CIF files, ...",
        show_default=False,
    ),
]
Formula = Annotated[
    str | None,
    typer.Option("--formula", metavar="COL", help="Column of formulas (else found).", rich_help_panel=_INPUT),
]
Structure = Annotated[
    str | None,
    typer.Option(
        "--structure",
        metavar="COL|DIR|FILE",
        help="Column, folder or archive of crystal structures.",
        rich_help_panel=_INPUT,
    ),
]
Reaction = Annotated[
    list[str] | None,
    typer.Option(
        "--reaction",
        metavar="COL[=SIDE]",
        help="Column of reaction SMILES (else found), or of one component (repeatable); COL=agent, =reactant or "
        "=product where its name does not tell.",
        rich_help_panel=_INPUT,
    ),
]
Sheet = Annotated[
    str | None, typer.Option("--sheet", metavar="NAME", help="Sheet of an Excel file.", rich_help_panel=_INPUT)
]
Unit = Annotated[
    list[str] | None,
    typer.Option("--unit", metavar="COL=UNIT", help="Unit of a column (repeatable).", rich_help_panel=_INPUT),
]
Alloys = Annotated[
    Literal["wt%", "at%"] | None,
    typer.Option(
        "--alloys",
        help="What the numbers in names of alloys such as CuZn37 or Ti-6Al-4V are (else such rows are refused).",
        rich_help_panel=_INPUT,
    ),
]
Decimal = Annotated[
    str | None,
    typer.Option("--decimal", metavar=".|,", help="Decimal sign of all numbers (else found).", rich_help_panel=_INPUT),
]
Thousands = Annotated[
    bool,
    typer.Option(
        "--thousands",
        help="Three digits behind a point or comma are thousands, where a column leaves it open.",
        rich_help_panel=_INPUT,
    ),
]
MaxBad = Annotated[
    float,
    typer.Option("--max-bad", min=0.0, max=1.0, help="Stop if more rows cannot be used.", rich_help_panel=_INPUT),
]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="COL", help="Column to learn (repeatable; else found).", rich_help_panel=_FIT),
]
Context = Annotated[
    list[str] | None,
    typer.Option(
        "--context", metavar="COL", help="Column to use beside the material (repeatable).", rich_help_panel=_FIT
    ),
]
Groups = Annotated[
    str | None,
    typer.Option(
        "--groups",
        metavar="COL|formula|chemical-system",
        help="Rows that belong together, e.g. one paper.",
        rich_help_panel=_FIT,
    ),
]
ErrorColumn = Annotated[
    str | None,
    typer.Option("--error", metavar="COL", help="Column with the measurement error.", rich_help_panel=_FIT),
]
Metric = Annotated[
    Literal["mae", "rmse"], typer.Option("--metric", help="The error to keep small.", rich_help_panel=_FIT)
]
Scales = Annotated[
    list[str] | None,
    typer.Option(
        "--scale",
        metavar="[COL=]auto|linear|log",
        help="Judge numbers by differences or by factors, all or those of a column (repeatable). auto: by factors "
        "where positive values go over three decades, not only at their ends; one far from the others has no say.",
        rich_help_panel=_FIT,
        show_default="auto",
    ),
]
Fast = Annotated[
    bool, typer.Option("--fast", help="A quarter of the time or less, not as accurate.", rich_help_panel=_FIT)
]
Simulate = Annotated[
    bool,
    typer.Option(
        "--simulate",
        help="Learn also from moduli and vibrations that a force field computes of the structures (slow).",
        rich_help_panel=_FIT,
    ),
]
ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME[=FOLDER]",
        help="Which model; fine-tuned, for example.",
        rich_help_panel=_FIT,
        show_default="auto",
    ),
]
Define = Annotated[
    list[str] | None,
    typer.Option(
        "--define",
        metavar="NAME=LAW",
        help="A property that follows from others, e.g. zT=S**2*sigma*T/kappa: each is learned (repeatable).",
        rich_help_panel=_FIT,
    ),
]
Cell = Annotated[
    Literal["as-given", "primitive", "conventional"], typer.Option("--cell", help="Cell to bring structures to.")
]
Cache = Annotated[bool, typer.Option(help="Use and keep vectors of equal structures from run to run.")]
Ray = Annotated[
    str | None, typer.Option("--ray", metavar="auto|ADDRESS", help="Do the parts on a Ray cluster.", show_default=False)
]
Collected = Annotated[
    Path, typer.Argument(metavar="INPUT", help="File, folder or archive of materials.", show_default=False)
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of every random choice.", rich_help_panel=_FIT)]
Level = Annotated[float, typer.Option("--level", help="Coverage that the intervals should have, between 0 and 1.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="COL=VALUE|COL=LOW:HIGH",
        help="Value of a context column, e.g. temperature=600 or 'temperature=60 C'; scout tries several, 300,600 "
        "(repeatable).",
    ),
]


@dataclass(frozen=True)
class InputOptions:
    """How to read a file: the input options of the command line."""

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
    def of(cls, reading: ReadingSettings) -> InputOptions:
        """From the settings of a command or step."""
        units = [f"{name}={unit}" for name, unit in reading.unit.items()]
        return cls(
            reading.formula,
            reading.structure,
            reading.sheet,
            units,
            reading.alloys,
            reading.decimal,
            reading.thousands,
            reading.max_bad,
        )

    def load(self, path: Path) -> Source:
        """A file or folder, loaded once for what is read of it in several ways."""
        from matscout.app.console import progress_display
        from matscout.data.sources import load_source

        with progress_display() as progress:
            return load_source(existing(path), sheet=self.sheet, formula=self.formula, progress=progress)

    def read_labels(self, source: Path | Source, fit: FitOptions) -> Dataset:
        """Labelled rows of a file or folder."""
        from matscout.app.console import progress_display
        from matscout.data.reading import read
        from matscout.predict.definitions import names_needed, with_definitions

        definitions = fit.definitions
        measured = [name for name in fit.targets or () if name not in definitions]
        measured += names_needed(definitions, tuple(fit.context or ()))
        with progress_display() as progress:
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
    ) -> Dataset:
        """Materials of a file or folder, or formulas; labelled or not; context columns in the units that are given."""
        from matscout.app.console import progress_display
        from matscout.data.reading import read_materials

        with progress_display() as progress:
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
        if dataset.materials.reactions is not None and not self.takes_reactions:
            raise UsageError(
                f"the rows of {dataset.provenance.source} are reactions, and this command is about materials: name "
                "the column of formulas (--formula COL), or use check, evaluate, fit, predict, scout or embed"
            )
        return dataset


@dataclass(frozen=True)
class FitOptions:
    """What to learn and how: the fit options of the command line."""

    targets: tuple[str, ...] | list[str] | None = None
    context: tuple[str, ...] | list[str] | None = None
    groups: str | None = None
    error: str | None = None
    metric: Literal["mae", "rmse"] = "mae"
    fast: bool = False
    seed: int = 0
    simulate: bool = False
    named: str | None = None
    define: tuple[str, ...] | list[str] | None = None
    scales: tuple[str, ...] | list[str] | None = None

    def __post_init__(self) -> None:
        parse_scales(self.scales)
        if self.simulate and self.named is not None:
            raise UsageError("--simulate chooses the model: leave --model out")

    @property
    def definitions(self) -> dict[str, str]:
        """Name -> law of the properties that follow from others.

        Raises
        ------
        UsageError
            If one is not of the form NAME=LAW.
        """
        found = {}
        for text in self.define or ():
            name, _, law = (part.strip() for part in text.partition("="))
            if not name or not law:
                raise UsageError(f"--define {text!r} is not of the form NAME=LAW")
            found[name] = law
        return found

    def learned(self, dataset: Dataset) -> tuple[str, ...]:
        """The targets to learn: all that were read, but what laws are about only if it was named too."""
        definitions = self.definitions
        if not definitions:
            return tuple(dataset.targets)
        named = (dataset.target(name).name for name in self.targets or ())
        return tuple(dict.fromkeys((*named, *definitions)))

    def model_of(self, target: str) -> str:
        """What learns a target: a law where one is given."""
        from matscout.predict.definitions import model_for

        return model_for(target, self.definitions, self.model)

    @property
    def model(self) -> str:
        """Name of the model that is fitted."""
        return self.named or ("auto-simulated" if self.simulate else "auto")


def existing(path: Path) -> Path:
    """The path itself.

    Raises
    ------
    InputError
        If nothing is there; the message names files that are called nearly so.
    """
    if path.exists():
        return path
    import difflib

    names = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"give the path of a file or folder; this is {Path.cwd()}"
    raise InputError(f"there is no file or folder {path}; {hint}")


def representation_at_hand(name: str) -> str:
    """The name of a representation, or of a part of one, or of one with weights, itself.

    Raises
    ------
    UsageError
        If there is no such representation, or something must be installed first.
    """
    from matscout.registry import find, load_class
    from matscout.represent.addresses import Address
    from matscout.represent.embedding import make_representation

    asked = Address.parse(name)
    maker = load_class("representations", find("representations", asked.name).name)
    if asked.weights:
        make_representation(name)
    elif missing := maker.missing():
        raise UsageError(f"{asked.name} needs {missing}")
    return name


def parse_list(text: str | None) -> tuple[str, ...]:
    """``"A, B"`` -> ``("A", "B")``."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def parse_assignments(texts: tuple[str, ...] | list[str] | None, option: str, form: str) -> dict[str, str]:
    """``["a=b"]`` -> ``{"a": "b"}``; the last ``=`` divides, since column names may hold one.

    Raises
    ------
    UsageError
        If there is no ``=``, or nothing on one side of it.
    """
    assignments = {}
    for text in texts or ():
        name, _, value = (part.strip() for part in text.rpartition("="))
        if not name or not value:
            raise UsageError(f"{option} {text!r} is not of the form {form}")
        assignments[name] = value
    return assignments


def parse_counts(text: str | None, option: str) -> tuple[int, ...]:
    """``"50,100"`` -> ``(50, 100)``.

    Raises
    ------
    UsageError
        If a part is not a positive whole number.
    """
    parts = parse_list(text)
    for part in parts:
        if not part.isdecimal() or int(part) == 0:
            raise UsageError(f"{option} takes positive whole numbers with commas between them, got {part!r}")
    return tuple(int(part) for part in parts)


def check_level(level: float) -> float:
    """The level itself.

    Raises
    ------
    UsageError
        If it is not strictly between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise UsageError(f"--level is a coverage between 0 and 1 such as 0.9, got {level:g}")
    return level
