"""One process of a distributed run, for ``torchrun``: all stages, and what this rank held when each was trained.

python -m torch.distributed.run --nproc_per_node 2 -m tests.rank_run <atomic files> <folder> <settings as JSON> [fault]
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import torch

from recbole_curec.distributed import stop, world
from recbole_curec.reasons import align, reinforce
from tests.conftest import AtomicDataset
from tests.pipeline_runs import run_stages


def weights_hash(model: Any) -> str:
    """Hash of everything that was trained."""
    digest = hashlib.sha256()
    for name, value in sorted(model.named_parameters()):
        if value.requires_grad:
            digest.update(name.encode() + value.detach().float().numpy().tobytes())
    return digest.hexdigest()


def main(atomic: str, folder: str, settings: str, fault: str = "") -> None:
    """Run the stages; ``<stage>:<rank>`` as fault makes that rank fail in that stage."""
    torch.set_num_threads(1)
    hashes: dict[str, str] = {}
    for module in (align, reinforce):
        stage, save = module.__name__.rpartition(".")[2], module.save_trained

        def spy(trainer: Any, *rest: Any, _stage: str = stage, _save: Any = save) -> Any:
            hashes[_stage] = weights_hash(trainer.accelerator.unwrap_model(trainer.model))
            if fault == f"{_stage}:{world().rank}":
                raise RuntimeError(f"planted fault on rank {world().rank}")
            return _save(trainer, *rest)

        module.save_trained = spy
    run_stages(AtomicDataset(Path(atomic)), Path(folder), **json.loads(settings))
    record = {"rank": world().rank, "size": world().size, "pid": os.getpid(), "hashes": hashes}
    (Path(folder) / f"rank{world().rank}.json").write_text(json.dumps(record), encoding="utf-8")
    stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
