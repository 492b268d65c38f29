"""Spellings of chats are written out; other words stay as they are."""

from __future__ import annotations

import pytest

from llmops.language.spoken import standard


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("скоко щас минималка", "сколько сейчас минималка"),
        ("Чё делать, ваще не платят", "что делать, вообще не платят"),
        ("када можна подать, пжлст", "когда можно подать, пожалуйста"),
        ("честно говоря, тучка тока", "честно говоря, тучка тока"),
        ("ставка 21 % и вклад", "ставка 21 % и вклад"),
    ],
)
def test_spoken_spellings(typed: str, meant: str):
    assert standard(typed) == meant
    assert standard(standard(typed)) == standard(typed)
