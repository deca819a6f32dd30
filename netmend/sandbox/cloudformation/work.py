"""One resource at a time is made, changed or deleted, and the stack's events tell of each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netmend.sandbox.cloudformation import errors, notices, providers
from netmend.sandbox.cloudformation.access import Access, Site
from netmend.sandbox.cloudformation.errors import Failure
from netmend.sandbox.cloudformation.model import STACK_TYPE, Event, Resource, Stack
from netmend.sandbox.cloudformation.providers.base import Properties, Provider, forgiving
from netmend.sandbox.cloudformation.tracked import TrackedDict, take, track, unread


class Work:
    """Steps on the resources of one stack; a step that fails raises `Failure` with its reason."""

    def __init__(self, stack: Stack, access: Access, token: str, fresh_goes: bool = False) -> None:
        self.stack = stack
        self.access = access
        self._token = token
        self.fresh_goes = fresh_goes

    def tell_stack(self, status: str, reason: str = "") -> None:
        """Set the stack's status and say so in its events."""
        self.stack.status = status
        self.stack.reason = reason
        self._event(self.stack.name, self.stack.id, STACK_TYPE, status, reason)

    def tell(self, resource: Resource, status: str, reason: str = "") -> None:
        """Set a resource's status and say so in the stack's events."""
        resource.status = status
        resource.reason = reason
        resource.changed = self.access.sandbox.clock.now()
        self._event(resource.logical_id, resource.physical_id, resource.type, status, reason)

    def make(self, resource: Resource, provider: Provider, properties: Properties) -> None:
        """Create a resource; as soon as it exists it has its physical id."""
        tracked = TrackedDict(properties)

        def do() -> None:
            site = self._site(resource)
            resource.physical_id = provider.create(site, tracked)
            resource.handle = site.handle
            resource.properties = properties
            self.tell(resource, "CREATE_IN_PROGRESS", "Resource creation Initiated")
            provider.configure(site, resource.physical_id, {}, tracked)
            resource.handle = site.handle
            _refuse_unread(resource, tracked)

        self._attempt(resource, "CREATE", do)

    def change(
        self, resource: Resource, provider: Provider, old: Properties, new: Properties
    ) -> None:
        """Update a resource in place."""
        tracked = TrackedDict(new)

        def do() -> None:
            site = self._site(resource)
            provider.configure(site, resource.physical_id, track(old), tracked)
            resource.physical_id = site.physical_id
            resource.handle = site.handle
            resource.properties = new
            _refuse_ignored(resource, old, tracked)

        self._attempt(resource, "UPDATE", do)

    def remove(self, resource: Resource, provider: Provider) -> None:
        """Delete a resource; that it is gone already is success."""

        def do() -> None:
            site = self._site(resource)
            gone = take(resource.properties)
            forgiving(lambda: provider.delete(site, resource.physical_id, gone))

        self._attempt(resource, "DELETE", do)

    def attribute(self, resource: Resource, provider: Provider, name: str) -> Any:
        """What Fn::GetAtt gives for a resource that stands."""
        return provider.attribute(self._site(resource), resource.physical_id, name)

    def site(self, resource: Resource) -> Site:
        """Where a resource stands, for who reads it."""
        return self._site(resource)

    def refuse(self, resource: Resource, verb: str, error: Exception) -> Failure:
        """Tell that a resource failed; returns the `Failure` to raise."""
        reason = errors.reason(error, resource.type, self.access.sandbox.uuid())
        self.tell(resource, f"{verb}_FAILED", reason)
        return Failure(reason)

    def _attempt(self, resource: Resource, verb: str, do: Callable[[], None]) -> None:
        self.tell(resource, f"{verb}_IN_PROGRESS")
        try:
            do()
        except Exception as error:  # the roll-back's door: foreign code may fail in any way
            raise self.refuse(resource, verb, error) from error
        self.tell(resource, f"{verb}_COMPLETE")

    def _site(self, resource: Resource) -> Site:
        return Site(
            self.access,
            self.stack.name,
            self.stack.id,
            resource.logical_id,
            resource.handle,
            resource.physical_id,
        )

    def _event(self, name: str, physical_id: str, kind: str, status: str, reason: str) -> None:
        sandbox = self.access.sandbox
        now, token = sandbox.clock.now(), self._token
        event = Event(sandbox.uuid(), name, physical_id, kind, status, reason, now, token)
        self.stack.events.append(event)
        if self.stack.topics:
            notices.publish(self.access, self.stack, event)


def provider_of(resource: Resource) -> Provider:
    """The provider of a resource that stands."""
    provider = providers.find(resource.type)
    if provider is None:
        raise Failure(f"the sandbox has no type {resource.type}")
    return provider


def _refuse_unread(resource: Resource, properties: TrackedDict) -> None:
    if missed := unread(properties):
        raise Failure(
            f"nothing in the sandbox reads {', '.join(missed)} of {resource.logical_id} "
            f"({resource.type}): leave it out"
        )


def _refuse_ignored(resource: Resource, old: Properties, new: TrackedDict) -> None:
    after = dict.items(new)
    changed = {key for key, value in after if old.get(key) != value} | (set(old) - set(new))
    if ignored := sorted(changed - new.read):
        raise Failure(
            f"nothing in the sandbox reads a change of {', '.join(ignored)} of "
            f"{resource.logical_id} ({resource.type}): delete the stack and make it anew"
        )
