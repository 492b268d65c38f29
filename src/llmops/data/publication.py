"""Putting finished files in place: the data first, its manifest last, each whole or not at all.

Knows files and hashes; knows no records.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock

from llmops import __version__


def sha256(path: Path) -> str:
    """Return the hash of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def manifest_path(out: Path) -> Path:
    """Return where the manifest of an output stands."""
    return out.with_name(f"{out.stem}.manifest.json")


def publish(
    folder: Path, out: Path, inputs: Mapping[str, str], counts: Mapping[str, int], *, schema: int
) -> dict[str, str]:
    """Rename `folder/out.name` and a manifest into place; return the hashes of what was published.

    Args:
        folder: On the same disk as `out`.
    """
    digest = sha256(folder / out.name)
    manifest = {
        "schema_version": schema,
        "tool_version": __version__,
        "data_sha256": digest,
        "counts": dict(sorted(counts.items())),
        "sources": dict(inputs),
    }
    name = manifest_path(out).name
    (folder / name).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for finished in (out.name, name):
        with (folder / finished).open("rb") as stream:
            os.fsync(stream.fileno())
    with FileLock(out.parent / f".{out.name}.lock", timeout=60):
        (folder / out.name).replace(out)
        (folder / name).replace(manifest_path(out))
    return {out.name: digest}
