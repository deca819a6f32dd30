"""AWS::StepFunctions::StateMachine."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    pick,
    read,
    same,
    tag_list,
)
from netmend.sandbox.cloudformation.shapes import JSON, STRING, TAGS, MapOf


class StateMachine(Provider):
    """Ref is the ARN."""

    type = "AWS::StepFunctions::StateMachine"
    name_property = "StateMachineName"
    shape: ClassVar[Shapes] = {
        "Definition": JSON,
        "DefinitionString": STRING,
        "DefinitionSubstitutions": MapOf(STRING),
        "RoleArn": STRING,
        "StateMachineName": STRING,
        "StateMachineType": STRING,
        "Tags": TAGS,
    }
    required = ("RoleArn",)
    create_only = ("StateMachineName", "StateMachineType", "Tags")
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, arn: arn,
        "Name": lambda site, arn: arn.rsplit(":", 1)[1],
    }

    def create(self, site: Site, wanted: Properties) -> str:
        kind = {"type": read(wanted, "StateMachineType", "STANDARD")}
        made = site.client("stepfunctions").create_state_machine(
            name=read(wanted, "StateMachineName") or site.name(80),
            definition=_definition(wanted),
            roleArn=read(wanted, "RoleArn"),
            tags=[{"key": tag["Key"], "value": tag["Value"]} for tag in tag_list(wanted)],
            **kind,
        )
        return str(made["stateMachineArn"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        names = ("Definition", "DefinitionString", "DefinitionSubstitutions", "RoleArn")
        if old and not same(old, new, *names):
            site.client("stepfunctions").update_state_machine(
                stateMachineArn=physical_id,
                definition=_definition(new),
                roleArn=read(new, "RoleArn"),
            )

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("stepfunctions").delete_state_machine(stateMachineArn=physical_id)


def _definition(properties: Properties) -> str:
    found: Any = pick(properties, "Definition", "DefinitionString")
    text = found.get("DefinitionString") or json.dumps(found.get("Definition", {}))
    for name, value in read(properties, "DefinitionSubstitutions", {}).items():
        text = text.replace("${" + name + "}", value)
    return str(text)


PROVIDERS = by_name((StateMachine,))
