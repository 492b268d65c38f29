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
from typing import Any, Literal

import platformdirs
from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llmops.errors import ConfigError

_PREFIX = "LLMOPS_"
_ECOSYSTEM = frozenset({"MLFLOW_TRACKING_URI"})  # names that other tools know, read without our prefix
_SQLITE = "sqlite:///"

_MLFLOW = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
}


class Settings(BaseModel):
    """The effective settings; unknown names are left alone, they may belong to another version."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("llmops", appauthor=False)))
    embedder: str = "static"
    backend: Literal["embedded", "openvino", "echo"] = "embedded"
    model: str = ""
    persona: str = ""
    database_url: str = ""
    capture_content: Literal["full", "redacted", "none"] = "redacted"
    retention_days: int = Field(default=0, ge=0)
    auto_export: bool = True
    mlflow_tracking_uri: str = ""

    @cached_property
    def database_path(self) -> Path:
        """The SQLite file of conversations and turns.

        Raises:
            ConfigError: The URL names another kind of database.
        """
        if not self.database_url:
            return self.home / "llmops.db"
        if not self.database_url.startswith(_SQLITE):
            kind = self.database_url.split(":")[0]
            raise ConfigError(
                f"LLMOPS_DATABASE_URL: «{kind}» не поддерживается.", hint="Нужен адрес вида sqlite:///путь/к/файлу.db"
            )
        return Path(self.database_url.removeprefix(_SQLITE))

    @property
    def tracking_uri(self) -> str:
        """Where MLflow keeps traces and runs: a server's address, or a store with an absolute path.

        Raises:
            ConfigError: It is neither.
        """
        if self.mlflow_tracking_uri and not self.mlflow_tracking_uri.startswith((_SQLITE, "http://", "https://")):
            kind = self.mlflow_tracking_uri.split(":")[0]
            raise ConfigError(
                f"MLFLOW_TRACKING_URI: «{kind}» не поддерживается.",
                hint="Нужен адрес сервера http://… или файл sqlite:///путь/к/mlflow.db",
            )
        if self.mlflow_tracking_uri.startswith(_SQLITE):
            return _SQLITE + str(Path(self.mlflow_tracking_uri.removeprefix(_SQLITE)).absolute())
        return self.mlflow_tracking_uri or _SQLITE + str((self.home / "mlflow.db").absolute())

    @property
    def tracking_place(self) -> str:
        """The same for people: without a password that the address may hold."""
        scheme, mark, rest = self.tracking_uri.partition("://")
        host = rest if scheme == "sqlite" else rest.rpartition("@")[2]
        return scheme + mark + host

    @property
    def index_dir(self) -> Path:
        return self.home / "indexes"


def _prefixed(values: Mapping[str, str | None]) -> dict[str, str]:
    """Return the non-empty values of LLMOPS_* names, and of a few that the ecosystem knows, as fields."""
    named = {
        name.upper().removeprefix(_PREFIX).lower(): value
        for name, value in values.items()
        if name.upper().startswith(_PREFIX) or name in _ECOSYSTEM
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


def bound_mlflow() -> None:
    """Keep MLflow's waits short, its telemetry off and its own defaults away; for a process about to import it."""
    # Quiet: what MLflow logs of a database's complaint quotes the texts of turns.
    os.environ.update({**_MLFLOW, "MLFLOW_LOGGING_LEVEL": "CRITICAL"})  # noqa: TID251 - MLflow reads the environment alone
    for name in ("MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID"):
        os.environ.pop(name, None)  # noqa: TID251 - with these set, mlflow-tracing drops every span


def mlflow_server_environment() -> dict[str, str]:
    """Return the environment of an MLflow server for one person: no job processes, no telemetry."""
    return {**os.environ, **_MLFLOW, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # noqa: TID251 - read here only
