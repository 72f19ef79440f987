"""What ``scripts/fuzz.py`` alters and reads: for every reader good inputs, and pieces that could do harm."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from matscout.data.formulas import parse_formulas
from matscout.data.headings import split_heading
from matscout.data.materials import Materials
from matscout.data.stated_digests import with_digests
from matscout.data.structure_texts import read_structure_text
from matscout.data.table_files import read_table
from matscout.data.units import parse_unit
from matscout.data.values import parse_values
from matscout.errors import MatscoutError
from matscout.predict.artefact import load_models, predict_with
from matscout.workflow.funnel_plan import FunnelPlan

MODEL = Path(__file__).parent / "golden" / "artefact-3" / "extratrees-magpie" / "target-1"

NUMBERS = (
    b"0",
    b"-1",
    b"1e308",
    b"1e-308",
    b"NaN",
    b"inf",
    b"9" * 30,
    b"9" * 5000,
    b"0x1p3",
    "½".encode(),
    "١٢".encode(),
)
SIGNS = (
    b" " * 500,
    b"\n" * 500,
    b"\t",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"(" * 500,
    b"[" * 500,
    b"," * 500,
    b'"',
    b"'",
    b";",
)


@dataclass(frozen=True)
class Reader:
    """A way into the package.

    Parameters
    ----------
    name
        What is read.
    read
        Called with the bytes of an input.
    seeds
        Good inputs.
    pieces
        What is put into them.
    """

    name: str
    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    pieces: tuple[bytes, ...] = (*NUMBERS, *SIGNS)

    def failure(self, content: bytes) -> str | None:
        """None for a result or an error of matscout, else what was raised and where."""
        try:
            self.read(content)
        except (MatscoutError, KeyboardInterrupt):
            return None
        except BaseException as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            return f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
        return None


def _text(read: Callable[[str], object], content: bytes) -> None:
    read(content.decode("utf-8", errors="surrogateescape").encode("utf-8", "replace").decode("utf-8"))


def _table(ending: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t{ending}"
        path.write_bytes(content)
        read_table(path)


def _plan(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.yaml"
        path.write_bytes(content)
        FunnelPlan.read(path)


def _model(file: str, content: bytes) -> None:
    """A saved model in which one file is this; the digests are stated anew."""
    with tempfile.TemporaryDirectory() as outer:
        folder = Path(shutil.copytree(MODEL, Path(outer) / "model"))
        (folder / file).write_bytes(content)
        if file != "spec.json":
            spec = with_digests(json.loads((folder / "spec.json").read_text("utf-8")), folder, file)
            (folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
        predict_with(load_models(folder), _MATERIALS, 0.8, folder)


_MATERIALS = Materials.from_formulas(["NaCl", "GaAs"])
FRAME = pl.DataFrame({"formula": ["NaCl", "KCl", "GaAs"], "gap (eV)": [8.5, 8.1, 1.4], "note": ["a", None, "ü"]})


def _bytes(write: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def _flat_arrays() -> bytes:
    """The arrays of the model without compression, so that altered bytes alter numbers."""
    return _bytes(lambda file: np.savez(file, **dict(np.load(MODEL / "arrays.npz"))))


CSV = FRAME.write_csv().encode()
JSON = FRAME.write_json().encode()
SPLIT = b'{"columns": ["formula", "gap"], "data": [["NaCl", 8.5], ["KCl", 8.1]]}'
CIF = b"""data_NaCl
_cell_length_a 5.64
_cell_length_b 5.64
_cell_length_c 5.64
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Na1 Na 0 0 0 1
Cl1 Cl 0.5 0.5 0.5 1
"""
POSCAR = b"NaCl\n1.0\n5.64 0 0\n0 5.64 0\n0 0 5.64\nNa Cl\n1 1\ndirect\n0 0 0\n0.5 0.5 0.5\n"
XYZ = b'2\nLattice="5.6 0 0 0 5.6 0 0 0 5.6" Properties=species:S:1:pos:R:3\nNa 0 0 0\nCl 2.8 2.8 2.8\n'
PLAN = b"""labels: {file: x.csv, target: gap}
goal: [gap=1:2]
candidates: {elements: [Pb, Te], count: 100}
stages:
  - similarity: {like: PbTe}
    keep: 10
    reason: near
define: {ratio: gap/2}
rank: {fast: true, batch: 2}
"""

_ALL = (
    Reader(
        "cells",
        partial(_text, lambda text: parse_values([text])),
        (b"1.5", b"1,5(2) eV", b">3 x 10^-4", b"2-3", b"1 234,5"),
    ),
    Reader(
        "formulas",
        partial(_text, lambda text: parse_formulas([text])),
        (b"NaCl", b"La0.5Sr0.5MnO3-d", b"Ba(Ti,Zr)O3", b"CuSO4.5H2O", b"x = 0.2: Na1-xKxCl", b"[Fe(CN)6]4-"),
    ),
    Reader(
        "headings", partial(_text, split_heading), (b"gap (eV)", b"kappa / W m-1 K-1", b"E_g in eV", b"sigma [S/cm]")
    ),
    Reader("units", partial(_text, parse_unit), (b"eV", b"W/(m K)", b"10^3 S cm^-1", b"mA/cm2")),
    Reader("csv", partial(_table, ".csv"), (CSV, CSV.replace(b",", b";"), CSV.decode().encode("utf-16"))),
    Reader("csv-gz", partial(_table, ".csv.gz"), (gzip.compress(CSV * 20, mtime=0),)),
    Reader("json", partial(_table, ".json"), (JSON, SPLIT)),
    Reader("json-lines", partial(_table, ".jsonl"), (FRAME.write_ndjson().encode(),)),
    Reader(
        "parquet",
        partial(_table, ".parquet"),
        (_bytes(FRAME.write_parquet), _bytes(partial(FRAME.write_parquet, compression="uncompressed"))),
    ),
    Reader("xlsx", partial(_table, ".xlsx"), (_bytes(FRAME.write_excel),)),
    Reader("structures", partial(_text, read_structure_text), (CIF, POSCAR, XYZ)),
    Reader("model-arrays", partial(_model, "arrays.npz"), (_flat_arrays(), (MODEL / "arrays.npz").read_bytes())),
    Reader(
        "model-spec",
        partial(_model, "spec.json"),
        ((MODEL / "spec.json").read_bytes(),),
        (*NUMBERS, *SIGNS, b"null", b"[]", b"{}", b'"x"'),
    ),
    Reader("yaml", _plan, (PLAN,), (*NUMBERS, *SIGNS, b"&a ", b"*a", b"!!x ", b"- ", b": ", b"<<: ", b"{", b"}")),
)
READERS = {reader.name: reader for reader in _ALL}
