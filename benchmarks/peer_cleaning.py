"""The peer of `benchmarks.companion_prepare`: what a script of ftfy, datasketch and pandas does with the same file.

usage: python benchmarks/peer_cleaning.py MESSAGES.txt OUT.csv   (needs ftfy, datasketch, pandas)
"""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path

import ftfy
import pandas
from datasketch import MinHash, MinHashLSH

_TAG, _LINK, _MAIL = re.compile(r"<[^>]+>"), re.compile(r"https?://\S+"), re.compile(r"\S+@\S+\.\S+")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]+")
_PHONE = re.compile(r"(?:\+7|8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}")
_SIGNS, _LETTERS = re.compile(r"([!?.,])\1+"), re.compile(r"(\w)\1{2,}")
_OATHS = re.compile(r"\b\w*(?:хуй|пизд|еба|бляд|мудак)\w*", re.IGNORECASE)
_RUSSIAN, _ANY = re.compile(r"[а-яё]", re.IGNORECASE), re.compile(r"[^\W\d_]")


def tidy(text: str) -> str:
    """Clean one message; empty when it is to be dropped."""
    text = ftfy.fix_text(text)
    text = _EMOJI.sub(" ", _MAIL.sub(" ", _LINK.sub(" ", _TAG.sub(" ", html.unescape(text)))))
    text = " ".join(_LETTERS.sub(r"\1", _SIGNS.sub(r"\1", text)).split())
    letters = len(_ANY.findall(text))
    if not letters or _PHONE.search(text) or _OATHS.search(text) or len(_RUSSIAN.findall(text)) * 2 < letters:
        return ""
    return text


def main() -> None:
    """Clean, pair and write."""
    lines = pandas.Series(
        [line.partition(": ")[2] for line in Path(sys.argv[1]).read_text(encoding="utf-8").split("\n") if line]
    )
    cleaned = lines.map(tidy)
    pairs = pandas.DataFrame({"message": cleaned.shift(1, fill_value=""), "reply": cleaned})
    pairs = pairs[(pairs.message != "") & (pairs.reply != "")].drop_duplicates()
    index, kept = MinHashLSH(threshold=0.85, num_perm=16), []
    for number, (message, reply) in enumerate(zip(pairs.message, pairs.reply, strict=True)):
        text = f"{message} {reply}".lower()
        sketch = MinHash(num_perm=16)
        sketch.update_batch([text[i : i + 4].encode() for i in range(len(text) - 3)])
        fresh = not index.query(sketch)
        if fresh:
            index.insert(str(number), sketch)
        kept.append(fresh)
    pairs[kept].to_csv(sys.argv[2], index=False)


if __name__ == "__main__":
    main()
