"""The chat command: one-shot, pipe, JSON, bad input, exit codes."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from llmops.schemas import Reply
from tests.conftest import REPOSITORY


def llmops(*arguments: str, stdin: bytes | str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own; without `stdin` nothing is piped."""
    raw = stdin.encode() if isinstance(stdin, str) else stdin
    command = [sys.executable, "-m", "llmops", *arguments]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL if raw is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=REPOSITORY,
        env={**os.environ, **environment},
    ) as process:
        out, err = process.communicate(raw, timeout=120)
    return subprocess.CompletedProcess(command, process.returncode, out.decode(), err.decode())


def test_a_question_is_answered_on_stdout_and_sourced_on_stderr():
    done = llmops("chat", "finance", "какой сейчас мрот")
    assert done.returncode == 0
    assert "27 093" in done.stdout
    assert "↳" in done.stderr
    assert "не индивидуальная рекомендация" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_json_is_the_contracts_object_one_a_line():
    done = llmops("chat", "finance", "--json", stdin="какой мрот\n\nкак сварить борщ\n")
    replies = [Reply.model_validate_json(line) for line in done.stdout.splitlines()]
    assert [reply.outcome for reply in replies] == ["answered", "refused"]
    assert set(json.loads(done.stdout.splitlines()[0])) == {
        "assistant", "persona", "outcome", "reason", "answer", "origin", "sources", "backend", "model", "usage", "timings_ms", "conversation_id", "trace_id", "degraded", "interrupted",
    }  # fmt: skip
    assert replies[0].conversation_id == replies[1].conversation_id


def test_new_starts_another_conversation_and_prints_nothing():
    done = llmops("chat", "finance", "--json", stdin="/new\nкакой мрот\n/new\nкакой мрот\n")
    ids = [json.loads(line)["conversation_id"] for line in done.stdout.splitlines()]
    assert len(set(ids)) == 2


def test_a_conversation_goes_on_where_it_stopped():
    first = json.loads(llmops("chat", "finance", "--json", "Сколько дней оплачиваемого отпуска положено в год?").stdout)
    second = json.loads(
        llmops("chat", "finance", "--json", "--continue", "а деньги за него когда должны прийти?").stdout
    )
    third = json.loads(
        llmops("chat", "finance", "--json", "--conversation", first["conversation_id"], "какой мрот").stdout
    )
    assert first["conversation_id"] == second["conversation_id"] == third["conversation_id"]
    assert "3 " in second["answer"]


def test_what_is_piped_beside_a_question_is_its_context():
    done = llmops(
        "chat",
        "finance",
        "--json",
        "а если она в ипотеке?",
        stdin="Заберут ли единственную квартиру при банкротстве?\n",
    )
    assert "жильё" in json.loads(done.stdout)["answer"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("chat", "finance", " "), 2, "Сообщение пусто"),
        (("chat", "finance", "--conversation", "c-none", "вопрос"), 2, "Разговора c-none нет"),
        (("chat", "finance", "--continue", "вопрос"), 2, "Продолжать нечего"),
        (("chat", "finance"), 2, "ничего не пришло"),
        (("chat", "finance", "--no-such"), 2, "no-such"),
        (("no-such",), 2, "no-such"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_its_code(arguments: tuple[str, ...], code: int, sentence: str):
    done = llmops(*arguments)
    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refusal_fails_only_when_asked_to():
    assert llmops("chat", "finance", "как сварить борщ").returncode == 0
    assert llmops("chat", "finance", "--fail-on-refusal", "как сварить борщ").returncode == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00 \xd0\xba\xd0\xb0\xd0\xba\xd0\xbe\xd0\xb9 \xd0\xbc\xd1\x80\xd0\xbe\xd1\x82\n",
        "какой мрот".encode("cp1251") + b"\n",
        b"\x01\x02\x03\n",
        "😀😀\n".encode(),
        b"a" * 100_000 + b"\n",
    ],
)
def test_strange_input_gets_an_answer_and_no_traceback(raw: bytes):
    done = llmops("chat", "finance", "--json", stdin=raw)
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr
    if done.returncode == 0:
        Reply.model_validate_json(done.stdout)


def test_a_half_written_index_is_one_sentence(home: Path):
    broken = home / "indexes" / "finance"
    broken.mkdir(parents=True)
    (broken / "manifest.json").write_text("{", encoding="utf-8")
    done = llmops("chat", "finance", "какой мрот")
    assert done.returncode == 3
    assert "испорчен" in done.stderr
    assert "build-index --force" in done.stderr
    assert done.stdout == ""


def test_a_state_folder_that_cannot_be_written_still_answers(tmp_path: Path):
    occupied = tmp_path / "file"
    occupied.write_text("x", encoding="utf-8")
    done = llmops("chat", "finance", "какой мрот", LLMOPS_HOME=str(occupied))
    assert done.returncode == 0
    assert "27 093" in done.stdout
    assert "не сохраняется" in done.stderr


