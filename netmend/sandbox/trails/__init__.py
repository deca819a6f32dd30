"""CloudTrail: every management API call is recorded, and events of it reach the default bus."""

from netmend.sandbox.trails import lookup
from netmend.sandbox.trails.recording import Trail, records

__all__ = ["Trail", "lookup", "records"]
