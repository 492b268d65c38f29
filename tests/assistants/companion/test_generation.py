from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from llmops.assistants.companion.filters import complaint, tidy
from llmops.assistants.companion.generation import Generation
from llmops.errors import BackendError
from llmops.protocols import StopSignal
from llmops.schemas import Message, Sampling, Token
from tests.assistants.companion.bank import dialogue, say, small_companion, small_retriever


class Scripted:
    """A backend that says what it is told to, a candidate at a time."""

    name, model = "scripted", "script"

    def __init__(self, *texts: str, fails: bool = False) -> None:
        self._texts, self._fails = texts, fails
        self.prompts: list[tuple[Message, ...]] = []

    def generate(self, messages: Sequence[Message], sampling: Sampling, stop: StopSignal) -> Iterator[Token]:
        del stop
        self.prompts.append(tuple(messages))
        if self._fails:
            raise BackendError("Движок упал.")
        text = self._texts[(sampling.seed - 1) % len(self._texts)]
        yield from (Token(text=piece) for piece in (text[:5], text[5:]))


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    return small_retriever(tmp_path_factory.mktemp("bank"))


def talk_with(retriever, backend: Scripted, persona: str = "vera"):
    return dialogue(small_companion(retriever, generation=Generation(backend, retriever)), persona)


def test_the_prompt_holds_the_persona_the_memory_and_examples(retriever):
    backend = Scripted("Каша подгорела, зато опыт не пропал.")
    talk = talk_with(retriever, backend)
    say(talk, "Меня зовут Костя.", "у меня подгорела каша")
    prompt = backend.prompts[-1]
    assert prompt[0].role == "system"
    assert "Вера" in prompt[0].content
    assert "Тебя зовут Костя." in prompt[0].content
    assert prompt[-1] == Message(role="user", content="у меня подгорела каша")
    examples = [message for message in prompt if message.role == "assistant" and "сковорода" in message.content]
    assert 6 <= sum(message.role == "user" for message in prompt) - 2 <= 10
    assert examples
    assert not any("{" in message.content for message in prompt)


def test_the_candidate_nearest_to_the_matter_is_said(retriever):
    backend = Scripted("Погода сегодня обычная.", "Подгорела каша - не беда, каша простит.", "Вот так дела.")
    reply = say(talk_with(retriever, backend), "у меня подгорела каша")
    assert reply.answer == "Подгорела каша - не беда, каша простит."
    assert (reply.origin, reply.backend, reply.model) == ("model", "scripted", "script")


def test_the_bank_answers_when_no_candidate_passes(retriever):
    backend = Scripted("Пользователь: и что дальше", "я я я я я я я я я я.", "hello my friend how are you.")
    reply = say(talk_with(retriever, backend), "у меня подгорела каша")
    assert reply.origin == "phrase_bank"
    assert reply.answer.startswith("Твоя сковорода")


def test_a_backend_that_fails_leaves_the_bank_and_says_so(retriever):
    reply = say(talk_with(retriever, Scripted(fails=True)), "у меня подгорела каша")
    assert reply.degraded
    assert reply.answer.startswith("Твоя сковорода")


@pytest.mark.parametrize("message", ["Я не хочу больше жить", "куда вложить деньги", "как меня зовут?"])
def test_crisis_refusals_and_memory_are_not_left_to_a_generator(retriever, message):
    backend = Scripted("Что угодно, лишь бы сказать.")
    say(talk_with(retriever, backend), message)
    assert backend.prompts == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Да, каша - дело тонкое.", ""),
        ("Пользователь: дай денег.", "role"),
        ("Вот ответ </s> и ещё.", "role"),
        ("I am fine, thank you very much.", "script"),
        ("Я хотела сказать, что", "unfinished"),
        ("да да да да да да да да да.", "repetition"),
        ("Я тоже человек, понимаю.", "human"),
        ("Кашу любят не все.", ""),
        ("Я вчера ела кашу.", "human"),
        ("Ну ты и мудак.", "obscenity"),
        ("А.", "length"),
    ],
)
def test_what_a_generator_may_not_say(text, reason):
    assert complaint(text, []) == reason


def test_a_reply_said_before_is_a_repetition():
    assert complaint("Вот так дела.", ["Вот так дела."]) == "repetition"


def test_only_the_first_line_and_whole_sentences_stay():
    assert tidy("- Привет. Как дела? И вот что\n- ещё строка") == "Привет. Как дела?"
