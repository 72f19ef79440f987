"""The recommender, measured: ``python benchmarks/recommender.py [--part million ...]``.

Parts, each of which stores what it found in ``benchmarks/results/recommender.json``, and finished cells as lines of
``benchmarks/results/recommender/PART.jsonl``, so that a killed run goes on:

- ``published``: the paper's table of six properties from formulas, beside what was published; ``--head
  formula-text=FOLDER`` adds a network on the vectors of MatBERT, or of any other model of Hugging Face, from a folder.
  Its donor is trained first, in 20 minutes, from ``--donor-labels`` of ``scripts/make_donor_table.py``.
- ``structures``: properties of crystals from descriptions (ours and robocrystallographer's), fingerprints and networks;
  needs ``pip install robocrys``.
- ``families``: from the materials of one family that are known to be good, are those of the others found?
- ``pbte``: the nearest to PbTe by each representation, their predicted figures of merit, and maps.
- ``sharing``: networks that learn several properties at once against networks of one, by number of labels.
- ``million``: an index of a million enumerated compositions: time to build, size, latency and recall, beside FAISS and
  brute force; needs ``pip install faiss-cpu``.
- ``ten``: vectors by one Ray worker and by two, and what ten million would take; needs ``pip install ray``.

Writes ``benchmarks/results/recommender.md``.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
from collections import Counter
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import recommender_families
import recommender_million
import recommender_pbte
import recommender_published
import recommender_sharing
import recommender_structures
import recommender_ten
from jobs import CELLS, RESULTS

from matscout.code_digest import digest_of_code
from matscout.data.files import write_text_whole

FACTS, PAGE = RESULTS / "recommender.json", RESULTS / "recommender.md"
PACKAGES = ("matscout", "lancedb", "faiss-cpu", "ray", "robocrys", "numpy", "torch", "polars", "scikit-learn")
PARTS: Mapping[str, Any] = {
    "published": recommender_published,
    "structures": recommender_structures,
    "families": recommender_families,
    "pbte": recommender_pbte,
    "sharing": recommender_sharing,
    "million": recommender_million,
    "ten": recommender_ten,
}
"""Each has ``measure(folder, options) -> facts`` and ``page(facts) -> Markdown``."""


def versions() -> str:
    """Packages with their versions."""
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


def _codes(facts: Any) -> str:
    """Digests of the code that made the cells, with their number; of this code where there are no cells."""
    cells = facts["rows"] if isinstance(facts, Mapping) and "rows" in facts else facts
    made = [cell["code"] for cell in cells if "code" in cell] if isinstance(cells, list) else []
    told = [f"{code}… ({count} cells)" for code, count in Counter(made).items()]
    return ", ".join(told) or f"{digest_of_code('matscout.discover')[:16]}…"


def write_page(facts: Mapping[str, Any]) -> None:
    """The page of all parts that were measured."""
    parts = [
        "# The recommender, measured",
        "Command: `python benchmarks/recommender.py`. Each part says when and with what it was measured.",
    ]
    for name, part in PARTS.items():
        if name in facts:
            told = facts[name]
            origin = f"{told['date']}, {told['machine']}; {told['versions']}; code sha256 {told['code']}"
            page: Callable[[Any], str] = part.page
            parts += [page(told["facts"]), f"<sub>Part `{name}`: {origin}.</sub>"]
    write_text_whole(PAGE, "\n\n".join(parts) + "\n")


def main() -> None:
    """Measure the parts that are asked for, and write the page of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=sorted(PARTS), help="all if none is named")
    parser.add_argument("--processes", type=int, default=2, help="0 makes no cell: the page tells those that are there")
    parser.add_argument("--head", action="append", default=[], metavar="NAME", help="of published: a representation")
    parser.add_argument(
        "--donor-labels", type=Path, metavar="FILE", help="train the donor of published anew (else it stays as it is)"
    )
    asked = parser.parse_args()
    stored: dict[str, Any] = json.loads(FACTS.read_text(encoding="utf-8")) if FACTS.is_file() else {}
    for name in asked.part or list(PARTS):
        found = PARTS[name].measure(CELLS / "recommender", asked)
        stored[name] = {
            "date": f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}",
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
            "versions": versions(),
            "code": _codes(found),
            "facts": found,
        }
        write_text_whole(FACTS, json.dumps(stored, indent=1, allow_nan=False) + "\n")
        write_page(stored)
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
