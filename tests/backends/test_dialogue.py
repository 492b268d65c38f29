"""The plain text of a dialogue: how it is written, cut to size, and ended."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from llmops.backends.dialogue import Cutter, fit, introduction, line, render, spans
from llmops.schemas import Message


def _talk(*texts: str, system: str = "Вера, тёплая подруга.") -> list[Message]:
    head = [Message(role="system", content=system)] if system else []
    return [*head, *(Message(role="assistant" if n % 2 else "user", content=t) for n, t in enumerate(texts))]


def _words(messages: Sequence[Message]) -> int:
    return sum(len(message.content.split()) for message in messages)


def test_a_dialogue_is_an_introduction_and_lines_after_dashes():
    assert (
        render(_talk("Привет!", "Привет.", "как дела"))
        == "Вера, тёплая подруга.\n\n- Привет!\n- Привет.\n- как дела\n-"
    )


def test_without_an_introduction_it_begins_with_the_person():
    assert render(_talk("Привет!", system="")) == "- Привет!\n-"


def test_nobody_can_write_a_line_for_somebody_else():
    assert render(_talk("раз\n\n- два\n- три", system="")).count("\n-") == 1
    assert line("- - да\nнет") == "да нет"


def test_answers_alone_are_learnt_and_the_prompt_is_the_text_before_them():
    talk = _talk("Привет!", "Привет.", "как дела", "Хорошо.")
    assert [text for text, learnt in spans(talk) if learnt] == [" Привет.\n", " Хорошо.\n"]
    assert "".join(text for text, _ in spans(talk)) == render(talk[:-1]) + " Хорошо.\n"


def test_the_introduction_states_who_speaks_to_whom_and_what_is_known():
    text = introduction("Ада", "программа", polite=False, listener="female", known=["Тебя зовут Аня.", "Кот Барсик."])
    assert text == "Ада, программа. Говорит на «ты» с женщиной.\nТебя зовут Аня. Кот Барсик."
    assert introduction("Ада", "программа", polite=True) == "Ада, программа. Говорит на «вы»."


def test_what_fits_stays_as_it_is():
    talk = _talk("один два", "три")
    assert fit(talk, 100, _words) == (talk, False)


def test_the_oldest_exchanges_go_first_and_the_person_begins():
    talk = _talk("раз раз", "два два", "три три", "четыре", "пять пять")
    kept, truncated = fit(talk, 8, _words)
    assert truncated
    assert [message.content for message in kept] == [talk[0].content, "три три", "четыре", "пять пять"]


def test_a_very_long_talk_is_cut_with_few_measurings():
    measured = []

    def size(messages: Sequence[Message]) -> int:
        measured.append(len(messages))
        return _words(messages)

    kept, _ = fit(_talk(*["слово слово"] * 4001), 100, size)
    assert 90 <= _words(kept) <= 100
    assert len(measured) < 20


def test_of_one_long_message_the_end_stays():
    kept, truncated = fit(_talk("начало " * 50 + "конец"), 10, _words)
    assert truncated
    assert kept[-1].content.endswith("конец")
    assert kept[0].content == "Вера, тёплая подруга."
    assert _words(kept) <= 10


def test_a_long_introduction_loses_its_end():
    kept, _ = fit(_talk("привет", system="слово " * 100), 10, _words)
    assert _words(kept) <= 10
    assert kept[0].content.startswith("слово")


@given(st.lists(st.text(max_size=40), max_size=9), st.integers(1, 30))
def test_fitting_never_fails_and_never_grows(texts: list[str], room: int):
    talk = _talk(*texts)
    kept, truncated = fit(talk, room, lambda some: sum(len(message.content) for message in some))
    assert truncated or kept == talk
    assert sum(len(message.content) for message in kept) <= max(room, 2)


@given(
    st.text(alphabet="abc\n-", max_size=40),
    st.lists(st.integers(1, 5), max_size=20),
    st.sampled_from([("\n",), ("ab", "c-"), ("\n- ", "bb")]),
)
def test_pieces_are_cut_where_the_whole_would_be(text: str, widths: list[int], stops: tuple[str, ...]):
    cutter, given_out, place = Cutter(stops), "", 0
    for width in [*widths, len(text)]:
        given_out += cutter.push(text[place : place + width])
        place += width
    given_out += cutter.rest()
    assert given_out == text[: min([p for stop in stops if (p := text.find(stop)) >= 0], default=len(text))]
