"""From templates to pages that hold all they show."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from matscout import __version__
from matscout.app.report import wording
from matscout.predict.domain import hundredths

_TEMPLATES = Path(__file__).parent / "templates"


def render_template(name: str, parts: Mapping[str, Any]) -> str:
    """A page as HTML.

    Parameters
    ----------
    name
        File name of the template.
    parts
        What it shows, by the name it has there; ``version``, ``style`` and ``script`` are there besides.
    """
    common = {"version": __version__, "style": _source("style.css"), "script": _source("script.js")}
    text: str = _environment().get_template(name).render({**common, **parts})
    return text


def _source(name: str) -> Markup:
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "formula": wording.formula_markup,
        "number": wording.number,
        "quantity": wording.quantity,
        "percent": wording.percent,
        "numerals": wording.numerals,
        "hundredths": hundredths,
    }
    return environment
