"""What finished jobs found, a line of JSON for each, in a file that is committed: a run goes on on any machine."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from filelock import FileLock
from jobs import Job, run

from matscout.code_digest import digest_of_code
from matscout.data.files import write_text_whole

CODE = tuple(f"matscout.{room}" for room in ("data", "crystal", "simulate", "represent", "predict"))
"""Rooms whose code decides what a model says."""


class Measured(Job):
    """A job whose result is numbers; its name says what they are of."""

    decided_by: ClassVar[tuple[str, ...]] = CODE
    """Rooms and modules whose code decides what is found."""

    @classmethod
    def code(cls) -> str:
        """Digest of the code that decides what is found now."""
        return digest_of_code(*cls.decided_by)[:16]

    @abstractmethod
    def measure(self, folder: Path) -> dict[str, Any]:
        """What is found, as JSON values; ``folder`` is for what is made once for many."""

    def make(self, folder: Path) -> dict[str, Any]:
        """What is found, and which code found it."""
        return {**self.measure(folder), "code": self.code()}


OneMeasured = TypeVar("OneMeasured", bound=Measured)


class Ledger(Generic[OneMeasured]):
    """Results by the names of their jobs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found = self._stored()

    def __contains__(self, job: OneMeasured) -> bool:
        return job.name in self._found

    def __getitem__(self, job: OneMeasured) -> dict[str, Any]:
        return self._found[job.name]

    def make(self, jobs: Sequence[OneMeasured], folder: Path, processes: int, *, again: bool = False) -> list[str]:
        """Make what is missing (``again``: or was made by other code), and keep each as soon as it is there.

        With 0 processes nothing is made. Returns those that failed, with the reason.
        """
        missing = [job for job in jobs if job not in self or (again and self[job]["code"] != job.code())]
        print(f"{len(jobs)} cells, {len(missing)} missing", flush=True)
        return run(missing, folder, processes, done=self._keep) if processes else []

    def codes(self, jobs: Sequence[OneMeasured]) -> dict[str, int]:
        """Digest of the code -> how many of these results it has made."""
        found: dict[str, int] = {}
        for job in jobs:
            if job in self:
                found[self[job]["code"]] = found.get(self[job]["code"], 0) + 1
        return found

    def _stored(self) -> dict[str, dict[str, Any]]:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.is_file() else []
        return {one["name"]: one for one in map(json.loads, lines)}

    def _keep(self, job: Job, told: dict[str, Any]) -> None:
        """Add it to what is stored now, which another run may have added to."""
        kept = {"name": job.name, **_rounded(told)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.path}.lock"):
            self._found |= self._stored() | {job.name: json.loads(_line(kept))}
            lines = [_line(one) for one in self._found.values()]
            write_text_whole(self.path, "\n".join(lines) + "\n")


def _rounded(value: Any) -> Any:
    """The same with numbers of six digits: more are not measured, and the file is kept in the repository."""
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _line(one: dict[str, Any]) -> str:
    return json.dumps(one, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
