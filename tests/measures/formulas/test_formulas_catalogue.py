"""The catalogue tells all of each formula, and its answers are those of the functions."""

import math

import pytest

from railcap.errors import InputError
from railcap.formats.thresholds import shipped_thresholds
from railcap.measures import formulas
from railcap.measures.formulas.catalogue import FORMULAS, evaluate, formula
from railcap.measures.formulas.quantities import Shape
from railcap.measures.formulas.thresholds import KNOWN

TABLE = shipped_thresholds()
EACH = pytest.mark.parametrize("one", FORMULAS.values(), ids=list(FORMULAS))
SAMPLES = {
    Shape.NUMBER: 0.5,
    Shape.WHOLE: 2,
    Shape.LIST: [1, 2],
    Shape.MATRIX: [[90, 120], [180, 90]],
    Shape.INTERVALS: [(0, 60), (30, 90)],
    Shape.BLOCKS: [[(0, 60), (60, 120)], [(600, 660), None]],
    Shape.NAMED: {"passenger": 1},
}
VALUES = {"window_min": 60, "speed_kmh": 60}


def issues_of(raised):
    return [(issue.where, issue.value, issue.code) for issue in raised.value.issues]


def test_every_public_function_is_in_the_catalogue():
    assert {one.function for one in FORMULAS.values()} == {getattr(formulas, name) for name in formulas.__all__}


@EACH
def test_everything_is_described(one):
    assert one.about.title and one.about.rule and one.about.assumptions and one.about.source
    for put in one.inputs:
        assert put.meaning and not math.isinf(put.quantity.most), put.name
        assert put.required + (put.table is not None) <= 1
    outputs = one.outputs
    assert outputs and all(output.meaning for output in outputs)
    assert len({output.name for output in outputs}) == len(outputs)
    keys = [key for put in one.inputs for key in (put.name, put.symbol) if key]
    assert len(set(keys)) == len(keys) and not set(keys) & set(one.choices)


@EACH
def test_units_stand_in_names(one):
    suffixes = {"_min": "min", "_s": "s", "_m": "m", "_km": "km", "_kmh": "km/h"}
    for name, unit in [(put.name, put.quantity.unit) for put in one.inputs] + [
        (output.name, output.unit) for output in one.outputs
    ]:
        last = "_" + name.rpartition("_")[2]
        assert (last in suffixes) == (unit in suffixes.values()), name
        assert suffixes.get(last, unit) == unit


@EACH
def test_the_table_has_what_a_formula_takes_from_it(one):
    for put in one.inputs:
        if put.table is not None:
            assert KNOWN[put.table.name].unit == put.quantity.unit


@EACH
def test_an_answer_is_that_of_the_function(one):
    values = {put.name: VALUES.get(put.name, SAMPLES[put.quantity.shape]) for put in one.inputs if put.required}
    answer = evaluate(one, values, TABLE)
    taken = {use.input.name: use.value for use in answer.used}
    assert taken.items() >= values.items()
    assert answer.result == one.function(**taken)
    found = list(answer.values())
    assert [output for output, _ in found] == list(one.outputs)
    assert found[0][1] is not None


@EACH
def test_everything_that_is_missing_is_told_at_once(one):
    with pytest.raises(InputError) as raised:
        evaluate(one, {}, TABLE)
    told = [(put.name, put.symbol) for put in one.inputs if put.required]
    places = [f"{name} ({symbol})" if symbol else name for name, symbol in told]
    assert issues_of(raised) == [(place, "", "missing-value") for place in places]


@EACH
def test_every_number_below_its_range_is_told_at_once(one):
    below = {
        Shape.LIST: lambda low: [low, low],
        Shape.MATRIX: lambda low: [[low]],
        Shape.INTERVALS: lambda low: [(low, 0)],
        Shape.BLOCKS: lambda low: [[(low, 0)]],
        Shape.NAMED: lambda low: {"passenger": low},
    }
    values = {
        put.name: below.get(put.quantity.shape, lambda low: low)(int(put.quantity.least) - 1) for put in one.inputs
    }
    with pytest.raises(InputError) as raised:
        evaluate(one, values, TABLE)
    told = {issue.where.split(" (")[0].split(",")[0] for issue in raised.value.issues if issue.code == "out-of-range"}
    assert told == set(values)
    with pytest.raises(InputError, match="out-of-range"):
        one.function(**values)


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({"departure_min": [0, 10], "arrival_min": [20, 30, 40], "window_min": 60}, ["departure_min"]),
        ({"departure_min": [0, 10], "arrival_min": [20, 15], "window_min": 60}, ["arrival_min, number 1"]),
        (
            {"departure_min": [0, 70], "arrival_min": [20, 90], "window_min": 60},
            ["departure_min, number 2", "arrival_min, number 2"],
        ),
        (
            {"departure_min": "soon", "arrival_min": [20], "window_min": 60},
            [f"departure_min, number {n}" for n in range(1, 5)],
        ),
        ({"departure_min": True, "arrival_min": math.nan, "window_min": 60}, ["departure_min", "arrival_min"]),
        ({"departure_min": [], "arrival_min": [20], "window_min": None}, ["departure_min", "window_min (W)"]),
        ({"departure": [0], "arrival_min": [20], "window_min": 60}, ["departure", "departure_min"]),
    ],
)
def test_lists_that_cannot_be_used_are_told_with_their_places(values, places):
    with pytest.raises(InputError) as raised:
        evaluate(formula("heterogeneity"), values, TABLE)
    told = [issue.where.replace(" (departure)", "").replace(" (arrival)", "") for issue in raised.value.issues]
    assert told == places


