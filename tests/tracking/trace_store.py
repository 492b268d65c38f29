"""What every place for traces must do, and the fake that does it in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from llmops.schemas import Feedback, Report, ReportCount, RunRecord
from llmops.tracking.export_errors import RowRefusedError, StoreUnavailableError, TraceAbsentError
from llmops.tracking.exporter import TraceStore
from llmops.tracking.spans import Trace, trace_of
from tests.tracking.records import answered, asked, rating

A, B = "a" * 32, "b" * 32


class Kept:
    """What a store holds, in plain values."""

    def __init__(
        self,
        traces: dict[str, tuple[bool, str, tuple[str, ...]]],
        ratings: dict[str, tuple[bool, str | None]],
        runs: dict[str, dict[str, float]],
    ) -> None:
        self.traces, self.ratings, self.runs = traces, ratings, runs


class FakeStore:
    """A store in memory that can be away or refuse single turns."""

    def __init__(self) -> None:
        self.away = False
        self.refused: set[str] = set()
        self._traces: dict[str, Trace] = {}
        self._ratings: dict[str, Feedback] = {}
        self._runs: dict[str, RunRecord] = {}
        self.writes = 0

    def check(self) -> None:
        if self.away:
            raise StoreUnavailableError("сервера нет")

    def write_traces(self, traces: Sequence[Trace]) -> None:
        self.check()
        if any(trace.turn_id in self.refused for trace in traces):
            raise RowRefusedError("не нравится")
        self._traces |= {trace.turn_id: trace for trace in traces}
        self.writes += len(traces)

    def write_feedback(self, feedback: Feedback) -> None:
        self.check()
        if feedback.turn_id not in self._traces:
            raise TraceAbsentError(feedback.turn_id)
        self._ratings[feedback.turn_id] = feedback

    def write_run(self, record: RunRecord) -> None:
        self.check()
        self._runs[record.id] = record

    def delete_traces(self, turn_ids: Sequence[str]) -> None:
        self.check()
        for turn_id in turn_ids:
            self._traces.pop(turn_id, None)
            self._ratings.pop(turn_id, None)

    def kept(self) -> Kept:
        """Return what is held."""
        return Kept(
            {
                turn: (not trace.failed, trace.response, tuple(span.name for span in trace.spans))
                for turn, trace in self._traces.items()
            },
            {turn: (found.rating > 0, found.comment or None) for turn, found in self._ratings.items()},
            {
                record.report.stage: {count.key: count.value for count in record.report.counts}
                for record in self._runs.values()
            },
        )


def run_record() -> RunRecord:
    report = Report(
        stage="build-index finance",
        counts=(ReportCount(name="записей", key="entries", value=4),),
        parameters={"embedder": "static"},
        inputs={"data": "abc"},
        outputs={"entries.json": "def"},
        seconds=1.5,
    )
    return RunRecord(id="r1", report=report, started_at=datetime.now(UTC), artefacts={"manifest.json": "{}"})


class TraceStoreContract:
    """Inherited by every store and by the fake."""

    @pytest.fixture
    def store(self) -> TraceStore:
        raise NotImplementedError

    def kept(self, store: TraceStore) -> Kept:
        raise NotImplementedError

    def test_what_is_written_twice_is_there_once(self, store: TraceStore):
        traces = [trace_of(answered(A)), trace_of(answered(B))]
        store.write_traces(traces)
        store.write_traces(traces)
        held = self.kept(store).traces
        assert set(held) == {A, B}
        assert held[A][0] is True
        assert set(held[A][2]) == {"turn", "retrieve", "guard", "generate"}

    def test_an_end_that_comes_late_replaces_the_interruption(self, store: TraceStore):
        store.write_traces([trace_of(asked(A))])
        assert self.kept(store).traces[A][0] is False
        store.write_traces([trace_of(answered(A))])
        assert self.kept(store).traces[A][:2] == (True, "МРОТ - 27 093 ₽ в месяц.")

    def test_rating_again_replaces(self, store: TraceStore):
        store.write_traces([trace_of(answered(A))])
        store.write_feedback(rating(A, 1))
        store.write_feedback(rating(A, -1, "не то"))
        assert self.kept(store).ratings == {A: (False, "не то")}

    def test_a_rating_stays_when_its_trace_is_written_again(self, store: TraceStore):
        store.write_traces([trace_of(answered(A))])
        store.write_feedback(rating(A, 1))
        store.write_traces([trace_of(answered(A))])
        assert self.kept(store).ratings == {A: (True, None)}

    def test_a_rating_without_a_trace_is_told(self, store: TraceStore):
        with pytest.raises(TraceAbsentError):
            store.write_feedback(rating(A))

    def test_a_run_written_twice_is_there_once(self, store: TraceStore):
        store.write_run(run_record())
        store.write_run(run_record())
        assert self.kept(store).runs["build-index finance"]["entries"] == 4

    def test_deleted_traces_are_gone_and_absent_ones_do_not_matter(self, store: TraceStore):
        store.write_traces([trace_of(answered(A)), trace_of(answered(B))])
        store.write_feedback(rating(A))
        store.delete_traces([A, "c" * 32])
        held = self.kept(store)
        assert set(held.traces) == {B}
        assert held.ratings == {}

    def test_a_store_that_serves_passes_its_check(self, store: TraceStore):
        store.check()
