"""`monitor` over a million turns: seconds of whole processes.

usage: python -m benchmarks.monitor [--turns 1000000] [--waiting 20000] [--runs 5] [--json FILE]

Turns are written with the outbox's own statements in one transaction; a sample written both ways shows that rows and
counts are exactly what the recorder makes of the same turns. The database is deleted at the end.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from benchmarks.measure import keep, machine, process_seconds, summary
from llmops.schemas import (
    AssistantName,
    Feedback,
    Reason,
    Reply,
    Retrieved,
    Timings,
    Turn,
    TurnRecord,
    Usage,
    Versions,
)
from llmops.store import outbox as store
from llmops.store.database import connect, transaction
from llmops.store.outbox import Outbox, OutboxRow
from llmops.tracking.fallback import Fallback
from llmops.tracking.measures import feedback_counts, turn_counts
from llmops.tracking.recorder import OutboxRecorder

DAYS, USERS, TURNS_A_CONVERSATION, SAMPLE = 30, 3000, 4, 2000
_AREAS = ("deposits", "mortgage", "income_tax", "tax_deductions", "benefits", "pension", "iis", "insurance", "fraud_safety", "salary_work", "microloans", "debts_bankruptcy")  # fmt: skip
_ASSISTANTS: tuple[AssistantName, ...] = get_args(AssistantName)
_REASONS: tuple[Reason, ...] = get_args(Reason)
_VERSIONS = Versions()
_WORDS = ("как", "вернуть", "налог", "за", "квартиру", "какой", "вклад", "выгоднее", "сейчас", "что", "делать", "если", "банк", "списал", "деньги")  # fmt: skip


class People:
    """A crowd that asks: who, in which conversation, when; days are busier than nights.

    Args:
        now: The end of the period, seconds since 1970.
    """

    def __init__(self, turns: int, now: float, seed: int = 0) -> None:
        self._chance, self._turns, self._now = random.Random(seed), turns, now

    def records(self) -> Iterator[tuple[TurnRecord, Feedback | None]]:
        """Yield turns in the order of conversations, some with a rating."""
        chance, made = self._chance, 0
        while made < self._turns:
            user, conversation = f"u-{chance.randrange(USERS):016x}", f"c-{chance.getrandbits(48):012x}"
            assistant = chance.choices(_ASSISTANTS, (1, 2))[0]
            started = self._moment()
            for _ in range(min(1 + int(chance.expovariate(1 / (TURNS_A_CONVERSATION - 0.5))), self._turns - made)):
                record = self._turn(assistant, user, conversation, started)
                started, made = min(started + chance.uniform(5, 90), self._now), made + 1
                yield record, self._rating(record) if chance.random() < 0.03 else None

    def _moment(self) -> float:
        while True:
            moment = self._now - self._chance.uniform(0, DAYS * 86400)
            if self._chance.random() < (1.0 if 7 <= datetime.fromtimestamp(moment, UTC).hour < 21 else 0.15):
                return round(moment, 3)

    def _turn(self, assistant: AssistantName, user: str, conversation: str, started: float) -> TurnRecord:
        chance = self._chance
        identifier = f"{chance.getrandbits(128):032x}"
        outcome = chance.choices(("answered", "refused", "clarify", "error"), (80, 14, 5, 1))[0]
        question = " ".join(chance.choices(_WORDS, k=chance.randint(1, 4)))
        retrieve = round(chance.lognormvariate(0.3, 0.5), 2)
        model = assistant == "companion" and outcome == "answered"
        generate = round(chance.lognormvariate(7.2, 0.6), 2) if model else None
        timings = Timings.model_construct(
            total=round(retrieve + (generate or 0.0) + chance.lognormvariate(1.0, 0.8), 2),
            retrieve=retrieve,
            first_token=round(chance.lognormvariate(5.0, 0.5), 2) if model else None,
            generate=generate,
        )
        best = Retrieved.model_construct(
            id="entry", area=chance.choice(_AREAS), title="Запись", score=round(min(chance.betavariate(6, 2), 1.0), 4)
        )
        shared: dict[str, Any] = {"assistant": assistant, "outcome": outcome, "conversation_id": conversation, "origin": "model" if model else "knowledge_base"}  # fmt: skip
        reason = chance.choice(_REASONS) if outcome == "refused" else None
        turn = Turn.model_construct(
            id=identifier, question=question, resolved=question, answer="", retrieved=(best,), reason=reason, **shared
        )
        reply = Reply.model_construct(
            answer="Ответ.",
            model="static-ru",
            timings_ms=timings,
            usage=Usage.model_construct(prompt_tokens=200, completion_tokens=round(generate / 25) + 1)
            if generate
            else Usage(),
            trace_id=f"tr-{identifier}",
            degraded=chance.random() < 0.005,
            interrupted=chance.random() < 0.01,
            reason=reason,
            **shared,
        )
        return TurnRecord.model_construct(
            turn=turn, started_at=datetime.fromtimestamp(started, UTC), reply=reply, user=user, versions=_VERSIONS
        )

    def _rating(self, record: TurnRecord) -> Feedback:
        return Feedback.model_construct(
            turn_id=record.turn.id,
            assistant=record.turn.assistant,
            rating=self._chance.choices((1, -1), (3, 1))[0],
            given_at=datetime.fromtimestamp(min(record.started_at.timestamp() + 20, self._now), UTC),
            user=record.user,
        )


def _turn_row(record: TurnRecord) -> OutboxRow:
    """Return the row that the recorder makes of an ended turn without personal data."""
    turn, reply = record.turn, record.reply
    assert reply
    return OutboxRow(
        kind="turn",
        key=turn.id,
        state="waiting",
        started=record.started_at.timestamp(),
        assistant=turn.assistant,
        user=record.user,
        conversation=turn.conversation_id,
        outcome=reply.outcome,
        owner="",
        counts=turn_counts(record),
        body=record.model_dump_json(exclude_defaults=True),
    )


def _feedback_row(feedback: Feedback) -> OutboxRow:
    return OutboxRow(
        kind="feedback",
        key=feedback.turn_id,
        state="waiting",
        started=feedback.given_at.timestamp(),
        assistant=feedback.assistant,
        user=feedback.user,
        conversation="",
        outcome="+" if feedback.rating > 0 else "-",
        owner="",
        counts=feedback_counts(feedback),
        body=feedback.model_dump_json(exclude_defaults=True),
    )


def _rows(people: People) -> Iterator[OutboxRow]:
    for record, feedback in people.records():
        yield _turn_row(record)
        if feedback:
            yield _feedback_row(feedback)


def write_fast(path: Path, people: People) -> None:
    """Write turns with the outbox's statements: all rows, then the sums of what they count."""
    counts: dict[tuple[str, str, int, str], float] = {}

    def values() -> Iterator[tuple[object, ...]]:
        for row in _rows(people):
            hour = int(row.started // 3600)
            for metric, bucket, amount in row.counts:
                key = row.assistant, metric, hour, bucket
                counts[key] = counts.get(key, 0) + amount
            yield (*store._columns(row), row.body)  # noqa: SLF001 - the very statement that is measured

    with closing(connect(path)) as database:
        database.execute("pragma cache_size=-400000")
        with transaction(database):
            database.executemany(store._PUT, values())  # noqa: SLF001
            database.executemany(store._COUNT, ((*key, amount) for key, amount in sorted(counts.items())))  # noqa: SLF001


def write_slowly(path: Path, people: People) -> None:
    """Write turns as the assistants do."""
    with closing(connect(path)) as database:
        outbox = Outbox(database)
        for record, feedback in people.records():
            recorder = OutboxRecorder(outbox, Fallback(()), user=record.user, versions=_VERSIONS)
            whole = TurnRecord.model_validate(record.model_dump())
            recorder.turn(whole)
            if feedback:
                recorder.feedback(Feedback.model_validate(feedback.model_dump()))
            if recorder.failures or recorder.lost:
                raise SystemExit("the recorder failed")


def verify(folder: Path, now: float) -> None:
    """Write a sample both ways and compare every row and count.

    Raises:
        SystemExit: They differ.
    """
    found = []
    for name, write in (("fast.db", write_fast), ("slow.db", write_slowly)):
        write(folder / name, People(SAMPLE, now, seed=1))
        with closing(sqlite3.connect(folder / name)) as database:
            rows = database.execute(
                "select kind, key, state, started, assistant, user, conversation, outcome, owner, counts, body"
                " from outbox order by kind, key"
            ).fetchall()
            counts = database.execute(
                "select assistant, metric, hour, bucket, round(n, 6) from counts order by 1, 2, 3, 4"
            ).fetchall()
        found.append((rows, counts))
    if found[0] != found[1]:
        raise SystemExit("the fast way writes other rows than the recorder")
    print(f"{SAMPLE} turns written both ways: {len(found[0][0])} rows and {len(found[0][1])} counts are equal")


def _mark_sent(path: Path, waiting: int) -> None:
    """Leave only the latest rows waiting, as when the exporter runs."""
    with closing(connect(path)) as database, transaction(database):
        database.execute(
            "update outbox set state='sent' where started < (select started from outbox order by started desc limit 1 offset ?)",
            (waiting,),
        )


def _measure(path: Path, runs: int) -> dict[str, list[float]]:
    figures = {}
    for arguments in (["--since", "all"], ["--since", "24h"], ["--since", "all", "--json"], ["--since", "7d"]):
        command = [sys.executable, "-m", "llmops", "monitor", *arguments]
        seconds, _ = process_seconds(command, runs, LLMOPS_HOME=str(path.parent))
        print(f"  monitor {' '.join(arguments):<18} {summary(seconds)} s", flush=True)
        figures[" ".join(arguments)] = seconds
    return figures


def main() -> None:
    """Make the turns, measure, delete them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=1_000_000)
    parser.add_argument("--waiting", type=int, default=20_000, help="rows that the exporter has not carried over yet")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    print(machine())
    now = time.time()
    with tempfile.TemporaryDirectory() as name:
        verify(Path(name), now)
        path = Path(name) / "home" / "llmops.db"
        started = time.perf_counter()
        write_fast(path, People(given.turns, now))
        with closing(sqlite3.connect(path)) as database:
            counts = database.execute("select count(*) from counts").fetchone()[0]
        size = path.stat().st_size / 1e6
        print(f"{given.turns} turns, {counts} counts, {size:.0f} MB, written in {time.perf_counter() - started:.0f} s")
        print("every row waits:")
        figures = {"waiting": _measure(path, given.runs)}
        _mark_sent(path, given.waiting)
        print(f"{given.waiting} rows wait:")
        figures["sent"] = _measure(path, given.runs)
    keep(given.json, {"turns": given.turns, "counts": counts, "mb": size, **figures})


if __name__ == "__main__":
    main()