def test_private_keeps_no_text(home: Path):
    assert llmops("chat", "finance", "--private", "какой мрот у нас").returncode == 0
    held = b"".join(path.read_bytes() for path in home.iterdir() if path.is_file())
    assert "какой мрот у нас".encode() not in held
    with sqlite3.connect(home / "llmops.db") as database:
        assert database.execute("select state, user, conversation from outbox").fetchall() == [("waiting", "", "")]


def test_every_turn_is_recorded_with_its_reply(home: Path):
    llmops("chat", "finance", "какой мрот")
    with sqlite3.connect(home / "llmops.db") as database:
        outcome, body = database.execute("select outcome, body from outbox").fetchone()
    record = json.loads(body)
    assert outcome == record["reply"]["outcome"] == "answered"
    assert record["reply"]["sources"][0]["id"] == record["turn"]["retrieved"][0]["id"]
    assert record["turn"]["guard"]["in_scope"] > record["turn"]["guard"]["threshold"]
    assert all(record["versions"][name] for name in ("data", "index", "model", "code"))
    assert stat.S_IMODE((home / "llmops.db").stat().st_mode) == 0o600


def test_a_turn_that_fails_is_recorded_as_an_error(home: Path):
    code = (
        "import sys; from llmops import cli; from llmops.assistants.finance import assistant;"
        "assistant.FinanceAssistant.prepare = lambda self, conversation, text: 1 / 0;"
        "sys.argv = ['llmops', 'chat', 'finance', 'тайный вопрос']; cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 5
    with sqlite3.connect(home / "llmops.db") as database:
        state, outcome, body = database.execute("select state, outcome, body from outbox").fetchone()
    assert (state, outcome, json.loads(body)["error"]) == ("waiting", "error", "ZeroDivisionError")


@pytest.mark.slow
def test_a_locked_database_delays_no_answer_and_loses_no_turn(home: Path):
    llmops("chat", "finance", "какой мрот")
    with closing(sqlite3.connect(home / "llmops.db", isolation_level=None)) as other:
        other.execute("begin exclusive")
        started = time.monotonic()
        done = llmops("chat", "finance", "--json", stdin="какой мрот\nсколько дней отпуска\n")
        seconds = time.monotonic() - started
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.count("пока не сохраняется") == 1
    assert seconds < 8
    assert len(list((home / "outbox").glob("turn-*.json"))) == 2


def test_a_broken_pipe_is_quiet():
    command = f"{sys.executable} -m llmops chat finance 'какой мрот' | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_show_prompt_shows_what_was_decided():
    done = llmops("chat", "finance", "--show-prompt", "какой мрот")
    assert '"resolved"' in done.stderr


def test_an_unknown_embedder_is_a_wrong_setting():
    done = llmops("chat", "finance", "какой мрот", LLMOPS_EMBEDDER="frida")
    assert done.returncode == 2
    assert "frida" in done.stderr


def test_the_configuration_file_and_dotenv_are_read_in_order(home: Path, tmp_path: Path):
    home.mkdir(parents=True)
    (home / "config.toml").write_text('embedder = "из-файла"\n', encoding="utf-8")
    assert "из-файла" in llmops("chat", "finance", "какой мрот").stderr
    assert llmops("chat", "finance", "какой мрот", LLMOPS_EMBEDDER="static").returncode == 0
    (home / "config.toml").write_text("embedder = [", encoding="utf-8")
    broken = llmops("chat", "finance", "какой мрот")
    assert (broken.returncode, "config.toml" in broken.stderr) == (2, True)
    del tmp_path


def test_stages_run_from_the_command_line(tmp_path: Path, home: Path):
    source = tmp_path / "q.jsonl"
    source.write_text(
        '{"question":"где стоит банкомат","answer":"В холле."}\n{"question":"когда обед","answer":"В час."}\n',
        encoding="utf-8",
    )
    data = tmp_path / "final_data.json"
    prepared = llmops("prepare-data", "finance", "--source", str(source), "--out", str(data), "--json")
    assert json.loads(prepared.stdout)["stage"] == "prepare-data finance"
    built = llmops("build-index", "finance", "--data", str(data), "--json")
    assert built.returncode == 0, built.stderr
    assert json.loads(built.stdout)["outputs"]
    assert (home / "indexes" / "finance" / "manifest.json").is_file()
    assert "холле" in llmops("chat", "finance", "где банкомат стоит").stdout


@pytest.mark.slow
def test_strict_turns_warnings_into_failure(tmp_path: Path):
    source = tmp_path / "q.jsonl"
    source.write_text('{"question":"вопрос","answer":"ответ","valid_until":"2020-01-01"}\n', encoding="utf-8")
    out = str(tmp_path / "o.json")
    assert llmops("prepare-data", "finance", "--source", str(source), "--out", out).returncode == 0
    assert llmops("prepare-data", "finance", "--source", str(source), "--out", out, "--strict").returncode == 1
    source.write_text('{"question":"вопрос"}\n', encoding="utf-8")
    assert llmops("prepare-data", "finance", "--source", str(source), "--out", out).returncode == 3
