"""The compiled day of a dispatcher: event after event, and where a train waits for its turn alone, who goes first."""

from __future__ import annotations

from railcap.measures.robustness.dispatch_arrays import (
    AFTER,
    APART_S,
    BEFORE,
    BLOCK,
    DELAY,
    END,
    LEAST,
    LINE,
    PLANNED,
    RUN,
    STANDS,
    STATION,
    SUM,
    TRACK,
    TRAIN,
    WAY,
)
from railcap.measures.robustness.dispatch_jit import entry, inner
from railcap.measures.robustness.dispatch_orders import NEVER, TAKES, apply, copy, forecast, sort, work_out

_BITS = 21
_MASK = 2**_BITS - 1
_KEPT, _TURNED = 0, 1
_NEXT, _AGAIN = 0, 1


@entry
def dispatch_day(graph, primary_s, rule, lived, plan, scratch, day, changes):
    """Live through a day; its times stand in ``day.time_s``.

    Parameters
    ----------
    primary_s : array of int, shape (primary delays,)
    rule : tuple of int
        The least gain, the look-ahead, the time until a train is looked at again (seconds), and the most stations.
    lived, plan, scratch : Standing
        After what has happened; after what will, in the present order; for forecasts. All cleared, as is `day`.
    changes : array of int, shape (most, 3)
        Is filled with the changes of order: the moment, the event that was put first, and that which it goes before.

    Returns
    -------
    int
        The number of changes, -1 if an order could not be carried out, which is an error of this program.
    """
    end = len(day.done)
    version, stamp, told, left, pointer = 1, 0, 0, end, 0
    floor_s = since_s = now_s = 0
    while left > 0:
        # As far as a change of order reaches, after which events no longer stand by their planned times before that.
        cover_s = max(now_s, graph.events[day.listed[0, end], PLANNED]) + rule[1]
        while pointer != end and graph.events[pointer, PLANNED] <= cover_s:
            time_s, own_s = work_out(graph, plan, lived, pointer, floor_s, primary_s, day, -1, version, told == 0)
            if time_s < 0:
                return -1
            day.time_s[pointer], day.own_s[pointer], day.version[pointer] = time_s, own_s, version
            apply(graph, plan, pointer, time_s, primary_s, True)
            _chain(graph, day, pointer)
            pointer = day.listed[0, pointer]
        events, held = _moments(day, pointer, since_s, cover_s)
        keys, held_s = day.keys, day.held_s
        i = j = 0
        has_changed = False
        while i < events or j < held:
            moment_s = keys[i] >> _BITS if i < events else NEVER
            if j < held:
                moment_s = min(moment_s, held_s[j])
            while i < events and keys[i] >> _BITS == moment_s:
                event = keys[i] & _MASK
                day.done[event] = 1
                apply(graph, lived, event, moment_s, primary_s, True)
                _link(day, day.listed[1, event], day.listed[0, event])
                day.trains[_NEXT, graph.events[event, TRAIN]] = graph.events[event, AFTER]
                left -= 1
                i += 1
            while j < held and held_s[j] == moment_s:
                j += 1
            if told < len(changes):
                has_changed, stamp = _decide(
                    graph, primary_s, rule, lived, scratch, day, moment_s, version, stamp, changes, told
                )
                if has_changed:
                    now_s = floor_s = since_s = moment_s
                    break
        if has_changed:
            told += 1
            version += 1
            copy(lived, plan)
            for place in range(len(day.latest)):
                day.latest[place] = -1
            pointer = day.listed[0, end]
        else:
            now_s = cover_s
            since_s = cover_s + 1
    return told


@inner
def _link(day, one, other):
    day.listed[0, one] = other
    day.listed[1, other] = one


@inner
def _chain(graph, day, event):
    """Note which event of the order comes before one on its track, at its station and in its pools."""
    run, way = graph.events[event, RUN], graph.events[event, WAY]
    if run >= 0:
        place = graph.runs[run, TRACK]
        day.chains[0, event] = day.latest[place]
        day.latest[place] = event
    if way >= 0:
        place = graph.ways[way, STATION]
        day.chains[1, event] = day.latest[place]
        day.latest[place] = event
    for i in range(graph.bounds[event, TAKES], graph.bounds[event + 1, TAKES]):
        place = graph.takes[i, 3]
        day.queues[i] = day.latest[place]
        day.latest[place] = i


