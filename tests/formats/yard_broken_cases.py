"""Small damages to a good scenario folder with a border yard and bankers, each with what must be said about it."""

from __future__ import annotations

from scenario_broken_cases import SETTINGS, Case, append, change, drop_column, issue, one, put, remove, warning

STEPS, HOURS, LINKS, STOPS = "yard_steps.csv", "opening_hours.csv", "links.csv", "stops.csv"
RESOURCES, REQUESTS, BANKERS, TYPES = "yard_resources.csv", "requests.csv", "bankers.csv", "train_types.csv"

YARD_CASES: dict[str, Case] = {
    # names that are not known
    "unknown station of a yard resource": one(
        change(RESOURCES, "customs,chaman", "customs,chamann"),
        issue(RESOURCES, "row 2, column station", "unknown-station", "did you mean 'chaman'?"),
    ),
    "unknown yard resource of hours": one(
        change(HOURS, "customs,sun", "custom,sun"),
        issue(HOURS, "row 3, column resource", "unknown-yard-resource", "did you mean 'customs'?"),
    ),
    "unknown yard resource of a step": one(
        change(STEPS, "crane", "crain"),
        issue(STEPS, "row 3, column resource", "unknown-yard-resource", "did you mean 'crane'?"),
    ),
    "unknown yard resource of a closure": one(
        change("closures.csv", ",crane,", ",crain,"),
        issue("closures.csv", "row 5, column yard_resource", "unknown-yard-resource", "did you mean 'crane'?"),
    ),
    "unknown process of a stop": one(
        change(STOPS, "EXIT", "EXITS"),
        issue(STOPS, "row 4, column process", "unknown-process", "did you mean 'EXIT'?"),
    ),
    "unknown track of a step": one(
        change(STEPS, "2+3", "2+4"),
        issue(
            STEPS, "row 3, column tracks", "unknown-track", "chaman, where CONT asks for this process, has no track 4"
        ),
    ),
    "unknown request of a link": one(
        change(LINKS, "CONT,BLOCK", "CONTT,BLOCK"),
        issue(LINKS, "row 2, column first", "unknown-request", "did you mean 'CONT'?"),
    ),
    "unknown way back of a link": one(
        change(LINKS, "PAIR,PAIR/back", "PAIR,PEAR/back"),
        issue(LINKS, "row 3, column second", "unknown-request", "did you mean 'PAIR/back'?"),
    ),
    "unknown station of a link": one(
        change(LINKS, "refuse,gulistan", "refuse,gulistn"),
        issue(LINKS, "row 4, column station", "unknown-station", "did you mean 'gulistan'?"),
    ),
    "unknown zone of hours": one(
        change(HOURS, "Asia/Kabul", "Asia/Cabul"),
        issue(HOURS, "row 3, column time_zone", "unknown-zone", "did you mean 'Asia/Kabul'?"),
    ),
    # words and figures
    "an unknown word for closing time": one(
        change(RESOURCES, "run_over", "runover"),
        issue(RESOURCES, "row 3, column at_close", "unknown-word", "write finish or run_over"),
    ),
    "an unknown kind of link": one(
        change(LINKS, "turn_round", "turnround"),
        issue(LINKS, "row 3, column kind", "unknown-word", "did you mean 'turn_round'?"),
    ),
    "an unknown word for refusal": one(
        change(LINKS, ",run,", ",ran,"), issue(LINKS, "row 2, column if_refused", "unknown-word", "refuse or run")
    ),
    "a resource for nobody": one(
        change(RESOURCES, "chaman,2,", "chaman,0,"),
        issue(RESOURCES, "row 2, column capacity", "out-of-range", "between 1 and 1000 trains"),
    ),
    "a negative step": one(
        change(STEPS, ",40,", ",-40,"), issue(STEPS, "row 4, column duration_min", "out-of-range", "between 0 and")
    ),
    "a step of months": one(
        change(STEPS, ",40,", ",400000,"), issue(STEPS, "row 4, column duration_min", "out-of-range", "and 10,080")
    ),
    "a negative time by the wagon": one(
        change(STEPS, ",2.5,", ",-2.5,"),
        issue(STEPS, "row 3, column per_wagon_min", "out-of-range", "between 0 and 1440 minutes"),
    ),
    "half a wagon": one(
        change("train_types.csv", "1676,30", "1676,30.5"),
        issue("train_types.csv", "row 2, column wagons", "not-a-number", "not a whole number"),
    ),
    "a negative number of wagons": one(
        change("train_types.csv", "1676,30", "1676,-30"),
        issue("train_types.csv", "row 2, column wagons", "out-of-range", "between 0 and 1000 wagons"),
    ),
    "a track that is missing between two": one(
        change(STEPS, "2+3", "2++3"), issue(STEPS, "row 3, column tracks", "missing-value", "ids joined by +")
    ),
    "a track twice": one(
        change(STEPS, "2+3", "2+2"), issue(STEPS, "row 3, column tracks", "duplicate-id", "stands there 2 times")
    ),
    "hours that are empty": one(
        change(HOURS, "08:00,18:00", "08:00,08:00"),
        issue(HOURS, "row 2, column until", "ends-before-begin", "00:00 to 24:00"),
    ),
    "hours without an end": one(
        change(HOURS, "08:00,18:00", "08:00,"), issue(HOURS, "row 2, column until", "missing-value", "needed here")
    ),
    "hours on no day": one(
        change(HOURS, "mon-sat", "mo-sat"), issue(HOURS, "row 2, column weekdays", "unknown-word", "'mo' is not a day")
    ),
    "a closure of a section and a yard resource": one(
        change("closures.csv", "inspection,B-G,,,,", "inspection,B-G,,,,crane"),
        issue("closures.csv", "row 3, column section", "contradiction", "give one of them"),
    ),
    # ids
    "a yard resource twice": one(
        append(RESOURCES, "crane,chaman,,,,"),
        issue(RESOURCES, "row 4, column id", "duplicate-id", "row 3 has the same id"),
    ),
    "a step twice": one(
        append(STEPS, "EXIT,papers,,,5,,,"),
        issue(STEPS, "row 5, column step", "duplicate-id", "row 2 has the same process and step"),
    ),
    "a link twice": one(
        append(LINKS, "RAKE,connection,PAIR,PAIR/back,,,1,60,,,,,"),
        issue(LINKS, "row 5, column id", "duplicate-id", "row 3 has the same id"),
    ),
    "a step without a name": one(
        change(STEPS, "READY,brake test", "READY,"),
        issue(STEPS, "row 4, column step", "missing-value", "needed here"),
    ),
    # processes at stops
    "a process beside a dwell": one(
        change(STOPS, "CONT,chaman,", "CONT,chaman,10"),
        issue(STOPS, "row 4, column dwell_min", "contradiction", "give the process a step of that duration"),
    ),
    "a process at every station": one(
        change(STOPS, "PAIR,*,2,,,,,", "PAIR,*,,,,,,READY"),
        issue(STOPS, "row 2, column process", "contradiction", "a station of its own"),
    ),
    "a process of another station": one(
        change(STOPS, "CONT,gulistan,20,,23:30,,05:00+1,", "CONT,gulistan,,,23:30,,05:00+1,EXIT"),
        issue(STOPS, "row 3, column process", "other-station", "papers needs customs, which is at chaman"),
        issue(STOPS, "row 3, column process", "other-station", "reloading needs crane, which is at chaman"),
    ),
    "a step on tracks that are too short": one(
        change(STEPS, "READY,brake test,,,", "READY,brake test,,1+2,"),
        issue(STOPS, "row 5, column process", "unfit-track", "1 (700 m), 2 (700 m), on none of which the train (600 m"),
    ),
    "a process where no track fits": one(
        change("tracks.csv", "chaman,3,yard,700,1676+1520", "chaman,3,yard,500,1676+1520"),
        issue(REQUESTS, "row 4, column to", "no-route", "no track of chaman is long enough for it to stop there"),
    ),
    "a process on the way where no track fits": Case(
        (
            change(STOPS, "CONT,gulistan,20,,23:30,,05:00+1,", "CONT,gulistan,,,23:30,,05:00+1,READY"),
            change("train_types.csv", "freight,480", "freight,550"),
        ),
        (issue(STOPS, "row 3, column station", "too-long-for-stop", "the longest track of its gauge has 500 m"),),
    ),
    "a process that takes no time": one(
        change(STEPS, ",40,", ",,"),
        issue(STEPS, "row 4, column duration_min", "no-time", "give one a duration_min or per_wagon_min"),
    ),
    "a process that nobody asks for": one(
        append(STEPS, "SPARE,wait,,,5,,,"),
        warning(STEPS, "row 5, column process", "not-used", "no stop asks for this process"),
    ),
    "a resource that nobody needs": one(
        append(RESOURCES, "shunter,quetta,,,,"),
        warning(RESOURCES, "row 4, column id", "not-used", "no step of any process"),
    ),
    "a time by the wagon of a train without wagons": one(
        change("train_types.csv", "1676,30", "1676,"),
        warning("train_types.csv", "row 2, column wagons", "no-wagons", "step papers of EXIT"),
    ),
    # hours that are too short
    "a step that no opening is long enough for": one(
        change(STEPS, "customs,,30", "customs,,600"),
        issue(
            STEPS,
            "row 2, column duration_min",
            "never-open",
            "needs 10:15 for this step, and customs is open for 10:00",
        ),
    ),
    "a resource that is never open": Case(
        (append("closures.csv", "strike,,,,,crane,00:00,24:00,,,"),),
        (issue(STEPS, "row 3, column duration_min", "never-open", "crane is never open"),),
    ),
    # journeys
    "windows that a process does not fit": one(
        change(STOPS, "CONT,gulistan,20,,23:30,,05:00+1,", "CONT,gulistan,,,,,07:40,READY"),
        issue(
            STOPS,
            "row 3, column depart_until",
            "window-too-tight",
            "2026-03-02 07:44 at the earliest, 2026-03-02 07:40 is the latest",
        ),
    ),
    # links
    "a link to the way back of a train that has none": one(
        change(LINKS, "CONT,BLOCK", "CONT/back,BLOCK"),
        issue(LINKS, "row 2, column first", "no-way-back", "CONT has no way back"),
    ),
    "a link of a request with itself": one(
        change(LINKS, "PAIR,PAIR/back", "PAIR,PAIR"),
        issue(LINKS, "row 3, column second", "contradiction", "two requests"),
    ),
    "no train in a batch": one(
        change(LINKS, "BLOCK,2,1", "BLOCK,0,1"),
        issue(LINKS, "row 2, column first_count", "out-of-range", "between 1 and 100 trains"),
    ),
    "a batch of rakes": one(
        change(LINKS, "PAIR,PAIR/back,,,", "PAIR,PAIR/back,1,2,"),
        issue(LINKS, "row 3, column second_count", "contradiction", "one rake makes one train"),
    ),
    "a longest time under the least": one(
        change(LINKS, "30,600", "30,20"),
        issue(LINKS, "row 2, column longest_min", "contradiction", "less than the least, 30 minutes"),
    ),
    "a negative least time": one(
        change(LINKS, ",1,60,", ",1,-60,"), issue(LINKS, "row 3, column least_min", "out-of-range", "between 0 and")
    ),
    "a link to a day long before": one(
        change(LINKS, ",1,60,", ",-8,60,"),
        issue(LINKS, "row 3, column days_later", "out-of-range", "between -7 and 60 days"),
    ),
    "a link to the day before, whose trains have gone": one(
        change(LINKS, ",1,60,", ",-1,60,"),
        issue(LINKS, "row 3, column least_min", "window-too-tight", "is days_later right?"),
    ),
    "transshipment between trains that do not meet": one(
        change(REQUESTS, "WIDE,chaman,spin_boldak", "WIDE,spin_boldak,chaman"),
        issue(LINKS, "row 2, column second", "ends-apart", "CONT ends at chaman, and BLOCK begins at spin_boldak"),
    ),
    "a connection without its station": one(
        change(LINKS, "PAIR/back,CONT,,,0,5.5,240,refuse,gulistan", "PAIR,CONT,,,0,5.5,240,refuse,"),
        issue(LINKS, "row 4, column second", "ends-apart", "name the station where both stop"),
    ),
    "a rake that turns round on its way": one(
        change(LINKS, ",1,60,,,,", ",1,60,,,gulistan,"),
        issue(LINKS, "row 3, column station", "contradiction", "only a connection names a station"),
    ),
    "a connection beside the way": one(
        change(LINKS, "refuse,gulistan", "refuse,spin_boldak"),
        issue(LINKS, "row 4, column station", "stop-not-on-route", "PAIR/back comes through spin_boldak never"),
        issue(LINKS, "row 4, column station", "stop-not-on-route", "CONT comes through spin_boldak never"),
    ),
    "a connection where a train may pass": one(
        change(LINKS, "refuse,gulistan", "refuse,bostan"),
        issue(LINKS, "row 4, column station", "no-stop", "CONT may pass here"),
    ),
    "a connection from where a train begins, to one that ends": one(
        change(LINKS, "refuse,gulistan", "refuse,chaman"),
        issue(LINKS, "row 4, column station", "contradiction", "PAIR/back begins here"),
        issue(LINKS, "row 4, column station", "contradiction", "CONT ends here"),
    ),
    "a rake of two gauges": one(
        change(LINKS, "BOXES,transshipment,CONT,BLOCK,2,1,,30,600", "BOXES,turn_round,CONT,BLOCK,1,1,,30,600"),
        issue(LINKS, "row 2, column second", "gauge-differs", "CONT has a gauge of 1676 mm and BLOCK one of 1520 mm"),
    ),
    "a link that ties no trains": one(
        change(LINKS, ",1,60,", ",2,60,"),
        warning(LINKS, "row 3, column days_later", "no-effect", "it ties no trains"),
    ),
    "a link that can never be kept": one(
        change(LINKS, "PAIR,PAIR/back,,,1,", "PAIR,PAIR/back,,,0,"),
        issue(LINKS, "row 3, column least_min", "window-too-tight", "is days_later right?"),
    ),
    "a train out of two rakes": Case(
        (
            append(REQUESTS, "MORE,,LOCAL,quetta,chaman,,one,10:00,0,60,1,,,,50,no"),
            append(STOPS, "MORE,*,,,,,,"),
            append(LINKS, "SECOND,turn_round,MORE,PAIR/back,,,1,60,,,,,"),
        ),
        (
            issue(
                LINKS, "row 5, column second", "two-rakes", "from the rake of PAIR/2026-03-02/1 already, by link RAKE"
            ),
        ),
    ),
    "two trains out of a rake": Case(
        (
            append(REQUESTS, "MORE,,LOCAL,chaman,quetta,,one,10:00,0,60,1,,,,50,no"),
            append(LINKS, "SECOND,turn_round,PAIR,MORE,,,1,60,,,,,"),
        ),
        (issue(LINKS, "row 5, column first", "two-rakes", "becomes PAIR/back/2026-03-03/1 already, by link RAKE"),),
    ),
    "links in a circle": one(
        append(LINKS, "BACK,connection,CONT,PAIR/back,,,,,,run,gulistan,,"),
        issue(LINKS, "row 4, column first", "circle", "links CHANGE, BACK lead in a circle"),
    ),
    # bankers
    "unknown station of a banker": one(
        change(BANKERS, "KHOJAK,gulistan", "KHOJAK,gulistn"),
        issue(BANKERS, "row 2, column from", "unknown-station", "did you mean 'gulistan'?"),
    ),
    "unknown train types of a banker": one(
        change(BANKERS, "GOODS LOCAL,LIGHT", "GODS LOKAL,LIHT"),
        issue(BANKERS, "row 2, column train_types", "unknown-train-type", "type 'GODS'; did you mean 'GOODS'?"),
        issue(BANKERS, "row 2, column train_types", "unknown-train-type", "type 'LOKAL'; did you mean 'LOCAL'?"),
        issue(BANKERS, "row 2, column engine_type", "unknown-train-type", "did you mean 'LIGHT'?"),
    ),
    "a banker between a station and itself": one(
        change(BANKERS, "HILL,quetta,bostan", "HILL,bostan,bostan"),
        issue(BANKERS, "row 3, column to", "same-ends", "from one station to another"),
    ),
    "a banker twice": one(
        append(BANKERS, "HILL,gulistan,chaman,GOODS,LIGHT,,,,,"),
        issue(BANKERS, "row 4, column id", "duplicate-id", "row 3 has the same id"),
    ),
    "a banker with the id of a request": one(
        change(BANKERS, "HILL,", "PAIR,"),
        issue(BANKERS, "row 3, column id", "duplicate-id", "a request or fixed path has this id"),
    ),
    "a banker's id that its light engines cannot have": one(
        change(BANKERS, "KHOJAK", "KHO/JAK"), issue(BANKERS, "row 2, column id", "bad-id", "must not hold '/'")
    ),
    "no engine": one(
        change(BANKERS, "LIGHT,2,", "LIGHT,0,"),
        issue(BANKERS, "row 2, column engines", "out-of-range", "between 1 and 100 engines"),
    ),
    "more engines than there are": one(
        change(BANKERS, "LIGHT,2,", "LIGHT,101,"),
        issue(BANKERS, "row 2, column engines", "out-of-range", "between 1 and 100 engines"),
    ),
    "half an engine": one(
        change(BANKERS, "LIGHT,2,", "LIGHT,2.5,"),
        issue(BANKERS, "row 2, column engines", "not-a-number", "not a whole number"),
    ),
    "light engines that leave before they arrive": one(
        change(BANKERS, "5.5,90", "-5.5,90"),
        issue(BANKERS, "row 2, column least_min", "out-of-range", "between 0 and 10,080 minutes"),
    ),
    "light engines that wait for months": one(
        change(BANKERS, "5.5,90", "5.5,100000"),
        issue(BANKERS, "row 2, column longest_min", "out-of-range", "between 0 and 10,080 minutes"),
    ),
    "a longest time under the least of a banker": one(
        change(BANKERS, "5.5,90", "100,90"),
        issue(BANKERS, "row 2, column longest_min", "contradiction", "90 minutes, is less than the least, 100 minutes"),
    ),
    "a least time over the longest that a banker has by default": one(
        change(BANKERS, "HILL,quetta,bostan,LOCAL,LIGHT,,,", "HILL,quetta,bostan,LOCAL,LIGHT,,90,"),
        issue(BANKERS, "row 3, column longest_min", "contradiction", "60 minutes, is less than the least, 90 minutes"),
    ),
    "engines of another gauge": one(
        change(TYPES, "LIGHT,Light engine,freight,20,80,1676", "LIGHT,Light engine,freight,20,80,1520"),
        issue(BANKERS, "row 2, column engine_type", "gauge-differs", "gauge of 1520 mm and GOODS one of 1676 mm"),
        issue(BANKERS, "row 2, column engine_type", "gauge-differs", "gauge of 1520 mm and LOCAL one of 1676 mm"),
        issue(BANKERS, "row 3, column engine_type", "gauge-differs", "gauge of 1520 mm and LOCAL one of 1676 mm"),
    ),
    "engines that have no way back": one(
        change(TYPES, "LIGHT,Light engine,freight,20", "LIGHT,Light engine,freight,650"),
        issue(BANKERS, "row 2, column engine_type", "no-route", "no way back for its light engines: no track of gul"),
        issue(BANKERS, "row 3, column engine_type", "no-route", "no way back for its light engines: no track of bos"),
    ),
    "an engine that helps its like": one(
        change(BANKERS, "GOODS LOCAL,LIGHT", "GOODS LOCAL,LOCAL"),
        issue(BANKERS, "row 2, column engine_type", "contradiction", "give it a type of its own"),
    ),
    "a train that may pass where its banker leaves it": one(
        change(BANKERS, "HILL,quetta,bostan,LOCAL", "HILL,quetta,bostan,LOCAL GOODS"),
        issue(BANKERS, "row 3, column to", "no-stop", "CONT may pass bostan, where this banker leaves it"),
    ),
    "trains that may pass both ends of a banker": Case(
        (change(STOPS, "PAIR,*", "PAIR,chaman"), change(BANKERS, "KHOJAK,gulistan,chaman", "KHOJAK,bostan,gulistan")),
        (
            issue(LINKS, "row 4, column station", "no-stop", "PAIR/back may pass here"),
            issue(BANKERS, "row 2, column from", "no-stop", "CONT may pass bostan, where this banker comes to it"),
            issue(BANKERS, "row 2, column from", "no-stop", "add a row for PAIR at bostan to the table stops"),
            issue(BANKERS, "row 2, column to", "no-stop", "add a row for PAIR at gulistan to the table stops"),
            issue(BANKERS, "row 3, column to", "no-stop", "PAIR may pass bostan, where this banker leaves it"),
        ),
    ),
    "a banker whose trains do not go its way": one(
        change(BANKERS, "HILL,quetta,bostan,LOCAL", "HILL,chaman,spin_boldak,LOCAL"),
        warning(BANKERS, "row 3, column train_types", "no-effect", "no train of type LOCAL goes from chaman to spin"),
    ),
    "one of a banker's train types that does not go its way": one(
        change(BANKERS, "HILL,quetta,bostan,LOCAL", "HILL,gulistan,bostan,LOCAL GOODS"),
        warning(BANKERS, "row 3, column train_types", "no-effect", "no train of type GOODS goes from gulistan to bos"),
    ),
    "a banker of no trains": one(
        change(BANKERS, "HILL,quetta,bostan,LOCAL", "HILL,quetta,bostan,"),
        issue(BANKERS, "row 3, column train_types", "missing-value", "a value is needed here"),
    ),
    # the form of the files
    "a missing column of bankers": one(
        drop_column(BANKERS, "engine_type"),
        issue(BANKERS, "row 1, column engine_type", "missing-column", "'engine_type' is missing"),
    ),
    "bankers under a wrong name": Case(
        (remove(BANKERS), put("banker.csv", "id,from,to\n")),
        (warning("banker.csv", "", "unknown-file", "call it bankers.csv"),),
    ),
    "a missing column of links": one(
        drop_column(LINKS, "second"), issue(LINKS, "row 1, column second", "missing-column", "'second' is missing")
    ),
    "yard resources without their table": Case(
        (remove(RESOURCES), put("yard_resource.csv", "id,station\n")),
        (
            warning("yard_resource.csv", "", "unknown-file", "call it yard_resources.csv"),
            issue("closures.csv", "row 5, column yard_resource", "unknown-yard-resource", "no yard resource"),
            issue(HOURS, "row 2, column resource", "unknown-yard-resource", "no yard resource"),
            issue(HOURS, "row 3, column resource", "unknown-yard-resource", "no yard resource"),
            issue(STEPS, "row 2, column resource", "unknown-yard-resource", "no yard resource"),
            issue(STEPS, "row 3, column resource", "unknown-yard-resource", "no yard resource"),
        ),
    ),
    "a broken table of yard resources": one(
        put(RESOURCES, ""), issue(RESOURCES, "", "empty-file", "needs a header row")
    ),
    "a broken table of steps": one(put(STEPS, ""), issue(STEPS, "", "empty-file", "needs a header row")),
    "a broken table of stops": one(put(STOPS, ""), issue(STOPS, "", "empty-file", "needs a header row")),
    "a time step of nothing": one(
        change(SETTINGS, "[rules]", "[rules]\ntime_step_min = 0"),
        issue(SETTINGS, "key rules.time_step_min", "out-of-range", "minutes"),
    ),
}
