"""Maps of a data set: where its materials lie by a representation, coloured by a property or by chemistry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.counting import part_of
from matscout.crystal.chemistry import most_electronegative
from matscout.data.column_names import NoColumnError, find_column
from matscout.data.columns import NoTargetError, SeveralTargetsError, is_numeric
from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset, Target, only_compounds
from matscout.data.given import Given, as_dataset
from matscout.data.headings import split_heading
from matscout.data.materials import Materials
from matscout.data.measurements import NoClassesError, read_target
from matscout.data.missing import is_missing, is_missing_label, tidy
from matscout.data.sources import holds_structures
from matscout.data.table_writing import write_table
from matscout.data.tables import Table
from matscout.errors import InputError, RowProblem, UsageError
from matscout.progress import Progress, in_notebooks, silent
from matscout.remarks import Remark
from matscout.represent.embedding import embed
from matscout.represent.projection import FEWEST, Method, Projection, project, standardised
from matscout.shown import ShownTable, as_array
from matscout.workflow.label_settings import LabelSettings, MaterialSettings
from matscout.workflow.row_numbers import in_file_rows

CHEMISTRY = "chemistry"
"""Colour that is no column: the most electronegative element."""

MOST = 20_000
"""Materials on a map; of more a random part is drawn."""


@dataclass(frozen=True, eq=False, repr=False)
class MaterialsMap(ShownTable):
    """A map of n materials.

    Parameters
    ----------
    materials
        Those on the map.
    rows
        int64 [n], ascending: their positions in the data set.
    projection
        Their places.
    representation
        What made their vectors.
    colour
        What they are coloured by: n numbers with their unit, or classes; NaN where it is not known.
    n_found
        Materials of the data set, on the map or not.
    problems
        Materials without a vector, and remarks; ``row`` as in the user's file.
    remarks
        What was left out or chosen, a sentence each.
    """

    materials: Materials
    rows: NDArray[np.int64]
    projection: Projection
    representation: str
    colour: Target
    n_found: int
    problems: tuple[RowProblem, ...] = ()
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def save(self, path: str | Path, width: float = 3.4) -> Path:
        """Draw it as SVG, PDF or PNG, as the ending says, ``width`` inches wide; whole or not at all.

        Raises
        ------
        UsageError
            If the path has another ending.
        """
        from matscout.evaluation.map_plot import map_plot, write_figure

        return write_figure(map_plot(self.projection, self.colour, width=width), Path(path))

    @property
    def table(self) -> pl.DataFrame:
        """A row for each material: id, formula, x, y, value (a number, or the name of a class)."""
        x, y = self.projection.coordinates.T
        known, values = self.colour.known, self.colour.values
        names = self.colour.classes
        shown = [float(value) if not names else names[int(value)] for value in values[known]]
        column = np.full(len(self), None, dtype=object)
        column[known] = shown
        return pl.DataFrame(
            {
                "id": self.materials.ids.astype(str),
                "formula": self.materials.formulas.astype(str),
                "x": x,
                "y": y,
                "value": pl.Series(column.tolist(), dtype=pl.String if names else pl.Float64),
            }
        )

    def write_table(self, path: str | Path) -> Path:
        """Write :attr:`table` as the ending says, see :func:`write_table`; whole or not at all."""
        return write_table(self.table, Path(path))

    def in_a_line(self) -> str:
        """How many materials, placed by what, coloured by what."""
        by = f"{self.representation}, {self.projection.method}"
        return f"{part_of(len(self), self.n_found, 'material')} by {by}, coloured by {self.colour.label}"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return as_array(self.projection.coordinates, dtype, copy)

    def to_frame(self) -> pl.DataFrame:
        """The same as :attr:`table`."""
        return self.table


def read_to_map(reading: MaterialSettings, source: Path, colour: str | None, progress: Progress = silent) -> Dataset:
    """Materials with what they are coloured by, where that is a target; structures are not read twice for it.

    Parameters
    ----------
    reading
        How the file is read.
    source
        File or folder.
    colour
        A column, :data:`CHEMISTRY`, or None for the target that is found.
    progress
        Called with the progress of the work.

    Raises
    ------
    UsageError
        If there is no such column, or the rows are reactions.
    InputError
        If the file cannot be read.
    """
    if colour == CHEMISTRY or holds_structures(source):
        return only_compounds(reading.read_materials(source, progress=progress))
    try:
        labelled = LabelSettings.of(reading, target=() if colour is None else (colour,))
        return only_compounds(labelled.read_labels(source, progress))
    except NoColumnError as error:
        if error.wanted != colour:
            raise
        raise UsageError(f"--colour: {error}; or `--colour chemistry`") from None
    except (NoTargetError, NoClassesError):
        return only_compounds(reading.read_materials(source, progress=progress))
    except SeveralTargetsError as error:
        words = f"coloured by chemistry, since {str(error).partition(';')[0]}: choose one (--colour)"
        remark = Remark("coloured-by-chemistry", words)
        dataset = only_compounds(reading.read_materials(source, progress=progress))
        remarks = (*dataset.provenance.remarks, remark)
        return replace(dataset, provenance=replace(dataset.provenance, remarks=remarks))


def map_materials(
    dataset: Given,
    representation: str | None = None,
    *,
    method: Method = "umap",
    colour: str | None = None,
    seed: int = 0,
    most: int = MOST,
    progress: Progress = in_notebooks,
) -> MaterialsMap:
    """Make a map of materials: those with similar vectors become neighbours in the plane.

    Columns of the vectors are standardised; constant columns are left out.

    Parameters
    ----------
    dataset
        Materials, labelled or not: what was read (:func:`matscout.read`, :func:`matscout.read_materials`), formulas, a
        path, a frame, structures of pymatgen or ASE.
    representation
        A name as for :func:`matscout.embed`; None is "structure-basic" where there are structures, else "magpie".
    method
        "umap", "tsne" or "pca" (see :func:`matscout.represent.projection.project`).
    colour
        A target, any column of the table that was read, or "chemistry": the most electronegative element. None is the
        only target, or chemistry.
    seed
        Of all random choices.
    most
        Largest number of materials to draw; of a larger set, a random sample is drawn, and a remark states this.
    progress
        Called with the progress of the work.

    Raises
    ------
    InputError
        If fewer than 5 materials have a vector, all vectors are equal, or the column cannot be used for colours.
    UsageError
        If there is no such representation, method or column.

    Examples
    --------
    >>> from matscout.data.reading import read_materials
    >>> salts = read_materials(["LiF", "NaCl", "KBr", "RbI", "CsCl", "MgO"])
    >>> map_materials(salts, method="pca").projection.axes[0]
    'PC 1 (53 % of the variance)'
    """
    dataset = _to_map(dataset, colour)
    name = representation or ("structure-basic" if dataset.materials.has_structure.all() else "magpie")
    target = colour_of(dataset, colour)
    drawn = np.arange(len(dataset))
    if len(dataset) > most:
        drawn = np.sort(np.random.default_rng(seed).permutation(len(dataset))[:most])
    progress(f"vectors: {name}", 0, 1)
    some = dataset[drawn]
    embedding = embed(some.materials, name)
    problems = in_file_rows(embedding.problems, some)
    if len(embedding.rows) < FEWEST:
        first = next((f"; the first without a vector: {problem}" for problem in problems if problem.dropped), "")
        raise InputError(f"a map needs at least {FEWEST} materials with a vector; got {len(embedding.rows)}{first}")
    progress(f"places: {method}", 0, 1)
    projection = project(standardised(embedding.vectors), method, seed)
    rows = drawn[embedding.rows]
    return MaterialsMap(
        materials=dataset.materials[rows],
        rows=rows,
        projection=projection,
        representation=name,
        colour=target[rows],
        n_found=len(dataset),
        problems=problems,
        remarks=_remarks(len(dataset), len(drawn), len(rows), name),
    )


def _to_map(given: Given, colour: str | None) -> Dataset:
    if isinstance(given, str | Path) and Path(given).exists():
        return read_to_map(MaterialSettings(), Path(given), colour)
    return as_dataset(given, wants_target=False)


def _remarks(n: int, n_drawn: int, n_placed: int, name: str) -> tuple[str, ...]:
    remarks = []
    if n_drawn < n:
        text = f"{n_drawn:,} of {n:,} materials, chosen at random, are on the map."
        remarks.append(Remark("drawn-for-the-map", text))
    if n_placed < n_drawn:
        text = f"Not on the map: {n_drawn - n_placed:,} of {n_drawn:,} materials, for which {name} gives no vector."
        remarks.append(Remark("not-on-the-map", text))
    return tuple(remarks)


def colour_of(dataset: Dataset, colour: str | None = None) -> Target:
    """What to colour n materials by; parameters and errors as for :func:`map_materials`."""
    if colour == CHEMISTRY or (colour is None and len(dataset.targets) != 1):
        return chemistry_of(dataset.materials.compositions)
    if colour is None or dataset.table is None or split_heading(colour).name in dataset.targets:
        return dataset.target(colour)
    table = Table(dataset.provenance.source, dataset.table, dataset.numbering)
    column = find_column(colour, table.columns, "colour")
    cells = table.column(column)
    if all(is_missing(cell) for cell in cells):
        raise InputError(f"the column {column!r} is empty; name another column to colour by, or {CHEMISTRY}")
    return read_target(table, column).target if is_numeric(cells, share=0.5) else _categories(column, cells)


def chemistry_of(compositions: Compositions) -> Target:
    """The most electronegative element of each of n compositions, as classes."""
    classes, codes = np.unique(most_electronegative(compositions), return_inverse=True)
    return Target(
        "most electronegative element", codes.astype(np.float64), None, "classification", tuple(classes.tolist())
    )


def _categories(column: str, cells: list[str | None]) -> Target:
    """Texts as classes, however many; all different ones would be no colours."""
    missing = np.array([is_missing_label(cell) for cell in cells], dtype=np.bool_)
    classes, codes = np.unique(np.array([tidy(cell) for cell in cells], dtype=np.str_)[~missing], return_inverse=True)
    if len(classes) == len(codes) > 1:
        raise InputError(
            f"the column {column!r} holds {len(codes)} different texts in {len(codes)} rows, so every material would "
            f"have its own colour; name a column of numbers or classes, or {CHEMISTRY}"
        )
    values = np.full(len(cells), np.nan)
    values[~missing] = codes
    return Target(column, values, None, "classification", tuple(classes.tolist()))
