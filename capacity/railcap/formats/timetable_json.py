"""Timetables as JSON: what `railcap plan` keeps and `railcap check` and `railcap draw` read back.

Times are integer seconds from the epoch in UTC, so that a timetable comes back exactly as it was; the tables beside it
(`railcap.formats.timetable_tables`) hold local times for people. One train stands on one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from railcap.errors import InputError, Issue
from railcap.formats.atomic import write_text
from railcap.formats.json_file import decode_json, shortened, type_issues
from railcap.planning.timetable import Call, Leg, Refusal, Step, Timetable, TrainPath

FORMAT = "railcap-timetable"
SCHEMA_VERSION = 1

_Name = Annotated[str, msgspec.Meta(min_length=1)]
_Moment = Annotated[int, msgspec.Meta(ge=0, le=200_000_000_000)]  # to the year 8307, safely inside the calendar


class _Strict(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    pass


class StepEntry(_Strict):
    """A step of a yard's process."""

    name: _Name
    resource: str
    track: str
    begin_s: _Moment
    end_s: _Moment


class CallEntry(_Strict):
    """A train at a station."""

    station: _Name
    track: str
    arrival_s: _Moment
    departure_s: _Moment
    stops: bool
    steps: list[StepEntry] = []


class LegEntry(_Strict):
    """A train on a section."""

    section: _Name
    track: str


class PathEntry(_Strict):
    """An accepted train."""

    train: _Name
    request: str
    number: str
    train_type: _Name
    calls: list[CallEntry]
    legs: list[LegEntry]
    fixed: bool = False
    light_for: str = ""


class RefusalEntry(_Strict):
    """A refused train."""

    train: _Name
    request: str
    number: str
    train_type: _Name
    reason: str
    proof: bool
    place: str = ""
    against: list[str] = []


class TimetableDocument(_Strict):
    """The whole file."""

    format: Literal["railcap-timetable"]
    schema: int
    scenario: str
    paths: list[PathEntry]
    refused: list[RefusalEntry] = []


def write_timetable(timetable: Timetable, path: str | Path) -> None:
    """Write a timetable, whole or not at all; the same timetable gives the same bytes.

    Raises
    ------
    OutputError
        If `path` cannot be written.
    """
    head = {"format": FORMAT, "schema": SCHEMA_VERSION, "scenario": timetable.scenario}
    lines = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    lines += [_list("paths", [_plain(path) for path in timetable.paths]), _list("refused", timetable.refused)]
    write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")


def read_timetable(path: str | Path) -> Timetable:
    """Read a timetable back.

    Only the form of the file is judged here; whether the railway allows what it says is the railway checker's question.

    Raises
    ------
    InputError
        If the file cannot be read or is no timetable; with every fault, its JSON path and value.
    """
    path = Path(path)
    raw = decode_json(path, unique_keys=True)
    issues = _header_issues(raw, path.name) or type_issues(raw, TimetableDocument, path.name)
    if not issues:
        document = msgspec.convert(raw, TimetableDocument)
        issues = _form_issues(document, path.name)
    if issues:
        raise InputError(f"{path} cannot be read as a timetable", issues)
    return Timetable(
        scenario=document.scenario,
        paths=tuple(_path(entry) for entry in document.paths),
        refused=tuple(_refusal(entry) for entry in document.refused),
    )


def is_timetable(raw: object) -> bool:
    """Tell whether decoded JSON says that it is a timetable, right or wrong."""
    return isinstance(raw, dict) and raw.get("format") == FORMAT


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _plain(path: TrainPath) -> dict[str, Any]:
    """Return a path without the keys that most trains have nothing for."""
    plain: dict[str, Any] = msgspec.to_builtins(path)
    for call in plain["calls"]:
        if not call["steps"]:
            del call["steps"]
    if not path.light_for:
        del plain["light_for"]
    return plain


def _list(key: str, items: Sequence[object]) -> str:
    if not items:
        return f"{_json(key)}: []"
    return f"{_json(key)}: [\n" + ",\n".join(_json(item) for item in items) + "\n]"


def _header_issues(raw: Any, file: str) -> list[Issue]:
    if not isinstance(raw, dict):
        return [Issue(file, "", shortened(raw), "a timetable is a JSON object", "wrong-type")]
    if not is_timetable(raw):
        found = shortened(raw["format"]) if "format" in raw else ""
        return [Issue(file, "format", found, f"this is no timetable; the key must say {FORMAT!r}", "wrong-format")]
    schema = raw.get("schema")
    if schema == SCHEMA_VERSION and not isinstance(schema, bool):
        return []
    message = f"this railcap reads timetables of schema version {SCHEMA_VERSION}; write the file again with it"
    return [Issue(file, "schema", "" if schema is None else shortened(schema), message, "wrong-schema")]


def _form_issues(document: TimetableDocument, file: str) -> list[Issue]:
    issues = []
    for place, entry in enumerate(document.paths):
        where = f"paths[{place}]"
        if len(entry.calls) < 2:
            message = f"train {entry.train} needs at least two calls, its origin and its destination"
            issues.append(Issue(file, f"{where}.calls", str(len(entry.calls)), message, "too-few-calls"))
        elif len(entry.legs) != len(entry.calls) - 1:
            message = f"train {entry.train} has {len(entry.calls)} calls, so it needs {len(entry.calls) - 1} legs"
            issues.append(Issue(file, f"{where}.legs", str(len(entry.legs)), message, "wrong-number-of-legs"))
    places = [(entry.train, f"paths[{place}].train") for place, entry in enumerate(document.paths)]
    places += [(entry.train, f"refused[{place}].train") for place, entry in enumerate(document.refused)]
    seen: set[str] = set()
    for train, where in places:
        if train in seen:
            message = "this train stands in the file already; a train has one path or one refusal"
            issues.append(Issue(file, where, train, message, "duplicate-train"))
        seen.add(train)
    return issues


def _path(entry: PathEntry) -> TrainPath:
    return TrainPath(
        train=entry.train,
        request=entry.request,
        number=entry.number,
        train_type=entry.train_type,
        calls=tuple(_call(call) for call in entry.calls),
        legs=tuple(Leg(leg.section, leg.track) for leg in entry.legs),
        fixed=entry.fixed,
        light_for=entry.light_for,
    )


def _call(entry: CallEntry) -> Call:
    steps = tuple(Step(step.name, step.resource, step.track, step.begin_s, step.end_s) for step in entry.steps)
    return Call(entry.station, entry.track, entry.arrival_s, entry.departure_s, entry.stops, steps)


def _refusal(entry: RefusalEntry) -> Refusal:
    return Refusal(
        train=entry.train,
        request=entry.request,
        number=entry.number,
        train_type=entry.train_type,
        reason=entry.reason,
        proof=entry.proof,
        place=entry.place,
        against=tuple(entry.against),
    )
