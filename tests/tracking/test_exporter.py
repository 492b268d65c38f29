"""The exporter over a store in memory: order, faults, poison, interruption."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from llmops.store.outbox import OutboxRow
from llmops.tracking.export_errors import RowRefusedError, StoreUnavailableError
from llmops.tracking.exporter import Exported, Exporter, TraceStore, passes
from llmops.tracking.interrupted import close_interrupted
from tests.tracking.records import Home, answered, asked, rating
from tests.tracking.trace_store import FakeStore, Kept, TraceStoreContract


class TestFakeStore(TraceStoreContract):
    @pytest.fixture
    def store(self) -> FakeStore:
        return FakeStore()

    def kept(self, store: TraceStore) -> Kept:
        assert isinstance(store, FakeStore)
        return store.kept()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def exporter(home: Home, store: FakeStore) -> Exporter:
    return Exporter(home.outbox, home.fallback, store, home.lock)


def ask(home: Home, number: int) -> str:
    turn_id = f"{number:032x}"
    home.recorder.turn(asked(turn_id))
    home.recorder.turn(answered(turn_id))
    return turn_id


def test_everything_is_carried_once(home: Home, store: FakeStore, exporter: Exporter):
    turns = [ask(home, number) for number in range(120)]
    for turn_id in turns[:30]:
        home.recorder.feedback(rating(turn_id))
    assert exporter.run() == Exported(sent=150)
    assert exporter.run() == Exported()
    assert store.writes == 120
    assert (len(store.kept().traces), len(store.kept().ratings)) == (120, 30)


def test_a_store_that_is_away_loses_nothing(home: Home, store: FakeStore, exporter: Exporter):
    ask(home, 1)
    store.away = True
    with pytest.raises(StoreUnavailableError):
        exporter.run()
    assert home.outbox.waiting(1)[0].tries == 0
    store.away = False
    assert exporter.run().sent == 1


def test_a_poison_row_is_set_aside_and_stops_nobody(home: Home, store: FakeStore, exporter: Exporter):
    turns = [ask(home, number) for number in range(5)]
    store.refused = {turns[2]}
    assert exporter.run().sent == 4
    results = [exporter.run() for _ in range(4)]
    assert results[-1] == Exported(failed=1, set_aside=1, bad=1)
    assert home.outbox.bad_rows() == [("turn", turns[2], "не нравится")]
    store.refused = set()
    home.outbox.retry_bad()
    assert exporter.run().sent == 1


def test_a_body_that_is_no_record_is_poison_too(home: Home, exporter: Exporter):
    home.outbox.put(OutboxRow(kind="turn", key="x", started=1.0, body="не JSON"))
    for _ in range(5):
        exporter.run()
    assert [error for _, _, error in home.outbox.bad_rows()] == ["ValidationError: запись не читается"]


def test_a_store_that_refuses_everything_is_away_and_no_rows_fault(home: Home, store: FakeStore, exporter: Exporter):
    turn_id = ask(home, 1)
    store.refused = {turn_id}
    store.check = lambda: (_ for _ in ()).throw(StoreUnavailableError("500"))  # type: ignore[method-assign]
    store.write_traces = lambda traces: (_ for _ in ()).throw(RowRefusedError("500"))  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailableError):
        exporter.run()
    assert home.outbox.waiting(1)[0].tries == 0


def test_a_rating_waits_for_its_turn(home: Home, store: FakeStore, exporter: Exporter):
    home.recorder.turn(asked("a" * 32))
    home.recorder.feedback(rating("a" * 32))
    assert exporter.run() == Exported(waiting=1)
    home.recorder.turn(answered("a" * 32))
    exporter.run()
    assert store.kept().ratings == {"a" * 32: (True, None)}


def test_a_rating_that_stands_before_its_turn_goes_in_the_same_pass(home: Home, exporter: Exporter):
    home.recorder.feedback(rating("a" * 32))
    home.recorder.turn(answered("a" * 32))
    assert exporter.run() == Exported(sent=2)


def test_a_rating_of_nothing_ends_aside(home: Home, exporter: Exporter):
    home.recorder.feedback(rating("a" * 32))
    for _ in range(5):
        exporter.run()
    assert home.outbox.status().bad == 1


def test_an_answer_that_a_dead_process_owed_is_interrupted(home: Home, store: FakeStore, exporter: Exporter):
    home.recorder.turn(asked("a" * 32))
    exporter.run()
    assert home.states() == {"open": 1}, "this very process is alive"
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    home.database.execute("update outbox set owner=?", (f"{platform.node()}/{child}",))
    exporter.run()
    assert store.kept().traces["a" * 32][0] is False
    counts = {bucket: n for _, bucket, n in home.outbox.totals(["outcome"], ["finance"], 0)}
    assert counts == {"interrupted": 1}
    home.recorder.turn(answered("a" * 32))
    exporter.run()
    assert store.kept().traces["a" * 32][0] is True
    counts = {bucket: n for _, bucket, n in home.outbox.totals(["outcome"], ["finance"], 0) if n}
    assert counts == {"answered": 1}


def test_an_answer_of_another_machine_gets_an_hour(home: Home):
    home.recorder.turn(asked("a" * 32, at=datetime.now(UTC) - timedelta(minutes=50)))
    home.recorder.turn(asked("b" * 32, at=datetime.now(UTC) - timedelta(minutes=70)))
    home.database.execute("update outbox set owner='elsewhere/1'")
    assert close_interrupted(home.outbox) == 1
    assert home.outbox.state("turn", "a" * 32) == "open"


def test_anonymous_export_names_nobody(home: Home, store: FakeStore):
    ask(home, 1)
    home.recorder.feedback(rating(f"{1:032x}", 1, "спасибо от Марии"))
    Exporter(home.outbox, home.fallback, store, home.lock, anonymous=True).run()
    written = str([vars(store)[name] for name in ("_traces", "_ratings")])
    for secret in ("мрот", "МРОТ -", "c-1", "u-0123456789abcdef", "Марии"):
        assert secret not in written, secret


def test_forgetting_reaches_the_store(home: Home, store: FakeStore, exporter: Exporter):
    ask(home, 1)
    exporter.run()
    home.outbox.forget("u-0123456789abcdef")
    assert exporter.run().sent == 1
    assert store.kept().traces == {}


def test_a_turn_that_was_being_carried_while_its_person_was_forgotten_goes_too(home: Home):
    turn_id = ask(home, 1)

    class Slow(FakeStore):
        def write_traces(self, traces):
            home.outbox.forget("u-0123456789abcdef")
            super().write_traces(traces)

    slow = Slow()
    Exporter(home.outbox, home.fallback, slow, home.lock).run()
    assert slow.writes == 1
    assert turn_id not in slow.kept().traces


def test_a_clock_that_goes_back_loses_nothing(home: Home, exporter: Exporter, monkeypatch: pytest.MonkeyPatch):
    now = datetime.now(UTC)
    for number in range(20):
        home.recorder.turn(answered(f"{number:032x}", at=now - timedelta(days=number)))
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert exporter.run().sent == 20


def test_following_waits_longer_while_the_store_is_away_and_ends_when_idle(
    home: Home, store: FakeStore, exporter: Exporter, monkeypatch: pytest.MonkeyPatch
):
    slept: list[float] = []
    now = [0.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds
        store.away = len(slept) < 4

    monkeypatch.setattr("time.sleep", sleep)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    ask(home, 1)
    store.away = True
    outcomes = list(passes(lambda: exporter, pause_s=1.0, idle_s=100.0))
    assert slept[:4] == [2.0, 4.0, 8.0, 16.0]
    assert [type(outcome) for outcome in outcomes[:5]] == [StoreUnavailableError] * 4 + [Exported]
    assert sum(outcome.sent for outcome in outcomes if isinstance(outcome, Exported)) == 1
    assert now[0] >= 130.0


def test_what_has_outlived_the_retention_is_looked_for_once_an_hour(
    home: Home, store: FakeStore, monkeypatch: pytest.MonkeyPatch
):
    now, looked = [0.0], []
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    exporter = Exporter(home.outbox, home.fallback, store, home.lock, expire=lambda: looked.append(now[0]))
    for now[0] in (0.0, 1800.0, 3700.0):
        exporter.run()
    assert looked == [0.0, 3700.0]


def test_a_queue_that_cannot_be_written_is_no_bug_and_nothing_is_lost(home: Home, store: FakeStore, exporter: Exporter):
    ask(home, 1)
    with closing(sqlite3.connect(home.path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(StoreUnavailableError, match="очередь не пишется"):
            exporter.run()
        other.execute("rollback")
    assert exporter.run().sent == 1
    assert len(store.kept().traces) == 1
