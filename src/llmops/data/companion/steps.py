"""The steps that clean one message: pure functions with a name, in the order in which they help one another.

Every step looks for its own dirt before it pays for the repair. Knows characters and patterns; drops nothing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from llmops.data.encoding import repaired
from llmops.language.morphology import is_name, parses
from llmops.language.text import clean as without_invisible

Step = tuple[str, Callable[[str], str]]

_DAMAGE = re.compile(r"[ÐÑÃâ]|[РС][^А-Яа-яЁё \-.,]")
_TAG = re.compile(r"<(?:!--.*?--|/?[a-z][a-z0-9]*(?:\s[^<>]*)?/?)>", re.IGNORECASE | re.DOTALL)
_BOARD_CODE = re.compile(r"\[/?(?:b|i|u|s|url|quote|img|code|color|size)(?:=[^\]]*)?\]", re.IGNORECASE)
_MENTION = re.compile(r"\[(?:id|club|public)\d+\|([^\]]*)\]")
_LINKED = re.compile(r"\[([^\]\[]+)\]\((?:https?://|www\.|tg://|mailto:)[^)\s]*\)")
_UNUSUAL = re.compile(r"[^ -~А-Яа-яЁё«»…]")
_STYLED = re.compile(r"[\uff01-\uff5e\U0001d400-\U0001d7ff\ufb00-\ufb06\u24b6-\u24e9]+")
_INVISIBLE = re.compile(r"[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0e\u180e\u115f\u1160\u3164\u034f\u061c]")
_TWINS = str.maketrans("ABCEHKMOPTXYaceopxy", "АВСЕНКМОРТХУасеорху")
_LATIN = re.compile(r"[A-Za-z]")
_TOUCHING = re.compile(r"[А-Яа-яЁё][A-Za-z]|[A-Za-z][А-Яа-яЁё]")
_MIXED = re.compile(r"[А-Яа-яЁё]*(?:[А-Яа-яЁё][A-Za-z]|[A-Za-z][А-Яа-яЁё])[А-Яа-яЁёA-Za-z]*")
LINK = re.compile(
    r"(?:https?|ftp|tg)://\S+|www\.\S+|\b(?:t\.me|vk\.com|youtu\.be)/\S+"
    r"|\b[\w-]+\.(?:ru|com|рф|org|net|su|info|io|me)(?:/\S*)?(?![\w.])",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HANDLE = re.compile(r"(?<![\w.])[@#][A-Za-zА-Яа-яЁё_]\w*")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\U0001fb00-\U0001fbff\u2190-\u21ff\u2300-\u23ff\u2460-\u24b5\u24ea-\u24ff\u25a0-\u27bf"
    "\u2900-\u297f\u2b00-\u2bff\u3030\u303d\ufe0f\u200d\U000e0020-\U000e007f]+"
)
_SMILE = re.compile(
    r"(?<!\S)(?:[:;=8xXхХ][-^']?[)(DdPpоO3*/|]+|[)(]{2,}|\^_*\^|<3+)(?!\S)|(?<=[\w.!?…,»])\s*[:;=][-^']?[)(]+"
)
_SMILE_SIGNS = re.compile(r"[)(^<:;=8xXх]")
_MARKUP = re.compile(r"\*\*|__|~~|\|\||`+|^#{1,6}\s+|^>\s+|^\*\s+|(?<!\S)\*(?=\S)|(?<=\S)\*(?!\S)")
_MARKUP_SIGNS = re.compile(r"[*_~`#>|]")
_LABEL = re.compile(
    r"(?:\[[\d.:,/ ]{4,24}\]\s*)?(?:(?:бот|пользователь|юзер|ассистент|собеседник|оператор|клиент|вопрос|ответ|user"
    r"|assistant|bot|human|ai|q|a)\s*:\s+(?=\S)|([А-ЯЁ][а-яё]+)\s?:\s+(?=\S))",
    re.IGNORECASE,
)
_FORKS = re.compile(r"[{}\[\]|<>]|\$(?=имя)")
_LETTERS = re.compile(r"[А-Яа-яЁё]*([А-Яа-яЁё])\1\1[А-Яа-яЁё]*", re.IGNORECASE)
_THRICE = re.compile(r"([А-Яа-яЁё])\1{2,}", re.IGNORECASE)
_SIGNS = re.compile(r"[!?][!?]+|[,;:]{2,}|[.…]{2,}")
_TWO_SIGNS = re.compile(r"[!?,;:.…]{2}")
_DASHES = re.compile(r"[–—−‒―]")
_QUOTE_SIGNS = re.compile('[“”„‟＂″"]')
_DASH = re.compile(r"\s*(?:[–—−‒―]+|-{2,})\s*|^-+\s+")
_TIGHT = re.compile(r"(?<=\d)[–—−‒―](?=\d)")
_QUOTES = str.maketrans("“”„‟＂″", '""""""')
_QUOTED = re.compile(r'"([^"«»]*[^"«»\s][^"«»]*)"')
_SPACED = re.compile(r"\s+([,.!?;:…)»])|([(«])\s+")
_BLANKS = re.compile(r"\s+")
_UNTIDY = re.compile(r"\s\s|[^\S ]| [,.!?;:…)»]|[(«] |\(\)|«»")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|«\s*»")


def _decoded(text: str) -> str:
    return repaired(text) if _DAMAGE.search(text) else text


def _no_html(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    return _TAG.sub(" ", text) if "<" in text else text


def _no_board_code(text: str) -> str:
    if "[" not in text:
        return text
    return _BOARD_CODE.sub(" ", _LINKED.sub(r"\1", _MENTION.sub(r"\1", text)))


def _visible(text: str) -> str:
    if not _UNUSUAL.search(text):
        return text
    text = _STYLED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), without_invisible(text))
    return _INVISIBLE.sub("", text)


def _one_alphabet(text: str) -> str:
    """Put Russian letters for the Latin ones inside Russian words that look the same."""
    if not _LATIN.search(text) or not _TOUCHING.search(text):
        return text
    return _MIXED.sub(lambda found: _russian(found[0]), text)


def _russian(word: str) -> str:
    told = word.translate(_TWINS)
    return word if re.search("[A-Za-z]", told) else told


def _no_links(text: str) -> str:
    return LINK.sub(" ", text) if "." in text or "/" in text else text


def _no_mail(text: str) -> str:
    return _MAIL.sub(" ", text) if "@" in text else text


def _no_handles(text: str) -> str:
    return _HANDLE.sub(" ", text) if "@" in text or "#" in text else text


def _no_emoji(text: str) -> str:
    if _UNUSUAL.search(text):
        text = _EMOJI.sub(" ", text)
    if not _SMILE_SIGNS.search(text):
        return text
    text = _SMILE.sub("", text)
    return _matched(text) if text.count("(") != text.count(")") else text


def _matched(text: str) -> str:
    """Leave out brackets without a pair: smiles."""
    kept: list[str] = []
    opened: list[int] = []
    for sign in text:
        if sign == "(":
            opened.append(len(kept))
        elif sign == ")":
            if not opened:
                continue
            opened.pop()
        kept.append(sign)
    for place in reversed(opened):
        del kept[place]
    return "".join(kept)


def _no_markup(text: str) -> str:
    return _MARKUP.sub("", text) if _MARKUP_SIGNS.search(text) else text


def _no_label(text: str) -> str:
    """Leave out who speaks: «Бот: …», «Маша: …»; «Совет: …» is no name."""
    if ":" not in text:
        return text
    found = _LABEL.match(text)
    return text if found is None or (found[1] and not is_name(found[1])) else text[found.end() :]


def _no_forks(text: str) -> str:
    """Leave out signs that a line of the bank would be read by."""
    return _FORKS.sub(" ", text) if _FORKS.search(text) else text


def _letters_once(text: str) -> str:
    return _LETTERS.sub(lambda found: _shortened(found[0]), text) if _THRICE.search(text) else text


@lru_cache(maxsize=4096)
def _shortened(word: str) -> str:
    """Return «приветттт» with one letter; «классссс» with two, since that is a word."""
    if len(word) == 3 and word.isupper():  # «ООО»
        return word
    once, twice = _THRICE.sub(r"\1", word), _THRICE.sub(r"\1\1", word)
    return twice if not _is_word(once) and _is_word(twice) else once


def _is_word(word: str) -> bool:
    return bool(parses(word)[0].is_known)


def _signs_once(text: str) -> str:
    return _SIGNS.sub(_sign, text) if _TWO_SIGNS.search(text) else text


def _sign(found: re.Match[str]) -> str:
    text = found[0]
    if text[0] in "!?":
        return "?!" if "!" in text and "?" in text else text[0]
    return "…" if text[0] in ".…" else text[0]


def _dashes(text: str) -> str:
    if _DASHES.search(text) or "--" in text or text.startswith("-"):
        text = _DASH.sub(" - ", _TIGHT.sub("-", text)).strip()
        text = text.removeprefix("- ").removesuffix(" -")
    return _QUOTED.sub(r"«\1»", text.translate(_QUOTES)) if _QUOTE_SIGNS.search(text) else text


def _spaces(text: str) -> str:
    if _UNTIDY.search(text):
        text = _BLANKS.sub(" ", _EMPTY_BRACKETS.sub(" ", text))
        text = _SPACED.sub(lambda found: found[1] or found[2], text)
    return text.strip(" ,;:-").strip()


STEPS: tuple[Step, ...] = (
    ("кодировка", _decoded),
    ("html", _no_html),
    ("коды форумов", _no_board_code),
    ("невидимые знаки", _visible),
    ("буквы двух алфавитов", _one_alphabet),
    ("почта", _no_mail),
    ("ссылки", _no_links),
    ("упоминания", _no_handles),
    ("эмодзи", _no_emoji),
    ("разметка", _no_markup),
    ("кто говорит", _no_label),
    ("знаки развилок", _no_forks),
    ("повторы букв", _letters_once),
    ("повторы знаков", _signs_once),
    ("тире и кавычки", _dashes),
    ("пробелы", _spaces),
)
