"""Every code block of README, CONTRIBUTING and docs runs as a reader would run it, page by page, in an empty folder."""

from __future__ import annotations

import ast
import contextlib
import csv
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import polars
import pytest
import typer

from matscout.app.cli import app, run
from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.base import Brief
from matscout.generate.base import Candidates, Wishes
from matscout.generate.generators.enumeration import enumerate_neutral

pytestmark = pytest.mark.usefixtures("few_trees")

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?[^\n]*\n(.*?)^```$', re.MULTILINE | re.DOTALL)
LONG_PAGES = {
    *("tutorial.md", "thermoelectrics.md", "yields.md", "recommender.md", "walk-throughs.md"),
    *(f"how-to/{name}.md" for name in ("groups", "maps", "search", "structures")),
}
"""Each takes more than 20 seconds: in the default suite their commands are only read, not run."""
LONG = {"fit", "evaluate", "scout", "recommend"}
"""Commands that are given --fast here, so that the suite stays short; nothing else about them is changed."""


class Block(NamedTuple):
    language: str
    title: str
    text: str


@pytest.fixture(autouse=True, scope="module")
def cache_of_the_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Several pages evaluate the same table: what one has finished serves the others, whichever process tests them."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(shared / "cache-of-the-pages"))
        yield


def blocks(page: Path) -> list[Block]:
    return [Block(*match) for match in FENCE.findall(page.read_text(encoding="utf-8"))]


def example_rows(count: int) -> list[list[str]]:
    text = (files("matscout") / "examples" / "band_gaps.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(text.splitlines())
    return [header, *rows[:: len(rows) // count][:count]]


def as_one_script(found: list[Block]) -> list[Block]:
    """Python blocks of a page build on each other: they run together, where the last of them stands."""
    python = [block for block in found if block.language == "python" and not block.title]
    script = Block("python", "", "\n".join(block.text for block in python))
    return [script if block in python[-1:] else block for block in found if block not in python[:-1]]


def run_script(script: Path, folder: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def run_shell(text: str, folder: Path) -> None:
    # In this process, since a fresh one takes three seconds to import what most commands need.
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["matscout"] and words[1] != "demo":
            fast = ["--fast"] if words[1] in LONG and "--fast" not in words else []
            with contextlib.chdir(folder):
                assert run([*words[1:], *fast]) == 0, line


def run_block(block: Block, folder: Path) -> None:
    if block.title:
        path = folder / block.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    elif block.language == "python":
        script = folder / "block.py"
        script.write_text(block.text, encoding="utf-8")
        run_script(script, folder)
    elif block.language == "sh":
        run_shell(block.text, folder)
    elif block.language == "toml":
        tomllib.loads(block.text)
    elif block.language == "json":
        json.loads(block.text)


def commands(page: Path) -> list[list[str]]:
    """Words of each matscout command of a page."""
    texts = [block.text.replace("\\\n", " ") for block in blocks(page) if block.language == "sh" and not block.title]
    lines = [shlex.split(line, comments=True) for text in texts for line in text.splitlines()]
    return [words[1:] for words in lines if words[:1] == ["matscout"]]


def marked(page: Path) -> Any:
    """The page as a case of a test, slow if it takes long."""
    name = page.relative_to(ROOT).as_posix()
    return pytest.param(page, id=name, marks=[pytest.mark.slow] if name.removeprefix("docs/") in LONG_PAGES else [])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_are_understood(page: Path) -> None:
    group = typer.main.get_command(app)
    for words in commands(page):
        name, *rest = words
        command = group.commands[name]
        if isinstance(command, typer.core.TyperGroup):
            name, *rest = rest
            command = command.commands[name]
        command.make_context(name, rest)


@pytest.mark.parametrize("page", [marked(page) for page in PAGES])
def test_code_blocks_run(page: Path, tmp_path: Path) -> None:
    with (tmp_path / "measurements.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(example_rows(60))
    for block in as_one_script(blocks(page)):
        run_block(block, tmp_path)


@pytest.mark.slow
def test_the_recommendation_of_the_tutorial_runs_on_the_command_line(tmp_path: Path) -> None:
    """With the tutorial's table of measurements, in a folder of the reader's, and a small collection."""
    block = next(one for one in blocks(ROOT / "docs" / "recommender.md") if one.text.startswith("matscout recommend"))
    table = polars.read_csv(str(files("matscout") / "examples" / "thermoelectrics.csv"))
    table.with_columns(polars.col("Seebeck coefficient (uV/K)").abs()).write_csv(tmp_path / "thermoelectrics.csv")
    candidates = enumerate_neutral(["Na", "Cu", "Ag", "Sn", "Pb", "Sb", "Bi", "S", "Se", "Te"], 200).materials
    polars.DataFrame({"formula": candidates.formulas.astype(str)}).write_csv(tmp_path / "collection.csv")
    run_shell("matscout index build collection.csv -o collection.index --with magpie", tmp_path)
    run_shell(block.text, tmp_path)
    shortlist = polars.read_csv(tmp_path / "round-1" / "shortlist.csv")
    assert {"ZT_predicted", "ZT_lower", "ZT_upper"} <= {*shortlist.columns}


def test_the_plug_in_of_contributing_is_a_representation() -> None:

    source = next(block.text for block in blocks(ROOT / "CONTRIBUTING.md") if block.language == "python")
    namespace: dict[str, object] = {"__name__": "matscout.represent.descriptors.heaviest_element"}
    exec(compile(source, "heaviest_element.py", "exec"), namespace)
    representation = namespace["HeaviestElement"]()  # type: ignore[operator]
    vectors = representation.represent(Materials.from_formulas(["Fe2O3", "PbTe"])).vectors
    assert vectors.tolist() == [[26.0], [82.0]]


def example(title: str) -> dict[str, Any]:
    """What a file of CONTRIBUTING defines."""
    text = next(block.text for block in blocks(ROOT / "CONTRIBUTING.md") if block.title == title)
    namespace: dict[str, Any] = {"__name__": title.removesuffix(".py")}
    exec(compile(text, title, "exec"), namespace)
    return namespace


def made_of(*formulas: str) -> Candidates:
    return Candidates(Materials.from_formulas(formulas), np.array(["made up"] * len(formulas)))


def test_the_generator_of_contributing_is_a_complete_plug_in() -> None:
    wishes = Wishes(Dataset(Materials.from_formulas(["MgO"])), exclude=("Li",))
    found = example("binary_oxides.py")["BinaryOxides"]().sample(wishes, 40)
    assert len(found) == 40
    assert {"Na2O", "MgO", "Al2O3", "CO2"} <= set(found.materials.formulas.tolist())
    assert "Li2O" not in found.materials.formulas


def test_the_stage_of_contributing_is_a_complete_plug_in() -> None:
    stage, brief = example("few_elements.py")["FewElements"](), Brief(Dataset(Materials.from_formulas(["MgO"])))
    verdict = stage.judge(made_of("Cu2ZnSnS4", "CuInS2"), brief)
    assert verdict.objections.tolist() == ["unmet: at most three elements", ""]


def test_the_evidence_of_contributing_is_a_complete_plug_in() -> None:
    provider, brief = example("molar_mass.py")["MolarMass"](), Brief(Dataset(Materials.from_formulas(["MgO"])))
    (fact,) = provider.evidence(made_of("H2O", "CaCO3"), brief).facts
    assert fact.values == pytest.approx([18.015, 100.087], abs=0.01)
    assert list(fact.columns()) == ["molar_mass_g_per_mol"]


def test_the_step_of_contributing_is_a_complete_plug_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import matscout
    from matscout import registry

    text = next(block.text for block in blocks(ROOT / "CONTRIBUTING.md") if block.title == "of_elements.py")
    (tmp_path / "of_elements.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    added = registry.PlugIn("of-elements", "steps", "of_elements:OfElementsStep", text.split('"""')[1])
    plug_ins = registry.plug_ins
    monkeypatch.setattr(registry, "plug_ins", lambda family: (*plug_ins(family), *([added] * (family == "steps"))))
    (tmp_path / "gaps.csv").write_text("formula,gap\nMgO,7.8\nZnS,3.6\nZnO,3.4\n", encoding="utf-8")
    steps = {"labels": {"read": {"file": "gaps.csv"}}, "oxides": {"of-elements": {"labels": "labels", "elements": "O"}}}
    workflow = matscout.Workflow.of({"workflow": 1, "steps": steps}, folder=tmp_path)
    assert matscout.run_workflow(workflow)["oxides"].materials.formulas.tolist() == ["MgO", "ZnO"]


def test_the_learner_of_contributing_keeps_the_contract_and_is_tried_by_auto(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import matscout
    from matscout import registry
    from matscout.data.made_up import made_up_dataset
    from matscout.testing import learners

    title = "src/matscout/predict/learners/nearest_rows.py"
    (block,) = [block for block in blocks(ROOT / "CONTRIBUTING.md") if block.title == title]
    package = tmp_path / "nearest_rows.py"
    package.write_text(block.text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    added = registry.PlugIn("nearest-rows", "learners", "nearest_rows:NearestRows", block.text.split('"""')[1])
    plug_ins = registry.plug_ins
    monkeypatch.setattr(registry, "plug_ins", lambda family: (*plug_ins(family), *([added] * (family == "learners"))))

    class OfContributing(learners.LearnerContract):
        package = "nearest_rows"

    suite = OfContributing()
    assert suite.tasks() == [("nearest-rows", "regression")]
    for name in dir(suite):
        if name.startswith("test_") and "fresh_process" not in name:
            check = getattr(suite, name)
            check(*("nearest-rows", "regression")[: len(inspect.signature(check).parameters)])
    dataset = made_up_dataset("composition", 40)
    model = matscout.fit(dataset, model="auto:donor=none")
    assert model.summary is not None
    (tried,) = [one for one in model.summary.candidates if one.label.startswith("nearest-rows on chemistry")]
    assert tried.error > 0
    again = matscout.load(model.save(tmp_path / "model")).predict(dataset.materials)
    assert (again.predicted == model.predict(dataset.materials).predicted).all()


def test_the_plug_ins_of_the_how_to_train_together(
    tmp_path: Path, small_overrides: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from matscout import registry
    from matscout.represent.pretraining.configuration import read_experiment
    from matscout.represent.pretraining.training import pretrain

    found: dict[str, object] = {}
    for block in blocks(ROOT / "docs" / "how-to" / "encoders.md"):
        if block.title:
            # A plug-in is called by its file.
            found["__name__"] = f"matscout.{Path(block.title).stem}"
            monkeypatch.setitem(sys.modules, str(found["__name__"]), ModuleType(str(found["__name__"])))
            exec(compile(block.text, block.title, "exec"), found)
    theirs, load_class = {"deep-set": "DeepSet", "same-family": "SameFamily"}, registry.load_class
    monkeypatch.setattr(
        registry, "load_class", lambda family, name: found[theirs[name]] if name in theirs else load_class(family, name)
    )
    names = ["encoders.composition.name=deep-set", "objective.name=same-family", "~objective.balance"]
    first = pretrain(
        read_experiment("composition_donor", [*small_overrides, *names, "trainer.epochs=1"]), tmp_path / "1"
    )
    last = pretrain(
        read_experiment("composition_donor", [*small_overrides, *names, "trainer.epochs=8"]), tmp_path / "2"
    )
    assert last.values["validation loss"] < first.values["validation loss"]


def test_the_notebook_runs_and_holds_no_results(tmp_path: Path) -> None:
    """Cells one after the other; what stands last in a cell is shown as a notebook shows it."""
    cells = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    codes = [cell for cell in cells if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in codes)
    names: dict[str, Any] = {"__name__": "notebook"}
    shown = []
    with contextlib.chdir(tmp_path):
        for cell in codes:
            *body, last = ast.parse("".join(cell["source"])).body
            exec(compile(ast.Module(body, []), "notebook.ipynb", "exec"), names)
            assert isinstance(last, ast.Expr)
            shown.append(eval(compile(ast.Expression(last.value), "notebook.ipynb", "eval"), names))
    assert repr(shown[0]) == "Dataset: 24 rows, gap (eV), 17 elements"
    assert [len(one) for one in shown[1:]] == [3, 1, 2, 5]


def test_readme_is_short_and_links_to_files_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / link).exists(), link


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        assert page.relative_to(ROOT / "docs").as_posix() in navigation
