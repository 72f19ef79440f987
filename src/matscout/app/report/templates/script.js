"use strict";
(() => {
  const table = document.getElementById("candidates");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const search = document.getElementById("search");
  const elements = document.getElementById("elements");
  const leaders = document.getElementById("leaders");
  const places = Array.from(document.querySelectorAll(".periodic button"));

  const compare = (column) => (first, second) => {
    const a = first.cells[column].dataset.value;
    const b = second.cells[column].dataset.value;
    const difference = Number(a) - Number(b);
    return Number.isNaN(difference) ? a.localeCompare(b, undefined, { numeric: true }) : difference;
  };

  const sortBy = (header) => {
    const descending = header.getAttribute("aria-sort") === "ascending";
    for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const sorted = rows.slice().sort(compare(header.cellIndex));
    body.append(...(descending ? sorted.reverse() : sorted));
  };

  // "Cu S -In" -> what must occur and what must not.
  const wishes = () => {
    const words = elements.value.split(/[\s,]+/).filter(Boolean);
    const without = words.filter((word) => /^[-!−]/.test(word)).map((word) => word.slice(1));
    return { required: words.filter((word) => !/^[-!−]/.test(word)), excluded: without };
  };

  const filter = () => {
    const { required, excluded } = wishes();
    const text = search.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const own = row.dataset.elements.split(" ");
      const fits = required.every((symbol) => own.includes(symbol))
        && !excluded.some((symbol) => own.includes(symbol))
        && (!leaders.checked || "leads" in row.dataset)
        && row.textContent.toLowerCase().includes(text);
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    for (const place of places) {
      const symbol = place.dataset.symbol;
      const state = required.includes(symbol) ? "required" : excluded.includes(symbol) ? "excluded" : "";
      place.className = state;
      place.setAttribute("aria-pressed", state ? "true" : "false");
      place.setAttribute("aria-label", state ? `${symbol}, ${state}` : symbol);
    }
    document.getElementById("shown").textContent = `${shown} of ${rows.length} candidates shown`;
  };

  const cycle = (symbol) => {
    const { required, excluded } = wishes();
    const next = required.includes(symbol) ? [`-${symbol}`] : excluded.includes(symbol) ? [] : [symbol];
    const kept = [...required, ...excluded.map((other) => `-${other}`)].filter((word) => word.replace("-", "") !== symbol);
    elements.value = [...kept, ...next].join(" ");
    filter();
  };

  for (const button of table.querySelectorAll("thead button")) {
    button.addEventListener("click", () => sortBy(button.parentElement));
  }
  for (const place of places) place.addEventListener("click", () => cycle(place.dataset.symbol));
  search.addEventListener("input", filter);
  elements.addEventListener("input", filter);
  leaders.addEventListener("change", filter);
  document.getElementById("clear").addEventListener("click", () => {
    search.value = "";
    elements.value = "";
    leaders.checked = false;
    filter();
  });

  const tell = (event) => {
    if (!(event.target instanceof SVGCircleElement)) return;
    event.currentTarget.closest("figure").querySelector(".readout").textContent = event.target.textContent;
  };
  for (const chart of document.querySelectorAll("figure .chart")) {
    chart.addEventListener("pointerover", tell);
    chart.addEventListener("click", tell);
  }

  document.querySelector(".filters").hidden = false;
  filter();
})();