@inner
def _moments(day, pointer, since_s, cover_s):
    """List the events up to a moment as numbers that rise with time and order, and when trains begin to wait.

    Returns
    -------
    tuple of int
        How many of either there are.
    """
    end = len(day.done)
    count = waiting = place = 0
    event = day.listed[0, end]
    while event != pointer:
        if day.time_s[event] <= cover_s:
            day.keys[count] = (day.time_s[event] << _BITS) | place
            count += 1
        if since_s <= day.own_s[event] <= cover_s and day.own_s[event] < day.time_s[event]:
            day.held_s[waiting] = day.own_s[event]
            waiting += 1
        day.turned[place] = event
        place += 1
        event = day.listed[0, event]
    sort(day.keys, count)
    sort(day.held_s, waiting)
    for i in range(count):
        day.keys[i] = ((day.keys[i] >> _BITS) << _BITS) | day.turned[day.keys[i] & _MASK]
    return count, waiting


@inner
def _decide(graph, primary_s, rule, lived, scratch, day, now_s, version, stamp, changes, told):
    """Let the first train go first that waits for its turn alone, if that pays; return whether, and the last stamp."""
    end = len(day.done)
    last_s = now_s + rule[1]
    near = kept_s = rest = -1
    for train in range(len(graph.trains)):
        event = day.trains[_NEXT, train]
        if event < 0 or day.trains[_AGAIN, train] > now_s or day.version[event] != version:
            continue
        if day.own_s[event] > now_s or day.time_s[event] <= now_s or graph.events[event, BLOCK] >= 0:
            continue
        day.trains[_AGAIN, train] = now_s + rule[2]
        front_s, _ = work_out(graph, lived, lived, event, now_s, primary_s, day, _KEPT, -1, False)
        if front_s < 0 or _promise_s(graph, primary_s, day, event, front_s, now_s, last_s) < rule[0]:
            continue
        if near < 0:
            near, rest = 0, day.listed[0, end]
            while rest != end and graph.events[rest, PLANNED] <= last_s:
                day.turned[near] = rest
                near += 1
                rest = day.listed[0, rest]
            stamp += 1
            kept_s = forecast(graph, lived, scratch, day.turned, near, now_s, primary_s, day, _KEPT, stamp)
            if kept_s >= 0:
                _by_time(day, near)
        if kept_s < 0 or day.forecast_s[_KEPT, event] - now_s < rule[0]:
            continue
        furthest = rule[3] + 1
        for option in range(1, furthest + 1):
            moved = _moved_to(graph, day, event, option, furthest, last_s)
            if not moved:
                break
            stamp += 1
            _put_first(graph, day, moved, front_s, near, stamp)
            turned_s = forecast(graph, lived, scratch, day.turned, near, now_s, primary_s, day, _TURNED, stamp)
            if turned_s >= 0 and kept_s - turned_s >= rule[0]:
                changes[told, 0], changes[told, 1], changes[told, 2] = now_s, event, _rival(graph, day, event)
                _link(day, end, day.turned[0])
                for i in range(1, near):
                    _link(day, day.turned[i - 1], day.turned[i])
                _link(day, day.turned[near - 1], rest)
                return True, stamp
    return False, stamp


@inner
def _soonest_s(graph, primary_s, day, event, now_s):
    """Return when an event takes place at the earliest, as is known now and if its train alone were there."""
    first = day.trains[_NEXT, graph.events[event, TRAIN]]
    before, delay = graph.events[first, BEFORE], graph.events[first, DELAY]
    if before >= 0:
        then_s = day.time_s[before] + graph.events[first, LEAST] + (primary_s[delay] if delay >= 0 else 0)
    else:
        then_s = graph.events[first, PLANNED]
        if delay >= 0 and then_s <= now_s:
            then_s += primary_s[delay]
    then_s = max(then_s, now_s) + graph.events[event, SUM] - graph.events[first, SUM]
    return max(then_s, graph.events[event, PLANNED])


