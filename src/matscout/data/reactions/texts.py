"""Reactions as they stand in tables: one column of reaction SMILES, or a column for each component."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.elements import add_amounts
from matscout.data.missing import tidy
from matscout.data.reactions.column_store import WHOLE, Part, Reactions, Side
from matscout.data.reactions.molecules import Molecule, read_molecule
from matscout.data.tables import Table
from matscout.errors import InputError, RowProblem

_ARROW = r"(?<!-)>"
"""Divides the sides; that of a dative bond (``->``) does not."""
_REACTION = re.compile(rf"((?!{_ARROW})\S)*{_ARROW}((?!{_ARROW})\S)*{_ARROW}((?!{_ARROW})\S)*(\s+\|.*\|)?")
_AGENTS = re.compile(
    r"ligand|base|additi[vf]|zusatz|solvent|lösungsmittel|loesungsmittel|solvant|[ck]ataly[stz]|activator|activating"
    r"|(?<!ating )agent|oxidant|reductant|precursor|promot[eo]r|electrolyte|photosensiti[sz]er"
    r"|^metal$|\b(?:metal|pd|ni|cu|palladium|nickel|copper) source\b",
    re.I,
)
_REACTANTS = re.compile(
    r"reactant|substrate|reagent|halide|amine|amin\b|alcohol|alkohol|aldehyd|keton|ester|boron|\bacid\b|säure|saeure|aryl|alkyl|alkene|olefin|philes?\b"
    r"|smiles|edu[ck]t|halogenid",
    re.I,
)
_PRODUCT = re.compile(r"produ[ck]t|produit|produto", re.I)
_SIDE = re.compile(r"(reactants?|agents|reagents|products)([ _]smiles)?", re.I)
_ATOMS = r"Cl|Br|[BCFHINOPSbcnops]"
_ORGANIC = re.compile(rf"(?:{_ATOMS}|[\d=#()\[\]@+\-/\\.%])+")
_MOLECULE = re.compile(rf"(?![A-Za-z]+\d+$)(?:{_ATOMS}|\[[^\[\]]+\]|[\d=#()@+\-/\\.%])+")
"""Any molecule, and no code such as ``B7``."""
_WRITTEN_OUT = re.compile(r"[=#()\[\]]|[a-z]\d")
"""What a molecule of a column has somewhere, and no column of names (NBS, HFIP)."""
ABSENT = frozenset(["", "-", "--", "/", "none", "without", "n/a", "na", "n.a.", "nan", "null"])
"""Cells (lower case, dashes made equal) that say that there is no such component.

