"""`llmops track` and what a chat leaves behind, as processes."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.cli.test_chat import llmops

pytest.importorskip("mlflow", reason="the mlflow extra is not installed")
pytestmark = pytest.mark.slow
_CALL = "какой сейчас мрот"


@contextmanager
def store(home: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(home / "mlflow.db")) as database:
        yield database


def traces(home: Path) -> int:
    with store(home) as database:
        return int(database.execute("select count(*) from trace_info").fetchone()[0])


def export(*arguments: str) -> dict[str, int]:
    done = llmops("track", "export", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    result: dict[str, int] = json.loads(done.stdout)
    return result


def every_byte(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_a_chat_becomes_a_trace_and_goes_when_its_person_is_forgotten(home: Path):
    reply = json.loads(llmops("chat", "finance", "--json", _CALL).stdout)
    assert export()["sent"] == 1
    assert export()["sent"] == 0
    with store(home) as database:
        assert database.execute("select request_id from trace_info").fetchall() == [(reply["trace_id"],)]
    done = llmops("track", "forget", "me", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["turns"] == 1
    assert traces(home) == 0
    left = every_byte(home)
    assert _CALL.encode() not in left
    assert json.dumps(_CALL).strip('"').encode() not in left
    assert llmops("chat", "finance", "--continue", "а ещё").returncode == 2


def test_numbers_of_people_reach_no_file(home: Path):
    secret = "мой телефон 8 (916) 123-45-67, карта 4276 3801 2345 6789 и почта ivan.petrov@mail.ru"
    llmops("chat", "finance", f"{_CALL}? {secret}")
    llmops("chat", "finance", "--json", stdin=f"{_CALL}? {secret}\n")
    export()
    left = every_byte(home)
    for number in ("123-45-67", "ivan.petrov"):
        assert number.encode() not in left, number


def test_a_private_chat_leaves_times_alone(home: Path):
    llmops("chat", "finance", "--private", _CALL)
    export()
    left = every_byte(home)
    for word in ("мрот", "МРОТ", "27 093"):
        assert word.encode() not in left, word
        assert json.dumps(word).strip('"').encode() not in left, word
    with store(home) as database:
        names = {name for (name,) in database.execute("select key from trace_request_metadata")}
    assert not {"mlflow.trace.user", "mlflow.trace.session"} & names
    assert traces(home) == 1


def test_a_server_that_is_away_is_one_sentence_and_code_4():
    llmops("chat", "finance", _CALL)
    done = llmops("track", "export", MLFLOW_TRACKING_URI="http://user:secret@127.0.0.1:9")
    assert done.returncode == 4
    assert "Ничего не потеряно, ждёт 1 запись" in done.stderr
    assert "secret" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_stages_become_runs(home: Path, tmp_path: Path):
    source = tmp_path / "вопросы.csv"
    source.write_text("question,answer\nКакой МРОТ?,МРОТ - 27 093 рубля в месяц.\n", encoding="utf-8")
    done = llmops("prepare-data", "finance", "--source", str(source), "--out", str(tmp_path / "final.json"))
    assert done.returncode == 0, done.stderr
    assert export()["sent"] == 1
    with store(home) as database:
        assert database.execute("select name, status from runs").fetchall() == [("prepare-data finance", "FINISHED")]
        assert ("entry", 1.0) in database.execute("select key, value from latest_metrics").fetchall()
        assert database.execute("select count(*) from datasets").fetchone() == (1,)
    names = {path.name for path in (home / "mlartifacts").rglob("*") if path.is_file()}
    assert names == {"report.json", "final.manifest.json"}


def test_the_status_shows_what_waits(home: Path):
    assert json.loads(llmops("track", "status", "--json").stdout)["waiting"] == 0
    assert not home.exists(), "looking makes nothing"
    llmops("chat", "finance", _CALL)
    assert json.loads(llmops("track", "status", "--json").stdout)["waiting"] == 1
    assert "ждёт: 1" in llmops("track", "status").stdout


def test_a_purge_needs_a_term_and_keeps_what_is_young(home: Path):
    assert llmops("track", "purge").returncode == 2
    llmops("chat", "finance", _CALL)
    assert json.loads(llmops("track", "purge", "--older-than", "1", "--json").stdout)["turns"] == 0
    with closing(sqlite3.connect(home / "llmops.db")) as database:
        database.execute("update outbox set started=started-2*86400")
        database.commit()
    done = llmops("track", "purge", "--json", LLMOPS_RETENTION_DAYS="1")
    assert json.loads(done.stdout)["turns"] == 1


def test_leaving_a_chat_is_instant_and_the_export_goes_on_without_it(home: Path):
    started = time.monotonic()
    done = llmops("chat", "finance", _CALL, LLMOPS_AUTO_EXPORT="1")
    seconds = time.monotonic() - started
    assert done.returncode == 0
    assert seconds < 4, "importing mlflow and making its store takes longer"
    end = time.monotonic() + 60
    while json.loads(llmops("track", "status", "--json").stdout)["sent"] != 1:
        assert time.monotonic() < end, (home / "export.log").read_text(encoding="utf-8")
        time.sleep(0.5)
    assert traces(home) == 1
    (home / "llmops.db").unlink()  # the exporter sees that the state is gone and leaves


def test_the_export_after_a_chat_has_the_chats_settings(tmp_path: Path):
    (tmp_path / ".env").write_text("LLMOPS_HOME=состояние\nMLFLOW_TRACKING_URI=sqlite:///своё.db\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "LLMOPS_HOME"}
    environment["LLMOPS_AUTO_EXPORT"] = "1"
    command = [sys.executable, "-m", "llmops", "chat", "finance", _CALL]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    end = time.monotonic() + 60
    while not (tmp_path / "своё.db").exists():
        assert time.monotonic() < end, sorted(tmp_path.rglob("*"))
        time.sleep(0.3)
    shutil.rmtree(tmp_path / "состояние")


def test_the_pages_are_for_the_local_store_alone():
    done = llmops("track", "ui", MLFLOW_TRACKING_URI="http://127.0.0.1:9")
    assert done.returncode == 2
    assert "http://127.0.0.1:9" in done.stderr


@pytest.mark.parametrize("uri", ["ftp://x", "postgresql://user:secret@127.0.0.1/none", "mlruns"])
def test_an_address_of_another_kind_is_a_wrong_setting(uri: str):
    done = llmops("track", "export", MLFLOW_TRACKING_URI=uri)
    assert done.returncode == 2
    assert "MLFLOW_TRACKING_URI" in done.stderr
    assert "secret" not in done.stderr
