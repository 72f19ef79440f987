"""``matscout arrange``: which sites of a host to replace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from matscout.app.console import progress_display, say, show_table
from matscout.app.session import give
from matscout.generate.arrangements.arrange_settings import ArrangeSettings
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.workflow.places import result_folder

TABLE = "arrangements.csv"
STRUCTURES = "arrangements.extxyz"
SHOWN = 10
"""BestArrangements on the screen."""


@dataclass(frozen=True, kw_only=True)
class ArrangeCommandSettings:
    """What is arranged on which host, by which energies, and where the result goes.

    Parameters
    ----------
    host
        Structure file of the cell without defects.
    supercell
        Supercell: three whole numbers, or nine.
    replace
        What replaces what, and how often (v is a vacancy).
    energy
        Energies of single defects and of pairs: the folder of a model defect-pairs, or a JSON file.
    out
        Folder for arrangements.csv and arrangements.extxyz.
    """

    host: Annotated[Path, SettingInfo(argument=True, metavar="HOST")]
    supercell: Annotated[str, SettingInfo(metavar="A,B,C")]
    replace: Annotated[str, SettingInfo(metavar='"S->Se:6,Mo->v:1"')]
    energy: Annotated[Path, SettingInfo(metavar="MODEL_DIR|FILE.json")]
    out: Annotated[Path, SettingInfo(flags=("-o", "--out"), metavar="OUT_DIR")]


@with_options
def arrange(*, asked: ArrangeCommandSettings, settings: ArrangeSettings) -> None:
    """Find the best arrangements of defects in a supercell: which sites to replace. Numbers of defects are kept."""
    folder = result_folder(asked.out, TABLE)

    from matscout.data.csv_files import write_csv
    from matscout.data.files import atomic_folder
    from matscout.generate.arrangements.arranging import arrange as arranged
    from matscout.generate.arrangements.writing import write_structures
    from matscout.made import write_made

    with progress_display() as progress:
        result = arranged(asked.host, asked.supercell, asked.replace, asked.energy, progress=progress, **vars(settings))
    table = result.to_frame()
    with atomic_folder(folder) as unfinished:
        write_csv(table, unfinished / TABLE)
        write_structures(result, unfinished / STRUCTURES)
        write_made(unfinished, settings.seed)
    give("arrangements", table)
    rows = [
        (str(place), f"{energy:.4f}", f"{energy - result.energies.min():.4f}", f"{number:,}", f"{weight:.2g}")
        for place, energy, number, weight in zip(
            range(1, SHOWN + 1), result.energies, result.multiplicities, result.populations, strict=False
        )
    ]
    heads = ("arrangement", f"energy ({result.unit})", "above the lowest", "multiplicity", "population")
    show_table(heads, rows)
    say(f"{result.in_a_line()}: {folder}")
