"""Whatever is thrown at read(): a data set whose parts fit together, or an error in words; never a traceback."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from matscout.data.reading import read, read_materials
from matscout.errors import MatscoutError

cell = st.one_of(
    st.sampled_from(
        [
            "Si",
            "Fe2O3",
            "NaN",
            "Foo",
            "",
            "1.1",
            "1,2",
            "<0.3",
            "n/a",
            "2 ± 1",
            "3 eV",
            "4 meV",
            "yes",
            "no",
            '"',
            "#",
            "a\nb",
            "K",
            "eV",
        ]
    ),
    st.text(max_size=6),
)
header = st.sampled_from(["formula", "gap", "gap (eV)", "T_K", "", "id", "error", "cif", "target", "±", "gap"])
table = st.tuples(
    st.lists(header, min_size=1, max_size=4), st.lists(st.lists(cell, min_size=1, max_size=4), max_size=8)
)


good_row = st.tuples(
    st.sampled_from(["Si", "Fe2O3", "NaN", "GaAs", "CuSO4·5H2O", "Foo", ""]),
    st.sampled_from(["1.1", "0.7", "<0.3", "n/a", "2 ± 1", "1-2", "4 meV", "3 K", "oops", ""]),
    cell.filter(lambda text: not set(text) & set(',;\t"\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029')),
)


def check(path):
    for reader in (read, read_materials):
        try:
            dataset = reader(path, max_bad=0.9)
        except MatscoutError as error:
            assert len(str(error)) > 20
            continue
        n = len(dataset)
        assert n > 0
        assert n == len(dataset.row_numbers) == len(dataset.table) == len(set(dataset.row_numbers.tolist()))
        bad = {problem.row for problem in dataset.problems if problem.dropped}
        assert not bad & set(dataset.row_numbers.tolist())
        assert len(bad) == dataset.provenance.n_rows - n
        for target in dataset.targets.values():
            assert len(target.values) == n
            assert not np.isinf(target.values).any()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "cp1252", "utf-16"]))
def test_tables_of_anything(tmp_path, rows, delimiter, encoding):
    names, body = rows
    text = "\n".join(delimiter.join(row) for row in [names, *body])
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding, errors="replace"))
    check(path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(good_row, min_size=4, max_size=12), st.sampled_from(["note", "T (K)", "gap error", "id", ""]))
def test_tables_with_formulas_and_values(tmp_path, rows, third):
    path = tmp_path / "t.csv"
    lines = [";".join(row) for row in [("formula", "gap (eV)", third), *rows]]
    path.write_text("\n".join(["formula;gap (eV);x", "Si;1;", "Ge;2;", *lines[1:]]), encoding="utf-8")
    check(path)
    path.write_text("\n".join(lines), encoding="utf-8")
    check(path)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200),
    st.sampled_from(["t.csv", "t.xlsx", "t.parquet", "t.json", "t.jsonl", "t.json.gz", "t.cif", "t.xyz", "t.db"]),
)
@example(b"\x1c", "t.jsonl")
def test_bytes_of_anything(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    check(path)
    path.write_bytes(gzip.compress(content))
    check(path)


@pytest.mark.parametrize(
    "start",
    [
        b"PAR1",
        b"[",
        b"{",
        b"\x1f\x8b",
        b"\xff\xfe",
        b"PK\x03\x04",
        b'{"columns": 1, "data": 2}',
        b"[[1]]",
        b'{"a": {"@module"',
    ],
)
def test_beginnings_of_known_formats(tmp_path, start):
    for name in ("t.csv", "t.xlsx", "t.json", "t.jsonl", "t.parquet"):
        path = tmp_path / name
        path.write_bytes(start)
        check(path)
