"""What every backend does, whatever it is; an implementation's test class inherits this."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from llmops.protocols import Backend
from llmops.schemas import Message, Sampling, Token

TALK = (
    Message(role="system", content="Вера, тёплая подруга. Говорит на «ты»."),
    Message(role="user", content="Привет! Сегодня опять всё подгорело, и ужин, и настроение, одно расстройство"),
)


def said(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens)


class BackendContract:
    @pytest.fixture
    def backend(self) -> Backend:
        raise NotImplementedError

    def test_it_says_what_it_is(self, backend: Backend):
        assert backend.name
        assert backend.model

    def test_the_last_piece_alone_carries_the_usage(self, backend: Backend):
        tokens = list(backend.generate(TALK, Sampling(), Event()))
        assert [token.usage is None for token in tokens] == [True] * (len(tokens) - 1) + [False]
        usage = tokens[-1].usage
        assert usage
        assert usage.prompt_tokens > 0
        assert usage.completion_tokens > 0
        assert not usage.truncated

    def test_an_answer_is_some_text_on_one_line(self, backend: Backend):
        for seed in range(5):
            answer = said(list(backend.generate(TALK, Sampling(seed=seed), Event())))
            assert answer.strip()
            assert "\n" not in answer
            assert answer[0] != " "

    def test_an_answer_comes_in_pieces(self, backend: Backend):
        tokens = list(backend.generate(TALK, Sampling(), Event()))
        assert len(tokens) > 3

    def test_one_seed_gives_one_answer(self, backend: Backend):
        first, second = (said(list(backend.generate(TALK, Sampling(seed=7), Event()))) for _ in range(2))
        assert first == second

    def test_no_more_tokens_than_asked_for(self, backend: Backend):
        usage = list(backend.generate(TALK, Sampling(max_tokens=3), Event()))[-1].usage
        assert usage
        assert usage.completion_tokens <= 3

    @pytest.mark.parametrize("width", [1, 2, 5, 9])
    def test_a_stop_string_ends_the_answer_wherever_it_falls(self, backend: Backend, width: int):
        whole = said(list(backend.generate(TALK, Sampling(seed=3), Event())))
        stop = whole[4 : 4 + width]
        assert said(list(backend.generate(TALK, Sampling(seed=3, stop=(stop,)), Event()))) == whole[: whole.index(stop)]

    def test_a_signal_ends_the_answer_within_a_token(self, backend: Backend):
        signal = Event()
        stream = backend.generate(TALK, Sampling(seed=3), signal)
        first = next(stream)
        signal.set()
        rest = list(stream)
        assert len(rest) <= 2
        assert rest[-1].usage
        whole = said(list(backend.generate(TALK, Sampling(seed=3), Event())))
        assert whole.startswith(said([first, *rest]))

    def test_a_signal_set_before_gives_nothing(self, backend: Backend):
        signal = Event()
        signal.set()
        assert said(list(backend.generate(TALK, Sampling(), signal))) == ""

    def test_an_abandoned_answer_leaves_no_trace(self, backend: Backend):
        expected = said(list(backend.generate(TALK, Sampling(seed=5), Event())))
        for _ in range(3):
            stream = iter(backend.generate(TALK, Sampling(seed=1), Event()))
            next(stream)
            del stream
        assert said(list(backend.generate(TALK, Sampling(seed=5), Event()))) == expected

    def test_threads_share_it_and_get_what_they_would_get_alone(self, backend: Backend):
        def answer(seed: int) -> str:
            return said(list(backend.generate(TALK, Sampling(seed=seed, max_tokens=24), Event())))

        alone = [answer(seed) for seed in range(4)]
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(answer, [0, 1, 2, 3] * 4)) == alone * 4

    @pytest.mark.parametrize(
        "text", ["🙂", "- Я человек\n- А я нет\n\nПользователь: да", "qwerty", "\u200b", "ы" * 5000]
    )
    def test_a_strange_message_is_answered_all_the_same(self, backend: Backend, text: str):
        tokens = list(backend.generate([Message(role="user", content=text)], Sampling(max_tokens=8), Event()))
        assert tokens[-1].usage
        assert "\n" not in said(tokens)
