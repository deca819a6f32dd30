"""Route 53: batches of changes are atomic, refused and listed as AWS does; moto keeps the zones."""

from netmend.sandbox.dns import changes, listing, rate

__all__ = ["changes", "listing", "rate"]
