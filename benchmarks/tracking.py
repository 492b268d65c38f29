"""What recording costs a turn: our outbox beside MLflow's own logging, and the same dialogue with and without.

Each way runs in a process of its own over the same turns, one after another in one run. Times are of the caller, per
turn; «leave» is from the last turn to the end of the process, when what was queued must be out.

usage: python -m benchmarks.tracking [--turns 1000] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import drain, keep, machine, percentile

_WAYS = ("outbox", "mlflow-async", "mlflow-sync")
_QUESTIONS = ("какой сейчас мрот", "до какого числа платить налог на квартиру", "сколько вернут по вкладу если банк лопнул, мой телефон 8 916 123-45-67", "как вернуть налог за лечение", "кредит 500 тысяч на 3 года под 18 %, какой платёж?")  # fmt: skip


def _outbox(turns: int, folder: Path) -> list[float]:
    from llmops import wiring
    from llmops.schemas import TurnRecord
    from llmops.settings import load_settings

    settings = load_settings(home=folder)
    recorder = wiring.recorder(settings, user="u-0123456789abcdef")
    times = []
    for turn, reply, started in _turns(turns):
        before = time.perf_counter()
        recorder.turn(TurnRecord(turn=turn, started_at=started))
        recorder.turn(TurnRecord(turn=turn, started_at=started, reply=reply))
        times.append((time.perf_counter() - before) * 1000)
    assert recorder.failures == 0
    assert wiring.outbox(settings).status().waiting == turns
    return times


def _mlflow(turns: int, folder: Path) -> list[float]:
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    mlflow.set_experiment(experiment_id=mlflow.create_experiment("llmops", (folder / "artefacts").as_uri()))
    times = []
    for turn, reply, _ in _turns(turns):
        before = time.perf_counter()
        with mlflow.start_span("turn") as root:
            root.set_inputs({"question": turn.question})
            mlflow.update_current_trace(metadata={"mlflow.trace.session": "c-1"}, tags={"outcome": turn.outcome})
            with mlflow.start_span("retrieve", span_type="RETRIEVER") as span:
                span.set_outputs(
                    [{"page_content": hit.title, "metadata": {"score": hit.score}} for hit in turn.retrieved]
                )
            with mlflow.start_span("guard", span_type="GUARDRAIL") as span:
                span.set_inputs(turn.guard.model_dump() if turn.guard else {})
            with mlflow.start_span("generate") as span:
                span.set_outputs({"answer": reply.answer})
            root.set_outputs({"answer": reply.answer})
        times.append((time.perf_counter() - before) * 1000)
    return times


def _turns(number: int):  # type: ignore[no-untyped-def]
    """Yield turns with answers of the finance assistant."""
    import uuid
    from datetime import UTC, datetime

    from llmops import wiring
    from llmops.assistants.finance.assistant import FinanceAssistant
    from llmops.schemas import Conversation
    from llmops.settings import load_settings

    assistant = FinanceAssistant(wiring.finance_retriever(load_settings()), "static")
    conversation = Conversation(id="c-1", assistant="finance")
    prepared = [assistant.prepare(conversation, question) for question in _QUESTIONS]
    for place in range(number):
        chosen = prepared[place % len(prepared)]
        question = f"{chosen.question} - {place}"  # no two alike, so that nothing is remembered of the last one
        turn = chosen.model_copy(update={"id": uuid.uuid4().hex, "question": question, "resolved": question})
        stream = assistant.reply(turn)
        list(stream)
        yield turn, stream.reply, datetime.now(UTC)


def _dialogue(turns: int, folder: Path) -> list[float]:
    """Return the milliseconds of whole turns, with and without recording in turn: [off, on, off, on, …]."""
    from llmops import wiring
    from llmops.assistants.dialogue import Dialogue
    from llmops.assistants.finance.assistant import FinanceAssistant
    from llmops.settings import load_settings
    from llmops.store.conversations import new_conversation

    class Off:
        private = False
        lost = 0

        def turn(self, record: object) -> None:
            """Keep nothing."""

        feedback = run = turn

    assistant = FinanceAssistant(wiring.finance_retriever(load_settings()), "static")
    recorders = (Off(), wiring.recorder(load_settings(home=folder), user="u-0123456789abcdef"))
    dialogues = [Dialogue(assistant, new_conversation("finance"), None, recorder) for recorder in recorders]
    times = []
    for place in range(turns * 2):
        dialogue, question = dialogues[place % 2], f"{_QUESTIONS[place // 2 % len(_QUESTIONS)]} - {place // 2}"
        dialogue.renew()
        before = time.perf_counter()
        dialogue.ask(question, drain)
        times.append((time.perf_counter() - before) * 1000)
    return times


def _child(way: str, turns: int, folder: Path) -> None:
    """Run one way; print its times, then leave as the way does."""
    run = {"outbox": _outbox, "dialogue": _dialogue}.get(way, _mlflow)
    times = run(turns, folder)
    print(json.dumps({"times": times, "left": time.time(), "mlflow": "mlflow" in sys.modules}), flush=True)


def _run(way: str, turns: int) -> tuple[list[float], float]:
    environment = {**os.environ, "MLFLOW_ENABLE_ASYNC_TRACE_LOGGING": str(way == "mlflow-async").lower(), "MLFLOW_DISABLE_TELEMETRY": "true"}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.tracking", "--way", way, "--turns", str(turns), "--folder", folder]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        ended = time.time()
    if done.returncode:
        raise SystemExit(done.stderr)
    printed = json.loads(done.stdout.splitlines()[-1])
    assert printed["mlflow"] == way.startswith("mlflow")
    return printed["times"], ended - printed["left"]


def main() -> None:
    """Time every way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.way:
        _child(given.way, given.turns, given.folder)
        return
    print(machine())
    figures: dict[str, object] = {}
    for way in _WAYS:
        times, leave = _run(way, given.turns)
        figures[way] = {"p50_ms": percentile(times, 0.5), "p95_ms": percentile(times, 0.95), "p99_ms": percentile(times, 0.99), "leave_s": leave}  # fmt: skip
        print(f"{way:13}", " ".join(f"{name}={value:.2f}" for name, value in figures[way].items()), flush=True)  # type: ignore[attr-defined]
    times, _ = _run("dialogue", given.turns)
    off, on = times[::2], times[1::2]
    added = [after - before for before, after in zip(off, on, strict=True)]
    figures["dialogue"] = {"off_p50_ms": percentile(off, 0.5), "on_p50_ms": percentile(on, 0.5), "added_p50_ms": percentile(added, 0.5)}  # fmt: skip
    print(f"{'dialogue':13}", " ".join(f"{name}={value:.2f}" for name, value in figures["dialogue"].items()))  # type: ignore[attr-defined]
    keep(given.json, figures)


if __name__ == "__main__":
    main()
