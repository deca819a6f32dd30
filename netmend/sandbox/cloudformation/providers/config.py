"""AWS::Config::ConfigRule, ConformancePack, ConfigurationRecorder and DeliveryChannel."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.errors import Failure
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    pick,
    read,
    same,
)
from netmend.sandbox.cloudformation.shapes import BOOLEAN, JSON, STRING, json_text

PACK_STACKS: Final = "awsconfigconforms-"
"""How the name of the stack begins that Config deploys a conformance pack as."""


class ConfigRule(Provider):
    """Ref is the name; inside a conformance pack's stack Config renames the rule."""

    type = "AWS::Config::ConfigRule"
    name_property = "ConfigRuleName"
    shape: ClassVar[Shapes] = {
        "ConfigRuleName": STRING,
        "Description": STRING,
        "EvaluationModes": [{"Mode": STRING}],
        "InputParameters": JSON,
        "MaximumExecutionFrequency": STRING,
        "Scope": {
            "ComplianceResourceId": STRING,
            "ComplianceResourceTypes": [STRING],
            "TagKey": STRING,
            "TagValue": STRING,
        },
        "Source": {
            "CustomPolicyDetails": {
                "EnableDebugLogDelivery": BOOLEAN,
                "PolicyRuntime": STRING,
                "PolicyText": STRING,
            },
            "Owner": STRING,
            "SourceDetails": [
                {"EventSource": STRING, "MaximumExecutionFrequency": STRING, "MessageType": STRING}
            ],
            "SourceIdentifier": STRING,
        },
    }
    required = ("Source",)
    create_only = ("ConfigRuleName",)
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, name: _rule(site, name)["ConfigRuleArn"],
        "Compliance.Type": lambda site, name: _compliance(site, name),
        "ConfigRuleId": lambda site, name: _rule(site, name)["ConfigRuleId"],
    }

    def create(self, site: Site, wanted: Properties) -> str:
        if _is_pack(site):
            return self._put_in_pack(site, wanted)
        return self._put(site, read(wanted, "ConfigRuleName") or site.name(128), wanted)

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if not old:
            return
        if _is_pack(site):
            self._put_in_pack(site, new)
        else:
            self._put(site, physical_id, new)

    def _put(self, site: Site, name: str, wanted: Properties) -> str:
        rule = {**pick(wanted, *self.shape), "ConfigRuleName": name}
        if "InputParameters" in rule:
            rule["InputParameters"] = json_text(_texts(rule["InputParameters"]))
        site.client("config").put_config_rule(ConfigRule=rule)
        return name

    def _put_in_pack(self, site: Site, wanted: Properties) -> str:
        from netmend.sandbox.config import packs

        where = site.access
        rule = pick(wanted, *self.shape)
        if "InputParameters" in rule:
            rule["InputParameters"] = _texts(rule["InputParameters"])
        made = packs.pack_rule(where.sandbox, where.account, where.region, site.stack_name, rule)
        return str(made["ConfigRuleName"])

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        where = site.access
        if _is_pack(site):
            from netmend.sandbox.config import packs

            packs.delete_pack_rule(
                where.sandbox, where.account, where.region, site.stack_name, physical_id
            )
        else:
            site.client("config").delete_config_rule(ConfigRuleName=physical_id)


def _is_pack(site: Site) -> bool:
    return site.stack_name.startswith(PACK_STACKS)


def _texts(parameters: Any) -> Any:
    if not isinstance(parameters, dict):
        return parameters
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in parameters.items()}


def _rule(site: Site, name: str) -> dict[str, Any]:
    answer = site.client("config").describe_config_rules(ConfigRuleNames=[name])
    found: dict[str, Any] = answer["ConfigRules"][0]
    return found


def _compliance(site: Site, name: str) -> str:
    answer = site.client("config").describe_compliance_by_config_rule(ConfigRuleNames=[name])
    return str(answer["ComplianceByConfigRules"][0]["Compliance"]["ComplianceType"])


class ConformancePack(Provider):
    """Ref is the name."""

    type = "AWS::Config::ConformancePack"
    name_property = "ConformancePackName"
    shape: ClassVar[Shapes] = {
        "ConformancePackInputParameters": [{"ParameterName": STRING, "ParameterValue": STRING}],
        "ConformancePackName": STRING,
        "DeliveryS3Bucket": STRING,
        "DeliveryS3KeyPrefix": STRING,
        "TemplateBody": STRING,
        "TemplateS3Uri": STRING,
    }
    required = ("ConformancePackName",)
    create_only = ("ConformancePackName",)

    def create(self, site: Site, wanted: Properties) -> str:
        self._put(site, wanted)
        return str(read(wanted, "ConformancePackName"))

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old:
            self._put(site, new)
        status = _pack_status(site, physical_id)
        state = str(status.get("ConformancePackState"))
        if not state.endswith("_COMPLETE"):
            why = status.get("ConformancePackStatusReason", "no reason given")
            raise Failure(f"conformance pack {physical_id} is {state}: {why}")

    def _put(self, site: Site, wanted: Properties) -> None:
        site.client("config").put_conformance_pack(**pick(wanted, *self.shape))

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("config").delete_conformance_pack(ConformancePackName=physical_id)


