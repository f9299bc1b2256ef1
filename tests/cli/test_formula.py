"""`railcap formula`: figures as planners type them, and every mistake of theirs told at once."""

import json

import pytest

from railcap.measures.formulas.catalogue import FORMULAS
from railcap_app.cli.main import run

LINE = ["t1=24", "t2=25", "tau_np=4", "tau_s=1", "t_r=2", "t_z=1"]


def printed(capfd, code=0, *arguments):
    assert run(["formula", *arguments, "--json"]) == code
    out = capfd.readouterr().out
    assert out.count("\n") == 1, "one JSON object and nothing else"
    return json.loads(out)


def told(capfd, *arguments):
    assert run(["formula", *arguments]) == 0
    return capfd.readouterr().out


def faults(capfd, *arguments):
    issues = printed(capfd, 2, *arguments)["error"]["issues"]
    return {(issue["where"], issue["value"]): issue["message"] for issue in issues}


@pytest.mark.parametrize(
    ("arguments", "figure"),
    [
        (["scott", "T=20", "t=100", "E=.75"], {"trains": 9}),
        (["scott", "running_min=10", "block_min=2", "efficiency=0.9"], {"trains": 108}),
        (["cis-period", *LINE], {"period_min": 55, "scheme": "B", "a_min": [59], "c_min": [57]}),
        (["cis-single", "t1=18,24", "t2=19,25", *LINE[2:]], {"max_pairs": 26, "limiting_section": 2}),
        (["cis-traffic", "N=30", "others=passenger:2,local:1", "eps=passenger:1.5"], {"removed_pairs": 4.9}),
        (["uic-406", "occupancy=4500", "W=7200", "additional=900"], {"consumption_share": 0.75}),
        (["compression", "blocking=0-60,60-120/600-660,660-720", "W=720"], {"open_s": 180, "cycle_s": 120}),
        (["compression", "blocking=0-60,60-120/600-660,", "W=720"], {"open_s": 120, "cycle_s": 120}),
        (["occupation", "reservations=100-300, 200-400", "W=1000"], {"occupied_share": 0.3}),
        (["headways", "h=90,120/180,90"], {"cycle_s": 300, "trains_per_hour": 24}),
        (["headways", "h=90,120/180,90", "order=1,1,2"], {"cycle_s": 390}),
        (["platforms", "t_p=180", "t_t=50", "n=3"], {"interval_s": 60}),
        (["clearing", "L=1000", "l=200", "v=72", "t_e=30"], {"blocking_s": 90, "trains_per_hour": 40}),
        (["allowance", "t=10", "L=42", "a=5"], {"scheduled_min": 12.1}),
    ],
)
def test_a_formula_gives_its_figures_as_json(capfd, arguments, figure):
    answer = printed(capfd, 0, *arguments)
    assert {name: answer["result"][name] for name in figure} == figure
    assert set(answer["units"]) == set(answer["result"])
    assert answer["assumptions"] and answer["source"]


def test_people_see_the_figure_first_then_what_went_in_then_what_is_assumed(capfd):
    lines = told(capfd, "cis-single", *LINE, "others=passenger:2", "N_fr=13").splitlines()
    assert lines[0].startswith("23 pairs/day  Available capacity")
    assert any(line.split()[:3] == ["period_min", "55", "min"] for line in lines)
    taken, by = lines.index("From"), lines.index("By")
    assert any("table: cis reliability single; 0.9 to 0.96 is seen" in line for line in lines[taken:by])
    assert any(line.split()[:3] == ["t1", "24", "min"] for line in lines[taken:by])
    assert any(line.startswith("  Source: ") for line in lines[by:])


def test_minutes_that_are_not_whole_are_shown_with_seconds(capfd):
    assert told(capfd, "allowance", "t=10", "L=42", "a=5").startswith("12.1 min (0:12:06)  ")


def test_an_answer_names_the_rows_of_the_table_that_it_used(capfd):
    answer = printed(capfd, 0, "uic-406", "occupancy=3000", "W=7200", "traffic=suburban", "period=peak")
    (row,) = answer["thresholds"]
    assert (row["input"], row["administration"], row["case"], row["typical"]) == (
        "occupancy_rate",
        "uic",
        "suburban/peak",
        0.85,
    )
    assert "406" in row["source"]


def test_without_a_name_all_are_listed_with_inputs_units_and_sources(capfd):
    text = told(capfd)
    assert all(f"{name}: {one.about.title}" in text for name, one in FORMULAS.items())
    assert "T (min), t (min); from the table: E (share), S (share); optional: N (trains)" in text
    assert text.count("  Source: ") == len(FORMULAS)
    listed = printed(capfd)["formulas"]
    assert [one["name"] for one in listed] == list(FORMULAS)
    for one in listed:
        assert all(put["meaning"] and put["range"] and put["form"] for put in one["inputs"])


