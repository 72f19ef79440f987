"""Writes ``crystal/symmetry_tables/wyckoff.csv``: the first position of every Wyckoff position of the 230 space groups.

Positions come from the tables that PyXtal ships (``pip install pyxtal``; MIT), which are those of the International
Tables in their standard settings: unique axis b and cell choice 1, origin choice 2, hexagonal axes. spglib says which
of its 530 settings each of them is, the letter and the site symmetry: a crystal is made with one element on the
general position and another on the position in question, at arbitrary coordinates.
"""

from __future__ import annotations

import ast
import csv
import importlib.util
import shutil
from pathlib import Path

import numpy as np
import spglib

from matscout.crystal.wyckoff import read_position
from matscout.data.space_group_settings import settings
from matscout.data.spglib_calls import ask_spglib

FOLDER = Path(__file__).parents[1] / "src" / "matscout" / "crystal" / "symmetry_tables"
FREE = np.array([0.1379, 0.2713, 0.0617])
GENERAL = np.array([0.3121, 0.1937, 0.4271])
CELLS = {"a": (5.1, 6.3, 7.7, 83, 97, 105), "m": (5.1, 6.3, 7.7, 90, 97, 90), "o": (5.1, 6.3, 7.7, 90, 90, 90)}
CELLS |= {"t": (5.1, 5.1, 7.7, 90, 90, 90), "h": (5.1, 5.1, 7.7, 90, 90, 120), "c": (5.1, 5.1, 5.1, 90, 90, 90)}
LAST = ((2, "a"), (15, "m"), (74, "o"), (142, "t"), (194, "h"), (230, "c"))


def pyxtal_folder() -> Path:
    """The installed package, which is not imported: that takes long."""
    spec = importlib.util.find_spec("pyxtal")
    return Path(spec.submodule_search_locations[0])


def standard_settings() -> list[int]:
    """Hall number of the standard setting of each space group."""
    chosen: dict[int, tuple[int, int]] = {}
    for one in settings():
        rank = {"2": 0, "h": 0, "1": 2, "r": 2}.get(one.choice, 1)
        chosen[one.number] = min(chosen.get(one.number, (9, 0)), (rank, one.hall_number))
    return [chosen[number][1] for number in range(1, 231)]


def lattice_of(number: int) -> np.ndarray:
    """Cell vectors, rows, of a cell that the group allows and that has no further symmetry."""
    family = next(letter for last, letter in LAST if number <= last)
    a, b, c, *angles = CELLS[family]
    alpha, beta, gamma = np.radians(angles)
    x = np.cos(beta)
    y = (np.cos(alpha) - np.cos(beta) * np.cos(gamma)) / np.sin(gamma)
    vectors = [[1, 0, 0], [np.cos(gamma), np.sin(gamma), 0], [x, y, np.sqrt(1 - x * x - y * y)]]
    return np.array([a, b, c])[:, None] * vectors


def place_of(text: str) -> np.ndarray:
    """The coordinates of ``x, x+1/2, 2x`` at :data:`FREE`."""
    matrix, shift = read_position(text)
    return matrix @ FREE + shift


def images(place: np.ndarray, hall: int) -> np.ndarray:
    """All images of a place in the conventional cell."""
    stored = ask_spglib(spglib.get_symmetry_from_database, hall)
    moved = (stored["rotations"] @ place + stored["translations"]) % 1.0
    kept = []
    for one in moved:
        apart = one - np.array(kept).reshape(-1, 3)
        if not (np.abs(apart - np.round(apart)).max(axis=1, initial=0.0) < 1e-6)[: len(kept)].any():
            kept.append(one)
    return np.array(kept)


def site(number: int, hall: int, text: str) -> tuple[str, int, str]:
    """Letter, multiplicity and site symmetry of a position, as spglib finds them."""
    general, special = images(GENERAL, hall), images(place_of(text), hall)
    cell = (lattice_of(number), np.concatenate([special, general]), [1] * len(special) + [2] * len(general))
    found = ask_spglib(spglib.get_symmetry_dataset, cell, symprec=1e-5, hall_number=hall)
    assert found.number == number, (number, found.number, text)
    return found.wyckoffs[0], len(special), found.site_symmetry_symbols[0]


def main() -> None:
    """Write the table and PyXtal's licence."""
    halls, package = standard_settings(), pyxtal_folder()
    with (package / "database" / "wyckoff_list.csv").open(encoding="utf-8", newline="") as file:
        listed = [ast.literal_eval(row[1]) for row in list(csv.reader(file))[2:]]
    lines = []
    for number, (hall, positions) in enumerate(zip(halls, listed, strict=True), start=1):
        for images_of_one in reversed(positions):
            letter, multiplicity, symmetry = site(number, hall, images_of_one[0])
            assert multiplicity == len(images_of_one), (number, images_of_one[0])
            lines.append([number, hall, letter, multiplicity, symmetry, images_of_one[0].replace(" ", "")])
    with (FOLDER / "wyckoff.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["space_group", "hall_number", "letter", "multiplicity", "site_symmetry", "position"])
        writer.writerows(lines)
    licence = next(package.parent.glob("pyxtal-*.dist-info")).rglob("LICENSE*")
    shutil.copy(next(licence), FOLDER / "LICENSE-pyxtal.txt")


if __name__ == "__main__":
    main()
