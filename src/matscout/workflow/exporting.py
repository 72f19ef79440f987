"""A workflow in other forms: YAML, a script, commands, a picture."""

from __future__ import annotations

import shlex
from html import escape
from pathlib import Path
from typing import Literal

from matscout.errors import UsageError
from matscout.settings.writing import to_plain
from matscout.workflow.graph import VERSION, Workflow
from matscout.workflow.kind import kind_name

Form = Literal["yaml", "script", "commands", "svg"]

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 190, 44, 240, 74, 20
"""Of a box, of the way from one to the next, and of the margin, in pixels."""


def exported(workflow: Workflow, path: Path, form: str) -> str:
    """The workflow in a form.

    Parameters
    ----------
    workflow
        What is written.
    path
        Where it was read from, for commands.
    form
        "yaml", "script", "commands" or "svg".

    Raises
    ------
    UsageError
        If there is no such form.
    """
    match form:
        case "yaml":
            return workflow.text()
        case "script":
            return as_script(workflow)
        case "commands":
            return as_commands(path)
        case "svg":
            return as_svg(workflow)
    raise UsageError(f"there is no form {form!r}; choose yaml, script, commands or svg")


def as_commands(path: Path) -> str:
    """The commands of a shell that make the results, and then look at them."""
    out = path.parent / f"{path.stem}-results"
    return "\n".join(
        [
            shlex.join(["matscout", "workflow", "check", str(path)]),
            shlex.join(["matscout", "run", str(path), "-o", str(out)]),
            "",
        ]
    )


def as_script(workflow: Workflow) -> str:
    """A script in Python that runs the same steps and holds their results."""
    lines = [
        '"""Made by `matscout workflow export --as script`."""',
        "",
        "from pathlib import Path",
        "",
        "from matscout import Workflow, run_workflow",
        "",
        "steps = {",
    ]
    for name, kind in workflow.steps.items():
        lines.append(f"    {name!r}: {{{kind_name(kind)!r}: {to_plain(kind)!r}}},")
    title = f", 'title': {workflow.title!r}" if workflow.title else ""
    lines += [
        "}",
        f"workflow = Workflow.of({{'workflow': {VERSION}, 'steps': steps{title}}}, folder=Path(__file__).parent)",
        "results = run_workflow(workflow)",
        "for name, result in results.items():",
        "    print(name, workflow.steps[name].summary(result))",
    ]
    return "\n".join(lines) + "\n"


def as_svg(workflow: Workflow) -> str:
    """A picture: a box for each step, an arrow for each link, from left to right."""
    places = _places(workflow)
    width = max(x for x, _ in places.values()) + WIDTH + MARGIN
    height = max(y for _, y in places.values()) + HEIGHT + MARGIN
    arrows = [_arrow(places[other], places[name]) for name in workflow.steps for other in workflow.inputs(name)]
    boxes = [_box(name, kind_name(kind), kind.output, *places[name]) for name, kind in workflow.steps.items()]
    title = f"<title>{escape(workflow.title or 'workflow')}</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    marker = (
        '<defs><marker id="end" markerWidth="8" markerHeight="8" refX="7" refY="3" orient="auto">'
        '<path d="M0,0 L7,3 L0,6 z" fill="#555"/></marker></defs>'
    )
    style = 'font-family="sans-serif" font-size="12">'
    return "\n".join([f"{head} {style}", title, marker, *arrows, *boxes, "</svg>", ""])


def _places(workflow: Workflow) -> dict[str, tuple[int, int]]:
    """Left upper corner of each box: columns by the longest way from the beginning, rows in order."""
    column: dict[str, int] = {}
    for name in workflow.steps:
        column[name] = max((column[other] + 1 for other in workflow.inputs(name)), default=0)
    rows: dict[int, int] = {}
    places = {}
    for name, place in column.items():
        row = rows.get(place, 0)
        rows[place] = row + 1
        places[name] = (MARGIN + ACROSS * place, MARGIN + DOWN * row)
    return places


def _box(name: str, kind: str, output: str, x: int, y: int) -> str:
    return (
        f'<g><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#f4f7fb" stroke="#44607a"/>'
        f'<text x="{x + WIDTH // 2}" y="{y + 18}" text-anchor="middle" font-weight="bold">{escape(name)}</text>'
        f'<text x="{x + WIDTH // 2}" y="{y + 35}" text-anchor="middle" fill="#555">{escape(kind)} → {escape(output)}'
        "</text></g>"
    )


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y = start[0] + WIDTH, start[1] + HEIGHT // 2
    to_x, to_y = end[0] - 2, end[1] + HEIGHT // 2
    half, far = (x + to_x) // 2, to_x - x > ACROSS
    # Beneath the boxes between them.
    bend = DOWN if far and y == to_y else 0
    curve = f"C{half},{y + bend} {half},{to_y + bend} {to_x},{to_y}"
    return f'<path d="M{x},{y} {curve}" fill="none" stroke="#999" marker-end="url(#end)"/>'
