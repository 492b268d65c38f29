"""The monitor command: the view, JSON, periods, limits, watching in a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import random
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llmops.cli.monitor import parse_period
from llmops.cli.monitor_view import sparkline
from llmops.errors import ConfigError
from llmops.language.numbers import plural
from llmops.schemas import Usage
from llmops.tracking.figures import duration, grouped, milliseconds, percent
from llmops.tracking.limits import Overview
from tests.cli.test_chat import llmops
from tests.conftest import REPOSITORY
from tests.tracking.turns import HOUR, keep, opened, rate, record

DAY = 24 * HOUR
HEAVY = ("numpy", "faiss", "mlflow", "torch", "bm25s", "tokenizers", "safetensors")


def fill(home: Path, count: int = 60, *, ago: float = HOUR, errors: int = 0) -> None:
    """Write turns that started within the last while, and let them be exported."""
    chance, now = random.Random(0), time.time()
    with opened(home / "llmops.db") as outbox:
        turns = [
            record(
                now - chance.uniform(60, ago),
                total=chance.lognormvariate(4, 1),
                retrieve=chance.lognormvariate(0, 1),
                conversation=f"c-{number % 7}",
                area=chance.choice(("mortgage", "deposits")),
                outcome="error" if number < errors else "refused" if number % 5 == 4 else "answered",
            )
            for number in range(count)
        ]
        keep(outbox, *turns)
        outbox.mark_sent(outbox.waiting(count))


def test_without_a_database_it_says_what_to_do_and_makes_none(home: Path):
    done = llmops("monitor")
    assert done.returncode == 0
    assert "llmops chat finance" in done.stdout
    assert not home.exists()


def test_an_empty_home_is_shown_quickly():
    llmops("monitor")
    started = time.perf_counter()
    llmops("monitor")
    assert time.perf_counter() - started < 1.5  # 0.3 s on an idle machine


def test_nothing_heavy_is_imported():
    program = (
        "import sys; from llmops.cli import app\n"
        "try: app(['monitor', '--since', 'all'])\n"
        f"except SystemExit: print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True, cwd=REPOSITORY
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_view_fits_eighty_columns_without_colours_and_says_the_figures(home: Path):
    fill(home, 1234, ago=20 * HOUR)
    fill(home, 900, ago=13 * DAY)
    done = llmops("monitor", "--since", "all", COLUMNS="200", FORCE_COLOR="1")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    for text in ("Всё в норме", "2 134", "80 %", "весь ответ", "мс", "очередь пуста", "за всё время", "█"):
        assert text.lower() in done.stdout.lower()


def test_a_broken_limit_comes_first_and_is_marked(home: Path):
    fill(home, 40, errors=10)
    lines = [line for line in llmops("monitor").stdout.splitlines() if line]
    assert lines[1] == "! Ошибок 25 % при пределе 5 %."


def test_what_an_exporter_was_told_cannot_paint_the_terminal(home: Path):
    fill(home)
    with opened(home / "llmops.db") as outbox:
        keep(outbox, record(time.time() - 9))
        outbox.mark_failed(outbox.waiting(1)[0], "нет [bold]связи[/bold] \x1b[31m\nс сервером " + "x" * 200, bad=True)
    done = llmops("monitor")
    assert "нет [bold]связи[/bold]" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert "! Не принятых MLflow записей 1 при пределе 0." in done.stdout


def test_a_period_without_turns_names_the_last_one(home: Path):
    fill(home, ago=HOUR)
    with opened(home / "llmops.db") as outbox:
        keep(outbox, record(time.time() - 40 * DAY, assistant="companion"))
    done = llmops("monitor", "--assistant", "companion", "--since", "7d")
    assert done.returncode == 0
    assert "Ходов за 7 дней нет, последний был " in done.stdout
    assert "--since all" in done.stdout


def test_json_is_one_document_that_the_model_describes(home: Path):
    fill(home, 50)
    with opened(home / "llmops.db") as outbox:
        turn = record(time.time() - 30, assistant="companion", generate=1000.0, usage=Usage(completion_tokens=20))
        keep(outbox, turn)
        rate(outbox, turn, -1, time.time())
    done = llmops("monitor", "--json")
    overview = Overview.model_validate_json(done.stdout)
    assert len(done.stdout.splitlines()) == 1
    assert overview.statistics.by_assistant == {"companion": 1, "finance": 50}
    assert overview.statistics.ratings.bad == 1
    assert overview.statistics.durations_ms.tokens_per_s == pytest.approx(20)
    assert "NaN" not in done.stdout
    finance = Overview.model_validate_json(llmops("monitor", "--json", "--assistant", "finance").stdout)
    assert finance.statistics.turns == 50


def test_json_without_a_database_is_a_document_of_nothing(home: Path):
    overview = Overview.model_validate_json(llmops("monitor", "--json").stdout)
    assert overview.statistics.turns == 0
    assert overview.statistics.refusal_share is None
    assert not home.exists()


def test_check_exits_with_one_and_a_line_for_every_broken_limit(home: Path):
    fill(home, 40, errors=10)
    done = llmops("monitor", "--check", "--limit", "p95_ms=1")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    assert done.stdout.startswith("Ошибок 25 % при пределе 5 %.\nОтветы медленные: ")
    printed = llmops("monitor", "--check", "--json")
    assert printed.returncode == 1
    assert [one.name for one in Overview.model_validate_json(printed.stdout).breaches] == ["errors"]


def test_check_is_content_with_good_figures_and_with_none(home: Path):
    done = llmops("monitor", "--check")
    assert (done.returncode, done.stdout) == (0, "Всё в норме.\n")
    assert "нет" in done.stderr
    fill(home, 40, errors=10)
    done = llmops("monitor", "--check", "--limit", "errors=0.3")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Всё в норме.\n", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--since", "вчера"],
        ["--since", "0h"],
        ["--since", "999999999w"],
        ["--since", "2999-01-01"],
        ["--since", "-1d"],
        ["--since", ""],
        ["--limit", "нет=1", "--check"],
        ["--limit", "errors=x"],
        ["--assistant", "кто"],
        ["--watch"],
        ["--watch", "--json"],
    ],
)
def test_a_wrong_call_exits_with_two_and_a_sentence(arguments: list[str]):
    done = llmops("monitor", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_a_database_that_is_none_exits_with_three(home: Path):
    home.mkdir(parents=True)
    (home / "llmops.db").write_text("это не база " * 100, encoding="utf-8")
    done = llmops("monitor")
    assert done.returncode == 3
    assert "llmops.db" in done.stderr


@pytest.mark.parametrize(
    ("text", "title", "seconds"),
    [
        ("30m", "за 30 минут", 1800),
        ("1h", "за 1 час", 3600),
        ("24h", "за 24 часа", DAY),
        ("7d", "за 7 дней", 7 * DAY),
        ("2w", "за 2 недели", 14 * DAY),
        (" 2Н ", "за 2 недели", 14 * DAY),
    ],
)
def test_a_period_counts_back_from_now(text: str, title: str, seconds: float):
    period = parse_period(text, 1e9)
    assert (period.title, period.since(1e9)) == (title, 1e9 - seconds)


def test_a_period_may_be_everything_or_begin_on_a_date():
    assert parse_period("all", 1e9).since(1e9) == 0
    date = parse_period("2001-01-31", 1e9)
    assert date.title == "с 31.01.2001"
    assert time.localtime(date.since(1e9))[:5] == (2001, 1, 31, 0, 0)
    assert parse_period("2001-01-31T10:20", 1e9).title == "с 31.01.2001 10:20"
    with pytest.raises(ConfigError):
        parse_period("2001-02-31", 1e9)


def test_figures_are_written_the_russian_way():
    assert grouped(12345.6, 1) == "12 345,6"
    assert [plural(count, ("ход", "хода", "ходов")) for count in (1, 2, 5, 11, 21, 112, 1004)] == [
        "1 ход", "2 хода", "5 ходов", "11 ходов", "21 ход", "112 ходов", "1 004 хода",
    ]  # fmt: skip
    assert [percent(share) for share in (None, 0, 0.0004, 0.07, 0.075, 0.41, 1)] == [
        "-",
        "0 %",
        "<0,1 %",
        "7 %",
        "7,5 %",
        "41 %",
        "100 %",
    ]
    assert [milliseconds(value) for value in (None, 0.05, 3.24, 58.3, 999.9, 1840, 65000)] == [
        "-",
        "0,05 мс",
        "3,2 мс",
        "58 мс",
        "1 с",
        "1,8 с",
        "65 с",
    ]
    assert [duration(value) for value in (5, 90, 7500, 3600, 90000)] == ["5 с", "1 мин", "2 ч 5 мин", "1 ч", "1 д 1 ч"]


def test_a_sparkline_tells_nothing_from_little():
    assert sparkline([0, 1, 50, 100]) == "▁▂▅█"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""


def test_watching_redraws_and_ctrl_c_leaves_quietly(home: Path):
    fill(home, 30)
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "80", "LINES": "50"}
    command = [sys.executable, "-m", "llmops", "monitor", "--watch"]
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, cwd=REPOSITORY, env=environment, start_new_session=True
    )
    os.close(slave)
    try:
        seen = read_until(master, r"ходов\s+30", "")
        with opened(home / "llmops.db") as outbox:
            keep(outbox, record(time.time()))
        seen = read_until(master, r"ходов\s+31", seen)
        assert not re.search(r"\x1b\[[\d;]*m", seen), "colours in spite of NO_COLOR"
        os.killpg(process.pid, signal.SIGINT)
        rest = drained(master, process)
        assert process.wait(timeout=10) == 0
        assert "Traceback" not in rest
        assert "\x1b[?25h" in rest, "the cursor stays hidden"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        os.close(master)


def read_until(master: int, pattern: str, seen: str) -> str:
    end = time.monotonic() + 20
    while not re.search(pattern, seen):
        assert time.monotonic() < end, f"no «{pattern}» in:\n{seen}"
        if select.select([master], [], [], 0.1)[0]:
            seen += os.read(master, 65536).decode("utf-8", "replace")
    return seen


def drained(master: int, process: subprocess.Popen[bytes]) -> str:
    seen, end = "", time.monotonic() + 10
    while time.monotonic() < end:
        ready = select.select([master], [], [], 0.2)[0]
        if not ready and process.poll() is not None:
            break
        if ready:
            try:
                seen += os.read(master, 65536).decode("utf-8", "replace")
            except OSError:
                break
    return seen
