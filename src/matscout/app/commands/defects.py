"""``matscout defects``: arrangements of point defects read from supercells, listed by symmetry, and shown."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matscout.app.console import note, say, show_problems, show_table
from matscout.counting import counted, listed
from matscout.errors import UsageError
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.data.materials import Materials

defects = typer.Typer(no_args_is_help=True, help="Read, list or show arrangements of point defects.")

Host = Annotated[
    Path, typer.Argument(metavar="HOST", help="Structure file of the cell without defects.", show_default=False)
]
Out = Annotated[
    Path, typer.Option("-o", "--out", metavar="OUT", help="Table to write (.csv.gz, .csv, ...).", show_default=False)
]
FEW_PAIRS = 20
"""Pairs that are printed."""


@defects.command()
def read(
    *,
    host: Host,
    cells: Annotated[
        list[Path],
        typer.Argument(
            metavar="CELLS...",
            help="Supercells (files, a folder, an archive, a table), a table of defects, or a folder of 2DMD.",
            show_default=False,
        ),
    ],
    out: Out,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            metavar="Å",
            help="Distance beyond which an atom is at no site (default: half of that of nearest neighbours).",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Find the point defects in supercells: one row for each, which evaluate, fit, predict and scout read.

    Cells may be relaxed, strained (up to 3 %), shifted, rotated, and list their atoms in any order. A cell that can be
    read in two ways is left out, with both readings.
    """
    from matscout.crystal.defects.reading import read_defects

    result_file(out, host, *cells)
    reading = read_defects(host, cells[0] if len(cells) == 1 else cells, tolerance=tolerance)
    show_problems(reading.problems)
    reading.save(out)
    kinds, numbers = reading.defects.types, reading.counts
    sites, held = numbers.sum(axis=0).tolist(), (numbers > 0).sum(axis=0).tolist()
    rows = [(name, f"{site:,}", f"{row:,}") for name, site, row in zip(kinds, sites, held, strict=True)]
    show_table(("defect", "sites", "arrangements"), rows)
    say(f"{reading.in_a_line()}: {out}")


@defects.command(name="enumerate")
def list_arrangements(
    *,
    host: Host,
    supercell: Annotated[
        str, typer.Option("--supercell", metavar="A,B,C", help="Three whole numbers, or nine.", show_default=False)
    ],
    wanted: Annotated[
        str,
        typer.Option("--defects", metavar="DEFECTS", help='Such as "v(S):2,Se(S):1".', show_default=False),
    ],
    out: Out,
    most: Annotated[
        int, typer.Option("--max", min=1, metavar="N", help="Of more, a random choice of N is written.")
    ] = 100_000,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the random choice.")] = 0,
) -> None:
    """List all arrangements of defects in a supercell that differ by symmetry, with their multiplicities."""
    import polars

    from matscout.crystal.defects.enumeration import count_arrangements, listed_arrangements
    from matscout.crystal.defects.reading import host_crystal
    from matscout.data.defects.files import write_arrangements
    from matscout.data.defects.tables import frame_of, matrix_from_text

    result_file(out, host)
    counts = _counts_of(wanted)
    try:
        matrix = matrix_from_text(supercell)
    except ValueError as error:
        raise UsageError(f"--supercell: {error}") from error
    crystal = host_crystal(host)
    listing = listed_arrangements(crystal, matrix, counts, most=most, seed=seed)
    table = frame_of(listing.defects, [str(place) for place in range(1, len(listing.defects) + 1)])
    if listing.multiplicities.all():
        table = table.with_columns(polars.Series("multiplicity", listing.multiplicities))
    write_arrangements(table, out)
    if not listing.complete:
        n_distinct = count_arrangements(crystal, matrix, counts)
        note(f"a random choice of {n_distinct:,} arrangements that differ by symmetry (counted by Burnside's lemma)")
    say(f"{counted(len(listing.defects), 'arrangement')} of {listing.n_all:,} before symmetry: {out}")


def _counts_of(text: str) -> Counter[int]:
    """How often each code of a defect is wanted.

    Raises
    ------
    UsageError
        If it cannot be read, or names places.
    """
    from matscout.data.defects.texts import parse_arrangement

    try:
        written = parse_arrangement(text.replace(",", ";"))
    except ValueError as error:
        raise UsageError(f"--defects: {error}") from error
    if any(one.site is not None or one.position is not None for one in written):
        raise UsageError('--defects takes numbers of defects without places, such as "v(S):2,Se(S):1"')
    counts: Counter[int] = Counter()
    for one in written:
        counts[256 * one.was + one.now] += one.count
    return counts


