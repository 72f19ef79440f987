"""Write the labels that the composition donor learns from, made of the public tables in the data folder.

Run: ``python scripts/make_donor_table.py -o donor`` (about 20 seconds); ``--check`` compares the folder ``donor`` with
what would be written. It gets ``donor-full.parquet``, ``donor-strict.parquet`` and the card (``donor-card.json`` and
``.md``). It is no part of the package and is not committed: the licences of the sources differ.
"""

from __future__ import annotations

import argparse
import json
import runpy
import sys
from pathlib import Path

import polars
from donor_table.card import page
from donor_table.making import DonorTables, make_tables, table_facts

from matscout.data.files import atomic_write, write_text_whole
from matscout.errors import InputError

DATA_FOLDER = Path(__file__).parents[1] / "benchmarks" / "data_folder.py"
VARIANTS = ("full", "strict")


def data_folder() -> Path:
    """The data folder.

    Raises
    ------
    InputError
        If there is none.
    """
    folder: Path = runpy.run_path(str(DATA_FOLDER))["data_folder"]()
    if not folder.is_dir():
        raise InputError(f"no data folder at {folder}; set MATSCOUT_DATA to where the public tables lie")
    return folder


def write(tables: DonorTables, folder: Path) -> None:
    """Write both tables and then their card, each whole or not at all."""
    for name in VARIANTS:
        with atomic_write(folder / f"donor-{name}.parquet") as unfinished:
            getattr(tables, name).write_parquet(unfinished)
    write_text_whole(folder / "donor-card.md", page(tables.facts))
    write_text_whole(folder / "donor-card.json", json.dumps(tables.facts, indent=1, ensure_ascii=False) + "\n")


def differences(tables: DonorTables, folder: Path) -> list[str]:
    """Names of the files in ``folder`` that are missing or not what :func:`write` would write."""
    expected = {folder / "donor-card.md": page(tables.facts)}
    expected[folder / "donor-card.json"] = json.dumps(tables.facts, indent=1, ensure_ascii=False) + "\n"
    wrong = [path.name for path, text in expected.items() if not path.is_file() or path.read_text("utf-8") != text]
    for name in VARIANTS:
        path = folder / f"donor-{name}.parquet"
        if not path.is_file() or table_facts(polars.read_parquet(path)) != tables.facts["tables"][name]:
            wrong.append(path.name)
    return wrong


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="where the tables go or lie")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the files there are not these")
    options = parser.parse_args(arguments)
    try:
        tables = make_tables(data_folder())
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        wrong = differences(tables, options.output)
        print(f"not up to date: {', '.join(wrong)}" if wrong else f"{options.output} is up to date")
        return 1 if wrong else 0
    write(tables, options.output)
    for name in VARIANTS:
        facts = tables.facts["tables"][name]
        print(f"{options.output / f'donor-{name}.parquet'}: {facts['formulas']} formulas, {facts['values']} values")
    return 0


if __name__ == "__main__":
    sys.exit(main())
