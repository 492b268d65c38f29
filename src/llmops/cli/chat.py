"""`llmops chat companion|finance`: one message, lines from a pipe, or a conversation in the terminal."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli.output import Output
from llmops.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from llmops.assistants.dialogue import Dialogue
    from llmops.protocols import ReplyStream
    from llmops.schemas import Reply, Turn
    from llmops.settings import Settings

FINANCE_HELP = "Спросить консультанта по личным финансам: один вопрос, вопросы из канала или диалог."
COMPANION_HELP = "Поговорить с собеседником: персонажи, память, банк фраз; одно сообщение, строки из канала или диалог."
_CONTEXT_WAIT_S = 0.2
_CONTEXT_CHARS = 4000
_LINE_BYTES = 1 << 20


Text = Annotated[
    str | None,
    typer.Argument(help="Сообщение; без него - диалог или строки из канала, по одному сообщению в строке."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Ответ одной строкой JSON.")]
Resume = Annotated[bool, typer.Option("--continue", help="Продолжить последний разговор.")]
ConversationId = Annotated[str | None, typer.Option("--conversation", metavar="ID", help="Продолжить этот разговор.")]
Private = Annotated[bool, typer.Option("--private", help="Записывать только время ответов, без текстов.")]
ShowPrompt = Annotated[bool, typer.Option("--show-prompt", help="Показать, что решено до ответа.")]
FailOnRefusal = Annotated[bool, typer.Option("--fail-on-refusal", help="Код 1, если ответа не нашлось.")]


def finance(
    text: Text = None,
    as_json: AsJson = False,
    resume: Resume = False,
    conversation: ConversationId = None,
    private: Private = False,
    show_prompt: ShowPrompt = False,
    fail_on_refusal: FailOnRefusal = False,
) -> None:
    """Answer a question of personal finance in the way the call asks for."""
    from llmops import wiring
    from llmops.settings import load_settings

    _not_empty(text, 'llmops chat finance "Как вернуть налог за квартиру?"')
    settings = load_settings()
    opened = wiring.finance_dialogue(settings, resume=resume, conversation=conversation, private=private)
    _chat(settings, opened, text, as_json=as_json, show_prompt=show_prompt, fail_on_refusal=fail_on_refusal)


def companion(
    text: Text = None,
    persona: Annotated[str | None, typer.Option("--persona", metavar="ИМЯ", help="Кто говорит: vera, gleb, …")] = None,
    backend: Annotated[
        str | None, typer.Option("--backend", help="Кто сочиняет ответы: embedded (банк фраз), openvino, echo.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Папка модели для --backend openvino.")] = None,
    as_json: AsJson = False,
    resume: Resume = False,
    conversation: ConversationId = None,
    private: Private = False,
    show_prompt: ShowPrompt = False,
    fail_on_refusal: FailOnRefusal = False,
) -> None:
    """Talk in the way the call asks for."""
    from llmops import wiring
    from llmops.settings import load_settings

    _not_empty(text, 'llmops chat companion "Привет! Как дела?"')
    settings = load_settings(backend=backend, model=model)
    opened = wiring.companion_dialogue(
        settings, persona=persona, resume=resume, conversation=conversation, private=private
    )
    _chat(settings, opened, text, as_json=as_json, show_prompt=show_prompt, fail_on_refusal=fail_on_refusal)


def _not_empty(text: str | None, example: str) -> None:
    if text is not None and not text.strip():
        raise ConfigError("Сообщение пусто.", hint=f"Например: {example}")


def _chat(
    settings: Settings,
    opened: tuple[Dialogue, str],
    text: str | None,
    *,
    as_json: bool,
    show_prompt: bool,
    fail_on_refusal: bool,
) -> None:
    """Talk within an opened dialogue and leave with the exit code."""
    from llmops import wiring

    output, (dialogue, warning) = Output(), opened
    if warning:
        output.note(f"Внимание: {warning}")
    speaker = Speaker(dialogue, output, as_json=as_json, show_prompt=show_prompt)
    try:
        code = _talk(speaker, text, settings.home, fail_on_refusal=fail_on_refusal)
    finally:
        if dialogue.unrecorded:
            output.note(f"Внимание: не записано ходов и оценок: {dialogue.unrecorded}. Проверьте место на диске.")
        wiring.start_export(settings)
    raise typer.Exit(code)


def _talk(speaker: Speaker, text: str | None, home: Path, *, fail_on_refusal: bool) -> int:
    """Answer one question, a person at the terminal, or the lines of a pipe; return the exit code."""
    if text is not None:
        _remember_context(speaker.dialogue, _piped_context(speaker.output))
        replies = [speaker.ask(text)]
    elif sys.stdin.isatty():
        from llmops.cli.repl import Repl

        return Repl(speaker, home).run()
    else:
        replies = [reply for line in _lines(speaker.output) if (reply := speaker.line(line)) is not None]
        if not replies:
            raise ConfigError("Вопросов нет: на вход ничего не пришло.", hint="Передайте вопросы по одному в строке.")
    return int(fail_on_refusal and any(reply.outcome != "answered" for reply in replies))


class Speaker:
    """Asks the dialogue and shows its answers."""

    def __init__(self, dialogue: Dialogue, output: Output, *, as_json: bool = False, show_prompt: bool = False) -> None:
        self.dialogue, self.output = dialogue, output
        self._as_json, self._show_prompt = as_json, show_prompt
        self._told = ""

    def line(self, line: str) -> Reply | None:
        """Handle a line of a pipe: a message, or a command that prints nothing."""
        message = line.strip()
        if not message:
            return None
        command, _, rest = message.partition(" ")
        if command in ("/new", "/новый"):
            self.dialogue.renew()
            return None
        if command in ("/calc", "/расчёт", "/расчет"):
            return self.ask(rest, calculate=True)
        if command.startswith("/") and command[1:].isalpha():
            self.output.note(f"Команда {command} здесь не действует; есть /new и /calc.")
            return None
        return self.ask(message)

    def ask(self, message: str, *, calculate: bool = False) -> Reply:
        """Ask, or call for a calculation, and show the answer."""
        show = self._collect if self._as_json else self._print
        reply = self.dialogue.ask(message, show, calculate=calculate, inspect=self._inspect)
        if self.dialogue.trouble and self.dialogue.trouble != self._told:
            self.output.note(f"Внимание: {self.dialogue.trouble}")
        self._told = self.dialogue.trouble
        if self._as_json:
            self.output.json(reply)
        else:
            self.footer(reply)
        return reply

    def _inspect(self, turn: Turn) -> None:
        if self._show_prompt:
            self.output.note(turn.model_dump_json(indent=1))

    @staticmethod
    def _collect(stream: ReplyStream) -> None:
        for _ in stream:
            pass

    def _print(self, stream: ReplyStream) -> None:
        try:
            for piece in stream:
                self.output.prose(piece)
        except KeyboardInterrupt:
            stream.stop()
            self.output.data(" …")
            self.output.note("(ответ прерван)")
            return
        self.output.data("")

    def footer(self, reply: Reply) -> None:
        """Print the sources of an answer and the note under it."""
        from llmops.assistants.finance.texts import NOTE

        if reply.outcome != "answered" or reply.assistant != "finance":
            return
        for source in reply.sources:
            checked = f" · проверено {source.as_of:%d.%m.%Y}" if source.as_of else ""
            likeness = f" · сходство {source.score:.2f}".replace(".", ",") if reply.origin == "knowledge_base" else ""
            self.output.note(f"  ↳ {source.title} · {source.reference or 'расчёт по формуле'}{checked}{likeness}")
        self.output.note(f"  {NOTE}")


def _decode(raw: bytes, output: Output) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        output.note("Внимание: во вводе испорченный UTF-8, нечитаемые знаки пропущены.")
        return raw.decode("utf-8", "ignore")


def _lines(output: Output) -> Iterator[str]:
    while raw := sys.stdin.buffer.readline(_LINE_BYTES):
        yield _decode(raw, output)


def _piped_context(output: Output) -> str:
    """Return what is piped beside the question; an open but silent pipe is not waited for."""
    try:
        descriptor = sys.stdin.fileno()
        mode = os.fstat(descriptor).st_mode
    except (OSError, ValueError, AttributeError):
        return ""
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        return ""
    if stat.S_ISFIFO(mode) and not select.select([descriptor], [], [], _CONTEXT_WAIT_S)[0]:
        return ""
    return _decode(sys.stdin.buffer.read(_LINE_BYTES), output)[:_CONTEXT_CHARS].strip()


def _remember_context(dialogue: Dialogue, context: str) -> None:
    from llmops.schemas import Exchange

    if context:
        exchange = Exchange(turn_id="context", question=context, resolved=context, entry_ids=("context",))
        dialogue.conversation = dialogue.conversation.model_copy(
            update={"exchanges": (*dialogue.conversation.exchanges, exchange)}
        )
