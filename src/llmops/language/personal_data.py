"""Personal data and secrets in Russian free text: finding them and putting a label in their place.

Every detector is a pattern and a check, in a table in the order of trust: here for what has letters, next door for
groups of digits. It knows no names, no postal addresses and no numbers spelled out in words; it cannot tell whose
number it is, and a number whose checksum fails is no card, ИНН or СНИЛС for it, whatever the words say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple, get_args

from llmops.language.checksums import iban
from llmops.language.dictated_numbers import dictated_numbers
from llmops.language.digit_groups import Window
from llmops.language.personal_numbers import Kind, number_windows

__all__ = ["ALL", "LABEL", "LABELS", "SECRETS", "Found", "Kind", "find_personal", "mask"]

ALL: Final[frozenset[Kind]] = frozenset(get_args(Kind))
SECRETS: Final[frozenset[Kind]] = frozenset({"token", "key", "password"})
LABELS: Final[dict[Kind, str]] = {
    "email": "[почта]", "phone": "[телефон]", "card": "[карта]", "inn": "[ИНН]", "snils": "[СНИЛС]", "oms": "[полис]",
    "passport": "[паспорт]", "account": "[счёт]", "token": "[токен]", "key": "[ключ]", "password": "[пароль]",
    "code": "[код]",
}  # fmt: skip


class Found(NamedTuple):
    """One finding: `text[start:end]` is to be hidden."""

    kind: Kind
    start: int
    end: int


class _View(NamedTuple):
    """The same text thrice, sign for sign: as typed but for odd spaces and dashes; folded; dates blotted out too."""

    raw: str
    low: str
    num: str
    latin: bool


Span = tuple[int, int]
Check = Callable[[re.Match[str], _View], Span | None]


class _Rule(NamedTuple):
    """A detector: runs when a hint is in the folded text; the check returns what to hide."""

    kind: Kind
    hints: list[str]
    russian_hints: list[str]
    pattern: re.Pattern[str]
    check: Check
    folded: bool


# --- The text made ready

# What a masked finding, a date or a time becomes before the search: neither a digit, nor a letter, nor a space.
_FILL = "\x1a"
_MOST_ROUNDS = 5  # two do; a chat must not hang on a rule that finds its own label
_ANYTHING = re.compile("[0-9A-Za-z@０-９＠]")
_ODD = re.compile("[\u00a0\u00ad\u1680\u2000-\u200f\u2010-\u2015\u202f\u205f\u2060\u2212\u3000\ufeff０-９＠＋]")
_LATIN = re.compile("[a-z]")
_LATIN_IN_RUSSIAN = re.compile("(?<![a-z])[a-z]++(?=[а-я])|(?<=[а-я])[a-z]++")
_TWINS = str.maketrans("aceopxykmthb", "асеорхукмтнв")
LABEL = re.compile("|".join(re.escape(label).replace("ё", "[её]") for label in LABELS.values()), re.IGNORECASE)
_DATE = re.compile(r"[0-9]{1,4}(?:([./\-])[0-9]{1,2}\1[0-9]{2,4}|:[0-9]{2}(?::[0-9]{2})?)(?![0-9])")
_DAY = re.compile(
    r"[0-3]?[0-9]([./\-])[01]?[0-9]\1(?:19|20)[0-9]{2}|[0-3][0-9]\.[01][0-9]\.[0-9]{2}"
    r"|(?:19|20)[0-9]{2}([.\-/])[01]?[0-9]\2[0-3]?[0-9]|[0-2]?[0-9]:[0-9:]+"
)


def _plain(match: re.Match[str]) -> str:
    sign = match[0]
    if "\uff10" <= sign <= "\uff19":
        return chr(ord(sign) - 0xFEE0)
    if sign in "＠＋":
        return "@" if sign == "＠" else "+"
    return "-" if "\u2010" <= sign <= "\u2015" or sign == "\u2212" else " "


def _blot(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 2) : match.start()]
    joined = before[-1:].isdigit() or (before[-1:] in {".", "-", "/"} and before[:1].isdigit())
    return match[0] if joined or not _DAY.fullmatch(match[0]) else _FILL * len(match[0])


def _view(text: str) -> _View:
    raw = _ODD.sub(_plain, text)
    low = raw.lower()
    if len(low) != len(raw):  # «İ» becomes two signs; places must stay
        low = "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in raw)
    low = low.replace("ё", "е")
    latin = _LATIN.search(low) is not None
    if latin:
        low = _LATIN_IN_RUSSIAN.sub(lambda match: match[0].translate(_TWINS), low)
    if "[" in low:
        low = LABEL.sub(lambda match: _FILL * len(match[0]), low)
    return _View(raw, low, _DATE.sub(_blot, low), latin)


# --- Checks: what of a match is to be hidden


def _whole(match: re.Match[str], _: _View) -> Span | None:
    return match.span(match.lastindex or 0)


_LONG_PIECE = re.compile(r"[A-Za-z0-9_\-+=]{12,}")
_TICKET = re.compile("билет|лотере|тираж|облигац|акци[йяи]|банкнот|купюр")
_COUNTED = re.compile(r"\s?(?:символ|знак|цифр|букв|раз)")
_FILE = re.compile(r"/.*\.[a-z]{1,5}\Z")
_PICTURE = re.compile(r"@[1-4]x\.[a-z]{3,4}\Z")  # a picture for fine screens
_MONEY = re.compile(r"\s{0,2}(?:[₽$€%]|р(?![а-я/])|руб|тыс|млн|млрд|долл|евро)")
_PROVIDER = re.compile(
    r"(?:e-?mail|mail|gmail|yandex|ya|bk|list|inbox|rambler|outlook|hotmail|icloud|yahoo|proton|protonmail|vk|internet"
    r"|(?:е|г|дж|ж|джи|гэ)?м[еаэ][ий]л|яндекс|янд|я|рамблер|бк|лист|инбокс|айклауд|аутлук)(?![a-zа-я0-9])"
)
_DOT_WORD = re.compile(r"точка|тчк|dot|\.")
_ROMAN = re.compile(r"(?<![a-zа-я0-9])[ivxlіх1]{1,5}\s?\Z")
_NUMBER_WORD = re.compile(r"н[оу]м|№|n|#|(?<![а-я])н(?![а-я])")
_SERIES_WORD = re.compile(r"сери|сер\.|(?<![а-я])с\.")
_PASSPORT_WORD = re.compile(
    r"пас+п|поспорт|пспорт|пасорт|passport|загран|(?<![а-я])(?:ву(?![а-я])|прав[а ])|водит|удостов"
)


def _random(match: re.Match[str], view: _View) -> Span | None:
    """Letters and digits in one long piece; addresses of pages and files are not secrets."""
    start, end = match.span(1)
    value = view.raw[start:end].rstrip(".")
    mixed = any(sign.isdigit() for sign in value) and any(sign.isalpha() for sign in value)
    named = "//" in value or _FILE.search(value)
    return (start, start + len(value)) if mixed and not named and _LONG_PIECE.search(value) else None


def _password(match: re.Match[str], view: _View) -> Span | None:
    start, end = match.span(match.lastindex or 0)
    value = view.low[start:end].rstrip(".,;:!?)»")
    telling = any(sign in "0123456789" or "a" <= sign <= "z" for sign in value)
    if (
        len(value) < 4
        or not telling
        or _FILL in value
        or _COUNTED.match(view.low, end)
        or value.startswith(("http", "[", "<", "${"))
    ):
        return None
    return start, start + len(value)


def _email(match: re.Match[str], view: _View) -> Span | None:
    start, end = match.span()
    local = view.low[start:end].lstrip(".-'")
    return None if _PICTURE.search(local) else (end - len(local), end)


def _spelled_email(match: re.Match[str], _: _View) -> Span | None:
    """A Russian word before «собака», a bare «at» or a domain without a dot need a known mail service."""
    local, dog, domain = match.group("local", "dog", "domain")
    doubtful = dog == "at" or local[-1:] > "z" or not _DOT_WORD.search(domain)
    return None if doubtful and not _PROVIDER.match(domain) else match.span()


def _iban(match: re.Match[str], view: _View) -> Span | None:
    start, end = match.span()
    while end - start >= 15 and not view.raw[max(0, start - 1) : start].isalnum():
        if iban(re.sub("[ -]", "", view.raw[start:end])):
            return start, end
        end = max(view.raw.rfind(" ", start, end), view.raw.rfind("-", start, end))
    return None


def _birth(match: re.Match[str], view: _View) -> Span | None:
    roman = _ROMAN.search(view.low[max(0, match.start() - 7) : match.start()])
    return (match.start() - len(roman[0]), match.end()) if roman else None


def _series_first(match: re.Match[str], view: _View) -> Span | None:
    """A word for a passport before or between, and a word or a mere comma between the two numbers."""
    glue, before = match["glue"], view.low[max(0, match.start() - 60) : match.start()]
    series = _SERIES_WORD.search(before) or _SERIES_WORD.search(glue)
    told = series or _PASSPORT_WORD.search(before) or _PASSPORT_WORD.search(glue)
    joined = _NUMBER_WORD.search(glue) or glue.strip(" ,;/\n-") in {"", "и"}
    return _code(match, view) if told and joined else None


def _number_first(match: re.Match[str], view: _View) -> Span | None:
    ticket = _TICKET.search(view.low, max(0, match.start() - 30), match.start())
    return _code(match, view) if _SERIES_WORD.search(match["glue"]) and not ticket else None


def _code(match: re.Match[str], view: _View) -> Span | None:
    return None if _MONEY.match(view.low, match.end()) else match.span(match.lastindex or 0)


# --- The table

_GAP = (
    r"""["'`»]{0,2}(?:[^\n:=\x1a]{0,40}[:=]>?\s*|(?:\s+[а-яa-z\-]{1,15}){0,3}\s+(?:-+\s*)?(?:(?:вот|такой|это|is)\s+)?)"""
    r"""["'`«(<]{0,2}"""
)
_SECRET = _GAP + r"([a-z0-9_\-./+=]{16,})"
_PASS = (
    r"(?<![а-яa-z])(?:(?:пар[оа]л[ьяюе]?|п[ао]р[оа]?л[ьяюе])[а-я]{0,2}"
    r"|password|passwd|passphrase|passw?|pwd?|pw|пасс(?:ворд)?)(?![а-яa-z])"
)
_AT = (
    r"""(?:\s?[\[({<«"']\s?(?:at|собак[аи]|собачка|dog|a|а|@|эт)\s?[\])}>»"']\s?|[\s\-](?:собак[аи]|собачка|dog)[\s\-]|_at_"""
    r"""|\s(?P<dog>at)\s)"""
)
_DOT = r"(?:\s?[\[({]\s?(?:dot|точка|\.)\s?[\])}]\s?|\s(?:точка|тчк|dot)\s|\s?\.\s?|\s)"
_ZONE = r"(?:ru|com|net|org|su|by|kz|ua|uz|info|me|io|eu|de|pro|online|рф|ру|ком|нет|орг)(?![a-zа-я0-9])"
_DOMAIN = (
    r"(?:(?:[a-z0-9\-]{1,63}\.{1,2}){1,8}[a-z]{2,24}(?![a-z0-9])|(?:[а-я0-9\-]{1,63}\.){1,8}(?:рф|рус|москва|дети|онлайн|сайт"
    r"|орг|ком|бел|укр|ру)(?![а-я0-9])|(?:[\w\-]{1,63}\.){1,8}(?:[^\W\d_]{2,24}|xn--[a-z0-9]{2,24})|(?:mail|gmail|yandex)"
    r"(?: ru| com)?(?![\w.]))"
)
_SPACED_EMAIL = r"(?<![\w.+\-])[a-z0-9][a-z0-9._+\-]{0,63}\s{0,2}@\s{0,2}(?:[a-z0-9\-]{1,63}\s?[.,]\s?){1,4}" + _ZONE
_SPELLED_EMAIL = (
    r"(?<![\w.+\-])(?P<local>[\w.+\-]{1,64}?(?:\s(?:точка|тчк|dot|тире|дефис|(?:нижнее\s)?подчеркивание)\s[\w.+\-]{1,64}?)"
    rf"{{0,4}}){_AT}(?P<domain>(?:[a-zа-я0-9\-]{{1,40}}{_DOT}){{1,3}}?{_ZONE})"
)
_PRIVATE_KEY = r"=-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?s:.*?-----END [A-Z ]{0,30}PRIVATE KEY-----|.*)"
_KEY_WORD = r"(?:(?<![а-я])(?:ключ(?:а|и|у|ом|ик)?|секрет[а-я]{0,3}|(?:апи)?кей)|key(?:[_-]id)?|secret)(?![а-яa-z])"
_KEYS = (
    r"(?<![A-Za-z0-9])(?:sk-[A-Za-z0-9_\-]{16,}|(?:hf|gh[pousr]|github_pat|y[0-3])_[A-Za-z0-9_\-]{16,}|glpat-[A-Za-z0-9_\-]{16,}"
    r"|xox[a-z]-[A-Za-z0-9\-]{10,}|A[KS]IA[0-9A-Z]{16}|AIza[A-Za-z0-9_\-]{30,}|ya29\.[A-Za-z0-9_\-]{16,}|AQVN[A-Za-z0-9_\-]{16,}"
    r"|t1\.[A-Za-z0-9_\-=.]{40,}|(?:r8|gsk|[spr]k_live|[spr]k_test|npg|pypi|dckr_pat|shpat|dop_v1|xkeysib)[_\-][A-Za-z0-9_\-]{16,}"
    r"|(?:SG|vk1\.a)\.[A-Za-z0-9_\-.]{30,})"
)
_KEY_HINTS = (
    "sk-|hf_|gh|github_|glpat-|xox|akia|asia|aiza|ya29.|y0_|y1_|y2_|y3_|aqvn|t1.|r8_|gsk_|k_live|k_test|pypi-|dckr_pat"
    "|shpat_|dop_v1_|xkeysib-|sg.|vk1.a."
)
_PASSWORD_HINTS = "парол|пороль|парал|порал|парль|pass|pw|пасс"
_TOLD_PASSWORD = (
    r"""["'`]?(?:[^\n:=.!?;\x1a]{0,40}[:=]+>?|(?:\s+[а-яa-z0-9\-]{1,15}){0,5}\s{0,2}-)\s*["'`«]?([^\s"'`»«]{4,64})"""
)
_MERE_PASSWORD = (
    r"""(?:(?:\s+[а-яa-z\-]{1,15}){0,4}?\s+["'«]?((?=\S{0,63}[a-zа-я])(?=\S{0,63}[0-9])[^\s"'»«]{6,64})"""
    r"""|\s+([0-9]{4,12})(?!\S))"""
)
_PASSPORT_HINTS = "пасп|паспп|пассп|поспорт|пспорт|пасорт|сери|сер.|passport|загран|права|водит|удостов|ву "
_CODE_WORDS = (
    r"(?:смс|sms)[\s-]?код[а-я]*|(?:пришел|пришол|пришло|прислали|одноразовый|секретный|трехзначный)\s+код"
    r"|код[а-я]{0,2}\s+(?:пришел|(?:(?:из|с|от|по|в|для|на)\s+)?(?:смс|sms|сообщени|пуш|push|банк|подтверждени|безопасност"
    r"|доступ|авторизаци|вход|активаци|карт|оборот|обратн))[а-яa-z]*|из\s+(?:смс|sms)[а-я]{0,3}|(?:смс|sms)[а-я]{0,3}\W{1,3}код"
    r"|[cс]v[vcс]2?(?:[\s-]?код)?|цвв|свв|пин(?:[\s-]?код[а-я]{0,2})?|pin(?:[\s-]?code)?|три\s+цифры"
)
_CODE_GAP = (
    r"(?:[\s:=\-,]+(?:от|на|из|к|для|у|с|карт[а-я]*|сбер[а-я]*|банк[а-я]*|сим[а-я]*|мо[а-я]+|наш[а-я]*|так[а-я]+|вот|это"
    r"|меня|был|пришел|пришло|смс|sms|телефон[а-я]*|приложени[а-я]*|оборот[а-я]*|сторон[а-я]*|сзади)){0,5}[\s:=\-]{0,4}"
)
_CODE = rf"(?<![а-яa-z])(?:{_CODE_WORDS})(?![а-яa-z]){_CODE_GAP}([0-9]{{3}}[ \-][0-9]{{3}}|[0-9]{{3,8}})(?![0-9])"
_CODE_FIRST = (
    r"(?<![а-я])код\W{1,3}([0-9]{4,8})(?=\W{1,4}(?:(?:это\s+)?(?:из|с|по|пришел\s+в)\s+(?:смс|sms)|никому"
    r"|не\s+(?:сообщ|говор|перед)))"
    r"|(?<![0-9])([0-9]{4,8})(?=\W{1,4}(?:это\s+)?код\s+(?:из|с|по)\s+(?:смс|sms))"
)
_SERIES, _SIX = r"[0-9](?<![0-9]{2})[0-9][ \-.]?[0-9]{2}", r"[0-9](?<![0-9]{2})[0-9]{2}[ \-]?[0-9]{3}"
_GLUE = r"(?P<glue>[^0-9\x1a]{1,32}?)"
_PASSPORT = r"(?:пас+порт[а-я]*|passport)"
_PASSPORT_PART = (
    r"(?:подр(?:азд[а-я]*)?\.?|к\.\s?п\.?|к/п)[\s:№\-]{0,4}(?:такой|это)?[\s:]{0,2}([0-9]{3}[ \-]?[0-9]{3})(?![0-9])"
    rf"|{_PASSPORT}(?:\s+рф)?[\s:,]{{0,3}}(?:номер[а-я]*|№|n)?[\s:№\-]{{0,4}}([0-9]{{3}} ?[0-9]{{3}})(?![0-9 ]?[0-9])"
    rf"|(?:сери[а-я]+\s+{_PASSPORT}|{_PASSPORT},?\s+сери[а-я]+)[\s:\-]{{0,4}}([0-9]{{2}} ?[0-9]{{2}})(?![0-9])"
)
_LICENCE = r"[0-9](?<![0-9а-я][0-9])[0-9] ?[авекмнорстухabekmhopctyx]{2} ?[0-9]{6}(?![0-9])"

