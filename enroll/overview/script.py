"""Script of the overview page: filters rows and shows them in portions. It loads, stores and sends nothing."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = """
"use strict";
const rows = [...document.getElementById("rows").rows];
const texts = rows.map(row => row.textContent.toLowerCase());
const words = document.getElementById("words"), group = document.getElementById("group");
const mode = document.getElementById("mode"), waits = document.getElementById("waits");
const count = document.getElementById("count"), more = document.getElementById("more");
const PORTION = 200;
let portions = 1;
function show() {
  const wanted = words.value.trim().toLowerCase();
  let fitting = 0, shown = 0;
  rows.forEach((row, at) => {
    const fits = (!wanted || texts[at].includes(wanted)) && (!group.value || row.dataset.group === group.value)
      && (!mode.value || row.dataset.mode === mode.value) && (!waits.checked || row.querySelector(".waits"));
    if (fits) fitting += 1;
    row.hidden = !(fits && fitting <= portions * PORTION);
    if (!row.hidden) shown += 1;
  });
  const template = shown < fitting ? count.dataset.some : count.dataset.rows;
  const lang = document.documentElement.lang;
  count.value = template.replace("{fitting}", fitting.toLocaleString(lang))
    .replace("{shown}", shown.toLocaleString(lang));
  more.hidden = shown >= fitting;
}
function anew() { portions = 1; show(); }
for (const control of [words, group, mode, waits]) control.addEventListener("input", anew);
more.addEventListener("click", () => { portions += 1; show(); });
document.getElementById("filters").addEventListener("submit", event => event.preventDefault());
document.getElementById("filters").hidden = false;
show();
"""
