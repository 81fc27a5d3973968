"""Coordination of the processes of one run, as started by ``torchrun`` or ``accelerate launch``.

Stages 2 and 4 train on every process, and so do the epochs of stage 7 where batches can be split. Everything else runs
on the first process (rank 0), which also writes every file; the others wait and read. All processes must see the same
files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import distributed

from recbole_curec.errors import ConfigurationError, CURecError
from recbole_curec.hardware import torch_threads

T = TypeVar("T")
# A stage on rank 0 alone may take days for a large model; a process that dies ends the wait at once.
_PATIENCE = timedelta(days=14)
_control: list[Any] = []
# First letter of what rank 0 tells those that wait for it; nothing at all is the end of its work.
_FAILED, _ASKED = "!", "?"


class OtherRankError(CURecError):
    """Rank 0 failed while this process waited for it."""


@dataclass(frozen=True)
class World:
    """The processes of a run.

    Attributes:
        rank: Number of this process.
        size: Number of processes.
        local_rank: Number of this process on its machine, and of its GPU.
        local_size: Number of processes on its machine.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this process writes files."""
        return self.rank == 0


def world() -> World:
    """The processes of this run, from the environment variables of the launcher."""
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return World()
    rank, _, local_rank, local_size = (int(os.environ.get(name, "0")) for name in names)
    return World(rank, size, local_rank, max(local_size, 1))


def start(device: torch.device) -> None:
    """Connect to the other processes; does nothing for a single process or when already connected.

    Args:
        device: Device that models of this process run on.
    """
    if world().size == 1 or _control:
        return
    from accelerate import PartialState

    PartialState(cpu=device.type == "cpu")
    _control.append(distributed.new_group(backend="gloo", timeout=_PATIENCE))


def stop() -> None:
    """Disconnect from the other processes."""
    if _control:
        _control.clear()
        distributed.destroy_process_group()


def on_main(work: Callable[[], T], follow: Callable[[str], None] | None = None) -> T | None:
    """Call a function on rank 0, with the threads of those that wait for it on its machine; these get None.

    Args:
        work: Called on rank 0.
        follow: Called on the other processes with every text that rank 0 gives to :func:`together` during its work.

    Raises:
        OtherRankError: Rank 0 failed; raised on the other processes.
    """
    if not _control:
        return work()
    if not world().is_main:
        while message := broadcast(""):
            if message.startswith(_FAILED) or follow is None:
                raise OtherRankError(f"Rank 0 failed, so rank {world().rank} stops too: {message[1:]}")
            follow(message[1:])
        return None
    try:
        with torch_threads(torch.get_num_threads() * world().local_size):
            result = work()
    except BaseException as error:
        broadcast(f"{_FAILED}{type(error).__name__}: {error}")
        raise
    broadcast("")
    return result


@contextmanager
def together(text: str) -> Iterator[None]:
    """Within the work of :func:`on_main`: a context in which the other processes follow a text, with their threads.

    Where rank 0 fails within it, the others wait for its part and not for a message: the closed connection tells them.
    """
    broadcast(f"{_ASKED}{text}")
    try:
        with torch_threads(max(1, torch.get_num_threads() // world().local_size)):
            yield
    except BaseException:
        stop()
        raise


def from_main(tensor: torch.Tensor) -> torch.Tensor:
    """Overwrite a tensor of every process by rank 0's, and return it."""
    if _control:
        distributed.broadcast(tensor, 0)
    return tensor


def summed(tensor: torch.Tensor) -> torch.Tensor:
    """Overwrite a tensor of every process by the sum of all, the same on each to the last bit, and return it."""
    if _control:
        distributed.all_reduce(tensor)
    return tensor


def gathered(rows: torch.Tensor) -> list[torch.Tensor]:
    """Rows of every process, in the order of the ranks.

    Args:
        rows: This process's, shape ``(N, ...)``; ``N`` may differ between processes, the rest may not.
    """
    if not _control:
        return [rows]
    counts = [rows.new_zeros(1, dtype=torch.int64) for _ in range(world().size)]
    distributed.all_gather(counts, torch.tensor([len(rows)], device=rows.device))
    numbers = [int(count) for count in counts]
    padded = rows.new_zeros((max(numbers), *rows.shape[1:]))
    padded[: len(rows)] = rows
    parts = [torch.empty_like(padded) for _ in numbers]
    distributed.all_gather(parts, padded)
    return [part[:number] for part, number in zip(parts, numbers, strict=True)]


def broadcast(text: str) -> str:
    """Send rank 0's text to every process and return it."""
    if not _control:
        return text
    data = torch.tensor(list(text.encode()), dtype=torch.uint8)
    length = torch.tensor([len(data)])
    distributed.broadcast(length, 0, group=_control[0])
    if not world().is_main:
        data = torch.zeros(int(length), dtype=torch.uint8)
    if len(data):
        distributed.broadcast(data, 0, group=_control[0])
    return bytes(data.tolist()).decode()


def wait_for_all() -> None:
    """Wait until every process of the run has come here."""
    if _control:
        distributed.barrier(group=_control[0])


def share(name: str, total: int) -> int:
    """Number of examples per process in a batch whose size the settings give for the whole run.

    Args:
        name: Setting of the batch size, for the message.
        total: Batch size of the whole run.

    Raises:
        ConfigurationError: The batch cannot be split evenly.
    """
    size = world().size
    if total % size:
        raise ConfigurationError(
            f"{name} = {total} cannot be split evenly over {size} processes: make it a multiple of {size}, or start "
            "another number of processes."
        )
    return total // size


def is_sharded() -> bool:
    """Whether the launcher's configuration shards the language model over the processes (FSDP, DeepSpeed)."""
    return any(os.environ.get(f"ACCELERATE_USE_{kind}", "").lower() == "true" for kind in ("FSDP", "DEEPSPEED"))
