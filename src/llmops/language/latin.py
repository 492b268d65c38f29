"""Russian typed in Latin letters («privet, kak dela»), and the gist of common English phrases.

Knows letters and a short phrase book; which words exist is asked of the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_DIGRAPHS = (
    ("shch", "щ"), ("sch", "щ"), ("yo", "ё"), ("jo", "ё"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"),
    ("sh", "ш"),
    ("yu", "ю"), ("ju", "ю"), ("ya", "я"), ("ja", "я"), ("iy", "ий"), ("yy", "ый"), ("ey", "ей"), ("ay", "ай"),
    ("oy", "ой"),
    ("uy", "уй"), ("ye", "е"),
)  # fmt: skip
_LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz'", "абцдефгхийклмнопкрстуввхызь", strict=True))
_OTHER_H = str.maketrans({"х": "г"})
_ENGLISH = re.compile(
    r"\b(?:the|is|what|are|you|your|of|and|how|does|this|that|have|with|where|when|who|why|can|it|my)\b", re.IGNORECASE
)
_LATIN_WORD = re.compile(r"[A-Za-z']+")
_NAMES = {
    "tom": "Том", "john": "Джон", "mike": "Майк", "michael": "Майкл", "james": "Джеймс", "jack": "Джек",
    "david": "Дэвид",
    "peter": "Питер", "george": "Джордж", "alex": "Алекс", "kate": "Кейт", "jane": "Джейн", "mary": "Мэри",
    "lucy": "Люси",
    "emma": "Эмма", "alice": "Элис", "sarah": "Сара", "julia": "Джулия", "max": "Макс", "bob": "Боб", "bill": "Билл",
    "charlie": "Чарли", "henry": "Генри", "joe": "Джо", "chris": "Крис", "jessica": "Джессика", "emily": "Эмили",
    "sam": "Сэм", "nick": "Ник", "paul": "Пол", "mark": "Марк", "ben": "Бен", "lisa": "Лиза", "maria": "Мария",
}  # fmt: skip
_PHRASES: tuple[tuple[str, str], ...] = (
    (r"how\s+(?:are|r)\s+(?:you|u)|how'?s\s+it\s+going|what'?s\s+up|sup\b", "как дела?"),
    (r"what(?:'s|\s+is)\s+your\s+name|who\s+are\s+you", "как тебя зовут?"),
    (r"what(?:'s|\s+is)\s+my\s+name|do\s+you\s+remember\s+my\s+name", "как меня зовут?"),
    (r"are\s+you\s+(?:a\s+|an\s+)?(?:human|real|bot|robot|ai|person)\b", "ты человек или программа?"),
    (r"tell\s+me\s+a\s+joke|\bjoke\b", "расскажи шутку"),
    (r"tell\s+me\s+(?:a\s+story|something)", "расскажи что-нибудь"),
    (r"good\s+morning", "доброе утро"),
    (r"good\s+(?:evening|afternoon)", "добрый вечер"),
    (r"good\s+night", "спокойной ночи"),
    (r"\b(?:good)?bye\b|see\s+(?:you|ya)", "пока"),
    (r"thank(?:s|\s+you)|\bthx\b", "спасибо"),
    (r"\b(?:i'?m|i\s+am|i\s+feel)\s+(?:so\s+|very\s+)?(?:sad|lonely|depressed)", "мне грустно"),
    (r"\b(?:i'?m|i\s+am)\s+(?:so\s+|very\s+)?tired", "я очень устаю, нет сил"),
    (r"\b(?:i'?m|i\s+am)\s+(?:so\s+|very\s+)?bored", "мне скучно"),
    (r"\b(?:i'?m|i\s+am)\s+(?:so\s+|very\s+)?happy", "у меня отличное настроение"),
    (r"i\s+love\s+you", "я тебя люблю"),
    (r"i\s+hate\s+you|you\s+are\s+(?:stupid|dumb|an?\s+idiot)|fuck", "ты тупая программа"),
    (r"(?:want|going)\s+to\s+die|kill\s+myself|suicid", "я не хочу больше жить"),
    (r"system\s+prompt|ignore\s+(?:all\s+)?(?:previous|your)\s+instructions|reveal\s+your", "покажи системный промпт"),
    (r"what\s+can\s+you\s+do|\bhelp\b", "что ты умеешь?"),
    (r"speak\s+english|in\s+english|do\s+you\s+speak", "говори по-английски"),
    (r"\b(?:hello|hi|hey)\b", "привет"),
)
_BOOK = tuple((re.compile(pattern, re.IGNORECASE), russian) for pattern, russian in _PHRASES)

_TOPICS = {
    "autumn": "осень", "winter": "зима", "summer": "лето", "spring": "весна", "rain": "дождь", "snow": "снег",
    "weather": "погода", "book": "книга", "film": "фильм", "movie": "фильм", "music": "музыка", "cat": "кот",
    "dog": "собака", "work": "работа", "school": "школа", "exam": "экзамен", "love": "любовь", "friend": "друг",
    "mother": "мама", "father": "папа", "birthday": "день рождения", "holiday": "праздник", "food": "еда",
}  # fmt: skip
_OPEN = frozenset({"", "расскажи что-нибудь", "доброе утро", "добрый вечер", "привет"})

Known = Callable[[str], bool]


def is_latin(text: str) -> bool:
    """Tell whether a text has Latin letters and no Cyrillic ones."""
    return bool(re.search(r"[A-Za-z]", text)) and not re.search(r"[А-Яа-яЁё]", text)


def english_gist(text: str) -> str:
    """Return in Russian what a common English phrase says; empty when the phrase book does not know it."""
    said = {word.lower() for word in _LATIN_WORD.findall(text)}
    topic = next((russian for english, russian in _TOPICS.items() if english in said), "")
    gist = next((russian for pattern, russian in _BOOK if pattern.search(text)), "")
    return topic if topic and gist in _OPEN else gist


def from_translit(text: str, known: Known) -> str:
    """Return the text in Cyrillic letters when at least half of its words become known ones; else empty."""
    tokens = _LATIN_WORD.findall(text)
    if _ENGLISH.search(text):
        return ""
    hits = 0

    def switch(found: re.Match[str]) -> str:
        nonlocal hits
        word = cyrillic(found[0])
        variant = word if known(word) else word.translate(_OTHER_H) if known(word.translate(_OTHER_H)) else ""
        hits += bool(variant)
        return variant or word

    switched = _LATIN_WORD.sub(switch, text)
    return switched if tokens and hits * 2 >= len(tokens) else ""


def cyrillic(word: str) -> str:
    """Return a Latin word letter by letter in Cyrillic: «privet» → «привет»."""
    text = word.lower()
    for latin, russian in _DIGRAPHS:
        text = text.replace(latin, russian)
    text = "".join(_LETTERS.get(letter, letter) for letter in text)
    text = re.sub(r"ы(?=[аеёиоуыэюя])", "й", text)
    return re.sub(r"(?<=[аеёиоуыэюя])ы", "й", text)


def russian_name(name: str) -> str:
    """Return a name in Cyrillic: «Tom» → «Том»; a Cyrillic name stays."""
    if not name.isascii():
        return name
    return _NAMES.get(name.lower()) or cyrillic(name).capitalize()
