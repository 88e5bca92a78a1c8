"""The shell of every local page: one self-contained HTML file, no script, no server, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
import io

from agent.engine.visible_text import visible_markup
from agent.language.language import Language
from agent.runtime.status.snapshot import State
from agent.ui.icons import icon

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5b6675; --paper: #f3f5f8; --card: #ffffff;
        --line: #dde2e9; --accent: #1a8a48; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebf0; --soft: #a2adbb; --paper: #171b21; --card: #20262e; --line: #343c47;
          --accent: #3db872; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2.5rem 1.25rem; background: var(--paper); color: var(--ink);
       font: 16px/1.55 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 42rem; margin: 0 auto; }
header { display: flex; align-items: center; gap: 1rem; margin-bottom: 1.5rem; }
header img { width: 56px; height: 56px; flex: none; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
header p { margin: .15rem 0 0; color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
          padding: 1.1rem 1.35rem; margin: 0 0 1rem; }
h2 { font-size: 1rem; margin: 0 0 .55rem; }
p, ul { margin: 0 0 .6rem; } section > :last-child { margin-bottom: 0; }
ul { padding-left: 1.2rem; } li { margin-bottom: .25rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: .3rem 0; }
dl + p { margin-top: .6rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
code { font: .92em/1.4 "DejaVu Sans Mono", ui-monospace, monospace; background: var(--paper);
       border: 1px solid var(--line); border-radius: 5px; padding: .08em .35em; overflow-wrap: anywhere; }
.figure { font-size: 2rem; font-weight: 650; line-height: 1.1; } .figure small { font-size: 1rem;
       font-weight: 400; color: var(--soft); }
.bar { display: block; width: 100%; height: 12px; margin: .6rem 0; }
.bar .whole { fill: var(--line); } .bar .part { fill: var(--accent); }
.movements { display: block; max-width: 100%; height: auto; border-radius: 8px; margin-bottom: .6rem; }
.chart { display: block; width: 100%; height: auto; margin: .8rem 0 .3rem; }
.chart text { fill: var(--soft); font-size: 12px; } .chart .grid { stroke: var(--line); }
.chart .trust { fill: none; stroke: var(--accent); stroke-width: 2.5; stroke-linejoin: round; }
.chart .low { stroke: var(--accent); stroke-width: 4; opacity: .35; } .chart .mark { fill: var(--ink); }
table { border-collapse: collapse; width: 100%; margin: 0 0 .6rem; } caption { text-align: left; }
th { text-align: left; font-weight: 600; color: var(--soft); }
th, td { padding: .28rem .8rem .28rem 0; border-bottom: 1px solid var(--line); vertical-align: top;
         overflow-wrap: break-word; }
tr:last-child td, tr:last-child th { border-bottom: 0; }
tbody th { font-weight: 400; }
a.button { display: inline-block; min-height: 44px; padding: .5rem 1.1rem; border: 2px solid var(--accent);
       border-radius: 8px; color: var(--ink); font-weight: 600; text-decoration: none; }
a.button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
ol { padding-left: 1.3rem; margin: 0 0 .6rem; } ol ul { margin-top: .25rem; color: var(--soft); }
summary { cursor: pointer; color: var(--soft); margin-bottom: .4rem; }
summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
footer { color: var(--soft); font-size: .88rem; }
@media (max-width: 30rem) { body { padding: 1rem .6rem; } section { padding: .9rem .8rem; }
  dl { grid-template-columns: 1fr; gap: .1rem; } dd { margin-bottom: .4rem; }
  .chart { overflow: visible; } .chart text { font-size: 20px; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: block; padding: .35rem 0; border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; }
  tbody th, tbody td { display: block; padding: 0; border: 0; overflow-wrap: anywhere; }
  tbody th { font-weight: 600; }
  tbody td::before { content: attr(data-head) ": "; color: var(--soft); } }
@media print { body { padding: 0; } section { break-inside: avoid; } }
"""

