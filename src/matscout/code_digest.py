"""What stored results depend on besides data and settings: the logic of the code that made them.

The code of a module is its own and that of all modules which it imports, directly or through others, also inside of
functions; so an edit throws away only what depends on it. Files are read, none is imported.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from matscout.registry import FAMILIES, outside_plug_ins, plug_ins
from matscout.store import Store, key_of

_NEUTRAL = (
    "code_digest errors extras made mentions plug_in_files progress ray_workers registry shown store telemetry workers"
)

NEUTRAL = frozenset(f"matscout.{name}" for name in (*_NEUTRAL.split(), "data.files", "data.given"))
"""Modules that take, find, distribute, keep, report and refuse, but decide no result."""

NAMED_BY_CALLERS = frozenset({"representations", "models"})
"""Families of which a result depends on few plug-ins, those that its maker names: they are part of its key."""

_NOWHERE = secrets.token_hex()
"""Digest of a module that was typed in and lies in no file: what it made is of use to this process only."""

LONGEST_NAME = 100
"""Letters of the name of a file."""

COMPILED = (".py", ".pyc", ".nbi", ".nbc")

KIND, VERSION, MOST = "code", 1, 5000
"""What is found in files is kept in the store, that of so many."""


@dataclass(frozen=True)
class ParsedFile:
    """What is found in one file of Python.

    Parameters
    ----------
    logic
        SHA-256 of the syntax tree without texts that stand free, such as docstrings, and imports for types only.
    imports
        ``(level, module, name)`` of ``from module import name``, with as many dots before it; no name for ``import``.
    families
        Families of plug-ins that are loaded by name.
    exports
        Name -> module, of those dictionaries by which a package imports what it exports on first use.
    texts
        Names of files or folders beside it that it may read: its texts, if it asks where it lies.
    """

    logic: str
    imports: Sequence[Sequence[Any]]
    families: Sequence[str]
    exports: Mapping[str, str]
    texts: Sequence[str]


@cache
def digest_of_code(*modules: str) -> str:
    """SHA-256 of the logic of modules and of all in their packages that they import, and of the tables beside them.

    Comments, docstrings and blanks do not count. Plug-ins that are reached by name (:func:`~matscout.registry.
    load_class`) count with their whole family, but for representations and models: name the modules of those.

    Parameters
    ----------
    modules
        As they are imported, e.g. ``"matscout.predict.models.auto"``; a package stands for all modules in it.

    Raises
    ------
    ModuleNotFoundError
        If there is no such module.
    """
    hashed = hashlib.sha256()
    for name, digest in sorted(parts_of_code(*modules).items()):
        hashed.update(f"{name} {digest}\n".encode())
    return hashed.hexdigest()


def digest_of_outside_code() -> str:
    """SHA-256 of the code of all plug-ins of other packages and of the user's files, "" where there is none."""
    modules = sorted({plug_in.target.partition(":")[0] for family in FAMILIES for plug_in in outside_plug_ins(family)})
    own = f"{__name__.partition('.')[0]}."
    parts = {} if not modules else parts_of_code(*modules)
    outside = [f"{name} {digest}" for name, digest in sorted(parts.items()) if not name.startswith(own)]
    return hashlib.sha256("\n".join(outside).encode()).hexdigest() if outside else ""


def parts_of_code(*modules: str) -> dict[str, str]:
    """Name of each module and table that :func:`digest_of_code` takes into account -> its digest."""
    parts: dict[str, str] = {}
    packages = {name.partition(".")[0] for name in (*modules, __name__)}
    waiting = [name for module in modules for name in _named(module)]
    parts |= {module: _NOWHERE for module in modules if _path_of(module) is None}
    while waiting:
        module = waiting.pop()
        path = _path_of(module)
        if module in parts or module in NEUTRAL or path is None:
            continue
        parsed = _known().parse(path)
        parts[module] = parsed.logic
        parts |= _tables(path, _folder_of(module.partition(".")[0]), parsed.texts)
        waiting += [name for name in _reached(module, path, parsed, packages) if name not in parts]
    _known().keep()
    return parts


def logic(text: str) -> str:
    """SHA-256 of the syntax tree of a Python file without docstrings and other free-standing texts."""
    return parsed_file(text).logic


def parsed_file(text: str) -> ParsedFile:
    """What is found in the text of a file."""
    tree = ast.parse(text)
    reading = _Reading()
    reading.see(tree)
    return ParsedFile(
        hashlib.sha256(" ".join(reading.words).encode()).hexdigest(),
        reading.imports,
        sorted(reading.families),
        dict(pair for node in tree.body for pair in _exports(node)),
        sorted(reading.texts) if reading.reads_files else [],
    )


_PLACES = ("__file__", "files")
_NO_LOGIC = ("ctx", "kind", "type_comment")


