"""``key=value`` on the command line: which input of a formula it is, and what its text says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from railcap.errors import Issue
from railcap.formats.table_cells import CellError, number, whole
from railcap.measures.formulas.catalogue import Formula
from railcap.measures.formulas.quantities import Shape

FORMS: Mapping[Shape, str] = {
    Shape.NUMBER: "12.5",
    Shape.WHOLE: "12",
    Shape.LIST: "24,30",
    Shape.MATRIX: "90,120/180,90",
    Shape.INTERVALS: "100-300,200-400",
    Shape.BLOCKS: "0-60,60-120/600-660,660-720",
    Shape.NAMED: "passenger:2,local:1",
}
"""How a value of each shape is written: lists with commas, rows (of a matrix, of a train's blocks) with slashes."""

_INTERVAL = re.compile(r"(-?\d+)-(-?\d+)$")


@dataclass(slots=True)
class Given:
    """What was given: values by input, choices, the faults found, and the inputs that could not be read."""

    values: dict[str, object] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    faults: list[Issue] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)


def read_values(formula: Formula, texts: Sequence[str]) -> Given:
    """Read texts like ``T=20`` as the inputs and choices of a formula; whatever is wrong is a fault."""
    given = Given()
    seen: set[str] = set()
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        one = formula.input(key)
        name = one.name if one else key
        if not equals or not key:
            message = "this is not key=value; write it like T=20, without spaces around ="
            given.faults.append(Issue("", text, "", message, "not-a-value"))
        elif one is None and key not in formula.choices:
            given.faults.append(formula.unknown(key))
        elif name in seen:
            message = "this value is given twice; leave one of them"
            given.faults.append(Issue("", name, value, message, "duplicate-value"))
        elif one is None:
            given.choices[key] = value.lower()
        else:
            try:
                given.values[name] = _read(one.quantity.shape, value)
            except CellError as error:
                percent = one.quantity.unit == "share" and value.endswith("%")
                message = "write a fraction, 0.75 for 75 %" if percent else str(error)
                given.faults.append(Issue("", name, value, message, error.code))
                given.unread.add(name)
        seen.add(name)
    return given


def _read(shape: Shape, text: str) -> object:
    if not text:
        raise CellError(f"a value is needed after =; write it like {FORMS[shape]}", "missing-value")
    if shape is Shape.NUMBER:
        return number(_single(text))
    if shape is Shape.WHOLE:
        return whole(_single(text))
    if shape is Shape.LIST:
        return _numbers(text)
    if shape is Shape.MATRIX:
        return [_numbers(row) for row in text.split("/")]
    if shape is Shape.INTERVALS:
        return [_interval(part, shape) for part in text.split(",")]
    if shape is Shape.BLOCKS:
        return [
            [_interval(part, shape) if part.strip() else None for part in row.split(",")] for row in text.split("/")
        ]
    return _named(text)


def _single(text: str) -> str:
    if "," in text:
        raise CellError("one number is expected here; write decimals with a point, like 12.5", "not-a-number")
    return text


def _numbers(text: str) -> list[float]:
    parts = [part.strip() for part in text.split(",")]
    try:
        return [number(part) for part in parts]
    except CellError:
        wrong = next(part for part in parts if not _is_number(part))
        message = f"{wrong!r} is not a number; write numbers with commas between them and points for decimals: 24,30.5"
        raise CellError(message, "not-a-number") from None


def _is_number(text: str) -> bool:
    try:
        number(text)
    except CellError:
        return False
    return True


def _interval(text: str, shape: Shape) -> tuple[int, int]:
    match = _INTERVAL.match(text.strip())
    if match is None:
        message = f"{text!r} is not an interval of whole seconds; write begin-end, like {FORMS[shape]}"
        raise CellError(message, "not-an-interval")
    return int(match[1]), int(match[2])


def _named(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in text.split(","):
        name, colon, value = (piece.strip() for piece in part.partition(":"))
        if not (name and colon and _is_number(value)):
            message = f"{part!r} is not a name with a number; write {FORMS[Shape.NAMED]}"
            raise CellError(message, "not-a-number")
        if name in found:
            raise CellError(f"{name!r} stands there twice; leave one of them", "duplicate-value")
        found[name] = number(value)
    return found
