"""The recorder: what is kept, when, and what happens when it cannot be."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from llmops.schemas import Report, ReportCount, TurnRecord
from llmops.tracking.fallback import Fallback
from llmops.tracking.recorder import OutboxRecorder
from tests.tracking.records import ANSWER, Home, answered, asked, rating


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "состояние")
    yield home
    home.close()


def body(home: Home, turn_id: str) -> TurnRecord:
    found = home.outbox.find("turn", turn_id)
    assert found
    return TurnRecord.model_validate_json(found)


def every_byte(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_question_is_a_row_before_its_answer(kept: Home):
    kept.recorder.turn(asked("a1"))
    assert kept.states() == {"open": 1}
    kept.recorder.turn(answered("a1"))
    assert kept.states() == {"waiting": 1}
    assert body(kept, "a1").reply is not None


def test_numbers_of_people_reach_no_byte_on_the_disk(kept: Home):
    kept.recorder.turn(asked("a1"))
    kept.recorder.turn(answered("a1"))
    kept.recorder.feedback(rating("a1", 1, "пишите на ivan@mail.ru"))
    record = body(kept, "a1")
    assert record.turn.question == "какой сейчас мрот, мой телефон [телефон]"
    assert record.reply
    assert record.reply.answer == ANSWER
    written = every_byte(kept.folder)
    assert b"123-45-67" not in written
    assert b"ivan@" not in written


def test_full_capture_keeps_what_was_typed_but_no_key(tmp_path: Path):
    home = Home(tmp_path, capture="full")
    key = "sk-" + "a1B2c3D4" * 5
    home.recorder.turn(answered("a1", question=f"8 916 123-45-67 {key}"))
    question = body(home, "a1").turn.question
    assert "123-45-67" in question
    assert key not in question
    home.close()


def test_no_capture_keeps_topics_and_times(tmp_path: Path):
    home = Home(tmp_path, capture="none")
    home.recorder.turn(answered("a1"))
    record = body(home, "a1")
    assert record.turn.question == record.turn.answer == ""
    assert record.reply
    assert record.reply.answer == ""
    assert record.turn.retrieved[0].id == "mrot"
    assert record.user
    home.close()


def test_a_private_turn_is_times_alone(kept: Home):
    kept.recorder.private = True
    kept.recorder.turn(asked("a1"))
    kept.recorder.turn(answered("a1"))
    kept.recorder.private = False
    kept.recorder.feedback(rating("a1", -1, "личное"))
    record = body(kept, "a1")
    assert (record.user, record.turn.conversation_id, record.turn.retrieved, record.turn.guard) == ("", "", (), None)
    assert record.reply
    assert record.reply.timings_ms.total == 6.0
    written = every_byte(kept.folder)
    for secret in ("мрот", "МРОТ", "mrot", "личное", "u-0123456789abcdef"):
        assert secret.encode() not in written, secret
    metrics = {metric for (metric,) in kept.database.execute("select distinct metric from counts where n>0")}
    assert not {"topic", "length", "user", "conversation"} & metrics


def test_rating_again_replaces(kept: Home):
    kept.recorder.turn(answered("a1"))
    kept.recorder.feedback(rating("a1", 1))
    kept.recorder.feedback(rating("a1", -1))
    kept_counts = {bucket: n for _, bucket, n in kept.outbox.totals(["rating"], ["finance"], 0) if n}
    assert kept_counts == {"-": 1}


def test_a_locked_database_costs_no_time_and_no_turn(kept: Home):
    with closing(sqlite3.connect(kept.path, isolation_level=None)) as other:
        other.execute("begin immediate")
        kept.recorder.turn(asked("a1"))
        kept.recorder.turn(answered("a1"))
        kept.recorder.feedback(rating("a1"))
        assert len(kept.fallback.paths()) == 2
        other.execute("rollback")
    assert kept.fallback.absorb(kept.outbox) == 2
    assert kept.states() == {"waiting": 1}
    assert kept.fallback.paths() == []


def test_the_start_of_a_turn_never_replaces_its_end(kept: Home):
    with closing(sqlite3.connect(kept.path, isolation_level=None)) as other:
        other.execute("begin immediate")
        kept.recorder.turn(asked("a1"))
        other.execute("rollback")
    kept.recorder.turn(answered("a1"))
    kept.fallback.absorb(kept.outbox)
    assert kept.states() == {"waiting": 1}


def test_without_any_place_rows_are_kept_in_memory_and_written_later(tmp_path: Path):
    home = Home(tmp_path / "home")
    blocked = tmp_path / "file"
    blocked.write_text("не папка", encoding="utf-8")
    recorder = OutboxRecorder(home.outbox, Fallback((blocked / "outbox",)), user="u-1")
    with closing(sqlite3.connect(home.path, isolation_level=None)) as other:
        other.execute("begin immediate")
        recorder.turn(answered("a1"))
        assert recorder.lost == 1
        other.execute("rollback")
    recorder.turn(answered("a2"))
    assert recorder.lost == 0
    assert home.states() == {"waiting": 2}
    home.close()


def test_without_a_database_rows_go_to_files(tmp_path: Path):
    fallback = Fallback((tmp_path / "files",))
    OutboxRecorder(None, fallback).turn(answered("a1"))
    assert [path.name for path in fallback.paths()] == ["turn-a1.json"]


def test_a_file_that_was_half_written_is_set_aside(kept: Home):
    folder = kept.folder / "outbox"
    folder.mkdir()
    (folder / "turn-x.json").write_text('{"kind":"turn","ke', encoding="utf-8")
    assert kept.fallback.absorb(kept.outbox) == 0
    assert kept.fallback.paths() == []
    assert (folder / "turn-x.unreadable").exists()


def test_a_bug_in_recording_never_reaches_the_chat(kept: Home):
    kept.database.close()
    kept.recorder.turn(asked("a1"))
    assert len(kept.fallback.paths()) == 1
    kept.recorder.turn(None)  # type: ignore[arg-type]
    assert kept.recorder.failures == 1


def test_a_stage_is_a_row_with_its_small_files(kept: Home, tmp_path: Path):
    manifest = tmp_path / "manifest.json"
    manifest.write_text('{"layout":1}', encoding="utf-8")
    report = Report(
        stage="build-index finance",
        counts=(ReportCount(name="записей", key="entries", value=4),),
        artefacts=(str(manifest), str(tmp_path / "absent.json")),
        seconds=1.5,
    )
    kept.recorder.run(report)
    (waiting,) = kept.outbox.waiting(10)
    record = json.loads(waiting.body)
    assert waiting.kind == "run"
    assert record["artefacts"] == {"manifest.json": '{"layout":1}'}


def test_a_folder_that_is_another_persons_or_a_link_is_not_used(tmp_path: Path):
    real = tmp_path / "чужая"
    real.mkdir()
    link = tmp_path / "ссылка"
    link.symlink_to(real)
    fallback = Fallback((link,))
    recorder = OutboxRecorder(None, fallback)
    recorder.turn(answered("a1"))
    assert recorder.lost == 1
    (real / "turn-x.json").write_text("{}", encoding="utf-8")
    assert fallback.paths() == []