class _Reading:
    """Goes through a syntax tree once, and takes down what has an effect when the code runs."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.imports: list[tuple[int, str, str]] = []
        self.families: set[str] = set()
        self.texts: set[str] = set()
        self.reads_files = False

    def see(self, node: ast.AST) -> None:
        """Take down a node; fields that are empty are left out, as other versions of Python do not have them."""
        if isinstance(node, ast.If) and _last_name(node.test) == "TYPE_CHECKING":
            self._see_all(node.orelse)
            return
        self._look_at(node)
        self.words.append(type(node).__name__)
        for field in node._fields:
            value = getattr(node, field, None)
            if value is None or value == [] or field in _NO_LOGIC:
                continue
            self.words.append(field)
            if isinstance(value, ast.AST):
                self.see(value)
            elif isinstance(value, list):
                self.words.append("[")
                self._see_all(value)
                self.words.append("]")
            else:
                self.words.append(repr(value))

    def _see_all(self, values: list[Any]) -> None:
        for value in values:
            if not isinstance(value, ast.AST):
                self.words.append(repr(value))
            elif not (isinstance(value, ast.Expr) and _is_text(value.value)):
                self.see(value)

    def _look_at(self, node: ast.AST) -> None:
        """Take down what the node reaches."""
        match node:
            case ast.Constant(value=str(text)) if len(text) < LONGEST_NAME:
                self.texts.add(text)
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in _PLACES:
                self.reads_files = True
            case ast.Import():
                self.imports += [(0, alias.name, "") for alias in node.names]
            case ast.ImportFrom():
                self.imports += [(node.level, node.module or "", alias.name) for alias in node.names]
            case ast.Call(func=called, args=[ast.Constant(value=str(text)), *_]):
                if _last_name(called) == "import_module":
                    self.imports.append((0, text, ""))
                elif _last_name(called) == "load_class":
                    self.families.add(text)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _exports(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Pairs of texts in a dictionary that a module-level name is set to."""
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.Dict):
        for name, module in zip(value.keys, value.values, strict=True):
            if isinstance(name, ast.Constant) and isinstance(module, ast.Constant):
                yield str(name.value), str(module.value)


def _named(module: str) -> list[str]:
    """A module, or all modules of a package.

    Raises
    ------
    ModuleNotFoundError
        If there is none.
    """
    path = _path_of(module)
    if path is None and module not in sys.modules:
        raise ModuleNotFoundError(f"there is no module {module}", name=module)
    if path is None or path.name != "__init__.py":
        return [module]
    inner = [file.relative_to(path.parent).with_suffix("").parts for file in sorted(path.parent.rglob("*.py"))]
    return [".".join((module, *parts)).removesuffix(".__init__") for parts in inner]


def _reached(module: str, path: Path, parsed: ParsedFile, packages: Set[str]) -> Iterator[str]:
    """Modules of these top-level packages that a module imports or loads by name."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for level, source, name in parsed.imports:
        base = package.split(".")[: len(package.split(".")) - level + 1] if level else []
        whole = ".".join([*base, *([source] if source else [])])
        if whole.partition(".")[0] in packages:
            yield from _meant(whole, name)
    for family in parsed.families:
        if family in FAMILIES and family not in NAMED_BY_CALLERS:
            yield from (plug_in.target.partition(":")[0] for plug_in in plug_ins(family))


@cache
def _meant(module: str, name: str) -> tuple[str, ...]:
    """What ``from module import name`` takes from: a module in a package, or its code and what that exports lazily."""
    if name and _path_of(f"{module}.{name}") is not None:
        return (f"{module}.{name}",)
    path = _path_of(module)
    if not name or path is None or path.name != "__init__.py":
        return (module,)
    return module, _known().parse(path).exports.get(name, module)


@cache
def _folder_of(package: str) -> Path:
    """Of a top-level package; of a module that stands alone the folder in which it is."""
    try:
        spec = find_spec(package)
    except ValueError:  # __main__ has none.
        spec = None
    if spec is None or spec.origin is None:
        return Path("nowhere")
    return Path(spec.submodule_search_locations[0]) if spec.submodule_search_locations else Path(spec.origin).parent


@cache
def _path_of(module: str) -> Path | None:
    """The file of a module; None if there is none of Python."""
    top, *inner = module.split(".")
    folder = _folder_of(top)
    place = folder.joinpath(*inner) if folder.name == top else folder.joinpath(top, *inner)
    for path in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
        if path.is_file():
            return path
    loaded = getattr(sys.modules.get(module), "__file__", None)
    return Path(loaded) if loaded and loaded.endswith(".py") else None


def _tables(path: Path, package: Path, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Files that are no code, and are named in a module that reads files: beside it, or in a folder beside it."""
    for folder in {path.parent, package}:
        for place in (folder.joinpath(*text.split("/")) for text in texts if text.strip("./")):
            files = [place] if place.is_file() else place.iterdir() if place.is_dir() else ()
            for file in files:
                if file.is_file() and file.suffix not in COMPILED:
                    digest = hashlib.sha256(file.read_bytes()).hexdigest()
                    yield (file.relative_to(package).as_posix() if package in file.parents else file.name), digest


class _Files:
    """What is found in files, by their content; parsing takes seconds, so that it is kept from run to run."""

    def __init__(self) -> None:
        self._store, self._key = Store.of_user(), key_of(VERSION, sys.version_info[:2])
        content = self._store.get_bytes(KIND, self._key)
        self._parsed: dict[str, Any] = {} if content is None else json.loads(content)
        self._new = False

    def parse(self, path: Path) -> ParsedFile:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._parsed:
            parsed = parsed_file(content.decode("utf-8"))
            self._parsed[digest] = [getattr(parsed, field.name) for field in fields(parsed)]
            self._new = True
        return ParsedFile(*self._parsed[digest])

    def keep(self) -> None:
        if self._new:
            latest = dict(list(self._parsed.items())[-MOST:])
            # Where nothing can be kept, files are parsed in each run.
            with contextlib.suppress(OSError):
                self._store.put_bytes(KIND, self._key, json.dumps(latest).encode())
            self._new = False


@cache
def _known() -> _Files:
    return _Files()
