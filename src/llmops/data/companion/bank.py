"""The bank's own YAML files → rows of `phrases.csv`, with file and line.

Own texts are checked (see `remarks`) and never altered. Knows the format of docs/phrases.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError

from llmops.data.encoding import open_text
from llmops.data.safe_yaml import YamlBuilder, compose
from llmops.errors import DataError
from llmops.schemas import Identifier, Mood, Phrase, PhraseRole, Problem, SituationKind, Text, Value

_LARGEST = 16 << 20
_LISTS = ("situations", "more", "held_out", "foreign")

_FAULTS = {
    "missing": "его нет",
    "extra_forbidden": "такого поля не бывает",
    "string_type": "не текст (двоеточие внутри? возьмите строку в кавычки)",
    "string_too_short": "пусто",
    "too_short": "пусто",
    "tuple_type": "нужен список",
    "literal_error": "такого значения не бывает",
    "string_pattern_mismatch": "годятся латинские буквы, цифры и дефис",
}
_ADVICE = {"then.True": " (ключ yes берите в кавычки)", "then.False": " (ключ no берите в кавычки)"}

Texts = tuple[Text, ...]


class Then(Value):
    """What is said after the person's answer to a question."""

    yes: Texts = ()
    no: Texts = ()
    more: Texts = ()


class Situation(Value):
    """A situation as its author writes it."""

    id: Identifier
    title: Text
    kind: SituationKind = "talk"
    mood: Mood = "neutral"
    says: Annotated[Texts, Field(min_length=1)]
    patterns: Texts = ()
    replies: Annotated[Texts, Field(min_length=1)]
    personas: dict[str, Texts] = Field(default_factory=dict)
    asks: Texts = ()
    then: Then = Then()


class MoreSays(Value):
    """Wordings of a situation that stands in another file."""

    situation: Identifier
    says: Annotated[Texts, Field(min_length=1)]


class HeldOutSays(MoreSays):
    """Messages that nothing learns from."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A situation, held-out messages or a foreign message, and where it stands.

    Args:
        lines: Where each of its texts stands.
    """

    value: Situation | MoreSays | str
    area: str
    area_title: str
    file: str
    line: int
    lines: Mapping[str, int] = field(default_factory=dict)


def read_bank(path: Path) -> Iterator[Placed | Problem]:
    """Yield what a file of the bank holds; a broken record is a problem with its line, the others are read on.

    Raises:
        DataError: The file as a whole cannot be read.
    """
    if path.stat().st_size > _LARGEST:
        raise DataError(f"Файл {path} больше {_LARGEST >> 20} МБ.", hint="Разделите область на несколько файлов.")
    stream, _ = open_text(path)
    with stream:
        root = compose(path, stream.read())
    builder, head, lists = YamlBuilder(path), {"area": "", "title": ""}, []
    for key, value in root.value:
        name = builder.value(key, 0)
        if name in _LISTS and isinstance(value, yaml.SequenceNode):
            lists.append((name, value))
        elif name in head:
            head[name] = str(builder.value(value, 0))
        else:
            raise DataError(f"{path}:{key.start_mark.line + 1}: неизвестный раздел «{name}».")
    for name, nodes in lists:
        for node in nodes.value:
            yield _placed(path, name, builder.value(node, 1), head, node)


def _placed(path: Path, name: str, fields: Any, head: dict[str, str], node: yaml.Node) -> Placed | Problem:
    line = node.start_mark.line + 1
    try:
        value = _value(name, fields)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        advice = _ADVICE.get(place, "")
        named = f"{fields['id']}: " if isinstance(fields, dict) and fields.get("id") else ""
        message = f"{named}поле «{place}»: {_FAULTS.get(first['type'], first['msg'])}{advice}"
        return Problem(level="error", file=str(path), line=line, message=message)
    return Placed(value, head["area"] or path.stem, head["title"] or path.stem, str(path), line, dict(_scalars(node)))


def _scalars(node: yaml.Node) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.ScalarNode):
        yield node.value.strip(), node.start_mark.line + 1
        return
    for child in node.value:
        for part in child if isinstance(child, tuple) else (child,):
            yield from _scalars(part)


def _value(name: str, fields: Any) -> Situation | MoreSays | str:
    if name == "situations":
        return Situation.model_validate(fields)
    if name == "foreign":
        return str(fields)
    return (HeldOutSays if name == "held_out" else MoreSays).model_validate(fields)


def rows(placed: Placed) -> Iterator[Phrase]:
    """Yield the rows of `phrases.csv` that a record makes."""
    value = placed.value
    if isinstance(value, str):
        yield Phrase(role="foreign", text=value)
    elif isinstance(value, MoreSays):
        role: PhraseRole = "held_out" if isinstance(value, HeldOutSays) else "says"
        yield from (Phrase(situation=value.situation, role=role, text=text) for text in value.says)
    else:
        for part, persona, text in _lines(value):
            yield Phrase(
                situation=value.id,
                area=placed.area,
                title=value.title,
                kind=value.kind,
                mood=value.mood,
                role=part,
                persona=persona,
                text=text,
            )


def _lines(value: Situation) -> Iterator[tuple[PhraseRole, str, str]]:
    groups: tuple[tuple[PhraseRole, Texts], ...] = (
        ("says", value.says),
        ("pattern", value.patterns),
        ("reply", value.replies),
        ("ask", value.asks),
        ("yes", value.then.yes),
        ("no", value.then.no),
        ("more", value.then.more),
    )
    for role, texts in groups:
        yield from ((role, "", text) for text in texts)
        if role == "reply":
            yield from (("reply", persona, text) for persona, own in value.personas.items() for text in own)
