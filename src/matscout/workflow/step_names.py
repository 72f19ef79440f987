"""What steps are called that do the same for several targets."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial


def names_of(targets: Sequence[str]) -> list[Callable[[str], str]]:
    """Of each target, what turns the name of what is done into that of a step.

    ``"model"`` stays where there is one target, and is ``"model-band-gap"`` where there are several.
    """
    if len(targets) == 1:
        return [str]
    slugs: list[str] = []
    for target in targets:
        slug = "-".join(re.findall(r"[a-z0-9]+", target.lower()))[:20] or "target"
        slugs.append(slug if slug not in slugs else f"{slug}-{len(slugs) + 1}")
    return [partial(_joined, slug) for slug in slugs]


def _joined(slug: str, what: str) -> str:
    return f"{what}-{slug}"
