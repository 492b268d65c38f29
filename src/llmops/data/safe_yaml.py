"""YAML that nobody has to trust: composed nodes to plain values; no aliases, no tags, no bombs.

Knows YAML and line numbers; knows no records.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from llmops.errors import DataError

_NODES = 500_000
_DEPTH = 20


def compose(path: Path, text: str) -> yaml.MappingNode:
    """Return the root of a document.

    Raises:
        DataError: It is no YAML, or no mapping; the sentence names file and line.
    """
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise DataError(f"{path}:{line}: YAML не читается: {getattr(error, 'problem', None) or error}.") from error
    except RecursionError as error:
        raise DataError(f"{path}:1: YAML вложен слишком глубоко.") from error
    if not isinstance(root, yaml.MappingNode):
        raise DataError(f"{path}:1: ожидалась область с полями area, title и списком записей.")
    return root


class YamlBuilder:
    """Composed nodes to plain values; refuses aliases, tags of its own, repeated keys and bombs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def value(self, node: yaml.Node, depth: int) -> Any:
        """Return a node as a plain value.

        Raises:
            DataError: It holds what may not be there; the sentence names file and line.
        """
        line = node.start_mark.line + 1
        if id(node) in self._seen:
            raise DataError(f"{self._path}:{line}: ссылки YAML (& и *) не поддерживаются.")
        self._seen.add(id(node))
        if not node.tag.startswith("tag:yaml.org,2002:") or "python" in node.tag:
            raise DataError(f"{self._path}:{line}: метка YAML «{node.tag}» не поддерживается.")
        if len(self._seen) > _NODES or depth > _DEPTH:
            raise DataError(f"{self._path}:{line}: файл слишком велик или вложен слишком глубоко.")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, line)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, depth + 1) for child in node.value]
        return self._mapping(node, depth)

    def _scalar(self, node: yaml.ScalarNode, line: int) -> Any:
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise DataError(f"{self._path}:{line}: значение «{node.value}» не читается.") from error

    def _mapping(self, node: yaml.Node, depth: int) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key, child in node.value:
            name = str(self.value(key, depth + 1))
            if name in built:
                raise DataError(f"{self._path}:{key.start_mark.line + 1}: поле «{name}» повторяется.")
            built[name] = self.value(child, depth + 1)
        return built
