"""The same as :mod:`matscout.workers` on a Ray cluster: parts of a node that is lost are done by another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from matscout import telemetry
from matscout.errors import MissingExtraError, UsageError
from matscout.workers import AHEAD, Lost

Part = TypeVar("Part")
Result = TypeVar("Result")

TRIES = 4
"""How often a part is begun anew on another node."""


def on_cluster(address: str) -> Callable[..., Iterator[Any]]:
    """A runner like :func:`matscout.workers.in_processes` on the cluster at ``address``.

    Parameters
    ----------
    address
        "auto" for the cluster that this machine belongs to (one is started if there is none), or ``HOST:PORT``.
        matscout must be installed on all nodes; files are read and written by this process alone, so that the nodes
        need not share a disk. The cache of vectors is not used.

    Raises
    ------
    MissingExtraError
        If Ray is not installed.
    UsageError
        If the cluster does not answer.
    """
    try:
        telemetry.turn_off()
        import ray
    except ModuleNotFoundError as error:
        raise MissingExtraError("ray", "ray") from error
    if not ray.is_initialized():
        try:
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise UsageError(
                f"there is no Ray cluster at {address!r} ({str(error).splitlines()[0]}); start one (ray start "
                "--head), or omit --ray"
            ) from error

    def run(
        function: Callable[[Part], Result],
        parts: Iterable[Part],
        *,
        seconds: float,
        prepare: Callable[[], None] | None = None,
    ) -> Iterator[Result | Lost[Part]]:
        remote = ray.remote(max_retries=TRIES, num_cpus=1)(function)
        ahead = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting: deque[tuple[Part, Any]] = deque()
        for part in parts:
            waiting.append((part, remote.remote(part)))
            if len(waiting) >= ahead:
                yield _outcome(*waiting.popleft(), seconds)
        while waiting:
            yield _outcome(*waiting.popleft(), seconds)

    return run


def _outcome(part: Part, reference: Any, seconds: float) -> Any:
    telemetry.turn_off()
    import ray

    try:
        return ray.get(reference, timeout=seconds)
    except ray.exceptions.GetTimeoutError:
        ray.cancel(reference, force=True)
        return Lost(part, f"it took more than {seconds:g} s")
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError, ray.exceptions.OutOfMemoryError):
        return Lost(part, f"its process died {TRIES + 1} times")
