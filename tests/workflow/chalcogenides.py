"""Small data for commands that rank: compounds of a metal and a chalcogen."""

from __future__ import annotations

from pathlib import Path

METALS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Zn", "Cd", "Pb", "Sn", "Ge", "Ga")


def write_labels(path: Path) -> Path:
    """Sixty compositions with two properties, at two temperatures."""
    rows = [
        f"{metal}{count}{anion},{kelvin},{count * 0.1 + kelvin / 1000:.3f},{1 + count}"
        for metal in METALS[:10]
        for count, kelvin in ((2, 300), (3, 600), (4, 300))
        for anion in ("Te", "Se")
    ]
    path.write_text("\n".join(["formula,temperature (K),power,kappa", *rows]), encoding="utf-8")
    return path


def write_shelf(path: Path, *more: str) -> Path:
    """48 compounds of one to one, called after their elements, and others (``id,formula``)."""
    rows = [f"{metal}-{anion},{metal}{anion}" for metal in METALS for anion in ("O", "S", "Se", "Te")]
    path.write_text("\n".join(["id,formula", *rows, *more]), encoding="utf-8")
    return path
