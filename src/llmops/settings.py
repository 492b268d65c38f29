"""LLMOPS_* and .env → Settings; the only reader of the environment.

Order: flag > environment > `.env` in the working directory > `$LLMOPS_HOME/config.toml` > default.
Knows no implementation.
"""

from __future__ import annotations

import os
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from llmops.errors import ConfigError


class Settings(BaseSettings):
    """The effective settings."""

    model_config = SettingsConfigDict(
        env_prefix="LLMOPS_", env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

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
            raise ConfigError(
                f"LLMOPS_DATABASE_URL: «{self.database_url.split(':')[0]}» не поддерживается.",
                hint="Нужен адрес вида sqlite:///путь/к/файлу.db",
            )
        return Path(self.database_url.removeprefix(prefix))

    @property
    def index_dir(self) -> Path:
        return self.home / "indexes"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        home = (
            env_settings().get("home")
            or dotenv_settings().get("home")
            or cls.model_fields["home"].get_default(call_default_factory=True)
        )
        return (
            init_settings,
            env_settings,
            dotenv_settings,
            _TomlSource(settings_cls, Path(str(home)) / "config.toml"),
        )


class _TomlSource(PydanticBaseSettingsSource):
    """Values of `config.toml`."""

    def __init__(self, settings_cls: type[BaseSettings], path: Path) -> None:
        super().__init__(settings_cls)
        self._path = path

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        if not self._path.is_file():
            return {}
        try:
            with self._path.open("rb") as stream:
                return tomllib.load(stream)
        except (tomllib.TOMLDecodeError, OSError) as error:
            raise ConfigError(f"{self._path}: файл настроек не читается: {error}.") from error


def load_settings(**flags: Any) -> Settings:
    """Read the settings; flags that are None do not count.

    Raises:
        ConfigError: A value is wrong; the sentence names the setting.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "LLMOPS_" + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(f"Настройка {name} неверна: {first['msg']}.") from error


def plain_terminal() -> bool:
    """Tell whether colours are unwanted (NO_COLOR, TERM=dumb)."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"  # noqa: TID251 - this module reads the environment
