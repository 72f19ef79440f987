"""Plug-ins of a file that the user names, and of a package outside of matscout."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import matscout
from matscout import plug_in_files, registry
from matscout.app.cli import run
from matscout.errors import InputError, UsageError
from matscout.registry import FAMILIES, find, use_plug_in_file

PACKAGE = Path(__file__).parent / "outside_package"
SOURCE = (PACKAGE / "src" / "matscout_heaviest" / "heaviest.py").read_text(encoding="utf-8")
SALTS = ("GaAs", "InP", "CdTe", "Si", "AlAs", "ZnTe", "ZnO", "GaN", "InAs", "InSb", "AlP", "GaP", "CdS", "CdSe")
TABLE = "formula,gap (eV)\n" + "".join(f"{one},{0.5 + 0.3 * (place % 5)}\n" for place, one in enumerate(SALTS))


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Plug-ins of a test are unknown afterwards."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv(plug_in_files.VARIABLE, "")
    modules = set(sys.modules)
    yield
    for name in set(sys.modules) - modules:
        if name.startswith("plug_"):
            del sys.modules[name]
    for cached in (registry._outside, registry.plug_ins, registry.name_of):
        cached.cache_clear()


def _file(folder: Path, name: str = "plug_heaviest.py", text: str = SOURCE) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_brings_its_plug_ins(tmp_path: Path) -> None:
    assert use_plug_in_file(_file(tmp_path)) == ("heaviest-element",)
    assert find("representations", "heaviest-element").summary.endswith("one column. (from plug_heaviest.py)")
    assert matscout.make_representation("heaviest-element").name == "heaviest-element"
    assert matscout.embed(["Fe2O3", "PbTe"], "heaviest-element").vectors.tolist() == [[26.0], [82.0]]
    assert use_plug_in_file(tmp_path / "plug_heaviest.py") == ("heaviest-element",)
    assert os.environ[plug_in_files.VARIABLE] == str(tmp_path / "plug_heaviest.py")


def test_what_a_plug_in_cannot_be_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        use_plug_in_file(tmp_path / "plug_nowhere.py")
    with pytest.raises(UsageError, match=r"a Python file with the name of a module \(my_plug_in.py\)"):
        use_plug_in_file(_file(tmp_path, "plug-in.py"))
    with pytest.raises(UsageError, match="defines no plug-in: a class with one of the bases"):
        use_plug_in_file(_file(tmp_path, "plug_empty.py", "x = 1\n"))
    with pytest.raises(InputError, match="cannot be imported: ZeroDivisionError"):
        use_plug_in_file(_file(tmp_path, "plug_wrong.py", "1 / 0\n"))
    with pytest.raises(UsageError, match="has the name of an existing module, json"):
        use_plug_in_file(_file(tmp_path, "json.py"))
    with pytest.raises(UsageError, match="defines 'magpie', but the representations already have that name"):
        use_plug_in_file(_file(tmp_path, "plug_twice.py", SOURCE.replace("class HeaviestElement", "class Magpie")))
    assert not os.environ[plug_in_files.VARIABLE]


def test_all_families_have_a_base() -> None:
    assert set(plug_in_files.BASES.values()) == set(FAMILIES)
    for base in plug_in_files.BASES:
        module, _, name = base.rpartition(".")
        if module != "matscout.represent.trainable" or importlib.util.find_spec("torch"):
            assert isinstance(getattr(importlib.import_module(module), name), type)


@pytest.mark.parametrize(
    ("name", "called"),
    [("HeaviestElement", "heaviest-element"), ("OfElementsStep", "of-elements"), ("DRFP", "drfp"), ("Step", "step")],
)
def test_plug_ins_are_called_like_their_classes(name: str, called: str) -> None:
    assert plug_in_files._plug_in_name(name) == called


def test_the_command_line_lists_and_uses_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = _file(tmp_path), tmp_path / "vectors.csv"
    assert run(["embed", "PbTe", "--with", "heaviest-element", "-o", str(out)]) in (1, 2)
    assert run(["representations", "--plugin", str(path), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert "heaviest-element" in [row["name"] for row in shown["results"]["tables"][0]["rows"]]


def _evaluated(folder: Path, *options: str) -> dict[str, Any]:
    words = ["evaluate", str(folder / "gaps.csv"), "--with", "heaviest-element", "--model", "dummy", "--n-folds", "2"]
    command = [sys.executable, "-m", "matscout", *words, "--level", "0.3", "--fast", "--json", *options]
    environment = {**os.environ, "MATSCOUT_PROCESSES": "2"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_other_processes_know_it_and_results_rest_on_its_content(tmp_path: Path) -> None:
    """Where a result is kept under the digest of the file, an edit makes it anew."""
    (tmp_path / "gaps.csv").write_text(TABLE, encoding="utf-8")
    path = _file(tmp_path)
    first, again = (_scores(_evaluated(tmp_path, "--plugin", str(path))) for _ in range(2))
    assert first == again
    path.write_text(
        SOURCE.replace("np.maximum.reduceat", "-np.minimum.reduceat").replace(
            "compositions.elements,", "compositions.elements.astype(int),"
        )
    )
    assert _scores(_evaluated(tmp_path, "--plugin", str(path))) != first


def _scores(document: dict[str, Any]) -> Sequence[Any]:
    (table,) = [one for one in document["results"]["tables"] if "mae" in one["columns"]]
    return [row["mae"] for row in table["rows"] if row["model"] == "trees=heaviest-element"]


def test_a_package_outside_is_found_by_its_entry_point(tmp_path: Path) -> None:
    """As it is installed: its modules, and what its pyproject.toml says of it."""
    installed = shutil.copytree(PACKAGE / "src", tmp_path / "installed")
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    information = installed / "matscout_heaviest-0.1.0.dist-info"
    information.mkdir()
    named = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (information / "METADATA").write_text(named, encoding="utf-8")
    sections = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points.items())
        for group, points in project["entry-points"].items()
    ]
    (information / "entry_points.txt").write_text("\n".join(sections), encoding="utf-8")
    use = (
        "import matscout; from matscout.registry import find; print(matscout.embed('PbTe', 'heaviest-of-all').vectors, "
        "find('representations', 'heaviest-of-all').summary)"
    )
    paths = os.pathsep.join([str(installed), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", use], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[[82.]] from the package matscout-heaviest"
