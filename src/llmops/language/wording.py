"""Lines with forks: one text that men and women say, on «ты» and on «вы», to men and to women.

`{ты|вы}` is the form of address, `[он|она]` the speaker's gender, `<он|она|вы>` the listener's gender, where the last
form is for «вы», and `$имя` the listener's name. Forks do not nest. Knows no persona and no situation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Gender = Literal["male", "female"]

NAME = "$имя"
_ADDRESS = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")
_SPEAKER = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_LISTENER = re.compile(r"<([^<>|]*)\|([^<>|]*)\|([^<>|]*)>")
_LEFT_OVER = re.compile(r"[{}\[\]<>|]")


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks to whom.

    Args:
        polite: «вы» instead of «ты».
        listener: None while unknown.
        name: Empty while unknown.
    """

    speaker: Gender
    polite: bool
    listener: Gender | None = None
    name: str = ""


def render(text: str, voice: Voice) -> str | None:
    """Return a line as this voice says it; None when it needs a name or a gender that is not known."""
    if NAME in text and not voice.name:
        return None
    if voice.listener is None and not voice.polite and _LISTENER.search(text):
        return None
    listener = 3 if voice.polite else 1 if voice.listener == "male" else 2
    text = _ADDRESS.sub(lambda fork: fork[2 if voice.polite else 1], text)
    text = _SPEAKER.sub(lambda fork: fork[1 if voice.speaker == "male" else 2], text)
    return _LISTENER.sub(lambda fork: fork[listener], text).replace(NAME, voice.name)


def is_whole(text: str) -> bool:
    """Tell whether every fork of a line has its pair of brackets and its number of forms."""
    return not _LEFT_OVER.search(_LISTENER.sub("", _SPEAKER.sub("", _ADDRESS.sub("", text))))
