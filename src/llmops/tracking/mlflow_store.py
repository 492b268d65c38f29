"""MLflow as the place where traces, ratings and runs are kept: a local SQLite store or a server.

`TracingClient(...).store` is the one object that both `mlflow` (SQLite) and `mlflow-tracing` (servers) have, that takes
our own ids and start times, and that merges what is written twice. It is only half public: this module alone uses it,
the version is pinned, and `tests/tracking/test_mlflow_store.py` holds the contract. Knows no outbox.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from mlflow.entities import AssessmentSource, Dataset, DatasetInput, Metric, Param, RunStatus, RunTag, ViewType
from mlflow.entities.assessment import Feedback as MlflowFeedback
from mlflow.entities.span import Span as MlflowSpan
from mlflow.entities.trace_info import TraceInfo
from mlflow.entities.trace_location import TraceLocation
from mlflow.entities.trace_state import TraceState
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking._tracking_service.utils import _get_store
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, TraceFlags
from opentelemetry.trace.status import Status, StatusCode
from requests.exceptions import RequestException, Timeout

from llmops.errors import MissingExtraError
from llmops.schemas import Feedback, RunRecord
from llmops.tracking.export_errors import RowRefusedError, StoreUnavailableError, TraceAbsentError
from llmops.tracking.spans import Span, Trace, span_id, trace_id

_DATABASE_ERRORS: tuple[type[Exception], ...] = (sqlite3.Error,)
try:
    from sqlalchemy.exc import SQLAlchemyError
except ImportError:  # mlflow-tracing brings no databases
    pass
else:
    _DATABASE_ERRORS += (SQLAlchemyError,)
# NotImplementedError: a server that does not say its version.
_AWAY: tuple[type[Exception], ...] = (RequestException, OSError, NotImplementedError, *_DATABASE_ERRORS)
EXPERIMENT = "llmops"
RATING = "user_rating"
_SQLITE = "sqlite:///"
_RUN_TAG = "llmops.run"
_LOCK_WAIT_S = 120
_DELETED_AT_ONCE = 100
_RESOURCE = Resource({"service.name": "llmops"})


class MlflowStore:
    """An open store with our experiment in it.

    Args:
        uri: A server's address or `sqlite:///` with an absolute path.
        artefacts: The folder for artefacts of a local store.

    Raises:
        MissingExtraError: A local store needs the full `mlflow`.
        StoreUnavailableError: It cannot be reached or opened now.
    """

    def __init__(self, uri: str, artefacts: Path) -> None:
        self._uri = uri
        self._path = Path(uri.removeprefix(_SQLITE)) if uri.startswith(_SQLITE) else None
        try:
            with _failures():
                self._store: Any = _local_store(self._path, artefacts) if self._path else _get_store(uri)
                self.experiment_id = self._experiment(None if self._path is None else artefacts.as_uri())
        except RowRefusedError as error:  # nothing was written yet: what answers is no MLflow
            raise StoreUnavailableError(str(error)) from error

    def _experiment(self, artefacts: str | None) -> str:
        """Return our experiment's id; of two programs that make it at once, the second finds it."""
        found = self._store.get_experiment_by_name(EXPERIMENT)
        if found is None:
            try:
                return str(self._store.create_experiment(EXPERIMENT, artefacts and f"{artefacts}/{EXPERIMENT}"))
            except MlflowException:
                found = self._store.get_experiment_by_name(EXPERIMENT)
        if found is None:
            raise StoreUnavailableError("эксперимент не создаётся")
        _require_active(found)
        return str(found.experiment_id)

    def check(self) -> None:
        """Ask for something that is surely there.

        Raises:
            StoreUnavailableError: No proper answer comes.
        """
        try:
            _require_active(self._store.get_experiment(self.experiment_id))
        except StoreUnavailableError:
            raise
        except Exception as error:  # whatever went wrong, the store does not serve
            raise StoreUnavailableError(_reason(error)) from error

    def write_traces(self, traces: Sequence[Trace]) -> None:
        """Write traces with their spans; writing one again replaces it.

        Raises:
            StoreUnavailableError: Nothing can be written now.
            RowRefusedError: Something about these traces is wrong.
        """
        with _failures():
            for trace in traces:
                self._store.start_trace(_trace_info(trace, self.experiment_id))
            spans = [_span(trace.turn_id, span) for trace in traces for span in trace.spans]
            self._store.log_spans(self.experiment_id, spans)

    def write_feedback(self, feedback: Feedback) -> None:
        """Write a rating onto its trace; rating again replaces it.

        Raises:
            TraceAbsentError: Its trace is not there.
            StoreUnavailableError, RowRefusedError: As for traces.
        """
        trace, value = trace_id(feedback.turn_id), feedback.rating > 0
        identifier = f"a-{feedback.turn_id}"
        rating = MlflowFeedback(
            name=RATING,
            value=value,
            source=AssessmentSource("HUMAN", feedback.user or "anonymous"),
            rationale=feedback.comment or None,
            trace_id=trace,
        )
        rating.assessment_id = identifier
        with _failures():
            known = {found.assessment_id for found in self._info(trace).assessments}
            if identifier in known:
                self._store.delete_assessment(trace, identifier)
            self._store.create_assessment(rating)

    def _info(self, trace: str) -> TraceInfo:
        try:
            info: TraceInfo = self._store.get_trace_info(trace)
            return info
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"):
                raise TraceAbsentError(trace) from error
            raise

    def delete_traces(self, turn_ids: Sequence[str]) -> None:
        """Delete the traces of turns; of those that are not there nothing is said.

        Raises:
            StoreUnavailableError: They cannot be deleted now.
        """
        with _failures():
            for start in range(0, len(turn_ids), _DELETED_AT_ONCE):
                ids = [trace_id(turn) for turn in turn_ids[start : start + _DELETED_AT_ONCE]]
                self._store.delete_traces(self.experiment_id, trace_ids=ids)
            if self._path:
                with closing(sqlite3.connect(self._path, timeout=20, isolation_level=None)) as database:
                    database.execute("vacuum")  # a deleted row's bytes would stay in the file

    def write_run(self, record: RunRecord) -> None:
        """Write a batch stage as a run; writing it again goes on where it stopped.

        Raises:
            StoreUnavailableError, RowRefusedError: As for traces.
        """
        with _failures():
            started = int((record.started_at.timestamp() - record.report.seconds) * 1000)
            run_id, artefacts = self._run(record, started)
            self._store.log_batch(run_id, _metrics(record, started), _params(record), _run_tags(record))
            if record.report.inputs:
                self._store.log_inputs(run_id, [DatasetInput(_dataset(record))])
            _upload(record, artefacts, self._uri)
            ended = int(record.started_at.timestamp() * 1000)
            status = RunStatus.FINISHED if _succeeded(record) else RunStatus.FAILED
            self._store.update_run_info(run_id, status, ended, record.report.stage)

    def _run(self, record: RunRecord, started: int) -> tuple[str, str]:
        found = self._store.search_runs([self.experiment_id], f"tags.`{_RUN_TAG}`='{record.id}'", ViewType.ALL)
        run = (
            found[0]
            if found
            else self._store.create_run(
                self.experiment_id,
                "llmops",
                started,
                [RunTag(_RUN_TAG, record.id), RunTag("mlflow.source.name", "llmops")],
                record.report.stage,
            )
        )
        return run.info.run_id, run.info.artifact_uri


