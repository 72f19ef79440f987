"""How results show themselves in a session and a notebook: one line, a table, arrays."""

from __future__ import annotations

import html
from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas
    import polars

LONGEST = 160
"""Letters of the line."""

HTML_ROWS = 10
"""Rows of a table in a notebook."""

LISTED = 5
"""Names in the line."""


class Shown:
    """What shows itself in one line: ``Dataset: 300 rows, ZT (no unit), 55 elements``.

    Dataclasses among them are declared with ``repr=False``.
    """

    __slots__ = ()

    @abstractmethod
    def in_a_line(self) -> str:
        """What it holds, in a line without its kind."""

    @final
    def __repr__(self) -> str:
        line = " ".join(f"{type(self).__name__}: {self.in_a_line()}".split())
        return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."

    def _repr_html_(self) -> str:
        """The line, as notebooks show it."""
        kind, _, line = repr(self).partition(": ")
        return f"<b>{html.escape(kind)}</b>: {html.escape(line)}"


class ShownTable(Shown):
    """What is also a table: ``to_frame()`` for polars, ``to_pandas()``, and its first rows in a notebook."""

    __slots__ = ()

    @abstractmethod
    def to_frame(self) -> polars.DataFrame:
        """It as a polars frame."""

    @final
    def to_pandas(self) -> pandas.DataFrame:
        """It as a pandas frame; missing numbers are NaN, other missing values None."""
        import pandas

        frame = self.to_frame()
        columns = {name: _pandas_values(frame[name]) for name in frame.columns}
        return pandas.DataFrame(columns, columns=frame.columns, index=range(len(frame)))

    def _repr_html_(self) -> str:
        """The line and the first rows, as notebooks show them."""
        frame = self.to_frame()
        rest = len(frame) - HTML_ROWS
        more = f"<p>... and {rest:,} more</p>" if rest > 0 else ""
        return f"{super()._repr_html_()}{_html_table(frame.head(HTML_ROWS))}{more}"


def _pandas_values(column: polars.Series) -> Any:
    if column.dtype.is_numeric() and (column.null_count() == 0 or column.dtype.is_float()):
        return column.to_numpy()
    if column.dtype.is_numeric():
        return column.cast(float).to_numpy()
    return column.to_list()


def _html_table(frame: polars.DataFrame) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in frame.columns)
    rows = "".join(f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>" for row in frame.rows())
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return html.escape(f"{value:.4g}" if isinstance(value, float) else str(value))


def as_array(values: NDArray[Any], dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
    """What ``__array__`` answers with, by NumPy's rules for ``dtype`` and ``copy``."""
    return values.copy() if copy and (dtype is None or values.dtype == dtype) else np.asarray(values, dtype=dtype)


def named_few(names: Iterable[str]) -> str:
    """``"a, b, c, d, e and 12 more"``."""
    every = list(names)
    rest = len(every) - LISTED
    return ", ".join(every[:LISTED]) + (f" and {rest:,} more" if rest > 0 else "")
