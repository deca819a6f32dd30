"""Who needs the end of an operation before it goes on, as a stack does, brings it about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from netmend.sandbox.cloudformation.access import Access
from netmend.sandbox.organizations import tree
from netmend.sandbox.stacksets import running
from netmend.sandbox.stacksets.model import Operation, StackSet, StackSets


@contextmanager
def held(access: Access, name: str, call_as: Mapping[str, str]) -> Iterator[StackSet]:
    """The stack set of a name or id, whose operations nobody else begins meanwhile."""
    account, found = access.account, tree.of(access.account)
    if call_as.get("CallAs") == "DELEGATED_ADMIN" and found is not None:
        account = found.management
    stack_set = access.sandbox.state(StackSets, account, access.region).find(name)
    stack_set.held = True
    try:
        yield stack_set
    finally:
        stack_set.held = False


def finish(access: Access, stack_set: StackSet, operation: str) -> Operation:
    """Run an operation to its end at once."""
    asked = stack_set.operations[operation]
    running.drive(access.sandbox, stack_set, asked)
    return asked
