"""Cargo followed from train to train: each chain as a bar of what its time goes to, and the means by kind of chain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.corridor.ties import ends_of
from railcap.corridor.yards import LinkKind
from railcap.drawing.colours import ink_on
from railcap.drawing.journey_rows import GROUP, HEAD, blocks, refused_ties
from railcap.drawing.journey_uses import RUNNING, JourneyUses, Use
from railcap.drawing.legend import Legend, draw_legend, legend_below, refused_lines
from railcap.drawing.rows import TOP_IN, draw_heads
from railcap.drawing.saving import output_paths, save
from railcap.drawing.stay_labels import text_in_bar
from railcap.drawing.strokes import LABEL_PT, MINOR, TICK_PT, Edge, draw_grid, draw_ticks, hide_axis
from railcap.drawing.texts import Lift, OneText, write_texts
from railcap.drawing.time_axis import zone_text
from railcap.drawing.train_names import TrainNames
from railcap.measures.chains import Chain, ChainGroup, chain_groups, chains
from railcap.measures.fit import must_fit
from railcap.measures.holds import yard_stations
from railcap.measures.names import station_name
from railcap.measures.standing import Doing, TrainTime, standing
from railcap.measures.text_columns import counted, hm, more, short
from railcap.planning.timetable import Timetable
from railcap.units import HOUR_S, local

_LEFT_IN, _INNER_IN, _ROW_IN = 3.1, 13.0, 0.29
_EDGE_IN, _BESIDE_IN, _HOUR_IN = 0.25, 0.3, 0.55
_MOST_GROUPS = 12
_MEAN, _BELOW = 1.25, 1.1  # rows of a mean bar, and between the means and the chains
_MEAN_BAR, _BAR, _LIFT = 0.8, 0.46, 0.12  # heights of bars, and how far those of chains stand above their place
_EDGED_PT, _STUB_PT, _LETTER = 3.0, 11.0, 0.62
_ROW_PT, _PLACE_PT, _MEAN_PT = 6.5, 5.0, 7.5
_DARK, _GREY, _RED = "#1A1A1A", "#555555", "#B71C1C"
_REFUSED: dict[str, Any] = {"facecolor": "#FFEBEE", "edgecolor": _RED, "hatch": "//////", "linewidth": 0.6}
_CHANGE: dict[str, Any] = {"marker": "|", "markersize": 13.0, "markeredgewidth": 1.3, "color": _DARK}
_BORDER: dict[str, Any] = {"marker": "D", "markersize": 4.2, "color": "white", "markeredgecolor": _DARK}
_STEPS_H = (1, 2, 3, 6, 12, 24, 48, 96, 192)


def has_journeys(scenario: Scenario) -> bool:
    """Return whether a timetable of a scenario can have chains: whether a link hands cargo or rakes on."""
    return any(link.kind is not LinkKind.CONNECTION for link in scenario.links)


def draw_journeys(scenario: Scenario, timetable: Timetable, path: str | Path | Sequence[str | Path]) -> list[Path]:
    """Draw the chains of trains that take on each other's cargo or rakes (`railcap.measures.chains`), if there are any.

    At the top the mean of each kind of chain by what its time goes to, below a bar for each chain from its begin to its
    end, both in hours since the begin. Of very many chains the longest of each kind are drawn; means and totals are of
    all. Refused trains that are tied to those of a chain stand at its end.

    Parameters
    ----------
    path : str, Path or several
        File to write, by its suffix SVG, PDF or PNG; one path without such a suffix: all three.

    Returns
    -------
    list of Path
        The files; none if the timetable has no chains.

    Raises
    ------
    InputError
        If the timetable does not belong to the scenario.
    OutputError
        If a file cannot be written.
    """
    paths = output_paths(path)
    must_fit(scenario, timetable)
    if not has_journeys(scenario):
        return []
    times = standing(scenario, timetable)
    found = chains(scenario, timetable, times)
    return save(lambda: _Journeys(scenario, timetable, times, found).figure(), paths) if found else []


class _Journeys:
    """The picture as it is being drawn; one unit across is an hour, one unit down a row."""

    def __init__(
        self, scenario: Scenario, timetable: Timetable, times: Iterable[TrainTime], found: Sequence[Chain]
    ) -> None:
        self._scenario, self._chains = scenario, found
        self._begins = {time.train: time.begin_s for time in times}
        self._names = TrainNames(scenario, timetable)
        self._paths = {path.train: path for path in timetable.paths}
        self._refusals = refused_ties(scenario, timetable)
        self._uses = JourneyUses(scenario, found)
        self._yards = frozenset(yard_stations(scenario))
        self._kinds = chain_groups(found)
        self._groups = self._kinds[:_MOST_GROUPS]
        self._blocks = blocks(self._groups, found, len(self._groups) * (HEAD + _MEAN) + _BELOW)
        box = refused_lines(replace(timetable, refused=self._refusals.all))
        self._refused_lines = [line.replace("Refused:", "Refused, of those that links tie:") for line in box]
        self._bars: dict[Use, list[tuple[float, float, float, float]]] = defaultdict(list)
        self._inside: list[OneText] = []
        self._beside: list[OneText] = []
        self._heads: list[tuple[str, float]] = []
        self._yard_lines: list[tuple[float, float, float]] = []
        self._changes: list[tuple[float, float]] = []
        self._borders: list[tuple[float, float]] = []
        self._stubs: list[tuple[float, float]] = []
        self._hours = max(chain.seconds for block in self._blocks for chain in block.shown) / HOUR_S
        self._per_hour = _INNER_IN * 72 / self._hours
        self._right_pt = 0.0

    def figure(self) -> Any:
        """Draw all and return the figure."""
        from matplotlib.figure import Figure

        for number, group in enumerate(self._groups):
            self._add_mean(group, number * (HEAD + _MEAN))
        for block in self._blocks:
            kind = block.group
            cut = "" if len(block.shown) == kind.chains else f", the {len(block.shown)} longest of {kind.chains}"
            self._heads.append((" > ".join(kind.ways) + cut, block.head))
            for place, chain in block.places:
                self._add_chain(chain, place)
        bottom = self._blocks[-1].end - GROUP
        width = _LEFT_IN + _INNER_IN + self._right_pt / 72 + _BESIDE_IN
        legend = legend_below(self._handles(), width, self._refused_lines)
        rows_in = (bottom + 1.0) * _ROW_IN
        size = width, TOP_IN + rows_in + legend.height_in
        figure = Figure(figsize=size, facecolor="white")
        inside = _LEFT_IN / size[0], legend.height_in / size[1], _INNER_IN / size[0], rows_in / size[1]
        axes = figure.add_axes(inside)
        axes.set_xlim(0, self._hours)
        axes.set_ylim(bottom, -1.0)
        for side in axes.spines.values():
            side.set_visible(False)
        self._draw_hours(axes)
        self._draw(axes)
        self._finish(figure, legend, size)
        return figure

    def _add_mean(self, group: ChainGroup, head: float) -> None:
        """Add the mean of chains of a kind by what their time goes to."""
        ends = ends_of(self._scenario, group.ways[0])[0], ends_of(self._scenario, group.ways[-1])[1]
        way = " - ".join(station_name(self._scenario, station) for station in ends)
        self._heads.append((f"{' > '.join(group.ways)}    {way}", head))
        place, begin = head + HEAD, 0.0
        for use, seconds in self._uses.sums([(one.doing, one.what, one.seconds) for one in group.uses]).items():
            mean_s = seconds / group.chains
            end = begin + mean_s / HOUR_S
            self._bars[use].append((begin, end, place - _MEAN_BAR / 2, _MEAN_BAR))
            self._add_inside(hm(mean_s), (begin, end), place, use)
            begin = end
        count = f"mean of {group.chains} chains" if group.chains > 1 else "1 chain"
        self._beside.append(OneText(count, (0, place), _MEAN_PT, _DARK, "right", shift=(-LABEL_PT, 0)))
        text = f"{hm(group.mean_s)}, longest {hm(group.longest_s)}" if group.chains > 1 else hm(group.mean_s)
        self._add_behind(text, (begin, place), _MEAN_PT, _DARK, LABEL_PT)

    def _add_chain(self, chain: Chain, place: float) -> None:
        """Add a chain: what it does, where it stands and for how long, where it changes trains and crosses borders."""
        middle = place - _LIFT
        for use, some in groupby(chain.parts, key=lambda part: self._uses.use(part.doing, part.what)):
            parts = list(some)
            span = self._x(chain, parts[0].from_s), self._x(chain, parts[-1].until_s)
            self._bars[use].append((*span, middle - _BAR / 2, _BAR))
            if use != RUNNING:
                self._add_inside(hm(parts[-1].until_s - parts[0].from_s), span, middle, use)
        for station, some in groupby(chain.parts, key=lambda part: part.place):
            parts = list(some)
            span = self._x(chain, parts[0].from_s), self._x(chain, parts[-1].until_s)
            if parts[0].doing is Doing.RUNNING:
                self._borders += [(sum(span) / 2, middle)] * self._is_border(station)
                continue
            in_yard = station in self._yards
            self._yard_lines += [(*span, middle + _BAR / 2 + 0.1)] * in_yard
            self._add_place(station_name(self._scenario, station), span, place, _DARK if in_yard else _GREY)
        self._changes += [(self._x(chain, self._begins[train]), middle) for train in chain.trains[1:]]
        self._add_names(chain, middle)
        self._add_ends(chain, middle)

    def _add_names(self, chain: Chain, middle: float) -> None:
        """Add the trains of a chain, and when the first one departs."""
        first, *later = (self._paths[train] for train in chain.trains)
        names = short(" > ".join([self._names.name(first), *map(self._names.short, later)]), 36)
        moment = local(chain.departure_s, self._scenario.time_zone)
        clock = f"{moment:%a} {moment.day} {moment:%b %H:%M}"
        left, right = (_EDGE_IN - _LEFT_IN) * 72, -LABEL_PT - _STUB_PT
        self._beside.append(OneText(names, (0, middle), _ROW_PT, _DARK, "left", shift=(left, 0)))
        self._beside.append(OneText(clock, (0, middle), _ROW_PT, _GREY, "right", shift=(right, 0)))

    def _add_ends(self, chain: Chain, middle: float) -> None:
        """Add how long a chain takes, and the refused trains that are tied to it."""
        end = self._x(chain, chain.end_s)
        shift = LABEL_PT
        if chain.trains[0] in self._refusals.before:
            self._stubs.append((-_STUB_PT / self._per_hour, middle))
        if chain.trains[-1] in self._refusals.after:
            self._stubs.append((end, middle))
            shift += _STUB_PT
        total, refused = hm(chain.seconds), self._refusals.text(chain)
        shift = self._add_behind(total, (end, middle), _ROW_PT, _DARK, shift) + 2 * LABEL_PT
        if refused:
            self._add_behind(refused, (end, middle), _ROW_PT, _RED, shift)

    def _add_behind(self, text: str, at: tuple[float, float], size: float, colour: str, shift: float) -> float:
        """Add a text behind a bar; return how many points from the end of the bar it ends."""
        self._beside.append(OneText(text, at, size, colour, "left", shift=(shift, 0)))
        end = shift + len(text) * _LETTER * size
        self._right_pt = max(self._right_pt, end - (self._hours - at[0]) * self._per_hour)
        return end

    def _x(self, chain: Chain, time_s: int) -> float:
        return (time_s - chain.begin_s) / HOUR_S

    def _is_border(self, section: str) -> bool:
        """Return whether a section leads from one country to another."""
        known = self._scenario.network.sections[section]
        here, there = (self._scenario.network.stations[one].country for one in (known.start, known.end))
        return bool(here and there) and here != there

    def _add_inside(self, text: str, span: tuple[float, float], place: float, use: Use) -> None:
        """Add a text in a bar, where it fits."""
        if (written := text_in_bar(text, span, place, self._per_hour, ink_on(use.colour))) is not None:
            self._inside.append(written)

    def _add_place(self, name: str, span: tuple[float, float], place: float, colour: str) -> None:
        """Add where a chain stands, below its bar, where there is room."""
        if len(name) * _LETTER * _PLACE_PT <= (span[1] - span[0]) * self._per_hour:
            self._beside.append(OneText(name, (sum(span) / 2, place + 0.36), _PLACE_PT, colour))

    def _draw_hours(self, axes: Any) -> None:
        """Draw the hours since the begin, along the bottom and the top."""
        hide_axis(axes.xaxis)
        hide_axis(axes.yaxis)
        step = next((one for one in _STEPS_H if self._hours / one * _HOUR_IN <= _INNER_IN), _STEPS_H[-1])
        places = [float(hour) for hour in range(0, int(self._hours) + 1, step)]
        draw_grid(axes, places, "x", "#D5D5D5", 0.4)
        draw_grid(axes, [place for place in places if place and place % 24 == 0], "x", "#A0A0A0", 0.9)
        edges: tuple[tuple[Edge, Lift, int], ...] = ("bottom", "top", 0), ("top", "bottom", 1)
        for edge, lift, y in edges:
            draw_ticks(axes, places, edge, width=MINOR)
            shift = 0.0, (2 * y - 1) * (TICK_PT + LABEL_PT)
            texts = [OneText(f"{place:.0f} h", (place, y), 7.0, _DARK, lift=lift, shift=shift) for place in places]
            write_texts(axes, texts, zorder=1.5, transform=axes.get_xaxis_transform())

    def _draw(self, axes: Any) -> None:
        """Draw what has been added."""
        from matplotlib.collections import LineCollection, PolyCollection

        for use, bars in self._bars.items():
            boxes = [_box(*bar) for bar in bars]
            edges = [0.4 if (end - begin) * self._per_hour > _EDGED_PT else 0.0 for begin, end, _, _ in bars]
            style: Any = {"facecolors": use.colour, "edgecolors": "white", "linewidths": edges, "zorder": 2}
            axes.add_collection(PolyCollection(boxes, **style), autolim=False)
        lines = [[(begin, y), (end, y)] for begin, end, y in self._yard_lines]
        axes.add_collection(LineCollection(lines, colors=_DARK, linewidths=1.2, zorder=2.5), autolim=False)
        marks = {"linestyle": "none", "zorder": 3, "clip_on": False}
        for points, mark in ((self._changes, _CHANGE), (self._borders, _BORDER)):
            axes.plot([x for x, _ in points], [y for _, y in points], **marks, **mark)
        stub = _STUB_PT / self._per_hour
        boxes = [_box(x, x + stub, y - _BAR / 2, _BAR) for x, y in self._stubs]
        refused = PolyCollection(boxes, zorder=2, clip_on=False, **_REFUSED)
        axes.add_collection(refused, autolim=False)
        axes.axhline(self._blocks[0].head - _BELOW * 0.72, color="#999999", linewidth=0.8, zorder=1)
        for text, place in self._heads:
            axes.text(0, place, text, fontsize=8, fontweight="bold", va="center", zorder=3)
        write_texts(axes, self._inside, zorder=3.5)
        write_texts(axes, self._beside, zorder=1.8, ground=True)

    def _handles(self) -> list[Any]:
        """Return the kinds of use with their part of the time of all chains, and the marks."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        whole = sum(self._uses.totals.values())
        handles: list[Any] = [
            Patch(facecolor=use.colour, label=f"{use.name}: {hm(seconds)}, {100 * seconds / whole:.0f} %")
            for use, seconds in self._uses.totals.items()
        ]
        handles.append(Line2D([], [], linestyle="none", **_CHANGE, label="goes on with the next train"))
        if self._borders:
            handles.append(Line2D([], [], linestyle="none", **_BORDER, label="crosses a border"))
        if self._yard_lines:
            handles.append(Line2D([], [], color=_DARK, linewidth=1.2, label="in a yard"))
        if self._stubs:
            handles.append(Patch(**_REFUSED, label="a train before or after was refused"))
        return handles

    def _finish(self, figure: Any, legend: Legend, size: tuple[float, float]) -> None:
        scenario, count = self._scenario, len(self._chains)
        zone = zone_text(min(chain.departure_s for chain in self._chains), scenario.time_zone)
        heads = [
            f"{counted(count, 'chain')} of trains that take on cargo or rake of the one before",
            f"hours and minutes from when the first one sets out, its departure in local time of {zone}",
            *(f"{line.strip()}, not drawn" for line in more(len(self._kinds) - len(self._groups), "kinds of chains")),
        ]
        draw_heads(figure, f"From train to train: {scenario.title or scenario.name}", "; ".join(heads), size)
        draw_legend(figure, legend, size)


def _box(begin: float, end: float, top: float, height: float) -> list[tuple[float, float]]:
    return [(begin, top), (end, top), (end, top + height), (begin, top + height)]
