"""EventBridge: events of AWS services and of applications reach the targets of matching rules."""

from netmend.sandbox.events import faultdoor, put
from netmend.sandbox.events.api import install, uninstall
from netmend.sandbox.events.attempts import Loss, Losses
from netmend.sandbox.events.bus import publish
from netmend.sandbox.events.faults import DeliveryFaults
from netmend.sandbox.events.injection import inject

__all__ = [
    "DeliveryFaults",
    "Loss",
    "Losses",
    "faultdoor",
    "inject",
    "install",
    "publish",
    "put",
    "uninstall",
]
