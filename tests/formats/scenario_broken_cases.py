"""Small damages to a good scenario folder, each with what must be said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Texts = dict[str, "str | bytes"]
Edit = Callable[[Texts], None]


@dataclass(frozen=True)
class Expected:
    """An issue: file, place, code, and a part of the message or value."""

    file: str
    where: str
    code: str
    says: str
    severity: str = "error"


@dataclass(frozen=True)
class Case:
    edits: tuple[Edit, ...]
    expected: tuple[Expected, ...] = field(default=())


def change(file: str, old: str, new: str) -> Edit:
    """Replace the first place of a text."""

    def edit(texts: Texts) -> None:
        text = texts[file]
        assert isinstance(text, str) and old in text, f"{old!r} is not in {file}"
        texts[file] = text.replace(old, new, 1)

    return edit


def append(file: str, *lines: str) -> Edit:
    """Add lines at the end of a file."""

    def edit(texts: Texts) -> None:
        text = texts[file]
        assert isinstance(text, str)
        texts[file] = text + "".join(line + "\n" for line in lines)

    return edit


def remove(file: str) -> Edit:
    def edit(texts: Texts) -> None:
        del texts[file]

    return edit


def put(file: str, content: str | bytes) -> Edit:
    def edit(texts: Texts) -> None:
        texts[file] = content

    return edit


def encode(file: str, encoding: str) -> Edit:
    def edit(texts: Texts) -> None:
        text = texts[file]
        assert isinstance(text, str)
        texts[file] = text.encode(encoding)

    return edit


def drop_column(file: str, column: str) -> Edit:
    """Take a column out of a table without quoted cells."""

    def edit(texts: Texts) -> None:
        text = texts[file]
        assert isinstance(text, str)
        rows = [line.split(",") for line in text.splitlines()]
        place = rows[0].index(column)
        texts[file] = "".join(",".join(row[:place] + row[place + 1 :]) + "\n" for row in rows)

    return edit


def one(edit: Edit, *expected: Expected) -> Case:
    return Case((edit,), expected)


def issue(file: str, where: str, code: str, says: str) -> Expected:
    return Expected(file, where, code, says)


def warning(file: str, where: str, code: str, says: str) -> Expected:
    return Expected(file, where, code, says, "warning")


SETTINGS = "scenario.toml"
CASES: dict[str, Case] = {
    # names that are not known
    "unknown station of a section": one(
        change("sections.csv", "B-G,bostan,gulistan", "B-G,bostan,gulistn"),
        issue("sections.csv", "row 3, column to", "unknown-station", "did you mean 'gulistan'?"),
    ),
    "unknown station of a request": one(
        change("requests.csv", "quetta,chaman,,one", "quetta,Chaman,,one"),
        issue("requests.csv", "row 2, column to", "unknown-station", "did you mean 'chaman'?"),
    ),
    "unknown via": one(
        change("requests.csv", "bostan,both", "bostann,both"),
        issue("requests.csv", "row 3, column via", "unknown-station", "did you mean 'bostan'?"),
    ),
    "unknown station of a track": one(
        change("tracks.csv", "bostan,2", "boston,2"),
        issue("tracks.csv", "row 6, column station", "unknown-station", "did you mean 'bostan'?"),
    ),
    "unknown train type": one(
        change("requests.csv", "C1,GOODS", "C1,GODS"),
        issue("requests.csv", "row 2, column train_type", "unknown-train-type", "did you mean 'GOODS'?"),
    ),
    "unknown request of a stop": one(
        change("stops.csv", "CONT,gulistan", "CONTT,gulistan"),
        issue("stops.csv", "row 3, column request", "unknown-request", "did you mean 'CONT'?"),
    ),
    "unknown station of a stop": one(
        change("stops.csv", "CONT,gulistan", "CONT,gulistaan"),
        issue("stops.csv", "row 3, column station", "unknown-station", "did you mean 'gulistan'?"),
    ),
    "unknown section of a closure": one(
        change("closures.csv", "inspection,B-G", "inspection,B_G"),
        issue("closures.csv", "row 3, column section", "unknown-section", "did you mean 'B-G'?"),
    ),
    "unknown track of a section": one(
        change("closures.csv", "inspection,B-G,,", "inspection,B-G,2,"),
        issue("closures.csv", "row 3, column section_track", "unknown-track", "it has 1"),
    ),
    "unknown track of a station": one(
        change("closures.csv", "gulistan,2,", "gulistan,4,"),
        issue("closures.csv", "row 4, column track", "unknown-track", "there are 1, 2"),
    ),
    "unknown province": one(
        change("daylight.csv", "Balochistan", "Baluchistan"),
        issue("daylight.csv", "row 2, column province", "unknown-province", "did you mean 'Balochistan'?"),
    ),
    "unknown track of a fixed path": one(
        change("fixed_paths.csv", "17:30,,2", "17:30,,7"),
        issue("fixed_paths.csv", "row 4, column track", "unknown-track", "there are 1, 2"),
    ),
    "running time from a station that is no end": one(
        change("running_times.csv", "G-C,gulistan", "G-C,quetta"),
        issue("running_times.csv", "row 2, column from", "not-an-end", "gulistan and chaman"),
    ),
    "unknown time zone": one(
        change("stations.csv", "Asia/Kabul", "Asia/Cabul"),
        issue("stations.csv", "row 6, column time_zone", "unknown-zone", "did you mean 'Asia/Kabul'?"),
    ),
    "unknown time zone of the scenario": one(
        change(SETTINGS, "Asia/Karachi", "Karachi"),
        issue(SETTINGS, "key time_zone", "unknown-zone", "did you mean"),
    ),
    # words
    "unknown kind of track": one(
        change("tracks.csv", "bostan,2,loop", "bostan,2,lop"),
        issue("tracks.csv", "row 6, column kind", "unknown-word", "did you mean 'loop'?"),
    ),
    "unknown category": one(
        change("train_types.csv", "freight", "fright"),
        issue("train_types.csv", "row 2, column category", "unknown-word", "freight or passenger"),
    ),
    "neither yes nor no": one(
        change("requests.csv", "60,yes", "60,maybe"),
        issue("requests.csv", "row 3, column mandatory", "unknown-word", "neither yes nor no"),
    ),
    "unknown direction": one(
        change("requests.csv", ",both,", ",bth,"),
        issue("requests.csv", "row 3, column direction", "unknown-word", "one or both"),
    ),
    "unknown weekday": one(
        change("requests.csv", "mon-fri", "mon-fry"),
        issue("requests.csv", "row 3, column weekdays", "unknown-word", "'fry' is not a day"),
    ),
    # absurd numbers
    "negative length": one(
        change("sections.csv", "gulistan,48", "gulistan,-48"),
        issue("sections.csv", "row 3, column length_km", "out-of-range", "between 0.001 and 1000 km"),
    ),
    "900 km/h": one(
        change("sections.csv", "1676,50,65", "1676,900,65"),
        issue("sections.csv", "row 3, column speed_freight_kmh", "out-of-range", "between 1 and 500 km/h"),
    ),
    "0 minutes": one(
        change("running_times.csv", ",95", ",0"),
        issue("running_times.csv", "row 2, column running_min", "out-of-range", "between"),
    ),
    "a running time far too short": one(
        change("running_times.csv", ",95", ",3"),
        issue("running_times.csv", "row 2, column running_min", "out-of-range", "1220 km/h"),
    ),
    "not a number": one(
        change("sections.csv", "gulistan,48", "gulistan,nan"),
        issue("sections.csv", "row 3, column length_km", "not-a-number", "is not a number"),
    ),
    "infinite": one(
        change("train_types.csv", "freight,480,80", "freight,480,inf"),
        issue("train_types.csv", "row 2, column speed_kmh", "not-a-number", "is not a number"),
    ),
    "a number with its unit": one(
        change("tracks.csv", "bostan,2,loop,600", "bostan,2,loop,600 m"),
        issue("tracks.csv", "row 6, column length_m", "not-a-number", "is not a number"),
    ),
    "thousands with a comma": one(
        change("tracks.csv", "bostan,2,loop,600", 'bostan,2,loop,"1,600"'),
        issue("tracks.csv", "row 6, column length_m", "not-a-number", "without separators between thousands"),
    ),
    "half a train a day": one(
        change("requests.csv", ",2,180,", ",2.5,180,"),
        issue("requests.csv", "row 2, column per_day", "not-a-number", "not a whole number"),
    ),
    "a train of length 0": one(
        change("train_types.csv", "passenger,200", "passenger,0"),
        issue("train_types.csv", "row 3, column length_m", "out-of-range", "between 1 and 10,000 m"),
    ),
    "a gauge in metres": one(
        change("tracks.csv", "bostan,2,loop,600,1676", "bostan,2,loop,600,1.676"),
        issue("tracks.csv", "row 6, column gauges", "not-a-gauge", "write 1676"),
    ),
    "three tracks": one(
        change("sections.csv", "bostan,33,2", "bostan,33,3"),
        issue("sections.csv", "row 2, column tracks", "out-of-range", "add a parallel section"),
    ),
    "a latitude of 300": one(
        change("stations.csv", "30.4,67", "300.4,67"),
        issue("stations.csv", "row 3, column lat", "out-of-range", "between -90 and 90 degrees"),
    ),
    "a negative dwell": one(
        change("stops.csv", "PAIR,*,2", "PAIR,*,-2"),
        issue("stops.csv", "row 2, column dwell_min", "out-of-range", "between 0 and"),
    ),
    "a factor below 1": one(
        change(SETTINGS, "[rules]", "[rules]\nlongest_running_factor = 0.9"),
        issue(SETTINGS, "key rules.longest_running_factor", "out-of-range", "between 1 and 100"),
    ),
    "days = 0": one(
        change(SETTINGS, "days = 2", "days = 0"),
        issue(SETTINGS, "key days", "out-of-range", "between 1 and 400 days"),
    ),
    # times
    "not a time of day": one(
        change("requests.csv", "07:30", "7.30"),
        issue("requests.csv", "row 3, column departure", "not-a-time", "like 06:30"),
    ),
    "25 o'clock": one(
        change("requests.csv", "07:30", "25:30"),
        issue("requests.csv", "row 3, column departure", "not-a-time", "06:30+1"),
    ),
    "a departure of the day before": one(
        change("requests.csv", "07:30", "23:30-1"),
        issue("requests.csv", "row 3, column departure", "day-before", "choose the day by weekdays or dates"),
    ),
    "a closure from the day before": one(
        change("closures.csv", "22:00,04:00", "22:00-1,04:00"),
        issue("closures.csv", "row 4, column from", "day-before", "only windows of arrival and departure"),
    ),
    "a window eight days before": one(
        change("stops.csv", "20,,23:30", "20,23:30-9,23:30"),
        issue("stops.csv", "row 3, column arrive_from", "out-of-range", "between -7 and 99 days"),
    ),
    "not a moment": one(
        change("fixed_paths.csv", "2026-03-02 15:00", "2.3.2026 15:00"),
        issue("fixed_paths.csv", "row 2, column departure", "not-a-moment", "like 2026-03-02 06:30"),
    ),
    "31 February": one(
        change("closures.csv", "2026-03-03 10:00", "2026-02-31 10:00"),
        issue("closures.csv", "row 2, column from", "not-a-date", "is not a date"),
    ),
    "a start that is no date": one(
        change(SETTINGS, "2026-03-02", '"next Monday"'),
        issue(SETTINGS, "key start", "not-a-date", "like 2026-03-02"),
    ),
    "a closure that ends before it begins": one(
        change("closures.csv", "2026-03-03 14:00", "2026-03-02 14:00"),
        issue("closures.csv", "row 2, column until", "ends-before-begin", "ends before it begins"),
    ),
    "a closure from a moment to a time of day": one(
        change("closures.csv", "2026-03-03 14:00", "14:00"),
        issue("closures.csv", "row 2, column until", "contradiction", "both be moments"),
    ),
    "a recurring closure of no length": one(
        change("closures.csv", "12:00,12:30", "12:00,12:00"),
        issue("closures.csv", "row 3, column until", "ends-before-begin", "00:00 to 24:00"),
    ),
    "weekdays of a closure that happens once": one(
        change("closures.csv", "14:00,,,rail renewal", "14:00,mon,,rail renewal"),
        issue("closures.csv", "row 2, column weekdays", "contradiction", "only a recurring closure"),
    ),
    "a closure of nothing": one(
        change("closures.csv", "inspection,B-G", "inspection,"),
        issue("closures.csv", "row 3, column section", "contradiction", "give one of them"),
    ),
    "a closure beside the period": one(
        change("closures.csv", "2026-03-03 10:00,2026-03-03 14:00", "2027-03-03 10:00,2027-03-03 14:00"),
        warning("closures.csv", "row 2, column from", "no-effect", "outside the scenario's period"),
    ),
    "daylight of a section and a province": one(
        change("daylight.csv", ",Balochistan", "C-S,Balochistan"),
        issue("daylight.csv", "row 2, column section", "contradiction", "give one of them"),
    ),
    "a last day before the first": Case(
        (
            change("requests.csv", "weekdays,", "weekdays,first_day,last_day,"),
            change("requests.csv", "mon-sun,", "mon-sun,2026-03-03,2026-03-02,"),
            change("requests.csv", "mon-fri,", "mon-fri,,,"),
        ),
        (issue("requests.csv", "row 2, column last_day", "ends-before-begin", "before the first, 2026-03-03"),),
    ),
    "a request that never runs": one(
        change("requests.csv", "mon-sun", "sat"),
        warning("requests.csv", "row 2, column weekdays", "no-trains", "on none of the scenario's days"),
    ),
    "trains a day without their spacing": one(
        change("requests.csv", ",2,180,", ",2,,"),
        issue("requests.csv", "row 2, column every_min", "missing-value", "2 trains a day need a time"),
    ),
    "more trains than the day holds": one(
        change("requests.csv", ",2,180,mon-sun,1440", ",9,180,mon-sun,1440"),
        warning("requests.csv", "row 2, column every_min", "longer-than-a-day", "among the trains of the next day"),
    ),
    # ids
    "a station twice": one(
        append("stations.csv", "bostan,Bostan again,,,,,,,,,,,"),
        issue("stations.csv", "row 7, column id", "duplicate-id", "row 3 has the same id"),
    ),
    "a track twice": one(
        change("tracks.csv", "chaman,3,yard", "chaman,2,yard"),
        issue("tracks.csv", "row 11, column track", "duplicate-id", "row 10 has the same station and track"),
    ),
    "a request twice": one(
        change("requests.csv", "PAIR,P1", "CONT,P1"),
        issue("requests.csv", "row 3, column id", "duplicate-id", "row 2 has the same id"),
        issue("stops.csv", "row 2, column request", "unknown-request", "there are CONT"),
    ),
    "a request twice, with faults of its own": Case(
        (
            change("requests.csv", "PAIR,P1", "CONT,P1"),
            change("requests.csv", "bostan,both", "bostann,both"),
            change("stops.csv", "PAIR", "CONT"),
        ),
        (
            issue("requests.csv", "row 3, column id", "duplicate-id", "row 2 has the same id"),
            issue("requests.csv", "row 3, column via", "unknown-station", "did you mean 'bostan'?"),
        ),
    ),
    "a request without an id, which a stop may mean": one(
        change("requests.csv", "PAIR,P1", ",P1"),
        issue("requests.csv", "row 3, column id", "missing-value", "a value is needed here"),
    ),
    "a station without an id, with a fault of its own": one(
        append("stations.csv", ",Nowhere,,,,,,north,,,,,"),
        issue("stations.csv", "row 7, column id", "missing-value", "a value is needed here"),
        issue("stations.csv", "row 7, column lon", "not-a-number", "write it like 12"),
    ),
    "a station id with a space": one(
        append("stations.csv", "new town,New Town,,,,,,,,,,,"),
        issue("stations.csv", "row 7, column id", "bad-id", "must not hold a space"),
        issue("stations.csv", "row 7, column id", "no-tracks", "has no tracks"),
        warning("stations.csv", "row 7, column id", "disconnected-network", "no section joins this station"),
    ),
    "a request id with a slash": Case(
        (change("requests.csv", "PAIR,P1", "P/R,P1"), change("stops.csv", "PAIR", "P/R")),
        (issue("requests.csv", "row 3, column id", "bad-id", "must not hold '/'"),),
    ),
    "a fixed path with the id of a train": Case(
        (change("fixed_paths.csv", "EXTRA", "CONT/2026-03-02/1"),) * 3,
        (issue("fixed_paths.csv", "row 2, column train", "duplicate-id", "choose another id"),),
    ),
    # network
    "a section to itself": one(
        append("sections.csv", "B-B,bostan,bostan,3,1,1676,50,65,1"),
        issue("sections.csv", "row 6, column to", "section-to-itself", "must lead to another station"),
    ),
    "parallel duplicates": one(
        append("sections.csv", "G-B,gulistan,bostan,48,1,1676,50,65,1"),
        warning("sections.csv", "row 6, column id", "parallel-section", "section B-G joins the same stations"),
    ),
    "a network in pieces": Case(
        (
            append("stations.csv", "mary,Mary,,,,Asia/Ashgabat,,,,,,,", "tejen,Tejen,,,,Asia/Ashgabat,,,,,,,"),
            append("tracks.csv", "mary,1,main,850,1520", "tejen,1,main,850,1520"),
            append("sections.csv", "M-T,mary,tejen,126,1,1520,60,80,1"),
        ),
        (warning("stations.csv", "row 7, column id", "disconnected-network", "this station with 1 more"),),
    ),
    "a station without tracks": one(
        append("stations.csv", "zhob,Zhob,,,,,,,,,,,"),
        issue("stations.csv", "row 7, column id", "no-tracks", "has no tracks"),
        warning("stations.csv", "row 7, column id", "disconnected-network", "no section joins this station"),
    ),
    "a gauge that ends nowhere": one(
        change("sections.csv", "bostan,gulistan,48,1,1676", "bostan,gulistan,48,1,1676+1000"),
        warning("sections.csv", "row 3, column from", "gauge-without-track", "gauge of 1000 mm"),
        warning("sections.csv", "row 3, column to", "gauge-without-track", "gauge of 1000 mm"),
    ),
    # journeys
    "wrong gauge on the way": one(
        change("sections.csv", "gulistan,chaman,61,1,1676", "gulistan,chaman,61,1,1520"),
        warning("sections.csv", "row 4, column from", "gauge-without-track", "gauge of 1520 mm"),
        issue(
            "requests.csv", "row 2, column to", "no-route", "section G-C has a gauge of 1520 mm, the train one of 1676"
        ),
        issue("requests.csv", "row 3, column to", "no-route", "section G-C has a gauge of 1520 mm"),
        issue("fixed_paths.csv", "row 2, column station", "no-route", "section G-C has a gauge of 1520 mm"),
    ),
    "a station without the gauge on the way": Case(
        (
            change("tracks.csv", "gulistan,1,main,500,1676", "gulistan,1,main,500,1520"),
            change("tracks.csv", "gulistan,2,loop,500,1676", "gulistan,2,loop,500,1520"),
        ),
        (
            warning("sections.csv", "row 3, column to", "gauge-without-track", "gauge of 1676 mm"),
            warning("sections.csv", "row 4, column from", "gauge-without-track", "gauge of 1676 mm"),
            issue("requests.csv", "row 2, column to", "no-route", "at gulistan no track"),
            issue("requests.csv", "row 3, column to", "no-route", "at gulistan no track"),
            issue("fixed_paths.csv", "row 3, column station", "too-long-for-stop", "1676 mm stop"),
        ),
    ),
    "too long for every loop on the way": one(
        change("tracks.csv", "gulistan,2,loop,500", "gulistan,2,loop,150"),
        warning(
            "requests.csv", "row 2, column id", "too-long-for-loops", "CONT (GOODS, 480 m) and PAIR (LOCAL, 200 m)"
        ),
        warning("requests.csv", "row 3, column id", "too-long-for-loops", "has 150 m"),
    ),
    "origin is destination": one(
        change("requests.csv", "quetta,chaman,,one", "quetta,quetta,,one"),
        issue("requests.csv", "row 2, column to", "same-ends", "the same station"),
    ),
    "a stop beside the way": one(
        change("stops.csv", "CONT,gulistan", "CONT,spin_boldak"),
        issue("stops.csv", "row 3, column station", "stop-not-on-route", "does not come through this station"),
    ),
    "too long for a stop that it must make": one(
        change("train_types.csv", "freight,480", "freight,550"),
        issue("stops.csv", "row 3, column station", "too-long-for-stop", "the longest track of its gauge has 500 m"),
    ),
    "too long for its destination": one(
        change("train_types.csv", "freight,480", "freight,750"),
        issue("requests.csv", "row 2, column to", "no-route", "the longest track of its gauge has 700 m"),
    ),
    "windows that no running time fits": one(
        change("stops.csv", "20,,23:30", "20,,06:30"),
        issue("stops.csv", "row 3, column arrive_until", "window-too-tight", "07:04 at the earliest"),
    ),
    "a journey that cannot be so short": one(
        change("requests.csv", "mon-sun,1440", "mon-sun,120"),
        issue("requests.csv", "row 2, column longest_journey_min", "window-too-tight", "2:00 is allowed"),
    ),
    "a window that ends before it begins": one(
        change("stops.csv", "20,,23:30", "20,23:45,23:30"),
        issue("stops.csv", "row 3, column arrive_until", "ends-before-begin", "write +1"),
    ),
    "windows for every station": one(
        change("stops.csv", "PAIR,*,2,", "PAIR,*,2,08:00"),
        issue("stops.csv", "row 2, column station", "contradiction", "need a station of their own"),
    ),
    "a refusal that is cheaper than a delay": one(
        change("requests.csv", "1440,70,no", ",2,no"),
        warning("requests.csv", "row 2, column value", "refusal-is-cheap", "costs 40 weighted minutes"),
    ),
    "a refusal that is cheaper than a long journey": one(
        change("requests.csv", "1440,70,no", "1440,10,no"),
        warning("requests.csv", "row 2, column value", "refusal-is-cheap", "taking as long as it may costs 293.6"),
    ),
    "a refusal for nothing": one(
        change("requests.csv", "1440,70,no", "1440,0,no"),
        warning("requests.csv", "row 2, column value", "refusal-is-cheap", "costs nothing"),
    ),
    "a run out that is too short for an optional train": Case(
        (change(SETTINGS, "run_out_h = 24", "run_out_h = 0"), change("requests.csv", "one,06:00", "one,18:00")),
        (warning("requests.csv", "row 2, column departure", "beyond-horizon", "CONT/2026-03-03/2 does not fit"),),
    ),
    "a run out that is too short for a mandatory train": Case(
        (change(SETTINGS, "run_out_h = 24", "run_out_h = 0"), change("requests.csv", "07:30", "22:00")),
        (
            issue("requests.csv", "row 3, column departure", "beyond-horizon", "PAIR/2026-03-03/1"),
            issue("requests.csv", "row 3, column departure", "beyond-horizon", "PAIR/back/2026-03-03/1"),
        ),
    ),
    # fixed paths
    "a fixed path over a section that is not there": one(
        change("fixed_paths.csv", "EXTRA,901,LOCAL,gulistan,2026-03-02 16:30,2026-03-02 16:32,\n", ""),
        issue("fixed_paths.csv", "row 2, column station", "no-route", "no section joins chaman and bostan"),
    ),
    "a fixed path that is too fast": one(
        change("fixed_paths.csv", "2026-03-02 17:30", "2026-03-02 17:00"),
        issue("fixed_paths.csv", "row 4, column arrival", "too-fast", "0:28 over section B-G, at least 0:47"),
    ),
    "a fixed path that goes back in time": one(
        change("fixed_paths.csv", "2026-03-02 16:32", "2026-03-02 16:22"),
        issue("fixed_paths.csv", "row 3, column departure", "ends-before-begin", "leaves before it arrives"),
    ),
    "a fixed path that arrives before it has left": one(
        change("fixed_paths.csv", "2026-03-02 16:30", "2026-03-02 14:30"),
        issue("fixed_paths.csv", "row 3, column arrival", "ends-before-begin", "before it has left the station before"),
    ),
    "a fixed path of one row": one(
        change(
            "fixed_paths.csv",
            "EXTRA,901,LOCAL,gulistan,2026-03-02 16:30,2026-03-02 16:32,\nEXTRA,901,LOCAL,bostan,2026-03-02 17:30,,2\n",
            "",
        ),
        issue("fixed_paths.csv", "row 2, column train", "too-few-calls", "at least two"),
    ),
    "a fixed path of two train types": one(
        change("fixed_paths.csv", "LOCAL,bostan", "GOODS,bostan"),
        issue("fixed_paths.csv", "row 4, column train_type", "contradiction", "row 2 has 'LOCAL'"),
    ),
    "a fixed path without times": one(
        change("fixed_paths.csv", "2026-03-02 17:30", ""),
        issue("fixed_paths.csv", "row 4, column arrival", "missing-value", "arrival or a departure"),
    ),
    "a fixed path on a track that is too short": one(
        change("tracks.csv", "bostan,2,loop,600", "bostan,2,loop,150"),
        issue("fixed_paths.csv", "row 4, column track", "unfit-track", "this loop track of 150 m"),
    ),
    "a fixed path by night": one(
        change("daylight.csv", "06:00,18:00", "06:00,17:00"),
        warning("fixed_paths.csv", "row 4, column arrival", "fixed-path-closed", "section B-G is closed"),
    ),
    # the form of the files
    "a missing table": one(remove("sections.csv"), issue("sections.csv", "", "missing-table", "id, from, to")),
    "a table under a wrong name": Case(
        (put("station.csv", "id\nquetta\n"), remove("stations.csv")),
        (issue("stations.csv", "", "missing-table", "is it 'station.csv'"),),
    ),
    "an optional table under a wrong name": Case(
        (put("stop.csv", "request,station\n"), remove("stops.csv")),
        (warning("stop.csv", "", "unknown-file", "call it stops.csv"),),
    ),
    "an empty table": one(put("tracks.csv", ""), issue("tracks.csv", "", "empty-file", "needs a header row")),
    "a missing column": one(
        drop_column("tracks.csv", "length_m"),
        issue("tracks.csv", "row 1, column length_m", "missing-column", "'length_m' is missing"),
    ),
    "a column with a slip in its name": one(
        change("tracks.csv", "length_m", "lenght_m"),
        issue("tracks.csv", "row 1, column length_m", "missing-column", "is it 'lenght_m'"),
        warning("tracks.csv", "row 1", "unknown-column", "did you mean 'length_m'?"),
    ),
    "an unknown column": one(
        change("train_types.csv", "stop_supplement_min", "stop_suplement_min"),
        warning("train_types.csv", "row 1", "unknown-column", "did you mean 'stop_supplement_min'?"),
    ),
    "a column twice": one(
        put("daylight.csv", "section,province,from,until,from\n,Balochistan,06:00,18:00,06:00\n"),
        issue("daylight.csv", "row 1", "duplicate-column", "stands there twice"),
    ),
    "a missing value": one(
        change("tracks.csv", "bostan,2,loop,600", "bostan,2,loop,"),
        issue("tracks.csv", "row 6, column length_m", "missing-value", "a value is needed"),
    ),
    "a row that is too short": one(
        change("tracks.csv", "bostan,2,loop,600,1676", "bostan,2,loop"),
        issue("tracks.csv", "row 6", "row-too-short", "3 cells, the header has 5"),
    ),
    "a row that is too long": one(
        change("tracks.csv", "bostan,2,loop,600,1676", "bostan,2,loop,600,1676,1520"),
        issue("tracks.csv", "row 6", "row-too-long", "6 cells, the header has 5"),
    ),
    "a quote that does not end": one(
        change("stations.csv", '"loops, both short"', '"loops, both short'),
        issue("stations.csv", "row 4", "broken-quotes", "a quote inside a cell is doubled"),
    ),
    "UTF-16": one(encode("tracks.csv", "utf-16"), issue("tracks.csv", "", "broken-encoding", "save it as UTF-8")),
    "Latin-1": Case(
        (change("stations.csv", "Bostan", "Böstan"), encode("stations.csv", "latin-1")),
        (issue("stations.csv", "row 3", "broken-encoding", "not in UTF-8"),),
    ),
    "a workbook in place of a table": Case(
        (remove("stations.csv"), put("stations.xlsx", "x")),
        (issue("stations.csv", "", "missing-table", "at least the columns id; save stations.xlsx as stations.csv"),),
    ),
    "a departure of another day": one(
        change("requests.csv", "06:00", "06:00+1"),
        issue("requests.csv", "row 2, column departure", "out-of-range", "a time of day from 00:00 to 23:59:59"),
    ),
    "a far future": one(
        change(SETTINGS, "start = 2026-03-02", "start = 9999-12-31"),
        issue(SETTINGS, "key start", "out-of-range", "must be between 1971 and 2200"),
    ),
    "a departure that the clocks skip": Case(
        (
            change(SETTINGS, "start = 2026-03-02", "start = 2026-03-29"),
            change("stations.csv", "PK,Balochistan,Asia/Karachi", "PK,Balochistan,Europe/Paris"),
            change("requests.csv", "06:00", "02:30"),
        ),
        (
            warning("closures.csv", "row 2, column from", "no-effect", "outside the scenario's period"),
            warning("requests.csv", "row 2, column departure", "skipped-by-clocks", "leaves at 03:30"),
        ),
    ),
    "a list in TOML that does not end": one(
        append(SETTINGS, "x = [", "1,"),
        issue(SETTINGS, "line 15, the end of the file", "broken-toml", "invalid value"),
    ),
    "zero bytes": one(
        change("tracks.csv", "bostan,2", "bos\0tan,2"),
        issue("tracks.csv", "row 6", "broken-encoding", "zero bytes"),
    ),
    "no scenario.toml": one(remove(SETTINGS), issue(SETTINGS, "", "missing-file", "is missing")),
    "broken TOML": one(
        change(SETTINGS, "days = 2", "days = two"),
        issue(SETTINGS, "line 6, column 8", "broken-toml", "invalid value"),
    ),
    "an unknown key": one(
        change(SETTINGS, "days = 2", "days = 2\nrun_out = 12"),
        issue(SETTINGS, "key run_out", "unknown-key", "did you mean 'run_out_h'?"),
    ),
    "an unknown rule": one(
        change(SETTINGS, "[rules]", "[rules]\ncrossing_interval = 2"),
        issue(SETTINGS, "key rules.crossing_interval", "unknown-key", "did you mean 'crossing_interval_min'?"),
    ),
    "a rule in quotes": one(
        change(SETTINGS, "crossing_interval_min = 1.5", 'crossing_interval_min = "1.5"'),
        issue(SETTINGS, "key rules.crossing_interval_min", "not-a-number", "without quotes"),
    ),
    "days with a fraction": one(
        change(SETTINGS, "days = 2", "days = 2.5"), issue(SETTINGS, "key days", "wrong-type", "whole number")
    ),
    "missing keys": one(
        change(SETTINGS, 'name = "small"\n', ""), issue(SETTINGS, "key name", "missing-key", "'name' is missing")
    ),
    "a schema of the future": one(
        change(SETTINGS, "schema = 1", "schema = 9"), issue(SETTINGS, "key schema", "unknown-schema", "reads schema 1")
    ),
    "rules that are no section": one(
        put(SETTINGS, 'name = "x"\ntime_zone = "UTC"\nstart = 2026-03-02\ndays = 2\nrules = 3\n'),
        issue(SETTINGS, "key rules", "wrong-type", "a line [rules]"),
    ),
    "a base that is not there": one(
        change(SETTINGS, "days = 2", 'days = 2\nbase = "../nowhere"'),
        issue(SETTINGS, "key base", "no-such-base", "no such folder"),
    ),
    "a base that is not there, with all that it had": Case(
        (
            change(SETTINGS, "days = 2", 'days = 2\nbase = "../nowhere"'),
            remove("stations.csv"),
            remove("tracks.csv"),
            remove("sections.csv"),
        ),
        (issue(SETTINGS, "key base", "no-such-base", "no such folder"),),
    ),
    "two bases that are not there": one(
        change(SETTINGS, "days = 2", 'days = 2\nbase = ["../nowhere", "../elsewhere"]'),
        issue(SETTINGS, "key base", "no-such-base", "no such folder"),
        issue(SETTINGS, "key base", "no-such-base", "no such folder"),
    ),
    "bases that are no paths": one(
        change(SETTINGS, "days = 2", "days = 2\nbase = [1, 2]"),
        issue(SETTINGS, "key base", "wrong-type", "or several in brackets"),
    ),
    "a base that is the folder itself": one(
        change(SETTINGS, "days = 2", 'days = 2\nbase = "."'), issue(SETTINGS, "key base", "base-cycle", "a cycle")
    ),
}
