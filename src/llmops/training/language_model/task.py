"""What the two ways of training a language model share: what they read, how they write their folder, what they report.

Knows files and figures; knows no network.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from llmops.schemas import ReportCount
from llmops.training.language_model.checkpoint import Progress
from llmops.training.language_model.validation import Loss

_REVISION = 1  # of the training code: a checkpoint of another one is not taken up


@dataclass(frozen=True, slots=True)
class Task:
    """What to learn from, and where to put the result.

    Args:
        phrases: `phrases.csv`.
        personas: The folder of the personas' files.
        out: The folder of the model; what is there is replaced.
        work: The folder of the checkpoint.
    """

    phrases: Path
    personas: Path
    out: Path
    work: Path
    seed: int = 0

    @property
    def inputs(self) -> dict[str, str]:
        """Return hashes of everything that is read, by file name."""
        paths = [self.phrases, *sorted(self.personas.glob("*.yaml"))]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}

    def fingerprint(self, *settings: object) -> str:
        """Return a hash of the data and of settings."""
        text = repr((_REVISION, self.seed, sorted(self.inputs.items()), *settings))
        return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def fresh_folder(out: Path) -> Iterator[Path]:
    """Give a folder to write into; when all is written it takes the place of `out`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as temporary:
        folder = Path(temporary) / out.name
        folder.mkdir()
        yield folder
        shutil.rmtree(out, ignore_errors=True)
        folder.replace(out)


def hashes(folder: Path) -> dict[str, str]:
    """Return the hash of every file, by its path in the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def write_curve(path: Path, progress: Progress) -> Path:
    """Write the training losses as a table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{step},{loss:.4f}" for step, loss in progress.losses]
    path.write_text("\n".join(["step,loss", *rows]) + "\n", encoding="utf-8")
    return path


def shown(value: float, digits: int = 2) -> str:
    """Return a number as Russian texts have it."""
    return f"{value:,.{digits}f}".replace(",", " ").replace(".", ",")


def counts(progress: Progress, says: Loss, replies: Loss, out: Path) -> tuple[ReportCount, ...]:
    """Return the figures of a run."""
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    trained = progress.losses[-1][1] if progress.losses else 0.0
    return (
        ReportCount(name="шагов", key="steps", value=progress.step),
        ReportCount(name="потери при обучении", key="train_loss", value=trained, unit="ната на токен"),
        ReportCount(name="потери на новых формулировках", key="says_loss", value=says.nats, unit="ната на токен"),
        ReportCount(name="то же на знак", key="says_bits", value=says.bits, unit="бита"),
        ReportCount(name="потери на новых ответах", key="replies_loss", value=replies.nats, unit="ната на токен"),
        ReportCount(name="то же на знак", key="replies_bits", value=replies.bits, unit="бита"),
        ReportCount(name="папка модели", key="megabytes", value=size / 1e6, unit="МБ"),
    )
