"""A saturation as one HTML page: how many trains fit, why no more, what the next path needs, and what is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from railcap.formats.html_report import Block, Cells, Chapter, Paragraph, Picture, Points, html_page
from railcap.measures.names import station_name, train_labels
from railcap.measures.saturation.binding import Neighbour, needs_text, neighbour_cells
from railcap.measures.saturation.report_text import (
    CLASS_HEAD,
    PLACE_HEAD,
    class_cells,
    full_places,
    headline,
    place_cells,
    tightest,
    why_lines,
    window_text,
)
from railcap.measures.saturation.saturation import Saturation
from railcap.measures.saturation.yard_curve import CurvePoint, Variation, bottleneck_text, curve_notes
from railcap.measures.text_columns import counted, hm
from railcap.solving.parameters import SolveParameters
from railcap.units import duration, stamp

_KINDS = {"section": "section", "yard": "yard resource"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How a saturation was asked for, as far as it does not say so itself.

    Parameters
    ----------
    slack : float or None
        Longest journey as a multiple of the shortest.
    parameters : SolveParameters
        Of the search for the number.
    each_limit_s : float
        Time limit of each relaxation, and of each point of a curve.
    """

    slack: float | None
    parameters: SolveParameters
    each_limit_s: float


@dataclass(frozen=True, slots=True)
class YardCurve:
    """A yard's curve as far as it was asked for and made; `picture` is the text of an SVG file, if it has a point."""

    variation: Variation
    points: Sequence[CurvePoint]
    picture: str | None


def saturation_report(
    found: Saturation,
    needs: Sequence[Neighbour],
    curve: YardCurve | None,
    settings: Settings,
    pictures: Sequence[tuple[str, str]],
) -> str:
    """Return the page of a saturation, also of one without a timetable.

    Parameters
    ----------
    needs : sequence of Neighbour
        What the next path would need, as far as it was looked at.
    curve : YardCurve or None
        None: no curve was asked for.
    pictures : sequence of (str, str)
        A caption and the text of an SVG file each, of the timetable.
    """
    scenario, why = found.scenario, why_lines(found)
    return html_page(
        f"How many train paths fit: {scenario.title or scenario.name}",
        f"{window_text(found)}; times local, {scenario.time_zone} where no station is named",
        [
            Chapter("In short", _verdict(found, needs, curve)),
            Chapter("Trains of the mix", [_classes(found)]),
            Chapter("Why no more fit" if found.trains else "Why", [Points(why)] if why else []),
            Chapter("What the next path needs", _needs(found, needs)),
            Chapter("Places", [_places(found)] if found.places else []),
            Chapter("The yard's curve", [] if curve is None else _curve(found, curve)),
            Chapter("Timetable", _timetable(found, pictures)),
            Chapter("Assumptions", [Points(_assumed(found, settings, bool(needs) or curve is not None))]),
        ],
    )


def _verdict(found: Saturation, needs: Sequence[Neighbour], curve: YardCurve | None) -> list[Block]:
    first = f"{headline(found)}."
    if not found.proven:
        first += f" The greatest number lies between {found.trains} and {found.bound}: a longer search may tell."
    blocks: list[Block] = [Paragraph(first, verdict=True, bad=not found.trains)]
    if needs:
        blocks.append(Paragraph(f"{needs_text(found, needs)}."))
    if curve is not None:
        axis = curve.variation.axis(found.scenario)
        notes = curve_notes(curve.variation, curve.points)
        blocks += [Paragraph(f"Against {axis}: {text[:1].lower()}{text[1:]}.") for text in notes]
    return blocks


def _classes(found: Saturation) -> Cells:
    types = found.scenario.train_types
    told = len(CLASS_HEAD) - found.freely  # the last column is the share
    rows = [
        (*cells[:told], types[one.request.train_type].name, one.id)
        for cells, one in zip(class_cells(found), found.mix.classes, strict=True)
    ]
    caption = f"{counted(found.trains, 'train')}. {_kept(found)}"
    return Cells((*CLASS_HEAD[:told], "name of the type", "class"), rows, caption)


def _kept(found: Saturation) -> str:
    mix = found.mix
    if len(mix.classes) == 1:
        return "All trains are of one class."
    if found.freely:
        return "The classes of trains are chosen freely, for the most trains in all."
    shares = " : ".join(str(weight) for weight in mix.weights)
    return f"The mix of {shares} is kept: whole rounds of {counted(mix.round, 'train')}, and a part of one more."


def _needs(found: Saturation, needs: Sequence[Neighbour]) -> list[Block]:
    if not needs:
        return [Paragraph(_UNSEEN)] if found.timetable is not None else []
    caption = "One thing changed at a time; each looked at by itself for one train more"
    return [Cells(("change", "outcome", "looked at for"), neighbour_cells(needs), caption)]


