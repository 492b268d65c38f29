"""What all values share: frozen, unknown fields forbidden; and the words of closed lists.

Knows no files, no models and no terminal.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80)]

AssistantName = Literal["companion", "finance"]
Outcome = Literal["answered", "refused", "clarify", "error"]
Reason = Literal["out_of_scope", "policy", "low_confidence"]
Origin = Literal["knowledge_base", "calculator", "model", "phrase_bank", "policy"]


class Value(BaseModel):
    """The base of every value: frozen, unknown fields forbidden."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


JsonObject = dict[str, Any]
