"""The project's own language model: what it reads, in what voice, and how much each token counts."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from llmops.assistants.companion.persona import Persona
from llmops.backends.dialogue import render, spans
from llmops.errors import DataError
from llmops.schemas import Message, Phrase
from llmops.training.language_model.acquaintance import meet
from llmops.training.language_model.bank import held_out, read_bank, read_phrases
from llmops.training.language_model.talk import Composer
from llmops.training.language_model.tokenizer import END_ID, learn
from llmops.training.language_model.windows import encode, pack

_SUBJECTS = ("дождь", "экзамен", "кот", "ужин", "отпуск", "поезд")


def _rows() -> list[Phrase]:
    rows = []
    for number, subject in enumerate(_SUBJECTS):
        common = {"situation": f"s-{number}", "area": "test", "title": subject}
        says = [f"{word} {subject}" for word in ("опять", "снова", "мой", "этот", "вот", "снится", "какой", "любимый")]
        replies = [f"{{Твой|Ваш}} {subject}, [рад|рада] слышать, номер {n}." for n in range(8)]
        lines = {
            "says": says,
            "pattern": [f"{{скоро|завтра|уже}} {subject} {{у меня|у нас}}"],
            "reply": [*replies, f"<Ты дождался|Ты дождалась|Вы дождались>, {subject}.", f"$имя, {subject}."],
            "ask": ["Что было дальше?", "Так уже бывало?"],
            "yes": ["Тогда хорошо."],
            "no": ["Не беда."],
            "more": ["Ясно."],
        }
        rows += [
            Phrase.model_validate({**common, "role": role, "text": text}) for role in lines for text in lines[role]
        ]
        rows.append(
            Phrase.model_validate({**common, "role": "reply", "persona": "ada", "text": f"Байты про {subject}."})
        )
        rows.append(Phrase.model_validate({**common, "role": "held_out", "text": f"тайное {subject}"}))
    crisis = {"situation": "crisis", "kind": "crisis"}
    rows.append(Phrase.model_validate({**crisis, "role": "says", "text": "страшное"}))
    rows.append(Phrase.model_validate({**crisis, "role": "reply", "text": "Позвоните 112."}))
    return rows


def _personas() -> tuple[Persona, ...]:
    common = {
        "title": "проба",
        "manner": "Коротко.",
        "greeting": ["Здравствуй, это я."],
        "introductions": ["Я программа."],
    }
    return (
        Persona.model_validate({"id": "ada", "name": "Ада", "gender": "female", "address": "ты", **common}),
        Persona.model_validate({"id": "gleb", "name": "Глеб", "gender": "male", "address": "вы", **common}),
    )


@pytest.fixture(scope="module")
def composer() -> Composer:
    return Composer(read_bank(_rows()), _personas())


def test_a_twentieth_is_held_out_and_the_same_whatever_else_there_is():
    rows = _rows()
    kept_out = [row.text for row in rows if held_out(row)]
    assert 0 < len(kept_out) < len(rows) / 8
    assert kept_out == [row.text for row in [*rows[:5], *_rows()[5:]] if held_out(row)]
    bank = read_bank(rows)
    learnt = {text for item in bank.situations for text in item.says} | {
        line.text for item in bank.situations for line in item.replies
    }
    assert not learnt & set(kept_out)
    assert len(bank.unseen_says) + len(bank.unseen_replies) == len(kept_out)


def test_crises_and_questions_of_examinations_are_never_learnt(composer: Composer):
    texts = "\n".join(render(composer.talk(number, 0)) for number in range(400))
    assert "112" not in texts
    assert "страшное" not in texts
    assert "тайное" not in texts
    assert all(f"номер {n}" in texts for n in range(3))


def test_talks_are_spoken_in_the_personas_voice(composer: Composer):
    for number in range(400):
        text = render(composer.talk(number, 0))
        answers = "".join(piece for piece, learnt in spans(composer.talk(number, 0)) if learnt)
        assert not set("{}[]<>|$") & set(text), text
        if text.startswith("Глеб"):
            assert "рада" not in answers
            assert "Твой" not in answers
            assert "Байты" not in answers


def test_a_talk_depends_on_its_number_and_the_seed_alone(composer: Composer):
    again = Composer(read_bank(_rows()), _personas())
    assert [composer.talk(n, 3) for n in range(50)] == [again.talk(n, 3) for n in range(50)]
    assert composer.talk(1, 3) != composer.talk(1, 4)


def test_the_person_and_the_companion_take_turns(composer: Composer):
    for number in range(200):
        roles = [message.role for message in composer.talk(number, 1) if message.role != "system"]
        assert roles == ["user", "assistant"] * (len(roles) // 2)


def test_a_person_who_has_a_name_has_a_gender():
    people = [meet(random.Random(n)) for n in range(200)]
    assert all(person.listener for person in people if person.name)
    assert any(not person.listener for person in people)


def test_every_text_has_an_encoding_and_comes_back(composer: Composer):
    tokenizer = learn((render(composer.talk(n, 0)) for n in range(300)), 600)
    for text in ("Привет, мир!", "🙂 smile", "№ ½ «ёж»", "\u200b\t"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text
    assert tokenizer.id_to_token(END_ID) == "<|endoftext|>"


def test_answers_weigh_and_the_rest_hardly(composer: Composer):
    tokenizer = learn((render(composer.talk(n, 0)) for n in range(300)), 600)
    talk = [
        Message(role="system", content="Ада, проба."),
        Message(role="user", content="опять дождь"),
        Message(role="assistant", content="Ясно, дождь."),
    ]
    window = encode(tokenizer, talk, person_weight=0.25)
    shares = {
        weight: tokenizer.decode([int(i) for i, w in zip(window.ids, window.weights, strict=True) if w == weight])
        for weight in (0.0, 0.25, 1.0)
    }
    assert shares == {0.0: "Ада, проба.\n\n-", 0.25: "- опять дождь\n", 1.0: " Ясно, дождь.\n"}


def test_windows_are_full_and_the_same_every_time(composer: Composer):
    tokenizer = learn((render(composer.talk(n, 0)) for n in range(300)), 600)
    first, second = (pack(lambda n: encode(tokenizer, composer.talk(n, 0)), 5, 600, END_ID) for _ in range(2))
    assert len(first.ids) == len(first.weights) == 600
    assert (first.ids == second.ids).all()
    assert END_ID in first.ids


def test_a_file_that_is_no_phrases_is_told(tmp_path: Path):
    path = tmp_path / "phrases.csv"
    with pytest.raises(DataError, match="не читаются"):
        read_phrases(path)
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="не фразы"):
        read_phrases(path)
    with pytest.raises(DataError, match="ни одной ситуации"):
        read_bank([])
