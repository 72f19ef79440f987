"""The card of pretrained encoders: what they learnt from, how well, and what to mind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any


def write_card(plug_ins: Mapping[str, Any], facts: Mapping[str, Any], origin: str = "") -> str:
    """Markdown for ``card.md``.

    Parameters
    ----------
    plug_ins
        From :func:`matscout.represent.artefact.described`.
    facts
        What ``spec.json`` says of the training.
    origin
        Markdown on where the data come from; its headings become lower ones.
    """
    encoders = ", ".join(f"{entry['name']} ({name})" for name, entry in plug_ins["encoders"].items())
    sections = [
        f"# {encoders}, trained with {plug_ins['objective']['name']}",
        *_section("Learnt from", [*facts["data"], f"SHA-256 of the data: {facts['data_digest']}"]),
        *_section("Training", _training(facts)),
        "## Curves\n\nOn what was held back, epoch after epoch.\n\n" + _curves(facts["curves"]),
        "## Validation\n\nOn materials drawn at random from the same data, so materials of other kinds are predicted "
        "less well.\n\n" + _table(facts["values"]),
        *_section("Mind", ["Materials that were trained on are recognised by atomic fractions (`seen.npy`), to 1e-4."]),
    ]
    if origin:
        sections.append(
            "## Where the data come from\n\n" + re.sub(r"^#+", r"##\g<0>", origin.strip(), flags=re.MULTILINE)
        )
    return "\n\n".join(sections) + "\n"


def _training(facts: Mapping[str, Any]) -> list[str]:
    return [
        f"{facts['epochs']} epochs in {facts['seconds'] / 60:.1f} minutes ({facts['ended']}); the weights are those of "
        f"epoch {facts['best_epoch']}, which had the lowest validation loss",
        f"seed {facts['experiment']['seed']}",
        "versions: " + ", ".join(f"{name} {number}" for name, number in facts["versions"].items()),
    ]


def _curves(curves: Mapping[str, Sequence[float]]) -> str:
    """About ten epochs of every measure."""
    held_back = {name: values for name, values in curves.items() if not name.startswith("training ")}
    count = len(next(iter(held_back.values()), ()))
    epochs = sorted({round(place * (count - 1) / 9) for place in range(10)}) if count else []
    rows = [
        f"| {name.removeprefix('validation ')} | {' | '.join(f'{values[epoch]:.4g}' for epoch in epochs)} |"
        for name, values in held_back.items()
    ]
    head = f"| epoch | {' | '.join(map(str, epochs))} |"
    return "\n".join([head, "|" + "---|" * (len(epochs) + 1), *rows])


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"## {title}\n\n" + "\n".join(f"- {line}" for line in lines)]


def _table(values: Mapping[str, float]) -> str:
    rows = [f"| {name} | {value:.4g} |" for name, value in values.items()]
    return "\n".join(["| what | mean |", "|---|---|", *rows])
