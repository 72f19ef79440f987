"""Formulas: what papers write, checked against hand-worked atom counts, pymatgen, and properties that must hold."""

from __future__ import annotations

import csv
import gzip
import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matscout.data import formulas as module
from matscout.data.elements import SYMBOLS
from matscout.data.formula_alloys import alloy_name
from matscout.data.formula_reading import Surroundings, read_formula
from matscout.data.formulas import format_formula, parse_formula, parse_formulas
from matscout.data.missing import MISSING, NOT_DETECTED
from matscout.errors import InputError

symbols = st.sampled_from([symbol for symbol in SYMBOLS if symbol not in ("Ac", "Ts")])
"""Elements; OAc is acetate and TsO tosylate."""
amounts = st.one_of(st.integers(1, 200).map(float), st.floats(0.001, 200).map(lambda value: float(f"{value:.6g}")))
compositions = (
    st.dictionaries(symbols, amounts, min_size=1, max_size=6)
    .filter(lambda composition: not any(one + other == 100 for one, other in pairwise(composition.values())))
    .filter(lambda composition: not any(alloy_name(written({symbol: 1.0} | composition)) for symbol in composition))
)
"""Compositions without neighbouring amounts in hundredths, which are taken for shares, and without names of alloys."""


def written(composition: dict[str, float]) -> str:
    return "".join(symbol + ("" if amount == 1 else f"{amount:.6f}") for symbol, amount in composition.items())


def fractions(composition: dict[str, float]) -> dict[str, float]:
    total = sum(composition.values())
    return {symbol: amount / total for symbol, amount in composition.items()}


# Atom counts worked out by hand from the meaning of each notation.
PAPERS = {
    "Fe70Ni30 (at%)": {"Fe": 70, "Ni": 30},
    "Fe2O3": {"Fe": 2, "O": 3},
    "NaN": {"Na": 1, "N": 1},
    "CO": {"C": 1, "O": 1},
    "Co": {"Co": 1},
    "Bi2Te2.7Se0.3": {"Bi": 2, "Te": 2.7, "Se": 0.3},
    "Fe.5Ni.5": {"Fe": 0.5, "Ni": 0.5},
    "CH3NH3PbI3": {"C": 1, "H": 6, "N": 1, "Pb": 1, "I": 3},
    "(Na0.5K0.5)NbO3": {"Na": 0.5, "K": 0.5, "Nb": 1, "O": 3},
    "BiSb(Se0.92Br0.08)3": {"Bi": 1, "Sb": 1, "Se": 2.76, "Br": 0.24},
    "K4[Fe(CN)6]": {"K": 4, "Fe": 1, "C": 6, "N": 6},
    "{Fe(CO)2}3": {"Fe": 3, "C": 6, "O": 6},
    "Cs(VI)2": {"Cs": 1, "V": 2, "I": 2},
    "FeO(OH)": {"Fe": 1, "O": 2, "H": 1},
    "Bi 2 Te 3": {"Bi": 2, "Te": 3},
    "La1-x Srx Mn O3 (x=0.3)": {"La": 0.7, "Sr": 0.3, "Mn": 1, "O": 3},
    "Bi2 (Te0.9Se0.1)3": {"Bi": 2, "Te": 2.7, "Se": 0.3},
    "Bi2 Te3": {"Bi": 2, "Te": 3},
    " Eu2Ge2O7\u00a0": {"Eu": 2, "Ge": 2, "O": 7},
    "Pb(Mg1/3Nb2/3)O3": {"Pb": 1, "Mg": 1 / 3, "Nb": 2 / 3, "O": 3},
    "Bi2Te2,7Se0,3": {"Bi": 2, "Te": 2.7, "Se": 0.3},
    # adducts
    "CuSO4·5H2O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "CuSO4 • 5 H2O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "CuSO4*5H2O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "CuSO4 5H2O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "3CdSO4·8H2O": {"Cd": 3, "S": 3, "O": 20, "H": 16},
    "Na2CO3·NaHCO3·2H2O": {"Na": 3, "C": 2, "O": 8, "H": 5},
    # typography
    "Fe₂O₃": {"Fe": 2, "O": 3},
    "Fe２Ｏ３": {"Fe": 2, "O": 3},
    "Fe<sub>2</sub>O<sub>3</sub>": {"Fe": 2, "O": 3},
    "CuSO4&middot;5H2O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "Fe$_2$O$_3$": {"Fe": 2, "O": 3},
    "$\\mathrm{Fe_{2}O_{3}}$": {"Fe": 2, "O": 3},
    "\\ce{Fe2O3}": {"Fe": 2, "O": 3},
    "Fe_2O_3": {"Fe": 2, "O": 3},
    "CuSO$_4\\cdot$5H$_2$O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "\ufeffBi\u200b2Te3": {"Bi": 2, "Te": 3},
    # named amounts
    "La1-xSrxMnO3 (x=0.3)": {"La": 0.7, "Sr": 0.3, "Mn": 1, "O": 3},
    "La₁₋ₓSrₓMnO₃ (x = 0.3)": {"La": 0.7, "Sr": 0.3, "Mn": 1, "O": 3},
    "Ba1-xKxFe2As2, x = 0.4": {"Ba": 0.6, "K": 0.4, "Fe": 2, "As": 2},
    "Ba1-xKxFe2As2 with x=0.4": {"Ba": 0.6, "K": 0.4, "Fe": 2, "As": 2},
    "La1−xSrxMnO3 (x=0,3)": {"La": 0.7, "Sr": 0.3, "Mn": 1, "O": 3},
    "(Bi1-xSbx)2(Te1-ySey)3 (x=0.5, y=0.2)": {"Bi": 1, "Sb": 1, "Te": 2.4, "Se": 0.6},
    "(Sr1-x-yCaxBay)TiO3, x=0.1 and y = 1/5": {"Sr": 0.7, "Ca": 0.1, "Ba": 0.2, "Ti": 1, "O": 3},
    "Ca(1-x)/2Srx/2O (x=0.5)": {"Ca": 0.25, "Sr": 0.25, "O": 1},
    "Bi2-2xSb2xTe3 (x=0.25)": {"Bi": 1.5, "Sb": 0.5, "Te": 3},
    "YBa2Cu3O7-δ (δ=0.1)": {"Y": 1, "Ba": 2, "Cu": 3, "O": 6.9},
    "InxGa1-xAs (x=0.53)": {"In": 0.53, "Ga": 0.47, "As": 1},
}

