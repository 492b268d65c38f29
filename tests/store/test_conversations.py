"""Conversations and turns in the database."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from llmops.errors import ConfigError, StorageError
from llmops.schemas import Exchange
from llmops.store.conversations import ConversationStore, new_conversation
from llmops.store.database import connect


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


def test_a_person_is_forgotten_and_others_stay(path: Path):
    database = connect(path)
    mine, others = ConversationStore(database, path, "u-1"), ConversationStore(database, path, "u-2")
    first, second = new_conversation("finance"), new_conversation("finance")
    mine.save(first, Exchange(turn_id="t1", question="моё"), complete=True)
    others.save(second, Exchange(turn_id="t2", question="чужое"), complete=True)
    assert mine.forget("u-1") == 1
    assert database.execute("select turn_id from exchanges").fetchall() == [("t2",)]
    database.close()


def test_a_purge_takes_conversations_that_nobody_uses(path: Path):
    database = connect(path)
    store = ConversationStore(database, path)
    store.save(new_conversation("finance"), Exchange(turn_id="t1", question="в"), complete=True)
    assert store.purge(datetime.now(UTC) - timedelta(days=1)) == 0
    assert store.purge(datetime.now(UTC) + timedelta(days=1)) == 1
    assert database.execute("select count(*) from exchanges").fetchone() == (0,)
    database.close()
