"""Made-up people for training talks: names, towns, pets, what they like, and how one asks whether it is remembered.

The facts stand in the introduction as the companion would say them, so that an answer can repeat them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from llmops.language.wording import Gender, Voice

_MEN = (
    "Саша,Дима,Женя,Костя,Лёша,Миша,Никита,Олег,Паша,Рома,Серёжа,Стас,Юра,Андрей,Антон,Артём,Борис,Вадим,Виктор,Денис"
    ",Виталий,Владимир,Глеб,Егор,Иван,Игорь,Илья,Кирилл,Максим,Марк,Пётр,Руслан,Степан,Тимур,Фёдор,Николай,Алексей"
)
_WOMEN = (
    "Саша,Женя,Аня,Вика,Галя,Даша,Ира,Катя,Ксюша,Лена,Люба,Маша,Надя,Настя,Наташа,Оля,Поля,Рита,Света,Соня,Таня,Юля"
    ",Александра,Алина,Алла,Валентина,Варвара,Дарья,Ева,Зоя,Инна,Кира,Лариса,Марина,Нина,Полина,Раиса,Тамара,Яна"
)
_TOWNS = (
    "Москве,Петербурге,Иркутске,Казани,Самаре,Омске,Томске,Туле,Твери,Перми,Уфе,Рязани,Калуге,Пскове,Вологде,Саратове"
    ",Воронеже,Краснодаре,Барнауле,Тюмени,Челябинске,Новосибирске,Екатеринбурге,Хабаровске,Мурманске,Архангельске,Сочи"
)
_PETS = (
    ("кот", "кота", "Барсик,Рыжик,Кузя,Марсик,Персик,Тимоша,Васька,Снежок,Батон,Семён"),
    ("кошка", "кошку", "Мурка,Муся,Дымка,Соня,Буся,Плюша,Маркиза,Клёпа,Багира,Нюша"),
    ("пёс", "пса", "Шарик,Бублик,Рекс,Тузик,Арчи,Граф,Джек,Лорд,Пират,Бим"),
    ("собака", "собаку", "Жучка,Найда,Белка,Герда,Лайма,Дина,Чара,Пальма,Альма,Тося"),
    ("попугай", "попугая", "Кеша,Гоша,Рома,Чика,Лимон,Яша,Петруша,Ара,Жорик,Гриша"),
)
_HOBBIES = (
    ("вязать", "вяжу"), ("рисовать", "рисую"), ("готовить", "готовлю"), ("читать", "читаю"), ("бегать", "бегаю"),
    ("танцевать", "танцую"), ("печь хлеб", "пеку хлеб"), ("играть на гитаре", "играю на гитаре"), ("шить", "шью"),
    ("ходить в походы", "хожу в походы"), ("собирать грибы", "собираю грибы"), ("играть в шахматы", "играю в шахматы"),
    ("выращивать помидоры", "выращиваю помидоры"), ("смотреть сериалы", "смотрю сериалы"), ("рыбачить", "рыбачу"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """A fact in the four shapes that a talk needs; the texts have forks of `language.wording`.

    Args:
        told: How the companion states it.
        said: How the person tells it.
        asked: How the person asks whether it is remembered.
        unknown: What the companion says when it was never told.
    """

    told: str
    said: tuple[str, ...]
    asked: tuple[str, ...]
    unknown: str


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """A person in a training talk."""

    listener: Gender | None
    name: str
    facts: tuple[Known, ...]

    def voice(self, speaker: Gender, *, polite: bool) -> Voice:
        """Return how this person is spoken to."""
        return Voice(speaker=speaker, polite=polite, listener=self.listener, name=self.name)


def meet(chance: random.Random) -> Acquaintance:
    """Make up a person."""
    listener: Gender | None = chance.choice(("male", "female", None))
    name = _one(chance, _WOMEN if listener == "female" else _MEN) if listener and chance.random() < 0.6 else ""
    return Acquaintance(listener, name, tuple(fact for fact in _facts(chance) if chance.random() < 0.3))


def stranger_fact(chance: random.Random) -> Known:
    """Return a fact that nobody told yet."""
    return chance.choice((_name(chance), *_facts(chance)))


def name_fact(name: str) -> Known:
    """Return the fact of a person's name."""
    return Known(
        told=f"{{Тебя|Вас}} зовут {name}.",
        said=(f"меня зовут {name}", f"Меня зовут {name}.", f"я {name}", f"Можно просто {name}", f"зови меня {name}"),
        asked=("как меня зовут?", "Помнишь, как меня зовут?", "а имя моё помнишь?", "напомни моё имя", "кто я?"),
        unknown="Имени пока не знаю: о нём речи не было. Как {тебя|вас} зовут?",
    )


def _name(chance: random.Random) -> Known:
    return name_fact(_one(chance, f"{_MEN},{_WOMEN}"))


def _facts(chance: random.Random) -> tuple[Known, ...]:
    town = _one(chance, _TOWNS)
    pet, whom, names = chance.choice(_PETS)
    animal = _one(chance, names)
    does, do = chance.choice(_HOBBIES)
    pronoun = "её" if pet.endswith("а") else "его"
    return (
        Known(
            told=f"{{Ты живёшь|Вы живёте}} в {town}.",
            said=(f"я живу в {town}", f"Живу я в {town}.", f"мы в {town} живём"),
            asked=("где я живу?", "В каком городе я живу?", "помнишь, откуда я?"),
            unknown="Про город речи не было, поэтому не знаю. Откуда {ты|вы}?",
        ),
        Known(
            told=f"{pet.capitalize()} {animal}.",
            said=(
                f"у меня есть {pet} {animal}",
                f"Моего питомца зовут {animal}, это {pet}.",
                f"{pet} у меня, {animal}",
            ),
            asked=(f"как зовут {_genitive(whom, pet)}?", "Как зовут моего питомца?", f"помнишь, как {whom} зовут?"),
            unknown=f"Про {whom} речи ещё не было, не знаю. Как {pronoun} зовут?",
        ),
        Known(
            told=f"{{Ты любишь|Вы любите}} {does}.",
            said=(f"я люблю {does}", f"По вечерам {do}.", f"{do} в свободное время", f"моё хобби - {does}"),
            asked=("что я люблю делать?", "Какое у меня хобби?", "помнишь, чем я увлекаюсь?"),
            unknown="Про увлечения речи ещё не было, не знаю. {Расскажи|Расскажите}, что {любишь|любите} делать?",
        ),
    )


def _one(chance: random.Random, listed: str) -> str:
    return chance.choice(listed.split(","))


def _genitive(whom: str, pet: str) -> str:
    return f"мою {whom}" if pet.endswith("а") else f"моего {whom}"
