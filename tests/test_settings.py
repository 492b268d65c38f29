"""Settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmops.errors import ConfigError
from llmops.settings import load_settings


def test_the_database_may_stand_elsewhere_but_must_be_sqlite(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("LLMOPS_DATABASE_URL", f"sqlite:///{tmp_path}/a.db")
    assert load_settings().database_path == tmp_path / "a.db"
    monkeypatch.setenv("LLMOPS_DATABASE_URL", "postgresql://user:secret@host/db")
    with pytest.raises(ConfigError) as caught:
        _ = load_settings().database_path
    assert "secret" not in caught.value.message + caught.value.hint


def test_a_flag_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LLMOPS_EMBEDDER", "other")
    assert load_settings(embedder="static").embedder == "static"
    assert load_settings(embedder=None).embedder == "other"
