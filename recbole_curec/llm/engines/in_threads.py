"""Jobs in threads, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

import torch

from recbole_curec.hardware import torch_threads

Job = TypeVar("Job")
Result = TypeVar("Result")


def in_threads(work: Callable[[Job], Result], jobs: Iterable[Job], threads: int) -> Iterator[tuple[Job, Result]]:
    """Each job and its result, in the order in which they come.

    A job starts when a thread is free, so that as many are held as run. After an error or an interrupt no job starts;
    those that run are waited for, since a thread cannot be stopped. A job may set PyTorch's threads of its own thread.

    Args:
        work: What is done with a job; it may run in several threads at once.
        jobs: The jobs.
        threads: Jobs at a time; a single one runs in the thread of the caller.

    Raises:
        Exception: What a job raised first.
    """
    if threads == 1:
        for job in jobs:
            yield job, work(job)
        return
    queue, under_way = iter(jobs), dict[Future[Result], Job]()
    # A number that a thread sets is what new threads start with, so it is put back.
    with torch_threads(torch.get_num_threads()), ThreadPoolExecutor(threads) as pool:
        while True:
            under_way |= {pool.submit(work, job): job for job in islice(queue, threads - len(under_way))}
            if not under_way:
                return
            finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for done in finished:
                yield under_way.pop(done), done.result()
