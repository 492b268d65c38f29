"""`llmops chat companion` as a person calls it, over what ships."""

from __future__ import annotations

import json

import pytest

from llmops.schemas import Reply
from tests.cli.test_chat import llmops


def talk(*messages: str, **options: str) -> list[Reply]:
    done = llmops("chat", "companion", "--json", stdin="\n".join(messages) + "\n", **options)
    assert done.returncode == 0, done.stderr
    return [Reply.model_validate_json(line) for line in done.stdout.splitlines()]


def test_one_message_is_answered_in_russian_and_without_sources_below():
    done = llmops("chat", "companion", "привет")
    assert done.returncode == 0
    assert any("а" <= letter <= "я" for letter in done.stdout.lower())
    assert done.stderr == ""


def test_json_names_the_persona_and_the_bank():
    done = llmops("chat", "companion", "--json", "--persona", "Глеб", "мне грустно")
    reply = json.loads(done.stdout)
    assert (reply["persona"], reply["origin"], reply["backend"]) == ("gleb", "phrase_bank", "embedded")


def test_an_unknown_persona_is_a_wrong_call():
    done = llmops("chat", "companion", "--persona", "никто", "привет")
    assert done.returncode == 2
    assert "Персонажа «никто» нет" in done.stderr
    assert "gleb (Глеб)" in done.stderr


def test_memory_lasts_within_a_conversation_and_ends_with_it():
    replies = talk("Меня зовут Костя.", "как меня зовут?", "/new", "как меня зовут?")
    assert "Костя" in replies[1].answer
    assert "Костя" not in replies[2].answer


def test_what_one_asks_to_remember_is_known_in_another_process_and_forgotten_when_asked():
    talk("Запомни: мою собаку зовут Альма")
    assert "Альма" in talk("как зовут мою собаку?")[0].answer
    talk("забудь всё обо мне")
    assert "Альма" not in talk("как зовут мою собаку?")[0].answer


def test_a_conversation_goes_on_with_its_memory_and_persona():
    talk("/new", "Меня зовут Оля", LLMOPS_PERSONA="andrey")
    done = llmops("chat", "companion", "--continue", "--json", "как меня зовут?")
    reply = json.loads(done.stdout)
    assert reply["persona"] == "andrey"
    assert "Вас зовут Оля" in reply["answer"]


def test_private_memories_are_not_kept():
    llmops("chat", "companion", "--private", "запомни: мой код от домофона простой")
    assert "домофон" not in talk("что ты обо мне знаешь?")[0].answer


def test_track_forget_deletes_memories():
    talk("Запомни: я люблю грозу")
    assert llmops("track", "forget", "me").returncode == 0
    assert "гроз" not in talk("что ты обо мне знаешь?")[0].answer


def test_money_is_refused_with_the_code_that_scripts_ask_for():
    done = llmops("chat", "companion", "--fail-on-refusal", "куда вложить сто тысяч рублей")
    assert done.returncode == 1
    assert "финансов" in done.stdout


def test_the_echo_backend_is_filtered_and_the_bank_answers():
    reply = talk("мне сегодня очень грустно", LLMOPS_BACKEND="echo")[0]
    assert reply.backend == "echo"
    assert reply.answer


@pytest.mark.parametrize("value", ["слон", "openai"])
def test_an_unknown_backend_is_a_wrong_setting(value):
    done = llmops("chat", "companion", "--backend", value, "привет")
    assert done.returncode == 2
    assert "LLMOPS_BACKEND" in done.stderr
