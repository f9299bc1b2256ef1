"""Plan a day on the line from Quetta to Chaman: load, plan, look.

python examples/plan_quetta_chaman.py [folder for the files]
"""

import sys

import railcap


def main(folder: str | None = None) -> None:
    """Plan the shipped instance for at most 20 seconds, and print what came out."""
    scenario = railcap.load("quetta-chaman-day")
    plan = railcap.plan(scenario, parameters=railcap.SolveParameters(time_limit_s=20))
    print(railcap.summarise(plan))

    if plan.timetable is None:
        return
    print(f"cost {plan.objective:.1f}, of which avoidable {plan.avoidable_objective:.1f}; gap {plan.gap:.1%}")
    for path in plan.timetable.paths:
        longest = max(path.calls[1:-1], key=lambda call: call.departure_s - call.arrival_s)
        waits_min = (longest.departure_s - longest.arrival_s) / 60
        print(f"{path.train}: {path.journey_s / 3600:.1f} h, longest stop {waits_min:.0f} min at {longest.station}")
    for refusal in plan.timetable.refused:
        print(f"{refusal.train} refused: {refusal.reason}")

    if folder is not None:
        for file in railcap.write(plan, folder):
            print(file)


if __name__ == "__main__":
    main(*sys.argv[1:2])
