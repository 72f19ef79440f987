"""A campaign on a known law: ask, measure, tell, and the same from a folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.workflow.test_scouting import frame

from matscout import Campaign, read
from matscout.app.cli import run
from matscout.app.front import scout
from matscout.data.dataset import Dataset
from matscout.errors import ArtefactError, UsageError
from matscout.generate.generators.doping import Doping
from matscout.workflow.rounds import read_rounds

pytestmark = pytest.mark.usefixtures("few_trees")

TABLE = frame().select("formula", "gap (eV)")
"""50 salts whose gaps follow a law; every third one is labelled, the others can be measured."""

SETTINGS = {"model": "gp", "fast": True, "require": ["unlabelled"], "batch": 4}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("shelf") / "shelf.csv"
    TABLE.select("formula").write_csv(place)
    return place


@pytest.fixture(scope="module")
def begun(shelf: Path) -> Campaign:
    return Campaign.begin(known(), "max", candidates=shelf, **SETTINGS)


def known(*batches: list[str]) -> Dataset:
    return read(pl.concat([TABLE.gather_every(3), *map(rows_of, batches)]), target="gap (eV)")


def measured(formulas: list[str]) -> Dataset:
    return read(rows_of(formulas), target="gap (eV)")


def rows_of(formulas: list[str]) -> pl.DataFrame:
    return TABLE.filter(pl.col("formula").is_in(formulas))


def batch(campaign: Campaign) -> list[str]:
    table = campaign.ask().table
    return table.drop_nulls("batch").sort("batch")["formula"].to_list()


def test_asked_twice_it_says_the_same(begun: Campaign) -> None:
    assert begun.ask() is begun.ask(4)
    assert len(batch(begun)) == 4
    assert not set(batch(begun)) & set(TABLE.gather_every(3)["formula"])


def test_what_is_told_is_compared_with_what_was_proposed(begun: Campaign) -> None:
    made = batch(begun)[:3]
    campaign = begun.tell(measured(made))
    assert (len(begun.rounds), len(campaign.rounds)) == (0, 1)
    assert len(campaign.labels) == len(begun.labels) + 3
    review = campaign.review()
    assert review is not None
    states = {one.formula: one.state for one in review.proposals}
    assert states == {**dict.fromkeys(made, "measured"), batch(begun)[3]: "open"}
    truth = dict(zip(TABLE["formula"], TABLE["gap (eV)"], strict=True))
    for one in review.proposals[:3]:
        (judgement,) = one.judgements
        assert judgement.value == pytest.approx(truth[one.formula])
        assert judgement.inside == (judgement.lower <= judgement.value <= judgement.upper)  # type: ignore[operator]
        assert judgement.met == (judgement.value > begun.labels.target("gap").values.max())
    table = campaign.ask().table
    assert not set(made) & set(table["formula"])
    marked = table.filter(pl.col("formula") == batch(begun)[3])["proposed_before"].to_list()
    assert marked == ["proposed in round 1, not measured yet"]
    assert begun.review() is None


def test_without_being_asked_a_campaign_only_learns(begun: Campaign) -> None:
    idle = replace(begun)
    assert not idle.tell(measured([TABLE["formula"][1]])).rounds


def test_a_campaign_on_the_disk_goes_on(begun: Campaign, tmp_path: Path) -> None:
    begun.ask()
    place = begun.save(tmp_path / "campaign")
    assert {path.suffix for path in place.rglob("*") if path.is_file()} <= {".json", ".npz", ".parquet"}
    again = Campaign.load(place)
    assert again.settings == begun.settings
    told = again.tell(measured(batch(begun)[:2]))
    expected = begun.tell(measured(batch(begun)[:2]))
    assert told.review().proposals == expected.review().proposals  # type: ignore[union-attr]
    assert told.ask().table.equals(expected.ask().table)
    second = told.save(place)
    assert len(Campaign.load(second).rounds) == 1


def test_what_is_no_campaign_is_refused(begun: Campaign, tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="contains no readable result"):
        Campaign.load(tmp_path)
    (tmp_path / "other.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="contains other files"):
        begun.save(tmp_path)
    with pytest.raises(UsageError, match="cannot save candidates of a generator"):
        replace(begun, settings=replace(begun.settings, candidates=Doping(series="GaN:Al:0:0.2"))).save(
            tmp_path / "new"
        )


def test_three_rounds_of_scout_are_one_campaign(shelf: Path, tmp_path: Path) -> None:
    """What the command finds with --since is what ask and tell find, and the chain of folders is followed."""
    campaign, labels = Campaign.begin(known(), "max", candidates=shelf, **SETTINGS), known()
    made: list[list[str]] = []
    for number in (1, 2, 3):
        since = None if number == 1 else tmp_path / f"round-{number - 1}"
        scouting = scout(labels, "max", out=tmp_path / f"round-{number}", since=since, candidates=shelf, **SETTINGS)
        assert scouting.ranking.shortlist.table.equals(campaign.ask().table)
        made.append(batch(campaign)[:3])
        campaign, labels = campaign.tell(measured(made[-1])), known(*made)
    assert [one.number for one in read_rounds(tmp_path / "round-3")] == [1, 2, 3]
    review = json.loads((tmp_path / "round-3" / "round.json").read_text(encoding="utf-8"))
    assert [one["round"] for one in review["proposals"]] == [2] * 4 + [1] * 4
    table = pl.read_csv(tmp_path / "round-3" / "rounds.csv")
    assert table.filter(pl.col("state") == "measured")["gap_measured"].null_count() == 0
    page = (tmp_path / "round-3" / "report.html").read_text(encoding="utf-8")
    assert "Since round 2" in page
    assert "What moved" in page
    assert "Since round" not in (tmp_path / "round-1" / "report.html").read_text(encoding="utf-8")


def test_a_folder_that_is_no_round_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    TABLE.write_csv(tmp_path / "labels.csv")
    (tmp_path / "empty").mkdir()
    words = ["--target", "gap", "--goal", "max", "--model", "gp", "--fast", "--since"]
    command = ["scout", str(tmp_path / "labels.csv"), *words]
    for name, expected in (("empty", "contains no folder 'rounds'"), ("missing", "there is no file or folder")):
        assert run([*command, str(tmp_path / name), "-o", str(tmp_path / "out")]) in (1, 2)
        assert expected in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()
    assert run([*command, str(tmp_path / "empty"), "-o", str(tmp_path / "empty")]) == 2
    assert "name the same folder" in capsys.readouterr().err


def test_the_ranks_of_two_rounds_are_beside_each_other(begun: Campaign) -> None:
    campaign = begun.tell(measured(batch(begun)[:3]))
    scouting = campaign.scouting()
    before = dict(zip(begun.ask().table["formula"], begun.ask().table["rank"], strict=True))
    leaders = [one for one in scouting.moves if one.now is not None and one.now <= 10]
    assert [one.formula for one in leaders] == campaign.ask().table["formula"][:10].to_list()
    assert [one.before for one in leaders] == [before.get(one.formula) for one in leaders]
    first = begun.ask().table
    for one in leaders:
        (change,) = one.changes
        (old,) = first.filter(pl.col("formula") == one.formula)["gap_predicted"]
        assert change.before == pytest.approx(old)
    fallen = [one for one in scouting.moves if one.now is None or one.now > 10]
    assert all(one.before is not None and one.before <= 10 for one in fallen)
    assert not {one.formula for one in scouting.moves} & set(batch(begun)[:3])


def test_advice_adds_up_the_chances_of_the_next(begun: Campaign) -> None:
    campaign = begun.tell(measured(batch(begun)[:3]))
    advice = campaign.scouting().advice
    table = campaign.ask().table
    assert advice is not None
    assert advice.count == 20
    assert advice.hits == pytest.approx(float(table["gap_goal_probability"][:20].sum()))
    assert np.isfinite(advice.gain)  # type: ignore[arg-type]
