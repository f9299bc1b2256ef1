"""The install step compiles all there is to compile, so that no first problem of some kind waits for it."""

import json
import subprocess
import sys

import pytest

_LOOK = """
import importlib, json, pkgutil
import railcap.measures, railcap.operations, railcap_solvers
from numba.core.dispatcher import Dispatcher
from railcap_app import warm_up

warm_up.main()
names = [
    found.name
    for package in (railcap.measures, railcap.operations, railcap_solvers)
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
]
idle, seen = [], 0
for name in names:
    module = importlib.import_module(name)
    for key, value in vars(module).items():
        is_called = isinstance(value, Dispatcher) and value.__module__ == name and not key.startswith("_")
        if is_called and not value.targetoptions.get("no_cpython_wrapper"):  # Python calls it
            seen += 1
            if not value.overloads:
                idle.append(f"{name}.{key}")
print(json.dumps({"seen": seen, "idle": idle}))
"""


@pytest.mark.long
def test_nothing_is_left_to_compile_after_the_warm_up():
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["seen"] > 20
    assert not found["idle"], ", ".join(found["idle"])
