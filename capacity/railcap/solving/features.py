"""What a problem asks of a backend beyond fixed routes on plain resources."""

from __future__ import annotations

from railcap.operations.problem import JourneyTerm, OperationsProblem


def features_of(problem: OperationsProblem) -> frozenset[str]:
    """Return the features that `problem` uses, a subset of `railcap.solving.backend.FEATURES`."""
    operations = [operation for train in problem.trains for operation in train.operations]
    used = {
        "routes": any(len(operation.successors) > 1 for operation in operations),
        "optional_trains": any(train.refusal_cost is not None for train in problem.trains),
        "capacity": any(resource.capacity != 1 for resource in problem.resources.values()),
        "links": bool(problem.links),
        "closures": any(resource.closures for resource in problem.resources.values()),
        "max_duration": any(operation.max_duration_s is not None for operation in operations),
        "journey_terms": any(isinstance(term, JourneyTerm) for term in problem.objective),
    }
    return frozenset(name for name, is_used in used.items() if is_used)
