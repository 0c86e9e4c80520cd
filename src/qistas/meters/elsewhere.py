"""What is not read because the work is done by another machine."""

from __future__ import annotations

from collections.abc import Sequence

from qistas.contracts.exchanges import Reading

UNITS = {"cpu": "seconds", "memory": "bytes", "energy": "joules"}


class ElsewhereMeter:
    """Stands in for the meters of this machine where an endpoint does the work: no value, and the reason."""

    def start(self) -> None:
        """Nothing begins here."""

    def stop(self) -> Sequence[Reading]:
        """Readings ``cpu``, ``memory`` and ``energy`` without a value."""
        reason = "the model did not run in this process, so its counters cannot be read from here"
        return tuple(
            Reading(meter=meter, value=None, unit=unit, grade="unread", source="none", reason=reason)
            for meter, unit in UNITS.items()
        )
