"""Russian words to stems: the Snowball stemmer and a short stop list of our own.

Words that change the sense of a money question («не», «без», «до», «после», «или») are not stop words.
Knows no concepts and no entries.
"""

from __future__ import annotations

import threading
from functools import lru_cache

import Stemmer

from llmops.language.text import words

_STOP = """
а и в во на с со к ко у о об же бы б ли ль то это этот эта эти я мы ты вы он она оно они мне нам вам меня нас
вас мой моя мое мои твой наш ваш свой свою свои его ее их ему ей им что чтобы чтоб как так вот ну да э эм ээ
там тут уже еще ведь типа короче блин скажи скажите подскажи подскажите пожалуйста пж плиз алло привет
здравствуйте добрый день вообще просто прям значит собственно слушай слушайте хочу хотел хотела узнать
интересует есть быть был была было были
"""
STOP_WORDS = frozenset(_STOP.split())

_local = threading.local()


def _stemmer() -> Stemmer.Stemmer:
    """PyStemmer's objects are not safe across threads: one a thread."""
    stemmer: Stemmer.Stemmer | None = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("russian")
    return stemmer


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the Snowball stem of a folded word."""
    return str(_stemmer().stemWord(word))


def stems(text: str) -> list[str]:
    """Return the stems of all words in order, stop words included."""
    return [stem(word) for word in words(text)]


def content_stems(text: str) -> list[str]:
    """Return the stems in order without stop words; all stems when nothing else is left."""
    every = words(text)
    return [stem(word) for word in every if word not in STOP_WORDS] or [stem(word) for word in every]
