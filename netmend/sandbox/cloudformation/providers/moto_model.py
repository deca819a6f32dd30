"""The types that Netmend has no provider for keep moto's own model, if it can also delete."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.ec2.models.core import TaggedEC2Resource

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.errors import Failure
from netmend.sandbox.cloudformation.providers.base import Properties, Provider
from netmend.sandbox.cloudformation.providers.ec2_tags import mark
from netmend.sandbox.cloudformation.tracked import take

FOREIGN: Final = frozenset({"AWS::CloudFormation::Stack"})
"""Types that moto makes with an engine of its own, which this one replaces."""


class MotoModel(Provider):
    """A provider around one of moto's CloudFormation models; its shape is moto's own affair."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._model: Any = parsing.get_model_map()[kind]
        self._name_property = parsing.resource_name_property_from_type(kind) or ""

    def check(self, resource: str, properties: Properties, tags: Mapping[str, str]) -> Properties:
        return properties

    def create(self, site: Site, wanted: Properties) -> str:
        where = site.access
        try:
            made = self._model.create_from_cloudformation_json(
                self._name(site, wanted),
                {"Type": self.kind, "Properties": wanted},
                where.account,
                where.region,
                LogicalId=site.logical_id,
                StackId=site.stack_id,
                ResourceType=self.kind,
            )
        except KeyError as missing:  # moto's models index what AWS requires
            raise Failure(f"#: required key [{missing.args[0]}] not found") from missing
        return self._keep(site, made)

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if not old:
            return
        if not _defines(self._model, "update_from_cloudformation_json"):
            raise Failure(f"the sandbox cannot update {self.kind}: delete it and make it anew")
        where = site.access
        changed = self._model.update_from_cloudformation_json(
            site.handle,
            self._name(site, new) if self._name_property in new else physical_id,
            {"Type": self.kind, "Properties": new},
            where.account,
            where.region,
        )
        site.physical_id = self._keep(site, changed)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        where = site.access
        if _deletes_itself(self._model):
            site.handle.delete(where.account, where.region)
            return
        self._model.delete_from_cloudformation_json(
            physical_id,
            {"Type": self.kind, "Properties": take(properties)},
            where.account,
            where.region,
        )

    def has_attribute(self, name: str) -> bool:
        return bool(self._model.has_cfn_attr(name))

    def attribute(self, site: Site, physical_id: str, name: str) -> Any:
        try:
            return site.handle.get_cfn_attribute(name)
        except UnformattedGetAttTemplateException:
            raise Failure(
                f"Template error: resource {site.logical_id} does not support attribute type "
                f"{name} in Fn::GetAtt"
            ) from None

    def _name(self, site: Site, properties: Properties) -> str:
        if self._name_property in properties:
            return str(properties[self._name_property])
        return str(parsing.generate_resource_name(self.kind, site.stack_name, site.logical_id))

    def _keep(self, site: Site, made: Any) -> str:
        site.handle = made
        physical_id = str(made.physical_resource_id)
        if isinstance(made, TaggedEC2Resource):
            mark(site, physical_id)
        return physical_id


def supports(kind: str) -> bool:
    """Whether moto has a model of this type that can be deleted and knows its own id."""
    if kind in FOREIGN or kind not in parsing.get_model_map():
        return False
    model = parsing.get_model_map()[kind]
    deletable = _deletes_itself(model) or _defines(model, "delete_from_cloudformation_json")
    return deletable and hasattr(model, "physical_resource_id")


def _defines(model: Any, method: str) -> bool:
    return not hasattr(getattr(model, method), "__isabstractmethod__")


def _deletes_itself(model: Any) -> bool:
    method = getattr(model, "delete", None)
    return callable(method) and len(inspect.signature(method).parameters) == 3
