"""The actions that the engine can run, by the name that a step gives."""

from collections.abc import Mapping
from typing import Final

from netmend.sandbox.automation.actions import api, approve, branch, function, script, sleep
from netmend.sandbox.automation.actions.base import Action

ACTIONS: Final[Mapping[str, Action]] = {
    "aws:approve": approve.ACTION,
    "aws:assertAwsResourceProperty": api.ASSERT,
    "aws:branch": branch.ACTION,
    "aws:executeAwsApi": api.EXECUTE,
    "aws:executeScript": script.ACTION,
    "aws:invokeLambdaFunction": function.ACTION,
    "aws:sleep": sleep.ACTION,
    "aws:waitForAwsResourceProperty": api.WAIT,
}
