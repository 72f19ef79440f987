"""Parts in several processes: order, bounded look-ahead, and parts that are lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from matscout.errors import MissingExtraError
from matscout.workers import AHEAD, Lost, in_processes


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
        "print('once')\nfrom operator import neg\nfrom matscout.workers import in_processes\n"
        "print(list(in_processes(neg, [1, 2], seconds=20.0, processes=2)))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "once\n[-1, -2]\n"
