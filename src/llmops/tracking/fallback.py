"""Where a row goes when the database cannot be written: a file of its own, taken in later.

A file per row, written beside its place and renamed, so a kill leaves it whole or absent; a row that comes again
replaces its file. Knows rows; knows no turn.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from llmops.store.outbox import Outbox, OutboxRow

_MANY = 200


class Fallback:
    """Folders for rows, tried in order.

    Args:
        folders: The first is beside the database, others on other disks.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    def write(self, row: OutboxRow) -> bool:
        """Write a row's file; False when no folder takes it."""
        return any(_written(folder, row) for folder in self._folders)

    def paths(self) -> list[Path]:
        """Return the files that wait to be taken in."""
        found = [folder for folder in self._folders if folder.is_dir() and _own(folder)]
        return [path for folder in found for path in sorted(folder.glob("*.json"))]

    def absorb(self, outbox: Outbox) -> int:
        """Move the files' rows into the outbox; return how many. A file that cannot be read is renamed and left.

        Raises:
            sqlite3.Error: The database still cannot be written; the files stay.
        """
        taken = 0
        paths = self.paths()
        for start in range(0, len(paths), _MANY):
            rows = [(path, row) for path in paths[start : start + _MANY] if (row := _row(path))]
            outbox.put(*(row for _, row in rows if not _completed(outbox, row)))
            for path, _ in rows:
                path.unlink(missing_ok=True)
            taken += len(rows)
        return taken


def _completed(outbox: Outbox, row: OutboxRow) -> bool:
    """Tell whether this is the start of a turn whose end has already been kept."""
    return row.state == "open" and outbox.state(row.kind, row.key) is not None


def _written(folder: Path, row: OutboxRow) -> bool:
    fresh = folder / f".{row.kind}-{row.key}.{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _own(folder):
            return False
        descriptor = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(row.model_dump_json())
        fresh.replace(folder / f"{row.kind}-{row.key}.json")
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        return False
    return True


def _own(folder: Path) -> bool:
    """Tell whether a folder is really ours: in the system's temporary folder anybody may have made one."""
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and (not hasattr(os, "getuid") or found.st_uid == os.getuid())


def _row(path: Path) -> OutboxRow | None:
    try:
        return OutboxRow.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        path.replace(path.with_suffix(".unreadable"))
        return None
