"""Opening text files whose encoding nobody wrote down: UTF-8, UTF-16, cp1251, koi8-r, cp866, with or without a BOM.

Knows bytes and characters; no formats.
"""

from __future__ import annotations

import codecs
import io
import re
from pathlib import Path
from typing import TextIO

import charset_normalizer
import ftfy

from llmops.errors import DataError

_WESTERN = frozenset("ÐÑÃâ")
_TWICE = re.compile(r"(?:[РС][\u0080-\u00bf\u0402-\u040f\u0450-\u045f\u0490\u0491\u2010-\u20ac\u2116\u2122]){2}")
_SAMPLE = 1 << 18
_CHUNK = 1 << 20
_FEW_BROKEN = 0.02
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FORMATS = "Нужен файл YAML, CSV, JSONL, XLSX или PY."
_LEGACY = ["cp1251", "koi8_r", "cp866", "mac_cyrillic"]


def detect(path: Path) -> str:
    """Return the name of the file's encoding.

    Raises:
        DataError: The file cannot be read, or its bytes are text in no encoding that we know.
    """
    try:
        with path.open("rb") as stream:
            sample = stream.read(_SAMPLE)
            for mark, name in _BOMS:
                if sample.startswith(mark):
                    return name
            if wide := _wide(sample):
                return wide
            if b"\0" in sample:
                raise DataError(f"Файл {path} - не текст: в нём нулевые байты.", hint=_FORMATS)
            if _is_utf8(stream, sample):
                return "utf-8"
    except OSError as error:
        raise DataError(f"Файл {path} не читается: {error.strerror or error}") from error
    best = charset_normalizer.from_bytes(sample, cp_isolation=_LEGACY).best()
    if best is None:
        raise DataError(
            f"Файл {path}: не удалось определить кодировку.",
            hint="Сохраните файл в UTF-8 и повторите команду.",
        )
    return best.encoding


def _wide(sample: bytes) -> str:
    """Return the kind of UTF-16 without a mark: one byte of nearly every pair of Russian text is 0x04 or 0x00."""
    for half, name in ((sample[1::2], "utf-16-le"), (sample[::2], "utf-16-be")):
        if half and half.count(4) + half.count(0) > len(half) * 0.9:
            return name
    return ""


def _is_utf8(stream: io.BufferedReader, sample: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample)
        while chunk := stream.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def open_text(path: Path) -> tuple[TextIO, str]:
    """Open a text file in its own encoding; return the stream and the encoding's name.

    Raises:
        DataError: See `detect`.
    """
    encoding = detect(path)
    return path.open(encoding=encoding, errors="strict", newline=""), encoding


def open_messy(path: Path) -> tuple[TextIO, str]:
    """Open a text file that may hold broken bytes: each becomes U+FFFD, as long as they are few.

    Raises:
        DataError: See `detect`.
    """
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    told = sample.decode("utf-8", "replace")
    nearly = b"\0" not in sample and told.count("\ufffd") <= 1 + len(told) * _FEW_BROKEN
    encoding = "utf-8-sig" if nearly else detect(path)
    return path.open(encoding=encoding, errors="replace", newline=""), encoding


def repaired(text: str) -> str:
    """Undo double decoding («РџСЂРёРІРµС‚») where the text shows its marks."""
    if _TWICE.search(text):
        try:
            return text.encode("sloppy-windows-1251").decode("utf-8")  # a codec that ftfy brings
        except UnicodeError:
            return ftfy.fix_encoding(text)
    return ftfy.fix_encoding(text) if not _WESTERN.isdisjoint(text) else text
