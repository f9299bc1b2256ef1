"""How a timetable stands up to delays: Monte Carlo of primary delays through its event graph, with the order kept."""
