"""What follows from conditions: at once, or as soon as somebody looks, and not where they never come to hold."""

from threading import Event

from railcap_solvers.stopping import call_when, stop_when


def test_a_condition_that_holds_already_acts_at_once():
    acted = Event()
    with call_when(lambda: True, acted.set):
        assert acted.is_set()


def test_a_condition_that_comes_to_hold_is_seen():
    holds, acted = Event(), Event()
    with call_when(holds.is_set, acted.set):
        assert not acted.is_set()
        holds.set()
        assert acted.wait(10)


def test_where_it_never_holds_nothing_is_done_and_nobody_goes_on_looking():
    looks: list[int] = []
    with stop_when(lambda: bool(looks.append(1))) as stop:
        pass
    assert not stop.requested
    seen = len(looks)
    assert not Event().wait(0.3)
    assert len(looks) == seen
