"""A language model from a folder or a hub: one vector for each text, however long."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils import logging

from matscout.errors import UsageError

Floats = NDArray[np.float64]

TOKENS_AT_ONCE = 8_192
"""In a batch, padding included."""

LONGEST = 512
"""Tokens, where neither the model nor its tokenizer says how many it takes."""


class LanguageModel:
    """The mean of the last layer over all tokens of a text.

    A text that is longer than the model takes is cut into pieces, and the mean is over the tokens of all of them.

    Parameters
    ----------
    where
        Folder with a model as transformers stores it, or a name on the Hugging Face hub (``"m3rg-iitd/matscibert"``),
        which is fetched once.

    Raises
    ------
    UsageError
        If there is no such folder, and the hub does not know the name or cannot be reached.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._config = self._load(AutoConfig)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._config.hidden_size)

    @property
    def version(self) -> str:
        """Digest of the weights of a folder; the name of a model on the hub."""
        if not Path(self.where).is_dir():
            return self.where
        digest = hashlib.sha256()
        for path in sorted(Path(self.where).iterdir()):
            if path.suffix in (".json", ".safetensors", ".bin", ".txt"):
                digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Of n texts, float64 [n, dim]."""
        pieces = self._tokenizer(list(texts), truncation=True, max_length=self._longest, return_overflowing_tokens=True)
        tokens, owners = pieces["input_ids"], np.array(pieces["overflow_to_sample_mapping"], dtype=np.int64)
        lengths = np.array([len(piece) for piece in tokens], dtype=np.int64)
        sums = np.zeros((len(tokens), self.dim))
        for batch in batches(lengths, TOKENS_AT_ONCE):
            sums[batch] = self._sums([tokens[place] for place in batch])
        totals = np.zeros((len(texts), self.dim))
        np.add.at(totals, owners, sums)
        return np.asarray(totals / np.bincount(owners, lengths, len(texts))[:, None])

    def _sums(self, tokens: Sequence[Sequence[int]]) -> Floats:
        """Sum of the last layer over the tokens of each piece."""
        width = max(map(len, tokens))
        padding = self._tokenizer.pad_token_id or 0
        padded = torch.tensor([[*piece, *[padding] * (width - len(piece))] for piece in tokens])
        mask = torch.tensor([[1] * len(piece) + [0] * (width - len(piece)) for piece in tokens])
        with torch.inference_mode():
            hidden = self._model(input_ids=padded, attention_mask=mask).last_hidden_state
        return np.asarray((hidden * mask[:, :, None]).sum(dim=1).double().numpy())

    @cached_property
    def _model(self) -> Any:
        return self._load(AutoModel).eval()

    @cached_property
    def _tokenizer(self) -> Any:
        return self._load(AutoTokenizer)

    @property
    def _longest(self) -> int:
        """Tokens that the model takes, those at both ends included."""
        settings = Path(self.where) / "sentence_bert_config.json"
        if settings.is_file():
            return int(json.loads(settings.read_text(encoding="utf-8"))["max_seq_length"])
        known = [getattr(self._config, "max_position_embeddings", LONGEST), self._tokenizer.model_max_length]
        return int(min(known))

    def _load(self, kind: Any) -> Any:
        # Its bars and warnings are about what is as it should be: parts of a model that a mean needs not.
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            return kind.from_pretrained(self.where)
        except (OSError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", self.where):
                raise UsageError(f"there is no language model in {self.where!r} ({reason}): name its folder") from error
            raise UsageError(
                f"there is no language model {self.where!r} on this machine, and it cannot be downloaded ({reason}); "
                f"on a machine with network access, run hf download {self.where} --local-dir FOLDER, then name FOLDER"
            ) from error


def batches(lengths: NDArray[np.int64], most: int) -> list[NDArray[np.int64]]:
    """Positions of pieces of about equal length, so many that they make at most ``most`` tokens with padding."""
    order = np.argsort(-lengths, kind="stable")
    parts, start = [], 0
    while start < len(order):
        count = max(1, most // int(lengths[order[start]]))
        parts.append(order[start : start + count])
        start += count
    return parts
