"""A report page read strictly: what stands on it, and that it loads nothing from elsewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """A page read strictly: every tag is closed, ids are unique, tables are kept."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.loads: list[str] = []
        self.pictures: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.text = ""
        self._cell: list[str] | None = None
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self._look(attrs)
        if tag == "svg":
            assert ("role", "img") in attrs
            self.pictures.append(dict(attrs).get("aria-label") or "")
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._look(attrs)

    def _look(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "xlink:href", "src", "srcset", "data", "action"):
                self.references.append(value or "")
            self.references += re.findall(r"url\(([^)]*)\)", value or "")
            self.loads += [name] if name.startswith("on") else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in ("td", "th"):
            self.tables[-1][-1].append("".join(self._cell or []))
            self._cell = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._cell is not None:
            self._cell.append(data)

    def table(self, first: str) -> list[dict[str, str]]:
        """The rows of the first table whose first column has this head."""
        (head, *rows) = next(table for table in self.tables if table[0][0] == first)
        return [dict(zip(head, row, strict=True)) for row in rows]


def stands_alone(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(page.tags)
    names = {one.strip("'\"") for one in page.references}
    inside = {one for one in names if one.startswith("data:image/png;base64,")}
    assert all(one.startswith("#") for one in names - inside)
    assert "@import" not in text and "@font-face" not in text and not page.loads
    assert len(page.ids) == len(set(page.ids))
    assert page.pictures and all(len(one) > 40 for one in page.pictures)
    assert len(page.pictures) == page.tags.count("svg") == len(set(page.pictures))
    assert page.tags.count("h1") == 1 and page.tags.index("h1") < page.tags.index("h2")
    assert {one[1:] for one in names - inside} <= set(page.ids)
    return page
