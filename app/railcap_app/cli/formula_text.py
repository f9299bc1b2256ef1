"""How `railcap formula` tells what a formula is and what it gives, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from railcap.measures.formulas.catalogue import Answer, Formula, Input, Used
from railcap.measures.formulas.quantities import Shape
from railcap.measures.text_columns import WIDTH, columns
from railcap.units import MINUTE_S, duration
from railcap_app.cli.formula_values import FORMS


def answer_text(answer: Answer) -> str:
    """Return the figure first, then the other values, what went in, and what is assumed."""
    (first, figure), *others = [
        (output, value) for output, value in answer.values() if value is not None and value != ""
    ]
    lines = [f"{_shown(figure, first.unit)}  {first.meaning}"]
    if others:
        rows = [(f"  {output.name}", _shown(value, output.unit), output.meaning) for output, value in others]
        lines += ["", *columns(rows, "lrl")]
    used = [
        (f"  {one.symbol or one.name}", _shown(use.value, one.quantity.unit, one.quantity.shape), _origin(use))
        for use in answer.used
        for one in (use.input,)
    ]
    return "\n".join(
        [
            *lines,
            "",
            "From",
            *columns(used, "lrl"),
            "",
            "By",
            *_wrapped(answer.formula.about.rule),
            *_notes(answer.formula),
        ]
    )


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as the JSON object that is printed; values in the units under `units`, shares as fractions."""
    about = answer.formula.about
    return {
        "formula": answer.formula.name,
        "result": {output.name: value for output, value in answer.values()},
        "units": {output.name: output.unit for output in answer.formula.outputs},
        "inputs": {use.input.name: use.value for use in answer.used},
        "thresholds": [{"input": use.input.name, **asdict(row)} for use in answer.used for row in use.rows],
        "rule": about.rule,
        "assumptions": list(about.assumptions),
        "source": about.source,
    }


def list_text(formulas: Iterable[Formula]) -> str:
    """Return the names of formulas with their inputs, units and sources."""
    lines = []
    for one in formulas:
        lines.append(f"{one.name}: {one.about.title}")
        kinds = ("", "needed"), ("from the table", "table"), ("optional", "optional")
        told = [
            f"{label}: {', '.join(_key(put) for put in puts)}" if label else ", ".join(_key(put) for put in puts)
            for label, kind in kinds
            if (puts := [put for put in one.inputs if _presence(put) == kind])
        ]
        lines += [*_wrapped("; ".join(told)), *_wrapped(f"Source: {one.about.source}"), ""]
    return "\n".join(
        [*lines, "railcap formula NAME --about tells what each input means, its range, and what is assumed"]
    )


def about_text(formula: Formula) -> str:
    """Return what a formula takes, gives and assumes."""
    lines = [f"{formula.name}: {formula.about.title}", *_wrapped(formula.about.rule), "", "Takes"]
    for one in formula.inputs:
        quantity = one.quantity
        form = "" if quantity.shape in (Shape.NUMBER, Shape.WHOLE) else f", such as {one.name}={FORMS[quantity.shape]}"
        lines += _wrapped(f"{one.symbol + ', ' if one.symbol else ''}{one.name}: {one.meaning}")
        default = f"; {_shown(one.default, quantity.unit)} if not given" if one.default is not None else ""
        unit = " (a fraction)" if quantity.unit == "share" else ""
        lines += _wrapped(f"{_PRESENCE[_presence(one)]}{default}; {quantity.range_text}{unit}{form}", 6)
    if formula.choices:
        choices = ", ".join(f"{key}={value}" for key, value in formula.choices.items())
        lines += _wrapped(f"which row of the table of thresholds: {choices} if not given")
    lines += ["", "Gives"]
    for output in formula.outputs:
        lines += _wrapped(f"{output.name}{f' ({output.unit})' if output.unit else ''}: {output.meaning}")
    return "\n".join([*lines, "", "Assumes", *_notes(formula)])


def about_json(formula: Formula) -> dict[str, Any]:
    """Return what a formula takes, gives and assumes as a JSON object."""
    about = formula.about
    return {
        "name": formula.name,
        "title": about.title,
        "rule": about.rule,
        "inputs": [
            {
                "name": one.name,
                "symbol": one.symbol,
                "meaning": one.meaning,
                "unit": one.quantity.unit,
                "form": FORMS[one.quantity.shape],
                "range": one.quantity.range_text,
                "required": one.required,
                "default": one.default,
                "from_table": one.table is not None,
            }
            for one in formula.inputs
        ],
        "choices": dict(formula.choices),
        "outputs": [asdict(one) for one in formula.outputs],
        "assumptions": list(about.assumptions),
        "source": about.source,
    }


_PRESENCE = {"needed": "needed", "table": "from the table of thresholds if not given", "optional": "optional"}


def _notes(formula: Formula) -> list[str]:
    about = formula.about
    return [
        line
        for text in (*(f"- {one}" for one in about.assumptions), f"Source: {about.source}")
        for line in _wrapped(text)
    ]


def _wrapped(text: str, indent: int = 2) -> list[str]:
    spaces = " " * indent
    return wrap(text, WIDTH, initial_indent=spaces, subsequent_indent=spaces + "  ", break_long_words=False)


def _key(one: Input) -> str:
    unit = one.quantity.unit
    return f"{one.symbol or one.name} ({unit})" if unit else one.symbol or one.name


def _presence(one: Input) -> str:
    if one.table is not None:
        return "table"
    return "needed" if one.required else "optional"


def _origin(use: Used) -> str:
    """Return what a value means and, if it was not given, where it comes from."""
    if not use.rows:
        return use.input.meaning if use.given else f"{use.input.meaning} (default)"
    first = use.rows[0]
    if len(use.rows) > 1:
        return f"{use.input.meaning} (table: {first.administration} {first.name})"
    ends = [f"{end:g}" for end in (first.low, first.high) if end is not None]
    seen = f"; {' to '.join(ends)} is seen" if ends else ""
    return f"{use.input.meaning} (table: {first.label}{seen})"


def _shown(value: object, unit: str, shape: Shape = Shape.LIST) -> str:
    """Return a value with its unit, as people read it; lists as they are typed."""
    if isinstance(value, str) or value is None:
        return value or "-"
    if isinstance(value, (int, float)):
        return _number(value, unit)
    return f"{_typed(value, shape)} {unit}".rstrip()


def _typed(value: Any, shape: Shape) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{_number(number, '')}" for name, number in value.items()) or "none"
    if shape is Shape.INTERVALS:
        return ",".join("" if interval is None else f"{interval[0]}-{interval[1]}" for interval in value)
    if shape in (Shape.BLOCKS, Shape.MATRIX):
        inner = Shape.INTERVALS if shape is Shape.BLOCKS else Shape.LIST
        return "/".join(_typed(row, inner) for row in value)
    return _list(value)


def _list(values: Sequence[object]) -> str:
    return ",".join(_number(one, "", "") if isinstance(one, (int, float)) else str(one) for one in values)


def _number(value: float, unit: str, thousands: str = ",") -> str:
    if unit == "share":
        return f"{100 * value:.4g} %"
    text = format(value, f"{thousands}d" if isinstance(value, int) else f"{thousands}.6g")
    seconds = round(value * MINUTE_S)
    if unit == "min" and seconds % MINUTE_S:
        return f"{text} min ({duration(seconds)})"
    return f"{text} {unit}".rstrip()