# The same, where something was left out or interpreted: a part of the remark that must be there.
REMARKED = {
    "LaMnO3-δ": ({"La": 1, "Mn": 1, "O": 3}, "δ is not known"),
    "YBa2Cu3O7-d": ({"Y": 1, "Ba": 2, "Cu": 3, "O": 7}, "δ is not known"),
    "SrFeO3±δ": ({"Sr": 1, "Fe": 1, "O": 3}, "δ is not known"),
    "La_{0.7}Sr_{0.3}MnO_{3-\\delta}": ({"La": 0.7, "Sr": 0.3, "Mn": 1, "O": 3}, "δ is not known"),
    "FeO (OH)": ({"Fe": 1, "O": 2, "H": 1}, "FeO(OH)"),
    "(Na0.5K0.5) NbO3": ({"Na": 0.5, "K": 0.5, "Nb": 1, "O": 3}, "(Na0.5K0.5)NbO3"),
    "D2O": ({"H": 2, "O": 1}, "D counts as H"),
    "LiT": ({"Li": 1, "H": 1}, "T counts as H"),
    "¹⁸O₂": ({"O": 2}, "isotope number 18"),
    "TiO2 (rutile)": ({"Ti": 1, "O": 2}, "rutile"),
    "TiO2(anatase)": ({"Ti": 1, "O": 2}, "anatase"),
    "TiO2, anatase": ({"Ti": 1, "O": 2}, "anatase"),
    "SrTiO3 (Pm-3m)": ({"Sr": 1, "Ti": 1, "O": 3}, "Pm-3m"),
    "Fe2O3(s)": ({"Fe": 2, "O": 3}, "(s)"),
    "ZnO thin film": ({"Zn": 1, "O": 1}, "thin"),
    "alpha-Al2O3": ({"Al": 2, "O": 3}, "alpha"),
    "α-SiO2": ({"Si": 1, "O": 2}, "α"),
    "γ'-Fe4N": ({"Fe": 4, "N": 1}, "γ"),
    "c-BN": ({"B": 1, "N": 1}, "'c'"),
    "nano-TiO2": ({"Ti": 1, "O": 2}, "nano"),
    "n-type PbTe": ({"Pb": 1, "Te": 1}, "n-type"),
    "4H-SiC": ({"Si": 1, "C": 1}, "4H"),
    "2H-MoS2": ({"Mo": 1, "S": 2}, "2H"),
    "MoS2 (1T')": ({"Mo": 1, "S": 2}, "1T"),
    "ZnO (0001)": ({"Zn": 1, "O": 1}, "(0001)"),
    "ZnO(10-10)": ({"Zn": 1, "O": 1}, "(10-10)"),
    "TiO2[110]": ({"Ti": 1, "O": 2}, "[110]"),
    "Fe70Ni30": ({"Fe": 70, "Ni": 30}, "add up to 100"),
    "Fe3+": ({"Fe": 1}, "charge 3+"),
    "Fe³⁺": ({"Fe": 1}, "charge 3+"),
    "[NH4]+": ({"N": 1, "H": 4}, "charge +"),
    "SO4^2-": ({"S": 1, "O": 4}, "charge 2-"),
    "SO<sub>4</sub><sup>2-</sup>": ({"S": 1, "O": 4}, "charge 2-"),
    "[Fe(CN)6]3-": ({"Fe": 1, "C": 6, "N": 6}, "charge 3-"),
    "Fe(III)2O3": ({"Fe": 2, "O": 3}, "oxidation number (III)"),
    "CuSO4.5H2O": ({"Cu": 1, "S": 1, "O": 9, "H": 10}, "CuSO4·5H2O"),
    "CaSO4.0.5H2O": ({"Ca": 1, "S": 1, "O": 4.5, "H": 1}, "CaSO4·0.5H2O"),
    "Na0.35CoO2.1.3H2O": ({"Na": 0.35, "Co": 1, "O": 3.3, "H": 2.6}, "·1.3H2O"),
    "0.7BiFeO3-0.3BaTiO3": ({"Bi": 0.7, "Fe": 0.7, "Ba": 0.3, "Ti": 0.3, "O": 3}, "mixture"),
    "(1-x)BiFeO3–xBaTiO3, x=0.3": ({"Bi": 0.7, "Fe": 0.7, "Ba": 0.3, "Ti": 0.3, "O": 3}, "mixture"),
    "(PbTe)0.9-(SnTe)0.1": ({"Pb": 0.9, "Sn": 0.1, "Te": 1}, "mixture"),
    "(La0.5□0.5)TiO3": ({"La": 0.5, "Ti": 1, "O": 3}, "vacancy"),
    "Bi2Te3-xSex (x=0)": ({"Bi": 2, "Te": 3}, "Se is 0"),
    "La2Sr0Cu1O4": ({"La": 2, "Cu": 1, "O": 4}, "Sr is 0"),
    "La0.72(3)Sr0.28(3)MnO3": ({"La": 0.72, "Sr": 0.28, "Mn": 1, "O": 3}, "uncertainty (3)"),
}

