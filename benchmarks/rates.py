"""Rates on one thread: training beside CrabNet's network on the same rows, and embedding from strings.

CrabNet is the 1.0.1 of PyPI (``pip install --no-deps crabnet==1.0.1``; its named dependencies do not exist). Of that
wheel only the network can be used: its training module imports a package ``CrabNet`` that is called ``crabnet``, and
the table of element vectors is missing, in whose place Mat2Vec's vectors of ElementEmbeddings stand (as many columns).
So both networks are trained by the same few lines here, on the same batches, with the same optimiser, in single
precision. Ours is measured once more by ``pretrain`` as it is used, everything included.
"""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas
import polars
import torch
from composition_speed import as_materials, measure
from jobs import Job
from torch import nn

from matscout.crystal.tables import elementembeddings_table
from matscout.data.files import write_text_whole
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.evaluation.code import code_digest
from matscout.represent.composition_batches import CompositionBatch, CompositionStore
from matscout.represent.pretrained.composition_donor_strict import CompositionDonorStrict
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.training import pretrain

TARGET = "PBE formation energy (eV/atom)"
N_ROWS, N_TRAINED, BATCH = 20_480, 2048, 512
N_EMBEDDED = 50_000
CRABNET = "1.0.1"


@dataclass(frozen=True)
class RatesJob(Job):
    """All rates, one after the other in one process."""

    labels: Path

    @property
    def name(self) -> str:
        return "rates"

    def path(self, folder: Path) -> Path:
        """Where they are stored: other code, another torch, or CrabNet come or gone makes another file."""
        return folder / f"rates-{code_digest()[:16]}-{torch.__version__}{'-crabnet' if _has_crabnet() else ''}.json"

    def make(self, folder: Path) -> None:
        torch.set_num_threads(1)
        rows = _rows(self.labels)
        facts = {
            "crabnet": CRABNET if _has_crabnet() else None,
            "rows": N_ROWS,
            "batch": BATCH,
            "labels": self.labels.name,
            "training": [asdict(speed) for speed in _training_speeds(rows)],
            "embedding": [asdict(speed) for speed in _embedding_speeds(self.labels)],
        }
        write_text_whole(self.path(folder), json.dumps(facts, indent=1) + "\n")


def _has_crabnet() -> bool:
    return find_spec("crabnet") is not None


def _rows(labels: Path) -> polars.DataFrame:
    """Formulas with a formation energy, drawn at random."""
    table = polars.read_parquet(labels, columns=["formula", TARGET]).drop_nulls()
    return table.sample(N_ROWS, seed=0, shuffle=True)


@dataclass(frozen=True)
class Rate:
    """Formulas per CPU second; ``parameters`` of the network."""

    what: str
    parameters: int
    n: int
    per_second: float


def _training_speeds(table: polars.DataFrame) -> Iterator[Rate]:
    """Ours and CrabNet's networks in the same loop, and ours as it is used."""
    compositions = parse_formulas(table["formula"].to_list()).compositions
    values = table[TARGET].to_numpy().astype(np.float32)[:, None]
    store = CompositionStore(compositions, (values - values.mean()) / values.std())
    batches = [store.batch(rows) for rows in np.arange(N_TRAINED).reshape(-1, BATCH)]
    encoder = read_experiment("composition_donor", ["data.labels=none"]).encoders["composition"].build()
    head = nn.Linear(encoder.width, 1)
    parameters = [*encoder.parameters(), *head.parameters()]
    yield _trained("matscout's set transformer", parameters, lambda batch: head(encoder(batch).crystal), batches)
    yield _as_used(table, sum(one.numel() for one in parameters))
    if _has_crabnet():
        for what, width in (("CrabNet, as published", 512), ("CrabNet, as narrow as ours", encoder.width)):
            network = _crabnet(width)
            yield _trained(
                what, [*network.parameters()], lambda batch, net=network: net(*_padded(batch))[:, :1], batches
            )


def _trained(
    what: str,
    parameters: Sequence[nn.Parameter],
    predict: Callable[[CompositionBatch], torch.Tensor],
    batches: Sequence[CompositionBatch],
) -> Rate:
    """Forward, absolute error, backward, AdamW; one round to warm up."""
    optimiser = torch.optim.AdamW(parameters, lr=1e-4)

    def learn() -> None:
        for batch in batches:
            optimiser.zero_grad()
            nn.functional.l1_loss(predict(batch), batch.labels).backward()
            optimiser.step()

    learn()
    speed = measure(what, N_TRAINED, learn)
    return Rate(what, sum(one.numel() for one in parameters), N_TRAINED, speed.per_second)


def _as_used(table: polars.DataFrame, parameters: int) -> Rate:
    """By ``pretrain``: reading, validation, checkpoints and all, for one epoch; once, as it takes longer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.parquet"
        table.write_parquet(path)
        start = time.process_time()
        pretrain(
            read_experiment("composition_donor", [f"data.labels={path}", "trainer.epochs=1"]), Path(folder) / "run"
        )
        seconds = time.process_time() - start
    return Rate("matscout pretrain, one epoch, everything included", parameters, len(table), len(table) / seconds)


def _crabnet(width: int) -> nn.Module:
    """CrabNet's network with Mat2Vec's vectors for its elements."""
    from crabnet import kingcrab  # noqa: PLC0415 - only where it is installed

    table = pandas.DataFrame(np.nan_to_num(elementembeddings_table("mat2vec.csv").values))
    with patch.object(kingcrab.pd, "read_csv", lambda *_, **__: table), warnings.catch_warnings():
        # Torch tells how its own layer could be faster; it is measured as it was published.
        warnings.filterwarnings("ignore", message="enable_nested_tensor")
        return kingcrab.CrabNet(d_model=width, compute_device=torch.device("cpu"))


def _padded(batch: CompositionBatch) -> tuple[torch.Tensor, torch.Tensor]:
    """Atomic numbers and fractions [n, most elements], zero where there are fewer: CrabNet's input."""
    most = max(length for _, length in batch.blocks)
    return tuple(
        torch.cat([nn.functional.pad(part, (0, most - part.shape[1])) for part in batch.rectangles(tokens)])
        for tokens in (batch.elements + 1, batch.fractions)
    )


def _embedding_speeds(labels: Path) -> Iterator[Rate]:
    """From strings to vectors and predicted properties."""
    formulas = polars.read_parquet(labels, columns=["formula"])["formula"].sample(N_EMBEDDED, seed=0).to_list()
    donor = CompositionDonorStrict()
    parameters = sum(one.numel() for one in donor.encoder.parameters())
    donor.represent(Materials.from_formulas(formulas[:100]))
    parsed = as_materials(parse_formulas(formulas).compositions, formulas)
    works: tuple[tuple[str, Callable[[], object]], ...] = (
        ("from strings", lambda: donor.represent(as_materials(parse_formulas(formulas).compositions, formulas))),
        ("from parsed input", lambda: donor.represent(parsed)),
    )
    for what, work in works:
        speed = measure(f"composition-donor-strict, {what}", N_EMBEDDED, work)
        yield Rate(speed.what, parameters, speed.n, speed.per_second)


def rates_part(labels: Path, folder: Path) -> dict[str, Any]:
    """The rates, if they were measured."""
    path = RatesJob(labels).path(folder)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
