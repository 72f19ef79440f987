"""Many structures in several processes: the same as in one, in their order; one that stalls costs only itself."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from matscout.data import structure_parsing
from matscout.data.structure_entries import ParsedEntries, StructureEntry, parse, stored_bytes
from matscout.data.structure_parsing import parse_all

POSCAR = "title\n1.0\n3 0 0\n0 3 0\n0 0 {height}\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"


def entries(n: int) -> list[StructureEntry]:
    good = [StructureEntry(str(row), POSCAR.format(height=3.0 + row / 100)) for row in range(n)]
    return [
        StructureEntry(entry.name, "no structure\nat all") if row % 50 == 7 else entry for row, entry in enumerate(good)
    ]


def stalls(part: tuple[StructureEntry, ...]) -> ParsedEntries:
    """Reads, but one entry takes for ever."""
    if any(entry.name == "70" for entry in part):
        time.sleep(60)
    return parse(part)


def test_several_processes_read_what_one_reads():
    told = []
    several = list(parse_all(iter(entries(150)), progress=lambda *step: told.append(step), total=150))
    assert told == [("reading structures", done, 150) for done in (0, 64, 128, 150)]
    assert [entry.name for part, _ in several for entry in part] == [str(row) for row in range(150)]
    found = structure_parsing.joined([found for _, found in several], [len(part) for part, _ in several])
    alone = parse(entries(150))
    np.testing.assert_array_equal(found.rows, alone.rows)
    np.testing.assert_array_equal(found.structures.lattices, alone.structures.lattices)
    assert found.problems == alone.problems
    assert [problem.row for problem in found.problems] == [8, 58, 108]


@pytest.mark.slow
def test_an_entry_that_stalls_costs_only_itself(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(structure_parsing, "parse", stalls)
    monkeypatch.setattr(structure_parsing, "FEW", 0)
    monkeypatch.setattr(structure_parsing, "AT_ONCE", 4)
    several = list(parse_all(iter(entries(80)[64:80]), seconds=20.0))
    found = structure_parsing.joined([found for _, found in several], [len(part) for part, _ in several])
    assert found.rows.tolist() == [row for row in range(16) if row != 6]
    (problem,) = found.problems
    assert (problem.row, problem.value) == (7, "70")
    assert "it took more than 20 s" in problem.reason


@pytest.mark.slow
def test_a_large_one_that_stalls_is_given_up_among_few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    text = POSCAR.format(height=3.0) + "\n" * 1_000_001
    (tmp_path / "70.vasp").write_text(text, encoding="utf-8")
    stalling = StructureEntry("70", tmp_path / "70.vasp")
    monkeypatch.setattr(structure_parsing, "parse", stalls)
    ((_, found),) = parse_all([StructureEntry("a", POSCAR.format(height=3.5)), stalling], seconds=10.0)
    assert found.rows.tolist() == [0]
    assert [(problem.row, problem.value) for problem in found.problems] == [(2, "70")]
    assert "it took more than 10 s" in found.problems[0].reason


def test_bytes_of_entries(tmp_path: Path):
    (tmp_path / "a.vasp").write_text("x" * 1234, encoding="utf-8")
    sizes = [
        stored_bytes(StructureEntry("", content)) for content in (tmp_path / "a.vasp", str(tmp_path / "a.vasp"), "a\nb")
    ]
    assert sizes == [1234, 1234, 3]
    assert [stored_bytes(StructureEntry("", content)) for content in ("no such file", "\0", "x" * 9999)] == [0, 0, 0]
