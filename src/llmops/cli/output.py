"""The one object that prints: data to stdout, everything else to stderr; UTF-8 always, no ANSI outside a terminal."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import traceback
from typing import TYPE_CHECKING, TextIO

from llmops.errors import LlmopsError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from llmops.schemas import Report

_DIM, _RED, _RESET = "\x1b[2m", "\x1b[31m", "\x1b[0m"
_SHOWN_PROBLEMS = 40
_LEVELS = {"error": "ошибка", "warning": "внимание", "repaired": "исправлено", "info": "к сведению"}


class Output:
    """Prints for one run of the program."""

    def __init__(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure:
                reconfigure(encoding="utf-8", errors="replace")

    @staticmethod
    def _styled(stream: TextIO) -> bool:
        from llmops.settings import plain_terminal

        return stream.isatty() and not plain_terminal()

    def data(self, text: str, *, end: str = "\n") -> None:
        """Print what was asked for."""
        sys.stdout.write(text + end)
        sys.stdout.flush()

    def prose(self, paragraph: str) -> None:
        """Print a piece of an answer; in a terminal its lines break between words."""
        if sys.stdout.isatty():
            width = shutil.get_terminal_size().columns
            paragraph = "\n".join(textwrap.fill(line, width, break_on_hyphens=False) for line in paragraph.split("\n"))
        self.data(paragraph, end="")

    def json(self, *values: BaseModel) -> None:
        """Print a value, or a list of several, as one line of JSON."""
        documents = [value.model_dump_json() for value in values]
        self.data(documents[0] if len(documents) == 1 else f"[{','.join(documents)}]")

    def note(self, text: str) -> None:
        """Print something beside the data, dimmed in a terminal."""
        dim = bool(text) and self._styled(sys.stderr)
        if sys.stderr.isatty():
            width = shutil.get_terminal_size().columns
            text = "\n".join(
                textwrap.fill(line, width, subsequent_indent="    ", break_on_hyphens=False)
                for line in text.split("\n")
            )
        sys.stderr.write(f"{_DIM}{text}{_RESET}\n" if dim else f"{text}\n")
        sys.stderr.flush()

    def error(self, error: LlmopsError) -> None:
        """Print a failure as one sentence and what to do."""
        mark = f"{_RED}Ошибка:{_RESET}" if self._styled(sys.stderr) else "Ошибка:"
        sys.stderr.write(f"{mark} {error.message}" + (f" {error.hint}" if error.hint else "") + "\n")

    def bug(self, error: Exception) -> None:
        """Print the traceback of a bug."""
        traceback.print_exception(error, file=sys.stderr)
        sys.stderr.write("Это ошибка в программе. Сообщите о ней, приложив текст выше.\n")

    def close(self) -> None:
        """Point stdout nowhere after a broken pipe, so that the interpreter's exit is quiet."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def report(self, report: Report) -> None:
        """Print a stage's report: figures to stdout, findings to stderr."""
        for problem in report.problems[:_SHOWN_PROBLEMS]:
            self.note(f"{problem.file}:{problem.line}: {_LEVELS[problem.level]}: {problem.message}")
        more = len(report.problems) - _SHOWN_PROBLEMS + report.problems_left_out
        if more > 0:
            self.note(f"… и ещё {more}; все - в --json")
        for count in report.counts:
            value = (
                f"{count.value:.0f}"
                if count.value == int(count.value) and count.value >= 1
                else f"{count.value:.3f}".replace(".", ",")
            )
            self.data(f"{count.name}: {value} {count.unit}".rstrip())
        self.data(f"время: {report.seconds:.1f} с".replace(".", ","))


def progress(title: str):  # type: ignore[no-untyped-def]
    """Return a progress bar on stderr, silent when that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    bar.add_task(title, total=1.0)
    return bar
