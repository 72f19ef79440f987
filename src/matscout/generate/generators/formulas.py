"""New formulas, the default: substitution in the labels, then enumeration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matscout.counting import listed
from matscout.crystal.element_kinds import holds_any
from matscout.data.compositions import Compositions
from matscout.errors import InputError
from matscout.generate.assembly import first_of_each, join_candidates
from matscout.generate.base import Candidates, Generator, Wishes
from matscout.generate.generators.enumeration import ENUMERATED, MOST_ELEMENTS, Enumeration, has_states
from matscout.generate.generators.substitution import Substitution
from matscout.generate.pools import element_pool, pool_words
from matscout.progress import Progress, silent
from matscout.remarks import Remark

SUBSTITUTED_SHARE = 0.5
"""Substitution provides at most this share of the candidates, so that new element combinations come up too."""


class Formulas(Generator):
    """About ``n`` new compositions: up to half by substitution in the labels, the rest by enumeration."""

    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """The compositions; fewer where the rules give fewer.

        Raises
        ------
        UsageError
            If a symbol is not an element, or fewer than two elements are left.
        InputError
            If no candidate holds all that it must.
        """
        compositions = wishes.labels.materials.compositions
        substituted, enumerated = Substitution().sample(wishes, n), Enumeration().sample(wishes, n)
        n_substituted = max(round(n * SUBSTITUTED_SHARE), n - len(enumerated))
        generated = join_candidates([substituted[:n_substituted], enumerated])[:n]
        if wishes.must and not len(generated):
            raise InputError(_why_none(compositions, wishes.must))
        pool = element_pool(compositions, wishes.elements, wishes.exclude, wishes.must)
        remarks = [*_counts(generated), Remark("elements-combined", pool_words(compositions, pool))]
        if len(generated) < n:
            text = f"{n:,} candidates were requested; the rules give {len(generated):,}."
            remarks.append(Remark("fewer-candidates-than-wanted", text))
        return replace(generated, remarks=tuple(remarks))


def _why_none(labels: Compositions, must: Sequence[str]) -> str:
    """Why no candidate holds all of some elements, and what to do."""
    different = labels[first_of_each(labels)]
    held = ", ".join(f"{int(holds_any(different, (symbol,)).sum()):,} contain {symbol}" for symbol in must)
    unusable = [symbol for symbol in must if not has_states(symbol)]
    reasons = [f"combinations have at most {MOST_ELEMENTS} elements"] if len(must) > MOST_ELEMENTS else []
    reasons += [f"no oxidation state or electronegativity is known for {', '.join(unusable)}"] if unusable else []
    why = "; ".join(reasons) or "no combination of them is charge-neutral by common oxidation states"
    return (
        f"no candidate with {listed(must)} can be generated: {why}, and no label contains them after one or two "
        f"elements are replaced (of {len(different):,} different labels, {held}); name fewer elements (--must), or "
        "give the candidates (--candidates=FILE)"
    )


def _counts(candidates: Candidates) -> tuple[Remark, Remark]:
    n = int((candidates.origins == ENUMERATED).sum())
    substituted = f"{len(candidates) - n:,} candidates by substitution of one or two elements in the labels."
    enumerated = f"{n:,} candidates by enumeration of charge-neutral compositions."
    return Remark("formulas-by-substituting", substituted), Remark("formulas-by-enumerating", enumerated)
