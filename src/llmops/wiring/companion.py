"""The companion: its phrase bank, its personas, and the backend that may write for it.

Everything heavy is imported inside functions, so that a command pays only for what it uses.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llmops.wiring.dialogues import open_dialogue
from llmops.wiring.indexes import MODEL_NAME, open_retriever
from llmops.wiring.places import SHIPPED, personas_dir

if TYPE_CHECKING:
    from llmops.assistants.companion.generation import Generation
    from llmops.assistants.dialogue import Dialogue
    from llmops.protocols import Backend, Retriever
    from llmops.settings import Settings

LANGUAGE_MODEL = SHIPPED / "models" / "ru-companion-small"
_DEFAULT_PERSONA = "vera"


def open_backend(settings: Settings) -> Backend | None:
    """Open what writes text; None for the embedded default, which the phrase bank answers alone.

    Raises:
        MissingModelError: The model's folder is absent or damaged.
    """
    if settings.backend == "openvino":
        from llmops.backends.openvino import OpenvinoBackend

        return OpenvinoBackend(Path(settings.model) if settings.model else LANGUAGE_MODEL)
    if settings.backend == "echo":
        from llmops.backends.echo import EchoBackend

        return EchoBackend()
    return None


def _generation(settings: Settings, retriever: Retriever) -> Generation | None:
    from llmops.assistants.companion.generation import Generation

    backend = open_backend(settings)
    return Generation(backend, retriever, bare=not settings.model) if backend else None


def companion_dialogue(
    settings: Settings,
    *,
    persona: str | None = None,
    resume: bool = False,
    conversation: str | None = None,
    private: bool = False,
) -> tuple[Dialogue, str]:
    """Open the companion in a conversation; see `open_dialogue`.

    Raises:
        ConfigError: There is no such persona.
    """
    from llmops.assistants.companion.assistant import CompanionAssistant
    from llmops.assistants.companion.persona import load_personas

    retriever, personas = open_retriever(settings, "companion"), load_personas(personas_dir())
    assistant = CompanionAssistant(retriever, personas, MODEL_NAME, _generation(settings, retriever))
    dialogue, warning = open_dialogue(
        settings, assistant, retriever.manifest, resume=resume, conversation=conversation, private=private
    )
    wanted = persona or dialogue.conversation.persona or settings.persona or _DEFAULT_PERSONA
    if wanted in personas or persona or settings.persona:
        dialogue.speak_as(wanted)
    return dialogue, warning
