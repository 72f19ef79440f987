"""Reactions as people write them."""

from __future__ import annotations

import numpy as np
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.data.reactions.molecules import ABBREVIATIONS, read_molecule
from matscout.data.reactions.texts import ABSENT, is_reaction, parse_components, parse_reactions, part_of
from matscout.data.reading import read, read_materials
from matscout.data.yields import is_called_yield
from matscout.discover.diversity import systems_of
from matscout.errors import InputError, UsageError
from matscout.remarks import codes

MOLECULES = ["CCO", "CC(=O)O", "c1ccccc1", "[Na+].[Cl-]", "CN", "O", "C/C=C/C", "N[C@@H](C)C(=O)O"]


def test_sides_are_told_apart():
    parsed = parse_reactions(["CCO.CC(=O)O>OS(=O)(=O)O>CC(=O)OCC.O"])
    assert parsed.reactions.texts().tolist() == ["CC(=O)O.CCO>O=S(=O)(O)O>CCOC(C)=O.O"]
    assert parsed.reactions.names == ("reactant", "agent", "product")
    assert parsed.compositions.to_dict(0) == {"H": 10, "C": 4, "O": 3}


def test_without_products_the_composition_is_all_that_goes_in():
    assert parse_reactions(["CCO>O>"]).compositions.to_dict(0) == {"H": 8, "C": 2, "O": 2}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CCO>>C(C)(C)(C)(C)C", "the product C(C)(C)(C)(C)C is not possible: Explicit valence"),
        ("CC(O>>CC", "the reactant CC(O is not a valid SMILES"),
        ("c1ccc(Cl)c1>>O", "kekulize"),
        ("CCO", "this is not a reaction SMILES"),
        ("CCO.CC", "this is not a reaction SMILES"),
        (">>", "not a reaction SMILES"),
        ("C*>>CC", "the reactant C* has an open atom"),
        (None, "not a reaction SMILES"),
        ("CC>CC", "not a reaction SMILES"),
    ],
)
def test_what_cannot_be_read_is_listed_with_the_reason(text, reason):
    parsed = parse_reactions(["CC>>CCC", text])
    assert parsed.rows.tolist() == [0]
    (problem,) = parsed.problems
    assert problem.row == 2
    assert reason in problem.reason
    assert problem.dropped
    assert problem.advice


def test_the_arrow_of_a_dative_bond_divides_no_sides():
    parsed = parse_reactions(["CC>N->[Pd](Cl)Cl>CCC", "N->[Pd](Cl)Cl>>C", "CC>>C"])
    assert [text.count(".") for text in parsed.reactions.texts()] == [0, 0, 0]
    assert parsed.reactions.written(parsed.reactions.on("product")).tolist() == ["CCC", "C", "C"]
    assert "->" in parsed.reactions.written(parsed.reactions.on("agent"))[0]
    materials = Materials(
        np.array(["1", "2", "3"]), parsed.reactions.texts(), parsed.compositions, reactions=parsed.reactions
    )
    assert systems_of(materials).tolist() == ["CCC", "C", "C"]


@pytest.mark.parametrize("name", ABBREVIATIONS)
def test_names_that_happen_to_be_smiles_are_refused(name):
    parsed = parse_components([["CCO", "CN"], [name, "CCl"]], [part_of("substrate"), part_of("reagent X")])
    assert parsed.rows.tolist() == [1]
    assert "is a name" in parsed.problems[0].reason


def test_fragments_joined_by_a_tilde_are_one_molecule_and_extensions_are_not_read():
    parsed = parse_reactions(["CC(=O)O~[Pd].CC>>CCC |f:0.1|"])
    assert sorted(parsed.reactions.molecules.tolist()) == ["CC", "CC(=O)O.[Pd]", "CCC"]


