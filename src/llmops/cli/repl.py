"""The conversation in the terminal: line editing, history, slash commands with Russian names.

Knows the terminal; what is answered is the speaker's work.
"""

from __future__ import annotations

import difflib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from llmops.errors import LlmopsError
from llmops.language.personal_data import mask

if TYPE_CHECKING:
    from llmops.cli.chat import Speaker

_TWICE_S = 2.0
_BLOCK = '"""'
_COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "help": (("помощь",), "что умею и какие есть команды"),
    "new": (("новый",), "начать новый разговор"),
    "sources": (("источники",), "источники последнего ответа"),
    "calc": (("расчёт", "расчет"), "посчитать: /calc кредит 500 тысяч на 3 года под 18 %"),
    "retry": (("повтор",), "задать последний вопрос ещё раз"),
    "edit": (("правка",), "поправить последний вопрос"),
    "rate": (("оценка",), "оценить ответ: /rate + или /rate - почему"),
    "private": (("приватно",), "не сохранять тексты, повторно - снова сохранять"),
    "persona": (("персона", "персонаж"), "кто говорит: /persona - список, /persona gleb - сменить"),
    "memory": (("память",), "что я помню о вас"),
    "forget": (("забудь",), "забыть: /forget всё или /forget имя"),
    "info": (("инфо",), "модель, индекс, номер разговора"),
    "exit": (("выход",), "выйти"),
}
_ALIASES = {alias: name for name, (aliases, _) in _COMMANDS.items() for alias in (name, *aliases)}


class _MaskedHistory(FileHistory):
    """A history file without numbers of cards, documents and phones; the lines of this session stay as typed."""

    def store_string(self, string: str) -> None:
        super().store_string(mask(string))


