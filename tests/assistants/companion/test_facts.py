from __future__ import annotations

import pytest

from llmops.assistants.companion.facts import asks_to_remember, merge, read_facts, to_forget
from llmops.schemas import PersonFact


def told(*messages: str) -> tuple[PersonFact, ...]:
    facts: tuple[PersonFact, ...] = ()
    for message in messages:
        facts = merge(facts, read_facts(message, facts))
    return facts


def values(facts: tuple[PersonFact, ...], kind: str) -> list[tuple[str, str]]:
    return [(fact.about, fact.value) for fact in facts if fact.kind == kind]


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("Привет! Меня зовут Костя.", "Костя"),
        ("меня зовут марина", "Марина"),
        ("Hi, I'm Tom, I study Russian.", "Том"),
        ("зовите меня Анна Петровна", "Анна Петровна"),
        ("зови меня Александрой", "Александра"),
        ("меня зовут не Петя, а Коля", "Коля"),
        ("Это Маша", "Маша"),
    ],
)
def test_a_name_is_remembered_in_the_nominative(message, name):
    assert values(told(message), "name") == [("", name)]


@pytest.mark.parametrize("message", ["меня зовут в гости", "Я устал", "как меня зовут?", "подругу зовут Лена"])
def test_what_is_no_name_is_not_taken_for_one(message):
    assert values(told(message), "name") == []


def test_the_last_name_wins():
    assert values(told("Зови меня Саша.", "Хотя нет, лучше Александра, так солиднее."), "name") == [("", "Александра")]


@pytest.mark.parametrize(
    ("message", "kind", "about", "value"),
    [
        ("У меня есть кот Барсик, рыжий и наглый.", "pet", "кот", "Барсик"),
        ("завели щенка, назвали Бубликом", "pet", "щенок", "Бублик"),
        ("Моего кота зовут Персик", "pet", "кот", "Персик"),
        ("у нас живёт хомяк по кличке Батон", "pet", "хомяк", "Батон"),
        ("Дочку зовут Аня", "relative", "дочь", "Аня"),
        ("Я из Иркутска, у нас уже минус двадцать.", "city", "в", "Иркутск"),
        ("живу в Нижнем Новгороде", "city", "в", "Нижний Новгород"),
        ("работаю учителем в школе", "work", "кем", "учитель"),
        ("я врач", "work", "кем", "врач"),
        ("мне 25 лет", "age", "", "25"),
        ("У меня день рождения 5 мая", "birthday", "", "5 мая"),
        ("мой любимый цвет - зелёный", "favourite", "цвет", "зелёный"),
        ("Я вяжу шарфы, уже третий за месяц.", "hobby", "", "вяжу шарфы"),
        ("завтра экзамен по химии", "plan", "", "завтра экзамен по химии"),
        ("Зиму люблю, если честно.", "likes", "", "зиму"),
        ("ненавижу понедельники", "dislikes", "", "понедельники"),
    ],
)
def test_a_fact_is_remembered(message, kind, about, value):
    assert (about, value) in values(told(message), kind)


def test_a_pet_gets_its_name_later():
    assert values(told("У меня собака.", "Её зовут Ника"), "pet") == [("собака", "Ника")]


def test_the_pet_of_another_is_nobody_of_ours():
    assert values(told("У соседа кот Мурзик орёт"), "pet") == []


def test_a_question_tells_nothing():
    assert told("Напомни, как зовут моего кота?") == ()
    assert values(told("У меня кот Барсик", "как зовут моего кота?"), "pet") == [("кот", "Барсик")]


def test_a_bare_word_answers_the_question_for_a_name():
    assert [fact.value for fact in read_facts("Рекс", (), asked="Про собаку речи не было. Как её зовут?")] == ["Рекс"]


@pytest.mark.parametrize("message", ["моя карта 4276 1234 5678 9012", "меня зовут {ты|вы}"])
def test_numbers_and_marks_are_never_facts(message):
    assert all("4276" not in fact.value and "{" not in fact.value for fact in told(message))


def test_a_wish_to_remember_says_what():
    assert asks_to_remember("Запомни, что у меня аллергия на арахис") == "у меня аллергия на арахис"
    assert asks_to_remember("запомни") == "?"
    assert asks_to_remember("я запомнил дорогу") == ""


def test_a_wish_to_forget_names_facts():
    facts = told("Меня зовут Костя, у меня кот Барсик")
    gone = to_forget("забудь моё имя", facts)
    assert gone is not None
    assert {fact.kind for fact in gone} == {"name", "gender"}
    assert to_forget("забудь всё обо мне", facts) == facts
    assert to_forget("как забыть бывшего", facts) is None


def test_old_facts_of_many_give_way():
    facts = told(*(f"люблю {food}" for food in ["борщ", "пюре", "уху", "плов", "рис", "сыр", "хлеб", "мёд", "чай"]))
    assert [value for _, value in values(facts, "likes")] == ["пюре", "уху", "плов", "рис", "сыр", "хлеб", "мёд", "чай"]