# What cannot be decided is refused: a part of what the user reads.
REFUSED = {
    "Fe2Xx": "unknown element 'Xx' at position 4; did you mean Xe?",
    "NACL": "did you mean NaCl?",
    "nacl": "did you mean NaCl?",
    "Fe2o3": "did you mean Fe2O3?",
    "TIO2": "TI may be Ti, or T (hydrogen) and I",
    "Сu2O": "CYRILLIC CAPITAL LETTER ES",
    "": "the formula is empty",
    "   ": "the formula is empty",
    "nan": "sodium nitride is NaN",
    "Nan": "did you mean NaN",
    "n/a": "the formula is empty",
    "0": "complete the formula",
    "Fe0": "no atoms are left",
    "Fe-1O": "a sign joins parts without shares",
    "Sr1-xTiO3 (x=1.5)": "the amount 1-x of Sr is negative",
    "Fe999999": "above 100000",
    "La1-xSrxMnO3": "'x' at position 5 has no value; add it, e.g. (x=0.3)",
    "CuSO4·nH2O": "'n' at position 7 has no value",
    "LaSrx/0O (x=1)": "divided by zero",
    "(Fe2O3": "opened at position 1 is never closed",
    "Fe2O3)": "closes nothing",
    "Fe2(O3]": "close it with ')'",
    "()": "closes nothing, or an empty bracket",
    "(" * 30 + "Fe" + ")" * 30: "nested more than 20 deep",
    "Fe" * 600: "1200 characters",
    "(Mg,Fe)2SiO4": "the shares of what the comma joins",
    "Al2O3:Cr": "the amount of the dopant",
    "Nb-doped SrTiO3": "a dopant without its amount",
    "BiFeO3 (wt%)": "amounts by weight",
    "Fe2O3 + 2 wt% CuO": "a share in percent",
    "BiFeO3-BaTiO3": "a sign joins parts without shares",
    "0.7BiFeO3-0.5BaTiO3": "add up to 1.2",
    "BiFeO3-0.3BaTiO3": "may be a sum, a charge or a mixture",
    "SO42-": "write the charge as ^2-",
    "SO4-2": "may be a sum, a charge or a mixture",
    "TiO2 (B)": "(B) may be a note or belong to the formula",
    "TiO2(P25)": "(P25) may be a note or belong to the formula",
    "TiO2 (N, S)": "(N, S) may be a note or belong to the formula",
    "MnO2 (IV)": "(IV) may be a note or belong to the formula",
    "Bi2Te3 [CoO]": "[CoO] may be a note or belong to the formula",
    "Bi2Te3 SPS": "'SPS' may be a note or belong to the formula",
    "CVD SiC": "'CVD' may be a note or belong to the formula",
    "zinc oxide": "this looks like a name",
    "Bi2Te3-xSex (x=y)": "the value of x, 'y', is not a number",
    "Bi2Te3 [1]": "[1] may be a note or an amount",
    "Bi2Te3(2)": "a bracketed number follows a number",
    "Bi2 3Te": "a space stands before a number",
    "Y2C2Br0.5!1.5": "'!' at position 10",
}


