"""The network: GPT-2's architecture, small; its size and its loss.

Knows no texts and no files.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedModel


@dataclass(frozen=True, slots=True)
class Shape:
    """How big the network is.

    Args:
        vocabulary: The largest number of tokens.
        context: Tokens of the prompt and the answer together.
    """

    vocabulary: int = 6144
    context: int = 512
    layers: int = 5
    width: int = 256
    heads: int = 4
    dropout: float = 0.0


def new_model(shape: Shape, tokens: int, end: int) -> GPT2LMHeadModel:
    """Return a network with random weights, the same for the same torch seed."""
    config = GPT2Config(
        vocab_size=tokens,
        n_positions=shape.context,
        n_embd=shape.width,
        n_layer=shape.layers,
        n_head=shape.heads,
        resid_pdrop=shape.dropout,
        embd_pdrop=shape.dropout,
        attn_pdrop=0.0,
        activation_function="gelu_pytorch_tanh",
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
    )
    return GPT2LMHeadModel(config)


def answers_loss(model: PreTrainedModel, ids: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return the weighted mean of the tokens' losses, in nats; the head works only where something counts.

    Args:
        ids: Tokens, shape (windows, length).
        weights: How much each token counts as a target, of the same shape.
    """
    hidden = model.base_model(ids[:, :-1], use_cache=False).last_hidden_state
    worth = weights[:, 1:].reshape(-1)
    counted = worth > 0
    logits = model.get_output_embeddings()(hidden.reshape(-1, hidden.shape[-1])[counted])
    losses = functional.cross_entropy(logits.float(), ids[:, 1:].reshape(-1)[counted], reduction="none")
    return torch.as_tensor((losses * worth[counted]).sum() / worth[counted].sum())