# Only this very style sheet may style the page, and nothing may run or be loaded.
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)


def page(title: str, subtitle: str, state: State, body: str, foot: str, lang: str = "en") -> str:
    """A whole HTML document.

    Parameters
    ----------
    title, subtitle, foot : str
        Plain text; escaped here.
    state : State
        Whose icon stands beside the title.
    body : str
        HTML made by `section` and its like.
    lang : str
        The language of all of it.
    """
    return (
        f'<!DOCTYPE html>\n<html lang="{plain(lang)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{plain(title)} - Steadyhand</title><style>{_STYLE}</style></head>\n<body><main>"
        f'<header><img alt="" src="{_picture(state)}"><div><h1>{plain(title)}</h1>'
        f"<p>{plain(subtitle)}</p></div></header>\n{body}\n<footer>{plain(foot)}</footer></main></body></html>\n"
    )


def plain(text: str) -> str:
    """Plain text as HTML: escaped, and on one line in the order in which it is written."""
    return visible_markup(text)


def section(title: str, *parts: str) -> str:
    """A card: a heading, escaped here, and pieces of HTML."""
    return f"<section><h2>{plain(title)}</h2>{''.join(parts)}</section>"


def paragraph(text: str) -> str:
    """Plain text as a paragraph; what stands between backticks is set as code."""
    pieces = [f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(plain(text).split("`"))]
    return f"<p>{''.join(pieces)}</p>"


def spoken(line: str, language: Language) -> str:
    """A line of the agent as HTML in `language`; what it has no words for stays English and is marked as such."""
    written = plain(language.render(line))
    return written if language.knows(line) else f'<span lang="en">{written}</span>'


def spoken_bullets(lines: tuple[str, ...], language: Language) -> str:
    """Lines of the agent as a list, as `spoken` says each."""
    return "<ul>" + "".join(f"<li>{spoken(line, language)}</li>" for line in lines) + "</ul>"


def button_link(label: str, address: str) -> str:
    """A link that looks like a button; both plain text."""
    return f'<p><a class="button" href="{plain(address)}">{plain(label)}</a></p>'


def bullets(lines: tuple[str, ...]) -> str:
    """Plain lines as a list."""
    return "<ul>" + "".join(f"<li>{plain(line)}</li>" for line in lines) + "</ul>"


def table(pairs: tuple[tuple[str, str], ...]) -> str:
    """Names and values, both plain text."""
    return "<dl>" + "".join(f"<dt>{plain(n)}</dt><dd>{plain(v)}</dd>" for n, v in pairs) + "</dl>"


def bar(share: float) -> str:
    """A bar of 0-1. Whoever uses it says the figure in words too."""
    width = round(max(0.0, min(1.0, share)) * 100)
    return (
        '<svg class="bar" aria-hidden="true"><rect class="whole" width="100%" height="12" rx="6"/>'
        f'<rect class="part" width="{width}%" height="12" rx="6"/></svg>'
    )


def grid(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    """A table with a head; the first cell of each row is its header, and all cells are plain text.

    On a narrow page each row is a block of its own: its roles stay a table's for whoever does not see it.
    """
    heads = "".join(f'<th role="columnheader" scope="col">{plain(cell)}</th>' for cell in head)
    lines = "".join(
        f'<tr role="row"><th role="rowheader" scope="row">{plain(row[0])}</th>'
        + "".join(
            f'<td role="cell" data-head="{plain(name)}">{plain(cell)}</td>'
            for name, cell in zip(head[1:], row[1:], strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<table role="table"><thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
        f'<tbody role="rowgroup">{lines}</tbody></table>'
    )


def details(summary: str, html: str) -> str:
    """HTML that is folded away; Enter or a click on `summary`, plain text, unfolds it."""
    return f"<details><summary>{plain(summary)}</summary>{html}</details>"


def _picture(state: State) -> str:
    stored = io.BytesIO()
    icon(state, 112).save(stored, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stored.getvalue()).decode()
