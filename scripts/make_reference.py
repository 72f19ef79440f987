"""Write the generated pages of the reference: ``python scripts/make_reference.py`` (a test holds them up to date)."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from statistics import fmean, geometric_mean
from typing import Any

import click
import reading_page
import typer
from typer.testing import CliRunner

from matscout.app.cli import app
from matscout.registry import FAMILIES, load_class, plug_ins
from matscout.represent.element_catalogue import element_sources
from matscout.represent.structure_representation import StructureRepresentation

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "<!-- written by scripts/make_reference.py; do not edit -->"
FEATURIZE = Path(__file__).parents[1] / "benchmarks" / "results" / "featurize.json"
GALLERY = """# Descriptors of structures

None depends on where a crystal lies, how it is turned, or in which order its atoms are written. *Any cell*: a supercell
has the vector of its cell; what has a "no" there describes the cell as it is given (`matscout embed --cell primitive`
brings it to a standard one). *Disorder*: partly occupied sites are taken; elsewhere such a row is refused with a
reason. *Slabs*: slabs, chains and molecules are taken, and their vector does not depend on the vacuum around them;
elsewhere what is not periodic along all three axes (`pbc`) is refused with a reason."""
SPEEDS = """## Speed and agreement

Structures of at most 50 sites per CPU second on one thread, *beside* the public implementation in the same run;
*equal*: share of structures on which the two agree within 1e-6 x max(1, |x|) in every column
(`benchmarks/results/featurize.md` of the repository, which has the largest differences)."""
FAMILIES_ALONE = Path(__file__).parents[1] / "benchmarks" / "results" / "structures.json"
ACCURACY = """## Accuracy with 100 labels

