"""Reading ``scenario.toml``: name, period, base folder, planning rules and cost weights."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from railcap.corridor.rules import CostWeights, Rules
from railcap.corridor.scenario import Scenario
from railcap.corridor.validate_fault import did_you_mean
from railcap.corridor.validate_network import PERIOD
from railcap.errors import Issue
from railcap.formats.scenario_folder_columns import COST_KEYS, RULE_KEYS, SCHEMA, TOP_KEYS, default_of
from railcap.formats.table import read_text, shortened

_FALLBACK_DAY = date(2026, 1, 1)


@dataclass(slots=True)
class Settings:
    """What ``scenario.toml`` says.

    `values` are its keys as they stand, `files` the files that set them, `bad` the keys at fault: for later checks.
    """

    name: str = ""
    title: str = ""
    description: str = ""
    time_zone: str = "UTC"
    start: date = _FALLBACK_DAY
    days: int = 1
    run_out_h: float = default_of(Scenario, "run_out_h")
    rules: Rules = field(default_factory=Rules)
    weights: CostWeights = field(default_factory=CostWeights)
    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    readable: bool = True

    @property
    def period_is_known(self) -> bool:
        """Whether nothing is at fault with the scenario's days."""
        return self.readable and not self.bad & set(PERIOD)


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """One ``scenario.toml``: its content (empty if it cannot be read) and how messages call it."""

    content: Mapping[str, Any]
    file: str
    readable: bool = True


def read_settings_file(path: Path, file: str, issues: list[Issue]) -> SettingsFile:
    """Parse a ``scenario.toml``; what is wrong with its form goes to `issues`."""
    text = read_text(path, file, issues)
    if text is None:
        return SettingsFile({}, file, readable=False)
    try:
        return SettingsFile(tomllib.loads(text.replace("\r\n", "\n")), file)
    except tomllib.TOMLDecodeError as error:
        message, place = re.fullmatch(r"(.*?)(?: \(at (.*)\))?", str(error), re.DOTALL).groups()  # type: ignore[union-attr]
        line = re.match(r"line (\d+)", place or "")
        lines = text.splitlines()
        if not line and text.strip():  # the end of the document: something that was begun before is not closed
            place = f"line {len(lines)}, the end of the file"
        value = lines[int(line[1]) - 1].strip() if line and text.strip() else lines[-1].strip() if lines else ""
        message = f"this is not TOML: {message[:1].lower()}{message[1:]}"
        issues.append(Issue(file, place or "", shortened(value), message, "broken-toml"))
        return SettingsFile({}, file, readable=False)


def read_settings(own: SettingsFile, bases: Iterable[SettingsFile], issues: list[Issue]) -> Settings:
    """Return the settings of a scenario.

    Parameters
    ----------
    own : the scenario's own file
    bases : those of its base folder, of that one's base, and so on; they give rules and weights that it does not set
    """
    settings = Settings(readable=own.readable)
    reader = _Reader(own, settings, issues)
    if own.readable:
        reader.top()
    rules: dict[str, Any] = {}
    weights: dict[str, Any] = {}
    for place, source in enumerate((own, *bases)):
        section = reader if place == 0 else _Reader(source, settings, issues)
        section.unknown_keys()
        section.schema()
        rules = section.rules() | rules
        weights = section.weights() | weights
    settings.rules = Rules(**rules)
    settings.weights = CostWeights(**weights)
    return settings


class _Reader:
    def __init__(self, source: SettingsFile, settings: Settings, issues: list[Issue]) -> None:
        self.content = source.content
        self.file = source.file
        self.settings = settings
        self.issues = issues

    def fault(self, key: str, value: object, message: str, code: str, severity: str = "error") -> None:
        if severity == "error":
            self.settings.bad.add(key)
        text = "" if value is None else shortened(_shown(value))
        self.issues.append(Issue(self.file, f"key {key}", text, message, code, severity))

    def unknown_keys(self) -> None:
        """Name the keys that nothing reads: a mistyped one would silently have no effect."""
        known = {"": TOP_KEYS, "rules": tuple(RULE_KEYS), "cost": COST_KEYS}
        for section, keys in known.items():
            content = self.content.get(section, {}) if section else self.content
            for key in content if isinstance(content, dict) else ():
                if key not in keys:
                    place = f"{section}.{key}" if section else key
                    message = f"this key is not known{did_you_mean(key, keys)}"
                    self.fault(place, content[key], message, "unknown-key")

    def schema(self) -> None:
        """Say so if the file is of a form that is not known."""
        schema = self.content.get("schema", SCHEMA)
        if schema != SCHEMA or isinstance(schema, bool):
            message = f"this is a newer or unknown form of scenario; this railcap reads schema {SCHEMA}"
            self.fault("schema", schema, message, "unknown-schema")

    def top(self) -> None:
        settings = self.settings
        settings.name = self._text("name", required=True)
        settings.title = self._text("title")
        settings.description = self._text("description")
        settings.time_zone = self._text("time_zone", required=True) or settings.time_zone
        settings.start = self._start()
        settings.days = self._whole("days", 1)
        settings.run_out_h = self._number("", "run_out_h", settings.run_out_h)

    def _text(self, key: str, *, required: bool = False) -> str:
        value = self._get(key, required=required)
        if value is None or isinstance(value, str):
            return value or ""
        self.fault(key, value, 'this must be a text in quotes: "..."', "wrong-type")
        return ""

    def _get(self, key: str, *, required: bool = False) -> Any:
        value = self.content.get(key)
        if value is None and required:
            self.fault(key, None, f"the key {key!r} is missing", "missing-key")
        self.settings.values[key] = value
        self.settings.files[key] = self.file
        return value

    def _start(self) -> date:
        value = self._get("start", required=True)
        if isinstance(value, str):
            with suppress(ValueError):
                value = date.fromisoformat(value)
        if isinstance(value, datetime) or not isinstance(value, date):
            if value is not None:
                self.fault("start", value, "this is not a date; write it like 2026-03-02", "not-a-date")
            return _FALLBACK_DAY
        return value

    def _whole(self, key: str, default: int) -> int:
        value = self._get(key, required=True)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(key, value, "this must be a whole number", "wrong-type")
            return default
        return value

    def _number(self, section: str, key: str, default: float) -> float:
        place = f"{section}.{key}" if section else key
        content = self.content.get(section, {}) if section else self.content
        value = content.get(key)
        self.settings.values.setdefault(place, value)
        self.settings.files.setdefault(place, self.file)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e15 < value < 1e15:
            self.fault(place, value, "this must be a number, without quotes", "not-a-number")
            return default
        return value

    def _section(self, name: str) -> Mapping[str, Any]:
        content = self.content.get(name, {})
        if isinstance(content, dict):
            return content
        self.fault(name, content, f"this must be a section: a line [{name}] and its keys below", "wrong-type")
        return {}

    def rules(self) -> dict[str, Any]:
        """Return the fields of `Rules` that this file sets."""
        found: dict[str, Any] = {}
        for key in self._section("rules"):
            if key in RULE_KEYS:
                name = RULE_KEYS[key]
                default = default_of(Rules, name)
                if name.endswith("_s"):
                    found[name] = round(self._number("rules", key, default / 60) * 60)
                else:
                    found[name] = float(self._number("rules", key, default))
        return found

    def weights(self) -> dict[str, Any]:
        """Return the fields of `CostWeights` that this file sets."""
        return {
            key: float(self._number("cost", key, default_of(CostWeights, key)))
            for key in self._section("cost")
            if key in COST_KEYS
        }


def _shown(value: object) -> str:
    """Return a value as TOML writes it, nearly."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
