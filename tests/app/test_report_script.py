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
const everything = () => document.getElementById("all").click();
const clear = () => { document.getElementById("clear").click(); everything(); };
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
        clear();
        return [shown(), wish("S -Mg"), document.getElementById("shown").textContent, wish("")];""")
    wanted = [formula for formula in everything if "S" in parse_formula(formula) and "Mg" not in parse_formula(formula)]
    assert 0 < len(wanted) < len(everything)
    assert filtered == wanted
    assert count == f"{len(wanted)} of {len(everything)} candidates shown"
    assert cleared == everything


def test_a_click_on_an_element_requires_a_second_one_excludes_a_third_one_forgets(ask: Callable[[str], Any]) -> None:
    everything, states = ask("""
        clear();
        const button = document.querySelector('.periodic button[data-symbol="Zn"]');
        return [shown(), [1, 2, 3].map(() => { button.click(); return [button.className, shown()]; })];""")
    zinc = [formula for formula in everything if "Zn" in parse_formula(formula)]
    others = [formula for formula in everything if formula not in zinc]
    assert zinc
    assert states == [["required", zinc], ["excluded", others], ["", everything]]


def test_at_first_only_the_best_of_each_chemical_system_is_shown(ask: Callable[[str], Any]) -> None:
    first, everything = ask("""everything(); const first = shown(); clear(); return [first, shown()];""")
    leaders: dict[frozenset[str], str] = {}
    for formula in everything:
        leaders.setdefault(frozenset(parse_formula(formula)), formula)
    assert first == list(leaders.values())
    assert len(first) < len(everything)


def test_twenty_rows_are_shown_until_all_are_asked_for(ask: Callable[[str], Any]) -> None:
    few, words, every, table = ask("""
        const button = document.getElementById("all");
        const first = [shown(), button.textContent];
        button.click();
        return [...first, shown(), rows().length];""")
    assert len(few) == 20
    assert words == f"Show all {len(every)}"
    assert every[:20] == few
    assert 20 < len(every) <= table


def test_the_heading_says_why_ranks_skip(ask: Callable[[str], Any]) -> None:
    skipping, words, all_ranks = ask("""
        const caption = document.getElementById("skips");
        const first = [!caption.hidden, caption.textContent.trim()];
        clear();
        return [...first, caption.hidden];""")
    assert skipping
    assert words == "Only the best of each chemical system is shown, so ranks skip."
    assert all_ranks


def test_a_sorted_table_shows_its_own_first_rows(ask: Callable[[str], Any]) -> None:
    table, few = ask("""
        document.getElementById("leaders").click();
        const header = table.querySelectorAll("thead button")[1];
        header.click();
        return [column(1), shown()];""")
    assert few == table[:20]
    assert few == sorted(few, key=str.lower)


def test_the_table_of_elements_is_folded(ask: Callable[[str], Any]) -> None:
    assert ask("""return document.querySelector(".periodic").closest("details").open;""") is False


@pytest.mark.parametrize("width", [400, 1400])
def test_nothing_is_cut_at_the_side(report: str, tmp_path: Path, width: int) -> None:
    """On a phone nothing is wider than the screen, on a wide screen tables take its whole width."""
    (tmp_path / "report.html").write_text(report, encoding="utf-8")
    page = tmp_path / "framed.html"
    page.write_text(f"""<iframe src="report.html" style="border:0;width:{width}px;height:900px"></iframe>
        <pre id="answer-of-the-test"></pre><script>addEventListener("load", () => {{
          const page = document.querySelector("iframe").contentDocument;
          const visible = (what) => Array.from(page.querySelectorAll(what)).filter((one) => one.checkVisibility());
          const ends = (what) => visible(what).map((one) => one.getBoundingClientRect().right);
          document.getElementById("answer-of-the-test").textContent = JSON.stringify([
            page.documentElement.scrollWidth, Math.max(...ends("#candidates td, .scores td, p, li, h1, h2, dd")),
            Math.max(...ends("#candidates")), Math.max(...ends(".tiles"))]);
        }});</script>""")
    flags = (*FLAGS, "--allow-file-access-from-files", f"--window-size={width + 100},1000")
    command = [str(CHROMIUM), *flags, f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=True)
    answer = done.stdout.partition('<pre id="answer-of-the-test">')[2].partition("</pre>")[0]
    scrolled, farthest, table, tiles = json.loads(answer)
    assert scrolled <= width
    assert farthest <= width
    assert table > 0.95 * width - 20
    assert tiles > 0.95 * width - 20


def test_a_print_is_one_page(report: str, tmp_path: Path) -> None:
    page, printed = tmp_path / "report.html", tmp_path / "report.pdf"
    page.write_text(report, encoding="utf-8")
    flags = [flag for flag in FLAGS if flag != "--dump-dom"]
    command = [str(CHROMIUM), *flags, f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}"]
    subprocess.run([*command, page.as_uri()], capture_output=True, timeout=120, check=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes())) == 1


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
