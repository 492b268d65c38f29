"""The backend without a model."""

from __future__ import annotations

from threading import Event

import pytest

from llmops.backends.echo import EchoBackend
from llmops.schemas import Message, Sampling
from tests.backends.contract import BackendContract, said


class TestEcho(BackendContract):
    @pytest.fixture
    def backend(self) -> EchoBackend:
        return EchoBackend()


def test_it_repeats_the_last_words_of_the_person():
    messages = [
        Message(role="user", content="первое"),
        Message(role="assistant", content="ответ"),
        Message(role="user", content="- второе,\n  и третье"),
    ]
    assert said(list(EchoBackend().generate(messages, Sampling(), Event()))) == "второе, и третье"
