from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from matscout.crystal import tables

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_element_tables.py"
COMMITTED = Path(tables.__file__).parent / "element_tables"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_committed_tables_are_what_the_script_writes(tmp_path, monkeypatch):
    specification = importlib.util.spec_from_file_location("make_element_tables", SCRIPT)
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    tables = (script.magpie, script.sites, script.elements, script.species, script.facts, script.states)
    for write in (script.licences, *tables):
        write()
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    committed = {path.name: path.read_text(encoding="utf-8") for path in COMMITTED.iterdir()}
    assert committed.keys() - written.keys() == {"README.md"}
    assert all(committed[name] == text for name, text in written.items())
