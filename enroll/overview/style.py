"""Style of the overview page: the report's, with a wide table and a row of filters."""

from __future__ import annotations

from typing import Final

from enroll.report.look import CSS

OVERVIEW_CSS: Final = (
    CSS
    + """
main { max-width: 1500px }
.tiles { grid-template-columns: repeat(auto-fit, minmax(min(260px, 100%), 1fr)) }
.tiles .value { font-size: 22px }
.tiles dt { flex: none }
#filters { display: flex; flex-wrap: wrap; gap: 14px 20px; align-items: end; margin: 14px 0 }
#filters[hidden], #more[hidden], tr[hidden] { display: none }
#filters label span { display: block; font-size: 13.5px; color: var(--quiet) }
#filters .box { padding-bottom: 7px }
#filters output { padding-bottom: 7px; color: var(--quiet) }
input[type=search], select, button { font: inherit; color: var(--ink); background: var(--card);
  border: 1px solid var(--quiet); border-radius: 6px; padding: 5px 9px }
:focus-visible { outline: 3px solid var(--genuine); outline-offset: 2px }
table { font-size: 13.5px }
th, td { text-align: left; padding: 6px 14px 6px 0 }
thead th { vertical-align: bottom }
tbody th, td { white-space: nowrap }
td.waits { white-space: normal }
section > ul { color: var(--quiet); font-size: 14px; margin: 0 0 14px }
section > ul li { margin: 2px 0 }
td ul { margin: 0; padding-left: 16px }
td li { margin: 0 }
td.waits { color: var(--wait); min-width: 220px }
#more { margin: 8px 0 }
"""
)
