"""Runs whose wall clock jumps by hours, days and years, over files whose times are of any past and future."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from fault_trials.outcome import differences, outcome
from fault_trials.processes import fresh
from fault_trials.systems import CUREC, RECCOT
from tqdm import tqdm

# Every half second the clock is wrong by another amount.
_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static const long wrong_by[] = {0, 3600, -3600, 86400, -86400, 315360000, -315360000, 1, -1};

static int (*real(void))(clockid_t, struct timespec *) {
    static int (*found)(clockid_t, struct timespec *);
    if (!found) found = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    return found;
}

static long wrong(void) {
    struct timespec now;
    const char *seed = getenv("FAULT_CLOCK");
    real()(CLOCK_MONOTONIC, &now);
    unsigned long tick = now.tv_sec * 2 + now.tv_nsec / 500000000 + (seed ? atol(seed) : 0);
    tick = (tick * 2654435761u) >> 7;
    return wrong_by[tick % (sizeof wrong_by / sizeof *wrong_by)];
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    int done = real()(clock, at);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) at->tv_sec += wrong();
    return done;
}

int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"""
_YEARS = 30 * 365 * 86400


def clock_trials(expected: Mapping[str, tuple[dict[str, str], float]], folder: Path, seed: int) -> list[dict[str, Any]]:
    """Run both systems under a wrong clock: at once, killed and continued among files of any age, and once more."""
    rng, clock, rows = np.random.default_rng([seed, 2]), _library(folder), []
    for system in tqdm((CUREC, RECCOT), desc="clock", unit="system"):
        before, seconds = expected[system.name]
        place = folder / f"clock-{system.name}"

        def start(kill_after: float | None = None, system: Any = system, place: Path = place) -> Any:
            ticks = {"LD_PRELOAD": str(clock), "FAULT_CLOCK": str(rng.integers(1 << 20))}
            running = fresh(system.arguments(), place, ticks)
            if kill_after is not None and not running.wait(kill_after):
                running.kill()
            return running.result()

        start(kill_after=seconds * 0.9)
        _any_age(place, rng)
        continued = start()
        left = outcome_of_newest(place)
        rows.append(_row(system.name, "killed and continued", continued, differences(before, left), place))
        _any_age(place, rng)
        again = start()
        made = [stage for stage in again.computed() if stage != "recommend"]
        rows.append(_row(system.name, "once more", again, made, place))
    return rows


def outcome_of_newest(place: Path) -> dict[str, str]:
    """What a run left, its checkpoints told by the order in which the log names them: times say nothing here."""
    names = sorted((place / "saved").glob("*.pth"), key=lambda path: path.stat().st_ino)
    for number, path in enumerate(names):
        os.utime(path, (number, number))
    return outcome(place)


def _row(system: str, what: str, ended: Any, different: list[str], place: Path) -> dict[str, Any]:
    facts = [json.loads(path.read_text("utf-8")) for path in (place / "saved" / "curec").glob("*/[!.]*/run.json")]
    times = [one["wall_seconds"] for one in facts]
    return {
        "system": system,
        "what": what,
        "code": ended.code,
        "said": ended.error,
        "different": different,
        "wrong_durations": sum(not 0 <= seconds <= 600 for seconds in times),
    }


def _any_age(place: Path, rng: np.random.Generator) -> None:
    """Give every file a time of its own, up to thirty years ago or ahead."""
    for path in (place / "saved").rglob("*"):
        moment = 1.7e9 + rng.integers(-_YEARS, _YEARS)
        os.utime(path, (moment, moment))


def _library(folder: Path) -> Path:
    """The library that sets the clock.

    Raises:
        SystemExit: There is no C compiler.
    """
    source, made = folder / "clock.c", folder / "clock.so"
    source.write_text(_CLOCK)
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(
            f"The clock cannot be set without a C compiler ({error}): leave out --trials clock."
        ) from error
    return made
