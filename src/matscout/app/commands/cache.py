"""``matscout cache``: what is kept from run to run, and how to make room."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from matscout.app.console import say, show_table
from matscout.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matscout.store import StoreEntry

cache = typer.Typer(no_args_is_help=True, help="Show or remove results that are kept from run to run.")

BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
BYTES |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
"""Bytes in a unit."""

HOURS = {"h": 1, "d": 24, "w": 7 * 24}
"""Hours in a unit."""


@cache.command()
def show() -> None:
    """Show how many results of each kind are kept, and when the oldest was last used."""
    from matscout.store import Store

    store = Store.of_user()
    entries = store.entries()
    kinds = dict.fromkeys(sorted(entry.kind for entry in entries))
    rows = [_row(kind, [entry for entry in entries if entry.kind == kind]) for kind in kinds]
    if len(rows) > 1:
        rows.append(_row("all", entries))
    if rows:
        show_table(("kind", "entries", "size", "oldest used on"), rows)
    say(f"{store.folder}{'' if rows else ': nothing is kept'}")


@cache.command()
def prune(
    *,
    keep: Annotated[
        str | None,
        typer.Option(
            "--keep",
            metavar="SIZE",
            help="Keep the most recently used results up to this size, e.g. 5GB.",
            show_default=False,
        ),
    ] = None,
    older: Annotated[
        str | None,
        typer.Option(
            "--older",
            metavar="TIME",
            help="Remove results that were not used for this time, e.g. 30d.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="Restrict this to one kind; without other options, remove all of it.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove everything.")] = False,
) -> None:
    """Remove the least recently used results. What is needed later is computed again."""
    from matscout.store import Store

    if everything == any(option is not None for option in (keep, older, kind)):
        raise UsageError("choose what to remove: --all, or one or more of --keep SIZE, --older TIME and --kind KIND")
    store = Store.of_user()
    gone = store.prune(
        max_bytes=0 if everything else None if keep is None else bytes_of(keep),
        older_than=None if older is None else time_of(older),
        kind=kind,
    )
    left = store.entries()
    say(f"removed {_count(gone)}, {_size(gone)}; {_count(left)}, {_size(left)} left in {store.folder}")


def bytes_of(text: str) -> int:
    """``"5GB"``, ``"1.5 TB"`` or ``"200 MiB"`` in bytes.

    Raises
    ------
    UsageError
        If it is no size.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*", text)
    if match is None or match[2].upper() not in BYTES:
        raise UsageError(f"--keep {text!r} is not a size; write it as in 5GB or 500MB")
    return round(float(match[1]) * BYTES[match[2].upper()])


def time_of(text: str) -> timedelta:
    """``"30d"``, ``"12h"`` or ``"2w"``: days, hours, weeks.

    Raises
    ------
    UsageError
        If it is no time.
    """
    match = re.fullmatch(r"\s*(\d{1,6}(?:\.\d+)?)\s*([hdwHDW])\s*", text)
    if match is None:
        raise UsageError(f"--older {text!r} is not a time; write it as in 30d, 12h or 2w (days, hours, weeks)")
    return timedelta(hours=float(match[1]) * HOURS[match[2].lower()])


def _row(kind: str, entries: Iterable[StoreEntry]) -> tuple[str, str, str, str]:
    entries = tuple(entries)
    oldest = datetime.fromtimestamp(min(entry.used for entry in entries), tz=UTC)
    return kind, f"{len(entries):,}", _size(entries), f"{oldest.astimezone():%Y-%m-%d}"


def _count(entries: tuple[StoreEntry, ...]) -> str:
    return f"{len(entries):,} {'entry' if len(entries) == 1 else 'entries'}"


def _size(entries: tuple[StoreEntry, ...]) -> str:
    """Bytes that they take, in a unit that leaves one to three digits before the point."""
    size = sum(entry.size for entry in entries)
    unit = next((unit for unit in ("TB", "GB", "MB", "KB") if size >= BYTES[unit]), "B")
    return f"{size / BYTES[unit]:.1f} {unit}" if unit != "B" else f"{size} B"
