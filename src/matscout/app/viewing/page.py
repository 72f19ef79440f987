"""The page of one structure: its picture to turn, what is known of it, and the labelled materials nearest to it."""

from __future__ import annotations

from matscout.app.rendering import render_template
from matscout.app.viewing.atoms import MOST_SITES, ShownAtoms
from matscout.app.viewing.facts import Facts
from matscout.app.viewing.nearest import NearLabels
from matscout.app.viewing.palette import VACANT, colours
from matscout.app.viewing.picture import inline_png
from matscout.app.viewing.scene import interactive


def render_view(name: str, facts: Facts, atoms: ShownAtoms, picture: bytes, nearest: NearLabels | None) -> str:
    """The page as HTML, one file that loads nothing.

    Parameters
    ----------
    name
        What the structure is called.
    facts
        For the table.
    atoms
        For the picture that can be turned.
    picture
        A PNG, for print and for browsers that run no scripts.
    nearest
        None if there are no labels.
    """
    return render_template(
        "structure.html.jinja",
        {
            "name": name,
            "facts": facts,
            "scene": interactive(atoms, name),
            "still": inline_png(picture),
            "key": colours(atoms.kinds),
            "disordered": any(len(content) > 1 for content in atoms.contents),
            "vacant": VACANT in atoms.kinds,
            "without_bonds": MOST_SITES if atoms.bonds is None else None,
            "nearest": nearest,
        },
    )
