"""How trains are called in the drawings, and in which colour they are drawn."""

from __future__ import annotations

from railcap.corridor.scenario import Scenario
from railcap.drawing.colours import FIXED, request_colours
from railcap.measures.names import train_labels
from railcap.planning.timetable import Timetable, TrainPath


class TrainNames:
    """Names and colours of the trains of a timetable; a light engine has the colour of the train that it has helped."""

    def __init__(self, scenario: Scenario, timetable: Timetable) -> None:
        self._names = train_labels(timetable)
        self._colours = request_colours(scenario)
        self._requests = {path.train: path.request for path in timetable.paths}

    def name(self, path: TrainPath) -> str:
        """Return a train's number or id, with what tells it from others."""
        return self._names[path.train]

    def short(self, path: TrainPath) -> str:
        """Return what is written where there is no room for the name: the number, or the last part of the id."""
        return self.name(path) if path.number else self.name(path).rpartition(" ")[2]

    def colour(self, path: TrainPath) -> str:
        """Return the colour of a train's request; that of fixed paths if it has none."""
        request = self._requests.get(path.light_for, path.request)
        return FIXED if path.fixed else self._colours.get(request, FIXED)
