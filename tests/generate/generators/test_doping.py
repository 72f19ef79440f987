"""Doping series: sites, amounts, and mistakes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matscout.errors import UsageError
from matscout.generate.generators.doping import DopingSeries, dope, parse_doping


def amounts(candidates, row):
    return candidates.materials.compositions.to_dict(row)


def test_a_series_is_read():
    assert parse_doping("PbTe: Na, Bi :0:0.1") == DopingSeries({"Pb": 1.0, "Te": 1.0}, ("Na", "Bi"), 0.0, 0.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("PbTe:Na", "2 parts"),
        ("PbTe:Xx:0:0.1", "Xx in"),
        ("PbTe::0:0.1", "nothing in"),
        ("PbTe:Na:0.2:0.1", "must go from low"),
        ("PbTe:Na:-1:0.1", "must go from low"),
        ("PbTe:Na:a:b", "cannot read"),
        ("Pb~!:Na:0:0.1", "cannot read"),
    ],
)
def test_mistakes_are_explained(text, message):
    with pytest.raises(UsageError, match=message):
        parse_doping(text)


@pytest.mark.parametrize(
    ("host", "dopant", "site"),
    [
        ({"Pb": 1, "Te": 1}, "Na", "Pb"),
        ({"Pb": 1, "Te": 1}, "Se", "Te"),
        ({"Pb": 1, "Te": 1}, "I", "Te"),
        ({"Bi": 2, "Te": 3}, "Sb", "Bi"),
        ({"Ba": 1, "Ti": 1, "O": 3}, "Sr", "Ba"),
        ({"Ba": 1, "Ti": 1, "O": 3}, "Nb", "Ti"),
        ({"Cu": 1, "In": 1, "Se": 2}, "Ga", "In"),
    ],
)
def test_dopants_take_the_site_a_chemist_expects(host, dopant, site):
    candidates = dope(DopingSeries(host, (dopant,), 0.0, 0.2))
    assert len(candidates) == 21
    last = amounts(candidates, 20)
    assert last[dopant] == pytest.approx(0.2)
    assert last[site] == pytest.approx(host[site] - 0.2)
    assert candidates.origins[0].startswith("the host")
    assert candidates.origins[20].endswith(f"0.2 {dopant} for {site}")


def test_pairs_share_the_range():
    candidates = dope(parse_doping("PbTe:Na,Se:0:0.1"))
    totals = [sum(amounts(candidates, row).get(symbol, 0) for symbol in ("Na", "Se")) for row in range(len(candidates))]
    assert max(totals) == pytest.approx(0.1)
    both = [row for row in range(len(candidates)) if {"Na", "Se"} <= set(amounts(candidates, row))]
    assert len(both) == 20 * 19 / 2
    assert len(candidates) == 1 + 20 + 20 + len(both)


@settings(max_examples=25)
@given(st.floats(0, 0.5), st.floats(0.01, 3), st.sampled_from(["Na", "Bi", "Sn"]))
def test_atoms_are_conserved(low, width, dopant):
    candidates = dope(DopingSeries({"Pb": 1, "Te": 1}, (dopant,), low, low + width))
    compositions = candidates.materials.compositions
    totals = np.add.reduceat(compositions.amounts, compositions.offsets[:-1])
    assert totals == pytest.approx(2)
    assert (compositions.amounts > 0).all()
    assert len(set(compositions.keys())) == len(compositions)


def test_impossible_amounts_are_refused():
    with pytest.raises(UsageError, match="cannot be doped"):
        dope(DopingSeries({"Pb": 1, "Te": 1}, ("Na",), 2.0, 3.0))
    with pytest.raises(UsageError, match="cannot be doped"):
        dope(DopingSeries({"Si": 1}, ("Si",), 0.0, 0.1))