@defects.command()
def view(
    *,
    sites: Annotated[Path, typer.Argument(metavar="SITES", help="Table of arrangements.", show_default=False)],
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of one of them.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="OUT", help="Picture to write (.png).", show_default=False),
    ] = None,
) -> None:
    """Show one arrangement: its defects, the distances of its pairs, and a picture of it in its host."""
    from matscout.app.viewing.arrangement_picture import draw_arrangement
    from matscout.data.files import atomic_write
    from matscout.data.reading import read_materials

    if out is not None:
        result_file(out, sites)
    materials = read_materials(sites).materials
    row = _row_of(materials, name)
    assert materials.defects is not None
    own = materials.defects[[row]]
    say(f"{name}: {materials.formulas[row]}")
    if not own.placed.all():
        note("its positions are not known")
        return
    pairs = own.pairs()
    names = [_site_name(own, at) for at in range(len(own.was))]
    order = pairs.distances.argsort()[:FEW_PAIRS].tolist()
    cells: list[tuple[Any, ...]] = [
        (names[pairs.first[at]], names[pairs.second[at]], f"{pairs.distances[at]:.3f}", f"{pairs.heights[at]:.2f}")
        for at in order
    ]
    show_table(("defect", "other defect", "distance (Å)", "height (Å)"), cells)
    if out is not None:
        with atomic_write(out) as unfinished:
            unfinished.write_bytes(draw_arrangement(own, 0))
        say(f"picture: {out}")


def _site_name(own: Any, at: int) -> str:
    from matscout.data.defects.column_store import type_name

    return f"{at + 1} {type_name(int(own.was[at]), int(own.now[at]))}"


def _row_of(materials: Materials, name: str) -> int:
    if materials.defects is None:
        raise UsageError("the table holds no arrangements of defects: make one with matscout defects read")
    rows = [row for row, one in enumerate(materials.ids.tolist()) if one == name]
    if not rows:
        first = ", ".join(materials.ids[:3].tolist())
        raise UsageError(f"there is no arrangement {name!r}; the ids are {first}, ...")
    return rows[0]


@defects.command()
def energies(
    *,
    sites: Annotated[Path, typer.Argument(metavar="SITES", help="Table of arrangements.", show_default=False)],
    potentials: Annotated[
        Path,
        typer.Option(
            "--potentials",
            metavar="FILE",
            help="Table of chemical potentials: columns element and chemical_potential (eV).",
            show_default=False,
        ),
    ],
    host_energy: Annotated[
        float,
        typer.Option(
            "--host-energy",
            metavar="EV",
            help="Total energy of the supercell without defects.",
            show_default=False,
        ),
    ],
    out: Out,
    energy: Annotated[str, typer.Option("--energy", metavar="COL", help="Column of total energies (eV).")] = "energy",
) -> None:
    """Compute formation energies from total energies and chemical potentials.

    Rows with a column charge that is not 0 need columns fermi_level, vbm and correction (eV).
    """
    from matscout.crystal.defects.formation_tables import with_energies
    from matscout.data.defects.files import write_arrangements

    result_file(out, sites, potentials)
    outcome = with_energies(sites, potentials, host_energy, energy)
    show_problems(outcome.problems)
    write_arrangements(outcome.table, out)
    note(outcome.formula)
    if outcome.renamed:
        note(f"columns of the table with such energies are now called {listed(outcome.renamed)}")
    say(f"{counted(outcome.table.height, 'formation energy', 'formation energies')}: {out}")


@defects.command()
def law(
    *,
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder that matscout fit wrote.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="OUT", help="Picture of v(d) to write (.png).", show_default=False),
    ] = None,
) -> None:
    """Show what a fitted pair law says: the cost of each defect alone, and what pairs add by distance."""
    from matscout.data.files import atomic_write
    from matscout.predict.artefact import load
    from matscout.predict.model import Model
    from matscout.predict.pair_curves import MOST_SHELLS, law_of, pair_curves, single_defects

    fitted = load(model)
    outcome = law_of(fitted) if isinstance(fitted, Model) else None
    if outcome is None:
        raise UsageError(f"{model} holds no pair law: fit one (matscout fit SITES --model defect-pairs -o MODEL)")
    unit = fitted.target.unit or "unit of the target"
    alone = single_defects(outcome)
    singles = [(one.name, f"{one.energy:.3f}", f"{one.deviation:.3f}", f"{one.rows:,}") for one in alone]
    show_table(("defect", f"alone ({unit})", "±", "labelled rows"), singles)
    curves = pair_curves(outcome)
    shells = [
        (curve.name, f"{one.distance:.2f}", f"{one.energy:.3f}", f"{one.deviation:.3f}", f"{one.pairs:,}")
        for curve in curves
        for one in curve.shells[:MOST_SHELLS]
    ]
    show_table(("pair", "distance (Å)", f"adds ({unit})", "±", "labelled pairs"), shells)
    if out is not None and curves:
        from matscout.evaluation.pair_law_plot import pair_law_plot

        result_file(out, model)
        with atomic_write(out) as unfinished:
            pair_law_plot(curves, fitted.target.unit or "").savefig(unfinished, dpi=150, format="png")
        say(f"picture: {out}")