def _require_active(experiment: Any) -> None:
    """A deleted experiment takes nothing, and that is no fault of the rows."""
    if experiment.lifecycle_stage != "active":
        raise StoreUnavailableError(f"эксперимент {EXPERIMENT} удалён, восстановите его в MLflow")


@contextmanager
def _failures() -> Iterator[None]:
    """Sort what can go wrong: the store is away, or what was written is wrong."""
    try:
        yield
    except _AWAY as error:
        raise StoreUnavailableError(_reason(error)) from error
    except MlflowException as error:
        origin = error.__cause__ or error.__context__
        if origin and isinstance(origin, _AWAY):
            raise StoreUnavailableError(_reason(origin)) from error
        raise RowRefusedError(_reason(error)) from error
    except (ValueError, TypeError, KeyError) as error:
        raise RowRefusedError(_reason(error)) from error


def _reason(error: BaseException) -> str:
    """Return a few words about a failure: no addresses with passwords, no texts of turns that a database quotes."""
    if isinstance(error, Timeout):
        return "сервер не отвечает"
    if isinstance(error, RequestException):
        return "нет связи с сервером"
    if isinstance(error, _DATABASE_ERRORS):
        return f"база MLflow: {getattr(error, 'orig', None) or type(error).__name__}"
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first[:200]}"


