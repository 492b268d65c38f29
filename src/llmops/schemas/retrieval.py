"""Stage 2, processed → index → hits."""

from __future__ import annotations

from llmops.schemas.data import Entry, PolicyRule
from llmops.schemas.values import Value


class EmbedderFingerprint(Value):
    """What makes vectors comparable: an index built with another fingerprint is refused.

    Args:
        golden: First numbers of the vectors of fixed sentences, rounded; they catch a silent change of the weights.
    """

    name: str
    revision: str
    dim: int
    query_prefix: str = ""
    passage_prefix: str = ""
    pooling: str = "mean"
    golden: tuple[tuple[float, ...], ...] = ()


class Hit(Value):
    """An entry found for a question.

    Args:
        score: Probability in 0…1 that this entry answers, after fusion and the second look.
    """

    entry: Entry
    score: float


class Finding(Value):
    """What retrieval says of one question.

    Args:
        hits: Best first.
        in_scope: Calibrated probability in 0…1 that the question is about personal finance and answered by a hit.
        threshold: The operating point of `in_scope`, fixed when the index was built.
        policy: The rule that the question falls under, with its probability, if any rule came first.
        foreign: Probability in 0…1 of the classifier's class «not about finance».
        repaired: The question as it was searched: layout, typos and abbreviations mended.
    """

    hits: tuple[Hit, ...]
    in_scope: float
    foreign: float = 0.0
    both_gap: float = 0.0
    threshold: float
    policy: PolicyRule | None = None
    policy_score: float = 0.0
    repaired: str
