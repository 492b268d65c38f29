"""Faults: servers that are dead, hang or talk nonsense, full disks, kills at any moment - nothing lost, nothing twice."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from llmops.settings import bound_mlflow
from llmops.tracking.export_errors import StoreUnavailableError
from llmops.tracking.exporter import Exporter
from tests.tracking.records import Home, answered, asked, rating
from tests.tracking.trace_store import FakeStore

bound_mlflow()
pytest.importorskip("mlflow", reason="the mlflow extra is not installed")

from llmops.tracking.mlflow_store import MlflowStore  # noqa: E402
from tests.tracking.test_mlflow_store import read  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own libraries complain of each other
_BUDGET_MS = 5.0


class Nonsense(BaseHTTPRequestHandler):
    """A server that answers wrongly in the way its class says."""

    way = "500"

    def answer(self) -> None:
        if self.way == "hang":
            time.sleep(30)
        body = b"<html>nginx</html>"
        self.send_response(200 if self.way == "garbage" else 500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[[str], str]]:
    servers: list[ThreadingHTTPServer] = []

    def start(way: str) -> str:
        handler = type("Handler", (Nonsense,), {"way": way})
        made = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        made.daemon_threads = True
        made.block_on_close = False
        threading.Thread(target=made.serve_forever, daemon=True).start()
        servers.append(made)
        return f"http://127.0.0.1:{made.server_address[1]}"

    yield start
    for made in servers:
        made.shutdown()
        made.server_close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "home")
    yield made
    made.close()


@pytest.mark.parametrize("way", ["500", "garbage", pytest.param("hang", marks=pytest.mark.slow), "closed"])
def test_a_server_that_does_not_serve_costs_seconds_and_no_row(
    way: str, serve: Callable[[str], str], home: Home, tmp_path: Path
):
    uri = "http://127.0.0.1:9" if way == "closed" else serve(way)
    home.recorder.turn(answered("a" * 32))
    started = time.monotonic()
    with pytest.raises(StoreUnavailableError):
        Exporter(home.outbox, home.fallback, MlflowStore(uri, tmp_path), home.lock).run()
    assert time.monotonic() - started < 12
    assert [row.tries for row in home.outbox.waiting(10)] == [0]


def turn_ms(home: Home, number: int) -> float:
    """Return the milliseconds that recording one turn takes."""
    turn_id, started = f"{number:032x}", time.perf_counter()
    home.recorder.turn(asked(turn_id))
    home.recorder.turn(answered(turn_id))
    return (time.perf_counter() - started) * 1000


def test_a_database_that_another_holds_slows_no_turn(home: Home):
    with closing(sqlite3.connect(home.path, isolation_level=None)) as other:
        other.execute("begin exclusive")
        times = sorted(turn_ms(home, number) for number in range(100))
        other.execute("rollback")
    # two waits of 2 ms and two files a turn; the machine under test is shared, hence the middle and not the tail
    assert times[50] < 4 * _BUDGET_MS
    store = FakeStore()
    Exporter(home.outbox, home.fallback, store, home.lock).run()
    assert store.writes == 100


def test_a_full_disk_loses_no_turn_of_a_chat_that_goes_on(tmp_path: Path):
    """A child may write no file beyond a limit, as on a full disk; when there is room again, all is written."""
    home = Home(tmp_path / "home")
    home.close()
    child = os.fork()
    if child == 0:
        os._exit(_fill_and_recover(tmp_path))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    home = Home(tmp_path / "home")
    store = FakeStore()
    Exporter(home.outbox, home.fallback, store, home.lock).run()
    assert store.writes == 300
    home.close()


def _fill_and_recover(tmp_path: Path) -> int:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    home = Home(tmp_path / "home")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    for number in range(299):
        turn_ms(home, number)
    full = home.recorder.lost > 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
    turn_ms(home, 299)
    return 0 if full and home.recorder.lost == 0 else 1


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(b"x" * 4096)


def test_a_really_full_disk(tmp_path: Path):
    mount = tmp_path / "disk"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(mount)]
    if os.name != "posix" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    try:
        home = Home(mount / "home")
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            _fill(mount / "ballast")
        for number in range(50):
            turn_ms(home, number)
        assert home.recorder.lost == 50
        (mount / "ballast").unlink()
        turn_ms(home, 50)
        assert home.recorder.lost == 0
        assert home.states() == {"waiting": 51}
        home.close()
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=False)


def _write_until_killed(folder: Path, first: int, done: int) -> None:
    home = Home(folder)
    for number in range(first, first + 10_000):
        turn_id = f"{number:032x}"
        home.recorder.turn(asked(turn_id))
        home.recorder.turn(answered(turn_id))
        if number % 3 == 0:
            home.recorder.feedback(rating(turn_id))
        os.write(done, f"{turn_id}\n".encode())


@pytest.mark.slow
def test_a_writer_killed_fifty_times_leaves_whole_rows(tmp_path: Path):
    chance, finished = random.Random(7), ""
    Home(tmp_path / "home").close()
    for kill in range(50):
        end, done = os.pipe()
        child = os.fork()
        if child == 0:
            _write_until_killed(tmp_path / "home", kill * 10_000, done)
        os.close(done)
        time.sleep(chance.uniform(0.005, 0.06))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while chunk := os.read(end, 65536):
            finished += chunk.decode()
        os.close(end)
    home, store = Home(tmp_path / "home"), FakeStore()
    Exporter(home.outbox, home.fallback, store, home.lock).run()
    traces = store.kept().traces
    complete = finished.split("\n")[:-1]
    assert len(complete) > 50
    assert all(traces[turn_id][0] for turn_id in complete), "what was said to be written is there, whole"
    assert len(traces) - len(complete) <= 50, "beyond that, at most the turn that each kill met"
    assert home.states() == {"sent": len(traces)}
    assert home.outbox.status().bad == 0
    home.close()


class _Killed:
    """An outbox whose process dies after a write to MLflow, before the mark."""

    def __init__(self, home: Home, marks: int) -> None:
        self._outbox, self._left = home.outbox, marks

    def __getattr__(self, name: str) -> object:
        return getattr(self._outbox, name)

    def mark_sent(self, rows: object) -> None:
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        self._outbox.mark_sent(rows)  # type: ignore[arg-type]


def _record_in_bad_times(home: Home) -> None:
    """Record 1,000 turns and 300 ratings while others hold the database now and then and the clock goes back."""
    chance, now = random.Random(3), datetime.now(UTC)
    with closing(sqlite3.connect(home.path, isolation_level=None)) as other:
        for number in range(1000):
            held = chance.random() < 0.1
            if held:
                other.execute("begin immediate")
            turn_id, at = f"{number:032x}", now - timedelta(minutes=number)
            home.recorder.turn(asked(turn_id, at=at))
            home.recorder.turn(answered(turn_id, at=at))
            if number < 300:
                home.recorder.feedback(rating(turn_id, 1 if number % 2 else -1))
            if held:
                other.execute("rollback")


@pytest.mark.slow
def test_an_exporter_killed_fifty_times_writes_everything_once(tmp_path: Path):
    folder = tmp_path / "home"
    home = Home(folder)
    uri = f"sqlite:///{folder}/mlflow.db"
    _record_in_bad_times(home)
    assert home.fallback.paths()
    with pytest.raises(StoreUnavailableError):
        MlflowStore("http://127.0.0.1:9", folder)
    home.close()
    MlflowStore(uri, folder / "mlartifacts")
    deaths: Counter[int] = Counter()
    for kill in range(50):
        child = os.fork()
        if child == 0:
            mine = Home(folder)
            mine.database.execute("pragma busy_timeout=10000")
            killed = _Killed(mine, kill % 4)
            Exporter(killed, mine.fallback, MlflowStore(uri, folder / "mlartifacts"), mine.lock).run()  # type: ignore[arg-type]
            os._exit(0)
        deaths[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])] += 1
    assert deaths[-signal.SIGKILL] >= 20, deaths
    home = Home(folder)
    store = MlflowStore(uri, folder / "mlartifacts")
    Exporter(home.outbox, home.fallback, store, home.lock).run()
    held = read(uri, store.experiment_id)
    assert len(held.traces) == 1000
    assert len(held.ratings) == 300
    assert home.states() == {"sent": 1000}
    home.close()


@pytest.mark.slow
def test_two_exporters_at_once_write_everything_once(tmp_path: Path):
    folder = tmp_path / "home"
    home = Home(folder)
    for number in range(200):
        turn_ms(home, number)
    home.close()
    environment = {**os.environ, "LLMOPS_HOME": str(folder)}
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "llmops", "track", "export", "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], printed
    uri = f"sqlite:///{folder}/mlflow.db"
    assert len(read(uri, MlflowStore(uri, folder / "mlartifacts").experiment_id).traces) == 200
