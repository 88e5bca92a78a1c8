"""The shell of every local page: one self-contained HTML file, no script, no server, nothing fetched."""

from __future__ import annotations

import base64
import io
from html import escape

from agent.runtime.status import State
from agent.ui.icons import icon

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5b6675; --paper: #f3f5f8; --card: #ffffff;
        --line: #dde2e9; --accent: #1a8a48; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebf0; --soft: #a2adbb; --paper: #171b21; --card: #20262e; --line: #343c47; } }
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
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
code { font: .92em/1.4 "DejaVu Sans Mono", ui-monospace, monospace; background: var(--paper);
       border: 1px solid var(--line); border-radius: 5px; padding: .08em .35em; overflow-wrap: anywhere; }
.figure { font-size: 2rem; font-weight: 650; line-height: 1.1; } .figure small { font-size: 1rem;
       font-weight: 400; color: var(--soft); }
.bar { height: 12px; border-radius: 6px; background: var(--line); margin: .6rem 0; overflow: hidden; }
.bar span { display: block; height: 100%; border-radius: 6px; background: var(--accent); }
footer { color: var(--soft); font-size: .88rem; }
"""


def page(title: str, subtitle: str, state: State, body: str, foot: str) -> str:
    """A whole HTML document.

    Parameters
    ----------
    title, subtitle, foot : str
        Plain text; escaped here.
    state : State
        Whose icon stands beside the title.
    body : str
        HTML made by `section` and its like.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} - Steadyhand</title><style>{_STYLE}</style></head>\n<body><main>"
        f'<header><img alt="" src="{_picture(state)}"><div><h1>{escape(title)}</h1>'
        f"<p>{escape(subtitle)}</p></div></header>\n{body}\n<footer>{escape(foot)}</footer></main></body></html>\n"
    )


def section(title: str, *parts: str) -> str:
    """A card: a heading, escaped here, and pieces of HTML."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def paragraph(text: str) -> str:
    """Plain text as a paragraph; what stands between backticks is set as code."""
    pieces = [f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(escape(text).split("`"))]
    return f"<p>{''.join(pieces)}</p>"


def bullets(lines: tuple[str, ...]) -> str:
    """Plain lines as a list."""
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def table(pairs: tuple[tuple[str, str], ...]) -> str:
    """Names and values, both plain text."""
    return "<dl>" + "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in pairs) + "</dl>"


def bar(share: float) -> str:
    """A bar of 0-1. Whoever uses it says the figure in words too."""
    width = round(max(0.0, min(1.0, share)) * 100)
    return f'<div class="bar" aria-hidden="true"><span style="width:{width}%"></span></div>'


def _picture(state: State) -> str:
    stored = io.BytesIO()
    icon(state, 112).save(stored, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stored.getvalue()).decode()
