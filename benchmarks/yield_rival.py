"""chemprop 2 beside us: one message-passing network for each molecule of a reaction, as its command line sets them.

Depth 3, width 300, mean and head of its defaults, 50 epochs; a tenth of the training rows chooses the epoch.
Conditions are its extra descriptors. It is no dependency: ``pip install chemprop==2.2.4``.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from lightning import pytorch as lightning
from lightning.pytorch.callbacks import ModelCheckpoint
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.data.reactions.column_store import SIDES

Floats = NDArray[np.float64]

NAME = "chemprop"
EPOCHS = 50
NOTHING = "[He]"
"""Stands where a reaction lacks a component."""
VALIDATION = 0.1


def is_installed() -> bool:
    """Whether it can be run beside us."""
    return find_spec(NAME) is not None


def molecules_of(materials: Materials) -> list[list[str]]:
    """SMILES of each component, or of each side where a reaction is written as one text."""
    reactions = materials.reactions
    assert reactions is not None
    columns: Sequence[NDArray[np.str_]] = list(reactions.cells().values())
    if not columns:
        columns = [reactions.written(reactions.on(side)) for side in SIDES]
    return [[text or NOTHING for text in column.tolist()] for column in columns if any(column)]


def conditions_of(materials: Materials) -> Floats | None:
    """Conditions in words, one column for each word; numbers as they are."""
    if not materials.context:
        return None
    parts = []
    for column in materials.context.values():
        words = column.dtype.kind == "U"
        parts.append(np.stack([column == word for word in np.unique(column)], axis=1) if words else column[:, None])
    return np.concatenate(parts, axis=1).astype(np.float64)


class Chemprop:
    """One network."""

    def __init__(self, dataset: Dataset, *, seed: int = 0, epochs: int = EPOCHS) -> None:
        self.whole, self.seed, self.epochs = dataset, seed, epochs
        self._columns, self._conditions = molecules_of(dataset.materials), conditions_of(dataset.materials)
        self._chemprop: Any = import_module(NAME)
        self._data: Any = self._chemprop.data

    def rows(self, rows: NDArray[np.int64]) -> Any:
        """These reactions, featurised when first seen and kept."""
        values = self.whole.target().values
        parts = []
        for place, column in enumerate(self._columns):
            first = place == 0 and self._conditions is not None
            points = [
                self._data.MoleculeDatapoint.from_smi(
                    column[row], values[[row]], x_d=self._conditions[row] if first else None
                )
                for row in rows
            ]
            part = self._data.MoleculeDataset(points)
            part.cache = True
            parts.append(part)
        return self._data.MulticomponentDataset(parts)

    def network(self, scaler: Any) -> Any:
        """Untrained."""
        models, nn = self._chemprop.models, self._chemprop.nn
        blocks = [nn.BondMessagePassing() for _ in self._columns]
        inputs = sum(block.output_dim for block in blocks)
        inputs += 0 if self._conditions is None else self._conditions.shape[1]
        head = nn.RegressionFFN(input_dim=inputs, output_transform=nn.UnscaleTransform.from_standard_scaler(scaler))
        return models.MulticomponentMPNN(
            nn.MulticomponentMessagePassing(blocks, len(blocks)), nn.NormAggregation(), head
        )

    def trainer(self, folder: str | None = None) -> Any:
        """On the processor, silent; keeps the best epoch if there is a folder."""
        logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
        warnings.filterwarnings("ignore", module="lightning")
        return lightning.Trainer(
            max_epochs=self.epochs,
            accelerator="cpu",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            enable_checkpointing=folder is not None,
            callbacks=None if folder is None else [ModelCheckpoint(folder, "best", "val_loss")],
        )

    def fit(self, train: NDArray[np.int64]) -> Any:
        """The network of the best epoch."""
        torch.manual_seed(self.seed)
        order = np.random.default_rng(self.seed).permutation(train)
        n = round(VALIDATION * len(order))
        learned, judged = self.rows(order[n:]), self.rows(order[:n])
        scaler = learned.normalize_targets()
        judged.normalize_targets(scaler)
        with tempfile.TemporaryDirectory() as folder:
            loaders = [
                self._data.build_dataloader(learned, seed=self.seed),
                self._data.build_dataloader(judged, shuffle=False),
            ]
            self.trainer(folder).fit(self.network(scaler), *loaders)
            return self._chemprop.models.MulticomponentMPNN.load_from_checkpoint(f"{folder}/best.ckpt")

    def predict(self, network: Any, rows: NDArray[np.int64]) -> Floats:
        """Yields, in the unit of the labels."""
        loader = self._data.build_dataloader(self.rows(rows), shuffle=False)
        found = self.trainer().predict(network, loader)
        return np.concatenate([part.numpy() for part in found])[:, 0].astype(np.float64)