def _pack_status(site: Site, name: str) -> dict[str, Any]:
    answer = site.client("config").describe_conformance_pack_status(ConformancePackNames=[name])
    found: dict[str, Any] = next(iter(answer["ConformancePackStatusDetails"]), {})
    return found


GROUP: Final = {
    "AllSupported": "allSupported",
    "ExclusionByResourceTypes": "exclusionByResourceTypes",
    "IncludeGlobalResourceTypes": "includeGlobalResourceTypes",
    "RecordingStrategy": "recordingStrategy",
    "ResourceTypes": "resourceTypes",
}
"""The keys of a recording group in a template, and in the API."""


class ConfigurationRecorder(Provider):
    """Ref is the name; it starts as soon as a delivery channel exists."""

    type = "AWS::Config::ConfigurationRecorder"
    name_property = "Name"
    shape: ClassVar[Shapes] = {
        "Name": STRING,
        "RecordingGroup": {
            "AllSupported": BOOLEAN,
            "ExclusionByResourceTypes": {"ResourceTypes": [STRING]},
            "IncludeGlobalResourceTypes": BOOLEAN,
            "RecordingStrategy": {"UseOnly": STRING},
            "ResourceTypes": [STRING],
        },
        "RecordingMode": {"RecordingFrequency": STRING},
        "RoleARN": STRING,
    }
    required = ("RoleARN",)
    create_only = ("Name",)

    def create(self, site: Site, wanted: Properties) -> str:
        name = read(wanted, "Name") or site.name(255)
        self._put(site, name, wanted)
        return str(name)

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old:
            self._put(site, physical_id, new)
        client = site.client("config")
        if client.describe_delivery_channels()["DeliveryChannels"]:
            client.start_configuration_recorder(ConfigurationRecorderName=physical_id)

    def _put(self, site: Site, name: str, wanted: Properties) -> None:
        recorder = {"name": name, "roleARN": read(wanted, "RoleARN")}
        if group := read(wanted, "RecordingGroup"):
            recorder["recordingGroup"] = _lower({GROUP[k]: v for k, v in group.items()})
        if mode := read(wanted, "RecordingMode"):
            recorder["recordingMode"] = _lower(mode)
        site.client("config").put_configuration_recorder(ConfigurationRecorder=recorder)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        client = site.client("config")
        client.stop_configuration_recorder(ConfigurationRecorderName=physical_id)
        client.delete_configuration_recorder(ConfigurationRecorderName=physical_id)


def _lower(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key[:1].lower() + key[1:]: _lower(item) for key, item in value.items()}


class DeliveryChannel(Provider):
    """Ref is the name; a recorder of the same template stands before it."""

    type = "AWS::Config::DeliveryChannel"
    name_property = "Name"
    after = ("AWS::Config::ConfigurationRecorder",)
    shape: ClassVar[Shapes] = {
        "ConfigSnapshotDeliveryProperties": {"DeliveryFrequency": STRING},
        "Name": STRING,
        "S3BucketName": STRING,
        "S3KeyPrefix": STRING,
        "S3KmsKeyArn": STRING,
        "SnsTopicARN": STRING,
    }
    required = ("S3BucketName",)
    create_only = ("Name",)

    def create(self, site: Site, wanted: Properties) -> str:
        name = read(wanted, "Name") or site.name(255)
        self._put(site, name, wanted)
        return str(name)

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old and not same(old, new, *self.shape):
            self._put(site, physical_id, new)
        client = site.client("config")
        for status in _recorders(client):
            if not status["recording"]:
                client.start_configuration_recorder(ConfigurationRecorderName=status["name"])

    def _put(self, site: Site, name: str, wanted: Properties) -> None:
        channel = _lower({**pick(wanted, *self.shape), "Name": name})
        site.client("config").put_delivery_channel(DeliveryChannel=channel)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        client = site.client("config")
        for status in _recorders(client):
            if status["recording"]:
                # Config keeps the last channel while a recorder runs.
                client.stop_configuration_recorder(ConfigurationRecorderName=status["name"])
        client.delete_delivery_channel(DeliveryChannelName=physical_id)


def _recorders(client: Any) -> list[dict[str, Any]]:
    answer = client.describe_configuration_recorder_status()
    found: list[dict[str, Any]] = answer["ConfigurationRecordersStatus"]
    return found


PROVIDERS = by_name((ConfigRule, ConformancePack, ConfigurationRecorder, DeliveryChannel))