def _local_store(path: Path, artefacts: Path) -> Any:
    """Open a store in a file, made or upgraded under a lock: two at once would break it for good."""
    try:
        from mlflow.store.db import utils  # noqa: PLC0415 - mlflow-tracing has no databases
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            "Локальному хранилищу MLflow нужен полный пакет mlflow.",
            hint="Установите: pip install 'llmops[mlflow]' - или укажите сервер в MLFLOW_TRACKING_URI.",
        ) from error
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock"), timeout=_LOCK_WAIT_S):
        if not path.exists():
            with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
                fresh = Path(folder) / "mlflow.db"
                SqlAlchemyStore(f"{_SQLITE}{fresh}", artefacts.as_uri()).engine.dispose()
                fresh.chmod(0o600)
                fresh.replace(path)  # a kill before this line leaves no store, after it a whole one
        engine = utils.create_sqlalchemy_engine(f"{_SQLITE}{path}")
        try:
            if utils._get_schema_version(engine) != utils._get_latest_schema_revision():  # noqa: SLF001
                _upgrade(path, utils)
        finally:
            engine.dispose()
        return SqlAlchemyStore(f"{_SQLITE}{path}", artefacts.as_uri())


def _upgrade(path: Path, utils: Any) -> None:
    """Upgrade a copy of an older store and put it in the place of the old one, which stays beside it."""
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        fresh = Path(folder) / "mlflow.db"
        with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(fresh)) as copy:
            old.backup(copy)
        engine = utils.create_sqlalchemy_engine(f"{_SQLITE}{fresh}")
        utils._upgrade_db(engine)  # noqa: SLF001
        engine.dispose()
        fresh.chmod(0o600)
        shutil.copy2(path, path.with_suffix(f".{time.strftime('%Y%m%d%H%M%S')}.bak"))
        fresh.replace(path)


def _trace_info(trace: Trace, experiment_id: str) -> TraceInfo:
    return TraceInfo(
        trace_id=trace_id(trace.turn_id),
        trace_location=TraceLocation.from_experiment_id(experiment_id),
        request_time=trace.start_ns // 1_000_000,
        execution_duration=(trace.end_ns - trace.start_ns) // 1_000_000,
        state=TraceState.ERROR if trace.failed else TraceState.OK,
        request_preview=trace.request,
        response_preview=trace.response,
        client_request_id=trace.turn_id,
        trace_metadata=trace.metadata,
        tags=trace.tags,
    )


def _span(turn_id: str, span: Span) -> MlflowSpan:
    attributes = {
        "mlflow.traceRequestId": trace_id(turn_id),
        "mlflow.spanType": span.kind,
        "mlflow.spanInputs": span.inputs,
        "mlflow.spanOutputs": span.outputs,
        **span.attributes,
    }
    return MlflowSpan(
        ReadableSpan(
            name=span.name,
            context=_context(turn_id, span.name),
            parent=_context(turn_id, span.parent) if span.parent else None,
            resource=_RESOURCE,
            attributes={name: json.dumps(value, ensure_ascii=False) for name, value in attributes.items()},
            start_time=span.start_ns,
            end_time=span.end_ns,
            status=Status(StatusCode.ERROR if span.failed else StatusCode.OK),
        )
    )


def _context(turn_id: str, name: str) -> SpanContext:
    return SpanContext(int(turn_id, 16), int(span_id(turn_id, name), 16), is_remote=False, trace_flags=TraceFlags(1))


def _succeeded(record: RunRecord) -> bool:
    return not any(problem.level == "error" for problem in record.report.problems)


def _metrics(record: RunRecord, at_ms: int) -> list[Metric]:
    levels = ("error", "warning", "repaired")
    found = {level: sum(problem.level == level for problem in record.report.problems) for level in levels}
    figures = {count.key: count.value for count in record.report.counts}
    figures |= {f"problems_{level}": float(number) for level, number in found.items()}
    return [Metric(name, value, at_ms, 0) for name, value in {**figures, "seconds": record.report.seconds}.items()]


def _params(record: RunRecord) -> list[Param]:
    return [Param(name, value[:6000]) for name, value in record.report.parameters.items()]


def _run_tags(record: RunRecord) -> list[RunTag]:
    versions = {f"llmops.version.{name}": value for name, value in record.versions if value}
    outputs = {f"llmops.output.{name}": digest for name, digest in record.report.outputs.items()}
    return [RunTag(name, value) for name, value in {**versions, **outputs}.items()]


def _dataset(record: RunRecord) -> Dataset:
    """Return what the stage read, under one hash of all its files."""
    inputs = record.report.inputs
    digest = hashlib.sha256("".join(f"{name}{value}" for name, value in sorted(inputs.items())).encode()).hexdigest()
    files = json.dumps(inputs, ensure_ascii=False)
    return Dataset(
        f"{record.report.stage}: inputs", digest[:32], "local", json.dumps({"files": len(inputs)}), None, files
    )


def _upload(record: RunRecord, place: str, uri: str) -> None:
    repository = get_artifact_repository(place, tracking_uri=uri)
    report = record.report.model_dump_json(indent=1)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {"report.json": report, **record.artefacts}.items():
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8")
            repository.log_artifact(str(path))
