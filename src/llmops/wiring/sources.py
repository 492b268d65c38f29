"""`prepare-data` of either assistant.

Everything heavy is imported inside functions, so that a command pays only for what it uses.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from llmops.wiring.places import personas_dir

if TYPE_CHECKING:
    from llmops.data.companion.cleaning import Keep
    from llmops.schemas import AssistantName, Report


def prepare(
    assistant: AssistantName,
    source: Path,
    out: Path,
    *,
    keep: Keep,
    progress: Callable[[int, int], None],
) -> Report:
    """Make an assistant's processed data of its sources.

    Raises:
        DataError: A file cannot be read at all.
        StorageError: The output folder cannot be written.
    """
    if assistant == "companion":
        from llmops.data.companion.prepare import persona_addresses, prepare

        personas = persona_addresses(personas_dir())
        workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return prepare(source, out, personas=personas, keep=keep, workers=workers, progress=progress)
    from datetime import date

    from llmops.data.prepare import prepare as prepare_finance

    return prepare_finance(source, out, today=date.today(), progress=progress)
