"""Which implementation plays which role; the only package that knows all of them."""

from llmops.wiring.companion import (
    LANGUAGE_MODEL,
    companion_dialogue,
    open_backend,
)
from llmops.wiring.finance import (
    area_titles,
    finance_dialogue,
    finance_retriever,
)
from llmops.wiring.indexes import (
    MODEL_NAME,
    build_index,
    load_corpus,
    open_retriever,
    parts,
    train_search,
)
from llmops.wiring.places import (
    SHIPPED,
    index_dir,
    personas_dir,
    processed_path,
    readable_data,
    source_dir,
    terminal_user,
    user_hash,
)
from llmops.wiring.sources import prepare
from llmops.wiring.tracking import (
    exporter,
    fallback,
    follower_lock,
    forget,
    keep_run,
    monitor_outbox,
    outbox,
    purge,
    recorder,
    rights,
    start_export,
    track_status,
    ui_command,
)

__all__ = [
    "LANGUAGE_MODEL",
    "MODEL_NAME",
    "SHIPPED",
    "area_titles",
    "build_index",
    "companion_dialogue",
    "exporter",
    "fallback",
    "finance_dialogue",
    "finance_retriever",
    "follower_lock",
    "forget",
    "index_dir",
    "keep_run",
    "load_corpus",
    "monitor_outbox",
    "open_backend",
    "open_retriever",
    "outbox",
    "parts",
    "personas_dir",
    "prepare",
    "processed_path",
    "purge",
    "readable_data",
    "recorder",
    "rights",
    "source_dir",
    "start_export",
    "terminal_user",
    "track_status",
    "train_search",
    "ui_command",
    "user_hash",
]
