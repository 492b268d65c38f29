"""Which implementation plays which role; the only module that knows all of them.

Everything heavy is imported inside functions, so that a command pays only for what it uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from llmops.errors import ConfigError, MissingExtraError, MissingIndexError, StorageError

if TYPE_CHECKING:
    from llmops.assistants.dialogue import Dialogue
    from llmops.retrieval.feature_table import FeatureTable
    from llmops.retrieval.index import HybridRetriever
    from llmops.retrieval.static_embedder import StaticEmbedder
    from llmops.schemas import Conversation, Report, Versions
    from llmops.settings import Settings
    from llmops.store.outbox import Outbox
    from llmops.tracking.exporter import Exporter
    from llmops.tracking.fallback import Fallback
    from llmops.tracking.recorder import OutboxRecorder
    from llmops.tracking.rights import Forgotten, Rights
    from llmops.tracking.status import TrackStatus

SHIPPED = Path(__file__).parent / "shipped"
_REPOSITORY = Path(__file__).parents[2]
MODEL_NAME = "static-ru-finance"
_EXPORTER_WAIT_S = 30.0
_RECORDER_WAIT_S = 0.002  # longer than another process's write, shorter than anybody notices


def _data_root() -> Path | None:
    """Return the folder that holds the sources: the working directory, else the repository."""
    roots = (Path.cwd(), _REPOSITORY)
    return next((root / "data" for root in roots if (root / "data" / "source" / "finance").is_dir()), None)


def source_dir() -> Path:
    """Return the knowledge base's sources: of the working directory, else of the repository."""
    return (_data_root() or Path("data")) / "source" / "finance"


def processed_path(settings: Settings) -> Path:
    """Return where `prepare-data` writes: `data/processed` beside the sources, else the state folder."""
    return (_data_root() or settings.home) / "processed" / "final_data.json"


def readable_data(settings: Settings) -> Path:
    """Return the processed data that exists: our own, else what ships with the package."""
    own = processed_path(settings)
    return own if own.is_file() else SHIPPED / "final_data.json"


def parts(settings: Settings) -> tuple[StaticEmbedder, FeatureTable]:
    """Open the embedder and the feature table that ship.

    Raises:
        ConfigError: Another embedder was asked for.
        MissingModelError: The files are damaged.
    """
    from llmops.retrieval.feature_table import load_parts

    if settings.embedder != "static":
        raise ConfigError(
            f"Эмбеддер «{settings.embedder}» не поддерживается.", hint="Сейчас есть один: --embedder static"
        )
    return load_parts(SHIPPED / "models")


def finance_index_dir(settings: Settings) -> Path:
    """Return the index to open: the one built in the state folder, else the one that ships."""
    from llmops.retrieval.layout import IndexLayout

    own = IndexLayout(settings.index_dir / "finance")
    if not own.folder.exists() and own.replaced.exists():
        from llmops.retrieval.writing import recover

        recover(own)
    return own.folder if own.folder.exists() else SHIPPED / "index" / "finance"


def finance_retriever(settings: Settings) -> HybridRetriever:
    """Open the finance index.

    Raises:
        MissingIndexError: It is absent, damaged, or built otherwise.
    """
    from llmops.retrieval.index import HybridRetriever

    embedder, table = parts(settings)
    return HybridRetriever(finance_index_dir(settings), embedder, table)


def build_finance(settings: Settings, data: Path, out: Path, *, force: bool, step: object) -> Report:
    """Build the finance index of processed data."""
    from llmops.data.prepare import load
    from llmops.retrieval.build import build

    corpus = load(data)
    if not corpus.entries:
        raise MissingIndexError(
            f"В {data} нет ни одной записи, строить нечего.", hint="Выполните: llmops prepare-data finance"
        )
    embedder, table = parts(settings)
    return build(corpus, out, embedder, table, force=force, step=step)  # type: ignore[arg-type]


def train_finance(data: Path, out: Path) -> Report:
    """Train the embedder and the feature table that ship."""
    from llmops.data.prepare import load

    try:
        from llmops.training.train import train
    except ImportError as error:
        raise MissingExtraError(
            f"Для обучения не хватает пакета {error.name}.", hint="Установите: pip install 'llmops[torch]'"
        ) from error
    return train(load(data), out)


def _code_version() -> str:
    """Return the program's version, with the commit when it runs from a checkout."""
    from llmops import __version__

    try:
        head = (_REPOSITORY / ".git" / "HEAD").read_text(encoding="ascii").strip()
        reference = head.removeprefix("ref: ")
        commit = head if reference == head else (_REPOSITORY / ".git" / reference).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return __version__
    return f"{__version__}+{commit[:9]}"


def terminal_user() -> str:
    """Return the name of the person at this terminal."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return "terminal"


def user_hash(settings: Settings, user: str) -> str:
    """Return a person's keyed hash; empty when the key can neither be read nor made."""
    from llmops.tracking.redaction import load_key, pseudonym

    try:
        return pseudonym(load_key(settings.home / "secret.key"), user)
    except OSError:
        return ""


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


def area_titles(settings: Settings) -> dict[str, str]:
    """Return what people call the areas, by id, of the index that is in use; nothing when it cannot be read."""
    import json

    for folder in (settings.index_dir / "finance", SHIPPED / "index" / "finance"):
        try:
            areas = json.loads((folder / "entries.json").read_bytes())["areas"]
            return {str(area): str(title) for area, title in areas.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return {}


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
        versions=versions or Versions(code=_code_version()),
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


def finance_dialogue(
    settings: Settings, *, resume: bool = False, conversation: str | None = None, private: bool = False
) -> tuple[Dialogue, str]:
    """Open the finance assistant in a conversation; also return a warning when nothing can be kept.

    Raises:
        ConfigError: The conversation to go on with does not exist.
        StorageError: It may exist, but the state folder cannot be read.
    """
    from llmops.assistants.dialogue import Dialogue
    from llmops.assistants.finance.assistant import FinanceAssistant
    from llmops.schemas import Versions
    from llmops.store.conversations import ConversationStore, new_conversation
    from llmops.store.database import connect

    retriever = finance_retriever(settings)
    assistant = FinanceAssistant(retriever, MODEL_NAME)
    manifest = retriever.manifest
    versions = Versions(
        data=manifest.data_sha256[:12], index=manifest.fingerprint, model=MODEL_NAME, code=_code_version()
    )
    user = user_hash(settings, terminal_user())
    turns = recorder(settings, versions=versions, user=user, private=private)
    try:
        path = settings.database_path
        store = ConversationStore(connect(path), path, user)
    except StorageError as error:
        if resume or conversation:
            raise
        warning = f"{error.message} Отвечаю, но разговор не сохраняется."
        return Dialogue(assistant, new_conversation("finance"), None, turns, private=private), warning
    opened: Conversation = (
        store.load(conversation, "finance")
        if conversation
        else store.latest("finance")
        if resume
        else new_conversation("finance")
    )
    return Dialogue(assistant, opened, store, turns, private=private), ""


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
