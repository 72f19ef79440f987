"""The card of the donor table: the facts as a page for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from donor_table.making import Facts

_INTRODUCTION = """\
# Labels of the composition donor

Public properties of many materials, one row per formula, made by `scripts/make_donor_table.py`. **full** holds every
formula; **strict** lacks every formula of an evaluation task. Neither holds the labels of an evaluation task (measured
gaps and metals, refractive index, exfoliation energy, glass forming, thermoelectric properties), so the refractive
index is no donor for users either. Outputs of other models (crystal-likeness scores) are left out too,
and SCAN band gaps: 448 formulas, of which strict would keep 23, are too few to learn from."""

_ROWS = """\
- Formulas whose normalised fractions agree to five digits are one row, in whole numbers where any source writes so.
- Within a source, the values of the polymorph of lowest energy are taken where an energy is known, else the median.
  For `synthesised` a formula is a yes if any row of any source says so.
- Values of several sources stand in one column only if method and level of theory are the same; the first source in
  the table below is believed first. Other settings (OQMD, AFLOW) have columns of their own.
- Quantities per cell are divided by the number of atoms. The moment of `mp_mu_b` is per cell of unknown size, so only
  whether it exceeds 0.5 Bohr magnetons is used."""

_TENSION = """\
The evaluation tasks are those with few or measured labels. The large DFT tables of matbench (mp_e_form, mp_gap,
mp_is_metal, log_kvrh, log_gvrh, perovskites) are donors: a model that uses either variant must not be evaluated
on them."""


def page(facts: Facts) -> str:
    """The whole card as Markdown."""
    parts = [
        _INTRODUCTION,
        _tables(facts),
        "## Rows",
        _ROWS,
        "## Columns",
        _columns(facts),
        "## Sources",
        _sources(facts),
    ]
    parts += [
        "## Evaluation formulas",
        _TENSION,
        _evaluation(facts),
        "## Unreadable formulas",
        _list(facts["unreadable"]),
    ]
    parts += ["## Input", _table(("file", "SHA-256"), facts["inputs"].items())]
    return "\n\n".join(parts) + "\n"


def _tables(facts: Facts) -> str:
    header = ("variant", "formulas", "values", "SHA-256 as CSV", "SHA-256 of the formulas")
    rows = [(name, *table.values()) for name, table in facts["tables"].items()]
    return _table(header, rows)


def _columns(facts: Facts) -> str:
    header = ("column", "full", "strict", "min", "median", "max", "method", "dropped outside", "because")
    return _table(header, map(_column, facts["columns"]))


def _column(column: Facts) -> Sequence[object]:
    spread, limits = column["full"], "{:g} to {:g}".format(*column["limits"])
    statistics = [f"{spread[name]:.4g}" if spread["n"] else "" for name in ("min", "median", "max")]
    unit = "" if column["unit"] == "1" else f" {column['unit']}"
    return (
        column["column"],
        spread["n"],
        column["strict"]["n"],
        *statistics,
        column["meaning"],
        limits + unit,
        column["reason"],
    )


def _sources(facts: Facts) -> str:
    counts = ("read", "left_out", "blank", "unreadable", "absurd", "merged", "kept", "used")
    header = (
        "column",
        "source",
        *(name.replace("_", " ") for name in counts),
        "min",
        "median",
        "max",
        "origin",
        "licence",
    )
    rows = []
    for reading in facts["readings"]:
        numbers = [reading[name] for name in counts]
        spread = [f"{reading['kept_values'][name]:.4g}" for name in ("min", "median", "max") if reading["kept"]]
        rows.append((reading["column"], reading["source"], *numbers, *spread, reading["origin"], reading["licence"]))
    reasons = {reason: None for reading in facts["readings"] for reason in reading["left_out_because"]}
    notes = ["Read = left out + blank + unreadable + absurd + merged + kept; used: no preferred source had a value."]
    notes += [f"Left out: {reason}." for reason in reasons]
    return "\n\n".join([*notes, _table(header, rows)])


def _evaluation(facts: Facts) -> str:
    evaluation = facts["evaluation"]
    text = (
        f"Same: the absolute differences of the atomic fractions sum to at most {evaluation['same']:g}; strict lacks"
        f" these {evaluation['donors_removed']} formulas. Near: at most {evaluation['near']:g}; counted, not removed."
    )
    header = ("task", "its formulas", "of these in full", "donors removed", "near one in full", "near one in strict")
    names = ("task", "formulas", "formulas_in_full", "donors_removed", "formulas_near_full", "formulas_near_strict")
    return text + "\n\n" + _table(header, ([task[name] for name in names] for task in evaluation["tasks"]))


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "None."


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
