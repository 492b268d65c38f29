"""`llmops track`: the outbox → MLflow, what waits, and what is deleted."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.cli.output import Output
from llmops.errors import BackendError, ConfigError
from llmops.language.numbers import plural

if TYPE_CHECKING:
    from llmops.settings import Settings
    from llmops.tracking.exporter import Exported
    from llmops.tracking.rights import Forgotten

HELP = "Записи о ходах: выгрузка в MLflow, что ждёт, удаление."
EXPORT_HELP = "Выгрузить записанные ходы, оценки и запуски в MLflow."
STATUS_HELP = "Показать, сколько записей выгружено, ждёт и отложено."
FORGET_HELP = "Удалить ходы, оценки, разговоры и трассы человека."
PURGE_HELP = "Удалить записи и разговоры старше срока."
UI_HELP = "Открыть страницу MLflow с трассами и запусками."
_PAUSE_S = 1.0
_TURNS = ("ход", "хода", "ходов")
_ROWS = ("запись", "записи", "записей")
_TALKS = ("разговор", "разговора", "разговоров")

AsJson = Annotated[bool, typer.Option("--json", help="Одним документом JSON.")]


def export(
    follow: Annotated[bool, typer.Option("--follow", help="Не кончать: выгружать по мере появления.")] = False,
    idle: Annotated[
        float | None, typer.Option("--idle", metavar="СЕКУНД", help="С --follow: кончить, если столько нечего делать.")
    ] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Без людей, разговоров и текстов.")] = False,
    retry_bad: Annotated[bool, typer.Option("--retry-bad", help="Ещё раз попробовать отложенные.")] = False,
    as_json: AsJson = False,
) -> None:
    """Carry rows over, once or until stopped."""
    from llmops import wiring
    from llmops.settings import load_settings

    output, settings = Output(), load_settings()
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if retry_bad:
        wiring.outbox(settings).retry_bad()
    if follow:
        _follow(settings, output, anonymous=anonymous, idle=float("inf") if idle is None else idle)
    else:
        _show(output, _once(settings, anonymous=anonymous), as_json=as_json)


def _once(settings: Settings, *, anonymous: bool = False) -> Exported:
    from llmops import wiring
    from llmops.tracking.export_errors import StoreUnavailableError

    os.umask(0o077)  # MLflow's files hold what people asked
    try:
        return wiring.exporter(settings, anonymous=anonymous).run()
    except StoreUnavailableError as error:
        waiting = wiring.track_status(settings).waiting
        raise BackendError(
            f"MLflow недоступен ({settings.tracking_place}): {error}.",
            hint=f"Ничего не потеряно, ждёт {plural(waiting, _ROWS)}." if waiting else "",
        ) from error


def _follow(settings: Settings, output: Output, *, anonymous: bool, idle: float) -> None:
    from filelock import FileLock, Timeout

    from llmops import wiring
    from llmops.tracking.exporter import Exported, passes

    os.umask(0o077)
    try:
        with FileLock(wiring.follower_lock(settings), timeout=0):
            for done in passes(lambda: wiring.exporter(settings, anonymous=anonymous), pause_s=_PAUSE_S, idle_s=idle):
                if not isinstance(done, Exported):
                    output.note(f"MLflow недоступен ({settings.tracking_place}): {done}. Жду и пробую снова.")
                elif done.sent:
                    output.note(f"Выгружено: {plural(done.sent, _ROWS)}.")
                if not settings.database_path.exists():
                    break  # the state folder was removed: nothing will come any more
    except Timeout:
        output.note("За этой папкой уже следит другая выгрузка.")


def _show(output: Output, done: Exported, *, as_json: bool) -> None:
    if as_json:
        output.json(done)
        return
    output.data(f"Выгружено: {plural(done.sent, _ROWS)}.")
    if done.bad:
        output.note(f"Отложено: {plural(done.bad, _ROWS)}, MLflow их не принял. Подробнее: llmops track status")


def status(as_json: AsJson = False) -> None:
    """Show the states of the rows."""
    from llmops import wiring
    from llmops.settings import load_settings

    output, settings = Output(), load_settings()
    found = wiring.track_status(settings)
    if as_json:
        output.json(found)
        return
    output.data(f"MLflow: {found.uri}")
    output.data(f"выгружено: {found.sent}; ждёт: {found.waiting}; отвечает: {found.open}; отложено: {found.bad}")
    if found.files:
        output.data(f"в файлах рядом с базой: {found.files}")
    if found.oldest_waiting_s is not None:
        output.data(f"самая старая ждёт {found.oldest_waiting_s / 60:.0f} мин")
    for row in found.bad_rows:
        output.data(f"отложено {row.kind} {row.key}: {row.error}")
    if found.bad:
        output.note("Попробовать отложенные ещё раз: llmops track export --retry-bad")


def forget(
    user: Annotated[
        str, typer.Argument(help="Имя в терминале, номер в Telegram или хеш вида u-…; «me» - вы сами.", metavar="USER")
    ],
    as_json: AsJson = False,
) -> None:
    """Delete a person's data here and in MLflow."""
    from llmops import wiring
    from llmops.settings import load_settings

    settings = load_settings()
    _deleted(settings, wiring.forget(settings, user), as_json=as_json)


def purge(
    days: Annotated[
        int | None, typer.Option("--older-than", min=1, metavar="ДНЕЙ", help="Иначе - LLMOPS_RETENTION_DAYS.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Delete what is older than the retention."""
    from llmops import wiring
    from llmops.settings import load_settings

    settings = load_settings()
    kept = days or settings.retention_days
    if not kept:
        raise ConfigError("Срок хранения не задан.", hint="Укажите --older-than ДНЕЙ или LLMOPS_RETENTION_DAYS.")
    _deleted(settings, wiring.purge(settings, kept), as_json=as_json)


def _deleted(settings: Settings, gone: Forgotten, *, as_json: bool) -> None:
    """Show what was deleted here, then let the exporter delete the traces."""
    from llmops.errors import LlmopsError

    output = Output()
    if as_json:
        output.json(gone)
    else:
        output.data(f"Удалено: {plural(gone.turns, _TURNS)}, {plural(gone.conversations, _TALKS)}.")
    if not gone.turns:
        output.note("Ходов, которые надо удалить, не нашлось.")
        return
    try:
        _once(settings)
    except LlmopsError as error:
        output.note(f"Трассы в MLflow, если они там есть, удалит ближайшая выгрузка. {error.message}")
    else:
        output.note("Трассы в MLflow удалены.")


def ui(
    port: Annotated[int, typer.Option("-p", "--port", min=1, max=65535, help="Порт на этой машине.")] = 5000,
) -> None:
    """Serve MLflow's own pages over the local store."""
    import socket

    from llmops import wiring
    from llmops.settings import load_settings, mlflow_server_environment

    output, settings = Output(), load_settings()
    if not settings.tracking_uri.startswith("sqlite:"):
        raise ConfigError(
            f"Трассы хранит сервер {settings.tracking_place}.",
            hint="Откройте этот адрес в браузере: он и есть страница.",
        )
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigError(f"Порт {port} занят.", hint="Укажите другой: llmops track ui -p 5001") from error
    command = wiring.ui_command(settings, port)
    output.note(f"Страница MLflow: http://127.0.0.1:{port} - Ctrl-C, чтобы закончить.")
    sys.stderr.flush()
    os.umask(0o077)
    os.execve(command[0], command, mlflow_server_environment())
