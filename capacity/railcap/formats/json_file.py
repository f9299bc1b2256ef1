"""JSON files: decoding with plain errors, and every wrong type at once with its JSON path."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from railcap.errors import InputError, Issue

_WORDS = {
    "Expected": "expected",
    "`int | float`": "a number",
    "`int`": "an integer",
    "`float`": "a number",
    "`str`": "a text",
    "`bool`": "true or false",
    "`array`": "a list",
    "`object`": "an object",
    "`null`": "null",
}


def decode_json(path: Path, *, unique_keys: bool = False) -> Any:
    """Return the content of a JSON file as plain dicts and lists; raises `InputError` if there is none.

    With `unique_keys` a key that stands twice in an object is an error, too: of two values one would be lost unseen.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unusable(path, "unreadable-file", f"the file cannot be read: {error.strerror or error}") from error
    try:
        content = content.removeprefix(b"\xef\xbb\xbf")
        decoded = msgspec.json.decode(content)
        doubles = list(_doubles(json.loads(content, object_pairs_hook=_Pairs), "")) if unique_keys else []
    except msgspec.DecodeError as error:
        where, value = _spot(content, str(error))
        raise _unusable(path, "broken-json", f"this is not JSON: {error}", where, value) from error
    except UnicodeDecodeError as error:
        raise _unusable(path, "broken-encoding", f"JSON must be UTF-8: {error}") from error
    except RecursionError as error:
        raise _unusable(path, "broken-json", "the JSON is nested too deeply") from error
    if doubles:
        message = "this key stands more than once in its object; leave one of them"
        raise InputError(
            f"{path} cannot be used", [Issue(path.name, where, "", message, "duplicate-key") for where in doubles]
        )
    return decoded


def _spot(content: bytes, message: str) -> tuple[str, str]:
    """Return line and column of the byte that a decoder complains of, and what stands there; empty if it names none."""
    told = re.search(r"\(byte (\d+)\)", message)
    if told is None:
        return "", ""
    at = int(told[1])
    line, column = content.count(b"\n", 0, at) + 1, at - content.rfind(b"\n", 0, at)
    here = re.split(rb"[\s,:{}\[\]]", content[at : at + 20], maxsplit=1)[0]
    return f"line {line}, column {column}", here.decode("utf-8", "replace")


class _Pairs(dict[str, Any]):
    """A JSON object that knows which of its keys stand in it more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _ in pairs]
        self.doubles = [key for key in self if keys.count(key) > 1] if len(self) < len(keys) else []


def _doubles(raw: Any, path: str) -> Iterator[str]:
    """Yield the JSON paths of keys that stand more than once in their object."""
    if isinstance(raw, _Pairs):
        yield from (_below(path, key) for key in raw.doubles)
        for key, value in raw.items():
            yield from _doubles(value, _below(path, key))
    elif isinstance(raw, list):
        for place, value in enumerate(raw):
            yield from _doubles(value, f"{path}[{place}]")


def type_issues(raw: object, kind: Any, file: str) -> list[Issue]:
    """Return an issue for every missing or unknown key and every value of a wrong type or range.

    Parameters
    ----------
    raw : object
        Decoded JSON.
    kind : type
        The msgspec struct (or list, dict, union of them) that it should be.
    file : str
        The file's name, for the issues.
    """
    return [Issue(file, path, value, message, code) for path, value, message, code in _faults(raw, kind, "")]


def _unusable(path: Path, code: str, message: str, where: str = "", value: str = "") -> InputError:
    return InputError(f"{path} cannot be used", [Issue(path.name, where, value, message, code)])


_Fault = tuple[str, str, str, str]


def _faults(raw: Any, kind: Any, path: str) -> Iterator[_Fault]:
    kind = _without_none(kind) if raw is not None else kind
    origin = get_origin(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(raw, dict):
        yield from _struct_faults(raw, kind, path)
    elif origin is list and isinstance(raw, list):
        for place, item in enumerate(raw):
            yield from _faults(item, get_args(kind)[0], f"{path}[{place}]")
    elif origin is dict and isinstance(raw, dict):
        for key, item in raw.items():
            yield from _faults(item, get_args(kind)[1], f"{path}.{key}" if path else str(key))
    else:
        try:
            msgspec.convert(raw, kind)
        except msgspec.ValidationError as error:
            yield path, shortened(raw), _plain(str(error)), "wrong-type"


def _struct_faults(raw: dict[str, Any], kind: type[msgspec.Struct], path: str) -> Iterator[_Fault]:
    hints = _hints(kind)
    fields = msgspec.structs.fields(kind)
    known = [field.encode_name for field in fields]
    if kind.__struct_config__.forbid_unknown_fields:
        for key, value in raw.items():
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                advice = f"did you mean {near[0]!r}?" if near else f"the keys here are {', '.join(known)}"
                yield _below(path, key), shortened(value), f"unknown key; {advice}", "unknown-key"
    for field in fields:
        where = _below(path, field.encode_name)
        if field.encode_name in raw:
            yield from _faults(raw[field.encode_name], hints[field.name], where)
        elif field.required:
            yield where, "", "this key is missing", "missing-key"


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


@lru_cache(maxsize=64)
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        return options[0] if len(options) == 1 else kind
    return kind


def shortened(value: object) -> str:
    """Return a JSON value as text that fits in a message."""
    try:
        text = msgspec.json.encode(value).decode()
    except (msgspec.MsgspecError, TypeError, OverflowError):
        text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _plain(text: str) -> str:
    text = text.split(" - at `", 1)[0]
    for word, plain in _WORDS.items():
        text = text.replace(word, plain)
    return text
