"""The tree of expected failures; the hint travels with the error.

    LlmopsError            1   nothing answered, quality below the bar
    ├── ConfigError        2   a wrong call or setting
    ├── DataError          3   source or processed data that cannot be used
    │   ├── MissingIndexError    an index that is absent, half-written or made otherwise
    │   ├── MissingModelError    model files that are absent
    │   └── MissingExtraError    an optional dependency that is not installed
    ├── StorageError       3   the state folder cannot be read or written
    └── BackendError       4   a backend or the network

Knows nothing of the terminal: the command line turns an error into a sentence and an exit code, once.
Bugs (`ValueError` and the like) are not part of this tree; they keep their traceback and exit with 5.
"""


class LlmopsError(Exception):
    """A failure that a person can understand and mend.

    Args:
        message: One sentence in Russian: what happened and where.
        hint: What to do about it; may be empty.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(LlmopsError):
    """A wrong call or a wrong setting."""

    exit_code = 2


class DataError(LlmopsError):
    """Source or processed data that cannot be used."""

    exit_code = 3


class MissingIndexError(DataError):
    """An index that is absent, half-written, or built with another embedder."""


class MissingModelError(DataError):
    """Model files that are absent or damaged."""


class MissingExtraError(DataError):
    """An optional dependency that is not installed."""


class StorageError(LlmopsError):
    """The state folder cannot be read or written."""

    exit_code = 3


class BackendError(LlmopsError):
    """A backend or the network failed."""

    exit_code = 4
