"""A conversation with its store, its memories and its recorder, around either assistant.

Everything heavy is imported inside functions, so that a command pays only for what it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmops.errors import StorageError
from llmops.wiring.places import code_version, terminal_user, user_hash
from llmops.wiring.tracking import recorder

if TYPE_CHECKING:
    from llmops.assistants.dialogue import Dialogue
    from llmops.protocols import Assistant
    from llmops.retrieval.layout import IndexManifest
    from llmops.settings import Settings


def open_dialogue(
    settings: Settings,
    assistant: Assistant,
    manifest: IndexManifest,
    *,
    resume: bool = False,
    conversation: str | None = None,
    private: bool = False,
) -> tuple[Dialogue, str]:
    """Open an assistant in a conversation; also return a warning when nothing can be kept.

    Raises:
        ConfigError: The conversation to go on with does not exist.
        StorageError: It may exist, but the state folder cannot be read.
    """
    from llmops.assistants.dialogue import Dialogue
    from llmops.schemas import Versions
    from llmops.store.conversations import ConversationStore, new_conversation
    from llmops.store.database import connect
    from llmops.store.memories import MemoryStore

    name, user = assistant.name, user_hash(settings, terminal_user())
    versions = Versions(
        data=manifest.data_sha256[:12], index=manifest.fingerprint, model=assistant.model, code=code_version()
    )
    turns = recorder(settings, versions=versions, user=user, private=private)
    try:
        path = settings.database_path
        database = connect(path)
        store, memories = ConversationStore(database, path, user), MemoryStore(database, path, user)
        opened = (
            store.load(conversation, name)
            if conversation
            else store.latest(name)
            if resume
            else new_conversation(name).model_copy(update={"facts": memories.load()})
        )
    except StorageError as error:
        if resume or conversation:
            raise
        warning = f"{error.message} Отвечаю, но разговор не сохраняется."
        return Dialogue(assistant, new_conversation(name), None, turns, private=private), warning
    return Dialogue(assistant, opened, store, turns, memories=memories, private=private), ""
