"""What a backend must say about a problem with a known answer."""

from railcap.operations.problem import OperationsProblem
from railcap.solving.parameters import SolveParameters
from railcap.solving.result import Reason
from railcap.solving.solve import solve

BACKENDS = ("cp-sat", "plain", "highs", "cbc", "scip")


def proven_cost(problem: OperationsProblem, backend: str) -> int | None:
    """Return the cost that a backend proves optimal, None if it proves that there is no solution; else fail."""
    result = solve(problem, backend, SolveParameters(time_limit_s=120, threads=1))
    if result.termination.reason is Reason.INFEASIBLE:
        return None
    assert result.termination.reason is Reason.OPTIMAL, f"no proof: {result.termination}, {result.objective}"
    assert result.bound == result.objective
    return result.objective
