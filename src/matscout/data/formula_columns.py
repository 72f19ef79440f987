"""Which column holds the formulas: by what labs call it, or by what stands in it; and what to ask where several do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from matscout.data.column_names import key_of
from matscout.data.columns import is_numeric, sample_of
from matscout.data.tables import Table
from matscout.errors import InputError, UsageError
from matscout.remarks import Remark

_FORMULAS = re.compile(
    r"formula|formel|formule|fórmula|формула|composition|zusammensetzung|composición|composição|composizione|composicion|"
    r"stoichiometr|stöchiometr|stœchiométr|estequiometr|stechiometr|стехиометр|состав|samenstelling|sammansättning|"
    r"sammensætning|sammensetning|koostumus|skład|wzór|wzor|složení|vzorec|összetétel|képlet|compoziț|formül|bileşim|"
    r"化学式|化學式|分子式|组成|組成|成分|实验式|화학식|조성|^comp$"
)
"""Names of columns of formulas, whatever stands in them."""
_MATERIALS = re.compile(
    r"compound|verbindung|composé|compose$|compuesto|composto|соединение|вещество|verbinding|förening|yhdiste|związek|"
    r"sloučenina|vegyület|bileşik|化合物|화합물|^(chemical|chemische)?(materiale?s?|material(ien)?)$|^(werk)?stoffe?$|"
    r"^substan[zc]e?[ns]?$|^matériaux?$|^materia[ui]x?$|^materiali?$|^материалы?$|^materiaa?l(en)?$|^material(es|er)?$|"
    r"^materiał$|^materiál$|^anyag$|^malzeme$|^材料$|^物质$|^物質$|^재료$|^물질$|^chemistry$|^chemie$|"
    r"^alloys?$|^legierung(en)?$|^alliages?$|^aleaci(ó|o)n(es)?$|^ligas?$|^leg(a|he)$|^сплавы?$|^stopy?$|^合金$|^합금$|"
    r"^catalysts?$|^katalysator(en)?$|^catalyseurs?$|^catalizador(es)?$|^catalizzator[ei]$|^катализаторы?$|^催化剂$|^触媒$"
)
"""Names of columns that may hold the names of materials as well."""
_HALF = 0.5
_MOST = 0.8
_COMPARED = 300
_SAME = 1e-3  # of an atomic fraction


@dataclass(frozen=True)
class FormulaColumn:
    """The column of formulas, and what to know of the choice."""

    name: str
    remarks: tuple[str, ...] = ()


def formula_share(cells: Sequence[str | None]) -> float:
    """The share of filled cells that are formulas or name alloys by shares (judged from a sample)."""
    from matscout.data.formulas import parse_formulas

    sample = sample_of(cells)
    return len(parse_formulas(sample, alloys="wt%").rows) / len(sample) if sample else 0.0


def find_formula(table: Table, taken: Collection[str] = (), *, by_name: bool = False) -> FormulaColumn | None:
    """The formula column: by name, else (unless ``by_name``) the one whose cells are formulas; None if there is none.

    Of several that say the same composition in every row (a reduced formula and that of the cell) it is the first.

    Raises
    ------
    UsageError
        If several columns are equally likely.
    """
    candidates = likely_formulas(table, taken, by_name=by_name)
    if len(candidates) > 1:
        return _of_several(table, candidates)
    return FormulaColumn(candidates[0]) if candidates else None


def likely_formulas(table: Table, taken: Collection[str] = (), *, by_name: bool = False) -> list[str]:
    """Columns that can be the one of formulas, equally likely."""
    free = [column for column in table.columns if column not in taken]
    named = [column for column in free if _is_called(_FORMULAS, column) or _is_called(_MATERIALS, column)]
    candidates = [column for column in named if formula_share(table.column(column)) >= _MOST]
    surely = [column for column in named if _is_called(_FORMULAS, column)]
    if not candidates and len(surely or named) == 1:
        (only,) = surely or named
        share = formula_share(table.column(only))
        if share >= _HALF or (surely and not is_numeric(table.column(only))):
            return [only]
    if not candidates and not by_name:
        candidates = [
            column
            for column in free
            if column not in named and _varied(table, column) and formula_share(table.column(column)) >= _MOST
        ]
    exact = [column for column in candidates if key_of(column) in ("formula", "composition")]
    return exact if len(exact) == 1 else candidates


def _is_called(names: re.Pattern[str], column: str) -> bool:
    return bool(names.search(re.sub(r"[\s_]", "", key_of(column))))


def refuse_names(table: Table, taken: Collection[str]) -> None:
    """Say so where no column holds formulas, and one is called like materials and holds their names.

    Raises
    ------
    InputError
        If there is one.
    """
    for column in table.columns:
        cells = [] if column in taken or not _is_called(_MATERIALS, column) else sample_of(table.column(column))
        if cells and not is_numeric(cells):
            n_formulas = round(formula_share(cells) * len(cells))
            raise InputError(
                f"column {column!r} of {table.name} contains names, not formulas: {n_formulas:,} of {len(cells):,} "
                f"cells are formulas (the first is {cells[0]!r}); add a column of formulas, or, if these are "
                f"formulas, use --formula={shlex.quote(column)}"
            )


def refuse_transposed(table: Table) -> None:
    """Say so where no column holds formulas, and the header does.

    Raises
    ------
    InputError
        If most columns are called by a formula of more than one character.
    """
    above = [name for name in table.columns[1:] if len(name) > 1 and formula_share([name]) == 1.0]
    if len(above) > 1 and 2 * len(above) > len(table.columns):
        raise InputError(
            f"the header of {table.name} contains materials ({', '.join(above[:5])}): write one row per material and "
            "one column per quantity (swap rows and columns)"
        )


def may_be_formula(name: str, cells: Sequence[str | None]) -> bool:
    """Whether :func:`find_formula` could choose a column of which these are some cells."""
    return _is_called(_FORMULAS, name) or _is_called(_MATERIALS, name) or formula_share(cells) > 0


def _of_several(table: Table, candidates: Sequence[str]) -> FormulaColumn:
    first, *others = candidates
    if all(_agree(table, first, other) for other in others):
        listed = ", ".join(map(repr, others))
        text = f"Column {listed} has the same composition as {first!r} in every row."
        return FormulaColumn(first, (Remark("formula-columns-agree", text),))
    asides = " ".join(f"--context={shlex.quote(other)}" for other in others)
    raise UsageError(
        f"several columns contain formulas: {', '.join(candidates)}; name the one that identifies the material of a "
        f"row (--formula). With --formula={shlex.quote(first)} a row is that material alone, whatever the others "
        f"contain; with --formula={shlex.quote(first)} {asides} a row is that material, with the others as "
        "categories; if a row is one material made of all of them, write its formula in a separate column"
    )


def _agree(table: Table, first: str, second: str) -> bool:
    """Whether two columns say the same composition in each row, but for a common factor."""
    cells = table.column(first), table.column(second)
    # A few rows tell most columns apart.
    return _same_compositions(*(column[:_COMPARED] for column in cells)) and _same_compositions(*cells)


def _same_compositions(first: Sequence[str | None], second: Sequence[str | None]) -> bool:
    from matscout.data.formulas import parse_formulas

    one, other = (parse_formulas([cell or "" for cell in cells]) for cells in (first, second))
    if not np.array_equal(one.rows, other.rows) or not len(one.rows):
        return False
    return bool(np.abs(one.compositions.dense() - other.compositions.dense()).max() < _SAME)


def _varied(table: Table, column: str) -> bool:
    """False for columns such as y/n or film/bulk codes, which may spell elements by chance."""
    filled = [cell for cell in table.column(column) if cell]
    return len(set(filled)) > 2 or len(filled) <= 5
