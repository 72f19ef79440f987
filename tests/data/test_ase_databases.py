"""Files that are no ASE database, or a damaged one: closed again, and left as they are."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from matscout.data.structure_files import read_structure_source
from matscout.errors import InputError


def is_closed(connection):
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False


@pytest.fixture
def connections(monkeypatch):
    """Every connection to an SQLite file that is opened while the test runs."""
    opened, really = [], sqlite3.connect

    def connect(*arguments, **options):
        opened.append(really(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", connect)
    return opened


def test_file_that_is_no_database(tmp_path, connections):
    (tmp_path / "store.db").write_bytes(b"this is no SQLite file, whatever its name says")
    with pytest.raises(InputError, match="not a readable ASE database"):
        read_structure_source(tmp_path / "store.db")
    assert connections
    assert all(is_closed(connection) for connection in connections)


def test_a_damaged_database_is_closed_again(tmp_path, connections):
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as store:
        store.execute("CREATE TABLE systems (id INTEGER)")
    with pytest.raises(InputError, match="not a readable ASE database"):
        read_structure_source(path)
    assert len(connections) > 2
    assert all(is_closed(connection) for connection in connections)


@pytest.mark.parametrize("tables", [(), ("others",)])
def test_a_database_of_something_else_stays_as_it_is(tmp_path, tables):
    path = tmp_path / "store#1.db"
    path.write_bytes(b"")
    with closing(sqlite3.connect(path)) as store:
        for name in tables:
            store.execute(f"CREATE TABLE {name} (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"not a readable ASE database \(it has no table of systems"):
        read_structure_source(path)
    assert path.read_bytes() == before
