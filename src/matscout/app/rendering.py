"""From templates to pages that hold all they show."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from matscout.app import wording
from matscout.predict.domain import shown_similarity
from matscout.version import __version__

_TEMPLATES = Path(__file__).parent / "report" / "templates"


def render_template(name: str, parts: Mapping[str, Any]) -> str:
    """A page as HTML.

    Parameters
    ----------
    name
        File name of the template.
    parts
        What it shows, by the name it has there; ``version``, ``style`` and ``script`` are there besides.
    """
    script = Markup("<script>{}</script>").format(_source("script.js"))
    common = {"version": __version__, "style": _source("style.css"), "script": script}
    text: str = _environment().get_template(name).render({**common, **parts})
    return text


def _source(name: str) -> Markup:
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))


def hashes_of_scripts(html: str) -> Markup:
    """The scripts within a part of a page as its Content-Security-Policy names them; no others run there."""
    scripts = [part.partition(">")[2].partition("</script>")[0] for part in html.split("<script")[1:]]
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    return Markup(" ".join(f"'sha256-{digest}'" for digest in dict.fromkeys(digests)))


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
        "hashes": hashes_of_scripts,
        "formula": wording.formula_markup,
        "number": wording.number,
        "quantity": wording.quantity,
        "percent": wording.percent,
        "numerals": wording.numerals,
        "shown_similarity": shown_similarity,
    }
    return environment
