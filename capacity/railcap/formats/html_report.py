"""A report as one HTML page that opens without a network: paragraphs, tables, pictures within the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_STYLE = """
body { font: 15px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #1a1a1a; max-width: 1180px;
  margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #ccc; padding-bottom: .2rem; }
p { margin: .5rem 0; max-width: 62rem; }
.below { color: #555; margin-top: 0; }
.verdict { background: #f3f6fa; border-left: 5px solid #1565c0; padding: .5rem .9rem; }
.bad { background: #fdf3f3; border-left-color: #c62828; }
.wide { overflow-x: auto; margin: .6rem 0; }
table { border-collapse: collapse; font-size: .86rem; }
caption { text-align: left; color: #555; padding-bottom: .3rem; }
th, td { padding: .22rem .55rem; border-bottom: 1px solid #e2e2e2; text-align: left; vertical-align: top; }
th { background: #dce6f1; position: sticky; top: 0; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.marked td { background: #fdeaea; font-weight: 600; }
svg { height: auto; max-width: none; }
.fit svg { max-width: 100%; }
li { margin: .25rem 0; max-width: 62rem; }
@media print { body { max-width: none; } th { position: static; } .wide { overflow: visible; }
  .wide svg { max-width: 100%; } }
"""
_NUMBER = re.compile(r"[-<]?[\d,.:]+(-[\d,.]+)?( ?%| (min|h|s|km))?$|-$")
_REFERENCE = re.compile(r"""(\sid="|url\(#|href="#)""")
_WIDTH_PT = re.compile(r'<svg[^>]*\swidth="([\d.]+)pt"')
_FITS_PT = 1300.0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; a verdict stands out, in red if it is `bad`."""

    text: str
    verdict: bool = False
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A list of points."""

    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Cells:
    """A table of texts below a head; rows whose places are in `marked` stand out."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as the text of an SVG file; `alternative` says what it shows to those who cannot see it."""

    svg: str
    alternative: str
    caption: str = ""


Block = Paragraph | Points | Cells | Picture


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading and what stands below it."""

    heading: str
    blocks: Sequence[Block]


def html_page(title: str, below: str, chapters: Sequence[Chapter]) -> str:
    """Return a page of its own: no script, no font, no file or address is loaded; the same content gives the same text.

    Parameters
    ----------
    below : str
        A line below the title.
    chapters : sequence of Chapter
        Those without blocks are left out.
    """
    pictures = 0
    parts = []
    for chapter in chapters:
        if not chapter.blocks:
            continue
        parts.append(f"<h2>{escape(chapter.heading)}</h2>")
        for block in chapter.blocks:
            if isinstance(block, Picture):
                pictures += 1
                parts.append(_picture(block, pictures))
            else:
                parts.append(_block(block))
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1>{escape(title)}</h1>\n<p class="below">{escape(below)}</p>\n{body}\n</body>\n</html>\n'
    )


def _block(block: Paragraph | Points | Cells) -> str:
    if isinstance(block, Paragraph):
        kind = " bad" if block.bad else ""
        attribute = f' class="verdict{kind}"' if block.verdict else ""
        return f"<p{attribute}>{escape(block.text)}</p>"
    if isinstance(block, Points):
        return "<ul>\n" + "\n".join(f"<li>{escape(text)}</li>" for text in block.texts) + "\n</ul>"
    return _table(block)


def _table(table: Cells) -> str:
    sides = [
        ' class="n"' if all(_NUMBER.match(row[column]) for row in table.rows if row[column]) else ""
        for column in range(len(table.head))
    ]
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    head = "".join(f'<th scope="col"{side}>{escape(cell)}</th>' for cell, side in zip(table.head, sides, strict=True))
    lines = [f'<div class="wide"><table>{caption}', f"<thead><tr>{head}</tr></thead>", "<tbody>"]
    for place, row in enumerate(table.rows):
        cells = "".join(f"<td{side}>{escape(cell)}</td>" for cell, side in zip(row, sides, strict=True))
        mark = ' class="marked"' if place in table.marked else ""
        lines.append(f"<tr{mark}>{cells}</tr>")
    return "\n".join([*lines, "</tbody></table></div>"])


def _picture(picture: Picture, number: int) -> str:
    """Return a drawing as a part of the page: without what only a file of its own has, its names its own."""
    svg = picture.svg[picture.svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = _REFERENCE.sub(lambda match: f"{match[1]}p{number}-", svg)
    svg = svg.replace("<svg", f'<svg role="img" aria-label="{escape(picture.alternative)}"', 1)
    width = _WIDTH_PT.match(svg)
    fits = width is None or float(width[1]) <= _FITS_PT
    caption = f"<figcaption>{escape(picture.caption)}</figcaption>" if picture.caption else ""
    kind = "wide fit" if fits else "wide"
    return f'<figure class="{kind}">{caption}{svg.rstrip()}</figure>'