@pytest.mark.parametrize(
    ("name", "values", "place", "code"),
    [
        ("headways", {"headways_s": [[90, 120], [180]]}, "headways_s (h), row 2", "wrong-length"),
        ("headways", {"headways_s": [[90, 120], [180, 90]], "order": [1, 3]}, "order, number 2", "out-of-range"),
        ("headways", {"headways_s": [[0, 0], [0, 0]]}, "headways_s (h)", "out-of-range"),
        ("headways", {"headways_s": 90}, "headways_s (h)", "wrong-shape"),
        (
            "occupation",
            {"reservations_s": [(60, 60)], "window_s": 100},
            "reservations_s (reservations), interval 1",
            "contradiction",
        ),
        (
            "occupation",
            {"reservations_s": [(0, 6.5)], "window_s": 100},
            "reservations_s (reservations), interval 1",
            "not-a-number",
        ),
        (
            "compression",
            {"blocking_s": [[(0, 9)], [(5, 9), (9, 12)]], "window_s": 100},
            "blocking_s (blocking), train 2",
            "wrong-length",
        ),
        (
            "compression",
            {"blocking_s": [[(0, 9)], [None]], "window_s": 100},
            "blocking_s (blocking), train 2",
            "wrong-length",
        ),
        ("clearing", {"section_m": 0, "train_m": 0, "speed_kmh": 60, "release_s": 0}, "section_m (L)", "out-of-range"),
        (
            "charted",
            {"running_min": 20, "block_min": 5, "maintenance_min": 1400, "scheduled_trains": 2},
            "scheduled_trains (N_s)",
            "contradiction",
        ),
        ("cis-traffic", {"available_pairs": 20, "others": {"pasenger": 2}}, "others (N_c)", "unknown-category"),
        ("cis-traffic", {"available_pairs": 20, "others": 2}, "others (N_c)", "wrong-shape"),
    ],
)
def test_what_contradicts_itself_is_told_with_its_place(name, values, place, code):
    with pytest.raises(InputError) as raised:
        evaluate(formula(name), values, TABLE)
    assert [(issue.where, issue.code) for issue in raised.value.issues] == [(place, code)]


def test_a_packet_needs_an_interval():
    values = {"running_there_min": 20, "running_back_min": 20, "non_simultaneous_min": 4, "crossing_min": 1}
    values |= {"start_min": 2, "stop_min": 1, "packet": 2}
    with pytest.raises(InputError, match="give their interval"):
        evaluate(formula("cis-single"), values, TABLE)


def test_coefficients_that_are_given_replace_those_of_the_table_by_name():
    values = {
        "available_pairs": 30,
        "others": {"passenger": 5, "tourist": 1},
        "removal": {"passenger": 1.5, "tourist": 3},
    }
    answer = evaluate(formula("cis-traffic"), values, TABLE)
    assert answer.result.removed_pairs == 5 * 1.5 + 3
    (removal,) = (use for use in answer.used if use.input.name == "removal")
    assert {row.case for row in removal.rows} == {"express", "local"}


def test_choices_pick_the_row():
    values = {"occupancy_s": 3000, "window_s": 7200}
    picked = [{}, {"period": "peak"}, {"traffic": "suburban"}, {"traffic": "suburban", "period": "peak"}]
    rates = [evaluate(formula("uic-406"), values, TABLE, choices).used[2].value for choices in picked]
    assert rates == [0.6, 0.75, 0.7, 0.85]
    double = evaluate(formula("cis-traffic"), {"available_pairs": 30}, TABLE, {"track": "double"})
    assert double.used[1].value == 0.91


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"traffic": "subruban"}, "uic occupancy_rate .'subruban/day'.*did you mean 'suburban/day'"),
        ({"administration": "india"}, "administration .'india'.*there are uic"),
        ({"speed": "high"}, "speed: uic-406 takes no such value"),
    ],
)
def test_a_row_that_the_table_lacks_is_told_with_those_that_it_has(choices, told):
    with pytest.raises(InputError, match=told):
        evaluate(formula("uic-406"), {"occupancy_s": 3000, "window_s": 7200}, TABLE, choices)


def test_an_unknown_formula_is_told_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'cis-single'"):
        formula("cis-singel")
