"""Files and folders that appear whole or not at all: errors, full disks, killed and concurrent writers."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from railcap.errors import OutputError
from railcap.formats.atomic import OutputFolder, atomic_path, write_bytes, write_text

SMALL_DISK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
from pathlib import Path
from railcap.errors import OutputError
from railcap.formats.atomic import OutputFolder, write_bytes
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments], capture_output=True, text=True, timeout=60
    )


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )


def content(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with atomic_path(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert content(tmp_path) == {"a.txt": "new"}


@pytest.mark.parametrize("fault", [ValueError("x"), KeyboardInterrupt()])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path, fault: BaseException) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(type(fault)), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise fault
    assert content(tmp_path) == {"a.txt": "old"}


def test_a_missing_folder_is_an_output_error_that_names_the_path(tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "a.txt"
    with pytest.raises(OutputError, match=r"nowhere/a\.txt.*make the folder first"):
        write_text(target, "x")


def test_a_folder_in_the_place_of_a_file_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="a folder stands there"):
        write_text(tmp_path, "x")


def test_rights_follow_the_umask_and_the_file_that_was_there(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_text(tmp_path / "new", "x")
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o644
        (tmp_path / "new").chmod(0o640)
        write_text(tmp_path / "new", "y")
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    finally:
        os.umask(before)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_device_is_written_and_not_replaced() -> None:
    code = "from railcap.formats.atomic import write_text; write_text('/dev/stdout', 'hello')"
    assert run(code).stdout == "hello"


def test_a_full_disk_is_an_output_error_and_the_old_file_stays(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_text("old")
    code = f"""{SMALL_DISK}
try:
    write_bytes(sys.argv[1], b"x" * 30_000)
except OutputError as error:
    print(error)
"""
    done = run(code, str(target))
    assert f"cannot write {target}" in done.stdout, done.stderr
    assert content(tmp_path) == {"a.json": "old"}


def test_a_full_disk_leaves_an_output_folder_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a").write_text("old")
    code = f"""{SMALL_DISK}
try:
    with OutputFolder(sys.argv[1]) as folder:
        folder.file("a").write_bytes(b"x")
        folder.file("b").write_bytes(b"x" * 30_000)
except OutputError as error:
    print(error)
