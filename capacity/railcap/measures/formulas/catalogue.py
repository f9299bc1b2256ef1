"""The catalogue of formulas: what each takes, gives and assumes, and how it is computed from values by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, get_type_hints

from railcap.corridor.validate_fault import did_you_mean
from railcap.errors import InputError, Issue
from railcap.measures.formulas.cis import cis_double_track, cis_single_track, cis_traffic
from railcap.measures.formulas.cis_period import cis_period
from railcap.measures.formulas.docstrings import Description, describe
from railcap.measures.formulas.headways import headway_cycle, heterogeneity, platform_throat
from railcap.measures.formulas.india import charted, scott
from railcap.measures.formulas.occupation import compression, occupation, section_clearing
from railcap.measures.formulas.quantities import (
    FromTable,
    Quantity,
    Shape,
    hints,
    metadata,
    quantities,
    range_issues,
    refuse,
)
from railcap.measures.formulas.running import petersen_meets, running_allowance
from railcap.measures.formulas.thresholds import Threshold, Thresholds
from railcap.measures.formulas.uic import capacity_utilisation, practical_capacity, uic405, uic406

ADMINISTRATION = "administration"
"""The choice of whose thresholds count."""


@dataclass(frozen=True, slots=True)
class Input:
    """What a formula takes.

    Parameters
    ----------
    name : str
        As the function has it; the unit stands in it.
    symbol : str
        Its letter in the literature, which is as good; ``""`` if it has none.
    required : bool
        Whether it must be given: it has neither a default nor a row in the table of thresholds.
    default : object
        What counts if it is not given; None: nothing, or what the formula works out.
    table : FromTable or None
        Where it stands in the table of thresholds.
    """

    name: str
    symbol: str
    meaning: str
    quantity: Quantity
    required: bool
    default: object
    table: FromTable | None


@dataclass(frozen=True, slots=True)
class Output:
    """What a formula gives; `unit` is empty for words and pure numbers, ``"share"`` for fractions."""

    name: str
    symbol: str
    meaning: str
    unit: str


@dataclass(frozen=True)
class Formula:
    """A formula and all that is to be known of it.

    Parameters
    ----------
    name : str
        As on the command line.
    function : callable
        What computes it.
    choices : mapping of str to str
        Words that choose rows of the table of thresholds, with their defaults.
    """

    name: str
    function: Callable[..., Any]
    choices: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def about(self) -> Description:
        """Its docstring: title, rule, assumptions, source."""
        return describe(self.function)

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """What it takes, in the order of the function."""
        known, types = quantities(self.function), hints(self.function)
        found = []
        for name, parameter in inspect.signature(self.function).parameters.items():
            meaning = self.about.meanings[name]
            table = metadata(types[name], FromTable)
            bare = parameter.default is inspect.Parameter.empty
            default = None if bare else parameter.default
            found.append(Input(name, meaning.symbol, meaning.text, known[name], bare and table is None, default, table))
        return tuple(found)

    @cached_property
    def outputs(self) -> tuple[Output, ...]:
        """What it gives, the figure that matters first."""
        return tuple(output for output, _ in _outputs(_result_kind(self.function), None))

    def input(self, key: str) -> Input | None:
        """Return the input of a name or symbol; None if there is none."""
        return next((one for one in self.inputs if key in (one.name, one.symbol) and key), None)

    def unknown(self, key: str) -> Issue:
        """Return the issue for a key that is no input and no choice, with the nearest that is."""
        keys = [name for one in self.inputs for name in (one.symbol, one.name) if name]
        near = did_you_mean(key, [*keys, *self.choices])
        if "did you mean" not in near:
            near = f"; it takes {', '.join([*(one.symbol or one.name for one in self.inputs), *self.choices])}"
        return Issue("", key, "", f"{self.name} takes no such value{near}", "unknown-value")


@dataclass(frozen=True, slots=True)
class Used:
    """A value that went into an answer; `rows` are those of the table of thresholds that it came from."""

    input: Input
    value: object
    given: bool
    rows: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a formula gave: the function's own `result`, a dataclass, and the values that went in."""

    formula: Formula
    result: Any
    used: tuple[Used, ...]

    def values(self) -> Iterator[tuple[Output, object]]:
        """Yield each output with its value, the figure that matters first."""
        yield from _outputs(type(self.result), self.result)


def formula(name: str) -> Formula:
    """Return a formula by name; raises `InputError` that names the nearest."""
    if name not in FORMULAS:
        message = f"there is no formula of this name{did_you_mean(name, FORMULAS)}"
        raise InputError("the formula cannot be computed", [Issue("", "NAME", name, message, "unknown-formula")])
    return FORMULAS[name]


