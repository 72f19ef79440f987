"""Write the generated pages of the reference: ``python scripts/make_reference.py`` (a test holds them up to date)."""

from __future__ import annotations

from pathlib import Path

import click
import typer
from typer.testing import CliRunner

from matscout.app.cli import app
from matscout.registry import FAMILIES, plug_ins

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "<!-- written by scripts/make_reference.py; do not edit -->"
TITLES = {
    "representations": "Turn a material into a vector: `matscout embed --with NAME`.",
    "models": "Predict: `matscout evaluate --model NAME`, `matscout.fit(..., model=NAME)`.",
    "protocols": "Divide rows into training and test: `matscout evaluate --protocol NAME`.",
    "encoders": "Networks from a batch of materials to vectors: `encoders.composition.name=NAME`.",
    "views": "What of a batch the encoders are shown: `view.name=NAME`.",
    "objectives": "What the encoders learn: `objective.name=NAME`.",
    "corpora": "What they learn it from: `data.name=NAME`.",
}


def command_line_page() -> str:
    """The help of every command, as the terminal shows it."""
    commands = typer.main.get_command(app)
    assert isinstance(commands, click.Group) or hasattr(commands, "commands")
    parts = [NOTE, "# Command line", "Exit code 0: done; 1: the input cannot be used; 2: wrong usage."]
    for name in commands.commands:
        parts += [f"## matscout {name}", f"```text\n{help_of(name)}\n```"]
    return "\n\n".join(parts) + "\n"


def help_of(command: str) -> str:
    """What ``matscout COMMAND --help`` prints, 100 columns wide."""
    environment = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb"}
    result = CliRunner().invoke(app, [command, "--help"], env=environment, prog_name="matscout")
    return "\n".join(line.rstrip() for line in result.output.strip("\n").splitlines())


def plug_in_page() -> str:
    """Every plug-in with its catalogue line."""
    parts = [NOTE, "# Plug-ins", "A plug-in is a file; the first line of its docstring is its entry here."]
    for family in FAMILIES:
        rows = [f"| `{plug_in.name}` | {plug_in.summary} |" for plug_in in plug_ins(family)]
        parts += [f"## {family.capitalize()}", TITLES[family], "\n".join(["| name | what it is |", "|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def pages() -> dict[Path, str]:
    """Path -> text of every generated page."""
    return {REFERENCE / "command-line.md": command_line_page(), REFERENCE / "plug-ins.md": plug_in_page()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path)
