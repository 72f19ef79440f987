"""From finished cells to figures about donors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from donor_tasks import CONTEST
from results import tasks
from tasks import Benchmark

from matscout import registry
from matscout.evaluation.cells import ModelSettings
from matscout.evaluation.evaluating import pretraining_overlap

DONOR = "composition-donor-strict"


def require_donor() -> Path:
    """Folder of the donor's weights; without them every model would be measured without a donor."""
    representation = registry.load_class("representations", DONOR)
    if not representation.at_hand():
        raise SystemExit(
            f"{DONOR} cannot be used: expected torch (pip install 'matscout[torch]') and its weights in "
            f"{representation().folder}; train them with matscout pretrain composition_donor"
        )
    return Path(representation().folder)


def models_part(benchmarks: Sequence[Benchmark], folder: Path) -> dict[str, Any]:
    """The tasks whose cells are all there, with and without the donor."""
    found = tasks(benchmarks, CONTEST, folder)
    by_name = {benchmark.name: benchmark for benchmark in benchmarks}
    for entry in found["tasks"]:
        entry["seen"] = _seen(by_name[entry["name"]])
    few = [benchmark.protocol.settings for benchmark in benchmarks if benchmark.kind == "few"]
    return found | {
        "donor": _described(require_donor()),
        "few_labels": few[0].partition(" ")[2] if few else "",
        "wanted": [{"name": benchmark.name, "kind": benchmark.kind} for benchmark in benchmarks],
    }


def _seen(benchmark: Benchmark) -> int:
    """Rows whose formula the donor was trained on: none, if it is as strict as it says."""
    dataset = benchmark.load()
    overlap = pretraining_overlap(dataset, dataset.target().name, [ModelSettings(CONTEST.model)])
    return overlap[DONOR].rows


def donor_weights() -> str:
    """SHA-256 of the donor's weights."""
    return hashlib.sha256((require_donor() / "weights.safetensors").read_bytes()).hexdigest()


def _described(folder: Path) -> dict[str, Any]:
    facts = json.loads((folder / "spec.json").read_text(encoding="utf-8"))["facts"]
    return {
        "name": DONOR,
        "weights": donor_weights(),
        "data": facts["data"][0],
        "data_digest": facts["data_digest"],
        "epochs": facts["epochs"],
    }
