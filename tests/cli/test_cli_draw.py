import re

import pytest
from sample_line import free_run

import railcap
from railcap.api import PAGES
from railcap.corridor.expand import train_requests
from railcap.formats.timetable_json import write_timetable
from railcap.planning.timetable import Timetable
from railcap_app.cli.main import run

SCENARIO = "chaman-yard-day"
PART = ["--stations", "quetta, pk_chaman", "--from", "2026-03-02 06:30", "--until", "2026-03-02 11:00"]


@pytest.fixture(scope="module")
def timetable(tmp_path_factory):
    """The file of a timetable of a shipped scenario: its trains on Monday, each as if it were alone."""
    scenario = railcap.load(SCENARIO)
    paths = tuple(free_run(scenario, request) for request in train_requests(scenario))
    path = tmp_path_factory.mktemp("planned") / "timetable.json"
    write_timetable(Timetable(SCENARIO, paths), path)
    return path


def texts(path):
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text())


def test_draw_draws_a_part_of_line_and_time(timetable, tmp_path, capfd):
    for name in (PAGES, "yard_chart_af_spin_boldak.pdf", "mine.pdf"):
        (tmp_path / name).write_text("of an earlier run")
    assert run(["draw", SCENARIO, str(timetable), "--out", str(tmp_path), *PART]) == 0
    drawn = "train_graph", "track_occupation", "yard_chart_pk_chaman"
    names = {f"{name}.{suffix}" for name in drawn for suffix in ("svg", "pdf", "png")}
    assert {path.name for path in tmp_path.iterdir()} == {*names, "mine.pdf"}
    assert {line.rpartition("/")[2] for line in capfd.readouterr().out.splitlines()} == names
    graph = texts(tmp_path / "train_graph.svg")
    assert {"Quetta  865", "Chaman  1007"} <= set(graph) and not any("Kandahar  " in text for text in graph)
    assert {"Chaman", "Spin Boldak"} & set(texts(tmp_path / "track_occupation.svg")) == {"Chaman"}
    for name in drawn:
        clocks = {text for text in texts(tmp_path / f"{name}.svg") if re.fullmatch(r"\d\d:00", text)}
        assert {"07:00", "11:00"} <= clocks and not {"05:00", "12:00"} & clocks


def test_draw_until_a_moment_begins_with_the_first_train(timetable, tmp_path):
    assert run(["draw", SCENARIO, str(timetable), "--out", str(tmp_path), "--until", "2026-03-02 04:00"]) == 0
    clocks = [text for text in texts(tmp_path / "yard_chart_pk_chaman.svg") if re.fullmatch(r"\d\d:00", text)]
    assert {"02:00", "04:00"} <= set(clocks) and "05:00" not in clocks


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--stations", "Quetta"], r"--stations \('Quetta'\): give two stations with a comma"),
        (["--stations", "Quetta,Camman"], r"--stations \('Camman'\): give the id .*did you mean 'Chaman'"),
        (["--stations", "Karachi,Quetta"], r"--stations \('Karachi'\): .*pk_karachi_city, pk_karachi_cantonment"),
        (["--stations", "Chaman,pk_chaman"], r"--stations \('Chaman,pk_chaman'\): name two different stations"),
        (["--stations", "Beyneu,Chaman"], r"--stations .*of the line from pk_quetta to af_kandahar"),
        (["--from", "06:30"], r"--from \('06:30'\): this is not a moment; write it like 2026-03-02 06:30"),
        (["--from", "2026-03-09 00:00"], r"--from .*no train runs any more; give a moment before 2026-03-0"),
        (["--until", "2026-03-01 00:00"], r"--until .*no train runs yet; give a moment after 2026-03-02 02:30"),
        (["--from", "2026-03-02 08:00", "--until", "2026-03-02 08:00"], r"--until .*after --from 2026-03-02 08:00"),
        (["--from", "x", "--stations", "y"], r"(?s)--stations \('y'\).*--from \('x'\)"),
    ],
)
def test_a_part_that_cannot_be_drawn_is_told_with_its_option(timetable, tmp_path, capfd, options, told):
    out = tmp_path / "out"
    assert run(["draw", SCENARIO, str(timetable), "--out", str(out), *options]) == 2
    assert re.search(told, capfd.readouterr().err)
    assert not out.exists()


def test_the_beginning_of_a_name_will_do_where_there_is_only_one(timetable, tmp_path):
    assert run(["draw", SCENARIO, str(timetable), "--out", str(tmp_path), "--stations", "spin b,KANDAHAR"]) == 0
    assert (tmp_path / "yard_chart_af_spin_boldak.svg").exists()
    assert not (tmp_path / "yard_chart_pk_chaman.svg").exists()
