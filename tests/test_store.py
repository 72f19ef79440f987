"""The store: what is put is there, whole, for every process; damage counts as missing; what is old is forgotten."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.errors import UsageError
from matscout.store import FILES, UNFINISHED, Store, key_of

KEYS = [key_of(number) for number in range(8)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "deep" / "store")


def put(store: Store, kind: str, key: str, **files: bytes) -> None:
    with store.put_folder(kind, key) as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)


@given(content=st.binary(max_size=200), number=st.integers())
def test_what_is_put_is_there(tmp_path_factory: pytest.TempPathFactory, content: bytes, number: int) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    key = key_of(number)
    assert store.get_bytes("cells", key) is None
    assert store.get_folder("steps", key) is None
    store.put_bytes("cells", key, content)
    put(store, "steps", key, a=content, b=b"")
    assert Store(store.folder).get_bytes("cells", key) == content
    found = Store(store.folder).get_folder("steps", key)
    assert found is not None
    assert (found / "a").read_bytes() == content
    assert store.get_bytes("other", key) is None
    assert {(entry.kind, entry.key) for entry in store.entries()} == {("cells", key), ("steps", key)}
    store.remove("cells", key)
    store.remove("cells", key)
    assert store.get_bytes("cells", key) is None


def test_folders_may_hold_folders(store: Store) -> None:
    with store.put_folder("steps", KEYS[0]) as folder:
        (folder / "tables").mkdir()
        (folder / "tables" / "one.csv").write_text("a\n1\n", encoding="utf-8")
    found = store.get_folder("steps", KEYS[0])
    assert found is not None
    assert (found / "tables" / "one.csv").read_text(encoding="utf-8") == "a\n1\n"
    (found / "tables" / "one.csv").unlink()
    assert store.get_folder("steps", KEYS[0]) is None


def test_what_ends_in_an_error_was_never_there(store: Store) -> None:
    for error in (ValueError("stop"), KeyboardInterrupt()):
        with pytest.raises(type(error)), store.put_folder("steps", KEYS[0]) as folder:
            (folder / "half").touch()
            raise error
    assert store.get_folder("steps", KEYS[0]) is None
    assert store.entries() == ()
    assert not any((store.folder / UNFINISHED).iterdir())


@pytest.mark.parametrize("damage", [lambda told: b"", lambda told: told[:-3], lambda told: told[::-1]])
@pytest.mark.parametrize("name", ["small", "folder", FILES])
def test_what_is_damaged_is_missing_and_logged_once(
    store: Store, damage: Any, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    store.put_bytes("cells", KEYS[0], b"some content")
    put(store, "steps", KEYS[0], folder=b"some content")
    (entry,) = store.entries("cells" if name == "small" else "steps")
    path = entry.path if name == "small" else entry.path / name
    path.write_bytes(damage(path.read_bytes()))
    with caplog.at_level(logging.WARNING):
        assert store.get_bytes("cells", KEYS[0]) == (None if name == "small" else b"some content")
        assert (store.get_folder("steps", KEYS[0]) is None) == (name != "small")
        assert store.get_folder("steps", KEYS[1]) is None
    assert [str(entry.path) in remark for remark in caplog.messages] == [True]
    put(store, "steps", KEYS[0], folder=b"new content")
    found = store.get_folder("steps", KEYS[0])
    assert found is not None
    assert (found / "folder").read_bytes() == (b"new content" if name != "small" else b"some content")


WRITER = """
import sys
from pathlib import Path
from matscout.store import Store, key_of
store, mine = Store(Path(sys.argv[1])), sys.argv[2].encode() * 5000
for turn in range(60):
    key = key_of(turn % 3)
    store.put_bytes("cells", key, mine)
    found = store.get_bytes("cells", key)
    assert found is None or (len(set(found)) == 1 and len(found) == 5000), "a cell of two processes"
    with store.put_folder("steps", key) as folder:
        (folder / "a").write_bytes(mine)
        (folder / "b").write_bytes(mine)
    found = store.get_folder("steps", key)
    if turn % 7 == 0:
        store.prune(kind="steps") if any(one.kind == "steps" for one in store.entries()) else None
        store.remove("cells", key)
