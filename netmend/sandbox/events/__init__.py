"""EventBridge: events of AWS services and of applications reach the targets of matching rules."""

from netmend.sandbox.events.api import install, uninstall
from netmend.sandbox.events.attempts import Loss, Losses
from netmend.sandbox.events.bus import publish
from netmend.sandbox.events.faults import DeliveryFaults

__all__ = ["DeliveryFaults", "Loss", "Losses", "install", "publish", "uninstall"]
