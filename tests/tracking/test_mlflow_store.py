"""MLflow as a store: the contract on a local file and on a real server, and stores made by two at once."""

from __future__ import annotations

import os
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from llmops.settings import bound_mlflow, mlflow_server_environment
from llmops.tracking.export_errors import StoreUnavailableError
from llmops.tracking.exporter import TraceStore
from tests.tracking.records import answered
from tests.tracking.trace_store import Kept, TraceStoreContract

bound_mlflow()
pytest.importorskip("mlflow", reason="the mlflow extra is not installed")

from alembic import command  # noqa: E402
from alembic.script import ScriptDirectory  # noqa: E402
from mlflow.entities import Feedback, Trace, ViewType  # noqa: E402
from mlflow.store.db import utils  # noqa: E402
from mlflow.tracing.client import TracingClient  # noqa: E402

from llmops.tracking.mlflow_store import EXPERIMENT, RATING, MlflowStore  # noqa: E402
from llmops.tracking.spans import trace_of  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own libraries complain of each other


def turn(trace: Trace) -> str:
    """Return the turn that a trace is of."""
    assert trace.info.client_request_id
    return trace.info.client_request_id


def read(uri: str, experiment_id: str) -> Kept:
    """Read a store back through MLflow's own client."""
    client = TracingClient(uri)
    traces: list[Trace] = []
    token = None
    while True:
        page = client.search_traces(locations=[experiment_id], max_results=500, page_token=token)
        traces += page
        if not (token := page.token):
            break
    ratings: dict[str, tuple[bool, str | None]] = {}
    for trace in traces:
        for found in trace.info.assessments:
            assert isinstance(found, Feedback)
            assert found.name == RATING
            assert turn(trace) not in ratings
            ratings[turn(trace)] = (bool(found.value), found.rationale)
    runs = client.store.search_runs([experiment_id], "", ViewType.ALL)
    assert len({run.info.run_name for run in runs}) == len(runs)
    return Kept(
        {
            turn(trace): (
                trace.info.state.value == "OK",
                trace.info.response_preview or "",
                tuple(span.name for span in trace.data.spans),
            )
            for trace in traces
        },
        ratings,
        {run.info.run_name: run.data.metrics for run in runs},
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that was made once; tests work on copies."""
    folder = tmp_path_factory.mktemp("папка mlflow")
    MlflowStore(f"sqlite:///{folder}/mlflow.db", folder / "mlartifacts")
    return folder / "mlflow.db"


@pytest.fixture
def local(made: Path, tmp_path: Path) -> tuple[MlflowStore, str]:
    path = tmp_path / "mlflow.db"
    path.write_bytes(made.read_bytes())
    uri = f"sqlite:///{path}"
    return MlflowStore(uri, tmp_path / "mlartifacts"), uri


class TestLocalStore(TraceStoreContract):
    @pytest.fixture
    def store(self, local: tuple[MlflowStore, str]) -> TraceStore:
        self.uri = local[1]
        return local[0]

    def kept(self, store: TraceStore) -> Kept:
        assert isinstance(store, MlflowStore)
        return read(self.uri, store.experiment_id)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MLflow server on a port of its own."""
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=mlflow_server_environment(), start_new_session=True, cwd=folder
        )
    url, end = f"http://127.0.0.1:{port}", time.monotonic() + 90
    while True:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=1).close()
            break
        except OSError:
            assert time.monotonic() < end, (folder / "log").read_text(encoding="utf-8")
            time.sleep(0.3)
    yield url
    os.killpg(process.pid, 9)
    process.wait()


@pytest.mark.slow
class TestServer(TraceStoreContract):
    @pytest.fixture
    def store(self, server: str, tmp_path: Path) -> Iterator[TraceStore]:
        self.uri = server
        opened = MlflowStore(server, tmp_path)
        yield opened
        client = TracingClient(server)
        ids = [trace.info.trace_id for trace in client.search_traces(locations=[opened.experiment_id])]
        if ids:
            client.delete_traces(opened.experiment_id, trace_ids=ids)

    def kept(self, store: TraceStore) -> Kept:
        assert isinstance(store, MlflowStore)
        return read(self.uri, store.experiment_id)

    def test_artefacts_reach_the_server(self, store: TraceStore, server: str):
        assert isinstance(store, MlflowStore)
        runs = TracingClient(server).store.search_runs([store.experiment_id], "", ViewType.ALL)
        url = f"{server}/api/2.0/mlflow/artifacts/list?run_id={runs[0].info.run_id}"
        with urllib.request.urlopen(url, timeout=5) as response:
            listed = response.read().decode()
        assert "report.json" in listed
        assert "manifest.json" in listed