# Kind, hints, pattern, check; «=» before the pattern: letters as typed, for secrets tell great from small.
_ROWS: Final[tuple[tuple[Kind, str, str, Check], ...]] = (
    ("password", "://", r"(?<=://)[^\s/@:]{0,99}:[^\s/]{1,200}(?=@)", _whole),
    ("key", "private key", _PRIVATE_KEY, _whole),
    ("token", ":", r"=[0-9]{8,10}:[A-Za-z0-9_\-]{30,40}(?![A-Za-z0-9_\-])", _whole),
    ("token", "eyj", r"=eyJ[A-Za-z0-9_\-]{5,}\.[A-Za-z0-9_\-]{5,}(?:\.[A-Za-z0-9_\-]+)?", _whole),
    ("token", "bearer", r"bearer\s+([a-z0-9._~+/=\-]{16,})", _whole),
    ("token", "authorization", r"authorization\W{1,5}basic\s+([a-z0-9+/=]{8,})", _whole),
    ("key", _KEY_HINTS, "=" + _KEYS, _whole),
    ("token", "токен|token", r"(?:токен[а-я]{0,2}|token)(?![а-яa-z])" + _SECRET, _random),
    ("key", "ключ|key|кей|секрет|secret", _KEY_WORD + _SECRET, _random),
    ("password", "sshpass", r"sshpass\s+-p\s*['\"]?([^\s'\"]{4,64})", _password),
    ("password", _PASSWORD_HINTS, _PASS + _TOLD_PASSWORD, _password),
    ("password", _PASSWORD_HINTS, _PASS + _MERE_PASSWORD, _password),
    ("email", "@", r"(?<![\w.+\-%'])[\w.+\-%']{1,64}@{1,2}" + _DOMAIN, _email),
    ("email", "%40", r"(?<![\w.+\-])[\w.+\-]{1,64}%40" + _DOMAIN, _whole),
    ("email", "@", _SPACED_EMAIL, _whole),
    ("email", "соба|dog|at]|at)|at}|at>|_at_| at |(a)|(а)|[a]|[@]|(@)|эт)", _SPELLED_EMAIL, _spelled_email),
    ("account", "", r"[a-z]{2}[0-9]{2}(?:[ \-]?[a-z0-9]){11,36}(?![a-z0-9])", _iban),
    ("passport", "-", r"-\s?[а-я]{2}[\s№#n:]{0,4}(?:номер\s)?[0-9]{6}(?![0-9])", _birth),
    ("passport", _PASSPORT_HINTS, f"({_SERIES}{_GLUE}{_SIX})(?![0-9])", _series_first),
    ("passport", "сери|сер.", f"({_SIX}{_GLUE}{_SERIES})(?![0-9])", _number_first),
    ("passport", "подр|к.п|к. п|к/п|пасп|пасс|passport", _PASSPORT_PART, _code),
    ("passport", "права|прав |водит|ву |ву:|удостов|стс|птс", _LICENCE, _whole),
)
_LAST_ROWS: Final[tuple[tuple[Kind, str, str, Check], ...]] = (
    ("phone", "тел", r"(?<![а-я])тел(?:ефон[а-я]*)?[.:]{0,2}\s{0,2}([0-9]{2}-[0-9]{2}-[0-9]{2})(?![0-9\-])", _whole),
    ("code", "код|vv|vc|vс|цвв|свв|пин|pin|смс|sms|три", _CODE, _code),
    ("code", "код", _CODE_FIRST, _code),
)


