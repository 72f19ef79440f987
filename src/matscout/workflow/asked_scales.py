"""The scales that a user asks for: of all targets, or of some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matscout.errors import UsageError

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset


def parse_scales(texts: Sequence[str] | None) -> dict[str, str]:
    """``["linear", "sigma=log"]`` -> ``{"": "linear", "sigma": "log"}``: a column, or "" for all others, and its scale.

    Raises
    ------
    UsageError
        If a scale is none, or one is given twice for the same.
    """
    from matscout.data.scales import check_scale

    scales: dict[str, str] = {}
    for text in texts or ():
        name, equals, scale = (part.strip() for part in text.rpartition("="))
        if equals and not name:
            raise UsageError(f"--scale {text!r} is not of the form COL=auto|linear|log")
        if name in scales:
            raise UsageError(f"--scale is given twice {f'for {name!r}' if name else 'for all columns'}: give it once")
        scales[name] = check_scale(scale)
    return scales


def on_scales(dataset: Dataset, scales: Mapping[str, str]) -> Dataset:
    """The data with each target judged on the scale that was asked for.

    Parameters
    ----------
    dataset
        Rows with targets.
    scales
        As :func:`parse_scales` gives them.

    Raises
    ------
    UsageError
        If a target is named that there is not, or a logarithm is asked for of values that have none.
    """
    from matscout.data.headings import split_heading

    for name in scales:
        if name and not {name, split_heading(name).name} & set(dataset.targets):
            raise UsageError(
                f"--scale names {name!r}, which is not a target; the targets are {', '.join(dataset.targets)}"
            )
    asked = {name and dataset.target(name).name: scale for name, scale in scales.items()}
    for name in dataset.targets:
        dataset = dataset.on_scale(asked.get(name, asked.get("", "auto")), name)
    return dataset
