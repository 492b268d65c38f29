"""The outbox: rows that wait to be carried to MLflow, and running counts of them by the hour.

A row and its counts change in one transaction, and a row's counts are kept with it, so that whatever replaces or
removes the row takes them back. Knows no turn, no redaction and no MLflow.

`state<>'sent'` beside a state looks idle and is not: SQLite takes the small index of unsent rows only for a condition
that says so in the index's own words, and looks through every row otherwise.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from llmops.schemas import Value
from llmops.store.database import transaction

Kind = Literal["turn", "feedback", "run", "forget"]
State = Literal["open", "waiting", "sent", "bad"]
Count = tuple[str, str, float]

_HOUR_S = 3600
_NO_HOUR = 1 << 40
_PUT = (
    "insert into outbox(kind,key,state,started,assistant,user,conversation,outcome,owner,counts,body)"
    " values(?,?,?,?,?,?,?,?,?,?,?) on conflict(kind,key) do update set state=excluded.state, started=excluded.started,"
    " assistant=excluded.assistant, user=excluded.user, conversation=excluded.conversation, outcome=excluded.outcome,"
    " owner=excluded.owner, counts=excluded.counts, body=excluded.body, version=version+1, tries=0, error=''"
)
_COUNT = "insert into counts values(?,?,?,?,?) on conflict(assistant,metric,hour,bucket) do update set n=n+excluded.n"


class OutboxRow(Value):
    """One thing to carry over.

    Args:
        state: An open row is a turn whose answer has not ended.
        started: Seconds since 1970, UTC.
        owner: Who is answering an open turn, as «host/process».
        counts: (metric, bucket, amount) that this row adds to its hour.
    """

    kind: Kind
    key: str
    state: State = "waiting"
    started: float
    assistant: str = ""
    user: str = ""
    conversation: str = ""
    outcome: str = ""
    owner: str = ""
    counts: tuple[Count, ...] = ()
    body: str


class Waiting(Value):
    """A row as the exporter takes it; `version` tells whether it changed meanwhile."""

    seq: int
    version: int
    kind: Kind
    key: str
    tries: int
    body: str


class OutboxStatus(Value):
    """How many rows are in which state, and the oldest that waits (seconds since 1970)."""

    open: int = 0
    waiting: int = 0
    sent: int = 0
    bad: int = 0
    oldest_waiting: float | None = None
    last_error: str = ""


class Outbox:
    """Rows and counts in an open database."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def put(self, *rows: OutboxRow) -> None:
        """Add rows, or replace those of the same kind and key; all or none."""
        with transaction(self._database):
            for row in rows:
                self._put(row)

    def put_if_open(self, row: OutboxRow) -> bool:
        """Replace a row that is still open; False when it has been completed meanwhile."""
        with transaction(self._database):
            still = self.state(row.kind, row.key) == "open"
            if still:
                self._put(row)
        return still

    def _put(self, row: OutboxRow) -> None:
        if row.state != "open":  # an open row is new: nothing was counted for it
            self._take_back("kind=? and key=?", (row.kind, row.key))
        self._database.execute(_PUT, (*_columns(row), row.body))
        self._count(row.assistant, row.started, row.counts, 1)

    def _count(self, assistant: str, started: float, counts: Iterable[Count], sign: int) -> None:
        hour = int(started // _HOUR_S)
        values = [(assistant, metric, hour, bucket, sign * amount) for metric, bucket, amount in counts]
        if values:
            self._database.executemany(_COUNT, values)

    def _take_back(self, where: str, values: Sequence[object]) -> None:
        """Take back what the rows of a condition had counted."""
        counted = self._database.execute(
            f"select assistant, started, counts from outbox where {where} and counts<>''",
            values,
        ).fetchall()
        for assistant, started, counts in counted:
            self._count(assistant, started, json.loads(counts), -1)

    def find(self, kind: Kind, key: str) -> str | None:
        """Return the body of a row, if there is one."""
        row = self._database.execute("select body from outbox where kind=? and key=?", (kind, key)).fetchone()
        return row[0] if row else None

    def state(self, kind: Kind, key: str) -> State | None:
        """Return the state of a row, if there is one."""
        row = self._database.execute("select state from outbox where kind=? and key=?", (kind, key)).fetchone()
        return row[0] if row else None

    def open_rows(self) -> list[tuple[str, float, str, str]]:
        """Return key, start, owner and body of the turns whose answers have not ended."""
        return self._database.execute(
            "select key, started, owner, body from outbox where state='open' and state<>'sent' order by seq"
        ).fetchall()

    def waiting(self, limit: int, after: int = 0, *, ratings: bool | None = None) -> list[Waiting]:
        """Return rows that wait, oldest first.

        Args:
            after: Only rows with a larger `seq`.
            ratings: Only ratings, or all but ratings.
        """
        rows = self._database.execute(
            "select seq, version, kind, key, tries, body from outbox where state='waiting' and state<>'sent' and seq>?"
            " and (? is null or (kind='feedback')=?) order by seq limit ?",
            (after, ratings, ratings, limit),
        )
        return [Waiting(**dict(zip(Waiting.model_fields, row, strict=True))) for row in rows]

    def mark_sent(self, rows: Sequence[Waiting]) -> None:
        """Mark rows as carried over, unless they changed since they were taken; a request to forget leaves no row."""
        with transaction(self._database):
            for row in rows:
                self._database.execute(
                    "update outbox set state='sent', tries=0, error='' where seq=? and version=?",
                    (row.seq, row.version),
                )
            if any(row.kind == "forget" for row in rows):
                self._database.execute("delete from outbox where kind='forget' and state='sent'")

    def mark_failed(self, row: Waiting, error: str, *, bad: bool) -> None:
        """Keep what went wrong with a row; a bad one is set aside."""
        with transaction(self._database):
            self._database.execute(
                "update outbox set tries=tries+1, error=?, state=? where seq=? and version=?",
                (error, "bad" if bad else "waiting", row.seq, row.version),
            )

    def settle(self) -> None:
        """Write the log back into the database, so that no chat has to; what is in use stays for the next time."""
        self._database.execute("pragma wal_checkpoint(passive)").fetchall()

    def retry_bad(self) -> int:
        """Let the rows that were set aside wait again; return how many."""
        with transaction(self._database):
            return self._database.execute(
                "update outbox set state='waiting', tries=0 where state='bad' and state<>'sent'"
            ).rowcount

    def status(self) -> OutboxStatus:
        """Count the rows by state."""
        unsent = dict(
            self._database.execute("select state, count(*) from outbox where state<>'sent' group by state").fetchall()
        )
        total = self._database.execute("select count(*) from outbox").fetchone()[0]
        oldest = self._database.execute(
            "select min(started) from"
            " (select started from outbox where state='waiting' and state<>'sent' order by seq limit 1000)"
        ).fetchone()[0]
        error = self._database.execute(
            "select error from outbox where state<>'sent' and error<>'' order by seq desc limit 1"
        ).fetchone()
        return OutboxStatus(
            **unsent,
            sent=total - sum(unsent.values()),
            oldest_waiting=oldest,
            last_error=error[0] if error else "",
        )

    def bad_rows(self, limit: int = 20) -> list[tuple[str, str, str]]:
        """Return kind, key and error of the rows that were set aside."""
        return self._database.execute(
            "select kind, key, error from outbox where state='bad' and state<>'sent' order by seq limit ?", (limit,)
        ).fetchall()

    def bodies(
        self, kind: Kind, *, since: float = 0.0, until: float = 1e12, outcome: str = "", assistant: str = ""
    ) -> Iterator[str]:
        """Yield the bodies of rows that started in a period, oldest first."""
        for (body,) in self._database.execute(
            "select body from outbox where kind=? and started>=? and started<?"
            " and (?='' or outcome=?) and (?='' or assistant=?) order by started",
            (kind, since, until, outcome, outcome, assistant, assistant),
        ):
            yield body

    def forget(self, user: str) -> list[str]:
        """Delete a person's rows with their counts, and let a request to forget wait; return the turns' keys."""
        with transaction(self._database):
            keys = [
                key for (key,) in self._database.execute("select key from outbox where kind='turn' and user=?", (user,))
            ]
            rated = "kind='feedback' and key in (select key from outbox where kind='turn' and user=?)"
            for mine in (rated, "user=?"):  # a rating given in private bears no name: it goes with its turn
                self._take_back(mine, (user,))
                self._database.execute(f"delete from outbox where {mine}", (user,))
            self._database.execute("delete from counts where n<=0 or (metric='user' and bucket=?)", (user,))
            if keys:
                self._forget_later(keys)
        return keys

    def purge(self, before: float) -> list[str]:
        """Delete the rows of before a moment, carried over or not, and the counts of those hours; return the keys."""
        with transaction(self._database):
            keys = [
                key
                for (key,) in self._database.execute(
                    "select key from outbox where kind='turn' and started<? and state<>'open'", (before,)
                )
            ]
            self._database.execute("delete from outbox where started<? and state<>'open' and kind<>'forget'", (before,))
            self._database.execute("delete from counts where hour<?", (int(before // _HOUR_S),))
            if keys:
                self._forget_later(keys)
        return keys

    def _forget_later(self, keys: list[str]) -> None:
        """Let MLflow's copies of turns be deleted when the exporter reaches it."""
        started = time.time()
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            row = OutboxRow(kind="forget", key=part[0], started=started, body=json.dumps(part))
            self._database.execute(_PUT, (*_columns(row), row.body))

    def open_turns(self, assistants: Sequence[str]) -> int:
        """Return how many answers have not ended."""
        return sum(
            self._database.execute(
                "select count(*) from outbox where state='open' and state<>'sent' and assistant=?", (assistant,)
            ).fetchone()[0]
            for assistant in assistants
        )

    def row_counts(
        self, since: float, until: float, assistants: Sequence[str]
    ) -> Iterator[tuple[str, list[tuple[str, str, float]]]]:
        """Yield assistant and counts of every row that started in a period; for a part of an hour."""
        for assistant, counts in self._database.execute(
            "select assistant, counts from outbox where kind in ('turn','feedback') and started>=? and started<?"
            " and counts<>''",
            (since, until),
        ):
            if assistant in assistants:
                yield assistant, [(metric, bucket, amount) for metric, bucket, amount in json.loads(counts)]

    def totals(
        self, metrics: Sequence[str], assistants: Sequence[str], first_hour: int, last_hour: int = _NO_HOUR
    ) -> Iterator[tuple[str, str, float]]:
        """Yield (metric, bucket, amount) summed over the hours from `first_hour` up to `last_hour`, without it."""
        for assistant in assistants:
            for metric in metrics:
                yield from self._database.execute(
                    "select metric, bucket, sum(n) from counts where assistant=? and metric=? and hour>=? and hour<?"
                    " group by bucket",
                    (assistant, metric, first_hour, last_hour),
                )

    def hourly(self, metric: str, assistant: str, first_hour: int) -> dict[int, float]:
        """Return the amount of each hour from `first_hour` that has any."""
        return dict(
            self._database.execute(
                "select hour, sum(n) from counts where assistant=? and metric=? and hour>=? group by hour",
                (assistant, metric, first_hour),
            )
        )

    def distinct(self, metric: str, assistants: Sequence[str], first_hour: int, others: Iterable[str]) -> int:
        """Return how many different buckets a metric has from `first_hour` on, or among the others."""
        part = "select bucket from counts where assistant=? and metric=? and hour>=? and n>0 union all "
        values = [value for assistant in assistants for value in (assistant, metric, first_hour)]
        return int(
            self._database.execute(
                # sorted, not count(distinct …): a tree of 250,000 conversations takes 2.6 times as long
                f"select count(*) from (select bucket from ({part * len(assistants)} select value from json_each(?))"
                " group by bucket)",
                (*values, json.dumps(list(others))),
            ).fetchone()[0]
        )

    def last_hour(self, metric: str, assistants: Sequence[str]) -> int | None:
        """Return the latest hour in which a metric was counted."""
        found = [
            self._database.execute(
                "select max(hour) from counts where assistant=? and metric=?", (assistant, metric)
            ).fetchone()[0]
            for assistant in assistants
        ]
        return max((hour for hour in found if hour is not None), default=None)


def _columns(row: OutboxRow) -> tuple[object, ...]:
    counts = json.dumps(row.counts, ensure_ascii=False, separators=(",", ":")) if row.counts else ""
    return (
        row.kind,
        row.key,
        row.state,
        row.started,
        row.assistant,
        row.user,
        row.conversation,
        row.outcome,
        row.owner,
        counts,
    )