class Repl:
    """Reads messages until the person leaves.

    Args:
        home: Holds the history file, readable by its owner alone.
    """

    def __init__(self, speaker: Speaker, home: Path) -> None:
        self._speaker, self._home = speaker, home
        self._history: History = self._open_history()
        self._session: PromptSession[str] = PromptSession(
            history=self._history,
            completer=WordCompleter([f"/{alias}" for alias in _ALIASES], sentence=True),
            complete_while_typing=False,
        )
        self._interrupted_at = 0.0
        self._default = ""
        self._last = ""
        self._handlers: dict[str, Callable[[str], None]] = {
            "help": self._help,
            "new": self._new,
            "sources": self._sources,
            "calc": lambda rest: self._say(lambda: self._speaker.ask(rest, calculate=True)),
            "retry": self._retry,
            "edit": self._edit,
            "rate": self._rate,
            "private": self._private,
            "persona": self._persona,
            "memory": self._memory,
            "forget": self._forget,
            "info": self._info,
        }

    def run(self) -> int:
        """Talk until Ctrl-D, /exit or two Ctrl-C; return the exit code."""
        self._welcome()
        while True:
            try:
                message = self._read()
            except EOFError:
                return 0
            except KeyboardInterrupt:
                if time.monotonic() - self._interrupted_at < _TWICE_S:
                    return 130
                self._interrupted_at = time.monotonic()
                self._speaker.output.note("Ещё раз Ctrl-C - выход; Ctrl-D или /выход тоже.")
                continue
            if message.startswith("/"):
                if self._command(message):
                    return 0
            elif message:
                self._last = message
                self._say(lambda asked=message: self._speaker.ask(asked))  # type: ignore[misc]

    def _welcome(self) -> None:
        dialogue = self._speaker.dialogue
        self._speaker.output.note(f"{dialogue.assistant.banner}; /помощь - команды, Ctrl-D - выход.")
        if not dialogue.conversation.exchanges and (greeting := dialogue.assistant.greeting(dialogue.conversation)):
            self._speaker.output.data(greeting)

    def _read(self) -> str:
        default, self._default = self._default, ""
        line = self._session.prompt("› ", default=default).strip()
        if not line.startswith(_BLOCK):
            return line
        lines = [line.removeprefix(_BLOCK)]
        while not lines[-1].rstrip().endswith(_BLOCK) or (len(lines) == 1 and not lines[0].strip()):
            lines.append(self._session.prompt("… "))
        return "\n".join(lines).rstrip().removesuffix(_BLOCK).strip()

    def _command(self, message: str) -> bool:
        """Carry out a slash command; True when it is the one that leaves."""
        typed, _, rest = message[1:].partition(" ")
        name = _ALIASES.get(typed.lower())
        if name == "exit":
            return True
        if name is None:
            near = difflib.get_close_matches(typed.lower(), _ALIASES, n=1, cutoff=0.4)
            self._speaker.output.note(
                f"Команды /{typed} нет." + (f" Может быть, /{near[0]}?" if near else " Список: /помощь")
            )
        else:
            self._say(lambda: self._handlers[name](rest.strip()))
        return False

    def _say(self, ask: Callable[[], object]) -> None:
        try:
            ask()
        except LlmopsError as error:
            self._speaker.output.error(error)
        except KeyboardInterrupt:
            self._interrupted_at = time.monotonic()
            self._speaker.output.note("(прервано)")

    def _help(self, _: str) -> None:
        for name, (aliases, meaning) in _COMMANDS.items():
            self._speaker.output.note(f"  /{name}, /{aliases[0]} - {meaning}")
        self._speaker.output.note(f"  Несколько строк - между {_BLOCK} и {_BLOCK}; Ctrl-C прерывает, Ctrl-D выходит.")

    def _new(self, _: str) -> None:
        self._speaker.dialogue.renew()
        self._speaker.output.note("Новый разговор.")

    def _persona(self, rest: str) -> None:
        dialogue, output = self._speaker.dialogue, self._speaker.output
        personas = dialogue.assistant.personas
        if not personas:
            output.note("У консультанта персонажей нет: он отвечает по базе знаний.")
        elif not rest:
            output.note("\n".join(f"  {persona.id} - {persona.name}, {persona.title}" for persona in personas.values()))
        else:
            dialogue.speak_as(rest)
            output.data(dialogue.assistant.greeting(dialogue.conversation))

    def _memory(self, _: str) -> None:
        dialogue = self._speaker.dialogue
        known = dialogue.assistant.remembered(dialogue.conversation)
        self._speaker.output.note("\n".join(f"  · {line}" for line in known) or "Пока ничего не помню.")

    def _forget(self, rest: str) -> None:
        if not rest:
            self._speaker.output.note("Что забыть? Например: /forget всё, /forget имя, /forget город")
        elif gone := self._speaker.dialogue.forget(rest):
            self._speaker.output.note(f"Готово, забыто: {gone}.")
        else:
            self._speaker.output.note("Такого я не помню.")

    def _sources(self, _: str) -> None:
        last = self._speaker.dialogue.last
        if last is None or not last[1].sources:
            self._speaker.output.note("Источников нет: ответа ещё не было.")
        else:
            self._speaker.footer(last[1])

    def _retry(self, _: str) -> None:
        if not self._last:
            self._speaker.output.note("Повторять нечего: вопроса ещё не было.")
            return
        self._say(lambda: self._speaker.ask(self._last))

    def _edit(self, _: str) -> None:
        self._default = self._last

    def _rate(self, rest: str) -> None:
        mark, _, why = rest.partition(" ")
        if mark not in ("+", "-"):
            self._speaker.output.note("Напишите /rate + или /rate - и, если хотите, почему.")
        elif self._speaker.dialogue.rate(1 if mark == "+" else -1, why.strip()):
            self._speaker.output.note("Спасибо, записал.")
        else:
            self._speaker.output.note("Оценивать нечего: ответа ещё не было.")

    def _private(self, _: str) -> None:
        private = self._speaker.dialogue.set_private(not self._speaker.dialogue.private)
        self._session.history = InMemoryHistory() if private else self._history
        self._speaker.output.note("Тексты больше не сохраняются." if private else "Тексты снова сохраняются.")

    def _info(self, _: str) -> None:
        from llmops import __version__

        dialogue = self._speaker.dialogue
        self._speaker.output.note(
            f"llmops {__version__} · модель {dialogue.assistant.model} · {dialogue.assistant.describe()}\n"
            f"разговор {dialogue.conversation.id}"
        )

    def _open_history(self) -> History:
        if self._speaker.dialogue.private:
            return InMemoryHistory()
        path = self._home / "history"
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
            path.chmod(0o600)
        except OSError:
            return InMemoryHistory()
        return _MaskedHistory(str(path))
