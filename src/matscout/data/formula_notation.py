"""From a formula as it stands in a paper to plain text for the grammar: mark-up, notes, charges, spaces.

Each step takes and returns a :class:`Draft`. What only restates the same formula (sub- and superscript signs, HTML,
LaTeX) passes without a remark; whatever is left out or interpreted leaves one, and what cannot be decided is refused.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from matscout.data.elements import SYMBOLS
from matscout.data.formula_alloys import AlloyContext, read_alloy
from matscout.data.formula_charges import Balance, balance
from matscout.data.formula_findings import FormulaError, Interpretation
from matscout.data.formula_grammar import VACANCY, FormulaReader
from matscout.data.formula_isotopes import isotope_left_out, marks_isotope, without_isotopes
from matscout.data.formula_ligands import expand_groups
from matscout.data.formula_names import refuse_name
from matscout.data.formula_parts import plain_parts, refuse_composite
from matscout.data.formula_points import DECIMAL, JOINT
from matscout.data.formula_variables import take_variables
from matscout.data.missing import is_missing

MAX_LENGTH = 1000
_SPELLED_LIKE_MISSING = frozenset(symbol.casefold() for symbol in SYMBOLS)
"""Words for no value that may be an element whose capital nobody wrote: ``na``, ``nd``."""


@dataclass(frozen=True)
class Draft:
    """A formula on its way: the text left to read, named amounts, and how it was understood so far."""

    original: str
    text: str
    variables: dict[str, float] = field(default_factory=dict)
    interpretations: tuple[Interpretation, ...] = ()

    def noting(self, text: str, *interpretations: Interpretation) -> Draft:
        """The draft with new text and further interpretations."""
        if text == self.text and not interpretations:
            return self
        return replace(self, text=text, interpretations=self.interpretations + interpretations)

    def restated(self, text: str, rule: str) -> Draft:
        """The draft with the same formula in other signs, noted by rule if it is not the same text."""
        return self.noting(text, *([Interpretation(rule)] if text != self.text.strip() else []))

    def fail(self, reason: str, advice: str) -> FormulaError:
        """The error to raise for the formula as it was given."""
        return FormulaError(self.original, reason, advice)


_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_DOTS = re.compile("[·•∙⋅‧・●⸱×✕]")
_MINUSES = re.compile("[−–—‐‑‒―﹣－]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_ABOUT = re.compile(r"(?<=[ (,][a-zδ])~(?=[\d.])|(?<=[ (,][a-zδ]) ~ ?(?=[\d.])")
_TAG_SUPERSCRIPT = re.compile(r"<sup[^<>]*>(.*?)</sup\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:sub|sup|i|b|em|strong|span|font|p|br)\b[^<>]*>", re.IGNORECASE)
_LATEX_STYLE = re.compile(
    r"\\(?:mathrm|mathit|mathbf|mathsf|textrm|textit|textbf|text|rm|it|ce|chem|left|right)(?![a-z])"
)
_LATEX_SIGNS = {r"\cdot": "·", r"\bullet": "·", r"\times": "·", r"\pm": "±", r"\square": VACANCY, r"\Box": VACANCY}
_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε"}
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_VACANCY_WORD = re.compile(r"Vac?(?=[\d.,)\]A-Z(\[]|$)")


def _plain_characters(draft: Draft) -> Draft:
    """HTML entities, superscripts as ``^{...}``, compatibility forms, one kind of dot and minus."""
    text = html.unescape(draft.text)
    text = _SUPERSCRIPT_RUN.sub(lambda run: f"^{{{run.group()}}}", text)
    text = unicodedata.normalize("NFKC", text)
    text = _INVISIBLE.sub("", text).replace("\u2044", "/")
    text = _DOTS.sub("·", _MINUSES.sub("-", text))
    text = re.sub("[\u25a1\u2610\u25fb]", VACANCY, _VACANCY_WORD.sub(VACANCY, " ".join(text.split()).rstrip(",;")))
    return draft.restated(text, "typographic signs")


def _without_mark_up(draft: Draft) -> Draft:
    """HTML tags and LaTeX commands; superscripts end up as ``^{...}``."""
    text = _TAG_SUPERSCRIPT.sub(r"^{\1}", draft.text)
    text = _TAG.sub("", text)
    text = _LATEX_STYLE.sub("", text).replace("$", "")
    text = re.sub(r"\\[,;:! ]|~", "", _ABOUT.sub("∼", text))
    for command, sign in _LATEX_SIGNS.items():
        text = text.replace(command, sign)
    text = re.sub(r"\\(alpha|beta|gamma|delta|epsilon)", lambda name: _GREEK[name.group(1)], text)
    text = re.sub(r"\^([+-]|\d+[+-]?)", r"^{\1}", text)
    text = re.sub(r"_(?=[{\d.(a-zδ])(?!\{?[a-z]{2})", "", text)
    text = re.sub(r"\{([A-Z][^{}]*)\}(?![\d.])", r"\1", text)
    return draft.restated(text.strip(), "mark-up left out")


def _superscripts(draft: Draft) -> Draft:
    """Charges and isotope numbers are dropped with a remark, other raised numbers count as amounts."""
    interpretations = []

    def settle(match: re.Match[str]) -> str:
        inside = match.group(1).strip()
        if re.fullmatch(r"\d*[+-]+|[+-]+\d*", inside):
            interpretations.append(Interpretation("charge left out", f"the charge {inside} is left out"))
            return ""
        at_start = not match.start() or match.string[match.start() - 1] in "([·"
        if inside.isdecimal() and (at_start or marks_isotope(int(inside), match.string, match.end())):
            interpretations.append(isotope_left_out(inside))
            return ""
        if inside.isdecimal():
            interpretations.append(
                Interpretation("raised number as amount", f"the raised {inside} is read as an amount")
            )
            return inside
        raise draft.fail(
            f"the superscript {inside!r} has no meaning here", "write charges as ^2+ and amounts as plain numbers"
        )

    text = re.sub(r"\^\{([^{}]*)\}", settle, draft.text)
    return draft.noting(text, *interpretations)


def _isotopes(draft: Draft) -> Draft:
    text, interpretations = without_isotopes(draft.text)
    return draft.noting(text, *interpretations)


def _groups(draft: Draft) -> Draft:
    """Abbreviated groups, as in ``Cu(OAc)2``, are written out."""
    text, interpretations = expand_groups(draft.text, draft.fail)
    return draft.noting(text, *interpretations)


def _named_amounts(draft: Draft) -> Draft:
    """``(x=0.3)``, ``, x = 0.4, y = 0.1`` after the formula; an unknown δ counts as zero."""
    text, variables, interpretations = take_variables(draft.text, draft.fail)
    return replace(draft.noting(text, *interpretations), variables=variables)


_DOPANT = ("a dopant without its amount", "write it into the formula, e.g. Al1.98Cr0.02O3")
_DOPANT_BESIDE = ("a dopant or an addition outside the formula", "write all amounts into the formula")
_WEIGHT = ("amounts by weight", "convert them to atoms")
_UNKNOWN = ("an amount that is not known", "write the amounts of all elements")
_WATER_UNKNOWN = ("an unknown amount of water", "write it, e.g. CuSO4·5H2O")
_REFUSED_NOTES = {
    **dict.fromkeys(("wt", "weight"), _WEIGHT),
    **dict.fromkeys(("doped", "doping", "codoped", "substituted"), _DOPANT),
    **dict.fromkeys(("deficient", "rich", "excess"), _UNKNOWN),
    **dict.fromkeys(("hydrate", "hydrous", "hydrated"), _WATER_UNKNOWN),
}
"""Words that make a note part of the composition: reason and advice."""

_CRYSTAL_FACE = re.compile(r"(?:-?\d){3,4}")
_LABEL = re.compile(r"[A-Z][a-z]?\d*|I{1,3}|I?V|VI{0,3}")
"""What a bracket at the end may hold that is a label (a phase, a sample) as well as an element."""

_POLYTYPE = r"[1-9]\d?[HTRC]['′]*"
_PREFIX = re.compile(
    rf"""
    (?P<note>
        {_POLYTYPE} | HT | LT | HP               # 4H-SiC, HT-LiCoO2
        | (?:[PO][23]['′]?|TT?|[AMRL])(?=-)      # P2-Na0.67MnO2, T-Nb2O5
        | (?P<word>
            [A-Za-z]{{1,12}}-[a-z]{{3,}}(?=\s)     # n-type PbTe
            | (?:[α-ωΑ-Ω]|[A-Z]?[a-z]+)[′'’"″]*\d?  # α-SiO2, γ'-Fe4N, Rutile TiO2
        )
    )
    [-\s]\s*(?=[A-Z\d(\[])                      # the formula follows
    """,
    re.VERBOSE,
)
_SUFFIX = re.compile(
    rf"""
    (?<![\s,;:_-])(?P<gap>[\s,;:_-]*)
    (?P<note>
        \((?P<inside>[^()]*(?:\([^()]*\)[^()]*)*)\)       # TiO2 (rutile)
        | \[(?P<square>[^\[\]]*)\]                        # TiO2 [rutile]
        | (?<=[\s,;:_-])[A-Za-z]?[a-z]{{2}}[a-z.%/-]*      # TiO2 rutile, TiO2-anatase
        | (?<=\s)[a-z]{{2}}\.?%?                          # Fe70Ni30 at.%
        | (?<=[\s,;:_-]){_POLYTYPE}                       # MoS2 2H
    )$
    """,
    re.VERBOSE,
)
_NAME = re.compile(
    r"\b(?:per|di|tri|mono|sesqui)?(?:oxide|sulph?ide|selenide|telluride|nitride|carbide|boride|phosphide|arsenide|antimonide"
    r"|fluoride|chloride|bromide|iodide|hydride|silicide)$",
    re.IGNORECASE,
)


def _refuse_if_needed(draft: Draft, note: str) -> None:
    words = set(re.findall(r"[a-z]+", note.lower()))
    for word, (reason, advice) in _REFUSED_NOTES.items():
        if word in words:
            raise draft.fail(f"{note!r} means {reason}", advice)
    if "%" in note and any(letter.isdecimal() for letter in note) and (words & {"at", "mol", "atom"}):
        raise draft.fail(f"{note!r} is {_DOPANT_BESIDE[0]}", _DOPANT_BESIDE[1])
    if "%" in note and "at" not in words and "mol" not in words:
        raise draft.fail(f"{note!r} is a share of something unknown", "write all amounts into the formula")


def _reads_as_formula(text: str, variables: dict[str, float]) -> bool:
    try:
        FormulaReader(text.replace(" ", ""), variables).read()
    except FormulaError:
        return False
    return True


def _is_chemical(word: str, variables: dict[str, float]) -> bool:
    """Whether a word before a formula is a share (``x BaTiO3``) or a formula of its own."""
    return word in variables or _reads_as_formula(word, variables)


def _is_note(draft: Draft, match: re.Match[str]) -> bool:
    """Whether what stands at the end of the text is a remark about the phase and not chemistry."""
    bracketed = match["inside"] if match["inside"] is not None else match["square"]
    inside = None if bracketed is None else _DECIMAL_COMMA.sub(".", bracketed)
    if re.fullmatch(_POLYTYPE, inside or match["note"]) or _CRYSTAL_FACE.fullmatch(inside or ""):
        return True
    if inside is None:
        return not _reads_as_formula(match["note"], draft.variables)
    if not any(letter.isalpha() for letter in inside):
        if match["gap"]:
            raise draft.fail(f"{match['note']} may be a note or an amount", "remove it, or leave out the space")
        return False
    if not _reads_as_formula(re.sub("[,;/]", "", inside), draft.variables):
        chemical = (
            any(letter.isupper() for letter in inside)
            and not match["gap"]
            and not re.search(r"[a-z]{3}|[-/_ ]", inside)
        )
        return not chemical and not _is_amount(inside, draft.variables)
    if _LABEL.fullmatch(inside.strip()) or (match["gap"] and inside.strip() not in _GROUPS):
        raise draft.fail(
            f"{match['note']} may be a note or belong to the formula",
            "remove it, or write it without brackets or space",
        )
    return False


def _is_amount(text: str, variables: dict[str, float]) -> bool:
    return all(letter in variables or not letter.isalpha() for letter in text)


def _notes(draft: Draft) -> Draft:
    """Phase names, states and the like before and after the formula: ``α-SiO2``, ``TiO2 (rutile)``, ``Fe2O3(s)``."""
    if _NAME.search(draft.text):
        raise draft.fail("this looks like a name", "write the formula")
    interpretations = []
    text = draft.text
    while (match := _PREFIX.match(text)) and not _is_chemical(match["word"] or "", draft.variables):
        _refuse_if_needed(draft, match["note"])
        interpretations.append(Interpretation("note left out", f"the note {match['note']!r} is left out"))
        text = text[match.end() :]
    while (match := _SUFFIX.search(text)) and match.start() > 0 and _is_note(draft, match):
        _refuse_if_needed(draft, match["note"])
        interpretations.append(Interpretation("note left out", f"the note {match['note']!r} is left out"))
        text = text[: match.start()]
    if "%" in text or re.search(r"\bwt\b", text):
        raise draft.fail("it holds a share in percent", "write all amounts as atoms into the formula")
    return draft.noting(text, *interpretations)


def _parts(draft: Draft) -> Draft:
    """Commas between shares, dopants with their amounts, brackets around it all."""
    text, interpretations = plain_parts(draft.text, draft.fail)
    return draft.noting(text, *interpretations)


_WATER_AFTER_GAP = re.compile(r"(?<=[A-Za-z\d)\]]) (?:[x×] )?(?=(?:\d+(?:[.,]\d+)?|\.\d+) ?\(?(?:H2O|D2O)\)?$)")
_ASTERISK = re.compile(r"\*(?=[\d.,·/]*[A-Z([])")
_SPACED_POINT = re.compile(r" [·*] ?|[·*] | \. |(?<=[A-Za-z\d)\]])\. ")


def _joints(draft: Draft) -> Draft:
    """Signs of which the spaces around them tell that they join parts; decimal commas; no whitespace."""
    text = _WATER_AFTER_GAP.sub(JOINT, draft.text)
    text = _SPACED_POINT.sub(lambda match: match.group() if _multiplies(text, match) else JOINT, text)
    text = re.sub(r" ?([/+,-]) ?", r"\1", text)
    text = _ASTERISK.sub("·", text)
    pointed = _DECIMAL_COMMA.sub(DECIMAL, text)
    joined = re.sub(r"\s+", "", pointed)
    interpretations = [Interpretation("decimal comma")] if pointed != text else []
    if _spaces_matter(draft, text):
        shown = joined.replace(JOINT, "·").replace(DECIMAL, ".")
        interpretations.append(Interpretation("spaces left out", f"the spaces are left out: {shown}"))
    return draft.noting(joined, *interpretations)


def _multiplies(text: str, match: re.Match[str]) -> bool:
    """Whether an asterisk multiplies an amount, as in ``2 * x``."""
    return "*" in match.group() and text[match.end() : match.end() + 1].islower()


_GRADE = re.compile(r"[A-Z]\d{2,4}")
_GROUPS = {"OH", "CN", "CO", "CO3", "NO2", "NO3", "SO3", "SO4", "PO3", "PO4", "NH3", "NH4", "H2O", "SCN", "NCS"}
_ONE_SYMBOL = re.compile(r"[A-Z][a-z]?[^A-Z()\[\]]*|[(\[].*[)\]][^A-Z]*")


def _spaces_matter(draft: Draft, text: str) -> bool:
    """Whether spaces stand elsewhere than between single elements; refused where they may set off a note."""
    if re.search(r"\d\s+[\d.]|[A-Za-z\d)\]]\s+(?:\d+\.?\d*|\.\d+)[A-Z(\[]", text):
        raise draft.fail("a space stands before a number", "write the formula without spaces, an adduct with '·'")
    matter = False
    for part in re.split(f"[·{JOINT}]", text):
        words = [word for word in part.split() if any(letter.isupper() for letter in word)]
        note = next((word for word in words if word.isalpha() and len(word) > 1 and word.isupper()), None)
        if len(words) > 1 and note and note not in _GROUPS:
            raise draft.fail(f"{note!r} may be a note or belong to the formula", "remove it, or leave out the space")
        grade = next((word for word in words if len(words) > 1 and _is_grade(word, words)), None)
        if grade:
            raise draft.fail(f"{grade!r} may be a grade or belong to the formula", "remove it, or leave out the space")
        matter |= len(words) > 1 and not all(_ONE_SYMBOL.fullmatch(word) for word in words)
    return matter


def _is_grade(word: str, words: list[str]) -> bool:
    """Whether one of two words is an element with a number beside a compound that balances: ``TiO2 P25``."""
    if len(words) != 2 or not _GRADE.fullmatch(word):
        return False
    other = words[0] if word is words[1] else words[1]
    return len(other) > 2 and _reads_as_formula(other, {}) and balance(FormulaReader(other).read()) == Balance.WHOLE


_SIGN_AT_END = re.compile(r"(?P<body>.*?)(?P<charge>\((?:\d*+[+-]++|[+-]++\d+)\)|(?<![+-])[+-]++)")
_ION = re.compile(r"(?P<body>[A-Z][a-z]?|[(\[].*[)\]])(?P<charge>\d[+-]|[+-]\d)")


def _charge(draft: Draft) -> Draft:
    """A charge at the end, as in ``Fe3+``, ``NH4+`` or ``SO4(2-)``, is dropped with a remark."""
    ion = _ION.fullmatch(draft.text)
    match = ion or _SIGN_AT_END.fullmatch(draft.text)
    if not match or not match["body"]:
        return draft
    body, charge = match["body"], match["charge"]
    if not ion and not charge.startswith("(") and re.search(r"(?:\d\d|[)\]]\d)$", body):
        raise draft.fail(f"{body[-1]}{charge} may be an amount and a sign, or a charge", "write the charge as ^2-")
    return draft.noting(body, Interpretation("charge left out", f"the charge {charge.strip('()')} is left out"))


_OXIDATION = re.compile(r"(?<=[a-zA-Z])\((?:II|III|IV|VII|VIII)\)|(?<=[a-zA-Z])\((?:I|V|VI)\)(?=[A-Z(])")


def _oxidation_numbers(draft: Draft) -> Draft:
    """Roman numerals after an element, as in ``Fe(III)2O3``."""
    interpretations = [
        Interpretation("oxidation number left out", f"the oxidation number {numeral} is left out")
        for numeral in _OXIDATION.findall(draft.text)
    ]
    return draft.noting(_OXIDATION.sub("", draft.text), *interpretations)


_FIRST_STEPS: tuple[Callable[[Draft], Draft], ...] = (_plain_characters, _without_mark_up, _superscripts, _isotopes)
_STEPS: tuple[Callable[[Draft], Draft], ...] = (
    _groups,
    _named_amounts,
    _parts,
    _notes,
    _joints,
    _charge,
    _oxidation_numbers,
)


def tidy(text: str, alloys: AlloyContext) -> Draft:
    """The formula in plain characters, ready for :func:`matscout.data.formula_points.point_readings`.

    Parameters
    ----------
    text
        The formula as somebody wrote it.
    alloys
        What the numbers in the names of alloys are.

    Raises
    ------
    FormulaError
        If it is empty, too long, or can be understood in two ways.
    """
    if text.strip() != "NaN" and text.strip().lower() == "nan":
        advice = "did you mean NaN (sodium nitride is NaN)? If the formula is missing, remove the row"
        raise FormulaError(text, "this means that no formula is known", advice)
    if _says_missing(text):
        raise FormulaError(text, "the formula is empty", "write one, or remove the row")
    if len(text) > MAX_LENGTH:
        raise FormulaError(text[:60] + "...", f"it has {len(text)} characters", "write a formula, not a text")
    draft = Draft(text, text)
    for step in _FIRST_STEPS:
        draft = step(draft)
    refuse_name(draft.text, draft.fail)
    refuse_composite(draft.text, draft.fail)
    formula, interpretations = read_alloy(draft.text, alloys, draft.fail)
    draft = draft.noting(formula, *interpretations)
    for step in _STEPS:
        draft = step(draft)
    return draft


def _says_missing(text: str) -> bool:
    """Whether a cell says that there is no formula, as others say that there is no value."""
    written = text.strip()
    return written in ("", ".") or (
        is_missing(written) and written != "NaN" and written.casefold() not in _SPELLED_LIKE_MISSING
    )
