"""From a scenario to a checked timetable: compile, solve, lift, check, cost, explain."""
