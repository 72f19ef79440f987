"""``matscout view`` as a user meets it: what is printed, the two files, and how it refuses."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from ase.build import bulk
from ase.io import write
from PIL import Image
from pymatgen.core import Lattice, Structure

from matscout.app.cli import run

NAMES = ("NaCl", "KCl", "KBr", "LiF", "RbI")

IDS = ("mp-10", "mp-20", "mp-30", "mp-40", "mp-50")


def crystal(place: int, vacant: float = 0.0) -> Structure:
    cation, anion = re.findall("[A-Z][a-z]?", NAMES[place])
    species = [{cation: 1.0 - vacant}, anion]
    return Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.0 + place / 5), species, [[0, 0, 0], [0.5, 0.5, 0.5]])


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "labels.csv"
    texts = [crystal(place).to(fmt="cif") for place in range(len(NAMES))]
    pl.DataFrame({"id": IDS, "cif": texts, "gap (eV)": [8.5, 8.4, 7.4, 13.6, 6.1]}).write_csv(path)
    return path


class Loads(HTMLParser):
    """Whatever a page would fetch: all ``src`` and ``href`` of its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "data", "action")]


def test_picture_page_and_neighbours(labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "rock.cif", tmp_path / "deep" / "rock"
    crystal(0, vacant=0.2).to(str(source))
    assert run(["view", str(source), "--labels", str(labels), "--neighbours", "3", "-o", str(out)]) == 0
    shown = capsys.readouterr().out
    for words in ("Fm-3m (no. 225), cubic", "4 sites partly vacant", "g/cm³", "Nearest labelled materials", "8.5"):
        assert words in shown
    assert Image.open(out.with_suffix(".png")).format == "PNG"
    page = out.with_suffix(".html").read_text(encoding="utf-8")
    assert Loads(page).found == [source for source in Loads(page).found if source.startswith("data:image/png;base64,")]
    assert "default-src 'none'" in page
    assert "the vacant share is white" in page
    assert page.count("<tr><td>") == 3
    assert sorted(path.name for path in out.parent.iterdir()) == ["rock.html", "rock.png", "rock.workflow.yaml"]


def test_before_and_after_of_what_was_relaxed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The lattice constant of argon as it was given and as Lennard-Jones has it."""
    given = bulk("Ar", "fcc", a=5.6, cubic=True)
    given.info["id"] = "argon"
    write(tmp_path / "given.extxyz", given)
    source, relaxed, out = tmp_path / "given.extxyz", tmp_path / "relaxed", tmp_path / "argon"
    assert run(["relax", str(source), "--with", "lennard-jones", "--fmax", "0.001", "-o", str(relaxed)]) == 0
    assert run(["view", "argon", "--in", str(relaxed / "relaxed.extxyz"), "--before", str(source), "-o", str(out)]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"volume of the cell.*175\.62 Å³.*1[34]\d\.\d\d Å³", shown)
    names = ("argon.png", "argon.html", "argon-before.png", "argon-before.html", "argon.workflow.yaml")
    assert all((tmp_path / name).is_file() for name in names)
    assert "before" in (tmp_path / "argon.workflow.yaml").read_text(encoding="utf-8")


def test_without_out_nothing_is_written(
    labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["view", "mp-30", "--in", str(labels)]) == 0
    assert "KBr" in capsys.readouterr().out
    assert [*tmp_path.iterdir(), *labels.parent.iterdir()] == [labels]


def test_hostile_names_are_shown_not_run(tmp_path: Path) -> None:
    source, name = tmp_path / "frames.json", "</script><script>alert(1)</script>"
    source.write_text(
        '{"a": %s, "</script><script>alert(1)</script>": %s}' % ((crystal(0).to_json(),) * 2), encoding="utf-8"
    )
    assert run(["view", name, "--in", str(source), "-o", str(tmp_path / "x")]) == 0
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "alert(1)</script>" not in page


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["mp-30"], 2, "--in COLLECTION"),
        (["{labels}"], 2, "matscout view mp-10 --in"),
        (["mp-300", "--in", "{labels}"], 1, "did you mean mp-30"),
        (["mp-30", "--in", "nowhere"], 1, "there is no file or folder nowhere"),
        (["mp-30", "--in", "{labels}", "-o", "."], 2, "does not name a file"),
        (["mp-30", "--in", "{labels}", "--labels", "nowhere.csv"], 1, "nowhere.csv"),
    ],
)
def test_refusals(
    arguments: list[str], code: int, words: str, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["view", *(argument.format(labels=labels) for argument in arguments)]) == code
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error


def test_the_missing_extra_is_named_before_anything_is_read(
    labels: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("matscout.extras.find_spec", lambda package: None)
    assert run(["view", "nothing", "--in", str(labels), "-o", "x"]) == 1
    assert "pip install 'matscout[view]'" in capsys.readouterr().err
    assert run(["view", "mp-30", "--in", str(labels)]) == 0
