"""What `railcap saturate` found: as text, as a JSON object, as files in a folder and as one HTML page."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from railcap.corridor.scenario import Scenario
    from railcap.formats.saturation_report import Settings
    from railcap.measures.saturation.binding import Neighbour
    from railcap.measures.saturation.saturation import Saturation
    from railcap.measures.saturation.yard_curve import CurvePoint, Variation

_SCENARIO = "scenario"


@dataclass(frozen=True, slots=True)
class SaturateAnswer:
    """A saturation, what the next path needs, and the curve of a yard if one was asked for."""

    found: Saturation
    needs: Sequence[Neighbour]
    variation: Variation | None
    curve: Sequence[CurvePoint]

    def text(self) -> str:
        """Return it as text for the terminal."""
        from railcap.measures.saturation.binding import binding_text
        from railcap.measures.saturation.report_text import saturation_text
        from railcap.measures.saturation.yard_curve import curve_text

        text = saturation_text(self.found) + binding_text(self.found, self.needs)
        return text if self.variation is None else text + curve_text(self.found.scenario, self.variation, self.curve)

    def json(self) -> dict[str, Any]:
        """Return it as a JSON object: numbers of trains, times in UTC seconds, shares as fractions."""
        found = self.found
        return {
            "trains": found.trains,
            "bound": found.bound,
            "proven": found.proven,
            "termination": "optimal" if found.proven else "feasible" if found.timetable else "no_solution_found",
            "limit": None if found.limit is None else found.limit.value,
            "wall_s": round(found.wall_s, 3),
            "backend": found.backend,
            "keeps_mix": not found.freely,
            "window": {"from_s": found.window.from_s, "until_s": found.window.until_s},
            "classes": _classes_json(found),
            "fixed_paths": len(found.scenario.fixed_paths),
            "place_bound": found.place_bound,
            "places": _places_json(found),
            "reason": found.reason,
            "relaxations": [_neighbour_json(one) for one in self.needs],
            "curve": [_point_json(one) for one in self.curve],
        }

    def write(self, out: Path) -> list[Path]:
        """Write timetable, tables, drawings and the scenario into a folder; nothing if there is no timetable."""
        import railcap
        from railcap.api import TIMETABLE
        from railcap.corridor.validate import validate
        from railcap.drawing.saturation_curve import CURVE, draw_yard_curve
        from railcap.formats.atomic import OutputFolder
        from railcap.formats.saturation_tables import write_saturation_tables
        from railcap.formats.scenario_folder import FILES as FOLDER_FILES
        from railcap.formats.scenario_folder import save_scenario
        from railcap.formats.timetable_json import write_timetable
        from railcap.formats.timetable_tables import write_tables

        found, lines = self.found, self.text().splitlines()
        if found.timetable is None:
            return []
        faults = [issue for issue in validate(found.scenario) if issue.severity == "error"]
        if faults:  # windows of more than a week, more trains than a row of requests may ask for
            why = f"since it could not be read ({faults[0]}); what stands there is of another run"
            print(f"warning: {out / _SCENARIO} is not written, {why}", file=sys.stderr)
        owned = [] if faults else [f"{_SCENARIO}/{name}" for name in FOLDER_FILES]
        with OutputFolder(out, [*_names(), *owned]) as output:
            write_timetable(found.timetable, output.building / TIMETABLE)
            write_tables(found.scenario, found.timetable, output.building, lines)
            write_saturation_tables(found, output.building, lines, self.curve)
            if self.variation is not None and self.curve:
                draw_yard_curve(found.scenario, self.variation, self.curve, output.building / CURVE)
            if not faults:
                save_scenario(found.scenario, output.building / _SCENARIO)
        written = [path for path in output.written if path.parent == out]
        if found.timetable.paths:
            written += railcap.draw(found.scenario, found.timetable, out)
        return written if faults else [*written, out / _SCENARIO]

    def write_report(self, path: Path, settings: Settings) -> Path:
        """Write one HTML page with all of it."""
        from railcap.drawing.report_pictures import curve_picture, saturation_pictures
        from railcap.formats.atomic import write_text
        from railcap.formats.saturation_report import YardCurve, saturation_report

        curve = None
        if self.variation is not None:
            picture = curve_picture(self.found.scenario, self.variation, self.curve) if self.curve else None
            curve = YardCurve(self.variation, self.curve, picture)
        pictures = list(saturation_pictures(self.found))
        write_text(path, saturation_report(self.found, self.needs, curve, settings, pictures))
        return path


def check_places(scenario: Scenario, out: Path | None, report: Path | None) -> None:
    """Raise `OutputError` if the files that are asked for cannot be written, before any work."""
    from railcap.api import drawing_names
    from railcap_app.cli.output import check_page, check_writable

    if out is not None:
        check_writable(out, [*_names(), *drawing_names(scenario)])
    if report is not None:
        check_page(report)


def _names() -> list[str]:
    from railcap.api import TIMETABLE
    from railcap.drawing.saturation_curve import drawing_names
    from railcap.formats.saturation_tables import FILES
    from railcap.formats.timetable_tables import FILES as TABLES

    return [TIMETABLE, *TABLES, *FILES, *drawing_names()]


def _classes_json(found: Saturation) -> list[dict[str, Any]]:
    return [
        {
            "class": one.id,
            "train_type": one.request.train_type,
            "from": one.request.origin,
            "to": one.request.destination,
            "in_a_round": one.weight,
            "trains": count,
        }
        for one, count in zip(found.mix.classes, found.counts, strict=True)
    ]


def _places_json(found: Saturation) -> list[dict[str, Any]]:
    from railcap.measures.saturation.report_text import place_name, tightest

    return [
        {
            "kind": place.kind,
            "id": place.id,
            "name": place_name(found.scenario, place),
            "room_for": room,
            "share": round(place.share(found.counts), 4),
        }
        for place, room in tightest(found)
    ]


def _neighbour_json(one: Neighbour) -> dict[str, Any]:
    return {
        "kind": one.relaxation.kind,
        "id": one.relaxation.id,
        "text": one.relaxation.text,
        "admits": one.admits,
        "bound": one.bound,
        "wall_s": round(one.wall_s, 3),
    }


def _point_json(one: CurvePoint) -> dict[str, Any]:
    return {
        "value": one.value,
        "trains": one.trains,
        "bound": one.bound,
        "proven": one.proven,
        "bottleneck": {"kind": one.kind, "name": one.bottleneck} if one.kind else None,
    }
