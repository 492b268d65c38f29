"""Which implementation plays which role; the only module that knows all of them.

Everything heavy is imported inside functions, so that a command pays only for what it uses.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llmops.errors import ConfigError, MissingExtraError, MissingIndexError, StorageError

if TYPE_CHECKING:
    from llmops.assistants.dialogue import Dialogue
    from llmops.retrieval.feature_table import FeatureTable
    from llmops.retrieval.index import HybridRetriever
    from llmops.retrieval.static_embedder import StaticEmbedder
    from llmops.schemas import Conversation, Report
    from llmops.settings import Settings

SHIPPED = Path(__file__).parent / "shipped"
_REPOSITORY = Path(__file__).parents[2]
MODEL_NAME = "static-ru-finance"


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
    from llmops.store.conversations import ConversationStore, new_conversation
    from llmops.store.database import connect
    from llmops.tracking.recorder import NullRecorder, TableRecorder

    assistant = FinanceAssistant(finance_retriever(settings), MODEL_NAME)
    try:
        path = settings.database_path
        database = connect(path)
    except StorageError as error:
        if resume or conversation:
            raise
        return Dialogue(
            assistant, new_conversation("finance"), None, NullRecorder(), private=True
        ), f"{error.message} Отвечаю, но разговор не сохраняется."
    store = ConversationStore(database, path)
    opened: Conversation = (
        store.load(conversation, "finance")
        if conversation
        else store.latest("finance")
        if resume
        else new_conversation("finance")
    )
    return Dialogue(assistant, opened, store, TableRecorder(database, "finance", private=private), private=private), ""
