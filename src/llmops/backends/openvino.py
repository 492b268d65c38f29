"""`--backend openvino`: a local model in OpenVINO format, read and run by OpenVINO GenAI in this process.

Several threads share one model: whoever waits for a token makes the next step for everybody, so all of them advance.
A folder with a chat template is spoken to through it, any other as a dialogue in plain text. Knows no persona.
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # it reports imports to a server, unasked
import numpy as np  # noqa: E402 - after the line above
import openvino_genai as genai  # noqa: E402
from openvino import Tensor  # noqa: E402

from llmops.backends.dialogue import STOPS, Cutter, fit, render  # noqa: E402
from llmops.errors import BackendError, MissingModelError  # noqa: E402
from llmops.protocols import StopSignal  # noqa: E402
from llmops.schemas import Message, Sampling, Token, Usage  # noqa: E402

_FILES = (
    "openvino_model.xml",
    "openvino_model.bin",
    "openvino_tokenizer.xml",
    "openvino_detokenizer.xml",
    "config.json",
)
_CONTEXT_KEYS = ("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length")
_CONTEXT = 2048  # of a model that does not state its own
_LARGEST_CONTEXT = 8192  # reading more takes minutes on two cores
_LEAST_ANSWER = 16
_CACHE_GB = 1
# One seed gives one answer, also in company; activations in 8 bits are a sixth faster, but depend on who else asks.
_EXACT = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"}
_EVERY_TOKEN = 2**31  # `top_k` of 0: no limit
_HALF_A_LETTER = "\ufffd"


class OpenvinoBackend:
    """Opens a model folder and answers with it; the model is read once and stays in memory.

    Args:
        folder: What `llmops train companion` or `optimum-cli export openvino` writes.

    Raises:
        MissingModelError: The folder is absent, incomplete or damaged.
    """

    name = "openvino"

    def __init__(self, folder: Path) -> None:
        _check(folder)
        self.model = folder.name
        self._context = _context(folder)
        self._lock = threading.RLock()  # a generator may be thrown away while its thread makes a step for another
        self._numbers = itertools.count(1)
        scheduler = genai.SchedulerConfig()
        scheduler.enable_prefix_caching = True  # the introduction and the old lines are read once
        scheduler.cache_size = _CACHE_GB
        try:
            self._pipeline = genai.ContinuousBatchingPipeline(str(folder), scheduler, "CPU", _EXACT)
        except RuntimeError as error:
            raise _damaged(folder) from error
        self._tokenizer = self._pipeline.get_tokenizer()
        self._chat = bool(self._tokenizer.chat_template)

    def generate(self, messages: Sequence[Message], sampling: Sampling, stop: StopSignal) -> Iterator[Token]:
        with _failures(self.model):
            room = max(1, self._context - min(sampling.max_tokens, max(_LEAST_ANSWER, self._context // 2)))
            kept, truncated = fit(messages, room, lambda some: len(self._ids(some)))
            ids = self._ids(kept)
            if len(ids) > room:
                ids, truncated = ids[-room:], True
            config = self._config(sampling, self._context - len(ids))
            handle = self._request(ids, config)
        cutter = Cutter((*sampling.stop, *(() if self._chat else STOPS)))
        text, written = _Text(self._tokenizer), 0
        try:
            for fresh in self._steps(handle, stop):
                written += len(fresh)
                if piece := cutter.push(text.push(fresh)):
                    yield Token(text=piece)
                if cutter.done:
                    break
            usage = Usage(prompt_tokens=len(ids), completion_tokens=written, truncated=truncated)
            yield Token(text="" if cutter.done else cutter.push(text.rest()) + cutter.rest(), usage=usage)
        finally:
            self._release(handle)

    def _steps(self, handle: genai.GenerationHandle, stop: StopSignal) -> Iterator[list[int]]:
        """Yield the ids of a request as they are made; ends with the request or the signal."""
        while not stop.is_set():
            with _failures(self.model):
                with self._lock:
                    if not handle.can_read() and handle.get_status() == genai.GenerationStatus.RUNNING:
                        self._pipeline.step()
                fresh = [
                    i for _ in iter(handle.can_read, False) for out in handle.read().values() for i in out.generated_ids
                ]
                status = handle.get_status()
            if fresh:
                yield fresh
            elif status == genai.GenerationStatus.IGNORED:
                raise BackendError(
                    f"Модели «{self.model}» не хватило памяти на этот разговор.", hint="Начните новый: /new."
                )
            elif status != genai.GenerationStatus.RUNNING:
                return

    def _request(self, ids: list[int], config: genai.GenerationConfig) -> genai.GenerationHandle:
        with self._lock:
            return self._pipeline.add_request(next(self._numbers), Tensor(np.array([ids], np.int64)), config)

    def _release(self, handle: genai.GenerationHandle) -> None:
        """Give back the memory of a request that was broken off: the engine does so at its next step."""
        with _failures(self.model), self._lock:
            if handle.get_status() == genai.GenerationStatus.RUNNING:
                handle.cancel()
                self._pipeline.step()

    def _ids(self, messages: Sequence[Message]) -> list[int]:
        text = self._templated(messages) if self._chat else render(messages)
        ids = self._tokenizer.encode(text, add_special_tokens=not self._chat).input_ids
        return [int(i) for i in ids.data[0]]

    def _templated(self, messages: Sequence[Message]) -> str:
        # Where a template knows no system role, GenAI puts its text before the person's first message.
        history = [{"role": message.role, "content": message.content} for message in messages]
        extra = {"enable_thinking": False}  # Qwen3's switch; other templates do not know it
        return str(self._tokenizer.apply_chat_template(history, True, extra_context=extra))

    def _config(self, sampling: Sampling, room: int) -> genai.GenerationConfig:
        config = self._pipeline.get_config()
        config.apply_chat_template = False
        config.max_new_tokens = max(1, min(sampling.max_tokens, room))
        config.do_sample = sampling.temperature > 0
        if config.do_sample:
            config.temperature, config.top_p, config.rng_seed = sampling.temperature, sampling.top_p, sampling.seed
            config.top_k = sampling.top_k or _EVERY_TOKEN
        config.repetition_penalty = sampling.repetition_penalty
        return config


class _Text:
    """Turns ids into text as they come; half a letter waits for its other half."""

    def __init__(self, tokenizer: genai.Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._start = self._read = 0
        self._begun = False

    def push(self, ids: Sequence[int]) -> str:
        """Return the text that these ids add."""
        self._ids += ids
        return self._piece(final=False)

    def rest(self) -> str:
        """Return what waited in vain."""
        return self._piece(final=True)

    def _piece(self, *, final: bool) -> str:
        # A token's text depends on the one before it in some tokenizers, so both are decoded and the older cut off.
        with _failures("детокенизатор"):
            before = self._tokenizer.decode(self._ids[self._start : self._read]) if self._read > self._start else ""
            after = self._tokenizer.decode(self._ids[self._start :]) if self._ids[self._start :] else ""
        if after.endswith(_HALF_A_LETTER) and not final:
            return ""
        self._start, self._read = self._read, len(self._ids)
        piece = after[len(before) :].rstrip(_HALF_A_LETTER)
        piece = piece if self._begun else piece.lstrip(" ")
        self._begun = self._begun or bool(piece)
        return piece


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise MissingModelError(f"Папки модели {folder} нет.", hint="Проверьте путь или переустановите пакет.")
    absent = [name for name in _FILES if not (folder / name).is_file()]
    if absent:
        raise MissingModelError(
            f"В папке модели {folder} нет файла {absent[0]}.",
            hint="Нужна модель в формате OpenVINO; свою делает: llmops train companion --base ПАПКА",
        )


def _context(folder: Path) -> int:
    """Return how many tokens the prompt and the answer may take together."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        config = config.get("text_config", config)
        stated = next((config[key] for key in _CONTEXT_KEYS if isinstance(config.get(key), int)), _CONTEXT)
    except (OSError, ValueError, AttributeError) as error:
        raise _damaged(folder) from error
    return min(int(stated), _LARGEST_CONTEXT)


def _damaged(folder: Path) -> MissingModelError:
    return MissingModelError(
        f"Модель в {folder} не открывается: файлы повреждены или не подходят.",
        hint="Скачайте или обучите её заново; модель, которая идёт с пакетом, вернёт переустановка.",
    )


@contextmanager
def _failures(model: str) -> Iterator[None]:
    """Turn the engine's failures into ours; it raises `RuntimeError` for everything."""
    try:
        yield
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1:] or ["причина не названа"]
        raise BackendError(f"OpenVINO: модель «{model}» не смогла ответить ({reason[0]}).") from error
