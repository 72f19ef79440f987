"""Parts in several processes: order, bounded look-ahead, and parts that are lost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from matscout.errors import MissingExtraError
from matscout.workers import (
    AHEAD,
    Lost,
    ended_if_still,
    has_died,
    in_processes,
    pool_of_processes,
    where_quicker,
)


def square(number: int) -> int:
    """Of a number; 3 takes for ever, 5 kills its process."""
    if number == 3:
        time.sleep(60)
    if number == 5:
        os._exit(1)
    return number * number


def refuse(number: int) -> int:
    raise ValueError(f"{number} is refused")


def test_results_come_in_order_and_lost_parts_cost_only_themselves():
    found = list(in_processes(square, range(8), seconds=4.0, processes=2))
    assert [number for number in found if not isinstance(number, Lost)] == [0, 1, 4, 16, 36, 49]
    lost = [(one.part, one.reason) for one in found if isinstance(one, Lost)]
    assert lost[0] == (3, "it took more than 4 s")
    assert lost[1][0] == 5
    assert "died" in lost[1][1]


def test_only_a_few_parts_are_taken_in_advance():
    taken: list[int] = []

    def parts() -> Iterator[int]:
        for number in range(6, 60):
            taken.append(number)
            yield number

    results = in_processes(square, parts(), seconds=20.0, processes=1)
    assert next(results) == 36
    assert len(taken) <= AHEAD
    results.close()


def test_what_a_part_raises_is_raised_here():
    with pytest.raises(ValueError, match="6 is refused"):
        list(in_processes(refuse, [6], seconds=20.0, processes=1))


def need(number: int) -> int:
    raise MissingExtraError("nothing-like-it", "none")


def test_so_is_what_says_that_a_package_is_missing():
    with pytest.raises(MissingExtraError, match=r"nothing-like-it: pip install 'matscout\[none\]'"):
        list(in_processes(need, [6], seconds=20.0, processes=1))


def test_a_script_without_a_main_guard_is_not_run_again(tmp_path):
    """Ten lines at the top level of a file, as users write them."""
    script = tmp_path / "plain.py"
    script.write_text(
        "print('once')\nfrom operator import neg\nfrom matscout.workers import in_processes, where_quicker\n"
        "print(list(in_processes(neg, [1, 2], seconds=20.0, processes=2)))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "once\n[-1, -2]\n"


INTERRUPTED = """
import os, signal, sys, threading, time
from matscout.workers import in_processes, where_quicker
from test_workers import wait
threading.Timer(float(sys.argv[1]), os.killpg, [0, signal.SIGINT]).start()
try:
    list(in_processes(wait, range(4), seconds=60.0, processes=2))
except KeyboardInterrupt:
    sys.exit(130)
"""


def wait(number: int) -> int:
    time.sleep(20)
    return number


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a POSIX signal here")
@pytest.mark.parametrize("after", [0.3, 3.0])
def test_only_this_process_hears_of_ctrl_c(after):
    command = [sys.executable, "-c", INTERRUPTED, str(after)]
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False, start_new_session=True
    )
    assert (ended.returncode, ended.stderr) == (130, "")


KILLED = """
import os, sys
from matscout.workers import in_processes, where_quicker
from test_workers import tell_process
for process in in_processes(tell_process, range(2), seconds=60.0, processes=1):
    print(process, flush=True)
    os.kill(os.getpid(), 9)
"""


def tell_process(number: int) -> int:
    return os.getpid() if number == 0 else wait(number)


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by a POSIX signal here")
def test_processes_end_with_the_one_that_began_them():
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", KILLED]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}) as ended:
        assert ended.stdout is not None
        process = int(ended.stdout.readline())
    for _ in range(100):
        if not is_alive(process):
            return
        time.sleep(0.1)
    pytest.fail("the process goes on without the one that began it")


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def of_a_child(part: int) -> int:
    """Begins a process of its own."""
    return sum(
        result for result in in_processes(abs, [part, -part], seconds=60, processes=1) if isinstance(result, int)
    )


def test_processes_of_a_pool_may_begin_others() -> None:
    with pool_of_processes(1) as submit:
        assert submit(of_a_child, 3).result() == 6


def test_a_process_that_dies_costs_its_own_work_only() -> None:
    with pool_of_processes(1) as submit:
        died, lives = submit(os._exit, 3), submit(abs, -4)
        with pytest.raises(Exception) as raised:
            died.result()
        assert has_died(raised.value)
        assert not has_died(ValueError())
        assert lives.result() == 4


def own_process(_: int) -> int:
    return os.getpid()


def slow_own_process(_: int) -> int:
    time.sleep(0.6)
    return os.getpid()


def test_quick_parts_stay_in_this_process_and_long_ones_leave_it_after_the_first() -> None:
    assert set(where_quicker(own_process, range(4), seconds=60)) == {os.getpid()}
    first, *others = where_quicker(slow_own_process, range(3), seconds=60)
    assert first == os.getpid()
    assert os.getpid() not in others


def hang(seconds: float) -> float:
    """Does nothing for a while, under a watch of two seconds that is told of the first one only."""
    with ended_if_still(2.0) as beat:
        beat()
        time.sleep(seconds)
    return seconds


def hold(letters: int) -> int:
    """Matching that takes for ever, and gives no other thread of Python a turn."""
    with ended_if_still(2.0):
        re.match("(a+)+$", "a" * letters + "b")
    return letters


@pytest.mark.parametrize(("work", "parts"), [(hang, [0.1, 60.0, 0.2]), (hold, [1, 60, 2])])
def test_a_process_that_is_still_is_ended(work: Callable[[float], float], parts: list[float]) -> None:
    found = list(in_processes(work, parts, seconds=30.0, processes=1))
    assert [one for one in found if not isinstance(one, Lost)] == [parts[0], parts[2]]
    assert "died" in next(one.reason for one in found if isinstance(one, Lost))


def test_this_process_is_never_ended() -> None:
    assert hang(2.5) == 2.5