def _compiled(kind: Kind, hints: str, pattern: str, check: Check) -> _Rule:
    every = hints.split("|")
    russian = [] if kind in {"token", "key", "account"} else [hint for hint in every if not _LATIN.search(hint)]
    return _Rule(kind, every, russian, re.compile(pattern.removeprefix("=")), check, not pattern.startswith("="))


_RULES: Final = [_compiled(*row) for row in _ROWS]
_LAST_RULES: Final = [_compiled(*row) for row in _LAST_ROWS]

# --- What belongs to a card or a telephone beside the number
_EXPIRY = r"(?:0?[1-9]|1[0-2])\s?[/\\.\-]\s?(?:20)?[2-4][0-9](?![0-9])"
_CVV = (
    r"(?:[cс]v[vcp]2?|цвв|цвс|свв|csc|код[а-я]*(?:\s+безопасности)?|три\s+цифры(?:\s+сзади)?)\W{0,4}[0-9]{3,4}(?![0-9])"
)
_TILL = (
    r"(?:(?:срок[а-я]*|действ[а-я]*|годн[а-я]*|до|exp[a-z]*|valid|thru|till|истека[а-я]+|и|а|по|карты|ее)\W{1,3}){0,4}"
)
_THREE = r"[\s,;|/]{1,3}[0-9]{3}(?![0-9])"
_AFTER_CARD = re.compile(
    r"(?:[\s,;|/(.\-]{0,4}(?:[a-z]{2,20}\s[a-z]{2,20}[\s,;]{1,3})?"
    rf"(?:{_TILL}{_EXPIRY}(?:{_THREE})?|(?:и\s)?{_CVV}))+"
)
_BEFORE_CARD = re.compile(
    rf"(?:{_TILL}{_EXPIRY}(?:[\s,;|/]{{1,3}}{_CVV}|{_THREE})?|{_CVV}(?:[\s,;|/]{{1,3}}{_TILL}{_EXPIRY})?)"
    r"[\s,;|:\-]{1,3}(?:(?:номер\s+)?карт[а-я]+\W{1,3})?\Z"
)
_EXTENSION = re.compile(r"[\s,;(]{0,3}(?:доб|вн|ext)[а-яa-z]{0,8}\.?[\s:№]{0,3}[0-9]{1,6}(?![0-9])\)?")


