"""No regular expression of the package takes a time that grows faster than the text does.

Every pattern is tried, in the way in which the package uses it, on texts made of the characters that it mentions.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from re import _constants as sre
from re import _parser as sre_parser
from typing import Any

import pytest

import matscout

SIZES = (5, 22, 100, 400, 1_600, 6_400)
"""Characters, each about four times as many; the least are for times that double with every character."""
RATIO = 8.0
"""A time that grows with the length becomes four times as long, one that grows with its square sixteen times."""
NOTICEABLE = 0.03
"""Seconds; less is not measured reliably, and no pattern whose time is linear takes as long."""
MOST_CHARACTERS = 9

SOURCES = {path: path.read_text(encoding="utf-8") for path in Path(matscout.__path__[0]).rglob("*.py")}
ANYWHERE = {"search", "sub", "subn", "split", "findall", "finditer"}


def module_of(path: Path) -> str:
    return ".".join(["matscout", *path.relative_to(matscout.__path__[0]).with_suffix("").parts]).removesuffix(
        ".__init__"
    )


def patterns_within(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """Patterns, also those within lists and tables."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict) and depth < 2:
        yield from itertools.chain(*(patterns_within(inner, depth + 1) for inner in (*value, *value.values())))
    elif isinstance(value, list | tuple | set | frozenset) and depth < 2:
        yield from itertools.chain(*(patterns_within(inner, depth + 1) for inner in value))


def kept_patterns() -> Iterator[tuple[str, re.Pattern[Any], set[str]]]:
    """Patterns that modules keep: name, pattern, and the methods by which they are used."""
    for path, source in SOURCES.items():
        if "re.compile" not in source:
            continue
        name = module_of(path)
        try:
            module = importlib.import_module(name)
        except ImportError:  # of an optional package
            continue
        for attribute, value in vars(module).items():
            for pattern in patterns_within(value):
                used = {way for text in SOURCES.values() for way in re.findall(rf"\b{attribute}\.([a-z]+)\(", text)}
                # Where several are tried in turn, as they are in their module.
                yield f"{name}.{attribute}", pattern, used or ({"fullmatch"} if ".fullmatch(" in source else {"search"})


def passing_patterns() -> Iterator[tuple[str, re.Pattern[Any], set[str]]]:
    """Patterns that are written where they are used: ``re.search(r"...", text)``."""
    for path, source in SOURCES.items():
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)] if "re." in source else []
        for call in calls:
            asked = call.func
            if not (isinstance(asked, ast.Attribute) and ast.unparse(asked.value) == "re" and asked.attr != "compile"):
                continue
            if call.args and isinstance(call.args[0], ast.Constant):
                flags = [arg for arg in call.args[2:] if "re." in ast.unparse(arg)]
                flags += [word.value for word in call.keywords if word.arg == "flags"]
                chosen = eval(ast.unparse(flags[0]), {"re": re}) if flags else 0
                yield f"{module_of(path)}:{call.lineno}", re.compile(call.args[0].value, chosen), {asked.attr}


@cache
def patterns() -> dict[str, tuple[re.Pattern[Any], set[str]]]:
    """Place -> pattern and ways of use, each pattern once."""
    found: dict[tuple[str, int], tuple[str, re.Pattern[Any], set[str]]] = {}
    for place, pattern, used in itertools.chain(kept_patterns(), passing_patterns()):
        found.setdefault((str(pattern.pattern), pattern.flags), (place, pattern, used))
    return {place: (pattern, used) for place, pattern, used in found.values()}


def characters_of(pattern: re.Pattern[Any]) -> list[str]:
    """Characters that a pattern mentions, one for every class of them."""
    text = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    found = dict.fromkeys("a1 ")

    def see(item: Any) -> None:
        match item:
            case (sre.LITERAL | sre.NOT_LITERAL, code):
                found[chr(code)] = None
            case (sre.RANGE, (low, high)):
                found[chr((low + high) // 2)] = None
            case (sre.CATEGORY, sre.CATEGORY_SPACE):
                found["\n"] = None
            case (sre.ANY, _):
                found["x"] = None
            case tuple() | list():
                for inner in item:
                    see(inner)
            case sre_parser.SubPattern():
                see(list(item.data))

    see(sre_parser.parse(text, pattern.flags & ~re.DEBUG))
    return list(found)[:MOST_CHARACTERS]


def texts_for(pattern: re.Pattern[Any], size: int) -> Iterator[tuple[str, str]]:
    """Texts that begin well and end badly, and how they are made."""
    for one, other in itertools.product(characters_of(pattern), repeat=2):
        yield f"{one!r} * n, {other!r}", one * size + other + "\0"
        if one != other:
            yield f"{other!r}, {one!r} * n", other + one * size + "\0"
            yield f"{one + other!r} * n", (one + other) * (size // 2) + "\0"


def uses_of(pattern: re.Pattern[Any], used: set[str]) -> list[Callable[[Any], object]]:
    uses: list[Callable[[Any], object]] = []
    if used & ANYWHERE or not used & {"match", "fullmatch"}:
        uses.append(lambda text: sum(1 for _ in pattern.finditer(text)))
    if "match" in used:
        uses.append(pattern.match)
    if "fullmatch" in used:
        uses.append(pattern.fullmatch)
    return uses


def seconds(use: Callable[[Any], object], text: str | bytes, times: int = 1) -> float:
    """The least of several measurements."""
    found = []
    for _ in range(times):
        start = time.thread_time()
        use(text)
        found.append(time.thread_time() - start)
    return min(found)


def slow_texts(pattern: re.Pattern[Any], used: set[str]) -> Iterator[str]:
    """How texts are made on which the time of a pattern grows too fast."""
    is_bytes = isinstance(pattern.pattern, bytes)
    for use in uses_of(pattern, used):
        for before, size in itertools.pairwise(SIZES):
            for (how, text), (_, shorter) in zip(texts_for(pattern, size), texts_for(pattern, before), strict=True):
                longer, short = (text.encode(), shorter.encode()) if is_bytes else (text, shorter)
                if seconds(use, longer) > NOTICEABLE and seconds(use, longer, 5) > RATIO * seconds(use, short, 5):
                    yield how
                    return


@pytest.mark.parametrize("place", patterns())
def test_time_grows_with_the_length_of_the_text(place: str) -> None:
    slow = list(slow_texts(*patterns()[place]))
    assert not slow, f"{place}: {patterns()[place][0].pattern!r} takes long on {slow[0]}"


@pytest.mark.parametrize("pattern", [r"(?m)^\s*_cell", r"(a+)+$", r"\s*[\s,]*x", r".*a.*b"])
def test_slow_patterns_are_found(pattern: str) -> None:
    assert list(slow_texts(re.compile(pattern), {"search"}))


def test_the_patterns_of_the_package_are_found() -> None:
    found = patterns()
    assert "matscout.data.table_files._NUMBER_LIKE" in found
    assert any(":" in place for place in found)
    assert found["matscout.data.table_files._NUMBER_LIKE"][1] == {"fullmatch"}