@pytest.mark.parametrize("text", PAPERS)
def test_notations_of_papers(text):
    assert parse_formula(text) == pytest.approx(PAPERS[text])
    assert parse_formulas([text]).problems == ()


@pytest.mark.parametrize("text", REMARKED)
def test_what_is_left_out_is_remarked(text):
    expected, remark = REMARKED[text]
    assert parse_formula(text) == pytest.approx(expected)
    (problem,) = parse_formulas([text]).problems
    assert remark in problem.reason
    assert not problem.dropped


@pytest.mark.parametrize("text", REFUSED)
def test_refusals_say_what_to_do(text):
    with pytest.raises(InputError) as caught:
        parse_formula(text)
    assert REFUSED[text] in str(caught.value)
    (problem,) = parse_formulas([text]).problems
    assert problem.dropped
    assert problem.row == 1
    assert problem.advice


def test_rows_problems_and_compositions_belong_together():
    parsed = parse_formulas(["Fe2O3", "Xx", "NaN", "Fe2O3", "D2O", "", "Xx"])
    assert parsed.rows.tolist() == [0, 2, 3, 4]
    assert [(problem.row, problem.dropped) for problem in parsed.problems] == [
        (2, True),
        (5, False),
        (6, True),
        (7, True),
    ]
    read = [parsed.compositions.to_dict(row) for row in range(4)]
    assert read == [{"O": 3, "Fe": 2}, {"N": 1, "Na": 1}, {"O": 3, "Fe": 2}, {"H": 2, "O": 1}]


def test_nothing_to_parse():
    parsed = parse_formulas([])
    assert len(parsed.compositions) == len(parsed.rows) == len(parsed.problems) == 0


def test_nothing_readable():
    parsed = parse_formulas(["Xx", ""])
    assert len(parsed.compositions) == len(parsed.rows) == 0
    assert len(parsed.problems) == 2


def test_repeated_elements_add_up():
    assert parse_formulas(["CH3COOH"]).compositions.to_dict(0) == {"H": 4, "C": 2, "O": 2}


def test_a_column_in_capitals_is_remarked():
    capitals = ["SIO2", "BN", "NIO", "VO2", "K2O"]
    assert parse_formulas([*capitals, "NaCl"]).problems == ()
    remarks = {problem.value: problem.reason for problem in parse_formulas(capitals).problems}
    assert "SiO2" in remarks["SIO2"]
    assert "NiO" in remarks["NIO"]
    assert not {"BN", "VO2", "K2O"} & set(remarks)


