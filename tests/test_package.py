"""The package as a whole: light to import, silent on the network, portable, and honest in its exit codes."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import grimp
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

import matscout

PACKAGE = Path(matscout.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
HEAVY = (
    "numpy",
    "scipy",
    "polars",
    "pandas",
    "sklearn",
    "pymatgen",
    "smact",
    "matplotlib",
    "numba",
    "jinja2",
    "torch",
    "lightning",
)
POSIX_ONLY = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "posix", "syslog", "crypt", "readline"}
POSIX_CALLS = {"fork", "forkpty", "setsid", "getuid", "geteuid", "getgid", "chown", "mkfifo", "killpg", "nice", "uname"}


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    "statement",
    [
        "import matscout",
        "import sys; from matscout.app.cli import run; sys.stdout = None or sys.stdout; run(['--help'])",
    ],
    ids=["import", "help"],
)
def test_heavy_packages_stay_out(statement: str) -> None:
    check = f"import sys\n{statement}\nprint('HEAVY', sorted(set({HEAVY!r}) & set(sys.modules)))"
    finished = python("-c", check)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines()[-1] == "HEAVY []"


def test_public_names_resolve() -> None:
    for name in matscout.__all__:
        assert getattr(matscout, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        matscout.nonsense  # noqa: B018


def test_module_is_the_command_line() -> None:
    finished = python("-m", "matscout", "--version")
    assert finished.returncode == 0
    assert finished.stdout.strip() == f"matscout {matscout.__version__}"


def _imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_source_is_portable(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not _imports(tree) & POSIX_ONLY
    attributes = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
    }
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "os"
        for alias in node.names
    }
    assert not (attributes | imported) & POSIX_CALLS
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    assert not [text for text in texts if re.match(r"(/tmp|/home|/usr|/etc|/dev|/proc|/var|[A-Za-z]:\\)\b", text)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_source_runs_no_foreign_code(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not _imports(tree) & {"pickle", "dill", "marshal", "shelve"}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"eval", "exec", "compile"}
    attributes = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not attributes & {"joblib.load", "joblib.dump", "os.system", "os.popen"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_text_files_name_their_encoding(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            named = {keyword.arg for keyword in node.keywords}
            if node.func.attr in {"read_text", "write_text"}:
                assert "encoding" in named, f"line {node.lineno}"


def test_checker_finds_what_it_looks_for() -> None:
    assert _imports(ast.parse("import fcntl\nfrom os import fork")) & POSIX_ONLY == {"fcntl"}


@cache
def import_graph() -> grimp.ImportGraph:
    """All imports of the package, those inside functions and for type checkers only included."""
    return grimp.build_graph("matscout", exclude_type_checking_imports=False)


def circles_of(graph: grimp.ImportGraph, package: str) -> set[str]:
    """The members of a package, files and folders, that import each other in a circle."""
    members = sorted(graph.find_children(package))
    place = {
        module: number for number, member in enumerate(members) for module in (member, *graph.find_descendants(member))
    }
    arrows = {
        (place[module], place[other])
        for module in place
        for other in graph.find_modules_directly_imported_by(module)
        if place.get(other, place[module]) != place[module]
    }
    if not arrows:
        return set()
    rows, columns = zip(*arrows, strict=True)
    size = len(members)
    matrix = coo_array(([1] * len(arrows), (rows, columns)), shape=(size, size))
    _, circle = connected_components(matrix, directed=True, connection="strong")
    counts = [list(circle).count(own) for own in circle]
    return {member.rpartition(".")[2] for member, count in zip(members, counts, strict=True) if count > 1}


PACKAGES = sorted(".".join(path.parent.relative_to(PACKAGE).parts) for path in PACKAGE.rglob("__init__.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_within_a_room_imports_in_a_circle(package: str) -> None:
    circle = circles_of(import_graph(), ".".join(filter(None, ["matscout", package])))
    assert circle == set(), "a circle of imports; move what both need into a file of its own"


def test_no_two_classes_have_one_name() -> None:
    parsed = (ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES)
    names = Counter(node.name for tree in parsed for node in tree.body if isinstance(node, ast.ClassDef))
    found = {name for name, count in names.items() if count > 1}
    assert found == set(), "a class of this name exists; say what this one is"


def test_circles_are_found() -> None:
    graph = grimp.ImportGraph()
    for module in ("top", "top.a", "top.b", "top.b.c", "top.d"):
        graph.add_module(module)
    graph.add_import(importer="top.a", imported="top.b.c")
    graph.add_import(importer="top.d", imported="top.a")
    assert circles_of(graph, "top") == set()
    graph.add_import(importer="top.b", imported="top.a")
    assert circles_of(graph, "top") == {"a", "b"}


@pytest.mark.parametrize("folder", ["benchmarks", "scripts"])
def test_what_scripts_import_of_the_package_is_there(folder: str) -> None:
    """Benchmarks are not run by tests, so nothing else would tell that a name has moved."""
    for path in sorted((PACKAGE.parents[1] / folder).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("matscout"):
                module = importlib.import_module(str(node.module))
                missing = [one.name for one in node.names if not hasattr(module, one.name)]
                for name in missing:  # Modules are no attributes before they are imported.
                    importlib.import_module(f"{node.module}.{name}")


SPEECH = re.compile(r"(^|_)(told|said|heard)(_|$)", re.IGNORECASE)
STORED = {"data/reactions/column_store.py": {"said"}, "data/reactions/texts.py": {"said"}}
"""The field ``Part.said``, which the specifications of stored models hold."""


def names_in(tree: ast.AST) -> set[str]:
    """Names of variables, arguments, attributes, functions and classes."""
    kinds = {ast.Name: "id", ast.Attribute: "attr", ast.arg: "arg", ast.keyword: "arg"}
    kinds |= dict.fromkeys((ast.FunctionDef, ast.ClassDef), "name")
    return {str(getattr(node, kinds[type(node)])) for node in ast.walk(tree) if type(node) in kinds}


def test_data_are_not_called_by_verbs_of_speech() -> None:
    for path in SOURCES:
        place = path.relative_to(PACKAGE).as_posix()
        names = {name for name in names_in(ast.parse(path.read_text(encoding="utf-8"))) if SPEECH.search(name)}
        names -= STORED.get(place, set())
        assert not names, f"{place}: say what {', '.join(names)} is"


def test_data_are_not_called_found() -> None:
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assigned = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "found"]
        arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        assert not assigned or "found" in arguments, f"{path}, line {assigned[0]}: say what was found"
