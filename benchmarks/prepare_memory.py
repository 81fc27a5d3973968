"""Time and peak memory of `curec prepare` on made-up reviews of growing number, each in a process of its own.

python benchmarks/prepare_memory.py --rows 1000000 3000000 10000000 --scratch=<folder with space>
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import measuring
import numpy as np

from recbole_curec.data.prepare.prepare import prepare
from recbole_curec.data.prepare.request import Request
from recbole_curec.hardware import peak_memory_mib

_WORDS = (
    "good", "bad", "works", "well", "string", "broke", "sounds", "great", "cheap", "sturdy", "guitar", "arrived",
    "late", "fine", "tone", "love", "it", "would", "buy", "again",
)  # fmt: skip
_BLOCK = 100_000


def main() -> None:
    """Measure every number of rows, or in a child process one file that is there."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 3_000_000])
    options.add_argument("--file", type=Path, help="prepare this file here and now")
    args, _ = measuring.read(options)
    if args.file:
        print(json.dumps(_measured(args.file)))
        return
    args.scratch.mkdir(parents=True, exist_ok=True)
    sides = []
    for rows in args.rows:
        with tempfile.TemporaryDirectory(dir=args.scratch) as folder:
            path = Path(folder) / "reviews.jsonl"
            _write(path, rows, args.seed)
            command = [sys.executable, __file__, f"--file={path}"]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            sides.append({"raw_mib": path.stat().st_size >> 20, **json.loads(done.stdout.splitlines()[-1])})
        print(sides[-1], flush=True)
    record = {"benchmark": "prepare_memory", "k_core": 5, "sides": sides}
    print(measuring.store(args.out, "prepare_memory", record, args.threads))


def _measured(path: Path) -> dict[str, object]:
    request = Request("amazon", path, None, "made-up", path.parent, k_core=5)
    before = peak_memory_mib()
    counts: dict[str, int] = {}
    busy = process_time()
    spent = measuring.seconds(lambda: counts.update(prepare(request).record["counts"]))
    sizes = {name: counts[name] for name in ("reviews_read", "users_read", "items_read", "reviews")}
    written = request.path("inter").stat().st_size >> 20
    memory = {"peak_mib": peak_memory_mib(), "imports_mib": before}
    return {
        **sizes,
        "written_mib": written,
        **memory,
        "seconds": round(spent, 1),
        "cpu_seconds": round(process_time() - busy, 1),
    }


def _write(path: Path, rows: int, seed: int) -> None:
    """Reviews as Amazon writes them, at random times, so that no two that follow each other in time are neighbours."""
    with path.open("w", encoding="utf-8") as file:
        for block in range(0, rows, _BLOCK):
            file.writelines(_lines(np.random.default_rng((seed, block)), min(_BLOCK, rows - block), rows))


def _lines(random: np.random.Generator, size: int, rows: int) -> Iterator[str]:
    n_users, n_items = max(1, rows // 12), max(1, rows // 50)
    columns = (
        random.integers(n_users, size=size),
        (n_items * random.random(size) ** 2).astype(int),  # some items are taken far more often than others
        random.integers(1, 6, size=size),
        random.integers(10**9, 15 * 10**8, size=size),
        random.integers(4, 16, size=size),
    )
    words = random.integers(len(_WORDS), size=(size, 16))
    for user, item, rating, time, length, line in zip(*(column.tolist() for column in (*columns, words)), strict=True):
        text = " ".join(_WORDS[word] for word in line[:length])
        yield (
            f'{{"reviewerID": "A{user:08d}", "asin": "B{item:07d}", "overall": {rating}.0, "summary": "'
            f'{_WORDS[line[0]]}", "reviewText": "{text}", "unixReviewTime": {time}}}\n'
        )


if __name__ == "__main__":
    main()
