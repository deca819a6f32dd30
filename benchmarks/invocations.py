"""Invocations of a custom Lambda rule, as Config sends them (developer guide, "Example events")."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.groups import ACCOUNT, items

ROOT = Path(__file__).resolve().parent.parent
Event = dict[str, Any]
NAME = "SECURITY_GROUP_NO_PUBLIC_INGRESS"


def events(count: int, seed: int, prefix_list: str = "") -> list[Event]:
    """For as many groups; each of them names `prefix_list` too, if there is one."""
    return [invocation(json.loads(item.text), prefix_list) for item in items(count, seed)]


def invocation(item: dict[str, Any], prefix_list: str) -> Event:
    if prefix_list:
        permission = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22}
        listed = {"prefixListIds": [{"prefixListId": prefix_list}]}
        item["configuration"]["ipPermissions"].append({**permission, **listed})
    notice = {
        "configurationItemDiff": None,
        "configurationItem": item,
        "notificationCreationTime": item["configurationItemCaptureTime"],
        "messageType": "ConfigurationItemChangeNotification",
        "recordVersion": "1.3",
    }
    return {
        "version": "1.0",
        "invokingEvent": json.dumps(notice, separators=(",", ":")),
        "ruleParameters": parameters(),
        "resultToken": "example",
        "eventLeftScope": False,
        "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/config",
        "configRuleArn": f"arn:aws:config:eu-central-1:{ACCOUNT}:config-rule/config-rule-0a1b2c",
        "configRuleName": f"netmend-{NAME.lower().replace('_', '-')}",
        "configRuleId": "config-rule-0a1b2c",
        "accountId": ACCOUNT,
    }


def parameters() -> str:
    """What the pack gives the rule."""
    told = json.loads((ROOT / "rules" / NAME / "parameters.json").read_text())
    return str(told["Parameters"]["InputParameters"])
