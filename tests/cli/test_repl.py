"""The REPL through a pseudo-terminal, as a person types."""

from __future__ import annotations

import os
import pty
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


class Terminal:
    """The command in a pseudo-terminal."""

    def __init__(self, *arguments: str, assistant: str = "finance") -> None:
        self._master, slave = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}
        command = [sys.executable, "-m", "llmops", "chat", assistant, *arguments]
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=REPOSITORY, env=environment, start_new_session=True
        )
        os.close(slave)
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def expect(self, text: str, seconds: float = 20) -> None:
        """Read until the text comes."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < end, f"no «{text}» in:\n{self.seen}"
            if select.select([self._master], [], [], 0.1)[0]:
                chunk = os.read(self._master, 65536).decode("utf-8", "replace")
                self.seen += chunk
                if "\x1b[6n" in chunk:
                    os.write(self._master, b"\x1b[1;1R")
        self.seen = self.seen.split(text, 1)[1]

    def leave(self) -> int:
        """Press Ctrl-D at the prompt and return the exit code."""
        self.expect("›")
        time.sleep(0.3)
        self.type("\x04")
        return self.code()

    def code(self) -> int:
        end = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < end:
            if select.select([self._master], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self._master, 65536).decode("utf-8", "replace")
                except OSError:
                    break
        return self.process.wait(timeout=5)

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    made.expect("›")
    yield made
    made.close()


def test_a_question_a_source_a_rating_and_a_quiet_exit(terminal: Terminal, home: Path):
    terminal.type("какой сейчас мрот\r")
    terminal.expect("27 093")
    terminal.expect("›")
    terminal.type("/источники\r")
    terminal.expect("↳")
    terminal.expect("›")
    terminal.type("/rate + полезно\r")
    terminal.expect("Спасибо, записал")
    terminal.expect("›")
    terminal.type("/инфо\r")
    terminal.expect("разговор c-")
    assert terminal.leave() == 0
    assert stat.S_IMODE((home / "history").stat().st_mode) == 0o600


def test_numbers_typed_at_the_prompt_reach_no_file(terminal: Terminal, home: Path):
    terminal.type("какой сейчас мрот 8 916 123-45-67\r")
    terminal.expect("27 093")
    terminal.expect("›")
    terminal.type("/rate + пишите на ivan@mail.ru\r")
    terminal.expect("Спасибо")
    assert terminal.leave() == 0
    history = (home / "history").read_text(encoding="utf-8")
    assert "какой сейчас мрот [телефон]" in history
    assert "[почта]" in history
    held = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"123-45-67" not in held
    assert b"ivan@mail.ru" not in held


def test_an_unknown_command_brings_the_nearest_name(terminal: Terminal):
    terminal.type("/sorces\r")
    terminal.expect("/sources?")
    terminal.expect("›")
    terminal.type("/выход\r")
    assert terminal.code() == 0


def test_ctrl_c_hints_first_and_leaves_second(terminal: Terminal):
    terminal.type("недописанный вопрос\x03")
    terminal.expect("Ещё раз Ctrl-C")
    time.sleep(0.3)
    terminal.type("\x03")
    assert terminal.code() == 130


def test_a_block_and_a_paste_are_one_message(terminal: Terminal):
    terminal.type('"""какой\r')
    terminal.expect("…")
    terminal.type('сейчас мрот"""\r')
    terminal.expect("27 093")
    terminal.expect("›")
    terminal.type("\x1b[200~какой сейчас\nмрот в россии\x1b[201~\r")
    terminal.expect("27 093")
    assert terminal.leave() == 0


def test_calc_asks_for_what_is_missing_and_then_answers(terminal: Terminal):
    terminal.type("/calc кредит 500 тысяч на 3 года\r")
    terminal.expect("?")
    terminal.expect("›")
    terminal.type("18\r")
    terminal.expect("18 076,2")
    assert terminal.leave() == 0


@pytest.fixture
def companion() -> Iterator[Terminal]:
    made = Terminal(assistant="companion")
    made.expect("Собеседник")
    made.expect("›")
    yield made
    made.close()


def test_the_companion_greets_and_its_personas_change(companion):
    companion.type("/persona\r")
    companion.expect("gleb - Глеб")
    companion.expect("›")
    companion.type("/персонаж Глеб\r")
    companion.expect("Глеб")
    companion.expect("›")
    companion.type("/persona никто\r")
    companion.expect("Персонажа «никто» нет")
    assert companion.leave() == 0


def test_the_companion_shows_and_forgets_what_it_knows(companion):
    companion.type("/memory\r")
    companion.expect("Пока ничего не помню")
    companion.expect("›")
    companion.type("Меня зовут Костя, я из Иркутска\r")
    companion.expect("›")
    companion.type("/память\r")
    companion.expect("Тебя зовут Костя.")
    companion.expect("Ты живёшь в Иркутске.")
    companion.expect("›")
    companion.type("/forget имя\r")
    companion.expect("забыто: 2")
    companion.expect("›")
    companion.type("/forget слона\r")
    companion.expect("Такого я не помню")
    assert companion.leave() == 0
