"""Obscene Russian by roots, confirmed by a list of innocent words and by the dictionary form.

The list names roots of the four words and their kin and a few insults; «оскорблять», «потребление», «страховка»,
«мандарин», «хлебать» and the like stay. Knows no context.
"""

from __future__ import annotations

import re
from functools import lru_cache

from llmops.language.morphology import lemma

_ROOT = re.compile(
    r"(?:ху[йеяёию]|пизд|[её]б|бляд|бля|муд[аои]|залуп|гандон|гондон|пид[оа]р|пидр|манд|сук[аиоу]|суч|шлюх"
    r"|хер|дроч|жоп|говн|ср(?:ат|ал|ан|ут|ёт)|ссат|дерьм)",
)
_WORD = re.compile(r"[а-яё]+")
_SURE = re.compile(
    r"(?:на|по|за|[оа](?=[хе])|ни|до|от|рас|раз|пере|при|про|вы|в(?=ъ)|с|у|об|из|под|недо|долбо|много)*ъ?"
    r"(?:ху[йеёяию](?!дож)\w*|пизд\w*|(?:[её]б|еб)(?:а|л|н|и|у|ё|е|ы|о)\w*|(?:долбо|у)[её]б|бля(?:д\w*|ть|ха-муха)?"
    r"|муд(?:ак\w*|ач\w*|ил\w*|охаться|озвон\w*)|залуп\w*|г[ао]ндон\w*|пид[оа]р\w*|пидр\w*|манда|мандой|мандавошк\w*"
    r"|сук[аиу]|сукой|сучар\w*|сучк[ауе]|сучкой|сучий|шлюх\w*|хер(?:ня|ню|ней|ни|ов\w*|ачить|ом|а|у|ы)?|дроч\w*|жоп\w*|говн\w*"
    r"|(?:на|обо|вы|за|про|у)?(?:сра(?:т|л|н)\w*|срут|срёт)|дерьм\w*)",
    re.IGNORECASE,
)
_INNOCENT = re.compile(
    r"мандарин\w*|мандат\w*|команд\w*|мандолин\w*|хлеб\w*|потреб\w*|употреб\w*|истреб\w*|требо\w*|страхов\w*|оскорб\w*"
    r"|употребл\w*|сабл\w*|рубл\w*|корабл\w*|граб\w*|ребён\w*|ребен\w*|ребят\w*|небес\w*|небо\w*|учеб\w*|целеб\w*|колеб\w*"
    r"|херувим\w*|херсон\w*|муд(?:р|рё)\w*|суко?н\w*|сукно\w*|барсук\w*|сучок|сучк(?:ом|и|ов)?|рисунок\w*|психу\w*|эху|духу"
    r"|стеб(?:е|ё)л\w*|жеребёнок|серебр\w*|мебел\w*|себ\w*|тебе\w*|лебед\w*|хлебосол\w*|погреб\w*|гребе\w*|вражеб\w*"
    r"|сух\w*|[ус]?подоб\w*|подеб\w*|рассучк\w*",
    re.IGNORECASE,
)
_OBSCENE_LEMMAS = frozenset({"сука", "хер", "жопа", "говно", "дерьмо", "манда", "шлюха"})


def is_obscene(text: str) -> bool:
    """Tell whether a text holds an obscene word."""
    lowered = text.lower()
    if not _ROOT.search(lowered):
        return False
    return any(_is_bad(word) for word in _WORD.findall(lowered) if _ROOT.search(word))


@lru_cache(maxsize=8192)
def _is_bad(word: str) -> bool:
    if _INNOCENT.fullmatch(word):
        return False
    return bool(_SURE.fullmatch(word)) or lemma(word) in _OBSCENE_LEMMAS
