"""What is set is refused before anything is made where CloudFormation would refuse it."""

from __future__ import annotations

import pytest

from netmend.deploy.templates import same, settings
from netmend.errors import UsageError
from netmend.sandbox.cloudformation import parameters, template
from netmend.sandbox.cloudformation.errors import ValidationError
from tests.deploy.places import GOODS

REFUSED: dict[str, tuple[str, str]] = {
    "no value": ("GuardedPorts", "has no value - write --set Name=Value"),
    "a mode": ("Mode=off", "use --mode"),
    "approvers": ("Approvers=ann", "use --approvers"),
    "what the deployment fills in": ("CodeKey=x", "no stack has a parameter CodeKey"),
    "a name that is near": ("GuardedPort=22", "did you mean GuardedPorts?"),
    "a name in the wrong case": ("guardedports=22", "did you mean GuardedPorts?"),
    "a port that is none": ("GuardedPorts=ssh", "must be ports and ranges such as 22,"),
    "a word of another list": ("PrivateSources=Keep", "must be keep or drop"),
    "no such length of a log": ("LogRetentionInDays=2", "one of 1, 3, 5, 7, 14,"),
    "too short a retention": ("EvidenceRetentionInDays=0", "a whole number of 1 to 36500"),
    "too long a retention": ("EvidenceRetentionInDays=36501", "a whole number of 1 to 36500"),
    "no number": ("EvidenceRetentionInDays=ever", "a whole number of 1 to 36500"),
    "no policy": ("PermissionsBoundaryArn=mine", "must be the ARN of an IAM policy"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_setting_that_cannot_be_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        settings(GOODS.templates, [text])
    assert said in str(refused.value)


TAKEN = {
    "GuardedPorts": "22,tcp/3389",
    "AllowedPorts": "",
    "PrivateSources": "drop",
    "LogRetentionInDays": "30",
    "EvidenceRetentionInDays": "36500",
    "PermissionsBoundaryArn": "arn:aws-cn:iam::123456789012:policy/Boundary",
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_cloudformation_takes_is_taken(name: str) -> None:
    assert settings(GOODS.templates, [f"{name}={TAKEN[name]}"]) == {name: TAKEN[name]}
    (of, *_) = [t for t in GOODS.templates if name in t.parameters]
    filled = {n: "code" for n in ("CodeBucket", "CodeKey") if n in of.parameters}
    parsed = template.parse(of.text)
    assert parameters.complete(parsed, {**filled, name: TAKEN[name]})[name] == TAKEN[name]


VALUES = [
    text for text, said in REFUSED.values() if said.startswith(("must be", "one of", "a whole"))
]


@pytest.mark.parametrize("text", VALUES)
def test_what_is_refused_here_cloudformation_refuses_too(text: str) -> None:
    name, _, value = text.partition("=")
    (of, *_) = [t for t in GOODS.templates if name in t.parameters]
    filled = {n: "code" for n in ("CodeBucket", "CodeKey") if n in of.parameters}
    with pytest.raises(ValidationError, match=name):
        parameters.complete(template.parse(of.text), {**filled, name: value})


TEXT = GOODS.templates[2].text
CHANGES = {
    "the same": (TEXT, True),
    "a comment": (TEXT.replace("  # What plans", "  # What thinks"), True),
    "the description of a parameter": (
        TEXT.replace("The most that Netmend may do here", "How far"),
        True,
    ),
    "another default": (TEXT.replace("Default: observe", "Default: approve"), True),
    "a property": (TEXT.replace("MemorySize: 512", "MemorySize: 1024"), False),
    "a function": (TEXT.replace("!Ref StartDeadLetters", "!GetAtt StartDeadLetters.Arn"), False),
    "a condition": (TEXT.replace('[!Ref KeptLedger, ""]', '[!Ref KeptLedger, "x"]'), False),
    "an output": (TEXT.replace("NotificationTopicArn:", "TopicArn:"), False),
    "text inside a runbook": (TEXT.replace("## Steps", "## The steps"), False),
    "no template at all": ("", False),
    "no YAML": ("{", False),
}


@pytest.mark.parametrize(("other", "equal"), CHANGES.values(), ids=CHANGES.keys())
def test_what_cloudformation_would_not_act_on_is_no_change(other: str, equal: bool) -> None:
    assert same(TEXT, other) is equal
