"""The command line as other programs see it: exit codes, streams, names of columns."""

from __future__ import annotations

import csv
import json
import shlex
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from markupsafe import escape

from matscout.app.cli import COMMANDS, run
from matscout.represent.descriptors.magpie import Magpie

pytestmark = pytest.mark.usefixtures("few_trees")

HOSTS = ("NaCl", "KBr", "LiF", "MgO", "CaS", "ZnSe", "GaN", "AlP", "InSb", "SiC", "TiO2", "ZrS2", "Al2O3", "Bi2Te3")
MORE = ("CsI", "RbCl", "BaO", "SrSe", "ZnO", "BN", "GaP", "InN", "GeC", "SnO2", "HfS2", "Ga2O3", "Sb2Se3", "LiI")


def label_rows() -> list[tuple[str, float, str]]:
    """Formula, a made-up gap that falls with the number of letters and digits, a made-up paper."""
    return [
        (formula, round(5.0 - 0.5 * len(formula) + 0.07 * place, 2), f"paper {place % 14}")
        for place, formula in enumerate(HOSTS + MORE)
    ]


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels of mine") / "gaps.csv"
    lines = ["formula,band gap (eV),paper", *(f"{formula},{gap},{paper}" for formula, gap, paper in label_rows())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(labels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "gap model"
    assert run(["fit", str(labels), "--target", "band gap", "--fast", "-o", str(folder)]) == 0
    return folder


def matscout(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "matscout", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)


def test_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    verbs = {
        "demo",
        "representations",
        "datasets",
        "check",
        "fit",
        "predict",
        "evaluate",
        "scout",
        "search",
        "run",
        "recommend",
        "screen",
        "campaign",
        "arrange",
        "embed",
        "hull",
        "relax",
        "dynamics",
        "check-force-field",
        "view",
        "map",
        "pretrain",
        "reproduce",
        "info",
    }
    assert verbs == {command.__name__.replace("_", "-") for command in COMMANDS}
    assert all(verb in shown for verb in (*verbs, "index", "cache"))


INPUT = "--formula --structure --sheet --unit --max-bad"
REACTIONS = f"{INPUT} --reaction"
FIT = "--target --context --groups --error --metric --fast --seed --define"
OPTIONS = {
    "check": REACTIONS,
    "fit": f"{REACTIONS} {FIT} --model -o",
    "predict": "--reaction --level -o",
    "evaluate": f"{REACTIONS} {FIT} --folds --protocol --time --n-folds --repeats --n-labels --level --model --with "
    "--save --oof",
    "scout": f"{REACTIONS} {FIT} --goal --model --candidates --elements --dope --n-candidates --exclude --set --order "
    "--require --must --batch -o",
    "embed": f"{REACTIONS} --with -o",
    "check-force-field": "--crystal --seed",
    "relax": f"{INPUT} --with -o --fmax --steps --cell --pressure --method --keep-symmetry --time-limit",
    "dynamics": f"{INPUT} --with -o --temperature --ps --ion --timestep --supercell --ensemble --thermostat --damping "
    "--equilibration --interval --seed --time-limit",
    "index build": f"{INPUT} --with --cell --ray -o",
    "index add": INPUT,
    "index delete": "--where",
    "index info": "INDEX",
    "search": "--like --with --where -k --diversity --exact --version -o",
    "view": f"{INPUT} --target --in --labels --neighbours -o",
    "map": f"{INPUT} --with --method --colour --most --width --seed --table -o",
    "pretrain": "--multirun -o",
    "reproduce": "-o",
}


@pytest.mark.parametrize(("verb", "options"), OPTIONS.items())
def test_options_have_the_promised_names(verb: str, options: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*verb.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert [option for option in options.split() if option not in shown] == []


def test_check_lists_every_bad_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "some.csv"
    good = "\n".join(f"{formula},{gap}" for formula, gap, _ in label_rows())
    path.write_text(f"formula,gap (eV)\n{good}\nXq2O3,1.0\n", encoding="utf-8")
    assert run(["check", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "28 of 29 rows can be used" in shown
    assert "Xq2O3" in shown
    assert "30" in shown


def test_check_refuses_a_file_that_is_mostly_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "some.csv"
    path.write_text("formula,gap\nXq2O3,1.0\nZz,2.0\nGaN,3.4\nGaAs,1.4\n", encoding="utf-8")
    assert run(["check", str(path), "--formula", "formula"]) == 1
    error = capsys.readouterr().err
    assert "2 of 4 rows cannot be used" in error
    assert "Traceback" not in error


def test_predict_adds_the_promised_columns(model: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "new.csv", tmp_path / "deep" / "out.csv"
    source.write_text("name;formula;price\na;GaAs;1,5\nb;InP;2,5\nc;CdTe;3,5\n", encoding="utf-8")
    assert run(["predict", str(model), str(source), "--level", "0.8", "-o", str(out)]) == 0
    table = pl.read_csv(out)
    added = [
        "band gap_predicted",
        "band gap_std",
        "band gap_lower",
        "band gap_upper",
        "band gap_knows_more",
        "in_domain",
    ]
    assert table.columns == ["name", "formula", "price", *added]
    assert table["formula"].to_list() == ["GaAs", "InP", "CdTe"]
    assert table["price"].to_list() == ["1,5", "2,5", "3,5"]
    lower, middle, upper = (table[f"band gap_{part}"].to_numpy() for part in ("lower", "predicted", "upper"))
    assert (lower <= middle).all()
    assert (middle <= upper).all()
    assert table["in_domain"].dtype == pl.Boolean


def test_predict_keeps_rows_that_cannot_be_used(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "new.csv", tmp_path / "out.csv"
    rows = "".join(f"{formula}\n" for formula, _, _ in label_rows())
    source.write_text(f"formula\nXq2O3\n{rows}", encoding="utf-8")
    assert run(["predict", str(model), str(source), "-o", str(out)]) == 3
    table = pl.read_csv(out)
    assert len(table) == 29
    assert table["band gap_predicted"].null_count() == 1
    assert table.row(0, named=True)["formula"] == "Xq2O3"
    assert "Xq" in table.row(0, named=True)["problem"]
    said = capsys.readouterr()
    assert "row 2" in said.err
    assert f"{out} (28 of 29 rows predicted, 1 with a reason in the column 'problem')" in said.out
    assert table["problem"].count() == 1


def test_predict_takes_formulas(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.csv"
    assert run(["predict", str(model), "GaAs", "In0.5Ga0.5P", "-o", str(out)]) == 0
    assert pl.read_csv(out)["formula"].to_list() == ["GaAs", "In0.5Ga0.5P"]
    assert run(["predict", str(model), "GaAs"]) == 0
    assert "GaAs" in capsys.readouterr().out
    assert run(["predict", str(model), ""]) == 2
    assert "a file or folder, or formulas, none of them empty" in capsys.readouterr().err


def test_predict_does_not_replace_its_input(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "new.csv"
    source.write_text("formula\nGaAs\n", encoding="utf-8")
    assert run(["predict", str(model), str(source), "-o", str(source)]) == 2
    assert "is the input and would be overwritten" in capsys.readouterr().err
    assert source.read_text(encoding="utf-8") == "formula\nGaAs\n"


def test_predict_classes(tmp_path: Path) -> None:
    source, folder, out = tmp_path / "metals.csv", tmp_path / "model", tmp_path / "out.csv"
    rows = "\n".join(f"{formula},{'yes' if gap < 3.0 else 'no'}" for formula, gap, _ in label_rows())
    source.write_text(f"formula,conducts\n{rows}\n", encoding="utf-8")
    assert run(["fit", str(source), "--fast", "-o", str(folder)]) == 0
    assert run(["predict", str(folder), "GaAs", "-o", str(out)]) == 0
    added = ["conducts_class", "conducts_probability_no", "conducts_probability_yes", "in_domain"]
    assert pl.read_csv(out).columns == ["formula", *added]


def test_embed_counts_rows_as_the_file_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "rare.csv"
    source.write_text("formula\nNaCl\nXx\nOg2O\n", encoding="utf-8")
    arguments = ["embed", str(source), "--max-bad", "0.5", "--with", "magpie", "-o", str(tmp_path / "out.parquet")]
    assert run(arguments) == 0
    assert "row 4: 'Og2O'" in capsys.readouterr().err


def test_embed_writes_parquet(labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "vectors.parquet"
    assert run(["embed", str(labels), "--with", "magpie", "-o", str(out)]) == 0
    table = pl.read_parquet(out)
    assert table.shape == (28, 134)
    assert table.columns[:2] == ["id", "formula"]
    assert table["formula"].to_list() == [formula for formula, _, _ in label_rows()]


SCORES = {"mae", "rmse", "r2", "coverage", "width", "winkler"}


def test_evaluate_writes_scores_and_predictions(
    labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores, oof = tmp_path / "scores.json", tmp_path / "oof.csv"
    options = ["--target", "band gap", "--groups", "paper", "--model", "dummy", "--n-folds", "3", "--fast"]
    assert run(["evaluate", str(labels), *options, "--save", str(scores), "--oof", str(oof)]) == 0
    result = json.loads(scores.read_text(encoding="utf-8"))
    assert result["n"] == 28
    assert result["model"].keys() >= SCORES
    assert result["baselines"].keys() == {"dummy", "extratrees-magpie", "gp"}
    assert all(part.keys() >= SCORES for part in result["baselines"].values())
    assert len(result["folds"]) > 0
    assert result["seconds"] > 0
    assert result["beside"]["protocol"] != result["protocol"]
    assert len(pl.read_csv(oof)) == 28
    shown = capsys.readouterr().out
    assert "kfold" in shown
    assert "group" in shown
    assert "extratrees-magpie" in shown


def test_evaluate_says_how_many_rows_the_pretraining_has_seen(
    labels: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Magpie, "seen", lambda self, materials: np.arange(len(materials)) < 12)
    options = ["--target", "band gap", "--model", "dummy", "--n-folds", "3", "--fast"]
    assert run(["evaluate", str(labels), *options]) == 0
    assert "magpie, seen in pretraining: 12 of 28 rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chek"], "check"),
        (["fit", "{labels}"], "-o"),
        (["fit", "{labels}", "--target", "bandgap", "-o", "x"], "band gap"),
        (["fit", "{labels}", "--target", "band gap", "--metric", "mad", "-o", "x"], "mad"),
        (["fit", "{labels}", "--unit", "eV", "-o", "x"], "COL=UNIT"),
        (["fit", "{labels}", "--target", "band gap", "-o", "."], "contains other files"),
        (["embed", "{labels}", "--with", "magpi", "-o", "x.parquet"], "magpie"),
        (["embed", "{labels}", "--with", "magpie", "-o", "."], "is a folder"),
        (["evaluate", "{labels}", "--target", "band gap", "--model", "autoo"], "auto"),
        (["evaluate", "{labels}", "--target", "band gap", "--level", "90"], "between 0 and 1"),
        (["scout", "{labels}", "--goal", "band gap=best", "-o", "x"], "best"),
        (["scout", "{labels}", "--goal", "band gap=max", "--require", "nice", "-o", "x"], "nice"),
        (["scout", "{labels}", "--goal", "band gap=max", "--exclude", "Pbb", "-o", "x"], "Pbb"),
    ],
)
def test_wrong_command_lines_exit_2(
    arguments: list[str],
    message: str,
    labels: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(labels.parent)
    assert run([argument.replace("{labels}", str(labels)) for argument in arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert sorted(path.name for path in labels.parent.iterdir()) == ["gaps.csv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "gap.csv"], "gaps.csv"),
        (["fit", "nothing.csv", "-o", "x"], "no file"),
        (["predict", ".", "GaAs"], "model"),
        (["predict", "gaps.csv", "GaAs"], "model"),
    ],
)
def test_unusable_input_exits_1(
    arguments: list[str],
    message: str,
    labels: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(labels.parent)
    assert run(arguments) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert error.startswith("matscout: ")


def test_damaged_files_exit_1(labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("noise.csv", "noise.xlsx", "noise.parquet", "noise.jsonl", "noise.cif"):
        source = tmp_path / name
        source.write_bytes(bytes(range(256)) * 4)
        assert run(["check", str(source)]) in (1, 2), name
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a POSIX signal here")
def test_ctrl_c_ends_a_search_without_a_trace(labels: Path, tmp_path: Path) -> None:
    options = ["--goal", "band gap=1:2", "--n-candidates", "100", "--fast", "-o", str(tmp_path / "found")]
    command = [sys.executable, "-m", "matscout", "scout", str(labels), *options, "--verbose"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "fold 1" in line:
                running.send_signal(signal.SIGINT)
                break
        rest = running.stderr.read()
    assert running.returncode == 130
    assert "interrupted" in rest
    assert "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []


INTERRUPT = """
import sys, _thread
from matscout.app import console
from matscout.app.cli import run
from contextlib import contextmanager

@contextmanager
def interrupting():
    def sink(event):
        if event.part:
            raise KeyboardInterrupt
    yield sink

import matscout.app.commands.fit as command
command.events_display = interrupting
sys.exit(run(["fit", sys.argv[1], "--target", "band gap", "--fast", "--seed", "77", "-o", sys.argv[2]]))
"""


def test_interrupt_leaves_no_half_file(labels: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPT), str(labels), str(tmp_path / "model")]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 130
    assert "interrupted" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert list(tmp_path.iterdir()) == []


OFFLINE = """
import socket, sys

def refuse(*arguments, **options):
    print("NETWORK", arguments, file=sys.stderr)
    raise RuntimeError("no network")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = refuse
from matscout.app.cli import run
from matscout.predict.models import auto, trees
auto.Auto.fast_trees, trees.Trees.n_trees = (10, 5), (10, 10)
folder = sys.argv[2]
codes = [
    run(["embed", sys.argv[1], "--with", "magpie", "-o", folder + "/out.parquet"]),
    run(["representations"]),
    run(["pretrain", "composition_donor", "data.labels=" + sys.argv[3], "encoders.composition.width=16",
         "loader.validation_share=0.2", "trainer.epochs=1", "-o", folder + "/run"]),
    run(["scout", sys.argv[1], "--goal", "band gap=1:2", "--n-candidates", "100", "--fast", "-o", folder + "/found"]),
    run(["predict", folder + "/found/model", "GaAs", "-o", folder + "/out.csv"]),
]
sys.exit(max(codes))
"""


def test_nothing_leaves_the_machine(labels: Path, labelled: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(OFFLINE), str(labels), str(tmp_path), str(labelled)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert finished.returncode == 0, finished.stderr
    assert "NETWORK" not in finished.stderr
    found = {path.name for path in (tmp_path / "found").iterdir()}
    tables = {"shortlist.csv", "shortlist.xlsx", "predictions.csv"}
    assert found == tables | {"report.html", "scouting.json", "model", "rounds", "workflow.yaml", "made.json"}
    options = ["--goal", "band gap=1:2", "-o", str(tmp_path / "found"), "--fast", "--n-candidates", "100"]
    again = shlex.join(["matscout", "scout", str(labels), *options])
    assert f"<code>{escape(again)}</code>" in (tmp_path / "found" / "report.html").read_text(encoding="utf-8")
    assert "GaAs" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_embed_reads_archives_and_lists_problems_beside_the_vectors(tmp_path: Path, capsys) -> None:
    poscar = "title\n1.0\n3 0 0\n0 3 0\n0 0 3\nNa Cl\n1 1\nDirect\n0 0 0\n{place}\n"
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("good.vasp", poscar.format(place=".5 .5 .5"))
        archive.writestr("bad.vasp", poscar.format(place="0 0 .05"))
    out = tmp_path / "out.parquet"
    arguments = ["embed", str(tmp_path / "all.zip"), "--with", "density", "-o", str(out), "--no-cache"]
    assert run([*arguments, "--max-bad", "0.5"]) == 0
    assert pl.read_parquet(out)["id"].to_list() == ["good"]
    with (tmp_path / "out.problems.csv").open(encoding="utf-8") as file:
        (problem,) = csv.DictReader(file)
    assert problem["row"] == "2"
    assert "0.15 Å apart" in problem["reason"]
    assert run([*arguments, "--overwrite"]) == 1
    assert "1 of 2 materials have no vector, more than the 20% allowed" in capsys.readouterr().err
    assert not (tmp_path / "out.parquet.parts").exists()


def test_embed_says_what_a_representation_needs(tmp_path: Path, capsys) -> None:
    (tmp_path / "cells").mkdir()
    arguments = ["embed", str(tmp_path / "cells"), "--with", "force-field", "-o", str(tmp_path / "out.parquet")]
    assert run(arguments) == 2
    assert "force-field needs a calculator" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cells"]


POSCAR = "title\n1.0\n3 0 0\n0 3 0\n0 0 3\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"


def test_embed_counts_only_what_should_be_a_structure(tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    for name, text in {"a.vasp": POSCAR, "readme.txt": "about", "a.txt": "notes", "b.vasp": POSCAR}.items():
        (tmp_path / "cells" / name).write_text(text, encoding="utf-8")
    out = tmp_path / "out.parquet"
    (tmp_path / "out.problems.csv").write_text("of an earlier run", encoding="utf-8")
    assert run(["embed", str(tmp_path / "cells"), "--with", "density", "-o", str(out), "--no-cache"]) == 0
    assert pl.read_parquet(out)["id"].to_list() == ["a", "b"]
    assert "earlier" not in (tmp_path / "out.problems.csv").read_text(encoding="utf-8")
    for name in ("readme.txt", "a.txt"):
        (tmp_path / "cells" / name).unlink()
    assert (
        run(["embed", str(tmp_path / "cells"), "--with", "density", "-o", str(out), "--no-cache", "--overwrite"]) == 0
    )
    assert not (tmp_path / "out.problems.csv").exists()


def test_embed_of_nothing_and_with_options_for_tables_is_refused(tmp_path: Path, capsys) -> None:
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    arguments = ["embed", str(tmp_path / "empty.zip"), "--with", "density", "-o", str(tmp_path / "out.parquet")]
    assert run(arguments) == 1
    assert "there are no materials; expected formulas, or files of structures" in capsys.readouterr().err
    assert run([*arguments, "--sheet", "one", "--overwrite"]) == 2
    assert "are for tables" in capsys.readouterr().err


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch, capsys) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be", encoding="utf-8")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *names, **options: str(tmp_path / "cache"))
    (tmp_path / "a.vasp").write_text(POSCAR, encoding="utf-8")
    assert run(["embed", str(tmp_path / "a.vasp"), "--with", "density", "-o", str(tmp_path / "out.parquet")]) == 0
    assert "vectors are not kept for the next run" in capsys.readouterr().err


def test_embed_reads_tables_of_structures_in_parts(tmp_path: Path, capsys) -> None:
    cell = "NaCl\n1.0\n0 2.8 2.8\n2.8 0 2.8\n2.8 2.8 0\nNa Cl\n1 1\ndirect\n0 0 0\n0.5 0.5 0.5"
    frame = pl.DataFrame({"id": ["a", "b", "c"], "gap": [1, 2, 3], "poscar": [cell, "none\nat all", cell]})
    named = ["--structure", "poscar"]
    frame.write_parquet(tmp_path / "cells.parquet")
    out = tmp_path / "out.parquet"
    arguments = [
        "embed",
        str(tmp_path / "cells.parquet"),
        "--with",
        "density",
        "-o",
        str(out),
        "--no-cache",
        "--overwrite",
    ]
    assert run([*arguments, *named, "--max-bad", "0.5"]) == 0
    assert "3 rows in cells.parquet, their structures in column 'poscar'" in capsys.readouterr().err
    assert pl.read_parquet(out)["id"].to_list() == ["a", "c"]
    assert pl.read_csv(tmp_path / "out.problems.csv")["row"].to_list() == [2]
    assert run([*arguments, *named]) == 1
    assert "1 of 3 materials have no vector, more than the 20% allowed" in capsys.readouterr().err
    assert run([*arguments, "--structure", "cif"]) == 2
    assert "there is no column 'cif' for the structure" in capsys.readouterr().err
    assert run([*arguments, *named, "--unit", "gapp=eV"]) == 2
