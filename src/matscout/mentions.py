"""How messages name a setting: ``--target`` on the command line, ``target=`` in Python.

Messages are written in one notation, ``--target`` or with a value ``--target=ZT`` (quoted as for a shell), and worded
where they are read: :class:`~matscout.errors.MatscoutError` and :class:`~matscout.errors.RowProblem` do so in ``str``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

Front = Literal["python", "command line"]
"""Where the reader of a message gives settings."""

ARGUMENTS: Mapping[str, str] = {
    **{name: name for name in ("alloys", "baselines", "batch", "candidates", "colour", "context", "decimal", "dope")},
    **{name: name for name in ("elements", "error", "exact", "exclude", "fast", "folds", "formula", "groups")},
    **{name: name for name in ("level", "like", "metric", "model", "must", "out", "protocol", "reaction")},
    **{name: name for name in ("require", "seed", "sheet", "structure", "target", "thousands", "time", "use", "where")},
    **{name: name for name in ("positive", "unlabelled")},
    **{
        name.replace("_", "-"): name
        for name in (
            "own_hull",
            "references_scheme",
            "scheme",
            "class_prior",
            "max_bad",
            "max_folds",
            "n_candidates",
            "n_folds",
            "n_labels",
        )
    },
    "define": "definitions",
    "formation-energy": "formation_energies",
    "total-energy": "energies",
    "goal": "goals",
    "set": "settings",
    "unit": "units",
}
"""Flag without its hyphens -> argument of a public function; a flag without an argument stays as it is."""

OF_COLUMNS = ("definitions", "settings", "units")
"""Arguments that map names to values."""

_MENTION = re.compile(
    r"(?<![\w-])--(?P<flag>[a-z][a-z-]*)"
    r"(?:=(?P<value>[.,](?=[ ),])|(?:'[^']*'|\"[^\"]*\"|[^\s,:;).'\"]|[.:](?=\w))+))?"
)

_REPEATED = re.compile(r"\b(?P<name>[a-z_]+)=(?P<first>'[^']*')(?P<others>(?: (?P=name)='[^']*')+)")
"""What is given several times on the command line."""

_front: Front = "python"


def front() -> Front:
    """Where messages are read now."""
    return _front


def speak_to(reader: Front) -> None:
    """Word messages for readers who give settings there, from now on in this process."""
    global _front  # noqa: PLW0603 - who reads messages is a fact about the whole process
    _front = reader


@contextmanager
def speaking_to(reader: Front) -> Iterator[None]:
    """Word messages for these readers inside the block."""
    before = front()
    speak_to(reader)
    try:
        yield
    finally:
        speak_to(before)


def worded(message: str) -> str:
    """A message with its settings named as the reader gives them."""
    if "--" not in message:
        return message
    if _front == "command line":
        return _MENTION.sub(_as_flag, message)
    return _REPEATED.sub(_as_list, _MENTION.sub(_as_argument, message))


def _as_flag(mention: re.Match[str]) -> str:
    flag, value = mention["flag"], mention["value"]
    return f"--{flag}" if value is None else f"--{flag} {value}"


def _as_argument(mention: re.Match[str]) -> str:
    name = ARGUMENTS.get(mention["flag"])
    if name is None:
        return _as_flag(mention)
    if mention["value"] is None:
        return f"{name}="
    return f"{name}={_plain(name, mention['value'])}"


def _as_list(repeated: re.Match[str]) -> str:
    others = re.findall(r"'[^']*'", repeated["others"])
    return f"{repeated['name']}=[{', '.join([repeated['first'], *others])}]"


def _plain(name: str, value: str) -> str:
    """A value as Python writes it; a placeholder (COL, FILE) stays."""
    text = "".join(shlex.split(value))
    if name in OF_COLUMNS and "=" in text:
        column, _, of_column = text.rpartition("=")
        return f"{{{column!r}: {_plain('', shlex.quote(of_column))}}}"
    if re.fullmatch(r"[A-Z|]{2,}|\d+(\.\d+)?", text):
        return text
    return "()" if (name, text) == ("must", "none") else repr(text)
