"""The finance assistant.

Everything heavy is imported inside functions, so that a command pays only for what it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmops.wiring.dialogues import open_dialogue
from llmops.wiring.indexes import MODEL_NAME, open_retriever
from llmops.wiring.places import SHIPPED

if TYPE_CHECKING:
    from llmops.assistants.dialogue import Dialogue
    from llmops.retrieval.index import HybridRetriever
    from llmops.settings import Settings


def finance_retriever(settings: Settings) -> HybridRetriever:
    """Open the finance index.

    Raises:
        MissingIndexError: It is absent, damaged, or built otherwise.
    """
    return open_retriever(settings, "finance")


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


def finance_dialogue(
    settings: Settings, *, resume: bool = False, conversation: str | None = None, private: bool = False
) -> tuple[Dialogue, str]:
    """Open the finance assistant in a conversation; see `open_dialogue`."""
    from llmops.assistants.finance.assistant import FinanceAssistant

    retriever = finance_retriever(settings)
    assistant = FinanceAssistant(retriever, MODEL_NAME)
    return open_dialogue(
        settings, assistant, retriever.manifest, resume=resume, conversation=conversation, private=private
    )
