"""What can go wrong between the outbox and MLflow; never seen outside the exporter.

Knows neither side.
"""


class StoreUnavailableError(Exception):
    """Nothing can be written now: no server, a locked or full disk, wrong rights. Waiting helps."""


class RowRefusedError(Exception):
    """What was written is refused; waiting does not help."""


class TraceAbsentError(Exception):
    """A rating came before its trace."""
