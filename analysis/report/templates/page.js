"use strict";

const UNITS = { "µs": 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, kB: 1e3, MB: 1e6, GB: 1e9 };
const PART = /([\d.]+(?:e[-+]?\d+)?)(?:\s?(µs|ms|min|s|h|kB|MB|GB))?(?=[\s×%]|$)\s*/gy;

// "12 min 05 s" is 725, "1.66 to 1.86" is 1.66; what starts with no number is null.
function number(text) {
  const parts = [...text.replace(/^[<>]\s*/, "").matchAll(PART)];
  if (parts.length === 0) return null;
  const timed = parts.filter((part) => part[2]);
  const counted = timed.length ? timed : parts.slice(0, 1);
  const total = counted.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2]] ?? 1), 0);
  return Number.isNaN(total) ? null : total;
}

function missing(text) {
  return text === "" || text === "–";
}

function sort(table, column, descending) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({ row, text: row.cells[column]?.textContent.trim() ?? "" }));
  const told = rows.filter(({ text }) => !missing(text));
  const numeric = told.every(({ text }) => number(text) !== null);
  const order = numeric
    ? (a, b) => number(a.text) - number(b.text)
    : (a, b) => a.text.localeCompare(b.text, "en", { numeric: true });
  told.sort((a, b) => (descending ? order(b, a) : order(a, b)));
  body.append(...told.map(({ row }) => row), ...rows.filter(({ text }) => missing(text)).map(({ row }) => row));
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(table, column, descending);
    });
  });
}

// A link to a figure in a closed part of the page opens that part.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = target?.closest("details"); part; part = part.parentElement?.closest("details")) part.open = true;
  target?.scrollIntoView();
}

document.querySelectorAll("main table").forEach((table) => {
  if (table.tBodies[0]?.rows.length > 1) makeSortable(table);
});
document.getElementById("contents").open = matchMedia("(min-width: 80rem)").matches;
addEventListener("hashchange", reveal);
if (location.hash) reveal();