@pytest.mark.parametrize("name", FORMULAS)
def test_about_tells_each_input_its_range_and_what_is_assumed(capfd, name):
    text = " ".join(told(capfd, name, "--about").split())
    for put in FORMULAS[name].inputs:
        assert f"{put.name}: {put.meaning}" in text
        assert put.quantity.range_text in text
    assert all(f"- {one}" in text for one in FORMULAS[name].about.assumptions)
    assert printed(capfd, 0, name, "--about")["name"] == name


def test_every_mistake_is_told_at_once_with_the_remedy(capfd):
    found = faults(
        capfd, "cis-single", "t1=x", "t2=1,2", "tau_sn=3", "tau_s=-1", "t_r=", "alpha=90", "t2=3", "loops", "k=1.5"
    )
    assert found.keys() == {
        ("running_there_min (t1)", "x"),
        ("tau_sn", ""),
        ("crossing_min (tau_s), number 1", "-1"),
        ("start_min (t_r)", ""),
        ("reliability (alpha)", "90"),
        ("running_back_min (t2)", "3"),
        ("loops", ""),
        ("packet (k)", "1.5"),
        ("non_simultaneous_min (tau_np)", ""),
        ("stop_min (t_z)", ""),
    }
    assert "did you mean 'tau_s'" in found["tau_sn", ""]
    assert "write a fraction, 0.75 for 75 %" in found["reliability (alpha)", "90"]
    assert "t_z=... in min, supplement for braking" in found["stop_min (t_z)", ""]
    assert "at least 0 and at most 10,080 min" in found["crossing_min (tau_s), number 1", "-1"]
    assert "key=value" in found["loops", ""]


@pytest.mark.parametrize(
    ("arguments", "where", "words"),
    [
        (["scott", "T=20,5", "t=2"], "running_min (T)", "decimals with a point"),
        (["scott", "T=2O", "t=2"], "running_min (T)", "not a number"),
        (["scott", "T=20", "t=2", "speed=3"], "speed", "it takes T, t, E, S, N, administration"),
        (["scott", "T=20", "t=2", "administration=france"], "administration", "there are india, pakistan"),
        (["scott", "T=20", "t=2", "E=75%"], "efficiency (E)", "write a fraction, 0.75 for 75 %"),
        (["scott", "T=20", "t=2", "=3"], "=3", "not key=value"),
        (["scott", "T=20", "t=nan"], "block_min (t)", "not a number"),
        (["scott", "T=20", "t=1e999"], "block_min (t)", "not a number"),
        (["headways", "h=90;120/180;90"], "headways_s (h)", "'90;120' is not a number"),
        (["occupation", "reservations=100:300", "W=1000"], "reservations_s (reservations)", "write begin-end"),
        (["cis-traffic", "N=30", "others=passenger"], "others (N_c)", "passenger:2,local:1"),
        (["cis-traffic", "N=30", "others=local:2,local:1"], "others (N_c)", "twice"),
        (["cis-traffic", "N=30", "others=mail:2"], "others (N_c)", "there are express, local, passenger"),
        (["meets", "t_i=600", "t_j=600", "N_i=80", "N_j=80", "H=1440", "d=10"], "delay_min (d)", "fewer than 144"),
        (["skott"], "NAME", "did you mean 'scott'"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_remedy(capfd, arguments, where, words):
    ((place, _), message), *others = faults(capfd, *arguments).items()
    assert (place, others) == (where, [])
    assert words in message


def test_thresholds_of_ones_own_replace_those_that_ship(tmp_path, capfd):
    path = tmp_path / "mine.csv"
    path.write_text("administration,name,case,typical,source,colour\nindia,efficiency,,0.5,our railway,red\n")
    arguments = ["scott", "T=20", "t=100", "--thresholds", str(path)]
    assert run(["formula", *arguments, "--json"]) == 0
    out, err = capfd.readouterr()
    answer = json.loads(out)
    assert answer["result"]["trains"] == 6
    assert [row["source"] for row in answer["thresholds"] if row["name"] == "efficiency"] == ["our railway"]
    assert "mine.csv" in err and "colour" in err


def test_a_broken_table_of_thresholds_is_told_with_row_and_value(tmp_path, capfd):
    path = tmp_path / "mine.csv"
    path.write_text("administration,name,case,typical,source\nindia,efficency,,0.5,us\nindia,efficiency,,75,us\n")
    found = faults(capfd, "scott", "T=20", "t=100", "--thresholds", str(path))
    assert found.keys() == {("row 2, column name", "efficency"), ("row 3, column typical", "75")}


def test_the_table_is_printed_as_one_that_can_be_given_back(tmp_path, capfd):
    path = tmp_path / "all.csv"
    path.write_text(told(capfd, "--show-thresholds"), encoding="utf-8")
    assert told(capfd, "--show-thresholds", "--thresholds", str(path)) == path.read_text(encoding="utf-8")
    rows = printed(capfd, 0, "--show-thresholds")["thresholds"]
    assert {"administration": "cis", "name": "fill", "case": "double", "typical": 0.91}.items() <= next(
        row for row in rows if (row["name"], row["case"]) == ("fill", "double")
    ).items()
