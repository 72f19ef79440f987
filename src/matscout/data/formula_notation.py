"""From a formula as it stands in a paper to plain text for the grammar: mark-up, notes, charges, named amounts.

Each step takes and returns a :class:`Draft`. What only restates the same formula (sub- and superscript signs, HTML,
LaTeX) passes in silence; whatever is left out or interpreted leaves a remark, and what cannot be decided is refused.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from matscout.data.formula_grammar import VACANCY, FormulaError, FormulaReader

MAX_LENGTH = 1000
_BLANKS = {"none", "null", "nan", "n/a", "n.a.", "-", "--", "?", "."}


@dataclass(frozen=True)
class Draft:
    """A formula on its way: the text left to read, named amounts, and what was noted so far."""

    original: str
    text: str
    variables: dict[str, float] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def noting(self, text: str, *remarks: str) -> Draft:
        """The draft with new text and further remarks."""
        return replace(self, text=text, remarks=self.remarks + remarks)

    def fail(self, reason: str, advice: str) -> FormulaError:
        """The error to raise for the formula as it was given."""
        return FormulaError(self.original, reason, advice)


_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_DOTS = re.compile("[·•∙⋅‧・●⸱×✕]")
_MINUSES = re.compile("[−–—‐‑‒―﹣－]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_TAG_SUPERSCRIPT = re.compile(r"<sup[^<>]*>(.*?)</sup\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:sub|sup|i|b|em|strong|span|font|p|br)\b[^<>]*>", re.IGNORECASE)
_LATEX_STYLE = re.compile(
    r"\\(?:mathrm|mathit|mathbf|mathsf|textrm|textit|textbf|text|rm|it|ce|chem|left|right)(?![a-z])"
)
_LATEX_SIGNS = {r"\cdot": "·", r"\bullet": "·", r"\times": "·", r"\pm": "±", r"\square": VACANCY, r"\Box": VACANCY}
_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε"}
_DELTA = re.compile(r"(?<=[+\-±])(?:delta|d|∂)(?![a-z])")


def _plain_characters(draft: Draft) -> Draft:
    """HTML entities, superscripts as ``^{...}``, compatibility forms, one kind of dot and minus."""
    text = html.unescape(draft.text)
    text = _SUPERSCRIPT_RUN.sub(lambda run: f"^{{{run.group()}}}", text)
    text = unicodedata.normalize("NFKC", text)
    text = _INVISIBLE.sub("", text).replace("\u2044", "/")
    text = _DOTS.sub("·", _MINUSES.sub("-", text))
    text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    return draft.noting(re.sub("[\u25a1\u2610\u25fb]", VACANCY, " ".join(text.split())))


def _without_mark_up(draft: Draft) -> Draft:
    """HTML tags and LaTeX commands; superscripts end up as ``^{...}``."""
    text = _TAG_SUPERSCRIPT.sub(r"^{\1}", draft.text)
    text = _TAG.sub("", text)
    text = _LATEX_STYLE.sub("", text).replace("$", "")
    text = re.sub(r"\\[,;:! ]|~", "", text)
    for command, sign in _LATEX_SIGNS.items():
        text = text.replace(command, sign)
    text = re.sub(r"\\(alpha|beta|gamma|delta|epsilon)", lambda name: _GREEK[name.group(1)], text)
    text = re.sub(r"\^([+-]|\d+[+-]?)", r"^{\1}", text)
    text = re.sub(r"_(?=[{\d.(a-zδ])(?!\{?[a-z]{2})", "", text)
    text = re.sub(r"\{([A-Z][^{}]*)\}(?![\d.])", r"\1", text)
    return draft.noting(text.strip())


def _superscripts(draft: Draft) -> Draft:
    """Charges and isotope numbers are dropped with a remark, other raised numbers count as amounts."""
    remarks = []

    def settle(match: re.Match[str]) -> str:
        inside = match.group(1).strip()
        if re.fullmatch(r"\d*[+-]+|[+-]+\d*", inside):
            remarks.append(f"the charge {inside} is left out")
            return ""
        if inside.isdecimal():
            starts = not match.string[: match.start()] or match.string[match.start() - 1] in "([·"
            remarks.append(
                f"the isotope number {inside} is left out" if starts else f"the raised {inside} is read as an amount"
            )
            return "" if starts else inside
        raise draft.fail(
            f"the superscript {inside!r} has no meaning here", "write charges as ^2+ and amounts as plain numbers"
        )

    text = re.sub(r"\^\{([^{}]*)\}", settle, draft.text)
    return draft.noting(text, *remarks)


_ASSIGNMENT = re.compile(r"(?<![A-Za-z])([a-zδ])\s*=\s*([\d.+\-*/() ]*?[\d.])(?=\s*(?:$|[,;)\]]|and\b|&))")
_AROUND_ASSIGNMENTS = re.compile(r"[\s,;([]*(?:[\s,;]*(?:(?:with|for|where|at|and|&)\s*)?=)+[\s,;)\]]*$")


def _named_amounts(draft: Draft) -> Draft:
    """``(x=0.3)``, ``, x = 0.4, y = 0.1`` after the formula; an unknown δ counts as zero."""
    variables: dict[str, float] = {}

    def settle(match: re.Match[str]) -> str:
        reader = FormulaReader(match.group(2).replace(" ", ""))
        variables[match.group(1)] = reader.number()
        return "="

    text = _ASSIGNMENT.sub(settle, draft.text)
    if variables:
        text = _AROUND_ASSIGNMENTS.sub("", text)
        if "=" in text:
            raise draft.fail(
                "the values of its variables are not all at the end", "write them after it, e.g. (x=0.3, y=0.1)"
            )
    text = _DELTA.sub("δ", text).replace("+/-", "±").replace("±", "+")
    remarks = []
    if "δ" in text and "δ" not in variables and re.search(r"[+-]\s*\d*\.?\d*\s*δ", text):
        variables["δ"] = 0.0
        remarks.append("δ is not known and counts as 0")
    return replace(draft.noting(text.strip(), *remarks), variables=variables)


_DOPANT = ("a dopant without its amount", "write it into the formula, e.g. Al1.98Cr0.02O3")
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
    (?P<gap>[\s,;:_-]*)
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
    if "%" in note and "at" not in words and "mol" not in words:
        raise draft.fail(f"{note!r} is a share of something unknown", "write all amounts into the formula")


def _reads_as_formula(text: str, variables: dict[str, float]) -> bool:
    try:
        FormulaReader(text.replace(" ", ""), variables).read()
    except FormulaError:
        return False
    return True


def _is_note(draft: Draft, match: re.Match[str]) -> bool:
    """Whether what stands at the end of the text is a remark about the phase and not chemistry."""
    inside = match["inside"] if match["inside"] is not None else match["square"]
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
    remarks = []
    text = draft.text
    while (match := _PREFIX.match(text)) and not _reads_as_formula(match["word"] or "", draft.variables):
        _refuse_if_needed(draft, match["note"])
        remarks.append(f"the note {match['note']!r} is left out")
        text = text[match.end() :]
    while (match := _SUFFIX.search(text)) and match.start() > 0 and _is_note(draft, match):
        _refuse_if_needed(draft, match["note"])
        remarks.append(f"the note {match['note']!r} is left out")
        text = text[: match.start()]
    if "%" in text or re.search(r"\bwt\b", text):
        raise draft.fail("it holds a share in percent", "write all amounts as atoms into the formula")
    return draft.noting(text, *remarks)


_WATER = r"(?:H2O|D2O|\(H2O\)|\(D2O\))"
_WATER_AFTER_DOT = re.compile(rf"(?<=[A-Za-z\d)\]])(?<![A-Za-z)\]]0)\.(?=(?:\d+(?:\.\d+)?)?{_WATER}$)")
_WATER_AFTER_GAP = re.compile(rf"(?<=[A-Za-z\d)\]])\s+(?=(?:\d+(?:\.\d+)?|\.\d+){_WATER}$)")


def _joints(draft: Draft) -> Draft:
    """One sign, ``·``, between the parts of an adduct; no whitespace; decimal points."""
    text = re.sub(r"\s*([·*/+,-])\s*", r"\1", draft.text)
    text = re.sub(r"\*(?=[\d.]*[A-Z([])", "·", text)
    remarks = []
    dotted = _WATER_AFTER_DOT.sub("·", text, count=1)
    if dotted != text:
        remarks.append(f"the dot before the water joins an adduct: {dotted}")
    text = _WATER_AFTER_GAP.sub("·", dotted)
    text = re.sub(r"\.(?=[A-Z([])", "·", text)
    joined = re.sub(r"\s+", "", text)
    if _spaces_matter(draft, text):
        remarks.append(f"the spaces are left out: {joined}")
    return draft.noting(joined, *remarks)


_GROUPS = {"OH", "CN", "CO", "CO3", "NO2", "NO3", "SO3", "SO4", "PO3", "PO4", "NH3", "NH4", "H2O", "SCN", "NCS"}
_ONE_SYMBOL = re.compile(r"[A-Z][a-z]?[^A-Z()\[\]]*|[(\[].*[)\]][^A-Z]*")


def _spaces_matter(draft: Draft, text: str) -> bool:
    """Whether spaces stand elsewhere than between single elements; refused where they may set off a note."""
    if re.search(r"\d\s+[\d.]|[A-Za-z\d)\]]\s+(?:\d+\.?\d*|\.\d+)[A-Z(\[]", text):
        raise draft.fail("a space stands before a number", "write the formula without spaces, an adduct with '·'")
    matter = False
    for part in text.split("·"):
        words = [word for word in part.split() if any(letter.isupper() for letter in word)]
        note = next((word for word in words if word.isalpha() and len(word) > 1 and word.isupper()), None)
        if len(words) > 1 and note and note not in _GROUPS:
            raise draft.fail(f"{note!r} may be a note or belong to the formula", "remove it, or leave out the space")
        matter |= len(words) > 1 and not all(_ONE_SYMBOL.fullmatch(word) for word in words)
    return matter


_SIGN_AT_END = re.compile(r"(?P<body>.*?)(?P<charge>\((?:\d*[+-]+|[+-]+\d+)\)|[+-]+)")
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
    return draft.noting(body, f"the charge {charge.strip('()')} is left out")


_OXIDATION = re.compile(r"(?<=[a-zA-Z])\((?:II|III|IV|VII|VIII)\)|(?<=[a-zA-Z])\((?:I|V|VI)\)(?=[A-Z(])")


def _oxidation_numbers(draft: Draft) -> Draft:
    """Roman numerals after an element, as in ``Fe(III)2O3``."""
    found = _OXIDATION.findall(draft.text)
    remarks = [f"the oxidation number {numeral} is left out" for numeral in found]
    return draft.noting(_OXIDATION.sub("", draft.text), *remarks)


_STEPS: tuple[Callable[[Draft], Draft], ...] = (
    _plain_characters,
    _without_mark_up,
    _superscripts,
    _named_amounts,
    _notes,
    _joints,
    _charge,
    _oxidation_numbers,
)


def tidy(text: str) -> Draft:
    """The formula in plain characters, ready for :class:`matscout.data.formula_grammar.FormulaReader`.

    Raises
    ------
    FormulaError
        If it is empty, too long, or can be understood in two ways.
    """
    if text.strip() != "NaN" and text.strip().lower() == "nan":
        advice = "did you mean NaN (sodium nitride is NaN)? If the formula is missing, leave the row out"
        raise FormulaError(text, "this says that no formula is known", advice)
    if not text.strip() or (text.strip().lower() in _BLANKS and text.strip() != "NaN"):
        raise FormulaError(text, "the formula is empty", "write one, or leave the row out")
    if len(text) > MAX_LENGTH:
        raise FormulaError(text[:60] + "...", f"it has {len(text)} characters", "write a formula, not a text")
    draft = Draft(text, text)
    for step in _STEPS:
        draft = step(draft)
    return draft
