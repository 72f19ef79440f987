"""``matscout generate`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from matscout.app.cli import run


def test_a_formula_is_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", "NaCl", "-n", "2", "--atoms", "2", "-o", str(tmp_path / "out")]) == 0
    out, err = capsys.readouterr()
    assert "2 crystals by substitution for formula NaCl; atoms 2 to 2, " in out
    assert "Na 4a, Cl 4b" in out
    assert len([*(tmp_path / "out" / "cifs").iterdir()]) == 2
    assert run(["generate", "score", str(tmp_path / "out" / "cifs")]) == 0
    assert "valid and unique" in capsys.readouterr().out
    assert "wishes: formula NaCl" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["NaCl", "--atoms", "many"], "--atoms is LOW:HIGH, for example 4:20; got many"),
        (["NaCl with 4 atoms", "--atoms", "2:4"], "both name atoms"),
        (["Li", "--must", "Li,Qq"], "'Qq' in must is not the symbol"),
        (["pretty NaCl"], "not understood in 'pretty NaCl': 'pretty'"),
        (["LiFeO2", "--space-group", "230", "--atoms", "1:15"], "Ia-3d (230) with 8 formula units, 32 atoms"),
    ],
)
def test_errors_say_what_to_do(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", *words]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
