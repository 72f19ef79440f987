"""``gallery.html``: the generated crystals as pictures, with what is known of each; one file that works offline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from markupsafe import Markup, escape

from matscout.app.viewing.atoms import shown_atoms
from matscout.app.viewing.picture import THUMBNAIL, draw, inline_png
from matscout.crystal.wyckoff import wyckoff
from matscout.workflow.generating import Generated

GALLERY = "gallery.html"

SHOWN = 60
"""Crystals with a picture, so that the page stays small."""

_PAGE = Markup("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222 }}
.crystals {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem }}
figure {{ border: 1px solid #ddd; border-radius: 6px; margin: 0; padding: .8rem }}
figure img {{ display: block; margin: 0 auto .5rem; width: 160px; height: 160px; object-fit: contain }}
figcaption p {{ margin: .15rem 0; font-size: 13px; color: #444 }}
h2 {{ font-size: 1rem; margin: 0 }}
</style></head><body>
<h1>{title}</h1><p>{about}</p>
<div class="crystals">
{crystals}
</div></body></html>
""")

_CRYSTAL = Markup("""<figure><img src="{source}" alt="unit cell of {formula}"><figcaption><h2>{number}. {formula}</h2>
{facts}</figcaption></figure>""")


def write_gallery(generated: Generated, folder: Path) -> Path:
    """Write the gallery of the first :data:`SHOWN` crystals that meet the wishes."""
    path = folder / GALLERY
    path.write_text(gallery(generated), encoding="utf-8")
    return path


def gallery(generated: Generated) -> str:
    """The page."""
    shown = min(len(generated), SHOWN)
    about = f"{len(generated):,} crystals by the generator {generated.generator}, seed {generated.seed}"
    about += f"; the first {shown} are shown." if shown < len(generated) else "."
    crystals = Markup("\n").join(_figure(generated, row) for row in range(shown))
    title = escape(f"Crystals: {generated.wishes.in_words()}")
    return str(_PAGE.format(title=title, about=about, crystals=crystals))


def _figure(generated: Generated, row: int) -> Markup:
    met = generated.met
    picture = inline_png(draw(shown_atoms(met.structures[row : row + 1]), THUMBNAIL))
    facts = Markup("\n").join(Markup("<p>{}</p>").format(fact) for fact in facts_of(generated, row))
    return _CRYSTAL.format(source=picture, number=row + 1, formula=met.materials.formulas[row], facts=facts)


def facts_of(generated: Generated, row: int) -> list[str]:
    """What is known of one crystal that meets the wishes, a line each."""
    met = generated.met
    lines = [] if met.crystals is None else [_symmetry(generated, row)]
    if not np.isnan(met.log_likelihoods[row]):
        lines.append(f"log likelihood {met.log_likelihoods[row]:.2f}")
    counted = np.flatnonzero(generated.counted_rows == row)
    lines += _verdicts(generated, int(counted[0])) if len(counted) else []
    return [*lines, str(met.origins[row])]


def _symmetry(generated: Generated, row: int) -> str:
    crystals = generated.met.crystals
    assert crystals is not None
    symbol = wyckoff(int(crystals.space_groups[row])).symbol.replace("_", "")
    return f"{symbol} ({crystals.space_groups[row]}): {crystals.described(row)}"


def _verdicts(generated: Generated, place: int) -> list[str]:
    """Nearest atoms, volume, and whether it is sound, repeated or known."""
    facts, compared = generated.table.facts, generated.table.comparison
    near = f"nearest atoms {facts.distances[place]:.2f} Å, {facts.ratios[place]:.2f} of the sum of their radii"
    volume = f"{facts.volumes[place]:.1f} Å³ per atom, {facts.volume_ratios[place]:.2f} of the expected"
    words = "passes the checks a to d" if facts.valid[place] else "fails one of the checks a to d"
    first = int(compared.first_equal[place])
    repeated = [] if first == place else [f"equal to crystal {int(generated.counted_rows[first]) + 1}"]
    known = ["known to the reference"] if compared.known[place] >= 0 else []
    return [near, volume, "; ".join([words, *repeated, *known])]
