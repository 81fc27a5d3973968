from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from recbole_curec.llm.engines.in_threads import in_threads


@pytest.mark.parametrize("threads", [1, 3])
def test_every_job_has_its_result(threads: int) -> None:
    assert sorted(in_threads(lambda job: job * job, range(8), threads)) == [(job, job * job) for job in range(8)]
    assert list(in_threads(str, [], threads)) == []


def test_the_first_to_finish_comes_first() -> None:
    pauses = [0.3, 0.05, 0.15]
    assert [job for job, _ in in_threads(time.sleep, pauses, 3)] == [0.05, 0.15, 0.3]


def test_no_job_is_taken_before_a_thread_is_free() -> None:
    taken, done, waiting = 0, 0, []

    def jobs() -> Iterator[int]:
        nonlocal taken
        for job in range(9):
            taken += 1
            waiting.append(taken - done)
            yield job

    for _ in in_threads(lambda _: time.sleep(0.01), jobs(), 2):
        done += 1
    assert (taken, done, max(waiting)) == (9, 9, 2)


@pytest.fixture
def _ctrl_c() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt also where the tests run in the background, whose shell ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c")
@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_or_ctrl_c_starts_no_more_jobs(threads: int) -> None:
    begun = []

    def fail(job: int) -> None:
        begun.append(job)
        if job == 1:
            raise ValueError("job 1")
        time.sleep(0.05)

    with pytest.raises(ValueError, match="job 1"):
        list(in_threads(fail, range(9), threads))
    assert sorted(begun) == [0, 1]

    def interrupt(job: int) -> None:
        begun.append(job)
        if job == 1:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)

    begun.clear()
    with pytest.raises(KeyboardInterrupt):
        list(in_threads(interrupt, range(9), threads))
    assert sorted(begun) == [0, 1]
