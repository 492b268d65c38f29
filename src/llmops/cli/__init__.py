"""The command line: registers commands and turns errors into one sentence and an exit code, once."""

from __future__ import annotations

import gc
import os
import sys

import typer

from llmops import __version__
from llmops.cli.output import Output
from llmops.errors import LlmopsError

app = typer.Typer(
    name="llmops",
    help="Два русскоязычных ассистента на обычном компьютере и весь цикл работы с языковыми моделями.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
chat_app = typer.Typer(help="Поговорить с ассистентом.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(chat_app, name="chat")


def _version(value: bool) -> None:
    if value:
        Output().data(f"llmops {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Показать версию."),
) -> None:
    """Options of the whole program."""


def _register() -> None:
    from llmops.cli import build_index, chat, feedback, monitor, prepare_data, track, train

    chat_app.command("companion", help=chat.COMPANION_HELP)(chat.companion)
    chat_app.command("finance", help=chat.FINANCE_HELP)(chat.finance)
    app.command("prepare-data", help=prepare_data.HELP)(prepare_data.prepare_data)
    app.command("build-index", help=build_index.HELP)(build_index.build_index)
    app.command("train", help=train.HELP)(train.train)
    app.command("monitor", help=monitor.HELP)(monitor.monitor)
    feedback_app = typer.Typer(help=feedback.HELP, no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(feedback_app, name="feedback")
    feedback_app.command("export", help=feedback.EXPORT_HELP)(feedback.export)
    track_app = typer.Typer(help=track.HELP, no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(track_app, name="track")
    track_app.command("export", help=track.EXPORT_HELP)(track.export)
    track_app.command("status", help=track.STATUS_HELP)(track.status)
    track_app.command("forget", help=track.FORGET_HELP)(track.forget)
    track_app.command("purge", help=track.PURGE_HELP)(track.purge)
    track_app.command("ui", help=track.UI_HELP)(track.ui)


_register()


def _start_quickly() -> None:
    """Save a tenth of a second: imports make little garbage, and pydantic looks through all packages for plugins."""
    gc.set_threshold(100_000, 20, 20)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # noqa: TID251 - pydantic reads it before settings exist


def main() -> None:
    """Run the command line; the exit codes are those of the contract."""
    _start_quickly()
    output = Output()
    try:
        app()
    except LlmopsError as error:
        output.error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        output.note("")
        sys.exit(130)
    except BrokenPipeError:
        output.close()
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - a bug: keep its traceback, give it its code
        output.bug(error)
        sys.exit(5)
