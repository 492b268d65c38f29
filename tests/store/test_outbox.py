"""The outbox: rows, their states, and the counts that go with them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmops.store.database import connect
from llmops.store.outbox import Outbox, OutboxRow


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = connect(tmp_path / "llmops.db")
    yield opened
    opened.close()


@pytest.fixture
def outbox(database: sqlite3.Connection) -> Outbox:
    return Outbox(database)


def row(key: str, **changed: object) -> OutboxRow:
    fields: dict[str, object] = {
        "kind": "turn",
        "key": key,
        "started": 7200.0,
        "assistant": "finance",
        "user": "u-1",
        "counts": (("outcome", "answered", 1),),
        "body": "{}",
    }
    return OutboxRow.model_validate(fields | changed)


def answered(outbox: Outbox) -> float:
    return sum(n for _, _, n in outbox.totals(["outcome"], ["finance"], 0))


def test_a_row_waits_until_it_is_marked(outbox: Outbox):
    outbox.put(row("a"), row("b"))
    first, second = outbox.waiting(10)
    outbox.mark_sent([first])
    assert [waiting.key for waiting in outbox.waiting(10)] == ["b"]
    assert [waiting.key for waiting in outbox.waiting(10, after=second.seq)] == []
    assert outbox.status().sent == 1


def test_a_row_that_changed_while_it_was_carried_waits_again(outbox: Outbox):
    outbox.put(row("a", body="старое"))
    taken = outbox.waiting(10)
    outbox.put(row("a", body="новое"))
    outbox.mark_sent(taken)
    assert [waiting.body for waiting in outbox.waiting(10)] == ["новое"]


def test_a_row_that_comes_again_is_counted_once(outbox: Outbox):
    outbox.put(row("a", state="open", counts=()))
    assert answered(outbox) == 0
    outbox.put(row("a"))
    outbox.put(row("a"))
    assert answered(outbox) == 1


def test_a_replaced_row_takes_its_counts_back_from_the_hour_they_were_in(outbox: Outbox):
    outbox.put(row("a", kind="feedback", counts=(("rating", "+", 1),)))
    outbox.put(row("a", kind="feedback", started=36000.0, counts=(("rating", "-", 1),)))
    assert outbox.hourly("rating", "finance", 0) == {2: 0, 10: 1}


def test_only_an_open_row_is_closed(outbox: Outbox):
    outbox.put(row("a", state="open", counts=()))
    assert outbox.put_if_open(row("a", outcome="interrupted"))
    assert not outbox.put_if_open(row("a", outcome="interrupted"))


def test_nothing_of_a_failed_write_stays(outbox: Outbox, database: sqlite3.Connection):
    outbox.put(row("a"))
    database.execute("create trigger refuse before insert on counts begin select raise(abort, 'no'); end")
    with pytest.raises(sqlite3.IntegrityError):
        outbox.put(row("b"))
    assert outbox.find("turn", "b") is None
    assert not database.in_transaction


def test_a_forgotten_person_leaves_no_row_and_no_count(outbox: Outbox):
    outbox.put(row("a"), row("b", user="u-2"), row("a", kind="feedback", user="", counts=(("rating", "+", 1),)))
    assert outbox.forget("u-1") == ["a"]
    assert answered(outbox) == 1
    assert list(outbox.totals(["rating"], ["finance"], 0)) == []
    assert [(waiting.kind, waiting.body) for waiting in outbox.waiting(10)] == [("turn", "{}"), ("forget", '["a"]')]


def test_a_request_to_forget_goes_when_it_is_done(outbox: Outbox, database: sqlite3.Connection):
    outbox.put(row("a"))
    outbox.forget("u-1")
    outbox.mark_sent(outbox.waiting(10))
    assert database.execute("select count(*) from outbox").fetchone() == (0,)


def test_a_purge_takes_what_is_old_and_keeps_what_is_being_answered(outbox: Outbox):
    outbox.put(row("old"), row("open", state="open", counts=()), row("new", started=999_999.0))
    assert outbox.purge(7201.0) == ["old"]
    assert outbox.find("turn", "open") is not None
    assert outbox.find("turn", "new") is not None


def test_a_row_set_aside_can_wait_again(outbox: Outbox):
    outbox.put(row("a"))
    outbox.mark_failed(outbox.waiting(1)[0], "не принял", bad=True)
    assert outbox.waiting(1) == []
    assert outbox.bad_rows() == [("turn", "a", "не принял")]
    assert outbox.retry_bad() == 1
    assert [waiting.tries for waiting in outbox.waiting(1)] == [0]


def test_the_status_names_the_oldest_row_and_the_last_complaint(outbox: Outbox):
    outbox.put(row("a", started=5.0), row("b", started=9.0))
    outbox.mark_failed(outbox.waiting(1)[0], "сервер не отвечает", bad=False)
    status = outbox.status()
    assert (status.waiting, status.oldest_waiting, status.last_error) == (2, 5.0, "сервер не отвечает")


def test_the_first_version_of_the_database_is_upgraded(tmp_path: Path):
    path = tmp_path / "old.db"
    old = sqlite3.connect(path)
    old.executescript(
        "create table conversations(id text primary key, assistant text, created_at text, updated_at text);"
        "create table exchanges(turn_id text primary key, conversation_id text, number integer, document text, complete integer);"
        "create table turns(turn_id text); create table feedback(turn_id text);"
        "insert into conversations values('c-1','finance','2026','2026'); pragma user_version=1;"
    )
    old.close()
    database = connect(path)
    assert database.execute("select id, user from conversations").fetchall() == [("c-1", "")]
    Outbox(database).put(row("a"))
    database.close()
