"""The local engine, on the model that ships."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from llmops import wiring
from llmops.backends.openvino import OpenvinoBackend
from llmops.errors import BackendError, MissingModelError
from llmops.schemas import Message, Sampling, Usage
from tests.backends.contract import TALK, BackendContract, said
from tests.conftest import REPOSITORY

_SHIPPED = wiring.SHIPPED / "models" / "ru-companion-small"


@pytest.fixture(scope="module")
def opened() -> OpenvinoBackend:
    return OpenvinoBackend(_SHIPPED)


class TestOpenvino(BackendContract):
    @pytest.fixture
    def backend(self, opened: OpenvinoBackend) -> OpenvinoBackend:
        return opened


def test_a_long_conversation_keeps_its_introduction_and_its_newest_lines(opened: OpenvinoBackend):
    def answer(introduction: str, first: str) -> tuple[str, Usage]:
        lines = [
            Message(role="assistant" if n % 2 else "user", content=f"Это реплика номер {n}, и в ней ещё слова.")
            for n in range(1, 202)
        ]
        talk = [Message(role="system", content=introduction), Message(role="user", content=first), *lines]
        tokens = list(opened.generate(talk, Sampling(seed=2), Event()))
        assert tokens[-1].usage
        return said(tokens), tokens[-1].usage

    text, usage = answer("Вера, тёплая подруга. Говорит на «ты».", "начало")
    assert usage.truncated
    assert answer("Вера, тёплая подруга. Говорит на «ты».", "совсем другое начало") == (text, usage)
    assert answer("Глеб.", "начало")[1] != usage


def test_a_message_longer_than_the_context_is_cut(opened: OpenvinoBackend):
    usage = list(opened.generate([Message(role="user", content="слово " * 4000)], Sampling(max_tokens=4), Event()))[
        -1
    ].usage
    assert usage
    assert usage.truncated


def test_every_way_of_choosing_tokens_is_taken(opened: OpenvinoBackend):
    for sampling in (
        Sampling(temperature=0),
        Sampling(top_k=0, top_p=1, repetition_penalty=1),
        Sampling(top_k=1, seed=2**63 - 1),
        Sampling(temperature=2.5, max_tokens=10_000),
    ):
        assert list(opened.generate(TALK, sampling, Event()))[-1].usage


def test_an_absent_folder_is_named(tmp_path: Path):
    with pytest.raises(MissingModelError, match="нет") as caught:
        OpenvinoBackend(tmp_path / "нет такой")
    assert "нет такой" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("name", ["openvino_model.bin", "openvino_tokenizer.xml", "config.json"])
def test_a_folder_without_a_file_is_no_model(tmp_path: Path, name: str):
    folder = Path(shutil.copytree(_SHIPPED, tmp_path / "модель"))
    (folder / name).unlink()
    with pytest.raises(MissingModelError, match=name):
        OpenvinoBackend(folder)


@pytest.mark.parametrize("name", ["openvino_model.bin", "openvino_model.xml", "openvino_tokenizer.xml", "config.json"])
def test_a_damaged_file_is_a_missing_model_and_no_traceback(tmp_path: Path, name: str):
    folder = Path(shutil.copytree(_SHIPPED, tmp_path / "модель"))
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 3])
    with pytest.raises(MissingModelError):
        OpenvinoBackend(folder)


def test_a_folder_with_blanks_and_cyrillic_letters_opens(tmp_path: Path):
    backend = OpenvinoBackend(Path(shutil.copytree(_SHIPPED, tmp_path / "моя модель")))
    assert backend.model == "моя модель"
    assert said(list(backend.generate(TALK, Sampling(), Event())))


def test_the_engines_failure_is_ours(opened: OpenvinoBackend, monkeypatch: pytest.MonkeyPatch):
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError("Check 'something' failed at src/core.cpp:1:\nout of memory")

    monkeypatch.setattr(opened, "_pipeline", Broken())
    with pytest.raises(BackendError, match="out of memory"):
        list(opened.generate(TALK, Sampling(), Event()))


def test_a_chat_template_is_used_and_does_without_a_system_role(tmp_path: Path):
    folder = Path(shutil.copytree(_SHIPPED, tmp_path / "chat"))
    template = (
        "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
        "<{{ m['role'] }}>{{ m['content'] }}{% endfor %}<assistant>"
    )
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": template}), encoding="utf-8")
    backend = OpenvinoBackend(folder)
    assert backend._templated(TALK) == f"<user>{TALK[0].content}\n{TALK[1].content}<assistant>"  # noqa: SLF001
    assert list(backend.generate(TALK, Sampling(max_tokens=4), Event()))[-1].usage


def test_nothing_is_reported_to_anybody():
    code = (
        "import sys, socket\n"
        "def refuse(*a, **k): raise SystemExit('a connection was tried')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "import llmops.backends.openvino\n"
        "print(sys.modules.get('openvino_telemetry'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"


def test_answers_that_are_broken_off_leave_no_memory_behind():
    code = (
        "from threading import Event\n"
        "from llmops.backends.openvino import OpenvinoBackend\n"
        "from llmops.schemas import Sampling\n"
        "from tests.backends.contract import TALK\n"
        f"backend = OpenvinoBackend(__import__('pathlib').Path({str(_SHIPPED)!r}))\n"
        "for seed in range(3): next(backend.generate(TALK, Sampling(seed=seed), Event()))\n"
        "list(backend.generate(TALK, Sampling(stop=('е', 'о')), Event()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stderr == ""
