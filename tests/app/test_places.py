from __future__ import annotations

from pathlib import Path

import pytest

from matscout.app.places import result_file, result_folder
from matscout.errors import UsageError


def test_only_own_results_are_replaced(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis"
    assert result_folder(thesis, "spec.json") == thesis
    thesis.mkdir()
    assert result_folder(thesis, "spec.json") == thesis
    (thesis / "chapter.txt").touch()
    with pytest.raises(UsageError, match="holds other files, which would be lost"):
        result_folder(thesis, "spec.json")
    with pytest.raises(UsageError, match="is a file"):
        result_folder(thesis / "chapter.txt", "spec.json")
    (thesis / "spec.json").touch()
    assert result_folder(thesis, "spec.json") == thesis


def test_a_file_does_not_replace_a_folder(tmp_path: Path) -> None:
    assert result_file(None) is None
    assert result_file(tmp_path / "out.csv") == tmp_path / "out.csv"
    with pytest.raises(UsageError, match="is a folder"):
        result_file(tmp_path)
