"""Reaction tables on the command line."""

from __future__ import annotations

import base64
import io
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

import matscout
from matscout.app.cli import run
from matscout.data.repeats import material_keys
from matscout.errors import UsageError
from matscout.predict.artefact import load_models
from matscout.workflow.search import Search, find_field

pytestmark = pytest.mark.usefixtures("few_trees")

COLUMNS = ("amine", "acid", "coupling reagent", "base")
NAMED = [word for column in COLUMNS for word in ("--reaction", column)]
ESTER = "CC(=O)O.CCO>>CC(=O)OCC.O"


@pytest.fixture(scope="module")
def plate(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("plate") / "couplings.csv"
    path.write_bytes((files("matscout") / "examples" / "couplings.csv").read_bytes())
    return path


@pytest.fixture(scope="module")
def model(plate) -> Path:
    folder = plate.parent / "model"
    assert run(["fit", str(plate), *NAMED, "--context", "temperature", "--fast", "-o", str(folder)]) == 0
    return folder


def test_check_counts_reactions_and_their_parts(plate, capsys):
    assert run(["check", str(plate), *NAMED, "--context", "temperature"]) == 0
    shown = capsys.readouterr().out
    assert "180 different reactions of 25 molecules (amine 10, acid 8, coupling reagent 4, base 3)" in shown
    assert "coupling reagent (agent)" in shown


def test_a_plate_is_predicted_from_the_same_columns_without_naming_them_again(plate, model, tmp_path):
    rows = pl.read_csv(plate).drop("yield (%)").head(5).with_columns(pl.lit(40.0).alias("temperature (C)"))
    rows = rows.with_columns(pl.Series("amine", ["NCc1ccccc1", "C1CC(", "C1COCCN1", "CC(C)(C)N", "Nc1ccccn1"]))
    rows.write_csv(tmp_path / "new.csv")
    out = tmp_path / "out.csv"
    assert (
        run(["predict", str(model), str(tmp_path / "new.csv"), "--max-bad", "0.5", "-o", str(out), "--overwrite"]) == 3
    )
    table = pl.read_csv(out)
    assert table.columns[: len(rows.columns)] == rows.columns
    assert table["yield_predicted"].is_null().to_list() == [False, True, False, False, False]
    assert "the amine C1CC( is not a valid SMILES" in table["problem"][1]


def test_columns_in_another_order_or_spelling_are_the_same(plate, model, tmp_path):
    rows = pl.read_csv(plate).drop("yield (%)").head(4)
    rows.write_csv(tmp_path / "new.csv")
    renamed = rows.rename({"amine": "Amine", "base": "BASE"})
    renamed.select(reversed(renamed.columns)).write_csv(tmp_path / "renamed.csv")
    for name, more in (("new", []), ("new", [*NAMED[4:], *NAMED[:4]]), ("renamed", [])):
        out = str(tmp_path / f"{name}-{len(more)}.csv")
        assert run(["predict", str(model), str(tmp_path / f"{name}.csv"), *more, "-o", out]) == 0
    told = [pl.read_csv(tmp_path / f"{name}.csv")["yield_predicted"] for name in ("new-0", "new-8", "renamed-0")]
    np.testing.assert_allclose(told[0], told[1])
    np.testing.assert_allclose(told[0], told[2])


def test_an_amine_that_was_never_tried_is_out_of_the_domain(plate, model, tmp_path):
    rows = pl.read_csv(plate).drop("yield (%)").head(2)
    rows.with_columns(pl.Series("amine", [rows["amine"][0], "CCCCCCN"])).write_csv(tmp_path / "new.csv")
    assert run(["predict", str(model), str(tmp_path / "new.csv"), "-o", str(tmp_path / "out.csv")]) == 0
    assert pl.read_csv(tmp_path / "out.csv")["in_domain"].to_list() == [True, False]


def test_the_card_tells_of_reactions(model):
    card = next(model.glob("**/card.md")).read_text(encoding="utf-8")
    assert "180 reactions" in card
    assert "assume a new reaction similar to the labelled ones" in card


def test_reactions_are_evaluated_with_a_reagent_left_out(plate, capsys):
    settings = [*NAMED, "--context", "temperature", "--groups", "coupling reagent", "--protocol", "group"]
    assert (
        run(["evaluate", str(plate), *settings, "--n-folds", "2", "--model", "trees=drfp", "--level", "0.6", "--fast"])
        == 0
    )
    shown = capsys.readouterr().out
    assert "trees=reaction-one-hot" in shown


def test_vectors_of_reactions_are_written(tmp_path, capsys):
    source, out = tmp_path / "some.csv", tmp_path / "vectors.parquet"
    source.write_text(f"reaction\n{ESTER}\nCC>>CCC\n")
    assert run(["embed", str(source), "--with", "drfp", "-o", str(out), "--overwrite"]) == 0
    assert pl.read_parquet(out).shape == (2, 2050)
    assert run(["embed", str(source), "--with", "reaction-one-hot", "-o", str(out), "--overwrite"]) == 2
    assert "they cannot be written as a table" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["map", "index build"])
