"""The recorder, its outbox, the exporter to MLflow, and a person's rights over all of it.

Everything heavy is imported inside functions, so that a command pays only for what it uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from llmops.errors import MissingExtraError, StorageError
from llmops.wiring.places import code_version, terminal_user, user_hash

if TYPE_CHECKING:
    from llmops.schemas import Report, Versions
    from llmops.settings import Settings
    from llmops.store.outbox import Outbox
    from llmops.tracking.exporter import Exporter
    from llmops.tracking.fallback import Fallback
    from llmops.tracking.recorder import OutboxRecorder
    from llmops.tracking.rights import Forgotten, Rights
    from llmops.tracking.status import TrackStatus

_EXPORTER_WAIT_S = 30.0
_RECORDER_WAIT_S = 0.002  # longer than another process's write, shorter than anybody notices


def fallback(settings: Settings) -> Fallback:
    """Return the folders that take rows when the database does not: in the state folder, then on the system's disk."""
    import hashlib
    import tempfile

    from llmops.tracking.fallback import Fallback

    home = settings.home.absolute()
    place = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    return Fallback((home / "outbox", Path(tempfile.gettempdir()) / f"llmops-{terminal_user()}-{place}"))


def outbox(settings: Settings, *, wait_s: float = _RECORDER_WAIT_S) -> Outbox:
    """Open the outbox.

    Raises:
        StorageError: The database cannot be opened.
    """
    from llmops.store.database import connect
    from llmops.store.outbox import Outbox

    return Outbox(connect(settings.database_path, wait_s=wait_s))


@contextmanager
def monitor_outbox(settings: Settings) -> Iterator[Outbox]:
    """Open the outbox to look at it, and close it; a database that does not exist is not made, and counts as empty.

    Raises:
        StorageError: The database cannot be opened or read.
    """
    from llmops.store.database import connect, storage
    from llmops.store.outbox import Outbox

    path = settings.database_path
    with storage(path), closing(connect(path if path.exists() else Path(":memory:"))) as database:
        yield Outbox(database)


def recorder(
    settings: Settings, *, versions: Versions | None = None, user: str = "", private: bool = False
) -> OutboxRecorder:
    """Open the recorder; without a database its rows go to files."""
    import sqlite3
    from contextlib import suppress

    from llmops.schemas import Versions
    from llmops.tracking.recorder import OutboxRecorder

    opened, files = None, fallback(settings)
    with suppress(StorageError, sqlite3.Error):
        opened = outbox(settings)
        files.absorb(opened)
    return OutboxRecorder(
        opened,
        files,
        user=user,
        versions=versions or Versions(code=code_version()),
        capture=settings.capture_content,
        private=private,
    )


def start_export(settings: Settings) -> None:
    """Let a process of its own carry the outbox to MLflow, if one is wanted and none is at it."""
    from llmops.tracking.background import start_export as start

    if settings.auto_export:
        start(settings.home)


def keep_run(settings: Settings, report: Report) -> None:
    """Record what a batch stage did, and let it be carried to MLflow."""
    recorder(settings).run(report)
    start_export(settings)


def follower_lock(settings: Settings) -> Path:
    """Return the lock that the one exporter which follows a state folder holds."""
    from llmops.tracking.background import FOLLOWER_LOCK

    return settings.home / FOLLOWER_LOCK


def exporter(settings: Settings, *, anonymous: bool = False) -> Exporter:
    """Open the outbox and MLflow.

    Raises:
        MissingExtraError: There is no mlflow.
        StoreUnavailableError: MLflow cannot be reached or opened now.
    """
    from llmops.settings import bound_mlflow
    from llmops.tracking.exporter import Exporter

    opened = outbox(settings, wait_s=_EXPORTER_WAIT_S)
    bound_mlflow()
    try:
        from llmops.tracking.mlflow_store import MlflowStore
    except ImportError as error:
        raise MissingExtraError(
            "Для выгрузки нужен пакет mlflow.",
            hint="Установите: pip install 'llmops[mlflow]', а для сервера хватит 'llmops[mlflow-client]'.",
        ) from error
    store = MlflowStore(settings.tracking_uri, (settings.home / "mlartifacts").absolute())

    def expire() -> None:
        if settings.retention_days:
            purge(settings, settings.retention_days)

    lock = settings.home / ".export.lock"
    return Exporter(opened, fallback(settings), store, lock, anonymous=anonymous, expire=expire)


def track_status(settings: Settings) -> TrackStatus:
    """Tell what has been carried over and what waits; makes nothing that is not there."""
    from llmops.tracking.status import TrackStatus, status_of

    uri, files = settings.tracking_place, len(fallback(settings).paths())
    if not settings.database_path.exists():
        return TrackStatus(uri=uri, files=files)
    return status_of(outbox(settings), uri=uri, files=files)


def rights(settings: Settings) -> Rights:
    """Open everything that a person's data may lie in.

    Raises:
        StorageError: The database cannot be opened.
    """
    from llmops.store.database import connect
    from llmops.tracking.rights import Rights

    path = settings.database_path
    return Rights(connect(path, wait_s=_EXPORTER_WAIT_S), path, fallback(settings))


def forget(settings: Settings, user: str) -> Forgotten:
    """Delete a person's data; «me» is the person at this terminal."""
    own = user_hash(settings, terminal_user())
    user = own if user == "me" else user_hash(settings, user)
    if not user:
        raise StorageError(f"Ключ хешей в {settings.home} не читается.", hint="Проверьте права на папку.")
    return rights(settings).forget(user, history=settings.home / "history" if user == own else None)


def purge(settings: Settings, days: int) -> Forgotten:
    """Delete what is older than so many days."""
    from datetime import UTC, datetime, timedelta

    return rights(settings).purge(datetime.now(UTC) - timedelta(days=days))


def ui_command(settings: Settings, port: int) -> list[str]:
    """Return the command of MLflow's own pages over the local store, which is made first.

    Raises:
        MissingExtraError: There is no full mlflow.
        BackendError: The store cannot be opened.
    """
    import sys

    from llmops.errors import BackendError
    from llmops.tracking.export_errors import StoreUnavailableError

    try:
        exporter(settings)
    except StoreUnavailableError as error:
        raise BackendError(f"Хранилище MLflow не открывается: {error}.") from error
    return [
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", settings.tracking_uri),
        *("--artifacts-destination", (settings.home / "mlartifacts").absolute().as_uri()),
    ]