def test_problems_of_problems_stay_short():
    (problem,) = parse_formulas(["(" * 900]).problems
    assert len(problem.value) <= 80
    assert len(problem.reason) < 300


def assert_composition_or_input_error(text):
    try:
        composition = parse_formula(text)
    except InputError:
        return
    assert composition
    assert all(symbol in SYMBOLS and 0 < amount <= 1e5 for symbol, amount in composition.items())


@given(st.text(max_size=60))
def test_any_text_gives_a_composition_or_an_input_error(text):
    assert_composition_or_input_error(text)


PIECES = "Fe O Na Cl 2 0.5 x δ ( ) [ ] { } + - * / · . , = _ ^ $ \\ ² ⁺ D T wt% (III) H2O (x=0.3) rutile".split()  # noqa: SIM905
PIECES += [" ", "<sub>", "</sub>", "<sup>", "</sup>"]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_jumble_of_notation_gives_a_composition_or_an_input_error(text):
    assert_composition_or_input_error(text)


@given(st.lists(st.one_of(st.text(max_size=12), st.sampled_from([*PAPERS, *REMARKED, *REFUSED])), max_size=12))
def test_every_row_is_used_or_listed(texts):
    parsed = parse_formulas(texts)
    dropped = {problem.row - 1 for problem in parsed.problems if problem.dropped}
    assert dropped | set(parsed.rows.tolist()) == set(range(len(texts)))
    assert not dropped & set(parsed.rows.tolist())
    assert len(parsed.compositions) == len(parsed.rows)
    for row, text in zip(range(len(parsed.rows)), (texts[row] for row in parsed.rows), strict=True):
        assert parsed.compositions.to_dict(row) == pytest.approx(parse_formula(text))


@given(compositions)
def test_formatted_formulas_parse_to_the_same_fractions(composition):
    assert fractions(parse_formula(format_formula(composition))) == pytest.approx(fractions(composition), rel=2e-5)


@given(compositions)
def test_the_sweep_and_the_grammar_agree(composition):
    text = written(composition)
    assert module._PLAIN.fullmatch(text)
    swept = parse_formulas([text, "D2O"]).compositions.to_dict(0)
    assert swept == pytest.approx(read_formula(text, Surroundings()).atoms)
    assert swept == pytest.approx(composition, rel=1e-3)


@given(compositions, st.randoms(use_true_random=False))
def test_the_order_of_elements_does_not_matter(composition, random):
    shuffled = list(composition.items())
    random.shuffle(shuffled)
    assert parse_formula(written(dict(shuffled))) == pytest.approx(parse_formula(written(composition)))


@given(
    compositions,
    compositions.filter(lambda inner: len(inner) < 2 or 1 not in inner.values()),
    st.integers(2, 9),
    st.sampled_from(["()", "[]", "{}"]),
)
def test_brackets_multiply_out(outer, inner, factor, brackets):
    bracketed = parse_formula(f"{written(outer)}{brackets[0]}{written(inner)}{brackets[1]}{factor}")
    expected = parse_formula(written(outer))
    for symbol, amount in parse_formula(written(inner)).items():
        expected[symbol] = expected.get(symbol, 0) + factor * amount
    assert bracketed == pytest.approx(expected)


@given(compositions)
def test_subscripts_and_mark_up_change_nothing(composition):
    plain = {symbol: 2 + round(amount) % 20 for symbol, amount in composition.items()}
    subscripts = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    text = "".join(f"{symbol}{amount}" for symbol, amount in plain.items())
    assert parse_formula(text.translate(subscripts)) == plain
    assert parse_formula("".join(f"{symbol}<sub>{amount}</sub>" for symbol, amount in plain.items())) == plain
    assert parse_formula("$" + "".join(f"{symbol}_{{{amount}}}" for symbol, amount in plain.items()) + "$") == plain
    assert unicodedata.normalize("NFKC", text.translate(subscripts)) == text


