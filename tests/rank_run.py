"""One process of a distributed run: the command line, and what this rank held when each stage had trained it.

python -m torch.distributed.run --nproc_per_node 2 -m tests.rank_run <folder> <fault> --model=CURec ...

``<stage>:<rank>`` as fault makes that rank fail in that stage, ``recommend`` in the second epoch's first step; ``none``
does not.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from recbole_curec.cli import main as cli
from recbole_curec.errors import DataError
from recbole_curec.plugin.shared_training import SharedTraining
from recbole_curec.processes import world
from recbole_curec.stages import reinforce, reward
from recbole_curec.training import sft


def weights_hash(model: Any) -> str:
    """Hash of everything that was trained."""
    digest = hashlib.sha256()
    for name, value in sorted(model.named_parameters()):
        if value.requires_grad:
            digest.update(name.encode() + value.detach().float().numpy().tobytes())
    return digest.hexdigest()


def main(folder: Path, fault: str, arguments: list[str]) -> int:
    """Run the command line; what this rank saw is written to ``rank<number>.json``."""
    rank, hashes = world().rank, {}

    def fail(stage: str) -> None:
        if fault == f"{stage}:{rank}":
            raise DataError(f"planted fault on rank {rank}")

    for stage, module in (("align", sft), ("reinforce", reinforce)):  # where each stage saves what it trained
        save = module.save_trained

        def spy(trainer: Any, *rest: Any, _stage: str = stage, _save: Any = save) -> Any:
            hashes[_stage] = weights_hash(trainer.accelerator.unwrap_model(trainer.model))
            fail(_stage)
            return _save(trainer, *rest)

        module.save_trained = spy
    draw = reward.draw_pairs
    reward.draw_pairs = lambda *given: (fail("reward"), draw(*given))[1]
    epoch = SharedTraining.epoch

    def shared(self: Any, number: int, train: Any) -> Any:
        return epoch(self, number, lambda loss: (number == 1 and fail("recommend"), train(loss))[1])

    SharedTraining.epoch = shared
    code = cli.main(arguments)
    record = {"size": world().size, "pid": os.getpid(), "hashes": hashes, "code": code}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"rank{rank}.json").write_text(json.dumps(record), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
