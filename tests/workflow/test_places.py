from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from matscout.app.stores import run_store
from matscout.errors import UsageError
from matscout.store import Store
from matscout.workflow.places import result_file, result_folder


def test_only_own_results_are_replaced(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis"
    assert result_folder(thesis, "spec.json") == thesis
    thesis.mkdir()
    assert result_folder(thesis, "spec.json") == thesis
    (thesis / "chapter.txt").touch()
    with pytest.raises(UsageError, match="contains other files, which would be lost"):
        result_folder(thesis, "spec.json")
    with pytest.raises(UsageError, match="is a file"):
        result_folder(thesis / "chapter.txt", "spec.json")
    (thesis / "spec.json").touch()
    assert result_folder(thesis, "spec.json") == thesis


def test_a_file_does_not_replace_a_folder(tmp_path: Path) -> None:
    assert result_file(None) is None
    assert result_file(tmp_path / "out.csv") == tmp_path / "out.csv"
    assert result_file(tmp_path / "out.CSV", endings=(".csv", ".json")) == tmp_path / "out.CSV"
    with pytest.raises(UsageError, match=r"does not end in \.csv or \.json, the format that is written"):
        result_file(tmp_path / "out.xlsx", endings=(".csv", ".json"))
    with pytest.raises(UsageError, match="is a folder"):
        result_file(tmp_path)


def test_the_input_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = tmp_path / "labels.csv"
    labels.touch()
    monkeypatch.chdir(tmp_path)
    assert result_file(labels, tmp_path / "other.csv", Path("GaAs")) == labels
    with pytest.raises(UsageError, match="is the input and would be overwritten"):
        result_file(labels, Path("GaAs"), Path("labels.csv"))


def test_a_place_that_cannot_be_written_to_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written to "):
        result_folder(tmp_path / "file" / "results", "spec.json")
    with pytest.raises(UsageError, match="cannot be written to "):
        result_file(tmp_path / "file" / "deep" / "out.csv")


def test_a_cache_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    assert run_store() == Store(tmp_path / "cache" / "store")
    (tmp_path / "cache").touch()
    assert run_store() is None
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("finished steps are not kept") == 1
