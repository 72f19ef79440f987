"""The package as a whole: light to import, silent on the network, portable, and honest in its exit codes."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

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