A forest on the columns of each descriptor alone: its mean absolute error over that of the same forest on Magpie, mean
over four draws of the labels, tested on unseen formulas (`benchmarks/results/structures.md`). Below 1 is better than
Magpie."""
FEW = 100
TITLES = {
    "force-fields": "Energies, forces and stresses of crystals: `matscout relax --with NAME`.",
    "representations": "Turn a material into a vector: `matscout embed --with NAME`.",
    "models": "Predict: `matscout evaluate --model NAME`, `matscout.fit(..., model=NAME)`.",
    "protocols": "Divide rows into training and test: `matscout evaluate --protocol NAME`.",
    "encoders": "Networks from a batch of materials to vectors: `encoders.composition.name=NAME`.",
    "inference": "The forward pass of an encoder on NumPy arrays, by the name of that encoder: vectors need no torch.",
    "views": "What of a batch the encoders are shown: `view.name=NAME`.",
    "objectives": "What the encoders learn: `objective.name=NAME`.",
    "corpora": "What they learn it from: `data.name=NAME`.",
    "stages": "Stages of a funnel (`matscout screen`).",
    "figures": "Kinds of figures of papers: `figure: NAME` in a plan of `matscout reproduce`.",
    "generators": "What makes candidates, or finds them.",
    "crystal-generators": "What draws crystals: `matscout generate WISH --with NAME`.",
    "learners": "What learns from numbers inside a model: `trees=...`, members of `auto`.",
    "likeness-learners": "What learns from known and unlabelled rows: `--model known-likeness:learner=NAME`.",
    "evidence": "What is said of ranked candidates besides their predictions.",
    "strategies": "How the next rows to measure are chosen: `matscout campaign --strategies NAME,NAME`.",
    "steps": "Kinds of steps of a workflow: `NAME: {KIND: settings}`.",
}


TABLES = (
    "`elements=NAME` pools one vector for each element: of learned vectors the mean and the standard deviation, of "
    "properties also minimum, maximum, range, mean deviation and mode. A table is an entry of "
    "`represent/elements.toml`. Those of force fields are means over crystals and know the elements only."
)

EXIT_CODES = (
    "Exit code 0: done; 1: the input cannot be used; 2: wrong usage; 3: a part was done (`predict` with rows that "
    "cannot be used); 4: a fault of matscout (`matscout --debug COMMAND ...` shows where); 130: interrupted.\n\n"
    "`--json` writes one document to standard output, whatever happens: `schema`, `matscout` (version), `command`, "
    "`exit_code`, `error` (`kind`, `message`; or null), `partly` (what was left undone), `remarks`, `results` (`lines` "
    "and `tables` as they are shown, and data such as `predictions` or `scores`)."
)


def command_line_page() -> str:
    """The help of every command, as the terminal shows it."""
    commands = typer.main.get_command(app)
    assert isinstance(commands, click.Group) or hasattr(commands, "commands")
    parts = [NOTE, "# Command line", EXIT_CODES]
    for name, command in commands.commands.items():
        for words in [[name, below] for below in getattr(command, "commands", {})] or [[name]]:
            parts += [f"## matscout {' '.join(words)}", f"```text\n{help_of(*words)}\n```"]
    return "\n\n".join(parts) + "\n"


def help_of(*command: str) -> str:
    """What ``matscout COMMAND --help`` prints, 100 columns wide."""
    environment = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb"}
    result = CliRunner().invoke(app, [*command, "--help"], env=environment, prog_name="matscout")
    return "\n".join(line.rstrip() for line in result.output.strip("\n").splitlines())


def plug_in_page() -> str:
    """Every plug-in with its catalogue line."""
    parts = [NOTE, "# Plug-ins", "A plug-in is a file; the first line of its docstring is its entry here."]
    for family in FAMILIES:
        rows = [f"| `{plug_in.name}` | {plug_in.summary} |" for plug_in in plug_ins(family)]
        parts += [f"## {family.capitalize()}", TITLES[family], "\n".join(["| name | what it is |", "|---|---|", *rows])]
        parts += [f"### Tables of elements\n\n{TABLES}", element_tables()] if family == "representations" else []
    return "\n\n".join(parts) + "\n"


def element_tables() -> str:
    """What ``elements=NAME`` can be asked for."""
    lines = [
        _row(
            f"`{source.address}`",
            source.summary,
            str(source.components),
            str(source.elements),
            f"[{source.doi}](https://doi.org/{source.doi})" if source.doi else "",
            source.licence,
        )
        for source in element_sources().values()
    ]
    heads = _row("address", "what it is", "components", "elements", "source", "licence")
    return "\n".join([heads, _row("---", "---", "--:", "--:", "---", "---"), *lines])


def gallery_page() -> str:
    """Every representation of structures: what it sees, its size, what it does not depend on, speed and agreement."""
    told = json.loads(FEATURIZE.read_text(encoding="utf-8"))["entries"]
    measured = {entry["name"]: entry for entry in told}
    shown = [plug_in for plug_in in plug_ins("representations") if _describes_structures(plug_in.name)]
    seen = [_seen_row(plug_in.name, plug_in.summary, measured) for plug_in in shown]
    speeds = [_speed_row(entry) for entry in told]
    parts = [
        "---\nhide: [toc]\n---",
        NOTE,
        GALLERY,
        "\n".join(
            [
                "| name | what it sees | columns | any cell | disorder | slabs | source |",
                "|---|---|--:|---|---|---|---|",
                *seen,
            ]
        ),
        SPEEDS,
        "\n".join(
            ["| name | per second | beside | per second | ratio | equal |", "|---|--:|---|--:|--:|--:|", *speeds]
        ),
        ACCURACY,
        accuracy_table(),
    ]
    return "\n\n".join(parts) + "\n"


def accuracy_table() -> str:
    """The error of each descriptor alone over that of Magpie, a column for each property, lowest mean first."""
    tasks = json.loads(FAMILIES_ALONE.read_text(encoding="utf-8"))["parts"]["families"]["tasks"]
    tasks = [task for task in tasks if task["size"] == FEW]
    ratios = {
        name: [fmean(task["errors"][name]) / fmean(task["errors"]["magpie"]) for task in tasks]
        for name in tasks[0]["errors"]
        if name != "magpie"
    }
    lines = [
        _row(name if " " in name else f"`{name}`", *(f"{ratio:.2f}" for ratio in (geometric_mean(found), *found)))
        for name, found in sorted(ratios.items(), key=lambda item: geometric_mean(item[1]))
    ]
    names = ("name", "geometric mean", *(task["property"].replace("-", " ") for task in tasks))
    return "\n".join([_row(*names), _row("---", *["--:"] * (len(tasks) + 1)), *lines])


def _describes_structures(name: str) -> bool:
    return issubclass(load_class("representations", name), StructureRepresentation)


def _seen_row(name: str, summary: str, measured: dict[str, dict[str, Any]]) -> str:
    made = load_class("representations", name)
    doi = _first_doi(f"{made.__doc__} {sys.modules[made.__module__].__doc__}")
    return _row(
        f"`{name}`",
        summary,
        str(measured[name]["dim"]) if name in measured else "",
        "yes" if made.intensive else "no",
        "yes" if made.takes_disorder else "no",
        "yes" if made.takes_slabs else "no",
        f"[{doi}](https://doi.org/{doi})" if doi else "",
    )


def _speed_row(entry: dict[str, Any]) -> str:
    ours, theirs = entry["per_second"], entry["rival_per_second"]
    beside = ["", "", "", ""]
    if entry["rival"]:
        beside = [entry["rival"], f"{theirs:,.1f}", f"{ours / theirs:,.0f}", f"{entry['equal']:.0%}"]
    return _row(f"`{entry['name']}`", f"{ours:,.0f}", *beside)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _first_doi(text: str) -> str:
    """The first DOI in a text, "" if there is none; a bracket that was opened before it does not belong to it."""
    found = re.search(r"10\.\d{4,}/[^\s,;]+", text)
    doi = found.group().rstrip(".:") if found else ""
    return doi[:-1] if doi.count(")") > doi.count("(") else doi


def pages() -> dict[Path, str]:
    """Path -> text of every generated page."""
    return {
        REFERENCE / "command-line.md": command_line_page(),
        REFERENCE / "plug-ins.md": plug_in_page(),
        REFERENCE / "structure-descriptors.md": gallery_page(),
        REFERENCE / "reading.md": f"{NOTE}\n\n{reading_page.page()}",
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path)
