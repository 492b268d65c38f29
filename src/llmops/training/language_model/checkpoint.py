"""A training run on disk: one file that is replaced whole, so that a killed run goes on where it was.

Weights, the optimizer's moments and the random state are safetensors; the rest is JSON in its header.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

_MOMENTS = ("exp_avg", "exp_avg_sq", "momentum")
_RANDOM = "random"


@dataclass(slots=True)
class Progress:
    """How far a run is.

    Args:
        fingerprint: What the run is made of; another fingerprint is another run.
        total: Steps in all; None while the speed is being measured.
        seconds: Spent on training, over all starts.
        losses: Step and mean training loss since the entry before.
    """

    fingerprint: str
    step: int = 0
    total: int | None = None
    seconds: float = 0.0
    losses: list[tuple[int, float]] = field(default_factory=list)


def save(path: Path, model: torch.nn.Module, optimizers: Sequence[torch.optim.Optimizer], progress: Progress) -> None:
    """Replace the checkpoint."""
    tensors = {_RANDOM: torch.get_rng_state()}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            tensors[f"model.{name}"] = parameter.detach()
            states = (optimizer.state[parameter] for optimizer in optimizers if parameter in optimizer.state)
            tensors |= {f"{moment}.{name}": state[moment] for state in states for moment in _MOMENTS if moment in state}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    save_file(
        {name: tensor.contiguous() for name, tensor in tensors.items()},
        fresh,
        {"progress": json.dumps(asdict(progress))},
    )
    fresh.replace(path)


def load(path: Path, model: torch.nn.Module, optimizers: Sequence[torch.optim.Optimizer], fingerprint: str) -> Progress:
    """Take up a run of this fingerprint; a new one begins when there is none, or another's, or a damaged file."""
    try:
        with safe_open(path, framework="pt") as file:
            progress = Progress(**json.loads(file.metadata()["progress"]))
            if progress.fingerprint != fingerprint:
                return Progress(fingerprint)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return Progress(fingerprint)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            parameter.data.copy_(tensors[f"model.{name}"])
            moments = {moment: tensors[f"{moment}.{name}"] for moment in _MOMENTS if f"{moment}.{name}" in tensors}
            owner = _owner(optimizers, parameter)
            if moments and owner is not None:
                owner.state[parameter] = {"step": torch.tensor(float(progress.step)), **moments}
    torch.set_rng_state(tensors[_RANDOM])
    progress.losses = [(int(step), float(loss)) for step, loss in progress.losses]
    return progress


def _owner(optimizers: Sequence[torch.optim.Optimizer], parameter: torch.nn.Parameter) -> torch.optim.Optimizer | None:
    """Return the optimizer that moves a parameter."""
    return next(
        (
            optimizer
            for optimizer in optimizers
            if any(parameter is member for group in optimizer.param_groups for member in group["params"])
        ),
        None,
    )
