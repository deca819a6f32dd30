"""The actions that the engine can run, by the name that a step gives."""

from collections.abc import Mapping
from typing import Final

from netmend.sandbox.automation.actions import (
    api,
    approve,
    branch,
    child,
    function,
    images,
    instances,
    loop,
    pause,
    script,
    sleep,
    stacks,
    tags,
    variable,
)
from netmend.sandbox.automation.actions.base import Action

ACTIONS: Final[Mapping[str, Action]] = {
    "aws:approve": approve.ACTION,
    "aws:assertAwsResourceProperty": api.ASSERT,
    "aws:branch": branch.ACTION,
    "aws:changeInstanceState": instances.CHANGE,
    "aws:copyImage": images.COPY_ACTION,
    "aws:createImage": images.CREATE_ACTION,
    "aws:createStack": stacks.CREATE_ACTION,
    "aws:createTags": tags.ACTION,
    "aws:deleteImage": images.DELETE_ACTION,
    "aws:deleteStack": stacks.DELETE_ACTION,
    "aws:executeAutomation": child.ACTION,
    "aws:executeAwsApi": api.EXECUTE,
    "aws:executeScript": script.ACTION,
    "aws:invokeLambdaFunction": function.ACTION,
    "aws:loop": loop.ACTION,
    "aws:pause": pause.ACTION,
    "aws:runInstances": instances.LAUNCH_ACTION,
    "aws:sleep": sleep.ACTION,
    "aws:updateVariable": variable.ACTION,
    "aws:waitForAwsResourceProperty": api.WAIT,
}
