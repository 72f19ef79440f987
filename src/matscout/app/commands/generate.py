"""``matscout generate``: crystals for a formula or for wishes, and the table of crystals that others made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from annotated_types import Ge

from matscout.app.console import note, progress_display, say, show_table
from matscout.app.session import give
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo

if TYPE_CHECKING:
    from matscout.evaluation.crystal_table import CrystalTable
    from matscout.generate.crystal_wishes import CrystalWishes
    from matscout.workflow.generating import Generated

Symbols = Annotated[tuple[str, ...], SettingInfo(commas=True, metavar="A,B")]

MAKE = "make"
"""The command that stands for all that is not the name of another one."""


class MakeIsUsual(typer.core.TyperGroup):
    """``generate Li2FeO3`` is ``generate make Li2FeO3``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the usual command before what is none."""
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = [MAKE, *args]
        return super().parse_args(ctx, args)


generate = typer.Typer(
    cls=MakeIsUsual,
    no_args_is_help=True,
    help="Generate crystals for a formula or wishes, or score crystals of others.",
)


@dataclass(frozen=True)
class WishSettings:
    """What the crystals must be, and where they go.

    Parameters
    ----------
    wish
        A formula (Li2FeO3), or plain English ("lead-free cubic oxide with 5 atoms").
    elements
        Elements that crystals may hold.
    must
        Elements that each crystal holds.
    exclude
        Elements that no crystal holds.
    space_group
        Space groups: numbers, or crystal systems (cubic).
    atoms
        Fewest and most atoms of a primitive cell.
    prototype
        Prototype label, such as AB_cF8_225_4m-3m_4m-3m.
    n
        Number of crystals.
    generator
        Generator: substitution (or substitution=PATH, with templates of your own), enumerated, random, or folder=PATH.
        By default substitution for a formula, else enumerated, and random where these make nothing.
    seed
        Seed of random choices.
    train
        Known crystals (a folder of CIFs, a file) with which the table compares.
    out
        Folder for the result.
    """

    wish: Annotated[str, SettingInfo(argument=True, metavar="[WISH]")] = ""
    out: Annotated[Path | None, SettingInfo(flags=("-o", "--out"), metavar="OUT_DIR")] = None
    elements: Symbols = ()
    must: Symbols = ()
    exclude: Symbols = ()
    space_group: Annotated[tuple[str, ...], SettingInfo(commas=True, metavar="N,SYSTEM")] = ()
    atoms: Annotated[str, SettingInfo(metavar="LOW:HIGH")] = ""
    prototype: Annotated[str, SettingInfo(metavar="LABEL")] = ""
    n: Annotated[int, Ge(1), SettingInfo(flags=("-n",))] = 20
    generator: Annotated[str, SettingInfo(key="with", metavar="NAME[=FOLDER]")] = ""
    seed: int = 0
    train: Annotated[Path | None, SettingInfo(metavar="REF")] = None


@dataclass(frozen=True)
class ScoreSettings:
    """Which crystals are counted.

    Parameters
    ----------
    crystals
        Folder, archive or file of structures.
    train
        Known crystals, for example the training set of the generator.
    out
        Folder for metrics.json and card.md.
    """

    crystals: Annotated[Path, SettingInfo(argument=True, metavar="FOLDER")]
    train: Annotated[Path | None, SettingInfo(metavar="REF")] = None
    out: Annotated[Path | None, SettingInfo(flags=("-o", "--out"), metavar="OUT_DIR")] = None


@generate.command(MAKE)
@with_options
def make(*, asked: WishSettings) -> None:
    """Generate crystals: CIFs, a table of how many are sound, distinct and new, and a gallery.

    The command begins with the wish: matscout generate Li2FeO3 -n 20 -o OUT. A stopped run goes on where it was when
    it is started again.
    """
    from matscout.app.crystal_front import generate_crystals

    wishes = wishes_of(asked)
    note(f"wishes: {wishes.in_words()}")
    with progress_display() as progress:
        generated = generate_crystals(
            wishes,
            asked.n,
            with_=asked.generator,
            seed=asked.seed,
            train=asked.train,
            out=asked.out,
            progress=progress,
        )
    if generated.taken_over:
        note(f"{generated.taken_over:,} crystals were drawn before")
    for remark in generated.remarks:
        note(str(remark))
    _show_first(generated)
    say(generated.table.in_a_line())
    where = "; -o OUT_DIR keeps them" if asked.out is None else f": {asked.out}"
    say(f"{generated.in_a_line()}, {len(generated.drawn):,} drawn{where}")
    give("table", generated.table.document())


@generate.command()
@with_options
def score(*, asked: ScoreSettings) -> None:
    """The table of crystals that any program made: which are sound, distinct and new.

    Files that cannot be read count in every share.
    """
    from matscout.app.crystal_front import score_crystals

    table = score_crystals(asked.crystals, train=asked.train, out=asked.out)
    _show(table)
    say(table.in_a_line() + ("" if asked.out is None else f": {asked.out}"))
    give("table", table.document())


def wishes_of(asked: WishSettings) -> CrystalWishes:
    """The wishes of the argument and the options together.

    Raises
    ------
    UsageError
        If they contradict each other, or are not understood.
    """
    from matscout.errors import UsageError
    from matscout.generate.crystal_wish_text import wishes_of_text
    from matscout.generate.crystal_wishes import CrystalWishes

    named: dict[str, Any] = {name: getattr(asked, name) for name in ("elements", "must", "exclude", "prototype")}
    named |= {"space_groups": asked.space_group, "atoms": _range(asked.atoms) if asked.atoms else ()}
    named = {name: value for name, value in named.items() if value}
    in_text = wishes_of_text(asked.wish) if asked.wish else {}
    if twice := sorted(named.keys() & in_text.keys()):
        raise UsageError(f"{asked.wish!r} and an option both name {', '.join(twice)}: leave one of them out")
    return CrystalWishes(**in_text, **named)


def _range(text: str) -> tuple[int, int]:
    from matscout.errors import UsageError

    low, _, high = text.partition(":")
    if not low.isdecimal() or not (high or low).isdecimal():
        raise UsageError(f"--atoms is LOW:HIGH, for example 4:20; got {text}")
    return int(low), int(high or low)


FIRST = 10
"""Crystals on the screen."""


def _show_first(generated: Generated) -> None:
    """The first crystals, the likeliest first where the generator ranks them."""
    import numpy as np

    from matscout.workflow.generating import symmetry_words

    met, crystals = generated.met, generated.met.crystals
    rows = []
    for row in range(min(FIRST, len(met))):
        vectors = met.structures.lattices[row]
        lengths = np.linalg.norm(vectors, axis=1) if crystals is None else crystals.lattices[row][:3]
        cell = " ".join(f"{length:.2f}" for length in lengths.tolist())
        symmetry = "" if crystals is None else symmetry_words(crystals, row)
        rows.append((_number(generated, row), str(met.materials.formulas[row]), symmetry, cell, str(met.origins[row])))
    title = "" if len(generated) <= FIRST else f"the first {FIRST} of {len(generated):,}"
    show_table(("", "formula", "space group: sites", "a b c (Å)", "origin"), rows, title=title)


def _number(generated: Generated, row: int) -> str:
    """The number of a crystal, and that of an earlier one which it equals: ``"9 = 2"``."""
    counted = generated.counted_rows.tolist()
    if row not in counted:
        return str(row + 1)
    first = counted[int(generated.table.comparison.first_equal[counted.index(row)])]
    return str(row + 1) if first == row else f"{row + 1} = {first + 1}"


def _show(table: CrystalTable) -> None:
    show_table(
        ("", "", f"{table.n:,} crystals", "reference"), [(r.letter, r.name, r.text, r.reference) for r in table.rows]
    )