def test_a_column_for_each_component():
    parts = [part_of(name) for name in ("aryl_halide", "ligand", "base", "product_smiles")]
    assert [part.side for part in parts] == ["reactant", "agent", "agent", "product"]
    parsed = parse_components(
        [["Brc1ccccc1"] * 3, ["CP(C)C", None, "none"], ["O.[Na+].[OH-]"] * 3, ["Cc1ccccc1"] * 3], parts
    )
    assert len(parsed.reactions) == 3
    keys = parsed.reactions.keys()
    assert keys[0] != keys[1] == keys[2]
    assert "O.[Na+].[OH-]" in parsed.reactions.molecules.tolist()
    assert parsed.compositions.to_dict(1) == {"H": 8, "C": 7}


def test_a_row_without_any_molecule_is_none():
    parsed = parse_components([["C", None], ["N", ""]], [part_of("a"), part_of("b")])
    assert parsed.rows.tolist() == [0]
    assert "no molecule" in parsed.problems[0].reason


@given(st.lists(st.sampled_from(MOLECULES), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_molecules_means_nothing(molecules, random):
    mixed = random.sample(molecules, len(molecules))
    keys = [parse_reactions([f"{'.'.join(written)}>>CC"]).reactions.keys()[0] for written in (molecules, mixed)]
    assert keys[0] == keys[1]


@given(st.text(max_size=30))
def test_no_text_ends_in_a_traceback(text):
    parsed = parse_reactions([text])
    assert len(parsed.rows) + len(parsed.problems) == 1


@pytest.mark.parametrize("smiles", MOLECULES)
def test_canonical_is_a_fixed_point(smiles):
    once = read_molecule(smiles).smiles
    assert read_molecule(once).smiles == once


def test_atom_numbers_and_hydrogen_are_no_part_of_a_molecule():
    assert read_molecule("[CH3:7][OH:1]").smiles == "CO"
    assert read_molecule("[CH3:7][OH:1]").mapped
    assert read_molecule("[H]O[H]").smiles == "O"
    assert read_molecule("[H]O[H]").composition == {"H": 2, "O": 1}


def test_an_empty_text_is_no_molecule():
    with pytest.raises(InputError, match="not a valid SMILES"):
        read_molecule("")


def test_selections_keep_what_belongs_together():
    reactions = parse_reactions(["CC>>CCC", "CN>O>CNC", "CCO.CC>>CC"]).reactions
    chosen = reactions[np.array([2, 0])]
    assert chosen.texts().tolist() == [reactions.texts()[2], reactions.texts()[0]]
    assert reactions[1:].keys().tolist() == reactions.keys()[1:].tolist()
    assert reactions[np.array([False, True, False])].texts().tolist() == ["CN>O>CNC"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("A.B>>C", True), ("A>B>C", True), ("> 5", False), (">>", False), ("NaCl", False), ("5 > 3 > 1", False)],
)
def test_what_looks_like_a_reaction(text, expected):
    assert is_reaction(text) is expected


TABLE = """id,ligand,base,rxn_smiles,yield (%)
a,CP(C)C,CN,CC.CN>>CNC,50
b,CP,CN,CC.CP>>CPC,103
c,CP,CCN,CC.CCN>>CC(,12
d,CP,CCN,CC.CCN>>CCNC,-1
"""


def test_reactions_are_found_in_a_table(tmp_path):
    path = tmp_path / "plate.csv"
    path.write_text(TABLE)
    dataset = read(path, max_bad=0.5)
    assert dataset.materials.reactions is not None
    assert dataset.materials.ids.tolist() == ["a", "b", "d"]
    assert dataset.materials.formulas.tolist() == ["CC.CN>>CNC", "CC.CP>>CPC", "CC.CCN>>CCNC"]
    assert [(problem.row, problem.dropped) for problem in dataset.problems] == [(3, False), (4, True), (5, False)]
    assert "between 0 and 100" in dataset.problems[0].reason


def test_of_several_columns_of_reactions_one_must_be_named():
    frame = polars.DataFrame({"short": ["CC>>CCC", "CN>>CNC"], "full": ["CC>O>CCC", "CN>O>CNC"], "yield": [10.0, 20.0]})
    with pytest.raises(UsageError, match="the columns short, full contain reaction SMILES: name the one to read"):
        read(frame)
    assert read(frame, reaction="full").materials.formulas.tolist() == ["CC>O>CCC", "CN>O>CNC"]
    with pytest.raises(UsageError, match=r"'full' contains whole reactions: name it alone \(reaction='full'\)$"):
        read(frame, reaction=("full", "short"))
    beside = frame.drop("short").with_columns(solvent=polars.lit("CCO"))
    with pytest.raises(UsageError, match=r"and what it lacks as a condition \(context='solvent'\)"):
        read(beside, reaction=("full", "solvent"))


def test_columns_of_components_can_be_named(tmp_path):
    path = tmp_path / "plate.csv"
    path.write_text(TABLE)
    dataset = read(path, reaction=("ligand", "base"))
    assert dataset.materials.reactions.names == ("ligand", "base")
    assert len(dataset) == 4
    with pytest.raises(UsageError, match="one role"):
        read(path, reaction=("ligand", "ligand"))
    with pytest.raises(UsageError, match="ligand"):
        read(path, reaction=("ligandd",))
    with pytest.raises(UsageError, match="omit"):
        read(path, reaction=("ligand",), formula="base")


def test_a_column_that_is_no_molecule_says_so(tmp_path):
    path = tmp_path / "plate.csv"
    path.write_text(TABLE)
    with pytest.raises(InputError, match="the id b"):
        read(path, reaction=("id", "base"))


@pytest.mark.parametrize(("values", "unit"), [("0.5,0.9,1.02,0.2", "fraction"), ("50,90,102,20", "%")])
def test_percent_and_fraction_are_told_apart(values, unit):
    frame = polars.DataFrame({"rxn": ["CC>>CCC", "CN>>CNC", "CO>>COC", "CF>>CFC"], "yield": values.split(",")})
    frame = frame.with_columns(polars.col("rxn").str.replace("CFC", "CC"))
    dataset = read(frame)
    assert dataset.target().unit == unit
    assert [problem.row for problem in dataset.problems] == [3]


def test_fractions_among_percent_are_remarked_upon():
    rows = [f"{'C' * n}Cl>>{'C' * n}O" for n in range(1, 21)]
    percent = [40.0 + row for row in range(20)]
    dirty = [0.2, 0.3, 0.9, 0.85, 0.5, *percent[5:]]
    few = [*percent[:17], 0.81, 0.62, 0.9]
    remarks = [
        " ".join(read(polars.DataFrame({"rxn": rows, "yield": values})).provenance.remarks)
        for values in (percent, dirty, [*(value / 100 for value in percent[:-1]), 85.0], few)
    ]
    assert "mixed" not in remarks[0]
    assert "5 of 20 yields above 0 lie at or below 1 % (rows 1, 2, 3, 4, 5; the largest is 59)" in remarks[1]
    assert "19 of 20 yields" in remarks[2]
    assert "3 of 20 yields above 0 lie at or below 1 % (rows 18, 19, 20; the largest is 56)" in remarks[3]


@pytest.mark.parametrize("name", ["isolatedYield", "yield", "yieldPct", "Yield (%)", "yld", "conv"])
def test_of_several_measured_columns_the_yield_is_the_target(name):
    frame = polars.DataFrame({"rxn": ["CC>>CCC", "CN>>CNC"], name: [50.0, 104.0], "temperature (C)": [25.0, 60.0]})
    dataset = read(frame)
    assert dataset.target().values.tolist() == [50.0, 104.0]
    assert dataset.target().unit == "%"


@pytest.mark.parametrize("name", ["yielded", "convolution", "converged"])
def test_a_word_that_only_holds_a_yield_is_none(name):
    assert not is_called_yield(name)


def test_a_reactant_that_was_forgotten_is_listed_and_a_base_is_not():
    parts = [part_of(name) for name in ("amine", "base", "product")]
    assert [part.side for part in parts] == ["reactant", "agent", "product"]
    cells = [["CN", "", "CCN", "CCCN"], ["O", "O", None, "O"], ["CNC", "CNC", "CCNC", ""]]
    parsed = parse_components(cells, parts)
    assert parsed.rows.tolist() == [0, 1, 2, 3]
    assert [(one.row, one.reason, one.dropped) for one in parsed.problems] == [
        (2, "no amine is named", False),
        (4, "no product is named", False),
    ]
    told = parse_reactions(["CC>>CCC", "CN.O>>", "CO>>COC"]).problems
    assert [(one.row, one.reason) for one in told] == [(2, "no product is named")]
    assert not parse_components([["CN", "CCN"], ["", ""]], parts[:1] + parts[2:]).problems


@pytest.mark.parametrize(("name", "several"), [("reagents", True), ("reactant", True), ("reagent", False)])
def test_a_column_called_after_a_side_holds_several(name, several):
    assert part_of(name).several is several


def test_a_list_of_reactions_is_read():
    materials = read_materials(["CC>>CCC", "CN>O>CNC"]).materials
    assert materials.reactions is not None
    assert materials.noun == "reaction"
    assert isinstance(materials.compositions, Compositions)
    assert materials[[1]].keys().tolist() == ["in=CN in=O product=CNC"]


@pytest.mark.parametrize("text", ["CCO / O (9:1)", "CCO O", "O dioxane", "CO gas", "NBS (1 eq)"])
def test_what_follows_a_molecule_is_not_dropped(text):
    found = parse_components([["CC", "CC"], ["CCO", text]], [part_of("substrate"), part_of("solvent")])
    assert found.rows.tolist() == [0]
    assert found.problems[0].row == 2


def test_an_extension_of_chemaxon_is_no_other_molecule():
    found = parse_components([["CC"], ["CCO |c:1|"]], [part_of("substrate"), part_of("solvent")])
    assert sorted(found.reactions.molecules.tolist()) == ["CC", "CCO"]


def test_a_component_that_is_unknown_is_not_one_that_was_absent():
    cells = ["none", "-", "", None, "unknown", "?", "not reported", "n.d."]
    found = parse_components([["CC"] * 8, cells], [part_of("substrate"), part_of("base")])
    assert found.rows.tolist() == [0, 1, 2, 3]
    assert [problem.row for problem in found.problems] == [5, 6, 7, 8]
    assert found.problems[0].reason == "the base is 'unknown': write \"none\" if there was none"


@pytest.mark.parametrize(
    ("column", "side"),
    [
        ("Produkt", "product"), ("product_smiles", "product"), ("Katalysator", "agent"), ("Lösungsmittel", "agent"),
        ("Pd source", "agent"), ("photosensitizer", "agent"), ("coupling reagent", "agent"),
        ("methylating agent", "reactant"), ("resource", "reactant"), ("fluoride source", "reactant"),
        ("activated ester", "reactant"), ("aryl metal", "reactant"), ("metal", "agent"), ("activator", "agent"),
    ],
)  # fmt: skip
def test_what_a_column_is_there_for_is_told_by_its_name(column, side):
    assert part_of(column).side == side


def test_reactants_and_agents_are_what_goes_in():
    found = parse_reactions(["CC.O>>CCO", "CC>O>CCO", "CC.O>>CO"]).reactions
    assert found.keys()[0] == found.keys()[1] != found.keys()[2]


@pytest.mark.parametrize(
    ("name", "unit"),
    [("Yield %", "%"), ("yield_pct", "%"), ("% yield", "%"), ("Ausbeute", "fraction"), ("yield fraction", "fraction")],
)
def test_the_unit_of_a_yield_may_stand_in_its_name(name, unit):
    frame = polars.DataFrame({"rxn": ["CC>>CCC", "CN>>CNC", "CO>>COC"], name: [0.1, 0.5, 0.9]})
    assert read(frame, target=name).target().unit == unit


def test_hydroxylamine_is_no_absent_component():
    found = parse_components([["CC(C)=O"], ["NO"]], [part_of("ketone"), part_of("nucleophile")])
    assert found.reactions.molecules.tolist() == ["CC(C)=O", "NO"]


def test_no_word_for_an_absent_component_is_a_molecule():
    for word in ABSENT - {""}:
        with pytest.raises(InputError):
            read_molecule(word.upper())


def test_percent_in_a_column_of_fractions_are_converted():
    frame = polars.DataFrame({"rxn": ["CC>>CCC", "CN>>CNC", "CO>>COC"], "yield (fraction)": ["66%", "0.5", "0.9"]})
    target = read(frame).target()
    assert target.unit == "fraction"
    np.testing.assert_allclose(target.values, [0.66, 0.5, 0.9])


def test_conditions_that_are_partly_words_say_what_they_are():
    frame = polars.DataFrame({
        "rxn": ["CC>>CCC", "CN>>CNC", "CO>>COC"], "T (C)": ["80", "reflux", "100"], "yield (%)": [1.0, 50.0, 90.0]
    })  # fmt: skip
    remarks = read(frame, context="T (C)").provenance.remarks
    assert "numbers-among-words" in codes(remarks)
    named = frame.with_columns(polars.Series("T (C)", ["air", "argon", "argon"]))
    assert "numbers-among-words" not in codes(read(named, context="T (C)").provenance.remarks)


def test_the_user_may_say_what_a_component_is_there_for(tmp_path):
    frame = polars.DataFrame({
        "ketone": ["CC(C)=O", "CCC(C)=O", "CC(=O)CO"], "acid": ["Cl", "Br", "Cl"], "yield (%)": [10.0, 50.0, 90.0]
    })  # fmt: skip
    plain, said = (read(frame, reaction=["ketone", acid]).materials for acid in ("acid", "Acid=agent"))
    assert plain.reactions.texts()[0] == "CC(C)=O.Cl>>"
    assert said.reactions.texts()[0] == "CC(C)=O>Cl>"
    assert said.reactions.names == ("ketone", "acid")
    assert said.reactions.asked == ("ketone", "acid=agent")
    assert read(frame, reaction=said.reactions.asked).materials.reactions.parts == said.reactions.parts
    assert said[::-1].reactions.arranged(["acid=agent", "ketone"]).names == ("acid", "ketone")
    with pytest.raises(UsageError, match="'reagent' is not a side of a reaction: write acid=reactant, acid=agent or"):
        read(frame, reaction=["ketone", "acid=reagent"])


def test_a_column_whose_name_ends_like_a_side_is_that_column():
    frame = polars.DataFrame({"x=agent": ["CC", "CO"], "y": ["C", "N"], "yield (%)": [10.0, 50.0]})
    assert read(frame, reaction=["x=agent", "y"]).materials.reactions.parts[0].side == "agent"


def test_a_table_of_components_that_nobody_named_says_how_to_name_them():
    frame = polars.DataFrame({
        "base_name": ["K2CO3", "DBU"], "base_smiles": ["[K+].[K+].[O-]C([O-])=O", "C1CCC2=NCCCN2CC1"],
        "nucleophile_smiles": ["CCN", "c1ccccc1N"], "nucleophile_id": [1, 2],
        "base_id": ["B1", "s22"], "additive": ["none", "NBS"], "yield": [10.0, 50.0],
    })  # fmt: skip
    with pytest.raises(
        UsageError, match=r"without named components: use reaction=\['base_smiles', 'nucleophile_smiles'\] \(those"
    ):
        read(frame)


def test_percents_under_a_header_of_fractions_are_told_once():
    frame = polars.DataFrame({"rxn": ["CC>>CCC", "CN>>CNC", "CO>>COC"], "yield (fraction)": [0.5, 50.0, 90.0]})
    dataset = read(frame)
    assert not dataset.problems
    assert "most values are above 1: if the values are in percent, declare it (--unit 'yield=%')" in " ".join(
        dataset.provenance.remarks
    )
    assert not read(frame, units={"yield": "%"}).problems
    dirty = frame.with_columns(polars.Series("yield (fraction)", [-130.0, 50.0, 90.0]))
    assert [(problem.row, problem.value) for problem in read(dirty).problems] == [(1, "-130")]
