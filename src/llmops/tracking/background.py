"""Starting the exporter as a process of its own, so that leaving a chat is instant.

Knows how the exporter is called; imports nothing of it.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FOLLOWER_LOCK = ".export-follow.lock"
_LOG_NAME = "export.log"
_LOG_BYTES = 256 << 10
_IDLE_S = 60  # the next chat's rows find it running: importing mlflow costs more than carrying a hundred turns


def start_export(home: Path) -> bool:
    """Start the exporter of a state folder, detached; False when there is nothing to start it with or it runs."""
    if importlib.util.find_spec("mlflow") is None or not home.is_dir() or _running(home / FOLLOWER_LOCK):
        return False
    log = home / _LOG_NAME
    try:
        grown = log.exists() and log.stat().st_size > _LOG_BYTES
        descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | (os.O_TRUNC if grown else os.O_APPEND), 0o600)
    except OSError:
        return False
    command = [sys.executable, "-m", "llmops", "track", "export", "--follow", "--idle", str(_IDLE_S)]
    try:
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=descriptor,
            start_new_session=True,  # in the same folder: a relative LLMOPS_HOME and .env mean the same there
        )
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _running(lock: Path) -> bool:
    """Tell whether a follower holds the lock; where that cannot be told cheaply, the new one finds out."""
    if fcntl is None:
        return False
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
