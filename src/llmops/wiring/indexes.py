"""The indexes of both assistants, and the models that they are built and searched with.

Everything heavy is imported inside functions, so that a command pays only for what it uses.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from llmops.errors import ConfigError, MissingExtraError, MissingIndexError
from llmops.wiring.places import SHIPPED, index_dir, readable_data

if TYPE_CHECKING:
    from llmops.retrieval.feature_table import FeatureTable
    from llmops.retrieval.index import HybridRetriever
    from llmops.retrieval.static_embedder import StaticEmbedder
    from llmops.schemas import AssistantName, Corpus, Report
    from llmops.settings import Settings

MODEL_NAME = "static-ru"


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


def open_retriever(settings: Settings, assistant: AssistantName) -> HybridRetriever:
    """Open an assistant's index.

    Raises:
        MissingIndexError: It is absent, damaged, or built otherwise.
    """
    from llmops.retrieval.index import HybridRetriever

    embedder, table = parts(settings)
    return HybridRetriever(index_dir(settings, assistant), embedder, table)


def load_corpus(assistant: AssistantName, data: Path) -> Corpus:
    """Read an assistant's processed data.

    Raises:
        DataError: The file is absent, damaged or of another schema.
    """
    if assistant == "finance":
        from llmops.data.prepare import load

        return load(data)
    from llmops.data.companion.load import load as load_phrases

    return load_phrases(data)


def train_search(settings: Settings, out: Path) -> Report:
    """Train what both indexes are searched with, the embedder and the feature table, on the data of both assistants.

    Raises:
        MissingExtraError: There is no torch.
    """
    try:
        from llmops.training.train import train
    except ImportError as error:
        raise MissingExtraError(
            f"Для обучения не хватает пакета {error.name}.", hint="Установите: pip install 'llmops[torch]'"
        ) from error
    finance = load_corpus("finance", readable_data(settings, "finance"))
    companion = load_corpus("companion", readable_data(settings, "companion"))
    return train(finance.model_copy(update={"entries": (*finance.entries, *companion.entries)}), out)


def build_index(
    settings: Settings,
    assistant: AssistantName,
    data: Path,
    out: Path,
    *,
    force: bool,
    step: Callable[[str, float], None],
) -> Report:
    """Build an assistant's index of its processed data.

    Raises:
        MissingIndexError: There is nothing to build from.
    """
    from llmops.retrieval.build import build

    corpus = load_corpus(assistant, data)
    if not corpus.entries:
        raise MissingIndexError(
            f"В {data} нет ни одной записи, строить нечего.", hint=f"Выполните: llmops prepare-data {assistant}"
        )
    embedder, table = parts(settings)
    report = build(corpus, out, embedder, table, force=force, step=step)
    return report.model_copy(update={"stage": f"build-index {assistant}"})