def evaluate(
    wanted: Formula,
    values: Mapping[str, object],
    thresholds: Thresholds,
    choices: Mapping[str, str] | None = None,
    *,
    faults: Sequence[Issue] = (),
    unread: Collection[str] = (),
) -> Answer:
    """Compute a formula from values by name.

    Parameters
    ----------
    values : mapping of str to object
        By the names of the inputs.
    thresholds : Thresholds
        For what is not given and stands in the table.
    choices : mapping of str to str, optional
        Where they differ from the formula's own.
    faults : sequence of Issue
        What was found wrong before, told with the rest.
    unread : collection of str
        Names of inputs that were given but could not be read, as `faults` says.

    Raises
    ------
    InputError
        With every fault: values missing, out of range or contradicting each other, rows that the table lacks.
    """
    chosen = {**wanted.choices, **(choices or {})}
    names = {one.name for one in wanted.inputs}
    issues = [*faults, *(wanted.unknown(key) for key in (*values, *chosen) if key not in names | {*wanted.choices})]
    issues += range_issues(wanted.function, values)
    used: list[Used] = []
    for one in wanted.inputs:
        if one.name in unread:
            continue
        try:
            used += _used(one, values, thresholds, chosen)
        except InputError as error:
            issues += error.issues
    if not issues:
        try:
            result = wanted.function(**{use.input.name: use.value for use in used})
        except InputError as error:
            issues += error.issues
        else:
            return Answer(wanted, result, tuple(used))
    raise InputError(f"{wanted.name} cannot be computed", [_with_symbol(wanted, one) for one in dict.fromkeys(issues)])


def _with_symbol(wanted: Formula, issue: Issue) -> Issue:
    """Return an issue that also names the letter of the input at fault."""
    name, comma, place = issue.where.partition(", ")
    one = wanted.input(name)
    symbol = f" ({one.symbol})" if one and name == one.name and one.symbol else ""
    return replace(issue, where=f"{name}{symbol}{comma}{place}")


def _used(
    one: Input, values: Mapping[str, object], thresholds: Thresholds, chosen: Mapping[str, str]
) -> Iterator[Used]:
    """Yield the value of an input: as given, from the table, or its default; none if it can do without."""
    part = one.table is not None and one.quantity.shape is Shape.NAMED
    if one.name in values and not part:
        yield Used(one, values[one.name], True)
    elif one.table is not None:
        yield _from_table(one, one.table, values.get(one.name), thresholds, chosen)
    elif one.required:
        unit = f" in {one.quantity.unit}" if one.quantity.unit else ""
        meaning = one.meaning[:1].lower() + one.meaning[1:]
        message = f"a value is needed: {one.symbol or one.name}=...{unit}, {meaning}"
        refuse(one.name, [Issue("", one.name, "", message, "missing-value")])
    elif one.default is not None:
        yield Used(one, one.default, False)


def _from_table(one: Input, table: FromTable, given: object, thresholds: Thresholds, chosen: Mapping[str, str]) -> Used:
    """Return an input's value from the table; of names with numbers, those that are given replace the table's."""
    administration = chosen[ADMINISTRATION]
    if table.case != "*":
        row = thresholds.row(administration, table.name, table.case.format(**chosen))
        return Used(one, row.typical, False, (row,))
    rows = thresholds.cases(administration, table.name)
    own = dict(given) if isinstance(given, Mapping) else {}
    if not rows and not own:
        thresholds.row(administration, table.name, table.case)  # raises: there is none
    kept = tuple(row for case, row in rows.items() if case not in own)
    return Used(one, {row.case: row.typical for row in kept} | own, bool(own), kept)


def _result_kind(function: Callable[..., Any]) -> type:
    """Return the class of a function's result."""
    kind: type = get_type_hints(function)["return"]
    return kind


def _outputs(kind: type, result: object) -> Iterator[tuple[Output, object]]:
    """Yield the outputs of a result's class, those of results within it in their place, with their values."""
    units, types, meanings = quantities(kind), hints(kind), describe(kind).meanings
    for one in fields(kind):
        value = None if result is None else getattr(result, one.name)
        if is_dataclass(types[one.name]):
            yield from _outputs(types[one.name], value)
            continue
        meaning = meanings[one.name]
        unit = units[one.name].unit if one.name in units else ""
        yield Output(one.name, meaning.symbol, meaning.text, unit), value


def _formulas() -> Iterator[Formula]:
    cis, india, uic = ({ADMINISTRATION: name} for name in ("cis", "india", "uic"))
    yield Formula("cis-period", cis_period)
    yield Formula("cis-single", cis_single_track, cis)
    yield Formula("cis-double", cis_double_track, cis)
    yield Formula("cis-traffic", cis_traffic, {**cis, "track": "single"})
    yield Formula("scott", scott, india)
    yield Formula("charted", charted, india)
    yield Formula("uic-405", uic405, {**uic, "period": "day"})
    yield Formula("uic-406", uic406, {**uic, "traffic": "mixed", "period": "day"})
    yield Formula("compression", compression)
    yield Formula("occupation", occupation)
    yield Formula("headways", headway_cycle)
    yield Formula("heterogeneity", heterogeneity)
    yield Formula("platforms", platform_throat)
    yield Formula("clearing", section_clearing)
    yield Formula("allowance", running_allowance)
    yield Formula("meets", petersen_meets)
    yield Formula("practical", practical_capacity, {ADMINISTRATION: "general"})
    yield Formula("cui", capacity_utilisation, {ADMINISTRATION: "gb"})


FORMULAS: Mapping[str, Formula] = MappingProxyType({one.name: one for one in _formulas()})
"""All formulas by name."""