def test_a_trace_carries_what_its_pages_filter_by(local: tuple[MlflowStore, str]):

    store, uri = local
    record = answered("a" * 32).model_copy(update={"user": "u-1"})
    store.write_traces([trace_of(record)])
    client = TracingClient(uri)
    (found,) = client.search_traces(
        locations=[store.experiment_id],
        filter_string="metadata.`mlflow.trace.session`='c-1' AND tags.outcome='answered'",
    )
    assert found.info.trace_metadata["mlflow.trace.user"] == "u-1"
    spans = {span.name: span for span in found.data.spans}
    assert [spans[name].parent_id for name in ("retrieve", "guard", "generate")] == [spans["turn"].span_id] * 3
    assert spans["retrieve"].outputs[0]["metadata"]["score"] == 0.9
    assert spans["generate"].attributes["mlflow.llm.model"] == "static-ru"


def test_a_deleted_experiment_is_no_rows_fault(local: tuple[MlflowStore, str], tmp_path: Path):
    store, uri = local
    TracingClient(uri).store.delete_experiment(store.experiment_id)
    with pytest.raises(StoreUnavailableError, match="удалён"):
        store.check()
    with pytest.raises(StoreUnavailableError, match="удалён"):
        MlflowStore(uri, tmp_path / "mlartifacts")


def test_the_store_is_readable_by_its_owner_alone(made: Path):
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_forgotten_texts_leave_no_byte_in_the_file(local: tuple[MlflowStore, str]):

    store, uri = local
    path = Path(uri.removeprefix("sqlite:///"))
    store.write_traces([trace_of(answered("a" * 32, question="редкое слово абракадабрус"))])
    assert "абракадабрус".encode() in path.read_bytes() or b"\\u0430\\u0431\\u0440" in path.read_bytes()
    store.delete_traces(["a" * 32])
    assert "абракадабрус".encode() not in path.read_bytes()


def _make(folder: Path, at: float) -> None:
    while time.monotonic() < at:
        pass
    MlflowStore(f"sqlite:///{folder}/mlflow.db", folder / "mlartifacts")
    os._exit(0)


@pytest.mark.slow
def test_two_that_make_the_store_at_once_make_one(tmp_path: Path):
    for number in range(3):
        folder, at = tmp_path / str(number), time.monotonic() + 0.2
        folder.mkdir()
        children = []
        for _ in range(2):
            if (child := os.fork()) == 0:
                _make(folder, at)
            children.append(child)
        assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
        with closing(sqlite3.connect(folder / "mlflow.db")) as database:
            made = database.execute("select count(*) from experiments where name=?", (EXPERIMENT,)).fetchone()
        assert made == (1,)
        MlflowStore(f"sqlite:///{folder}/mlflow.db", folder / "mlartifacts").check()


@pytest.mark.slow
def test_a_kill_while_the_store_is_made_leaves_none_or_a_whole_one(tmp_path: Path):
    for number, pause in enumerate((0.3, 0.8, 1.3)):
        folder = tmp_path / str(number)
        folder.mkdir()
        child = os.fork()
        if child == 0:
            MlflowStore(f"sqlite:///{folder}/mlflow.db", folder / "mlartifacts")
            os._exit(0)
        time.sleep(pause)
        os.kill(child, 9)
        os.waitpid(child, 0)
        MlflowStore(f"sqlite:///{folder}/mlflow.db", folder / "mlartifacts").check()


def test_an_older_store_is_upgraded_in_a_copy_and_kept(made: Path, tmp_path: Path):

    path = tmp_path / "mlflow.db"
    engine = utils.create_sqlalchemy_engine(f"sqlite:///{path}")

    config = utils._get_alembic_config(f"sqlite:///{path}")  # noqa: SLF001
    latest = utils._get_latest_schema_revision()  # noqa: SLF001

    before = ScriptDirectory.from_config(config).get_revision(latest).down_revision
    engine.dispose()
    path.write_bytes(made.read_bytes())
    engine = utils.create_sqlalchemy_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, str(before))
    engine.dispose()
    MlflowStore(f"sqlite:///{path}", tmp_path / "mlartifacts").check()
    assert len(list(tmp_path.glob("*.bak"))) == 1