@inner
def _promise_s(graph, primary_s, day, event, front_s, now_s, last_s):
    """Return how much longer a train would wait for those that are to go before it than they would wait for it."""
    run, way, train = graph.events[event, RUN], graph.events[event, WAY], graph.events[event, TRAIN]
    wait_s = loss_s = 0
    if run >= 0:
        moved = _moved_to(graph, day, event, 1, 2, last_s)
        if not moved:
            return -1
        clear_s = front_s + graph.events[day.moved[0, moved - 1], SUM] - graph.events[event, SUM]
        other = day.chains[0, event]
        while other >= 0 and not day.done[other]:
            if graph.events[other, TRAIN] != train:
                soon_s, of = _soonest_s(graph, primary_s, day, other, now_s), graph.events[other, RUN]
                loss_s += max(0, clear_s - soon_s)
                if graph.runs[of, LINE] != graph.runs[run, LINE]:
                    soon_s += graph.events[graph.marks[graph.runs[of, END] - 1, 0], SUM] - graph.events[other, SUM]
                wait_s = max(wait_s, soon_s - front_s)
            other = day.chains[0, other]
    if way >= 0:
        other = day.chains[1, event]
        while other >= 0 and not day.done[other]:
            if graph.events[other, TRAIN] != train and graph.events[other, WAY] != way:
                soon_s = _soonest_s(graph, primary_s, day, other, now_s)
                wait_s = max(wait_s, soon_s + graph.ways[way, APART_S] - front_s)
                loss_s += max(0, front_s + graph.ways[way, APART_S] - soon_s)
            other = day.chains[1, other]
    for i in range(graph.bounds[event, TAKES], graph.bounds[event + 1, TAKES]):
        row = day.queues[i]
        while row >= 0:
            other = graph.takes[row, 2]
            if not day.done[other] and graph.events[other, TRAIN] != train:
                wait_s = max(wait_s, _soonest_s(graph, primary_s, day, other, now_s) - front_s)
            row = day.queues[row]
    return wait_s - loss_s


@inner
def _rival(graph, day, event):
    """Return the first event of the order that another train wants the same track, way in or pool for, -1: none."""
    train, found = graph.events[event, TRAIN], -1
    for kind in range(2):
        if found < 0 and graph.events[event, RUN if kind == 0 else WAY] >= 0:
            other = day.chains[kind, event]
            while other >= 0 and not day.done[other]:
                if graph.events[other, TRAIN] != train:
                    found = other
                other = day.chains[kind, other]
    for i in range(graph.bounds[event, TAKES], graph.bounds[event + 1, TAKES]):
        row = day.queues[i]
        while row >= 0 and found < 0:
            other = graph.takes[row, 2]
            if not day.done[other] and graph.events[other, TRAIN] != train:
                found = other
            row = day.queues[row]
    return found


@inner
def _by_time(day, near):
    """List the events of a forecast by their times in it; of one instant as they are in the order."""
    for i in range(near):
        day.near[i] = (day.forecast_s[_KEPT, day.turned[i]] << _BITS) | i
    sort(day.near, near)
    for i in range(near):
        day.near[i] = day.turned[day.near[i] & _MASK]


@inner
def _moved_to(graph, day, event, option, furthest, last_s):
    """List the events of a train from one on up to where it may stand for the `option`-th time; return how many.

    With the option `furthest` it is the last such place. 0: there is none (of those, none beyond the other options)
    within the look-ahead, before a step of a process.
    """
    day.moved[0, 0] = event
    if graph.events[event, RUN] < 0:
        return 1 if option == 1 else 0
    count, stations, until = 1, 0, 0
    while True:
        before, event = event, graph.events[event, AFTER]
        if event < 0 or graph.events[event, PLANNED] > last_s:
            break
        if graph.events[before, STANDS] and graph.events[event, RUN] < 0:
            break
        day.moved[0, count] = event
        count += 1
        if graph.events[event, STANDS]:
            stations += 1
            until = count
            if stations == option and option < furthest:
                break
    return until if stations >= option else 0


@inner
def _put_first(graph, day, moved, front_s, near, stamp):
    """Write into `turned` the near events by forecast time, with those of one train where they may take place first.

    They come before all runs of others on the section tracks that they lead over.
    """
    for i in range(moved):
        event = day.moved[0, i]
        then_s = front_s if i == 0 else day.moved[1, i - 1] + graph.events[event, LEAST]
        day.moved[1, i] = max(then_s, graph.events[event, PLANNED])
        day.moved[2, event] = stamp
        if graph.events[event, RUN] >= 0 and i + 1 < moved:
            day.track_stamp[graph.runs[graph.events[event, RUN], TRACK]] = stamp
    put = count = 0
    for i in range(near):
        event = day.near[i]
        if day.moved[2, event] == stamp:
            continue
        run = graph.events[event, RUN]
        at_once = run >= 0 and day.track_stamp[graph.runs[run, TRACK]] == stamp
        while put < moved and (at_once or day.moved[1, put] < day.forecast_s[_KEPT, event]):
            day.turned[count] = day.moved[0, put]
            put += 1
            count += 1
        day.turned[count] = event
        count += 1
    while put < moved:
        day.turned[count] = day.moved[0, put]
        put += 1
        count += 1