One that is unknown is no such, and ``NO`` is hydroxylamine: no word stands here that is a SMILES in capitals.
"""
_UNTOLD = frozenset(["?", "unknown", "not reported", "not available", "missing", "n.d.", "nd", "n.r."])
_SAMPLE = 200
_ADVICE = "correct the SMILES, or remove the row"


@dataclass(frozen=True, eq=False)
class ParsedReactions:
    """The reactions that could be read out of n rows.

    Parameters
    ----------
    reactions
        m reactions.
    compositions
        What their products are made of, or where none is named all that goes in, m rows.
    rows
        int64 [m], ascending: the row of each.
    problems
        Why the others could not be read; ``row`` counts from 1.
    n_mapped
        Reactions with numbered atoms.
    """

    reactions: Reactions
    compositions: Compositions
    rows: NDArray[np.int64]
    problems: tuple[RowProblem, ...]
    n_mapped: int = 0


def is_reaction(text: str) -> bool:
    """Whether a text looks like a reaction SMILES, ``reactants>agents>products``."""
    return bool(_REACTION.fullmatch(text)) and len(text) > 3


def columns_of_reactions(table: Table, taken: Collection[str] = ()) -> list[str]:
    """The columns in which nearly all cells that hold something look like reaction SMILES."""
    columns = []
    for column in table.columns:
        cells = [cell for cell in table.column(column)[:_SAMPLE] if cell] if column not in taken else []
        if cells and sum(map(is_reaction, cells)) >= 0.8 * len(cells):
            columns.append(column)
    return columns


def is_organic(text: str) -> bool:
    """Whether a text can be the SMILES of an organic molecule by its letters: ``CCO``, and not ``Pd3Cu``."""
    return bool(_ORGANIC.fullmatch(text))


def likely_components(table: polars.DataFrame) -> list[str]:
    """The columns of a table that are called like parts of reactions, and hold molecules in most cells."""
    components = []
    for column in filter(is_called_component, table.columns):
        cells = [str(cell) for cell in table[column].drop_nulls().head(_SAMPLE)]
        cells = [cell for cell in cells if cell.strip().lower() not in ABSENT]
        molecules = sum(bool(_MOLECULE.fullmatch(cell)) for cell in cells)
        if any(map(_WRITTEN_OUT.search, cells)) and molecules >= 0.8 * len(cells):
            components.append(column)
    return components


def is_called_agent(column: str) -> bool:
    """Whether a column is called like what reactions are run with: base, ligand, solvent."""
    return bool(_AGENTS.search(column))


def is_called_component(column: str) -> bool:
    """Whether a column is called like a part of a reaction."""
    return any(pattern.search(column) for pattern in (_AGENTS, _REACTANTS, _PRODUCT))


def part_of(column: str, given: Side | None = None) -> Part:
    """What the molecules of a column are there for, by its name: products, agents (ligand, base ...) or reactants.

    A ``given`` side goes before. Only a column that is called like a side (reactants, reactant, reagents, agents,
    products) holds several, with dots between them; the dot of any other one joins the fragments of a salt.
    """
    side: Side = "product" if _PRODUCT.search(column) else "agent" if _AGENTS.search(column) else "reactant"
    return Part(column, given or side, several=bool(_SIDE.fullmatch(column)), said=given is not None)


def parse_reactions(texts: Sequence[str | None]) -> ParsedReactions:
    """Read reaction SMILES; a dot divides molecules, ``~`` keeps the fragments of one together.

    Parameters
    ----------
    texts
        ``reactants>agents>products``, n of them; what follows a blank (a ChemAxon extension) is not read.
    """
    collected = _Collected(WHOLE)
    for row, text in enumerate(texts):
        collected.add(row, text or "", _written(text or ""))
    collected.list_forgotten()
    return collected.parsed()


def parse_components(cells: Sequence[Sequence[str | None]], parts: Sequence[Part]) -> ParsedReactions:
    """Read reactions from columns of SMILES; a blank, or "none" (:data:`ABSENT`), stands for no such component.

    A blank among the reactants or products that most rows name is listed: it is more likely forgotten than meant.

    Parameters
    ----------
    cells
        p columns of n cells.
    parts
        What the p columns are.
    """
    collected = _Collected(tuple(parts))
    for row, line in enumerate(zip(*cells, strict=True)):
        written = [
            (place, piece)
            for place, cell in enumerate(line)
            if cell and tidy(cell).lower() not in ABSENT
            for piece in (cell.split(".") if parts[place].several else [cell])
            if piece
        ]
        collected.add(row, " ".join(cell for _, cell in written), written)
    collected.list_forgotten()
    return collected.parsed()


Written = list[tuple[int, str]]
"""Position of a part, and a molecule in it."""


def _written(text: str) -> Written | None:
    """The molecules of a reaction SMILES, None if it is none."""
    if not is_reaction(text):
        return None
    sides = re.split(_ARROW, text.split(maxsplit=1)[0])
    return [(place, piece) for place, side in enumerate(sides) for piece in side.split(".") if piece]


@dataclass
class _Collected:
    """Reactions that are read one after the other."""

    parts: tuple[Part, ...]
    rows: list[int] = field(default_factory=list)
    members: list[list[int]] = field(default_factory=list)
    places: list[list[int]] = field(default_factory=list)
    compositions: list[dict[str, float]] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    n_mapped: int = 0

    def add(self, row: int, text: str, written: Written | None) -> None:
        """Read one row, or say why it cannot be read."""
        if not written:
            reason = "there is no molecule" if written is not None else "this is not a reaction SMILES"
            advice = "write reactants>agents>products, or name a column for each component"
            self.problems.append(RowProblem(row + 1, text, reason, advice))
            return
        try:
            molecules = [(place, self._read(piece, place)) for place, piece in written]
        except InputError as error:
            self.problems.append(RowProblem(row + 1, text, str(error), _ADVICE))
            return
        self.rows.append(row)
        self.n_mapped += any(molecule.mapped for _, molecule in molecules)
        pairs = [
            (place, self.positions.setdefault(molecule.smiles, len(self.positions))) for place, molecule in molecules
        ]
        pairs.sort()
        self.places.append([place for place, _ in pairs])
        self.members.append([member for _, member in pairs])
        made = [molecule for place, molecule in molecules if self.parts[place].side == "product"]
        self.compositions.append(_sum(made or [molecule for _, molecule in molecules]))

    def list_forgotten(self) -> None:
        """Remark on reactions without a reactant or product of a part that most of the others name."""
        for place, part in enumerate(self.parts):
            without = [row for row, places in zip(self.rows, self.places, strict=True) if place not in places]
            if part.side != "agent" and 0 < len(without) < len(self.rows) / 2:
                name = f"no {part.name} is named" if self.parts != WHOLE else f"no {part.name.rstrip('s')} is named"
                advice = "it is used unchanged; name it, or remove the row"
                self.problems += [RowProblem(row + 1, "", name, advice, dropped=False) for row in without]
        self.problems.sort(key=lambda problem: problem.row)

    def _read(self, piece: str, place: int) -> Molecule:
        if piece.lower() in _UNTOLD:
            raise InputError(f'the {self.parts[place].name} is {piece!r}: write "none" if there was none')
        try:
            return read_molecule(piece)
        except InputError as error:
            raise InputError(f"the {self.parts[place].name} {_short(piece)} {error}") from error

    def parsed(self) -> ParsedReactions:
        """All of them."""
        lengths = [len(members) for members in self.members]
        reactions = Reactions(
            np.array(list(self.positions), dtype=np.str_),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            np.array([member for members in self.members for member in members], dtype=np.int64),
            np.array([place for places in self.places for place in places], dtype=np.int64),
            self.parts,
        )
        return ParsedReactions(
            reactions,
            Compositions.from_dicts(self.compositions),
            np.array(self.rows, dtype=np.int64),
            tuple(self.problems),
            self.n_mapped,
        )


def _sum(molecules: Sequence[Molecule]) -> dict[str, float]:
    total: dict[str, float] = {}
    for molecule in molecules:
        add_amounts(total, molecule.composition)
    return total


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