@given(st.sampled_from(["La1-xSrxMnO3", "Sr(x)La(1-x)MnO3", "La_{1-x}Sr_{x}MnO_3"]), st.integers(1, 99))
def test_named_amounts(formula, percent):
    x = percent / 100
    assert parse_formula(f"{formula} (x={x})") == pytest.approx({"La": 1 - x, "Sr": x, "Mn": 1, "O": 3})


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({"O": 3, "Fe": 2}, "Fe2O3"),
        ({"Fe": 4, "O": 6}, "Fe2O3"),
        ({"Se": 0.3, "Te": 2.7, "Bi": 2}, "Bi2Te2.7Se0.3"),
        ({"N": 1, "Na": 1}, "NaN"),
        ({"O": 0.1 + 0.2}, "O0.3"),
        ({"Fe": 1e5, "O": 0.0001}, "Fe100000O0.0001"),
        ({"Fe": 1 / 3, "Ni": 2 / 3}, "Fe0.333333Ni0.666667"),
    ],
)
def test_formatting(amounts, expected):
    assert format_formula(amounts) == expected


def test_writing_order_is_that_of_the_red_book():
    from pymatgen.core import Composition

    known = dict.fromkeys(SYMBOLS[:103], 1)  # pymatgen has no place for the elements after lawrencium
    ours = format_formula(known)
    theirs = Composition(known).iupac_formula.replace("1", "").replace(" ", "")
    assert ours == theirs


def distinct_formulas(path: Path, column: str) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(dict.fromkeys(row[column] for row in csv.DictReader(file)))


# SuperCon writes TI for titanium in these; pymatgen reads tritium and iodine, matscout asks.
TI_OR_T_AND_I = {"Sr4V2.7TI0.3O9.51", "Sr4V2.82TI0.18O9.47", "Sr4V2.85TI0.15O9.6", "Ba1V0.8TI0.2S3"}


@pytest.mark.parametrize(
    ("file", "different"),
    [
        ("matbench/expt_gap.csv.gz", set()),
        ("thermoelectrics/estm.csv.gz", set()),
        ("superconductors/supercon_formulas.csv.gz", TI_OR_T_AND_I),
    ],
)
def test_agreement_with_pymatgen(data_dir, file, different):
    from pymatgen.core import Composition

    texts = distinct_formulas(data_dir / file, "formula")
    parsed = parse_formulas(texts)
    ours = {texts[row]: parsed.compositions.to_dict(place) for place, row in enumerate(parsed.rows)}
    disagreeing = set()
    for text in texts:
        try:
            amounts = Composition(text).get_el_amt_dict()
        except ValueError:
            assert text not in ours
            continue
        theirs: dict[str, float] = {}
        for symbol, amount in amounts.items():
            plain = "H" if symbol in ("D", "T") else symbol
            theirs[plain] = theirs.get(plain, 0) + amount
        theirs = {symbol: amount for symbol, amount in theirs.items() if amount > 0}
        if ours.get(text) != pytest.approx(theirs, abs=1e-8):
            disagreeing.add(text)
    assert disagreeing == different


@pytest.mark.slow
def test_speed(data_dir):
    texts = distinct_formulas(data_dir / "matbench/mp_e_form.csv.gz", "formula")
    started = time.process_time()
    parsed = parse_formulas(texts)
    seconds = time.process_time() - started
    assert len(parsed.rows) == len(texts) > 100_000
    assert len(texts) / seconds > 60_000


def test_many_formulas_at_once():
    texts = [f"Fe{i}O{i + 1}" for i in range(1, 2001)]
    parsed = parse_formulas(texts)
    np.testing.assert_array_equal(parsed.compositions.offsets, np.arange(0, 4002, 2))
    np.testing.assert_array_equal(parsed.compositions.elements.reshape(-1, 2), np.tile([8, 26], (2000, 1)))
    np.testing.assert_array_equal(parsed.compositions.amounts[1::2], np.arange(1, 2001))


def test_words_for_no_value_are_no_formulas() -> None:
    symbols = {symbol.casefold() for symbol in SYMBOLS}
    words = sorted((MISSING | NOT_DETECTED) - symbols - {"nan"})
    assert len(words) > 300
    told = {problem.row: problem.reason for problem in parse_formulas(words).problems}
    assert [told.get(row) for row in range(1, len(words) + 1)] == ["the formula is empty"] * len(words)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_elements_are_no_words_for_no_value(symbol: str) -> None:
    assert len(parse_formulas([symbol]).rows) == 1