"""
    done = run(code, str(out))
    assert f"cannot write {out}" in done.stdout, done.stderr
    assert content(tmp_path) == {"out/a": "old"}


def test_a_killed_writer_leaves_no_half_file_and_the_next_cleans_up(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    code = """
    import sys
    from railcap.formats.atomic import OutputFolder, atomic_path
    with atomic_path(sys.argv[1]) as temporary, OutputFolder(sys.argv[2]) as folder:
        temporary.write_text("half")
        folder.file("b.txt").write_text("half")
        print("written", flush=True)
        sys.stdin.read()
    """
    writer = start(code, str(target), str(tmp_path / "out"))
    assert writer.stdout is not None
    assert writer.stdout.readline() == "written\n"
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    visible = {name: text for name, text in content(tmp_path).items() if ".partial" not in name}
    assert visible == {"a.txt": "old"}

    write_text(target, "new")
    with OutputFolder(tmp_path / "out") as folder:
        folder.file("c.txt").write_text("new")
    assert content(tmp_path) == {"a.txt": "new", "out/c.txt": "new"}


def test_a_living_writer_is_not_taken_for_a_dead_one(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "out") as first, atomic_path(tmp_path / "a") as temporary:
        temporary.write_text("1")
        first.file("x").write_text("first")
        with OutputFolder(tmp_path / "out") as second:
            second.file("x").write_text("second")
        assert content(tmp_path / "out")["x"] == "second"
        write_text(tmp_path / "a", "2")
    assert content(tmp_path) == {"out/x": "first", "a": "1"}


def test_an_error_in_the_block_leaves_no_new_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stop"), OutputFolder(tmp_path / "deep" / "out") as folder:
        folder.file("a").write_text("x")
        raise ValueError("stop")
    assert list(tmp_path.iterdir()) == []


def test_files_of_an_earlier_run_go_and_those_of_others_stay(tmp_path: Path) -> None:
    owned = ("timetable.json", "*.svg")
    with OutputFolder(tmp_path, owned) as folder:
        folder.file("timetable.json").write_text("1")
        folder.file("graph.svg").write_text("1")
    (tmp_path / "notes.txt").write_text("mine")
    with OutputFolder(tmp_path, owned) as folder:
        folder.file("timetable.json").write_text("2")
    assert content(tmp_path) == {"timetable.json": "2", "notes.txt": "mine"}
    assert folder.written == [tmp_path / "timetable.json"]


def test_files_of_an_earlier_run_go_from_folders_inside_too(tmp_path: Path) -> None:
    owned = ("scenario/stops.csv", "scenario/stations.csv")
    with OutputFolder(tmp_path, owned) as folder:
        folder.file("scenario/stops.csv").write_text("1")
        folder.file("scenario/stations.csv").write_text("1")
    (tmp_path / "scenario" / "notes.txt").write_text("mine")
    with OutputFolder(tmp_path, owned) as folder:
        folder.file("scenario/stations.csv").write_text("2")
    assert content(tmp_path) == {"scenario/stations.csv": "2", "scenario/notes.txt": "mine"}


def test_a_folder_in_the_place_of_a_file_stops_the_whole_answer(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(OutputError, match="a folder named b"), OutputFolder(tmp_path) as folder:
        folder.file("a").write_text("x")
        folder.file("b").write_text("x")
    assert content(tmp_path) == {}
    assert [file.name for file in tmp_path.iterdir()] == ["b"]


def test_a_file_in_the_place_of_an_inner_folder_stops_the_whole_answer(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(OutputError, match="a file named b"), OutputFolder(tmp_path) as folder:
        folder.file("a").write_text("x")
        folder.file("b/c").write_text("x")
    assert content(tmp_path) == {"b": "mine"}


def test_a_file_in_the_place_of_the_folder_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError, match="out"), OutputFolder(tmp_path / "out"):
        pass


def test_an_error_of_a_writer_in_the_block_names_the_place_that_people_know(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught, OutputFolder(tmp_path / "out") as folder:
        write_text(folder.building / "deep" / "a.txt", "x")
    assert str(caught.value).startswith(f"cannot write {tmp_path / 'out' / 'deep' / 'a.txt'}")


def test_a_name_may_not_lead_out(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leads out"), OutputFolder(tmp_path / "out") as folder:
        folder.file("../x")


def test_moves_that_a_kill_cut_short_are_completed_by_the_next_run(tmp_path: Path) -> None:
    code = """
    import os, signal, sys
    from pathlib import Path
    from railcap.formats.atomic import OutputFolder
    moves = []
    replace = Path.replace
    def dying(self, target):
        if moves:
            os.kill(os.getpid(), signal.SIGKILL)
        moves.append(target)
        return replace(self, target)
    with OutputFolder(sys.argv[1]) as folder:
        for name in "ab":
            folder.file(name).write_text("first")
        Path.replace = dying
    """
    assert run(code, str(tmp_path)).returncode == -signal.SIGKILL
    assert {name: text for name, text in content(tmp_path).items() if "/" not in name} == {"a": "first"}
    with OutputFolder(tmp_path) as folder:
        folder.file("c").write_text("second")
    assert content(tmp_path) == {"a": "first", "b": "first", "c": "second"}


def test_concurrent_runs_never_mix(tmp_path: Path) -> None:
    code = """
    import sys
    from railcap.formats.atomic import OutputFolder
    sys.stdin.readline()
    for turn in range(20):
        with OutputFolder(sys.argv[1], ["file*"]) as folder:
            for number in range(10):
                folder.file(f"file{number}").write_text(f"{sys.argv[2]}-{turn}")
    """
    writers = [start(code, str(tmp_path / "out"), name) for name in "ABC"]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.communicate()[0] is not None and writer.returncode for writer in writers] == [0, 0, 0]
    found = content(tmp_path / "out")
    assert len(found) == 10
    assert len(set(found.values())) == 1


def test_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"\r\n\x00")
    assert (tmp_path / "a").read_bytes() == b"\r\n\x00"
