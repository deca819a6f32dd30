"""One type of resource: the shape of its properties, and how it is made, changed and deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.errors import ValidationError, is_gone
from netmend.sandbox.cloudformation.shapes import Shape, coerce
from netmend.sandbox.cloudformation.tracked import take

Properties = dict[str, Any]
Shapes = dict[str, Shape]
Attributes = Mapping[str, Callable[[Site, str], Any]]


class Provider:
    """The base of every provider; one instance serves all resources of its type.

    `create` makes the resource with one call and returns its physical id (what Ref gives).
    `configure` then does the rest, with `old` empty; the same method changes a resource that
    stands. Both are handed properties in the declared shape, scalars converted. `create_only`
    names what cannot be changed: another value there means a new resource.
    """

    type: ClassVar[str]
    shape: ClassVar[Shapes]
    required: ClassVar[tuple[str, ...]] = ()
    create_only: ClassVar[tuple[str, ...]] = ()
    name_property: ClassVar[str] = ""
    after: ClassVar[tuple[str, ...]] = ()
    attributes: ClassVar[Attributes] = {}

    def create(self, site: Site, wanted: Properties) -> str:
        """Make it; returns the physical id. Raises ClientError as the service does."""
        raise NotImplementedError(f"{self.type} cannot be created")

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        """Bring what stands from `old` to `new`; `old` is empty just after `create`."""

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        """Delete it; an error that says it is gone is success, and need not be caught here."""
        raise NotImplementedError(f"{self.type} cannot be deleted")

    def check(self, resource: str, properties: Properties, tags: Mapping[str, str]) -> Properties:
        """The properties in their shape, with the stack's tags; raises ValidationError."""
        shaped: Properties = coerce(self.shape, with_tags(self.shape, properties, tags), resource)
        for name in self.required:
            if name not in shaped:
                raise ValidationError(
                    f"Properties validation failed for resource {resource} with message: "
                    f"#: required key [{name}] not found"
                )
        return shaped

    def replaces(self, old: Properties, new: Properties) -> bool:
        """Whether going from `old` to `new` takes a new resource."""
        return any(old.get(name) != new.get(name) for name in self.create_only)

    def has_attribute(self, name: str) -> bool:
        """Whether Fn::GetAtt may ask for this."""
        return name in self.attributes

    def attribute(self, site: Site, physical_id: str, name: str) -> Any:
        """The value of an attribute of a resource that stands."""
        return self.attributes[name](site, physical_id)


def with_tags(
    shape: Mapping[str, Shape], properties: Properties, tags: Mapping[str, str]
) -> Properties:
    """The properties with the stack's tags added, where the type has tags; its own tags win."""
    if not tags or "Tags" not in shape:
        return properties
    own = properties.get("Tags")
    if isinstance(shape["Tags"], list):
        named = [t["Key"] for t in own or () if isinstance(t, dict) and "Key" in t]
        added = [{"Key": k, "Value": v} for k, v in tags.items() if k not in named]
        return {**properties, "Tags": [*(own or []), *added]}
    return {**properties, "Tags": {**tags, **(own or {})}}


def pick(properties: Properties, *names: str) -> Properties:
    """The named properties that are set, as an API takes them."""
    return {name: take(properties[name]) for name in names if properties.get(name) is not None}


def same(old: Properties, new: Properties, *names: str) -> bool:
    """Whether none of these properties differ; reads both, so that neither counts as ignored."""
    return not [name for name in names if take(old.get(name)) != take(new.get(name))]


def read(properties: Properties, name: str, default: Any = None) -> Any:
    """One property in full, as a copy that is not tracked."""
    value = properties.get(name)
    return default if value is None else take(value)


def tag_map(properties: Properties) -> dict[str, str]:
    """The `Tags` of a resource by key, in whichever form its type has them."""
    tags = read(properties, "Tags", [])
    return dict(tags) if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def tag_list(properties: Properties) -> list[dict[str, str]]:
    """The same as `[{Key, Value}]`."""
    return [{"Key": key, "Value": value} for key, value in tag_map(properties).items()]


def tag_changes(old: Properties, new: Properties) -> tuple[list[str], dict[str, str]]:
    """(keys to remove, tags to set) between two versions of a resource."""
    before, after = tag_map(old), tag_map(new)
    gone = [key for key in before if key not in after]
    return gone, {key: value for key, value in after.items() if before.get(key) != value}


def forgiving(call: Callable[[], Any]) -> None:
    """Do a call that takes something away; that it is gone already is success."""
    try:
        call()
    except ClientError as error:
        if not is_gone(error):
            raise


def by_name(providers: Iterable[type[Provider]]) -> dict[str, Provider]:
    """One instance of each provider, by the type it serves."""
    return {provider.type: provider() for provider in providers}
