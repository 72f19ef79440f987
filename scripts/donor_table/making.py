"""Both variants of the donor table, with the facts for their card."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars
from numpy.typing import NDArray

from donor_table.evaluation_formulas import FILES, NEAR, SAME, EvaluationTask, Neighbourhood, evaluation_tasks
from donor_table.formula_keys import FormulaKeys, formula_keys
from donor_table.merging import Tally, merge_all, spread
from donor_table.properties import METALS, PROPERTIES, Property
from donor_table.readings import COLUMNS, Reading, readings

Facts = dict[str, Any]


@dataclass(frozen=True, eq=False)
class DonorTables:
    """The tables and what is to be known about them.

    Parameters
    ----------
    full
        ``formula`` and one column per property; every formula.
    strict
        The rows of ``full`` whose formula is in no evaluation task.
    facts
        Plain data for the card: inputs, counts, limits, digests.
    """

    full: polars.DataFrame
    strict: polars.DataFrame
    facts: Facts


def make_tables(folder: Path) -> DonorTables:
    """Read the data folder and make both tables; equal input gives equal tables.

    Parameters
    ----------
    folder
        The data folder, laid out as its README says.
    """
    read = list(readings(folder))
    keys = formula_keys(polars.concat([reading.formulas for reading in read]))
    full, tallies = merge_all(read, keys)
    in_tasks, evaluation = _overlap(full, keys, evaluation_tasks(folder))
    strict = full.filter(~polars.Series(in_tasks))
    facts = {
        "tables": {"full": table_facts(full), "strict": table_facts(strict)},
        "columns": [_column_facts(quantity, full, strict) for quantity in PROPERTIES],
        "readings": [_reading_facts(*pair) for pair in zip(read, tallies, strict=True)],
        "unreadable": list(keys.unreadable),
        "evaluation": evaluation,
        "inputs": _digests(folder),
    }
    return DonorTables(full, strict, facts)


def table_facts(table: polars.DataFrame) -> Facts:
    """Size and digests: SHA-256 of the table as CSV text, and of its column of formulas alone."""
    return {
        "formulas": len(table),
        "values": sum(table[column].count() for column in table.columns[1:]),
        "sha256": _sha256(table.write_csv().encode()),
        "formulas_sha256": _sha256(table.select("formula").write_csv().encode()),
    }


def _overlap(
    full: polars.DataFrame, keys: FormulaKeys, tasks: Sequence[EvaluationTask]
) -> tuple[NDArray[np.bool_], Facts]:
    """Which rows of ``full`` are in any task, [n], and the counts per task."""
    # Not read again: the spelling of a material may be one that is refused, such as KBNO.
    donors = Neighbourhood(keys.compositions[np.searchsorted(np.array(keys.formulas), full["formula"].to_numpy())])
    same = [donors.pairs(task.compositions, SAME) for task in tasks]
    in_tasks = np.zeros(len(full), dtype=bool)
    for rows, _ in same:
        in_tasks[rows] = True
    facts = []
    for task, (rows, tested) in zip(tasks, same, strict=True):
        near_rows, near_tested = donors.pairs(task.compositions, NEAR)
        in_strict = ~in_tasks[near_rows]
        facts.append(
            {
                "task": task.name,
                "file": FILES[task.name],
                "formulas": len(task.compositions),
                "formulas_in_full": len(np.unique(tested)),
                "donors_removed": len(np.unique(rows)),
                "formulas_near_full": len(np.unique(near_tested)),
                "formulas_near_strict": len(np.unique(near_tested[in_strict])),
            }
        )
    return in_tasks, {"same": SAME, "near": NEAR, "donors_removed": int(in_tasks.sum()), "tasks": facts}


def _column_facts(quantity: Property, full: polars.DataFrame, strict: polars.DataFrame) -> Facts:
    return {
        "column": quantity.column,
        "meaning": quantity.meaning,
        "limits": [quantity.low, quantity.high],
        "unit": quantity.unit,
        "scale": quantity.scale,
        "reason": quantity.reason,
        "derived_from": METALS[quantity].column if quantity in METALS else None,
        "full": spread(full[quantity.column]),
        "strict": spread(strict[quantity.column]),
    }


def _reading_facts(reading: Reading, tally: Tally) -> Facts:
    source = reading.column.source
    counts = ("read", "left_out", "blank", "unreadable", "absurd", "merged", "kept", "used")
    return {
        "column": reading.column.quantity.column,
        "source": source.name,
        "origin": source.origin,
        "licence": source.licence,
        **{name: getattr(tally, name) for name in counts},
        "kept_values": tally.kept_values,
        "left_out_because": dict(reading.left_out),
    }


def _digests(folder: Path) -> Mapping[str, str]:
    """Relative path -> SHA-256 of every file that was read."""
    files = {file for column in COLUMNS for file in column.source.files} | set(FILES.values())
    return {file: _sha256((folder / file).read_bytes()) for file in sorted(files)}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
