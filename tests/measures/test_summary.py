"""The summary: numbers by request and type, waits, and the text that a planner reads."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sample_line import free_run, line_scenario, sample_timetable
from sample_yard import asked, border_line, step, train

from railcap.corridor.expand import train_requests
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import Stop
from railcap.corridor.yards import LinkKind, TrainLink, YardProcess, YardStep
from railcap.measures.names import short_id, train_label, train_labels, trains_text
from railcap.measures.summary import summarise
from railcap.measures.summary_text import summary_text
from railcap.planning.cost import CostReport, CostTerms, TrainCost
from railcap.planning.timetable import Call, Refusal, Timetable, TrainPath

SCENARIO = line_scenario(8, per_day=2)
REQUESTS = {request.id: request for request in train_requests(SCENARIO)}


def waiting(path: TrainPath, place: int, seconds: int) -> TrainPath:
    """Hold a train for so long at a call, and shift the rest of its journey."""
    calls = list(path.calls)
    held = calls[place]
    calls[place] = Call(held.station, held.track, held.arrival_s, held.departure_s + seconds, True)
    calls[place + 1 :] = [
        replace(call, arrival_s=call.arrival_s + seconds, departure_s=call.departure_s + seconds)
        for call in calls[place + 1 :]
    ]
    return replace(path, calls=tuple(calls))


def test_numbers_of_a_small_timetable() -> None:
    paths = {name: free_run(SCENARIO, request) for name, request in REQUESTS.items()}
    paths["CONT/2026-03-02/1"] = waiting(free_run(SCENARIO, REQUESTS["CONT/2026-03-02/1"], late_s=600), 2, 1800)
    lost = paths.pop("CONT/2026-03-02/2")
    refusal = Refusal(lost.train, lost.request, lost.number, lost.train_type, "it lost", False)
    fixed = replace(paths["SHORT/2026-03-02/1"], train="F1", request="F1", fixed=True)
    summary = summarise(SCENARIO, Timetable("sample-line", (*paths.values(), fixed), (refusal,)))

    assert (summary.overall.asked, summary.overall.accepted, summary.fixed) == (9, 8, 1)
    assert [(one.name, one.asked, one.accepted) for one in summary.by_request] == [
        ("EXPRESS", 4, 4),
        ("CONT", 4, 3),
        ("SHORT", 1, 1),
    ]
    cont = summary.by_request[1]
    assert (cont.late, cont.late_mean_s, cont.late_max_s) == (1, 200, 600)
    assert cont.journey_mean_s - cont.unimpeded_mean_s == pytest.approx(600)
    assert cont.stretch == pytest.approx(cont.journey_mean_s / cont.unimpeded_mean_s)
    assert summary.by_request[0].journey_mean_s == summary.by_request[0].unimpeded_mean_s
    assert [(one.name, one.asked) for one in summary.by_type] == [("PAX", 4), ("FRT", 5)]
    (wait,) = summary.waits
    assert (wait.train, wait.station, wait.beyond_asked_s) == ("CONT/2026-03-02/1", "s02", 1800)
    assert summary.refused == (refusal,)


def test_a_dwell_that_was_asked_for_is_no_wait() -> None:
    request = REQUESTS["EXPRESS/2026-03-02/1"]
    longer = waiting(free_run(SCENARIO, request), 4, 120)
    summary = summarise(SCENARIO, Timetable("x", (longer,)))
    assert [(wait.station, wait.beyond_asked_s) for wait in summary.waits] == [("s04", 120)]


def test_a_process_that_was_asked_for_is_no_wait() -> None:
    stop = Stop("s04", process="check")
    processes = {"check": YardProcess("check", (YardStep("look", 600), YardStep("weigh", 300, per_wagon_s=30)))}
    kind = replace(SCENARIO.train_types["PAX"], wagons=10)
    express = replace(SCENARIO.requests[0], stops={"s04": stop})
    scenario = replace(
        SCENARIO, processes=processes, requests=(express,), train_types={**SCENARIO.train_types, "PAX": kind}
    )
    path = waiting(free_run(scenario, train_requests(scenario)[0]), 4, 1320)
    # Ten minutes, and five with half a minute for each wagon: twenty; it stands two minutes longer.
    summary = summarise(scenario, Timetable("x", (path,)))
    assert [(wait.station, wait.beyond_asked_s) for wait in summary.waits] == [("s04", 120)]
    assert summary.overall.journey_mean_s - summary.overall.unimpeded_mean_s == 120


def test_an_early_departure_is_not_late() -> None:
    early = free_run(SCENARIO, REQUESTS["SHORT/2026-03-02/1"], late_s=-600)
    overall = summarise(SCENARIO, Timetable("x", (early,))).overall
    assert (overall.late, overall.late_mean_s, overall.late_max_s) == (0, 0, 0)


def test_the_dictionary_is_plain_json() -> None:
    summary = summarise(SCENARIO, sample_timetable(SCENARIO))
    found = json.loads(json.dumps(summary.to_dict()))
    assert found["overall"]["asked"] == 9
    assert found["meets"] == sum(one["meets"] for one in found["stations"])
    assert found["sections"][0]["share"] == summary.sections[0].share


def report(whole: CostTerms, own: CostTerms) -> CostReport:
    return CostReport((TrainCost("t", whole, own),), 60)


def test_the_text_names_what_matters() -> None:
    timetable = sample_timetable(SCENARIO)
    cost = report(CostTerms(60_000, 6_000, 600), CostTerms(0, 0, 600))
    text = summary_text(SCENARIO, summarise(SCENARIO, timetable), cost, 555.0, "stopped at the time limit")
    assert "Accepted 8 of 9 trains asked for; refused 1." in text
    assert "EXPRESS at Station 3" in text
    assert "Planning stopped at the time limit." in text
    (whole,) = [line.split() for line in text.splitlines() if line.startswith("whole")]
    assert whole == ["whole", "1,000", "100", "10.0", "1,110", "555", "50.0", "%"]
    (above,) = [line.split() for line in text.splitlines() if line.startswith("avoidable")]
    assert above[-7:] == ["1,000", "100", "0.0", "1,100", "545", "50.5", "%"]
    assert "whether this one is the best is not proven" in text


def test_a_refusal_with_a_proof_says_so() -> None:
    refusal = Refusal("CONT/2026-03-02/1", "CONT", "", "FRT", "no track is long enough", True)
    text = summary_text(SCENARIO, summarise(SCENARIO, Timetable("x", (), (refusal,))))
    assert "CONT 02/1 (proven): no track is long enough" in text


def test_a_bound_that_meets_the_cost_is_a_proof() -> None:
    cost = report(CostTerms(60, 0, 0), CostTerms())
    text = summary_text(SCENARIO, summarise(SCENARIO, sample_timetable(SCENARIO)), cost, 1.0)
    assert "Proven: no timetable costs less." in text


def test_without_a_cost_there_is_no_word_of_it() -> None:
    assert "weighted" not in summary_text(SCENARIO, summarise(SCENARIO, sample_timetable(SCENARIO)))


def test_an_empty_timetable_has_a_summary() -> None:
    empty = replace(SCENARIO, requests=())
    text = summary_text(empty, summarise(empty, Timetable("x", ())))
    assert "Accepted 0 of 0" in text


def test_the_text_stays_short_however_many_trains() -> None:
    scenario = line_scenario(30, days=3, per_day=24)
    requests = tuple(
        replace(scenario.requests[1], id=f"CONT{number}", per_day=2, every_s=3600 * 9) for number in range(40)
    )
    scenario = replace(scenario, requests=requests)
    timetable = sample_timetable(scenario, refuse_every=2)
    timetable = replace(
        timetable,
        refused=tuple(
            replace(refusal, reason=f"it lost against train {number} " * 3)
            for number, refusal in enumerate(timetable.refused)
        ),
    )
    assert len(timetable.paths) + len(timetable.refused) == 480
    lines = summary_text(scenario, summarise(scenario, timetable)).splitlines()
    assert len(lines) <= 60
    assert max(len(line) for line in lines) <= 120
    assert any("and 28 more requests" in line for line in lines)


@pytest.mark.parametrize(
    ("ident", "short"),
    [
        ("CONT/2026-03-02/1", "CONT 02/1"),
        ("CONT/back/2026-03-14/12", "CONT/back 14/12"),
        ("CONT/2026-03-02/1/light/hill", "CONT 02/1 light hill"),
        ("F1", "F1"),
        ("a/b", "a/b"),
        ("a/b/c", "a/b/c"),
    ],
)
def test_short_ids(ident: str, short: str) -> None:
    assert short_id(ident) == short
    assert train_label(Refusal(ident, "", "", "", "", False)) == short
    assert train_label(Refusal(ident, "", "77", "", "", False)) == "77"


def test_light_engines_are_counted_apart() -> None:
    path = free_run(SCENARIO, REQUESTS["SHORT/2026-03-02/1"])
    light = replace(path, train=f"{path.train}/light/hill", request="hill", light_for=path.train)
    fixed = replace(path, train="F/light/x", request="F/light/x", fixed=True)
    timetable = Timetable("x", (path, light, fixed))
    text = "Accepted 1 of 1 trains asked for, and 1 fixed and 1 light engine; refused 0"
    assert trains_text(timetable) == text
    short = replace(SCENARIO, requests=SCENARIO.requests[-1:])
    summary = summarise(short, timetable)
    assert (summary.overall.accepted, summary.fixed, summary.light_engines) == (1, 1, 1)
    assert [(one.name, one.accepted) for one in summary.by_request] == [("SHORT", 1)]
    assert f"{text}.\n" in summary_text(short, summary)


def test_trains_that_share_a_number_are_told_apart() -> None:
    path = free_run(SCENARIO, REQUESTS["EXPRESS/2026-03-02/1"])
    other = [replace(path, train=f"EXPRESS/{rest}") for rest in ("back/2026-03-02/1", "2026-03-03/1")]
    assert set(train_labels(Timetable("x", (path, other[0]))).values()) == {"11", "11 back"}
    assert set(train_labels(Timetable("x", (path, other[1]))).values()) == {"11 02", "11 03"}


def test_on_double_track_the_track_is_named() -> None:
    network = SCENARIO.network
    double = {one.id: replace(one, tracks=2) for one in network.sections.values()}
    scenario = replace(SCENARIO, network=replace(network, sections=double))
    text = summary_text(
        scenario, summarise(scenario, Timetable("x", (free_run(scenario, REQUESTS["CONT/2026-03-02/1"]),)))
    )
    assert ", track 1 " in text


def border_timetable() -> tuple[Scenario, Timetable]:
    """Return two trains that are unloaded one after the other; what they bring goes on with a third one."""
    scenario = border_line(
        asked("IN", "A-Y", "5:00", "unload", per_day=2, every_s=1800),
        asked("OUT", "Y-Z", "9:00", "load"),
        links=(TrainLink("cargo", LinkKind.TRANSSHIPMENT, "IN", "OUT", first_count=2),),
    )
    paths = (
        train(
            "IN/1",
            ("A", "1", "5:00", "5:00"),
            ("B", "1", "5:13", "5:13"),
            (
                "Y",
                "1",
                "5:26",
                "6:56",
                step("customs", "1", "5:26", "5:56"),
                step("unload", "K", "5:56", "6:56", "crane"),
            ),
        ),
        train(
            "IN/2",
            ("A", "1", "5:30", "5:30"),
            ("B", "1", "5:43", "5:43"),
            (
                "Y",
                "1",
                "5:57",
                "7:57",
                step("customs", "1", "5:57", "6:27"),
                step("unload", "K", "6:57", "7:57", "crane"),
            ),
        ),
        train(
            "OUT",
            ("Y", "1", "8:00", "9:10", step("load", "1", "8:00", "9:00", "crane"), step("brakes", "1", "9:00", "9:10")),
            ("Z", "1", "9:23", "9:23"),
        ),
    )
    return scenario, Timetable("border", paths)


def test_the_text_says_what_limits_a_border() -> None:
    scenario, timetable = border_timetable()
    lines = summary_text(scenario, summarise(scenario, timetable)).splitlines()

    def row(begin: str) -> list[str]:
        return next(line for line in lines if line.startswith(begin)).removeprefix(begin).split()

    # 66 minutes on the line, 90 + 90 + 70 of steps, 29 of waiting for the crane, and one more for its track.
    assert row("running") == ["1.1", "19", "%", "3"]
    assert row("step: unload") == ["2.0", "35", "%", "2", "1:00", "Border"]
    assert row("wait: queue for crane") == ["0.5", "8", "%", "1", "0:29", "Border"]
    assert row("crane (1) at Border")[:7] == ["3", "3.0", "24.0", "12", "%", "12", "%"]
    assert row("IN > OUT") == ["1", "3:53", "3:53", "0:40", "0:00", "2:40", "0:30", "0:03"]
    assert any(line.startswith("Border has room: the busiest is crane, busy 12 %") for line in lines)


def test_only_borders_have_their_sections() -> None:
    text = summary_text(SCENARIO, summarise(SCENARIO, sample_timetable(SCENARIO)))
    assert "Where the time" not in text and "Yard resources" not in text and "From train to train" not in text


def test_the_dictionary_of_a_border_is_plain_json() -> None:
    found = json.loads(json.dumps(summarise(*border_timetable()).to_dict()))
    assert found["yards"][0]["resources"][0]["load"]["busy_s"] == 3 * 3600
    assert {use["what"] for use in found["times"] if use["doing"] == "wait"} == {"queue for crane", "yard tracks"}
    assert found["chains"][0]["ways"] == ["IN", "OUT"]


def test_a_full_yard_is_called_by_its_name() -> None:
    scenario = border_line(asked("THROUGH", "A-Y", "5:00"), asked("IN", "A-Y", "4:00", "unload", per_day=2), tracks=1)
    paths = (
        *(
            train(f"IN/{n}", ("A", "1", "4:00", "4:00"), ("B", "1", "4:13", "4:13"), ("Y", track, "4:26", "7:00"))
            for n, track in ((1, "1"), (2, "K"))
        ),
        train("THROUGH", ("A", "1", "5:00", "5:00"), ("B", "1", "5:13", "6:48"), ("Y", "1", "7:01", "7:01")),
    )
    text = summary_text(scenario, summarise(scenario, Timetable("border", paths)))
    assert "wait: yard full at Border" in text
    assert "its tracks full for 2:35; 1 train held out on the line for 1:35." in " ".join(text.split())
