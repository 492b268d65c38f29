"""Everything that one turn of the companion is decided from.

Knows values; decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from llmops.assistants.companion.choice import Chooser
from llmops.assistants.companion.persona import Persona
from llmops.schemas import Conversation, Exchange, PersonFact


@dataclass(frozen=True, slots=True)
class Scene:
    """One message, in its conversation.

    Args:
        message: The message in Russian, without markers.
        facts: What is known after the message.
        new: What the message itself told.
    """

    conversation: Conversation
    message: str
    persona: Persona
    facts: tuple[PersonFact, ...]
    new: tuple[PersonFact, ...]
    chooser: Chooser

    @property
    def last(self) -> Exchange | None:
        return self.conversation.exchanges[-1] if self.conversation.exchanges else None

    @property
    def was_asked(self) -> bool:
        """Whether the companion's last answer ended with a question."""
        return self.last is not None and self.last.answer.rstrip(" »)").endswith("?")
