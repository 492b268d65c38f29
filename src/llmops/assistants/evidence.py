"""What retrieval found and what the decision to answer was made of, as a turn keeps it.

Knows findings; knows no assistant.
"""

from __future__ import annotations

from llmops.schemas import Finding, Guard, Retrieved


def evidence(finding: Finding) -> dict[str, object]:
    """Return what retrieval found and what the decision to answer was made of."""
    return {
        "retrieved": tuple(
            Retrieved(id=hit.entry.id, area=hit.entry.area, title=hit.entry.title, score=round(hit.score, 4))
            for hit in finding.hits
        ),
        "guard": Guard(
            in_scope=round(finding.in_scope, 4),
            threshold=round(finding.threshold, 4),
            foreign=round(finding.foreign, 4),
            rule=finding.policy.id if finding.policy else None,
        ),
    }
