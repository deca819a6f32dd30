"""A hook that keeps every call it sees, in order."""

from netmend.sandbox.api import ApiCall


class Watcher:
    """`calls` are those that passed, refused ones too."""

    def __init__(self) -> None:
        self.calls: list[ApiCall] = []

    def before(self, call: ApiCall) -> None:
        self.calls.append(call)

    def after(self, call: ApiCall) -> None:
        return None
