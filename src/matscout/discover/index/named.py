"""What a user names, as a query to an index: an id, a formula, a file, a text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.data.sources import names_file
from matscout.discover.index.conditions import quoted
from matscout.discover.index.queries import Query, queries_of, query_of, query_of_text
from matscout.discover.index.store import Index
from matscout.errors import RowProblem, UsageError

LONGEST_FORMULA = 5
"""Letters of a formula with one capital that was mistyped; a word with more is a word."""


def query_from(index: Index, like: str) -> Query:
    """What a user names: in this order the id of a material of the index, a formula, a file with one material, a text.

    Raises
    ------
    InputError
        If a file cannot be read.
    UsageError
        If it is none of them, a file holds several materials, or the material has no vector.
    """
    if not like.strip():
        raise UsageError("--like is empty; give a formula, a file, the id of a material of the index, or a text")
    by_id = _query_by_id(index, like)
    if by_id is not None:
        return by_id
    if len(parse_formulas([like]).rows):
        return query_of(f"the formula {like}", Materials.from_formulas([like]), index)
    if _is_file(like):
        asked_for = _asked_by_file(index, like)
        held = len(asked_for.queries) + sum(problem.dropped for problem in asked_for.problems)
        if held != 1:
            raise UsageError(f"{like} holds {held} materials; give a file with one material")
        return asked_for.queries[0]
    asked = query_of_text(like, index) if _is_text(like) else None
    if asked is None:
        raise UsageError(
            f"{like!r} is neither the id of a material in {index.where}, nor a formula, nor a file; give one of "
            "these, such as PbTe, or words if the index was built --with composition-text or structure-text"
        )
    return asked


@dataclass(frozen=True, eq=False)
class SearchRequest:
    """What is searched for, and what of a file could not be read."""

    queries: tuple[Query, ...]
    problems: tuple[RowProblem, ...] = ()


def queries_from(index: Index, like: str) -> SearchRequest:
    """As :func:`query_from`, but of every material of a file that holds several."""
    named = like.strip() and _query_by_id(index, like) is None and not len(parse_formulas([like]).rows)
    return _asked_by_file(index, like) if named and _is_file(like) else SearchRequest((query_from(index, like),))


def _asked_by_file(index: Index, path: str) -> SearchRequest:
    dataset = read_materials(Path(path), max_bad=1.0)
    names = dataset.materials.ids.tolist()
    words = [f"the material {name} in {path}" for name in names] if len(names) > 1 else [f"the material in {path}"]
    return SearchRequest(tuple(queries_of(words, dataset.materials, index)), dataset.problems)


def _is_file(like: str) -> bool:
    try:
        return Path(like).is_file()
    except OSError:  # Its name would be too long.
        return False


def _is_text(like: str) -> bool:
    """Whether it may be words: not the name of a file that is not there, and not a formula with a mistake.

    A single word has no capital but the first, as ``Skutterudite``, and unlike ``PbTee`` or ``Nacl`` is a long one.
    """
    words = like.split()
    if names_file(like):
        return False
    if len(words) > 1:
        return True
    word = "".join(words)
    return word.isalpha() and (word.islower() or (len(word) > LONGEST_FORMULA and word[1:].islower()))


def _query_by_id(index: Index, like: str) -> Query | None:
    """A material of the index, by its stored vectors; None if there is none with that id."""
    named = f"id = {quoted(like)}"
    if not index.count(named):  # much quicker than to read what is not there
        return None
    material = index.materials(named)
    vectors = {name: index.vectors([like], name)[0] for name in index.about.vectors}
    known = {name: one for name, one in vectors.items() if not np.isnan(one).any()}
    return Query(f"the material {like} of the index ({material.formulas[0]})", material, known)
