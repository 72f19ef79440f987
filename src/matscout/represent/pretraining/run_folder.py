"""The folder of one run: what was asked for, on which data, how it went, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from matscout.data.files import write_text_whole
from matscout.errors import InputError, UsageError
from matscout.represent.pretraining.configuration import Experiment


@dataclass(frozen=True)
class RunFolder:
    """Names of the files in the folder of a run."""

    path: Path

    @property
    def configuration(self) -> Path:
        """The whole experiment, as YAML."""
        return self.path / "config.yaml"

    @property
    def record(self) -> Path:
        """Data digest, versions, seed, whether the run is finished and why it ended."""
        return self.path / "run.json"

    @property
    def metrics(self) -> Path:
        """One line for each epoch."""
        return self.path / "metrics.csv"

    @property
    def checkpoint(self) -> Path:
        """Everything that is needed to go on after the last whole epoch."""
        return self.path / "checkpoints" / "last.ckpt"

    @property
    def best_weights(self) -> Path:
        """Weights of the epoch with the lowest validation loss."""
        return self.path / "checkpoints" / "best.safetensors"

    @property
    def artefact(self) -> Path:
        """The result: what :func:`matscout.represent.artefact.load_pretrained` reads."""
        return self.path / "artefact"

    @property
    def mlflow_store(self) -> Path:
        """Local store of MLflow, if it was asked for."""
        return self.path / "mlflow.db"

    def read_record(self) -> dict[str, Any]:
        """What ``run.json`` says; empty if the run has not begun.

        Raises
        ------
        InputError
            If the file is damaged.
        """
        if not self.record.is_file():
            return {}
        try:
            return dict(json.loads(self.record.read_text(encoding="utf-8")))
        except ValueError as error:
            raise InputError(f"{self.record} is damaged ({error}); name a new folder for the run") from error

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end."""
        return self.read_record().get("state") == "finished"

    def begin(self, experiment: Experiment, data_digest: str) -> bool:
        """Write down what is about to run, or check that it is what ran here before; True if that is finished.

        Raises
        ------
        UsageError
            If the folder holds a run of another experiment or on other data.
        """
        before = self.read_record()
        if before:
            self._require_same(experiment, data_digest, before)
        else:
            write_text_whole(self.configuration, experiment.text)
            self.write(experiment, data_digest, "running")
        return self.finished

    def write(self, experiment: Experiment, data_digest: str, state: str, **more: Any) -> None:
        """Write ``run.json``."""
        record = {
            "state": state,
            "seed": experiment.seed,
            "data_digest": data_digest,
            "versions": versions(),
            **more,
        }
        write_text_whole(self.record, json.dumps(record, indent=1, ensure_ascii=False) + "\n")

    def _require_same(self, experiment: Experiment, data_digest: str, before: Mapping[str, Any]) -> None:
        stored = _flat(yaml.safe_load(self.configuration.read_text(encoding="utf-8")))
        settings = _flat(yaml.safe_load(experiment.text))
        changed = [key for key in (*settings, *stored) if settings.get(key) != stored.get(key)]
        if changed:
            key = changed[0]
            raise UsageError(
                f"{self.path} contains a run with {key}={stored.get(key)}, not {settings.get(key)}: repeat its "
                "command to resume it, or name another folder"
            )
        if before["data_digest"] != data_digest:
            raise UsageError(
                f"{self.path} contains a run on other data (digest {before['data_digest'][:12]}..., now "
                f"{data_digest[:12]}...): name another folder"
            )


def versions() -> dict[str, str]:
    """Versions of what decides how a run goes."""
    return {name: version(name) for name in ("matscout", "torch", "lightning", "numpy", "elementembeddings")}


def _flat(tree: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict):
        return {prefix: tree}
    return {
        key: value
        for name, branch in tree.items()
        for key, value in _flat(branch, f"{prefix}.{name}" if prefix else str(name)).items()
    }
