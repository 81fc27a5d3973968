"""The commit of this package's source, to be stored with a result."""

from __future__ import annotations

import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

_SECONDS = 10


@lru_cache(maxsize=1)
def source_commit() -> str | None:
    """The commit that the package runs from, with "+ changes" where tracked files differ from it.

    None where it runs from an installed package, or where git is not there.
    """
    root = Path(__file__).resolve().parents[2]
    commit = _git(root, "rev-parse", "HEAD") if (root / ".git").exists() else None
    if not commit:
        return None
    return f"{commit} + changes" if _git(root, "status", "--porcelain", "--untracked-files=no") else commit


def _git(root: Path, *arguments: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, no shell
            [git, "--no-optional-locks", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
