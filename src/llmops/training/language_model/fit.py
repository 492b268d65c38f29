"""The training loop: AdamW, and Muon for the blocks' matrices, a warm-up and a cosine, on the processor's cores.

A run is its plan, its data and its seed: broken off and taken up again, it ends with the same weights. Knows no texts.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedModel

from llmops.training.language_model import checkpoint
from llmops.training.language_model.checkpoint import Progress
from llmops.training.language_model.model import answers_loss
from llmops.training.language_model.muon import Muon
from llmops.training.language_model.windows import Window

Step = Callable[[str, float], None]
Windows = Callable[[int], Window]

_BLOCK = re.compile(r"\.h\.\d+\.")  # as GPT-2 names its blocks
_WARM_UP = 60
_MEASURED = 40  # steps after which the speed is known; the rate does not depend on the total before that
_SAVED_EVERY = 100
_LOGGED_EVERY = 25
_LOWEST_SHARE = 0.02
_THREADS = 2  # sums depend on their order: another number of threads gives other weights


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast a model learns.

    Args:
        minutes: In place of `steps`: as many steps as this machine makes in that time.
        batch: Windows a step.
        rate: The highest learning rate of AdamW.
        matrix_rate: That of Muon; without one AdamW learns everything.
        half: Multiply in bfloat16: twice as fast on a processor with AVX512_BF16 or AMX, hopeless on any other.
    """

    steps: int | None = None
    minutes: float | None = None
    batch: int = 4
    rate: float = 3e-3
    matrix_rate: float | None = 0.02
    decay: float = 0.1
    half: bool = False


def fit(model: PreTrainedModel, windows: Windows, plan: Plan, path: Path, fingerprint: str, step: Step) -> Progress:
    """Train the model in place and return how it went; what `path` holds of this very run is taken up.

    Args:
        windows: Returns the window of a number.
    """
    torch.set_num_threads(_THREADS)
    torch.use_deterministic_algorithms(mode=True)
    torch.set_flush_denormal(True)
    optimizers = _optimizers(model, plan)
    progress = checkpoint.load(path, model, optimizers, fingerprint)
    progress.total = progress.total or plan.steps
    model.train()
    begun, before = time.perf_counter(), progress.seconds
    recent: list[float] = []
    while progress.total is None or progress.step < progress.total:
        share = _share(progress)
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group["lr"] = group["highest"] * share
        recent.append(_one_step(model, optimizers, _batch(windows, progress.step, plan.batch), half=plan.half))
        progress.step += 1
        progress.seconds = before + time.perf_counter() - begun
        _measure(progress, plan)
        if progress.step % _LOGGED_EVERY == 0:
            progress.losses.append((progress.step, sum(recent) / len(recent)))
            recent = []
        step(_title(progress), progress.step / progress.total if progress.total else 0.0)
        if progress.step % _SAVED_EVERY == 0:
            checkpoint.save(path, model, optimizers, progress)
    model.eval()
    return progress


def _optimizers(model: PreTrainedModel, plan: Plan) -> list[torch.optim.Optimizer]:
    """Return AdamW, and Muon for the matrices of the blocks if it has a rate."""
    learnt = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    blocks = {name for name, item in learnt.items() if plan.matrix_rate and item.dim() == 2 and _BLOCK.search(name)}
    rest = [parameter for name, parameter in learnt.items() if name not in blocks]
    decayed = 0.0 if blocks else plan.decay  # what is left beside Muon are embeddings: rare tokens must not fade
    groups = [
        {"params": [item for item in rest if item.dim() >= 2], "weight_decay": decayed, "highest": plan.rate},
        {"params": [item for item in rest if item.dim() < 2], "weight_decay": 0.0, "highest": plan.rate},
    ]
    optimizers: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups, betas=(0.9, 0.95), fused=True)]
    if plan.matrix_rate and blocks:
        matrices = [parameter for name, parameter in learnt.items() if name in blocks]
        optimizers.append(Muon([{"params": matrices, "highest": plan.matrix_rate}], plan.matrix_rate, decay=plan.decay))
    return optimizers


def _batch(windows: Windows, step: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    picked = [windows(step * size + place) for place in range(size)]
    ids = torch.from_numpy(np.stack([window.ids for window in picked]))
    return ids, torch.from_numpy(np.stack([window.weights for window in picked]))


def _one_step(
    model: PreTrainedModel,
    optimizers: Sequence[torch.optim.Optimizer],
    batch: tuple[torch.Tensor, torch.Tensor],
    *,
    half: bool,
) -> float:
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss = answers_loss(model, *batch)
    for optimizer in optimizers:
        optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimizer in optimizers:
        optimizer.step()
    return float(loss.detach())


def _share(progress: Progress) -> float:
    """Return the part of the highest rate that this step learns with."""
    if progress.step < _WARM_UP:
        return (progress.step + 1) / _WARM_UP
    assert progress.total is not None
    passed = (progress.step - _WARM_UP) / max(1, progress.total - _WARM_UP)
    return _LOWEST_SHARE + (1 - _LOWEST_SHARE) * (1 + math.cos(math.pi * passed)) / 2


def _measure(progress: Progress, plan: Plan) -> None:
    """Turn minutes into steps, once the speed is known."""
    if progress.total is None and plan.minutes is not None and progress.step >= _MEASURED:
        progress.total = max(_WARM_UP, int(plan.minutes * 60 / (progress.seconds / progress.step)))


def _title(progress: Progress) -> str:
    shown = f"{progress.losses[-1][1]:.2f}".replace(".", ",") if progress.losses else "…"
    return f"Шаг {progress.step}, потери {shown}"