"""


def test_many_processes_write_read_and_forget_at_once(store: Store) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(store.folder), letter], stderr=subprocess.PIPE, text=True)
        for letter in "abcd"
    ]
    ended = [process.communicate(timeout=120)[1] for process in started]
    assert [text for text in ended if "Traceback" in text or "damaged" in text] == []
    for entry in store.entries("steps"):
        found = store.get_folder("steps", entry.key)
        assert found is not None
        assert (found / "a").read_bytes() == (found / "b").read_bytes()
    assert not any((store.folder / UNFINISHED).iterdir())


def used(store: Store, kind: str, key: str, days_ago: float) -> None:
    (path,) = (entry.path for entry in store.entries(kind) if entry.key == key)
    os.utime(path, (time.time() - days_ago * 86_400,) * 2)


@pytest.fixture
def filled(store: Store) -> Store:
    """Cells 0 to 3 of 100 bytes and a digest, used 4, 3, 2 and 1 days ago; a step of 1000 bytes, 10 days ago."""
    for number in range(4):
        store.put_bytes("cells", KEYS[number], bytes(100))
        used(store, "cells", KEYS[number], 4 - number)
    put(store, "steps", KEYS[7], table=bytes(1000))
    used(store, "steps", KEYS[7], 10)
    return store


def test_entries_say_what_there_is_the_oldest_first(filled: Store) -> None:
    entries = filled.entries()
    assert [entry.key for entry in entries] == [KEYS[7], *KEYS[:4]]
    assert [entry.size for entry in entries[1:]] == [132] * 4
    assert 1000 < entries[0].size < 1200
    assert filled.entries("cells") == entries[1:]


@pytest.mark.parametrize(
    ("asked", "gone"),
    [
        ({"max_bytes": 10_000}, []),
        ({"max_bytes": 400}, [7, 0]),
        ({"max_bytes": 0}, [7, 0, 1, 2, 3]),
        ({"older_than": timedelta(days=2.5)}, [7, 0, 1]),
        ({"older_than": timedelta(days=3.5), "max_bytes": 300}, [7, 0, 1]),
        ({"kind": "cells"}, [0, 1, 2, 3]),
        ({"kind": "cells", "max_bytes": 300}, [0, 1]),
        ({"kind": "steps", "older_than": timedelta(days=11)}, []),
    ],
)
def test_what_was_used_longest_ago_is_forgotten_first(filled: Store, asked: dict[str, Any], gone: list[int]) -> None:
    before = {entry.key for entry in filled.entries()}
    assert [entry.key for entry in filled.prune(**asked)] == [KEYS[number] for number in gone]
    assert {entry.key for entry in filled.entries()} == before - {KEYS[number] for number in gone}


def test_what_is_asked_for_is_in_use(filled: Store) -> None:
    filled.get_bytes("cells", KEYS[0])
    filled.get_folder("steps", KEYS[7])
    assert {entry.key for entry in filled.prune(older_than=timedelta(days=1.5))} == {KEYS[1], KEYS[2]}


def test_nothing_is_forgotten_by_mistake(filled: Store) -> None:
    with pytest.raises(UsageError, match="by size, by age or by kind"):
        filled.prune()
    with pytest.raises(UsageError, match="kind 'cell' is stored; the kinds are cells, steps"):
        filled.prune(kind="cell")
    with pytest.raises(UsageError, match=r"not '\.\./x'"):
        filled.entries("../x")
    assert len(filled.entries()) == 5


def test_what_killed_processes_left_is_cleared(store: Store) -> None:
    kill = f"""
import os
from pathlib import Path
from matscout.store import Store
with Store(Path({str(store.folder)!r})).put_folder("steps", {KEYS[0]!r}) as folder:
    (folder / "half").touch()
    os._exit(9)
