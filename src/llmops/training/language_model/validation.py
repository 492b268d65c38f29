"""How well a model foretells what it never learnt: known replies to unseen wordings, and unseen replies.

Knows losses; judges no text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from llmops.schemas import Message
from llmops.training.language_model.bank import Bank
from llmops.training.language_model.model import answers_loss
from llmops.training.language_model.talk import Composer
from llmops.training.language_model.windows import Window

_TALKS = 4  # for every held-out line, with different personas


@dataclass(frozen=True, slots=True)
class Loss:
    """Nats of the answers' tokens, as a mean over a set of talks.

    Args:
        bits: Per character, so that models with other tokenizers compare.
    """

    nats: float
    bits: float
    talks: int


def validate(
    model: PreTrainedModel, encode: Callable[[list[Message]], Window], bank: Bank, composer: Composer
) -> tuple[Loss, Loss]:
    """Return the loss of known replies to unseen wordings, and of unseen replies to known wordings."""
    says = (
        composer.about(situation, says=text, reply=None, number=place * _TALKS + turn)
        for place, (situation, text) in enumerate(bank.unseen_says)
        for turn in range(_TALKS)
    )
    replies = (
        composer.about(situation, says=None, reply=line.text, number=place * _TALKS + turn)
        for place, (situation, line) in enumerate(bank.unseen_replies)
        for turn in range(_TALKS)
    )
    return _loss(model, encode, says), _loss(model, encode, replies)


def _loss(model: PreTrainedModel, encode: Callable[[list[Message]], Window], talks: Iterable[list[Message]]) -> Loss:
    nats, tokens, characters, count = 0.0, 0.0, 0, 0
    limit = model.config.max_position_embeddings + 1
    model.eval()
    with torch.no_grad():
        for talk in talks:
            window = encode(talk)
            ids, weights = torch.from_numpy(window.ids[:limit]), torch.from_numpy(window.weights[:limit])
            counted = float(weights[1:].sum())
            if not counted:
                continue
            loss = answers_loss(model, ids[None], weights[None])
            nats += float(loss) * counted
            tokens += counted
            characters += len(talk[-1].content) + 1
            count += 1
    if not count:
        return Loss(0.0, 0.0, 0)
    return Loss(nats / tokens, nats / math.log(2) / characters, count)
