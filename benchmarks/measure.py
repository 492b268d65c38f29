"""Timing of whole processes and of calls; printing and keeping of figures."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path


def process_seconds(command: Sequence[str], runs: int, **environment: str) -> tuple[list[float], int]:
    """Run a command several times; return wall seconds of each run and the largest resident set in kB."""
    seconds, peak = [], 0
    for _ in range(runs):
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
        )
        assert process.stdout
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        seconds.append(time.perf_counter() - started)
        peak = max(peak, usage.ru_maxrss)
        if process.returncode or not printed.strip():
            raise SystemExit(f"{command} failed with {process.returncode}")
    return seconds, peak


def drain(stream: Iterable[str]) -> None:
    """Take an answer to its end."""
    for _ in stream:
        pass


def call_ms(call: Callable[[], object]) -> float:
    """Return the milliseconds of one call."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def summary(values: Sequence[float]) -> str:
    """Return «median (least–most)»."""
    return f"{statistics.median(values):.3f} ({min(values):.3f}–{max(values):.3f})"


def machine() -> str:
    """Name the processor and the number of cores in use."""
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return f"{cpu}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}"


def keep(path: Path | None, figures: dict[str, object]) -> None:
    """Write the figures as JSON when a path is given."""
    if path:
        path.write_text(
            json.dumps({"machine": machine(), **figures}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
