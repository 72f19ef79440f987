"use strict";
(() => {
  const table = document.getElementById("candidates");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const search = document.getElementById("search");
  const elements = document.getElementById("elements");
  const leaders = document.getElementById("leaders");
  const all = document.getElementById("all");
  const FIRST = 20;
  let everything = false;
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
    filter();
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
    let fitting = 0;
    for (const row of body.rows) {
      const own = row.dataset.elements.split(" ");
      const fits = required.every((symbol) => own.includes(symbol))
        && !excluded.some((symbol) => own.includes(symbol))
        && (!leaders.checked || "leads" in row.dataset)
        && row.textContent.toLowerCase().includes(text);
      fitting += fits ? 1 : 0;
      row.hidden = !fits || (!everything && fitting > FIRST);
      // A print holds the first rows, whatever the screen shows.
      row.classList.toggle("noprint", !fits || fitting > FIRST);
    }
    for (const place of places) {
      const symbol = place.dataset.symbol;
      const state = required.includes(symbol) ? "required" : excluded.includes(symbol) ? "excluded" : "";
      place.className = state;
      place.setAttribute("aria-pressed", state ? "true" : "false");
      place.setAttribute("aria-label", state ? `${symbol}, ${state}` : symbol);
    }
    const shown = everything ? fitting : Math.min(fitting, FIRST);
    document.getElementById("shown").textContent = `${shown} of ${rows.length} candidates shown`;
    document.getElementById("skips").hidden = !leaders.checked;
    document.getElementById("table").classList.toggle("tall", everything);
    all.hidden = fitting <= FIRST;
    all.textContent = everything ? `Show the first ${FIRST}` : `Show all ${fitting}`;
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
    everything = false;
    filter();
  });

  all.addEventListener("click", () => {
    everything = !everything;
    filter();
  });
  const print = document.getElementById("print");
  print.addEventListener("click", () => window.print());
  print.hidden = false;
  // What a link leads to is unfolded.
  for (const link of document.querySelectorAll("nav a")) {
    link.addEventListener("click", () => document.querySelector(`${link.hash} > details`)?.setAttribute("open", ""));
  }

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
