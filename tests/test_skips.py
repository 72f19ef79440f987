"""The error budget of skips: an unexpected one fails the run that asks for it, an expected one is told only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = {
    "expected": "import pytest\ndef test_a():\n    pytest.skip('needs the browser chromium')\n",
    "unexpected": "import pytest\ndef test_a():\n    pytest.skip('it was late')\n",
    "of a file": "import pytest\npytest.importorskip('no_such_package', reason='it was late')\n",
    "none": "def test_a():\n    pass\n",
}


@pytest.mark.parametrize(
    ("kind", "budget", "ending"),
    [
        ("expected", True, 0),
        ("unexpected", True, 1),
        ("unexpected", False, 0),
        ("of a file", True, 1),
        ("none", True, 0),
    ],
)
def test_only_the_unexpected_fail_where_so_is_asked(kind: str, budget: bool, ending: int, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(Path(__file__).with_name("skips.py").read_text("utf-8"), encoding="utf-8")
    (tmp_path / "test_one.py").write_text(TESTS[kind] + "def test_b():\n    pass\n", encoding="utf-8")
    asked = ["-m", "pytest", "-q", "-p", "no:cacheprovider", *(["--skip-budget"] if budget else []), str(tmp_path)]
    done = subprocess.run([sys.executable, *asked], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode if kind != "of a file" else min(done.returncode, 1)) == ending, done.stdout
    assert ("UNEXPECTED it was late" in done.stdout) == (kind in ("unexpected", "of a file"))
    assert ("unexpected: 0" in done.stdout) == (kind == "expected")
