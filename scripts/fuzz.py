"""Altered files and texts for every reader: ``python scripts/fuzz.py [READER ...] [--tries N]``, or ``make fuzz``.

Every reader gets N inputs in a process of its own: good ones with pieces that hypothesis replaces, repeats and removes
(atheris, where it is installed). Whatever ends in anything but a result or an error of matscout, takes long or ends the
process is made as small as hypothesis can and kept in ``tests/cases/fuzz/``, where a test reads it again.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fuzzed import READERS, Reader

KEPT = Path(__file__).parents[1] / "tests" / "cases" / "fuzz"
LONG = 20.0
"""Seconds for one input."""
MOST_KINDS = 10
"""Different failures of one reader after which it is given up."""
IDLE = 120.0
"""Seconds without a new input after which a process is stopped."""

Edit = tuple[int, float, bytes, int]


def edited(content: bytes, edits: list[Edit]) -> bytes:
    """A good input with pieces replaced, put in, repeated, removed or cut off."""
    for kind, place, piece, length in edits:
        at = int(place * len(content))
        match kind:
            case 0:
                content = content[:at] + piece + content[at + len(piece) :]
            case 1:
                content = content[:at] + piece + content[at:]
            case 2:
                content = content[:at] + content[at : at + 8] * length + content[at:]
            case 3:
                content = content[:at] + content[at + length :]
            case _:
                content = content[:at]
    return content


def attempt(reader: Reader, content: bytes, known: set[str], last: Path) -> None:
    """Read one input; a failure of a kind that is not known yet is raised."""
    last.write_bytes(content)
    start = time.monotonic()
    failure = reader.failure(content)
    if failure is None and time.monotonic() - start > LONG:
        failure = f"more than {LONG:g} s"
    if failure is not None and failure not in known:
        raise AssertionError(failure)


def fuzz(reader: Reader, tries: int, last: Path) -> int:
    """How many kinds of failures were found and kept."""
    known: set[str] = set()
    if importlib.util.find_spec("atheris"):
        atheris = importlib.import_module("atheris")

        atheris.Setup([reader.name, f"-runs={tries}"], lambda content: attempt(reader, content, known, last))
        atheris.Fuzz()
    pieces = st.one_of(st.sampled_from(reader.pieces), st.binary(min_size=1, max_size=4))
    edits = st.tuples(st.integers(0, 4), st.floats(0, 1, exclude_max=True), pieces, st.integers(1, 3000))
    while len(known) < MOST_KINDS:

        @settings(
            max_examples=tries,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )
        @given(st.sampled_from(reader.seeds), st.lists(edits, min_size=1, max_size=6))
        def run(seed: bytes, changes: list[Edit]) -> None:
            attempt(reader, edited(seed, changes), known, last)

        try:
            run()
        except AssertionError as error:
            known.add(str(error))
            print(f"{reader.name}: {error}: {keep(reader, last.read_bytes())}", flush=True)
        else:
            break
    return len(known)


def keep(reader: Reader, content: bytes) -> Path:
    """Put an input among the cases that a test reads."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{reader.name}-{hashlib.sha256(content).hexdigest()[:8]}"
    path.write_bytes(content)
    return path


def watch(name: str, tries: int) -> int:
    """Fuzz one reader in a process of its own; gives its failures, the death of the process among them."""
    with tempfile.TemporaryDirectory() as folder:
        last = Path(folder) / "last"
        last.touch()
        child = subprocess.Popen([sys.executable, __file__, name, "--tries", str(tries), "--last", str(last)])
        while child.poll() is None:
            if time.time() - last.stat().st_mtime > IDLE:
                child.kill()
            time.sleep(0.5)
        if child.returncode >= 100 or child.returncode < 0:
            print(f"{name}: the process ended with {child.returncode}: {keep(READERS[name], last.read_bytes())}")
            return 1
        return child.returncode


def main() -> int:
    """The command line; the exit code is 1 if anything was found."""
    parser = argparse.ArgumentParser(description="Altered files and texts for every reader.")
    parser.add_argument("readers", nargs="*", choices=[[], *READERS])
    parser.add_argument("--tries", type=int, default=10_000)
    parser.add_argument("--last", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.last:
        warnings.simplefilter("ignore")
        return fuzz(READERS[told.readers[0]], told.tries, told.last)
    found = 0
    for name in told.readers or READERS:
        start = time.monotonic()
        failures = watch(name, told.tries)
        found += failures
        print(f"{name}: {told.tries:,} inputs, {failures} failures, {time.monotonic() - start:.0f} s", flush=True)
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
