"""Figures as SVG that lies inside the page and takes its colours from the page's style sheet."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable

from markupsafe import Markup, escape
from matplotlib import rc_context
from matplotlib.figure import Figure

from matscout.evaluation.plots import Palette

THEMED = Palette(ink="#010203", paper="#040506", accent="#070809", second="#0a0b0c", muted="#0d0e0f", third="#101112")
"""Colours that stand for a role until :func:`draw` replaces them by variables of the style sheet."""

_ROLES = {getattr(THEMED, role): f"var(--{role})" for role in ("ink", "paper", "accent", "second", "third", "muted")}
_UNUSED = re.compile(
    r'^.*?(?=<svg)|<metadata>.*?</metadata>|<style.*?</style>|\sxmlns(?::xlink)?="[^"]*"|(?<=\s)xlink:(?=href)'
    r"|font-family:[^;\"]*;?\s*|(?<=\n)\s+",
    re.DOTALL,
)
_IDENTIFIERS = re.compile(r'(\sid="|href="#|url\(#)')
_TAG = re.compile(r"<[^<>]*>")
_LONG_NUMBER = re.compile(r"(?<!\d)(\d+\.\d{2})\d+")


def draw(plot: Callable[[Palette], Figure], name: str, title: str, description: str) -> Markup:
    """A matplotlib figure as an inline ``<svg>`` that scales and changes colours with the page.

    Parameters
    ----------
    plot
        Palette -> figure.
    name
        Unique on the page; the prefix of every identifier inside.
    title, description
        What a screen reader says.
    """
    target = io.StringIO()
    with (
        rc_context(
            # Column names are shown as they are: a "$" in one of them starts no formula.
            {"svg.fonttype": "none", "svg.hashsalt": "matscout", "text.parse_math": False}
        ),
        warnings.catch_warnings(),
    ):
        # The browser's fonts show what matplotlib's own, used only to measure the text, lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        plot(THEMED).savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    text = _TAG.sub(lambda tag: _LONG_NUMBER.sub(r"\1", tag.group()), _UNUSED.sub("", target.getvalue()))
    text = _IDENTIFIERS.sub(rf"\g<1>{name}-", text)
    for colour, variable in _ROLES.items():
        text = text.replace(colour, variable)
    return Markup(_describe(text, name, title, description))


def _describe(text: str, name: str, title: str, description: str) -> str:
    """Give the root element a role and words, and let the page decide how large it is."""
    root, rest = text.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', root)
    words = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
    return (
        f'<svg {box.group(0) if box else ""} role="img" aria-labelledby="{name}-title {name}-desc" '
        f'class="figure">{words}{rest.strip()}'
    )
