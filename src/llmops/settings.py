"""LLMOPS_* and .env → Settings; the only reader of the environment.

Order: flag > environment > `.env` in the working directory > `$LLMOPS_HOME/config.toml` > default.
Plain pydantic and python-dotenv: pydantic-settings costs 0.1 s of every start. Knows no implementation.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import platformdirs
from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llmops.errors import ConfigError

_PREFIX = "LLMOPS_"


class Settings(BaseModel):
    """The effective settings; unknown names are left alone, they may belong to another version."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("llmops", appauthor=False)))
    embedder: str = "static"
    database_url: str = ""

    @cached_property
    def database_path(self) -> Path:
        """The SQLite file of conversations and turns.

        Raises:
            ConfigError: The URL names another kind of database.
        """
        if not self.database_url:
            return self.home / "llmops.db"
        prefix = "sqlite:///"
        if not self.database_url.startswith(prefix):
            kind = self.database_url.split(":")[0]
            raise ConfigError(
                f"LLMOPS_DATABASE_URL: «{kind}» не поддерживается.", hint="Нужен адрес вида sqlite:///путь/к/файлу.db"
            )
        return Path(self.database_url.removeprefix(prefix))

    @property
    def index_dir(self) -> Path:
        return self.home / "indexes"


def _prefixed(values: Mapping[str, str | None]) -> dict[str, str]:
    """Return the non-empty values of LLMOPS_* names, as fields."""
    named = {
        name.upper().removeprefix(_PREFIX).lower(): value
        for name, value in values.items()
        if name.upper().startswith(_PREFIX)
    }
    return {name: value for name, value in named.items() if value}


def _toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise ConfigError(f"{path}: файл настроек не читается: {error}.") from error


def load_settings(**flags: Any) -> Settings:
    """Read the settings; flags that are None do not count.

    Raises:
        ConfigError: A value is wrong; the sentence names the setting.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    nearer = {**_prefixed(dotenv_values(".env")), **_prefixed(os.environ), **given}  # noqa: TID251 - read here only
    try:
        home = Settings.model_validate(nearer).home
        return Settings.model_validate({**_toml(home / "config.toml"), **nearer})
    except ValidationError as error:
        first = error.errors()[0]
        name = _PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(f"Настройка {name} неверна: {first['msg']}.") from error


def plain_terminal() -> bool:
    """Tell whether colours are unwanted (NO_COLOR, TERM=dumb)."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"  # noqa: TID251 - read here only
