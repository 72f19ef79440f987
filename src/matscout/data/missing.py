"""Cells that say that there is no value, in the languages of labs, and what all cells are brought to first."""

from __future__ import annotations

import re

_NO_VALUE = (
    # signs, programs and spreadsheets
    "-; --; ---; /; ?; ??; *; ...; …; ####; null; nil; nan; none; tbd; t.b.d.; #n/a; #na; #value!; #ref!; #div/0!; "
    "#name?; #num!; #null!; #nv; #wert!; #bezug!; #zahl!; #valeur!; #valor!; #н/д; #знач!; #дел/0!",
    # English
    "n/a; na; n.a.; n.a; missing; unknown; not measured; not available; not reported; not given; not stated; "
    "not applicable; not known; not specified; not tested; no data; no value; untested; unmeasured; to be determined",
    # German
    "k.a.; k.a; k/a; keine angabe; keine angaben; ohne angabe; keine daten; kein wert; kein messwert; fehlt; fehlend; "
    "fehlwert; unbekannt; nicht gemessen; nicht angegeben; nicht verfügbar; nicht bekannt; nicht vorhanden; "
    "nicht bestimmt; nicht ermittelt; nicht messbar; entfällt; n.g.; n.gem.; n.v.; n.b.; n.bek.; n.best.",
    # French
    "non mesuré; non mesurée; non mesure; non renseigné; non renseignée; non disponible; non communiqué; "
    "non déterminé; non déterminée; non connu; inconnu; inconnue; manquant; manquante; pas de donnée; pas de données; "
    "pas de valeur; pas de mesure; sans valeur; sans objet; aucune donnée; n.r.; n.c.; n.m.",
    # Spanish
    "sin dato; sin datos; s/d; s.d.; no medido; no medida; no disponible; no determinado; no determinada; no aplica; "
    "no informado; no reportado; no se midió; desconocido; desconocida; no hay dato; no hay datos; sin valor; falta",
    # Italian
    "non misurato; non misurata; non noto; non nota; non riportato; non determinato; sconosciuto; mancante; "
    "dato mancante; nessun dato; dati non disponibili; n.p.; n.disp.",
    # Portuguese
    "não medido; não medida; nao medido; não disponível; não informado; não determinado; não aplicável; sem dado; "
    "sem dados; sem valor; desconhecido; ausente",
    # Dutch, Swedish, Danish, Norwegian, Finnish
    "niet gemeten; niet bekend; niet beschikbaar; niet bepaald; geen gegevens; geen waarde; onbekend; n.v.t.; "
    "ontbreekt; ej mätt; ej uppmätt; saknas; okänd; okänt; uppgift saknas; ikke målt; ukjent; ukendt; mangler; "
    "ei mitattu; ei tiedossa; puuttuu",
    # Polish, Czech, Hungarian, Romanian, Turkish
    "nie zmierzono; nie mierzono; niezmierzone; brak; brak danych; brak wartości; nieznany; nieznana; nieznane; "
    "nie dotyczy; nie oznaczono; nie określono; b.d.; neměřeno; nezměřeno; neznámé; neuvedeno; chybí; "
    "není k dispozici; nem mért; nincs adat; ismeretlen; hiányzik; nemăsurat; lipsă; necunoscut; ölçülmedi; "
    "ölçülmemiş; veri yok; bilinmiyor; yok",
    # Russian, Ukrainian
    "нет; нет данных; нет значения; не измерено; не измеряли; не измерялось; не определено; не определяли; "
    "не определялось; не указано; не применимо; неизвестно; отсутствует; н/д; н.д.; н/и; н.и.; н.о.; "
    "немає даних; не виміряно; не визначено; невідомо",
    # Chinese
    "无; 無; 无数据; 無數據; 暂无; 暂无数据; 没有; 没有数据; 未测; 未測; 未测量; 未測量; 未测定; 未知; 缺; 缺失; "
    "缺少; 不详; 未报道; 未报告; 未给出; 不适用",
    # Japanese, Korean
    "なし; 無し; データなし; 値なし; 未測定; 測定せず; 測定なし; 不明; 欠測; 欠損; 欠損値; 未記載; 記載なし; 該当なし; "
    "未報告; 없음; 미측정; 데이터 없음; 자료 없음; 측정 안됨; 불명; 해당 없음",
)
_NOT_DETECTED = (
    "n.d.; nd; n.d; n/d; not detected; not determined; bdl; b.d.l.; below detection limit; below detection; "
    "below limit of detection; below lod; <lod; < lod; <dl; < dl; <mdl; <loq; < loq",
    "n.n.; nicht nachweisbar; nicht nachgewiesen; nicht detektiert; unter nachweisgrenze; "
    "unter der nachweisgrenze; u.d.n.; <ng; < ng; <nwg; < nwg; <bg; < bg",
    "non détecté; non détectée; non détectable; no detectado; no detectada; no detectable; non rilevato; "
    "non rilevata; não detectado; não detectada; niet gedetecteerd; nie wykryto",
    "не обнаружено; не обнаружен; не детектировано; 未检出; 未檢出; 検出されず; 不検出; 検出限界以下; 불검출",
)

FULL_WIDTH: dict[str | int, str | int | None] = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
"""Letters, digits and signs as East Asian keyboards write them: to those of ASCII."""
_SAME = str.maketrans(
    FULL_WIDTH
    | {"−": "-", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "﹣": "-", "℃": "°C", "℉": "°F"}
    | {"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2007": " ", "\u3000": " "}
    | {"≲": "<", "≳": ">", "∼": "~", "≈": "~", "’": "'"}
)


def _key(text: str) -> str:
    """A cell in lower case, as if nobody set blanks behind a point."""
    return re.sub(r"\.\s", ".", text.casefold())


MISSING = frozenset(["", *(_key(cell) for cells in _NO_VALUE for cell in cells.split("; "))])
"""Cells (lower case, dashes made equal, no blanks behind points) that mean: no value."""
NOT_DETECTED = frozenset(_key(cell) for cells in _NOT_DETECTED for cell in cells.split("; "))
"""Cells that mean: below a detection limit that is not given, or not determined."""
_ANSWERS = frozenset(["нет", "无", "無", "没有", "なし", "無し", "없음", "yok", "brak"])
"""Words for no value that also say "no" or "without": among words they are one of the answers."""


def tidy(cell: str | None) -> str:
    """The cell without outer blanks, with one kind of dash, minus and space."""
    return "" if cell is None else cell.translate(_SAME).strip()


def says_missing(text: str) -> bool:
    """True for a tidy text that means: no value."""
    return _key(text) in MISSING


def says_not_detected(text: str) -> bool:
    """True for a tidy text that means: below a limit that is not given."""
    return _key(text) in NOT_DETECTED


def is_missing(cell: str | None) -> bool:
    """True for a cell that says there is no value (blank, dash, ``n/a``, ``k. A.``, ``нет данных``, ``n.d.``, ...)."""
    key = _key(tidy(cell))
    return key in MISSING or key in NOT_DETECTED


def is_missing_label(cell: str | None) -> bool:
    """True for a cell that says there is no label: as :func:`is_missing`, but an answer ("нет" beside "да") is one."""
    return is_missing(cell) and _key(tidy(cell)) not in _ANSWERS
