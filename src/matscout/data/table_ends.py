"""Rows below the data of a table that are no data: statistics of its columns, sources, notes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matscout.data.missing import tidy

_STATISTICS = frozenset(
    word
    for words in (
        "mean; average; avg; avg.; std; std.; stdev; std dev; std. dev.; standard deviation; standard error; sem; "
        "median; min; min.; max; max.; minimum; maximum; count; total; totals; sum; variance; range; mean value; "
        "mean ± sd; mean ± std",
        "mittelwert; mittel; durchschnitt; standardabweichung; stdabw; stdabw.; stabw; stabw.; s.d.; anzahl; summe; "
        "gesamt; gesamtsumme; varianz; spannweite",
        "moyenne; écart type; écart-type; ecart type; médiane; somme; nombre; media; promedio; desviación estándar; "
        "desviacion estandar; mediana; suma; deviazione standard; somma; totale; média; desvio padrão; soma; "
        "gemiddelde; standaardafwijking; som; średnia; odchylenie standardowe; suma; liczba",
        "среднее; среднее значение; стандартное отклонение; ст. откл.; медиана; итого; всего; сумма; минимум; максимум",
        "平均; 平均值; 均值; 标准差; 標準差; 标准偏差; 中位数; 合计; 合計; 总计; 總計; 最大值; 最小值; "
        "平均値; 標準偏差; 中央値; 最大値; 最小値; 평균; 표준편차; 합계",
    )
    for word in words.split("; ")
)
_WEAK = frozenset(["cv", "rsd", "n", "n =", "n=", "sd", "no", "no.", "se", "σ", "s"])
"""Words that may stand below statistics, but may be formulas or names elsewhere."""
_NOTE = re.compile(
    r"(?:sources?|quellen?|fuentes?|fonti?|references?|literatur|notes?|anmerkungen?|hinweis|remarks?|bemerkung|"
    r"legend|legende|remarque|nota|footnotes?|data (?:from|source)|来源|數據來源|数据来源|注|出典|备注|источник|"
    r"примечание)"
    r" ?[:：.]|[*†‡§]+ ?[^\W\d_]|[a-z1-9]\) ",
    re.IGNORECASE,
)


def is_statistic(cell: str) -> bool:
    """Whether a cell names a statistic of the cells above: ``Mean``, ``Standardabweichung:``."""
    return _label(cell) in _STATISTICS


def _label(cell: str) -> str:
    return tidy(cell).casefold().rstrip(": =")


def end_of_data(rows: Sequence[Sequence[str]]) -> int:
    """How many of the rows come before the statistics and notes at the end; all where there are none."""
    end, at_blank = len(rows), False
    weak: int | None = None
    for place in range(len(rows) - 1, -1, -1):
        filled = [cell for cell in rows[place] if cell.strip()]
        if not filled:
            at_blank = weak == place + 1 or at_blank
            continue
        if is_statistic(filled[0]) or (_NOTE.match(tidy(filled[0])) and _is_note(rows[place])):
            end, weak = place, None
        elif _label(filled[0]) in _WEAK and len(filled) > 1:
            weak = place
        else:
            break
    stop = weak if weak is not None and at_blank else end
    return stop if any(any(cell.strip() for cell in row) for row in rows[:stop]) else len(rows)


def _is_note(row: Sequence[str]) -> bool:
    """Whether nothing stands in a row but the note, which the delimiter may have cut."""
    return sum(1 for cell in row if cell.strip()) == 1 or not any(_is_number(cell) for cell in row[1:])


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", cell.strip()))
