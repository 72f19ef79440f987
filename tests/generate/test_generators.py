"""What is made of a generator's own settings and files; what all must do is in ``matscout.testing.generators``."""

from __future__ import annotations

from pathlib import Path

import pytest

import matscout
from matscout.errors import UsageError
from matscout.generate.base import Wishes
from matscout.generate.generators.file import File


def test_candidates_of_another_kind_are_refused(tmp_path: Path) -> None:
    (tmp_path / "shelf.csv").write_text("formula\nNaBr\nKCl\n", encoding="utf-8")
    (tmp_path / "smiles.csv").write_text("rxn,yield (%)\nCBr.CN>>CNC,30\nCI.CN>>CNC,50\n", encoding="utf-8")
    labels = matscout.read(tmp_path / "smiles.csv", reaction="rxn", target="yield")
    with pytest.raises(UsageError, match="give candidates of the same kind"):
        File(path=tmp_path / "shelf.csv").sample(Wishes(labels), 5)
