"""The options that several commands share, and the plain values they are turned into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from matscout.errors import UsageError

if TYPE_CHECKING:
    pass

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


def representation_at_hand(name: str) -> str:
    """The name of a representation, or of a part of one, or of one with weights, itself.

    Raises
    ------
    UsageError
        If there is no such representation, or something must be installed first.
    """
    from matscout.app.console import note
    from matscout.represent.addresses import Address
    from matscout.represent.embedding import make_representation, representation_class
    from matscout.represent.former_names import present_representation, renamed_representation

    if renamed := renamed_representation(name):
        note(renamed)
    asked = Address.parse(present_representation(name))
    maker = representation_class(name)
    if asked.weights:
        make_representation(name)
    elif missing := maker.missing():
        raise UsageError(f"{asked.name} needs {missing}")
    return name
