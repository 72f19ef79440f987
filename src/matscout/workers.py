"""Work in several processes: a part that takes too long, or that kills its process, costs only itself."""

from __future__ import annotations

import faulthandler
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import current_process
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from matscout.mentions import Front, front, speak_to

if TYPE_CHECKING:
    from pebble import ProcessFuture

Part = TypeVar("Part")
Result = TypeVar("Result")

AHEAD = 3
"""Parts that are handed out for each process, so that none waits for the next one and memory stays bounded."""

SHORT_PART = 0.5
"""Parts that take fewer seconds are not worth other processes, which load libraries first."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""How numerical libraries are told how many threads to use."""


@dataclass(frozen=True, eq=False)
class Lost(Generic[Part]):
    """A part without a result, and why."""

    part: Part
    reason: str


def processors() -> int:
    """How many processors this process may use."""
    from loky import cpu_count

    return int(cpu_count())


def threads() -> int:
    """How many threads may work on one thing in this process: one, where other processes work beside it."""
    return 1 if _SHARES[0] else processors()


_SHARES = [False]


def one_thread() -> None:
    """Have numerical libraries that are loaded later use one thread, here and in processes that begin here."""
    os.environ.update(dict.fromkeys(THREADS, "1"))


def has_one_thread() -> bool:
    """Whether numerical libraries have been told to use one thread."""
    return all(os.environ.get(name) == "1" for name in THREADS)


def in_processes(
    function: Callable[[Part], Result],
    parts: Iterable[Part],
    *,
    seconds: float,
    prepare: Callable[[], None] | None = None,
    processes: int | None = None,
) -> Iterator[Result | Lost[Part]]:
    """``function`` of each part, in the order of the parts.

    Only a few parts are taken in advance, so they may come from a source that does not fit into memory. Numerical
    libraries use one thread in each process.

    Parameters
    ----------
    function
        Of a module, since it is looked up by name in the other process; what it raises is raised here.
    parts
        Arguments, sent to the processes as pickles.
    seconds
        A part that takes longer is given up.
    prepare
        Run once in each process before its first part, and not timed: loads what takes long to load.
    processes
        How many; None for :func:`processors`.
    """
    from loky.backend import get_context
    from pebble import ProcessPool

    count = processes or processors()
    # This context does not run the user's script again in every process, as "spawn" does, and does not copy threads
    # in the middle of their work, as "fork" does.
    pool = ProcessPool(max_workers=count, initializer=_begin, initargs=[prepare, front()], context=get_context("loky"))
    waiting: deque[tuple[Part, ProcessFuture[Any]]] = deque()
    try:
        with _interrupts_withheld():
            pool.active  # noqa: B018 - starts the processes
        for part in parts:
            waiting.append((part, pool.schedule(function, args=[part], timeout=seconds)))
            if len(waiting) >= AHEAD * count:
                yield _outcome(*waiting.popleft(), seconds)
        while waiting:
            yield _outcome(*waiting.popleft(), seconds)
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


@contextmanager
def pool_of_processes(count: int) -> Iterator[Callable[[Callable[[Part], Result], Part], Future[Result]]]:
    """What hands work to ``count`` processes, which may begin processes in turn; it gives futures.

    Numerical libraries use one thread in each. On leaving, work that is not finished is ended in the middle. A process
    that dies costs the work at hand only, see :func:`has_died`.
    """
    from loky.backend import get_context
    from pebble import ProcessPool

    pool = ProcessPool(max_workers=count, initializer=_begin_parent, initargs=[front()], context=get_context("loky"))
    try:
        with _interrupts_withheld():
            pool.active  # noqa: B018 - starts the processes
        yield lambda function, part: pool.schedule(function, args=[part])
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def has_died(error: BaseException) -> bool:
    """Whether a future says that its process has died, of a lack of memory for example."""
    from pebble import ProcessExpired

    return isinstance(error, ProcessExpired)


@contextmanager
def ended_if_still(seconds: float) -> Iterator[Callable[[], None]]:
    """Give what is to be called from time to time inside the block; else this process is ended after so many seconds.

    Compiled code that hangs can be stopped in no other way. Only processes that began for parts are ended
    (:func:`in_processes`), which costs the part; in others nothing happens.
    """
    if not _SHARES[0]:
        yield lambda: None
        return
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:

        def beat() -> None:
            # A thread outside of Python counts, which compiled code that keeps Python's lock cannot stop.
            faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)

        beat()
        try:
            yield beat
        finally:
            faulthandler.cancel_dump_traceback_later()


def in_this_process(
    function: Callable[[Part], Result],
    parts: Iterable[Part],
    *,
    seconds: float,
    prepare: Callable[[], None] | None = None,
) -> Iterator[Result]:
    """The same without other processes, which is quicker for a few parts; nothing is given up."""
    if prepare is not None:
        prepare()
    yield from map(function, parts)


def where_quicker(
    function: Callable[[Part], Result],
    parts: Iterable[Part],
    *,
    seconds: float,
    prepare: Callable[[], None] | None = None,
) -> Iterator[Result | Lost[Part]]:
    """The same in this process, unless the first part takes long: then others do the rest.

    For parts of about equal size that cannot harm the process that does them.
    """
    waiting, began = iter(parts), time.perf_counter()
    yield from in_this_process(function, islice(waiting, 1), seconds=seconds, prepare=prepare)
    runner = in_processes if time.perf_counter() - began > SHORT_PART else in_this_process
    yield from runner(function, waiting, seconds=seconds, prepare=prepare)


def _outcome(part: Part, future: ProcessFuture[Any], seconds: float) -> Result | Lost[Part]:
    from pebble import ProcessExpired

    try:
        result: Result = future.result()
    except TookTooLong:
        return Lost(part, f"it took more than {seconds:g} s")
    except ProcessExpired:
        return Lost(part, "the process that worked on it died (out of memory?)")
    return result


@contextmanager
def _interrupts_withheld() -> Iterator[None]:
    """Threads and processes that begin in here never hear of Ctrl-C, from their first line on.

    What the user interrupts is this process, which ends the others; each of them would print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    from loky.backend.resource_tracker import ensure_running

    # These two let the signal through again when they are begun.
    resource_tracker.ensure_running()
    ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(prepare: Callable[[], None] | None, reader: Front) -> None:
    speak_to(reader)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_after, args=[os.getppid()], daemon=True).start()
    one_thread()
    _SHARES[0] = True
    if prepare is not None:
        prepare()


def _begin_parent(reader: Front) -> None:
    """As :func:`_begin`, for processes that begin others: pools make daemons, which must not."""
    current_process().daemon = False
    _begin(None, reader)


def _end_after(parent: int) -> None:
    """End this process once the one that began it is gone, even where that was killed."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)
