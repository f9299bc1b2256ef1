"""The frames that the solver's process and its parent exchange: a length, then a pickle.

From the parent comes one `Job`, then single bytes, each a wish to stop. From the child come tuples: a word and what
belongs to it. Schedules travel as flat integers, since 20,000 event objects would take longer than the solver between
two of them.
"""

from __future__ import annotations

import pickle
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Event, Schedule
from railcap.solving.backend import Backend
from railcap.solving.parameters import SolveParameters

_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Job:
    """What the child shall solve; `begun_s` is the parent's monotonic clock when the time limit began to run."""

    backend: Backend
    problem: OperationsProblem
    parameters: SolveParameters
    begun_s: float


def write_frame(stream: BinaryIO, content: object) -> None:
    """Write one frame, whole, and flush."""
    payload = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(payload)))
    stream.write(payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> Any:
    """Return the content of the next frame; raises ``EOFError`` where the other side has gone, also amid a frame."""
    (length,) = _LENGTH.unpack(_read_exactly(stream, _LENGTH.size))
    return pickle.loads(_read_exactly(stream, length))


def _read_exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def packed(schedule: Schedule) -> bytes:
    """Return the events of a schedule as flat 64-bit integers."""
    return array("q", _flat(schedule)).tobytes()


def unpacked(data: bytes) -> Schedule:
    """Return the schedule that `packed` was given."""
    flat = array("q")
    flat.frombytes(data)
    return Schedule(tuple(Event(*flat[i : i + 3]) for i in range(0, len(flat), 3)))


def _flat(schedule: Schedule) -> Iterator[int]:
    for event in schedule.events:
        yield event.time_s
        yield event.train
        yield event.operation
