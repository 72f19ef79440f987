"""The digest of code: what it depends on is what is imported, and no more."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import matscout
from matscout import code_digest
from matscout.code_digest import NEUTRAL, digest_of_code, logic, parts_of_code

PACKAGE = {
    "__init__.py": "_PUBLIC = {'run': 'small.runs', 'tell': 'small.words'}\n",
    "runs.py": "from __future__ import annotations\nfrom typing import TYPE_CHECKING\n"
    "from small.sums import total\nif TYPE_CHECKING:\n    from small.types_only import Kind\n"
    "def run():\n    from small.inside import late\n    return late(total)\n",
    "sums.py": "import small.deep.tables\ndef total(x):\n    return sum(x)\n",
    "inside.py": "from .deep import helper\ndef late(x):\n    return helper.help(x)\n",
    "types_only.py": "class Kind: ...\n",
    "words.py": "def tell():\n    return 'words'\n",
    "uses_exports.py": "from small import run\n",
    "imports_by_name.py": "from importlib import import_module\nwords = import_module('small.words')\n",
    "deep/__init__.py": "",
    "deep/helper.py": "from ..words import tell\ndef help(x):\n    return tell()\n",
    "deep/tables.py": "from pathlib import Path\nHERE = Path(__file__).parent / 'values'\none = HERE / 'one.csv'\n",
    "deep/values/one.csv": "a,1\n",
    "deep/lone.csv": "b\n",
}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """A package in which files can be changed."""
    folder = tmp_path / "small"

    def write(name: str, text: str) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        for known in (digest_of_code, code_digest._path_of, code_digest._meant, code_digest._folder_of):
            known.cache_clear()

    monkeypatch.syspath_prepend(str(tmp_path))
    for name, text in PACKAGE.items():
        write(name, text)
    yield write
    write("words.py", "")


RUNS = {"runs", "sums", "inside", "deep.helper", "deep.tables", "words"}
TABLE = {"deep/values/one.csv"}
EXPECTED = {
    "small.runs": {f"small.{name}" for name in RUNS} | {"small"} | TABLE,
    "small.words": {"small.words"},
    "small.sums": {"small.sums", "small.deep.tables"} | TABLE,
    "small.uses_exports": {f"small.{name}" for name in RUNS} | {"small", "small.uses_exports"} | TABLE,
    "small.imports_by_name": {"small.imports_by_name", "small.words"},
    "small.deep": {"small.deep", "small.deep.helper", "small.deep.tables", "small.words"} | TABLE,
}


@pytest.mark.parametrize("module", EXPECTED)
def test_what_a_module_imports_is_its_code(small, module):
    assert set(parts_of_code(module)) - {"small"} == EXPECTED[module] - {"small"}


@pytest.mark.parametrize("changed", [name for name in PACKAGE if name.endswith((".py", ".csv"))])
@pytest.mark.parametrize("module", EXPECTED)
def test_only_what_depends_on_a_change_has_another_digest(small, module, changed):
    before = digest_of_code(module)
    small(changed, PACKAGE[changed] + ("VALUE = 1\n" if changed.endswith(".py") else "c\n"))
    name = changed if changed.endswith(".csv") else "small." + changed.removesuffix(".py").replace("/", ".")
    name = name.removesuffix(".__init__")
    assert (digest_of_code(module) != before) == (name in parts_of_code(module))
    small(changed, PACKAGE[changed])
    assert digest_of_code(module) == before


def test_comments_and_docstrings_do_not_count_but_logic_does():
    first = logic('"""About."""\ndef f(x):\n    """Say."""\n    return x\n')
    assert logic("# why\ndef f(x):\n\n    return x  # because\n") == first
    assert logic("def f(x):\n    'note'\n    return (x)\n") == first
    others = [
        "def f(x):\n    return -x\n",
        "def f(y):\n    return y\n",
        "def g(x):\n    return x\n",
        "def f(x):\n    return x\nf = 1\n",
        "def f(x=None):\n    return x\n",
        "def f(*x):\n    return x\n",
        "async def f(x):\n    return x\n",
    ]
    assert len({first, *map(logic, others)}) == len(others) + 1


def test_an_unknown_module_is_an_error(small):
    with pytest.raises(ModuleNotFoundError, match=r"no module small\.gone"):
        digest_of_code("small.gone")


def test_what_was_typed_in_is_known_to_its_process_only(monkeypatch):
    typed = types.ModuleType("typed_in")
    monkeypatch.setitem(sys.modules, "typed_in", typed)
    assert digest_of_code("typed_in") == digest_of_code.__wrapped__("typed_in")
    script = "import sys; sys.modules['typed_in'] = sys; from matscout.code_digest import digest_of_code as d"
    script += "\nprint(d('typed_in'))"
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert other.stdout.strip() != digest_of_code("typed_in")


FRESH = """
import json, sys, time
from matscout.code_digest import digest_of_code
began = time.process_time()
digests = [digest_of_code(name) for name in ("matscout", "matscout.predict.models.auto")]
print(json.dumps([digests, time.process_time() - began]))
"""


def test_the_digest_is_the_same_in_every_process_and_quick():
    digest_of_code("matscout")
    ended = [subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True) for _ in "ab"]
    (first, _), (second, seconds) = (json.loads(one.stdout) for one in ended)
    assert first == second == [digest_of_code(name) for name in ("matscout", "matscout.predict.models.auto")]
    assert seconds < 0.5  # 0.1 s of an idle core; the first time on a machine 3 s


LOADED = """
import importlib, json, sys
import matscout
before = set(sys.modules)
importlib.import_module(sys.argv[1])
print(json.dumps([name for name in sys.modules if name.startswith("matscout.") and name not in before]))
"""


@pytest.mark.parametrize(
    "module", ["matscout.predict.models.auto", "matscout.discover.ranking", "matscout.represent.descriptors.soap"]
)
def test_every_module_that_python_imports_is_in_it(module):
    ended = subprocess.run([sys.executable, "-c", LOADED, module], capture_output=True, text=True, check=True)
    packages = {path.parent.relative_to(Path(matscout.__path__[0]).parent) for path in PACKAGES}
    rooms = {".".join(path.parts) for path in packages}
    assert set(json.loads(ended.stdout)) - rooms - NEUTRAL - set(parts_of_code(module)) == set()


PACKAGES = sorted(Path(matscout.__path__[0]).rglob("__init__.py"))


def test_every_table_beside_the_code_belongs_to_some_module():
    package = Path(matscout.__path__[0])
    tables = {path.relative_to(package).as_posix() for path in package.rglob("element_tables/*")}
    assert tables
    assert tables <= set(parts_of_code("matscout"))
