"""``matscout cache`` as it is typed."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from matscout.app.cli import run
from matscout.store import Store, key_of


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Three cells of 1,968 bytes used 3, 2 and 1 days ago, and 5 MB of vectors used now."""
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    store = Store.of_user()
    for number in range(3):
        store.put_bytes("cells", key_of(number), bytes(1968))
        (path,) = (entry.path for entry in store.entries("cells") if entry.key == key_of(number))
        os.utime(path, (time.time() - (3 - number) * 86_400,) * 2)
    (store.growing_folder("vectors", key_of("a")) / "vectors.sqlite").write_bytes(bytes(5_000_000))
    return store


def test_what_is_kept_is_shown_by_kind(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cache", "show"]) == 0
    shown = capsys.readouterr().out
    rows = [re.split(r"\s*[│┃]\s*", line)[1:-1] for line in shown.splitlines() if line.startswith("│")]
    days_ago = [time.strftime("%Y-%m-%d", time.localtime(time.time() - days * 86_400)) for days in (3, 0)]
    assert rows == [
        ["cells", "3", "6.0 KB", days_ago[0]],
        ["vectors", "1", "5.0 MB", days_ago[1]],
        ["all", "4", "5.0 MB", days_ago[0]],
    ]
    assert str(store.folder) in shown


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["--keep", "5.005MB"], {"cells": 2, "vectors": 1}),
        (["--keep", "1 GiB"], {"cells": 3, "vectors": 1}),
        (["--older", "60h"], {"cells": 2, "vectors": 1}),
        (["--older", "1.5 d", "--kind", "vectors"], {"cells": 3, "vectors": 1}),
        (["--kind", "cells"], {"vectors": 1}),
        (["--kind", "cells", "--keep", "2kb"], {"cells": 1, "vectors": 1}),
        (["--all"], {}),
    ],
)
def test_what_was_used_longest_ago_is_removed(
    store: Store, capsys: pytest.CaptureFixture[str], arguments: list[str], left: dict[str, int]
) -> None:
    assert run(["cache", "prune", *arguments]) == 0
    kinds = [entry.kind for entry in store.entries()]
    assert {kind: kinds.count(kind) for kind in kinds} == left
    gone = 4 - len(kinds)
    assert f"removed {gone} {'entry' if gone == 1 else 'entries'}, " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "choose what to remove"),
        (["--all", "--kind", "cells"], "choose what to remove"),
        (["--keep", "5"], "'5' is not a size; write it as in 5GB"),
        (["--keep", "5GW"], "is not a size"),
        (["--older", "30"], "'30' is not a time; write it as in 30d"),
        (["--kind", "cell"], "the kinds are cells, vectors"),
    ],
)
def test_wrong_options_remove_nothing(
    store: Store, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run(["cache", "prune", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert len(store.entries()) == 4


def test_an_empty_cache_says_so(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.prune(max_bytes=0)
    assert run(["cache", "show"]) == 0
    assert capsys.readouterr().out.rstrip().endswith("store: nothing is kept")