def _grown(kind: Kind, window: Window, low: str) -> Span:
    """Take in the plus sign, the bracket and the extension of a telephone; the date and the code of a card."""
    start, end = window.start, window.end
    if kind == "phone":
        if window.plus >= 0:
            start = window.plus
        elif low[start - 1 : start] == "(" and ")" in low[start:end]:
            start -= 1
    if kind == "card":
        before = _BEFORE_CARD.search(low[max(0, start - 70) : start])
        start -= len(before[0]) if before else 0
    more = {"phone": _EXTENSION, "card": _AFTER_CARD}.get(kind)
    match = more.match(low, end) if more else None
    return start, match.end() if match else end


def _texts(view: _View, rules: list[_Rule]) -> Iterator[Found]:
    for rule in rules:
        for hint in rule.hints if view.latin else rule.russian_hints:
            if hint in view.low:
                break
        else:
            continue
        for match in rule.pattern.finditer(view.low if rule.folded else view.raw):
            span = rule.check(match, view)
            if span:
                yield Found(rule.kind, *span)


def _numbers(view: _View) -> Iterator[Found]:
    for kind, window in number_windows(view.num):
        yield Found(kind, *_grown(kind, window, view.low))


def find_personal(text: str) -> list[Found]:
    """Return what is personal or secret in the text: in order, no two overlapping."""
    if not _ANYTHING.search(text) and "собак" not in text.lower():
        return []
    view = _view(text)
    taken = bytearray(len(text))
    found = []
    told = (Found(*item) for item in dictated_numbers(view.num))
    for source in (_texts(view, _RULES), told, _numbers(view), _texts(view, _LAST_RULES)):
        for item in source:
            if taken.find(1, item.start, item.end) < 0:
                taken[item.start : item.end] = b"\x01" * (item.end - item.start)
                found.append(item)
    return sorted(found, key=lambda item: item.start)


def mask(text: str, kinds: Collection[Kind] = ALL) -> str:
    """Put a label for every finding of these kinds; masking twice changes nothing more."""
    for _ in range(_MOST_ROUNDS):
        found = [item for item in find_personal(text) if item.kind in kinds]
        if not found:
            break
        pieces, end = [], 0
        for item in found:
            pieces += [text[end : item.start], LABELS[item.kind]]
            end = item.end
        text = "".join([*pieces, text[end:]])
    return text
