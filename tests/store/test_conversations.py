"""Conversations and turns in the database."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llmops.errors import ConfigError, StorageError
from llmops.schemas import Exchange, Feedback, TurnRecord
from llmops.store.conversations import ConversationStore, new_conversation
from llmops.store.database import connect
from llmops.tracking.recorder import NullRecorder, TableRecorder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "состояние" / "llmops.db"


def test_a_conversation_comes_back_in_order(path: Path):
    store = ConversationStore(connect(path), path)
    conversation = new_conversation("finance")
    for number in range(3):
        store.save(conversation, Exchange(turn_id=f"t{number}", question=f"вопрос {number}"), complete=True)
    loaded = store.load(conversation.id, "finance")
    assert [exchange.question for exchange in loaded.exchanges] == ["вопрос 0", "вопрос 1", "вопрос 2"]
    assert store.latest("finance").id == conversation.id


def test_saving_a_turn_again_replaces_it(path: Path):
    store = ConversationStore(connect(path), path)
    conversation = new_conversation("finance")
    store.save(conversation, Exchange(turn_id="t", question="в", interrupted=True), complete=False)
    store.save(conversation, Exchange(turn_id="t", question="в", answer="о"), complete=True)
    assert [exchange.answer for exchange in store.load(conversation.id, "finance").exchanges] == ["о"]


def test_an_unknown_conversation_is_a_wrong_call(path: Path):
    store = ConversationStore(connect(path), path)
    with pytest.raises(ConfigError, match="нет"):
        store.load("c-absent", "finance")
    with pytest.raises(ConfigError, match="Продолжать нечего"):
        store.latest("finance")


def test_the_file_is_readable_by_its_owner_alone(path: Path):
    connect(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path):
    path = tmp_path / "llmops.db"
    path.write_text("это не база " * 100, encoding="utf-8")
    with pytest.raises(StorageError, match="недоступна"):
        connect(path)


def test_a_database_of_a_newer_program_is_refused(path: Path):
    database = connect(path)
    database.execute("pragma user_version=99")
    database.close()
    with pytest.raises(StorageError, match="более новой"):
        connect(path)


def record(turn_id: str = "t") -> TurnRecord:
    return TurnRecord(
        turn_id=turn_id,
        started_at=datetime.now(UTC),
        question="мой вопрос",
        resolved="мой вопрос",
        reply=None,
        answer=None,
    )


def rows(database: sqlite3.Connection) -> list[tuple[str, str | None, str]]:
    return database.execute("select turn_id, completed_at, document from turns").fetchall()


def test_a_turn_that_never_ended_stays_visible(path: Path):
    database = connect(path)
    TableRecorder(database, "finance").turn(record())
    assert rows(database)[0][:2] == ("t", None)


def test_a_private_recorder_keeps_no_text(path: Path):
    database = connect(path)
    recorder = TableRecorder(database, "finance", private=True)
    recorder.turn(record())
    recorder.feedback(Feedback(turn_id="t", rating=-1, comment="личное", given_at=datetime.now(UTC)))
    assert "мой вопрос" not in rows(database)[0][2]
    assert database.execute("select comment from feedback").fetchall() == [("",)]


def test_a_recorder_never_raises(path: Path):
    database = connect(path)
    recorder = TableRecorder(database, "finance")
    database.close()
    recorder.turn(record())
    assert recorder.failures == 1
    NullRecorder().turn(record())