def test_commands_about_materials_refuse_reactions(verb, tmp_path, capsys):
    source = tmp_path / "some.csv"
    source.write_text("reaction,yield\n" + "\n".join(f"{'C' * n}>>{'C' * (n + 1)},{n}" for n in range(1, 30)))
    assert run([*verb.split(), str(source), "-o", str(tmp_path / "out.svg")]) == 2
    assert "are reactions" in capsys.readouterr().err


@pytest.fixture(scope="module")
def scouted(plate, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("scouted")
    dataset = matscout.read(plate, reaction=COLUMNS, context="temperature", target="yield")[:70]
    matscout.scout(dataset, "max", out=out / "found", model="trees=drfp", fast=True, settings={"temperature": "333"})
    return out / "found"


def test_scout_ranks_the_combinations_that_were_not_run(scouted, plate):
    table = pl.read_csv(scouted / "shortlist.csv")
    run_before = pl.read_csv(plate).head(70)
    assert set(COLUMNS) <= set(table.columns)
    assert table["rank"].to_list() == list(range(1, len(table) + 1))
    assert set(table["novelty"]) == {"new combination", "new conditions"}
    assert set(table["temperature"]) == {333.0}
    assert table["batch"].drop_nulls().sort().to_list() == list(range(1, 9))
    assert table["yield_upper"].max() <= 100.0
    sizes = [run_before[column].n_unique() for column in COLUMNS]
    predicted = pl.read_csv(scouted / "predictions.csv")
    # 333 K is 60 °C; what was run colder or hotter was not run so.
    at_sixty = run_before.filter(pl.col("temperature (C)") == 60)
    assert 0 < len(at_sixty) < len(run_before)
    assert len(predicted) == np.prod(sizes) - at_sixty.select(COLUMNS).n_unique()


def test_several_conditions_may_be_proposed_and_what_was_run_is_not(plate):
    dataset = matscout.read(plate, reaction=COLUMNS[:3], context=("temperature", "base"), target="yield")
    bases = sorted(set(dataset.materials.context["base"].tolist()))[:2]
    settings = {"temperature": "298.15,333.15", "base": ",".join(bases)}
    field = find_field(dataset, Search(settings=settings, n_candidates=50))
    told = field.conditions.materials.context
    assert set(told["temperature"].tolist()) == {298.15, 333.15}
    assert set(told["base"].tolist()) == set(bases)
    assert len(field.candidates) % 4 == 0
    run_so = set(material_keys(dataset.materials))
    assert run_so.isdisjoint(material_keys(field.conditions.materials))
    assert len(field.conditions.materials) + len(run_so & set(material_keys(field.candidates.materials))) == len(
        field.candidates
    )


def test_the_report_is_about_reactions(scouted):
    page = (scouted / "report.html").read_text(encoding="utf-8")
    assert "different reactions of" in page
    assert "if errors of different reactants are independent" in page or "should have" not in page
    assert "only the best of each set of reactants" in page
    assert "reactions proposed below" in page
    assert "most electronegative element" not in page
    assert "<sub>1</sub>" not in page
    sources = re.findall(r'<img src="data:image/png;base64,([^"]+)" width="(\d+)" height="170" alt="Molecules of', page)
    assert len(sources) >= 30
    for source, width in sources[:3]:
        picture = Image.open(io.BytesIO(base64.b64decode(source)))
        assert picture.size == (2 * int(width), 340)
        assert len(picture.convert("RGB").getcolors()) > 5
    assert "materials" not in re.sub(r"(?s)<style.*?</style>|<script.*?</script>|<[^>]+>", " ", page)


def test_candidates_of_a_file_are_ranked_and_must_be_reactions(plate, tmp_path):
    dataset = matscout.read(plate, reaction=COLUMNS, context="temperature", target="yield")[:40]
    shelf = tmp_path / "shelf.csv"
    pl.read_csv(plate).tail(12).drop("yield (%)").write_csv(shelf)
    found = matscout.scout(dataset, "max", candidates=shelf, model="dummy", fast=True, batch=2)
    assert len(found.ranking.shortlist) == 12
    shelf.write_text("formula\nNaCl\nKBr\n")
    with pytest.raises(UsageError):
        matscout.scout(dataset, "max", candidates=shelf, model="dummy", fast=True)
    with pytest.raises(UsageError, match="for materials only"):
        matscout.scout(dataset, "max", exclude=("Pb",), model="dummy", fast=True)
    with pytest.raises(UsageError, match="omit elements="):
        matscout.scout(dataset, "max", elements=("Pb",), model="dummy", fast=True)


def test_a_model_of_reactions_predicts_no_formula(model, capsys):
    assert run(["predict", str(model), "NaCl", "--set", "temperature=300"]) == 2
    assert "put your reactions, even a single one, in a table" in capsys.readouterr().err


def test_reactions_are_not_watched():
    frame = pl.DataFrame({"rxn": ["CC>>CCC", "CN>>CNC"], "yield": [10.0, 20.0]})
    with pytest.raises(UsageError, match="is for materials, but the labels are"):
        find_field(matscout.read(frame, reaction="rxn", target="yield"), Search(watch=("NaCl",)))


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> Path:
    """Reactions with and without their catalyst, in two columns; only the one with it tells the yields apart."""
    catalysts, amines = ("[Pd]", "[Ni]"), ("CN", "CCN", "CCCN", "CCCCN", "CC(C)N", "OCCN", "COCCN", "NCc1ccccc1")
    rows = [(f"{a}>>CC(=O){a}", f"{a}>{c}>CC(=O){a}", 80.0 if c == "[Pd]" else 20.0) for a in amines for c in catalysts]
    path = tmp_path_factory.mktemp("two") / "two.csv"
    pl.DataFrame(rows, ["short rxn", "full rxn", "yield"], orient="row").write_csv(path)
    return path


def test_the_column_of_reaction_smiles_is_remembered_by_the_model(two, tmp_path):
    folder, out = tmp_path / "model", tmp_path / "out.csv"
    asked = ["--reaction", "full rxn", "--model", "trees=reaction-one-hot", "--fast"]
    assert run(["fit", str(two), *asked, "-o", str(folder)]) == 0
    assert run(["predict", str(folder), str(two), "-o", str(out), "--overwrite"]) == 0
    told = pl.read_csv(out)
    assert (told["yield_predicted"] - told["yield"]).abs().max() < 20.0
    # Under another name it is found; of two the one to read must be said.
    pl.read_csv(two).select(pl.col("full rxn").alias("rxn_smiles")).write_csv(tmp_path / "other.csv")
    assert run(["predict", str(folder), str(tmp_path / "other.csv"), "-o", str(out), "--overwrite"]) == 0
    np.testing.assert_allclose(pl.read_csv(out)["yield_predicted"], told["yield_predicted"])
    dataset = matscout.read(two, reaction="full rxn", target="yield")
    found = matscout.scout(dataset[:12], "max", candidates=two, model="dummy", fast=True)
    assert set(found.ranking.candidates.materials.formulas.tolist()) <= set(dataset.materials.formulas.tolist())


def test_a_side_that_was_said_is_remembered_by_the_model(plate, tmp_path):
    """The bases are called by a word that tells nothing."""
    pl.read_csv(plate).head(40).rename({"base": "thing"}).write_csv(tmp_path / "things.csv")
    asked = [*NAMED[:6], "--reaction", "thing=agent", "--context", "temperature", "--model", "trees=drfp", "--fast"]
    assert run(["fit", str(tmp_path / "things.csv"), *asked, "-o", str(tmp_path / "model")]) == 0
    out = tmp_path / "out.csv"
    assert run(["predict", str(tmp_path / "model"), str(tmp_path / "things.csv"), "-o", str(out), "--overwrite"]) == 0
    card = load_models(tmp_path / "model")["yield"].card
    assert card is not None
    assert card.components[-1] == "thing=agent"
    assert pl.read_csv(out)["yield_predicted"].is_not_null().all()


def test_a_condition_is_set_in_any_unit_and_what_it_replaces_is_told(model, plate, tmp_path, capsys):
    out = tmp_path / "predictions.csv"
    assert run(["predict", str(model), str(plate), "--set", "temperature=-100 C", "-o", str(out), "--overwrite"]) == 0
    told = " ".join("".join(capsys.readouterr()).split())
    assert "Predicted for temperature = 173.15 K, not with the values of the column" in told
    assert "lies outside the training data" in told
    assert run(["predict", str(model), str(plate), "--set", "temperature=300,320", "-o", str(out), "--overwrite"]) == 2
    assert "give one number for each row" in " ".join(capsys.readouterr().err.split())


def test_a_table_that_lacks_the_unit_of_a_condition_is_told_it(model, plate, tmp_path, capsys):
    bare = tmp_path / "bare.csv"
    table = pl.read_csv(plate).head(20)
    table.rename({"temperature (C)": "temperature"}).write_csv(bare)
    told = {}
    for name, path, more in (
        ("with", plate, ()),
        ("without", bare, ()),
        ("said", bare, ("--unit", "temperature=C")),
    ):
        out = tmp_path / f"{name}.csv"
        assert run(["predict", str(model), str(path), *more, "-o", str(out), "--overwrite"]) == 0
        told[name] = pl.read_csv(out).head(20)["yield_predicted"].to_list()
    assert told["said"] == told["with"] != told["without"]
    assert "lies outside the training data" in " ".join("".join(capsys.readouterr()).split())


def test_what_a_component_is_there_for_has_three_names(plate, capsys):
    assert run(["check", str(plate), "--reaction", "amine=solvent", "--reaction", "acid"]) == 2
    assert "write amine=reactant, amine=agent or amine=product" in " ".join(capsys.readouterr().err.split())
