"""Runs of molecular dynamics on the disk, so that one that was killed goes on where it was."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.files import atomic_write
from matscout.simulate.energies import Energies
from matscout.simulate.moving_batch import MovingBatch
from matscout.simulate.simulated_runs import FrameSeries, GroupState

SECONDS_BETWEEN = 20.0
"""So much of a run is lost at most when it is killed."""

STATE = "state.npz"
"""Where the atoms are, and how many files of frames belong to it."""


class FolderKeeper:
    """Keeps a group in a folder: the state in one file, and its frames in one file for each time that it is kept.

    Parameters
    ----------
    folder
        Of this group alone; made if it is not there.
    seconds
        Between two times.
    """

    def __init__(self, folder: Path, seconds: float = SECONDS_BETWEEN) -> None:
        self._folder, self._seconds = folder, seconds
        self._files, self._written, self._at = 0, dict[int, int](), time.monotonic()

    def load(self) -> GroupState | None:
        """Where it was; None if nothing, or nothing whole, is there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            arrays = _read(self._folder / STATE)
            self._files = int(arrays["files"])
            parts = [_read(self._folder / _name(number)) for number in range(self._files)]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            self._files = 0
            return None
        state = _state(arrays, parts)
        self._written = {number: sum(map(len, frames)) for number, frames in state.frames.items()}
        return state

    def keep(self, state: GroupState, at_end: bool) -> None:
        """Write what is new, if it is time to: the frames first, then the state that counts them."""
        if not at_end and time.monotonic() - self._at < self._seconds:
            return
        new: dict[str, NDArray[Any]] = {}
        for number, frames in state.frames.items():
            joined = FrameSeries.joined(frames) if frames else None
            if joined is not None:
                # One array takes less room than many.
                state.frames[number][:] = [joined]
                past = self._written.get(number, 0)
                new |= {f"positions {number}": joined.positions[past:], f"energies {number}": joined.energies[past:]}
                self._written[number] = len(joined)
        _write(self._folder / _name(self._files), new)
        self._files += 1
        _write(self._folder / STATE, {**_arrays(state), "files": np.array(self._files)})
        self._at = time.monotonic()


def _name(number: int) -> str:
    return f"frames-{number:05d}.npz"


def _write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    with atomic_write(path) as place, place.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def _read(path: Path) -> dict[str, NDArray[Any]]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)


def _arrays(state: GroupState) -> dict[str, NDArray[Any]]:
    batch, crystals = state.batch, state.batch.crystals
    about = {"seconds": list(state.seconds.items()), "ended": list(state.ended.items())}
    return {
        "numbers": batch.numbers,
        "lattices": crystals.lattices,
        "offsets": crystals.offsets,
        "fractional": crystals.fractional,
        "atomic_numbers": crystals.atomic_numbers,
        "velocities": batch.velocities,
        "temperatures": batch.temperatures,
        "energy": batch.energies.energy,
        "forces": batch.energies.forces,
        "stress": batch.energies.stress,
        "heat": batch.heat,
        "step": np.array(batch.step),
        "about": np.array(json.dumps(about)),
    }


def _state(arrays: Mapping[str, NDArray[Any]], parts: list[dict[str, NDArray[Any]]]) -> GroupState:
    sites = len(arrays["fractional"])
    crystals = Crystals(
        arrays["lattices"],
        arrays["offsets"],
        arrays["fractional"],
        np.arange(sites),
        arrays["atomic_numbers"],
        np.ones(sites),
    )
    batch = MovingBatch(
        arrays["numbers"],
        crystals,
        arrays["velocities"],
        arrays["temperatures"],
        Energies(arrays["energy"], arrays["forces"], arrays["stress"]),
        arrays["heat"],
        int(arrays["step"]),
    )
    about = json.loads(str(arrays["about"]))
    seconds = {int(number): float(used) for number, used in about["seconds"]}
    frames = {number: _frames(parts, number) for number in seconds}
    ended = {int(number): (str(why), str(advice), bool(lost)) for number, (why, advice, lost) in about["ended"]}
    return GroupState(batch, frames, seconds, ended)


def _frames(parts: list[dict[str, NDArray[Any]]], number: int) -> list[FrameSeries]:
    name, energies = f"positions {number}", f"energies {number}"
    return [FrameSeries(part[name], part[energies]) for part in parts if name in part and len(part[energies])]
