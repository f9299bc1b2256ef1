import re
import subprocess
import sys
from pathlib import Path

import pytest

from railcap_app.cli.main import run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_python_example_runs(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    folder = tmp_path / "line"
    assert run(["generate", "line", "--seed", "1", "--stations", "4", "--trains", "2", "-o", str(folder)]) == 0
    assert '"quetta-chaman-day"' in code
    (tmp_path / "example.py").write_text(code.replace('"quetta-chaman-day"', repr(str(folder))))
    done = subprocess.run([sys.executable, "example.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Reason.OPTIMAL" in done.stdout
    assert (tmp_path / "out" / "quetta" / "train_graph.png").exists()


@pytest.mark.parametrize("page", ["README.md", "docs/cli.md", "docs/embedding.md", "CONTRIBUTING.md"])
def test_links_and_make_targets_exist(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / page).parent.joinpath(target).exists(), target
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"make ([a-z]+)\b", text)) - {"and", "a"} <= set(targets)


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^    railcap ([a-z]+)", README, re.MULTILINE))))
def test_commands_that_are_shown_exist(command, capfd):
    assert run([command, "--help"]) == 0
    assert f"railcap {command}" in capfd.readouterr().out
