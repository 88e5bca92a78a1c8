"""How the report looks: light and dark, on screen and on paper. No font, picture or script is loaded."""

from typing import Final

_LIGHT: Final = """
  --page: #f6f6f4; --card: #ffffff; --ink: #1b1f24; --quiet: #59616b; --rule: #dcdfe3; --grid: #e8eaed;
  --genuine: #1f66b8; --impostor: #c2500f; --plain: #23292f; --matched: #7a3fc4;
  --good: #1b6e3c; --good-ground: #e9f5ed; --wait: #7a5200; --wait-ground: #fdf3dc;
  --bad: #a3211d; --bad-ground: #fdecea; color-scheme: light;
"""

_DARK: Final = """
  --page: #14171b; --card: #1c2026; --ink: #e7e9ec; --quiet: #a4acb6; --rule: #363c45; --grid: #2a2f37;
  --genuine: #6aaaf2; --impostor: #f19150; --plain: #e0e4e9; --matched: #bd97f5;
  --good: #7fd6a0; --good-ground: #17301f; --wait: #f2c769; --wait-ground: #352a10;
  --bad: #ff9d94; --bad-ground: #3b1a18; color-scheme: dark;
"""

_PAGE: Final = """
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif }
main { max-width: 1060px; margin: 0 auto; padding: 40px 28px 64px }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -.01em }
h2 { font-size: 21px; line-height: 1.3; margin: 0 0 4px }
h3 { font-size: 16px; margin: 26px 0 6px }
p { margin: 8px 0; max-width: 88ch }
.quiet, .under, figcaption, caption { color: var(--quiet) }
.under { margin: 0 0 24px }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 24px 28px; margin: 20px 0 }
.verdict { border-left: 6px solid; padding: 16px 20px; border-radius: 6px; margin: 10px 0 20px }
.verdict strong { display: block; font-size: 20px; line-height: 1.3; margin-bottom: 4px }
.verdict p { margin: 0; color: var(--ink) }
.good { color: var(--good); background: var(--good-ground); border-color: var(--good) }
.wait { color: var(--wait); background: var(--wait-ground); border-color: var(--wait) }
.bad { color: var(--bad); background: var(--bad-ground); border-color: var(--bad) }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(270px, 100%), 1fr)); gap: 12px; margin: 0 }
.tiles div { border: 1px solid var(--rule); border-radius: 8px; padding: 14px 16px }
.tiles div { display: flex; flex-direction: column }
.tiles dt { flex: 0 0 2.7em; font-size: 14px; line-height: 1.35; font-weight: 600 }
.tiles dd { margin: 0 }
.tiles .value { font-size: 27px; font-weight: 650; line-height: 1.25; letter-spacing: -.01em }
.tiles .about { font-size: 13.5px; line-height: 1.4; color: var(--quiet) }
ul { margin: 8px 0; padding-left: 22px; max-width: 88ch }
li { margin: 5px 0 }
@media (max-width: 620px) { main { padding: 24px 14px } section { padding: 18px 16px } .tiles dt { flex: none } }
"""

_TABLES: Final = """
.scroll { overflow-x: auto; margin: 14px 0 }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; font-variant-numeric: tabular-nums }
caption { text-align: left; font-size: 14px; padding-bottom: 6px }
th, td { padding: 6px 12px 6px 0; text-align: right; border-bottom: 1px solid var(--rule); vertical-align: top }
th { font-weight: 600 }
thead th { border-bottom: 2px solid var(--rule); font-size: 13.5px; line-height: 1.3; vertical-align: bottom }
th:first-child, td:first-child { text-align: left }
tbody th { font-weight: 500 }
table.text td, table.text th { text-align: left }
tr.worst th::after { content: "\\25BC\\A0worst"; margin-left: 8px; color: var(--bad); font-size: 12.5px }
"""

_PICTURES: Final = """
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr)); gap: 12px 28px }
.single { max-width: 460px }
figure { margin: 16px 0 6px; min-width: 0 }
figcaption { font-size: 14px; line-height: 1.45; margin-top: 4px; max-width: 88ch }
svg { display: block; width: 100%; height: auto }
svg.defs { position: absolute; width: 0; height: 0 }
svg text { font-size: 12.5px; fill: var(--quiet); stroke: none }
svg .label { fill: var(--ink) }
svg .note { fill: var(--ink); paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round }
svg .note.quiet { fill: var(--quiet) }
.grid { stroke: var(--grid) } .axis { stroke: var(--quiet) }
.guide { stroke: var(--quiet); stroke-dasharray: 2 5 }
.limit { stroke: var(--quiet); stroke-dasharray: 7 3 2 3 }
.between { stroke: var(--rule); stroke-width: 2 }
.whisker { stroke: var(--plain); stroke-width: 1.5 }
.line { fill: none; stroke-width: 2.2; stroke-linejoin: round }
.line.plain { stroke: var(--plain) } .line.matched { stroke: var(--matched); stroke-dasharray: 7 4 }
.line.genuine { stroke: var(--genuine); stroke-width: 1.6 }
.line.impostor { stroke: var(--impostor); stroke-width: 1.6 }
.band { stroke: none } .band.plain { fill: var(--plain); opacity: .13 }
.bar.genuine { fill: var(--genuine) }
.bar.impostor { fill: url(#hatch); stroke: var(--impostor); stroke-width: .8 }
.stripe { fill: var(--impostor) } .ground { fill: var(--card) }
.mark { stroke: var(--card); stroke-width: 1.2 }
.mark.plain { fill: var(--plain) } .mark.matched { fill: var(--card); stroke: var(--matched); stroke-width: 2 }
.mark.lock { fill: none; stroke: var(--bad); stroke-width: 3 }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 14px; margin-bottom: 6px }
.legend span { display: inline-flex; align-items: center; gap: 8px }
.key { display: inline-block; width: 26px; height: 0; border-top: 3px solid var(--plain) }
.key.matched { border-top: 3px dashed var(--matched) }
.key.band { height: 12px; border: 0; background: var(--plain); opacity: .16 }
.key.genuine { width: 14px; height: 14px; border: 0; background: var(--genuine) }
.key.impostor { width: 14px; height: 14px; border: 1px solid var(--impostor);
  background: repeating-linear-gradient(45deg, var(--impostor) 0 2.5px, transparent 2.5px 5px) }
.key.disc { width: 11px; height: 11px; border: 0; border-radius: 50%; background: var(--plain) }
.key.diamond { width: 9px; height: 9px; border: 2px solid var(--matched); transform: rotate(45deg) }
"""

_PAPER: Final = """
  @page { size: A4; margin: 15mm }
  body { font-size: 10.5pt; background: #fff } main { max-width: none; padding: 0 }
  section { border: 0; border-top: 1px solid var(--rule); border-radius: 0; padding: 14px 0; margin: 10px 0 }
  figure, table, .verdict, .tiles div { break-inside: avoid }
  p, li { break-inside: avoid } h2, h3 { break-after: avoid }
  .pair { grid-template-columns: 1fr 1fr; break-inside: avoid } .under { break-after: avoid }
  .tiles { grid-template-columns: repeat(3, 1fr) } .tiles .value { font-size: 20px } table { font-size: 9.5pt }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact }
"""

CSS: Final = (
    f":root {{{_LIGHT}}}\n@media screen and (prefers-color-scheme: dark) {{ :root {{{_DARK}}} }}\n"
    f"{_PAGE}{_TABLES}{_PICTURES}@media print {{{_PAPER}}}\n"
)
