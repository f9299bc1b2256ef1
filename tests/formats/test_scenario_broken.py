"""Broken scenario folders: each small damage is found, named with its place, and nothing else is."""

import pytest
from scenario_broken_cases import CASES
from scenario_texts import GOOD, YARDS, write_folder
from yard_broken_cases import YARD_CASES

from railcap.errors import InputError
from railcap.formats.scenario_folder import load_scenario_with_issues


def issues_of(folder):
    try:
        return load_scenario_with_issues(folder)[1], False
    except InputError as error:
        return list(error.issues), True


EVERY = {name: (GOOD, case) for name, case in CASES.items()}
EVERY |= {f"yard: {name}": (YARDS, case) for name, case in YARD_CASES.items()}


@pytest.mark.parametrize("name", EVERY)
def test_damage_is_named_with_its_place(name, tmp_path):
    good, case = EVERY[name]
    texts = dict(good)
    for edit in case.edits:
        edit(texts)
    issues, refused = issues_of(write_folder(tmp_path / "broken", texts))
    found = [(issue.file, issue.where, issue.code, issue.severity) for issue in issues]
    expected = [(issue.file, issue.where, issue.code, issue.severity) for issue in case.expected]
    assert found == expected, [str(issue) for issue in issues]
    for issue, want in zip(issues, case.expected, strict=True):
        assert want.says in issue.message
    assert refused == any(want.severity == "error" for want in case.expected)


def test_there_are_enough_kinds_of_damage():
    assert len(CASES) >= 40
    assert all(case.expected for case in (*CASES.values(), *YARD_CASES.values()))


def test_all_errors_come_at_once(tmp_path):
    """Damages in different tables are all found in one reading."""
    names = [
        "900 km/h",
        "unknown kind of track",
        "unknown province",
        "unknown weekday",
        "an unknown rule",
        "a fixed path without times",
        "a recurring closure of no length",
        "windows that no running time fits",
    ]
    texts = dict(GOOD)
    expected = []
    for name in names:
        for edit in CASES[name].edits:
            edit(texts)
        expected += [(one.file, one.where, one.code) for one in CASES[name].expected]
    issues, _ = issues_of(write_folder(tmp_path / "broken", texts))
    found = [(issue.file, issue.where, issue.code) for issue in issues]
    # The last one needs the speed on the way, which is broken, so it alone must wait.
    assert sorted(found) == sorted(expected[:-1])


def test_the_value_is_shown(tmp_path):
    texts = dict(GOOD)
    for edit in CASES["900 km/h"].edits:
        edit(texts)
    issues, _ = issues_of(write_folder(tmp_path / "broken", texts))
    assert issues[0].value == "900"
    assert str(issues[0]).startswith("error: sections.csv, row 3, column speed_freight_kmh ('900'): must be between")


def test_an_input_error_lists_warnings_too(tmp_path):
    texts = dict(GOOD)
    for name in ("negative length", "an unknown column"):
        for edit in CASES[name].edits:
            edit(texts)
    issues, refused = issues_of(write_folder(tmp_path / "broken", texts))
    assert refused
    assert {issue.severity for issue in issues} == {"error", "warning"}


def test_bases_that_lead_round(tmp_path):
    one = dict(GOOD) | {"scenario.toml": GOOD["scenario.toml"].replace("days = 2", 'days = 2\nbase = "../two"')}
    write_folder(tmp_path / "one", one)
    write_folder(tmp_path / "two", {"scenario.toml": 'base = "../one"\n'})
    issues, refused = issues_of(tmp_path / "one")
    assert refused
    assert [(issue.file, issue.where, issue.code) for issue in issues] == [
        ("../two/scenario.toml", "key base", "base-cycle")
    ]


def test_faults_of_a_base_are_named_with_its_folder(tmp_path):
    own = {"scenario.toml": GOOD["scenario.toml"].replace("days = 2", 'days = 2\nbase = "../line"')}
    base = {name: text for name, text in GOOD.items() if name != "scenario.toml"}
    write_folder(tmp_path / "own", own)
    write_folder(
        tmp_path / "line", base | {"sections.csv": GOOD["sections.csv"].replace("gulistan,48", "gulistan,-48")}
    )
    issues, _ = issues_of(tmp_path / "own")
    assert [(issue.file, issue.where) for issue in issues] == [("../line/sections.csv", "row 3, column length_km")]


def test_a_mistyped_key_of_a_base_is_told(tmp_path):
    base = GOOD["scenario.toml"].replace("crossing_interval_min", "crossing_intervall_min")
    write_folder(tmp_path / "line", dict(GOOD) | {"scenario.toml": base.replace("schema = 1", "schema = 2")})
    own = GOOD["scenario.toml"].replace("days = 2", 'days = 2\nbase = "../line"')
    write_folder(tmp_path / "own", {"scenario.toml": own})
    issues, _ = issues_of(tmp_path / "own")
    told = {(issue.file, issue.where, issue.code) for issue in issues}
    assert ("../line/scenario.toml", "key rules.crossing_intervall_min", "unknown-key") in told
    assert ("../line/scenario.toml", "key schema", "unknown-schema") in told


@pytest.mark.parametrize("what", ["nothing there", "a file"])
def test_no_folder(what, tmp_path):
    path = tmp_path / "x"
    if what == "a file":
        path.write_text("hello")
    with pytest.raises(InputError) as caught:
        load_scenario_with_issues(path)
    assert [issue.code for issue in caught.value.issues] == ["no-such-folder"]


def test_an_empty_folder(tmp_path):
    issues, _ = issues_of(tmp_path)
    assert [issue.file for issue in issues] == [
        "scenario.toml",
        "stations.csv",
        "tracks.csv",
        "sections.csv",
        "train_types.csv",
        "requests.csv",
    ]
