"""Sorting and filtering in the report, done by a real browser and compared with the same done in Python."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from matscout.app.front import scout
from matscout.app.rendering import hashes_of_scripts
from matscout.data.formulas import parse_formula
from matscout.data.reading import read

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--dump-dom",
)  # fmt: skip

pytestmark = [
    pytest.mark.usefixtures("few_trees"),
    pytest.mark.skipif(CHROMIUM is None, reason="needs the browser chromium"),
]

ASK = """<script>
const table = document.getElementById("candidates");
const rows = () => Array.from(table.tBodies[0].rows);
const column = (place) => rows().map((row) => row.cells[place].dataset.value);
const shown = () => rows().filter((row) => !row.hidden).map((row) => row.cells[1].dataset.value);
const wish = (text) => {
  const elements = document.getElementById("elements");
  elements.value = text;
  elements.dispatchEvent(new Event("input"));
  return shown();
};
const answer = document.createElement("pre");
answer.id = "answer-of-the-test";
answer.textContent = JSON.stringify((() => { %s })());
document.body.append(answer);
</script></body>"""


def _allowed(page: str, script: str) -> str:
    """The page whose policy lets this script run, too."""
    return page.replace("script-src ", f"script-src {hashes_of_scripts(script)} ", 1)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a small search among salts."""
    anions = {"O": 7.0, "S": 4.0, "Se": 3.0, "F": 10.0, "Cl": 8.0}
    rows = [
        {"formula": f"{cation}{anion}", "gap (eV)": value - 0.1 * place}
        for place, cation in enumerate(("Li", "Na", "K", "Rb", "Mg", "Ca", "Sr", "Zn"))
        for anion, value in anions.items()
    ]
    folder = tmp_path_factory.mktemp("script") / "out"
    dataset = read(pl.DataFrame(rows), target="gap")
    scout(dataset, "3:5", out=folder, model="extratrees-magpie", fast=True, n_candidates=200, require=("new",))
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def ask(report: str, tmp_path: Path) -> Callable[[str], Any]:
    """What a function body returns in the page."""

    def run(body: str) -> Any:
        page = tmp_path / "page.html"
        page.write_text(_allowed(report.replace("</body>", ASK % body), ASK % body), encoding="utf-8")
        command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=True)
        found = done.stdout.rpartition('<pre id="answer-of-the-test">')[2].partition("</pre>")[0]
        return json.loads(html.unescape(found))

    return run


def test_a_click_on_a_heading_sorts_and_another_one_turns_round(ask: Callable[[str], Any]) -> None:
    clicks = ask("""return Array.from(table.querySelectorAll("thead button"), (button) => {
        const header = button.parentElement;
        const click = () => { button.click(); return [header.getAttribute("aria-sort"), column(header.cellIndex)]; };
        return [button.textContent, Object.fromEntries([click(), click()])];
    });""")
    assert [name for name, _ in clicks][:4] == ["rank", "formula", "gap (eV)", "chance"]
    for name, orders in clicks:
        keys = list(map(str.lower if name in ("formula", "what is new", "purpose") else float, orders["ascending"]))
        assert keys == sorted(keys), name
        assert orders["descending"] == orders["ascending"][::-1], name


def test_elements_are_required_and_excluded(ask: Callable[[str], Any]) -> None:
    everything, filtered, count, cleared = ask("""
        document.getElementById("clear").click();
        return [shown(), wish("S -Mg"), document.getElementById("shown").textContent, wish("")];""")
    wanted = [formula for formula in everything if "S" in parse_formula(formula) and "Mg" not in parse_formula(formula)]
    assert 0 < len(wanted) < len(everything)
    assert filtered == wanted
    assert count == f"{len(wanted)} of {len(everything)} candidates shown"
    assert cleared == everything


def test_a_click_on_an_element_requires_a_second_one_excludes_a_third_one_forgets(ask: Callable[[str], Any]) -> None:
    everything, states = ask("""
        document.getElementById("clear").click();
        const button = document.querySelector('.periodic button[data-symbol="Zn"]');
        return [shown(), [1, 2, 3].map(() => { button.click(); return [button.className, shown()]; })];""")
    zinc = [formula for formula in everything if "Zn" in parse_formula(formula)]
    others = [formula for formula in everything if formula not in zinc]
    assert zinc
    assert states == [["required", zinc], ["excluded", others], ["", everything]]


def test_at_first_only_the_best_of_each_chemical_system_is_shown(ask: Callable[[str], Any]) -> None:
    first, everything = ask(
        """const first = shown(); document.getElementById("clear").click(); return [first, shown()];"""
    )
    leaders: dict[frozenset[str], str] = {}
    for formula in everything:
        leaders.setdefault(frozenset(parse_formula(formula)), formula)
    assert first == list(leaders.values())
    assert len(first) < len(everything)


def test_no_other_script_runs(report: str, tmp_path: Path) -> None:
    """Neither one that was written into the page, nor one in an attribute."""
    foreign = (
        "<script>document.title = 'script'</script><img src=x onerror=\"document.title = 'attribute'\">"
        "<p id=seen>the page goes on</p></body>"
    )
    page = tmp_path / "report.html"
    titles = {}
    for name, text in {
        "closed": report.replace("</body>", foreign),
        "open": re.sub(r"script-src '[^;]*", "script-src 'unsafe-inline'", report, count=1).replace("</body>", foreign),
    }.items():
        page.write_text(text, encoding="utf-8")
        found = subprocess.run(
            [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / name}", page.as_uri()],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        assert "the page goes on" in found
        titles[name] = re.findall("<title>(.*?)</title>", found)[0]
    assert titles["open"] in ("script", "attribute")
    assert titles["closed"] not in ("script", "attribute")
