"""Where data, models and the state of a person lie, and who that person is.

Knows paths; builds nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmops.schemas import AssistantName
    from llmops.settings import Settings

SHIPPED = Path(__file__).parents[1] / "shipped"
REPOSITORY = Path(__file__).parents[3]


_PROCESSED: dict[AssistantName, str] = {"finance": "final_data.json", "companion": "phrases.csv"}


def data_root() -> Path | None:
    """Return the folder that holds the sources: the working directory, else the repository."""
    roots = (Path.cwd(), REPOSITORY)
    return next((root / "data" for root in roots if (root / "data" / "source").is_dir()), None)


def source_dir(assistant: AssistantName) -> Path:
    """Return an assistant's sources: of the working directory, else of the repository."""
    return (data_root() or Path("data")) / "source" / assistant


def processed_path(settings: Settings, assistant: AssistantName) -> Path:
    """Return where `prepare-data` writes: `data/processed` beside the sources, else the state folder."""
    return (data_root() or settings.home) / "processed" / _PROCESSED[assistant]


def readable_data(settings: Settings, assistant: AssistantName) -> Path:
    """Return the processed data that exists: our own, else what ships with the package."""
    own = processed_path(settings, assistant)
    return own if own.is_file() else SHIPPED / _PROCESSED[assistant]


def personas_dir() -> Path:
    """Return the folder of the personas: beside the sources, else what ships with the package."""
    own = source_dir("companion") / "personas"
    return own if own.is_dir() else SHIPPED / "personas"


def index_dir(settings: Settings, assistant: AssistantName) -> Path:
    """Return the index to open: the one built in the state folder, else the one that ships."""
    from llmops.retrieval.layout import IndexLayout

    own = IndexLayout(settings.index_dir / assistant)
    if not own.folder.exists() and own.replaced.exists():
        from llmops.retrieval.writing import recover

        recover(own)
    return own.folder if own.folder.exists() else SHIPPED / "index" / assistant


def code_version() -> str:
    """Return the program's version, with the commit when it runs from a checkout."""
    from llmops import __version__

    try:
        head = (REPOSITORY / ".git" / "HEAD").read_text(encoding="ascii").strip()
        reference = head.removeprefix("ref: ")
        commit = head if reference == head else (REPOSITORY / ".git" / reference).read_text(encoding="ascii")
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