"""
    subprocess.run([sys.executable, "-c", kill], check=False)
    assert len(list((store.folder / UNFINISHED).iterdir())) == 1
    with store.put_folder("steps", KEYS[1]) as mine:
        store.prune(max_bytes=0)
        assert list((store.folder / UNFINISHED).iterdir()) == [mine]


def test_a_growing_folder_is_one_record(store: Store) -> None:
    folder = store.growing_folder("vectors", KEYS[0])
    (folder / "one.sqlite").write_bytes(bytes(500))
    assert store.growing_folder("vectors", KEYS[0]) == folder
    assert [(entry.kind, entry.size) for entry in store.entries()] == [("vectors", 500)]
    store.prune(kind="vectors")
    assert not folder.exists()


def test_what_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "store")
    with pytest.raises(OSError, match="file"):
        store.put_bytes("cells", KEYS[0], b"")
    with pytest.raises(OSError, match="file"), store.put_folder("cells", KEYS[0]):
        pass
    assert store.get_bytes("cells", KEYS[0]) is None
    assert store.entries() == ()


@dataclass(frozen=True)
class Plan:
    name: str
    folds: int = 5
    shown: str = field(default="", compare=False)


class Size(Enum):
    SMALL = "small"


def test_equal_parts_have_equal_keys_whatever_holds_them(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x\n1\n")
    (tmp_path / "b.csv").write_bytes(b"x\n1\n")
    columns = np.arange(6.0).reshape(2, 3)
    equal = [
        ({"a": 1, "b": [2]}, {"b": (2,), "a": 1}),
        ({"a", "b", "c"}, frozenset("cba")),
        (columns, np.asfortranarray(columns)),
        (columns[:, ::2], columns[:, ::2].copy()),
        (np.float64(0.1), 0.1),
        (np.int32(3), 3),
        (Plan("a", 5), Plan("a", shown="differently")),
        (tmp_path / "a.csv", tmp_path / "b.csv"),
    ]
    for one, other in equal:
        assert key_of(one) == key_of(other)


def test_different_parts_have_different_keys(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x\n1\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    parts: list[object] = [
        None,
        0,
        0.0,
        False,
        "",
        "0",
        b"",
        [],
        {},
        set(),
        {0: 1},
        {"0": 1},
        [[1], 2],
        [1, [2]],
        ["ab", "c"],
        ["a", "bc"],
        Plan("a"),
        Plan("b"),
        Plan("a", 6),
        {"name": "a", "folds": 5},
        Size.SMALL,
        "small",
        date(2026, 1, 2),
        "2026-01-02",
        tmp_path / "a.csv",
        folder,
        np.zeros(0),
        np.zeros(2),
        np.zeros((2, 1)),
        np.zeros(2, dtype=np.float32),
        np.zeros(4, dtype=np.float32),
        np.zeros(1, dtype=np.int64),
        np.array(["a", "b"]),
        np.array(["ab", ""]),
        np.array(["a", None], dtype=object),
        np.array([]).astype("U0"),
    ]
    keys = [key_of(part) for part in parts]
    assert len(set(keys)) == len(parts)
    assert key_of("a", "b") != key_of("ab") != key_of(["a", "b"])
    (folder / "new.csv").touch()
    assert key_of(folder) not in keys
    with pytest.raises(TypeError, match="a key cannot contain object"):
        key_of([object()])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(one=VALUES, other=VALUES)
def test_keys_tell_values_apart_as_json_does(one: object, other: object) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (key_of(one) == key_of(other)) == same


def test_keys_are_the_same_everywhere() -> None:
    """So that what a colleague's machine or a later Python has made is found: a change here empties all stores."""
    assert key_of("cell", 1, 0.5, np.arange(3), {"a": Plan("x")}) == (
        "16aae578f9a6ce0f939d782defb82bf60b2c7acafee7111fdd6c3434287c2a52"
    )


def test_ten_thousand_small_records_take_seconds(store: Store) -> None:
    content, keys = bytes(4000), [key_of(number) for number in range(2000)]
    began = time.process_time()
    for key in keys:
        store.put_bytes("cells", key, content)
    assert all(store.get_bytes("cells", key) == content for key in keys)
    assert len(store.entries()) == len(keys)
    assert time.process_time() - began < 4.0
