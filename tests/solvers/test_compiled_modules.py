"""What is compiled is compiled anew when any module that it contains code or constants of has changed."""

import ast
from importlib import import_module
from pathlib import Path

import pytest


def imported(path: Path, package: str) -> set[str]:
    """Return which modules of its own package a module imports from."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    modules = [node.module for node in nodes if node.module and node.module.startswith(f"{package}.")]
    return {module.removeprefix(f"{package}.") for module in modules}


@pytest.mark.parametrize(
    ("package", "marks"),
    [("railcap_solvers.search", "jit"), ("railcap.measures.robustness", "dispatch_jit")],
)
def test_all_modules_with_compiled_code_and_what_they_import_are_watched(package, marks):
    folder = Path(str(import_module(f"{package}.{marks}").__file__)).parent
    imports = {path.stem: imported(path, package) for path in folder.glob("*.py")}
    compiled = {name for name, its in imports.items() if marks in its}
    assert len(compiled) > 1
    needed = compiled | {module for name in compiled for module in imports[name]}
    assert needed <= set(import_module(f"{package}.{marks}").COMPILED)
