"""How a check ends that has not passed."""

from __future__ import annotations


class DriftError(Exception):
    """AWS does something else than Netmend takes to be so: what was seen, what was expected."""

    def __init__(self, seen: str, expected: str) -> None:
        self.seen, self.expected = seen, expected
        super().__init__(f"{seen}, expected {expected}")


class CouldNotError(Exception):
    """Nothing was learned: why, and what to do about it."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(f"{why} - {hint}" if hint else why)
