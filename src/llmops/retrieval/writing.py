"""Writing an index whole: into a temporary folder, then renamed into its place, one build at a time.

Apart from `layout`, so that opening an index does not import the lock. Knows no contents of the files.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from llmops.errors import StorageError
from llmops.retrieval.layout import IndexLayout, IndexManifest

_LOCK_SECONDS = 600


def write_index(layout: IndexLayout, fill: Callable[[Path], IndexManifest]) -> IndexManifest:
    """Let `fill` write the files into a temporary folder, then put it in the place of the old index.

    Raises:
        StorageError: The place cannot be written, or another build holds it for ten minutes.
    """
    parent = layout.folder.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with _lock(layout):
            _restore(layout)
            for stale in parent.glob(f".{layout.folder.name}.new-*"):
                shutil.rmtree(stale, ignore_errors=True)
            fresh = Path(tempfile.mkdtemp(prefix=f".{layout.folder.name}.new-", dir=parent))
            try:
                manifest = fill(fresh)
                (fresh / "manifest.json").write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
                _swap(layout, fresh)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
            return manifest
    except Timeout as error:
        raise StorageError(
            f"Индекс {layout.folder} уже строит другой процесс.", hint="Дождитесь его и повторите."
        ) from error
    except OSError as error:
        raise StorageError(
            f"В папку {parent} нельзя записать индекс: {error.strerror or error}.",
            hint="Освободите место или задайте LLMOPS_HOME.",
        ) from error


def recover(layout: IndexLayout) -> None:
    """Bring back the old index when a build was killed between its two renames; wait for a build that goes on.

    Raises:
        StorageError: The folder cannot be written.
    """
    try:
        with _lock(layout):
            _restore(layout)
    except (OSError, Timeout) as error:
        raise StorageError(
            f"Индекс {layout.folder} не удалось восстановить.", hint="Проверьте права на папку."
        ) from error


def _lock(layout: IndexLayout) -> FileLock:
    return FileLock(layout.folder.with_name(f".{layout.folder.name}.lock"), timeout=_LOCK_SECONDS)


def _restore(layout: IndexLayout) -> None:
    if not layout.folder.exists() and layout.replaced.exists():
        layout.replaced.rename(layout.folder)


def _swap(layout: IndexLayout, fresh: Path) -> None:
    for path in fresh.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    fresh.chmod(0o755)
    shutil.rmtree(layout.replaced, ignore_errors=True)
    if layout.folder.exists():
        layout.folder.rename(layout.replaced)
    fresh.rename(layout.folder)
    shutil.rmtree(layout.replaced, ignore_errors=True)