_UNSEEN = "This was not looked at: it was not asked for, or there was no time left for it."


def _places(found: Saturation) -> Cells:
    rows = [
        (name, _KINDS[place.kind], room, hm(place.need_s(found.counts)), free, share)
        for (name, room, share, free), (place, _) in zip(place_cells(found), tightest(found), strict=True)
    ]
    full = set(full_places(found))
    marked = frozenset(number for number, (place, _) in enumerate(tightest(found)) if place in full)
    name, room, taken, free = PLACE_HEAD
    of = "of that class of which it has room for most" if found.freely else "of the mix"
    caption = (
        f"Room for: trains {of}, if nothing but this place were in their way. Free: when they can be there, less"
        " closures and fixed paths. Taken at least: by the trains found, with the least intervals between them. Full"
        " places are marked."
    )
    return Cells((name, "kind", room, f"{taken} h:mm", free, "share"), rows, caption, marked)


def _curve(found: Saturation, curve: YardCurve) -> list[Block]:
    axis = curve.variation.axis(found.scenario)
    if curve.picture is None:
        return [Paragraph(f"No point of the curve of {axis} was reached in the time.")]
    rows = [
        (str(one.value), str(one.trains), str(one.bound), "yes" if one.proven else "no", bottleneck_text(one))
        for one in curve.points
    ]
    shown = f"Drawing: how many trains fit against {axis}. Its figures stand in the table below."
    return [Picture(curve.picture, shown), Cells((axis, "trains", "at most", "proven", "bottleneck"), rows)]


_BARS = (
    "The bars at the right edge of a train graph tell how much of its open time a section is taken by trains and the"
    " intervals behind them, in the time drawn. The shares of places are of the whole window, with the least intervals."
)


def _timetable(found: Saturation, pictures: Sequence[tuple[str, str]]) -> list[Block]:
    if not found.paths:
        return [Paragraph(_no_timetable(found))]
    assert found.timetable is not None
    labels, stations = train_labels(found.timetable), found.scenario.network.stations
    rows = []
    for path in sorted(found.paths, key=lambda one: (one.departure_s, one.train)):
        first, last = path.calls[0].station, path.calls[-1].station
        rows.append(
            (
                labels[path.train],
                station_name(found.scenario, first),
                stamp(path.departure_s, stations[first].time_zone),
                station_name(found.scenario, last),
                stamp(path.arrival_s, stations[last].time_zone),
                duration(path.journey_s),
            )
        )
    head = ("train", "from", "departs", "to", "arrives", "journey h:mm")
    drawn: list[Block] = [
        Picture(svg, f"Drawing: {caption}. Departures and arrivals stand in the table.", caption)
        for caption, svg in pictures
    ]
    drawn += [Paragraph(_BARS)] if drawn else []
    return [*drawn, Cells(head, rows, "The trains of the mix by departure, each time on the clock of its station")]


def _no_timetable(found: Saturation) -> str:
    if found.proven:
        return "There is none, since no train of the mix fits."
    return "None was found before the search ended."


def _assumed(found: Saturation, settings: Settings, further: bool) -> list[str]:
    fixed, asked = len(found.scenario.fixed_paths), settings.parameters
    took = f"{found.wall_s:.1f} s" + (f", stopped: {found.limit.value}" if found.limit else "")
    limits = [f"time limit {asked.time_limit_s:g} s", counted(asked.threads, "thread"), f"seed {asked.seed}"]
    limits += ["deterministic"] if asked.deterministic else []
    limits += [] if asked.memory_limit_gb is None else [f"memory limit {asked.memory_limit_gb:g} GB"]
    limits += [f"{settings.each_limit_s:g} s for each change or point of a curve"] if further else []
    return [
        f"{window_text(found)}. A train comes onto its first track, runs, and leaves its last track inside it, yard "
        "steps included.",
        _kept(found),
        "Trains may wait on their way as long as the window has room."
        if settings.slack is None
        else f"No journey is longer than {settings.slack:g} times the shortest one of its class.",
        f"Beside the mix {counted(fixed, 'fixed path')} {'runs' if fixed == 1 else 'run'} and cannot be moved."
        if fixed
        else "Nothing runs beside the mix: the scenario has no fixed paths.",
        "Closures, daylight, opening hours, tracks and bankers hold as in the scenario; its own requests for trains do "
        "not take part.",
        "Nothing is kept in reserve: trains run as close as the rules let them, without buffers against delays. What "
        "can be promised day by day is less.",
        "A timetable counts only after it has passed two independent checks; a number is called proven only if no "
        "timetable with more trains exists under these assumptions.",
        f"Solved with the backend {found.backend} in {took}; {', '.join(limits)}.",
    ]
