"""Live tables, documents and parameters."""

from __future__ import annotations

from typing import Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.live.base import Properties, Reader, chosen, tags


def table(site: Site, name: str, expected: Properties) -> Properties:
    client = site.client("dynamodb")
    found = client.describe_table(TableName=name)["Table"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    live = chosen(found, "AttributeDefinitions", "KeySchema", "TableName")
    live["BillingMode"] = found.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    live["DeletionProtectionEnabled"] = found.get("DeletionProtectionEnabled", False)
    live["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": recovery == "ENABLED"}
    live["Tags"] = tags(client.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"])
    live["TimeToLiveSpecification"] = {
        **chosen(expiry, "AttributeName"),
        "Enabled": expiry["TimeToLiveStatus"] == "ENABLED",
    }
    if stream := found.get("StreamSpecification"):
        live["StreamSpecification"] = chosen(stream, "StreamViewType")
    if sse := found.get("SSEDescription"):
        live["SSESpecification"] = {
            "SSEEnabled": sse["Status"] == "ENABLED",
            **chosen(sse, "SSEType"),
            **({"KMSMasterKeyId": sse["KMSMasterKeyArn"]} if "KMSMasterKeyArn" in sse else {}),
        }
    return live


def document(site: Site, name: str, expected: Properties) -> Properties:
    client = site.client("ssm")
    found = client.get_document(Name=name)
    listed = client.list_tags_for_resource(ResourceType="Document", ResourceId=name)["TagList"]
    form = client.describe_document(Name=name)["Document"]["DocumentFormat"]
    names = ("Content", "DocumentType", "Name", "VersionName")
    return {**chosen(found, *names), "DocumentFormat": form, "Tags": tags(listed)}


def parameter(site: Site, name: str, expected: Properties) -> Properties:
    client = site.client("ssm")
    found = client.get_parameter(Name=name)["Parameter"]
    filters = [{"Key": "Name", "Values": [name]}]
    described = client.describe_parameters(ParameterFilters=filters)["Parameters"][0]
    listed = client.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    return {
        **chosen(described, "AllowedPattern", "DataType", "Description", "Tier"),
        **chosen(found, "Name", "Type", "Value"),
        "Tags": {tag["Key"]: tag["Value"] for tag in tags(listed)},
    }


READERS: Final[dict[str, Reader]] = {
    "AWS::DynamoDB::Table": table,
    "AWS::SSM::Document": document,
    "AWS::SSM::Parameter": parameter,
}
