"""A stack becomes what its template says or is refused, and a failure leaves what was before."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.core import Sandbox
from netmend.sandbox.faults import Cut
from netmend.stacks import StackError, deploy
from tests.sandbox.watching import Watcher

ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudformation.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Iterator[Sandbox]:
    yield started
    started.hooks.clear()
    started.reset()


class Refuse:
    """A hook that refuses an operation, the first `after` calls of it apart."""

    def __init__(self, name: str, after: int = 0) -> None:
        self._name, self._left = name, after

    def before(self, call: ApiCall) -> None:
        if call.name == self._name:
            self._left -= 1
            if self._left < 0:
                raise ApiError("InternalFailure", f"no {call.operation} today", 400)

    def after(self, call: ApiCall) -> None:
        return None


class Die(Refuse):
    """A hook at which the caller of an operation dies."""

    def before(self, call: ApiCall) -> None:
        if call.name == self._name:
            raise Cut(call.name)


def body(resources: dict[str, Any], **sections: Any) -> str:
    return json.dumps({"Resources": resources, **sections})


def queue(name: str = "", **attributes: Any) -> dict[str, Any]:
    properties = attributes.pop("Properties", {})
    named = {"QueueName": name} if name else {}
    return {"Type": "AWS::SQS::Queue", "Properties": {**named, **properties}, **attributes}


def parameter(value: Any, name: str = "/p", **attributes: Any) -> dict[str, Any]:
    properties = {"Name": name, "Type": "String", "Value": value}
    return {"Type": "AWS::SSM::Parameter", "Properties": properties, **attributes}


BROKEN = {
    "Type": "AWS::SNS::Subscription",
    "Properties": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:none", "Protocol": "sqs"},
}


def create(sandbox: Sandbox, text: str, **more: Any) -> str:
    client = sandbox.client("cloudformation")
    client.create_stack(StackName="one", TemplateBody=text, **more)
    return status(sandbox)


def update(sandbox: Sandbox, text: str, **more: Any) -> str:
    sandbox.client("cloudformation").update_stack(StackName="one", TemplateBody=text, **more)
    return status(sandbox)


def stack(sandbox: Sandbox, name: str = "one") -> dict[str, Any]:
    found: dict[str, Any] = sandbox.client("cloudformation").describe_stacks(StackName=name)
    return dict(found["Stacks"][0])


def status(sandbox: Sandbox) -> str:
    return str(stack(sandbox)["StackStatus"])


def history(sandbox: Sandbox, name: str = "one") -> list[str]:
    """The events as `logical id status`, oldest first, without the steps in between."""
    events = sandbox.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    told = [f"{e['LogicalResourceId']} {e['ResourceStatus']}" for e in reversed(events)]
    return [line for line in told if line.startswith("one ") or "IN_PROGRESS" not in line]


def reason(sandbox: Sandbox, logical_id: str) -> str:
    events = sandbox.client("cloudformation").describe_stack_events(StackName="one")["StackEvents"]
    told = [
        e["ResourceStatusReason"]
        for e in events
        if e["LogicalResourceId"] == logical_id and e["ResourceStatus"].endswith("_FAILED")
    ]
    return str(told[-1])


def queues(sandbox: Sandbox) -> list[str]:
    return [
        url.rsplit("/", 1)[1] for url in sandbox.client("sqs").list_queues().get("QueueUrls", [])
    ]


def value(sandbox: Sandbox, name: str = "/p") -> str:
    return str(sandbox.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


# refused before anything is made ------------------------------------------------------------------

REFUSED = [
    pytest.param(
        {"A": {"Type": "AWS::Nowhere::Thing"}, "B": {"Type": "Custom::Thing"}},
        "Unrecognized resource types: [AWS::Nowhere::Thing, Custom::Thing]",
        id="types that nobody knows",
    ),
    pytest.param(
        {"A": {"Type": "AWS::CloudFormation::Stack"}},
        "Unrecognized resource types: [AWS::CloudFormation::Stack]",
        id="nested stacks",
    ),
    pytest.param(
        {"A": {"Type": "AWS::EC2::VPNGateway"}, "B": {"Type": "AWS::Events::EventBus"}},
        "Unrecognized resource types: [AWS::EC2::VPNGateway, AWS::Events::EventBus]",
        id="types that moto can make and cannot delete or name",
    ),
    pytest.param(
        {"A": queue(Properties={"VisibilityTimeOut": 1})},
        "resource A with message: #: extraneous key [VisibilityTimeOut] is not permitted",
        id="a property that the type does not have",
    ),
    pytest.param(
        {
            "A": {
                "Type": "AWS::Events::Rule",
                "Properties": {"EventPattern": {}, "Targets": [{"Arn": "a", "Id": "b", "Rol": 1}]},
            }
        },
        "resource A with message: #/Targets/0: extraneous key [Rol]",
        id="a property deep inside",
    ),
    pytest.param(
        {"A": queue(Properties={"DelaySeconds": "soon"})},
        "#/DelaySeconds: expected type: Integer, found: String 'soon'",
        id="a text where a number belongs",
    ),
    pytest.param(
        {"A": queue(Properties={"Tags": {"a": "b"}})},
        "#/Tags: expected type: JSONArray, found: JSONObject",
        id="an object where a list belongs",
    ),
    pytest.param(
        {"A": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["q"]}}},
        "resource A with message: #: required key [PolicyDocument] not found",
        id="a property that is missing",
    ),
    pytest.param(
        {"A": parameter({"Fn::GetAtt": ["B", "Color"]}), "B": queue()},
        "resource B does not support attribute type Color in Fn::GetAtt",
        id="an attribute that the type does not have",
    ),
    pytest.param(
        {"A": parameter({"Ref": "B"}), "B": parameter({"Ref": "A"}, "/b")},
        "Circular dependency between resources: [A, B]",
        id="a circle",
    ),
    pytest.param(
        {"A": parameter({"Ref": "C"})},
        "Unresolved resource dependencies [C] in the Resources block",
        id="a name that nothing has",
    ),
    pytest.param(
        {"A": parameter({"Fn::ImportValue": "nothing"})},
        "No export named nothing found.",
        id="an export that nobody has",
    ),
]


@pytest.mark.parametrize(("resources", "message"), REFUSED)
def test_a_bad_template_is_refused_and_makes_nothing(
    sandbox: Sandbox, resources: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=re.escape(message)) as refused:
        create(sandbox, body({**resources, "Fine": queue("fine")}))
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert sandbox.client("cloudformation").describe_stacks()["Stacks"] == []
    assert queues(sandbox) == []


def role(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": TRUST, **properties},
    }


CAPABILITIES = [
    pytest.param(role(), [], "CAPABILITY_IAM", id="a role needs one"),
    pytest.param(role(RoleName="r"), [], "CAPABILITY_NAMED_IAM", id="a named role the other"),
    pytest.param(
        role(RoleName="r"),
        ["CAPABILITY_IAM"],
        "CAPABILITY_NAMED_IAM",
        id="the lesser is too little",
    ),
    pytest.param(role(), ["CAPABILITY_IAM"], "", id="the lesser is enough without names"),
    pytest.param(role(), ["CAPABILITY_NAMED_IAM"], "", id="the greater is enough for both"),
    pytest.param(role(RoleName="r"), ["CAPABILITY_NAMED_IAM"], "", id="and with names"),
    pytest.param(queue(), [], "", id="a queue needs none"),
]


@pytest.mark.parametrize(("resource", "given", "missing"), CAPABILITIES)
def test_iam_needs_its_capability(
    sandbox: Sandbox, resource: dict[str, Any], given: list[str], missing: str
) -> None:
    text = body({"A": resource})
    if not missing:
        assert create(sandbox, text, Capabilities=given) == "CREATE_COMPLETE"
        return
    with pytest.raises(ClientError, match=re.escape(f"capabilities : [{missing}]")) as refused:
        create(sandbox, text, Capabilities=given)
    assert refused.value.response["Error"]["Code"] == "InsufficientCapabilitiesException"


def test_a_rule_that_is_broken_refuses_the_stack(sandbox: Sandbox) -> None:
    rules = {
        "OnlyHome": {
            "RuleCondition": {"Fn::Equals": [{"Ref": "Mode"}, "enforce"]},
            "Assertions": [
                {
                    "Assert": {"Fn::Contains": [["us-east-2"], {"Ref": "AWS::Region"}]},
                    "AssertDescription": "enforce is for us-east-2",
                }
            ],
        }
    }
    modes = {"Mode": {"Type": "String", "Default": "observe"}}
    text = body({"A": queue()}, Rules=rules, Parameters=modes)
    enforce = [{"ParameterKey": "Mode", "ParameterValue": "enforce"}]
    with pytest.raises(ClientError, match="rule OnlyHome failed: enforce is for us-east-2"):
        create(sandbox, text, Parameters=enforce)
    assert create(sandbox, text) == "CREATE_COMPLETE"


UNREAD = [
    pytest.param(
        {
            "Type": "AWS::Kinesis::Stream",
            "Properties": {"Name": "made", "ShardCount": 1, "Colour": "red"},
        },
        "nothing in the sandbox reads Colour of A (AWS::Kinesis::Stream)",
        id="an unknown property of a type of moto's",
    ),
    pytest.param(
        {
            "Type": "AWS::Kinesis::Stream",
            "Properties": {
                "Name": "made",
                "ShardCount": 1,
                "Tags": [{"Key": "a", "Value": "b", "Colour": "red"}],
            },
        },
        "nothing in the sandbox reads Tags/0/Colour of A",
        id="and one deep inside",
    ),
]


@pytest.mark.parametrize(("resource", "message"), UNREAD)
def test_what_nothing_reads_fails_and_rolls_back(
    sandbox: Sandbox, resource: dict[str, Any], message: str
) -> None:
    assert create(sandbox, body({"A": resource})) == "ROLLBACK_COMPLETE"
    assert message in reason(sandbox, "A")
    assert sandbox.client("kinesis").list_streams()["StreamNames"] == []


REQUESTS = [
    pytest.param({"StackName": "1st"}, "pattern: [a-zA-Z]", id="a name that begins with a digit"),
    pytest.param({"TemplateBody": ""}, "Either Template URL or Template Body", id="no template"),
    pytest.param({"TemplateURL": "https://x.s3.amazonaws.com/y"}, "Only one of", id="two"),
    pytest.param({"NotificationARNs": ["a"]}, "does not support NotificationARNs", id="not built"),
    pytest.param({"EnableTerminationProtection": True}, "EnableTermination", id="not built either"),
    pytest.param({"OnFailure": "DELETE", "DisableRollback": True}, "both OnFailure", id="both"),
    pytest.param({"TemplateBody": "x" * 51_201}, "less than or equal to 51200", id="too large"),
]


@pytest.mark.parametrize(("change", "message"), REQUESTS)
def test_a_bad_request_is_refused(sandbox: Sandbox, change: dict[str, Any], message: str) -> None:
    request = {"StackName": "one", "TemplateBody": body({"A": queue()}), **change}
    request = {key: item for key, item in request.items() if item != ""}
    with pytest.raises(ClientError, match=re.escape(message)):
        sandbox.client("cloudformation").create_stack(**request)


def test_a_name_is_taken_once(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue()}))
    with pytest.raises(ClientError, match=r"Stack \[one\] already exists"):
        create(sandbox, body({"A": queue()}))


def test_what_the_sandbox_does_not_have_says_so(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError, match="cloudformation:CreateStackSet"):
        sandbox.client("cloudformation").create_stack_set(
            StackSetName="s", TemplateBody=body({"A": queue()})
        )


# made ---------------------------------------------------------------------------------------------


def test_resources_are_made_through_the_api_in_order(sandbox: Sandbox) -> None:
    watcher = Watcher()
    sandbox.hooks.append(watcher)
    parts = {
        "Last": parameter({"Fn::Sub": "${First.Arn}"}, "/last"),
        "Second": parameter("x", "/second", DependsOn=["First"]),
        "First": queue("first"),
    }
    create(sandbox, body(parts))
    sandbox.client("cloudformation").delete_stack(StackName="one")
    writes = [
        (c.operation, c.params.get("Name"))
        for c in watcher.calls
        if c.operation.startswith(("Create", "Put", "Delete")) and c.service != "cloudformation"
    ]
    assert writes == [
        ("CreateQueue", None),
        ("PutParameter", "/second"),
        ("PutParameter", "/last"),
        ("DeleteParameter", "/last"),
        ("DeleteParameter", "/second"),
        ("DeleteQueue", None),
    ]


def test_outputs_parameters_and_tags_are_told(sandbox: Sandbox) -> None:
    text = body(
        {"A": queue("a")},
        Description="what it is",
        Parameters={
            "Mode": {"Type": "String", "Default": "observe"},
            "Secret": {"Type": "String", "NoEcho": True},
        },
        Conditions={"Never": {"Fn::Equals": ["a", "b"]}},
        Outputs={
            "Arn": {
                "Value": {"Fn::GetAtt": "A.Arn"},
                "Export": {"Name": {"Fn::Sub": "${Mode}-arn"}},
            },
            "Not": {"Value": "x", "Condition": "Never"},
        },
    )
    given = [{"ParameterKey": "Secret", "ParameterValue": "s"}]
    create(sandbox, text, Parameters=given, Tags=[{"Key": "k", "Value": "v"}])
    told = stack(sandbox)
    assert told["Description"] == "what it is"
    assert told["Outputs"] == [
        {
            "OutputKey": "Arn",
            "OutputValue": f"arn:aws:sqs:us-east-1:{ACCOUNT}:a",
            "ExportName": "observe-arn",
        }
    ]
    assert told["Parameters"] == [
        {"ParameterKey": "Mode", "ParameterValue": "observe"},
        {"ParameterKey": "Secret", "ParameterValue": "****"},
    ]
    assert told["Tags"] == [{"Key": "k", "Value": "v"}]
    exports = sandbox.client("cloudformation").list_exports()["Exports"]
    assert [(e["Name"], e["Value"]) for e in exports] == [
        ("observe-arn", f"arn:aws:sqs:us-east-1:{ACCOUNT}:a")
    ]


def test_a_resource_whose_condition_is_false_is_not_made(sandbox: Sandbox) -> None:
    text = body(
        {
            "A": queue("a", Condition="Never"),
            "B": parameter({"Fn::If": ["Never", {"Ref": "A"}, "without"]}),
        },
        Conditions={"Never": {"Fn::Equals": ["a", "b"]}},
    )
    create(sandbox, text)
    assert queues(sandbox) == []
    assert value(sandbox) == "without"


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
    ],
)
def test_pseudo_parameters_are_of_the_region(
    sandbox: Sandbox, region: str, partition: str, suffix: str
) -> None:
    names = "${AWS::Partition} ${AWS::Region} ${AWS::AccountId} ${AWS::URLSuffix} ${AWS::StackName}"
    client = sandbox.client("cloudformation", region)
    client.create_stack(
        StackName="one",
        TemplateBody=body({"P": parameter({"Fn::Sub": names})}),
    )
    found = sandbox.client("ssm", region).get_parameter(Name="/p")["Parameter"]["Value"]
    assert found == f"{partition} {region} {ACCOUNT} {suffix} one"


def test_a_stack_of_another_account_stands_there_alone(sandbox: Sandbox) -> None:
    session = sandbox.client("sts").assume_role(
        RoleArn="arn:aws:iam::210987654321:role/any", RoleSessionName="session"
    )
    keys = session["Credentials"]
    other = sandbox.client("cloudformation", "us-east-1", keys)
    arn = deploy(
        other, "one", body({"A": queue("a")}, Outputs={"X": {"Value": {"Fn::GetAtt": "A.Arn"}}})
    )
    assert arn == {"X": "arn:aws:sqs:us-east-1:210987654321:a"}
    assert queues(sandbox) == []
    assert sandbox.client("cloudformation").describe_stacks()["Stacks"] == []


# failures -----------------------------------------------------------------------------------------


def failing(*, policy: str = "Delete") -> str:
    parts = {
        "Q": queue("q", DeletionPolicy=policy),
        "P": parameter({"Ref": "Q"}),
        "Bad": {**BROKEN, "DependsOn": ["P"]},
    }
    return body(parts)


def test_a_failed_creation_leaves_nothing_and_says_why(sandbox: Sandbox) -> None:
    assert create(sandbox, failing()) == "ROLLBACK_COMPLETE"
    assert queues(sandbox) == []
    with pytest.raises(ClientError, match="ParameterNotFound"):
        value(sandbox)
    assert history(sandbox) == [
        "one CREATE_IN_PROGRESS",
        "Q CREATE_COMPLETE",
        "P CREATE_COMPLETE",
        "Bad CREATE_FAILED",
        "one ROLLBACK_IN_PROGRESS",
        "P DELETE_COMPLETE",
        "Q DELETE_COMPLETE",
        "one ROLLBACK_COMPLETE",
    ]
    assert reason(sandbox, "Bad").startswith('Resource handler returned message: "NotFound: Topic')
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        update(sandbox, body({"A": queue()}))


def test_the_waiter_sees_the_failure(sandbox: Sandbox) -> None:
    create(sandbox, failing())
    with pytest.raises(WaiterError, match="ROLLBACK_COMPLETE"):
        sandbox.client("cloudformation").get_waiter("stack_create_complete").wait(StackName="one")


@pytest.mark.parametrize(
    ("policy", "left"),
    [("Retain", ["q"]), ("RetainExceptOnCreate", []), ("Delete", [])],
)
def test_roll_back_keeps_what_its_policy_retains(
    sandbox: Sandbox, policy: str, left: list[str]
) -> None:
    create(sandbox, failing(policy=policy))
    assert queues(sandbox) == left


def test_do_nothing_leaves_what_was_made(sandbox: Sandbox) -> None:
    assert create(sandbox, failing(), OnFailure="DO_NOTHING") == "CREATE_FAILED"
    assert queues(sandbox) == ["q"]
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert queues(sandbox) == []


def test_on_failure_delete_leaves_no_stack(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    made = client.create_stack(StackName="one", TemplateBody=failing(), OnFailure="DELETE")
    assert queues(sandbox) == []
    assert client.describe_stacks()["Stacks"] == []
    assert stack(sandbox, made["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_what_cannot_be_rolled_back_is_left_and_told(sandbox: Sandbox) -> None:
    sandbox.hooks.append(Refuse("sqs:DeleteQueue"))
    assert create(sandbox, failing()) == "ROLLBACK_FAILED"
    assert "[Q]" in stack(sandbox)["StackStatusReason"]
    assert "no DeleteQueue today" in reason(sandbox, "Q")
    sandbox.hooks.clear()
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert queues(sandbox) == []


def test_a_half_made_resource_is_deleted_too(sandbox: Sandbox) -> None:
    sandbox.hooks.append(Refuse("iam:PutRolePolicy"))
    policies = [{"PolicyName": "p", "PolicyDocument": TRUST}]
    text = body({"R": role(RoleName="half", Policies=policies)})
    assert create(sandbox, text, Capabilities=["CAPABILITY_NAMED_IAM"]) == "ROLLBACK_COMPLETE"
    assert sandbox.client("iam").list_roles()["Roles"] == []


def test_an_output_that_cannot_be_given_rolls_back(sandbox: Sandbox) -> None:
    exported = {"X": {"Value": "1", "Export": {"Name": "taken"}}}
    client = sandbox.client("cloudformation")
    client.create_stack(StackName="two", TemplateBody=body({"A": queue("a")}, Outputs=exported))
    assert create(sandbox, body({"B": queue("b")}, Outputs=exported)) == "ROLLBACK_COMPLETE"
    assert queues(sandbox) == ["a"]
    assert "taken is already exported" in history_text(sandbox)


def history_text(sandbox: Sandbox) -> str:
    events = sandbox.client("cloudformation").describe_stack_events(StackName="one")["StackEvents"]
    return "\n".join(e.get("ResourceStatusReason", "") for e in events)


def test_who_dies_in_the_middle_leaves_what_can_be_deleted(sandbox: Sandbox) -> None:
    sandbox.hooks.append(Die("ssm:PutParameter"))
    with pytest.raises(Cut):
        create(sandbox, body({"A": queue("a"), "P": parameter({"Ref": "A"})}))
    sandbox.hooks.clear()
    assert (status(sandbox), queues(sandbox)) == ("CREATE_IN_PROGRESS", ["a"])
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert queues(sandbox) == []


# updates ------------------------------------------------------------------------------------------


def test_an_update_adds_changes_and_takes_away(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("a"), "P": parameter("1"), "Gone": queue("gone")}))
    assert update(sandbox, body({"A": queue("a"), "P": parameter("2"), "New": queue("new")})) == (
        "UPDATE_COMPLETE"
    )
    assert queues(sandbox) == ["a", "new"]
    assert value(sandbox) == "2"
    told = [line for line in history(sandbox) if not line.startswith("A ")]
    assert told[told.index("one UPDATE_IN_PROGRESS") :] == [
        "one UPDATE_IN_PROGRESS",
        "New CREATE_COMPLETE",
        "P UPDATE_COMPLETE",
        "one UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "Gone DELETE_COMPLETE",
        "one UPDATE_COMPLETE",
    ]


def test_an_update_by_parameters_alone(sandbox: Sandbox) -> None:
    modes = {"Mode": {"Type": "String", "AllowedValues": ["a", "b"]}, "Other": {"Type": "String"}}
    text = body({"P": parameter({"Ref": "Mode"})}, Parameters=modes)
    client = sandbox.client("cloudformation")

    def given(mode: str) -> list[dict[str, Any]]:
        return [
            {"ParameterKey": "Mode", "ParameterValue": mode},
            {"ParameterKey": "Other", "UsePreviousValue": True},
        ]

    first = [{"ParameterKey": "Other", "ParameterValue": "x"}, given("a")[0]]
    create(sandbox, text, Parameters=first)
    client.update_stack(StackName="one", UsePreviousTemplate=True, Parameters=given("b"))
    assert value(sandbox) == "b"
    with pytest.raises(ClientError, match="No updates are to be performed"):
        client.update_stack(StackName="one", UsePreviousTemplate=True, Parameters=given("b"))
    with pytest.raises(ClientError, match="Parameter 'Mode' must be one of AllowedValues"):
        client.update_stack(StackName="one", UsePreviousTemplate=True, Parameters=given("c"))
    assert value(sandbox) == "b"


def test_the_previous_value_of_a_new_parameter_is_refused(sandbox: Sandbox) -> None:
    create(sandbox, body({"P": parameter("x")}))
    text = body({"P": parameter({"Ref": "Mode"})}, Parameters={"Mode": {"Type": "String"}})
    with pytest.raises(ClientError, match="for a parameter key not in the previous template"):
        sandbox.client("cloudformation").create_change_set(
            StackName="one",
            ChangeSetName="mode",
            TemplateBody=text,
            Parameters=[{"ParameterKey": "Mode", "UsePreviousValue": True}],
        )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="the same text"),
        pytest.param({"Description": "new words"}, id="another description"),
        pytest.param({"Parameters": {"New": {"Type": "String", "Default": "x"}}}, id="unused"),
    ],
)
def test_an_update_that_changes_nothing_is_refused(
    sandbox: Sandbox, change: dict[str, Any]
) -> None:
    create(sandbox, body({"A": queue()}))
    with pytest.raises(ClientError, match=r"No updates are to be performed\."):
        update(sandbox, body({"A": queue()}, **change))
    assert status(sandbox) == "CREATE_COMPLETE"


def test_a_new_name_is_a_new_resource_and_dependents_follow(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("old"), "P": parameter({"Fn::GetAtt": "A.QueueName"})}))
    update(sandbox, body({"A": queue("new"), "P": parameter({"Fn::GetAtt": "A.QueueName"})}))
    assert queues(sandbox) == ["new"]
    assert value(sandbox) == "new"


def test_what_is_replaced_is_kept_where_the_template_says_so(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("old", UpdateReplacePolicy="Retain")}))
    update(sandbox, body({"A": queue("new", UpdateReplacePolicy="Retain")}))
    assert sorted(queues(sandbox)) == ["new", "old"]


def test_a_named_resource_is_not_replaced_under_its_name(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("a.fifo", Properties={"FifoQueue": True})}))
    assert update(sandbox, body({"A": queue("a.fifo")})) == "UPDATE_ROLLBACK_COMPLETE"
    assert "cannot update a stack when a custom-named resource requires replacing" in (
        reason(sandbox, "A")
    )
    assert queues(sandbox) == ["a.fifo"]


def test_another_type_under_a_logical_id_is_refused(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue()}))
    with pytest.raises(ClientError, match=r"Update of resource type is not permitted.*\[A\]"):
        update(sandbox, body({"A": parameter("x")}))


def test_a_failed_update_brings_everything_back(sandbox: Sandbox) -> None:
    before = {
        "Kept": queue("kept", Properties={"DelaySeconds": 1}),
        "Named": queue("old-name"),
        "P": parameter("1"),
        "Stays": queue("stays"),
    }
    after = {
        "Kept": queue("kept", Properties={"DelaySeconds": 2}),
        "Named": queue("new-name"),
        "P": parameter("2"),
        "Added": queue("added"),
        "Bad": {**BROKEN, "DependsOn": ["Kept", "Named", "P", "Added"]},
    }
    create(sandbox, body(before, Outputs={"X": {"Value": {"Ref": "Named"}}}))
    outputs = stack(sandbox)["Outputs"]
    assert update(sandbox, body(after)) == "UPDATE_ROLLBACK_COMPLETE"
    assert sorted(queues(sandbox)) == ["kept", "old-name", "stays"]
    assert value(sandbox) == "1"
    kept = sandbox.client("sqs").get_queue_attributes(
        QueueUrl=f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/kept", AttributeNames=["All"]
    )
    assert kept["Attributes"]["DelaySeconds"] == "1"
    assert stack(sandbox)["Outputs"] == outputs
    names = {r["LogicalResourceId"] for r in listed(sandbox)}
    assert names == set(before)
    del after["Bad"]
    assert update(sandbox, body(after)) == "UPDATE_COMPLETE"
    assert sorted(queues(sandbox)) == ["added", "kept", "new-name"]


@pytest.mark.parametrize(
    ("policy", "left"),
    [("Retain", ["a", "new"]), ("RetainExceptOnCreate", ["a"]), ("Delete", ["a"])],
)
def test_what_a_failed_update_made_goes_by_its_policy(
    sandbox: Sandbox, policy: str, left: list[str]
) -> None:
    create(sandbox, body({"A": queue("a")}))
    new = queue("new", DeletionPolicy=policy)
    update(sandbox, body({"A": queue("a"), "New": new, "Bad": {**BROKEN, "DependsOn": "New"}}))
    assert queues(sandbox) == left


def listed(sandbox: Sandbox) -> list[dict[str, Any]]:
    client = sandbox.client("cloudformation")
    return list(client.list_stack_resources(StackName="one")["StackResourceSummaries"])


def test_an_update_that_cannot_be_brought_back_says_so(sandbox: Sandbox) -> None:
    create(sandbox, body({"P": parameter("1")}))
    sandbox.hooks.append(Refuse("ssm:PutParameter", after=1))
    after = {"P": parameter("2"), "Q": parameter("x", "/q", DependsOn="P")}
    assert update(sandbox, body(after)) == "UPDATE_ROLLBACK_FAILED"
    sandbox.hooks.clear()
    sandbox.client("cloudformation").delete_stack(StackName="one")
    with pytest.raises(ClientError, match="ParameterNotFound"):
        value(sandbox)


# deletion -----------------------------------------------------------------------------------------


def test_a_deleted_stack_is_found_by_its_id_alone(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue()}))
    stack_id = stack(sandbox)["StackId"]
    client = sandbox.client("cloudformation")
    client.delete_stack(StackName="one")
    client.delete_stack(StackName="one")
    with pytest.raises(ClientError, match="Stack with id one does not exist"):
        client.describe_stacks(StackName="one")
    assert stack(sandbox, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    statuses = [s["StackStatus"] for s in client.list_stacks()["StackSummaries"]]
    assert statuses == ["DELETE_COMPLETE"]
    assert create(sandbox, body({"A": queue()})) == "CREATE_COMPLETE"


def test_what_is_gone_already_is_deleted(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("a"), "P": parameter("1")}))
    sandbox.client("sqs").delete_queue(QueueUrl=f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/a")
    sandbox.client("ssm").delete_parameter(Name="/p")
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert sandbox.client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_retained_resource_outlives_its_stack(sandbox: Sandbox) -> None:
    kept = queue("kept", DeletionPolicy="RetainExceptOnCreate")
    create(sandbox, body({"A": kept, "B": queue("b")}))
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert queues(sandbox) == ["kept"]


def test_what_cannot_be_deleted_keeps_what_it_needs(sandbox: Sandbox) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "full"}, "DependsOn": "Q"}
    create(sandbox, body({"Q": queue("q"), "Bucket": bucket, "Free": queue("free")}))
    sandbox.client("s3").put_object(Bucket="full", Key="k", Body=b"x")
    client = sandbox.client("cloudformation")
    client.delete_stack(StackName="one")
    assert status(sandbox) == "DELETE_FAILED"
    assert "BucketNotEmpty" in reason(sandbox, "Bucket")
    assert queues(sandbox) == ["q"]
    client.delete_stack(StackName="one", RetainResources=["Bucket"])
    assert queues(sandbox) == []
    assert [b["Name"] for b in sandbox.client("s3").list_buckets()["Buckets"]] == ["full"]


def test_an_export_in_use_keeps_its_stack(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("a")}, Outputs={"X": {"Value": "v", "Export": {"Name": "e"}}}))
    client = sandbox.client("cloudformation")
    user = body({"P": parameter({"Fn::ImportValue": "e"})})
    client.create_stack(StackName="two", TemplateBody=user)
    assert value(sandbox) == "v"
    assert client.list_imports(ExportName="e")["Imports"] == ["two"]
    client.delete_stack(StackName="one")
    assert (
        "Export e cannot be deleted as it is in use by two" in stack(sandbox)["StackStatusReason"]
    )
    client.delete_stack(StackName="two")
    client.delete_stack(StackName="one")
    assert queues(sandbox) == []


# templates in S3, change sets, roles, the helper ------------------------------------------------

URLS = [
    "https://templates.s3.us-east-1.amazonaws.com/a/b.json",
    "https://templates.s3.amazonaws.com/a/b.json",
    "https://s3.us-east-1.amazonaws.com/templates/a/b.json",
    "https://s3.amazonaws.com/templates/a/b.json",
]


@pytest.mark.parametrize("url", URLS)
def test_a_large_template_comes_from_s3(sandbox: Sandbox, url: str) -> None:
    text = body({"A": queue("a")}, Metadata={"Filling": "x" * 60_000})
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="a/b.json", Body=text.encode())
    client = sandbox.client("cloudformation")
    client.create_stack(StackName="one", TemplateURL=url)
    assert queues(sandbox) == ["a"]
    assert client.get_template(StackName="one")["TemplateBody"] == json.loads(text)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://example.com/t.json", "TemplateURL must be a supported URL"),
        ("https://templates.s3.amazonaws.com/none", "S3 error: The specified key does not exist"),
        ("https://templates.s3.amazonaws.com/big", "may not exceed 1000000 bytes"),
    ],
)
def test_a_template_that_cannot_be_had_is_refused(sandbox: Sandbox, url: str, message: str) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="big", Body=b" " * 1_000_001)
    with pytest.raises(ClientError, match=message):
        sandbox.client("cloudformation").create_stack(StackName="one", TemplateURL=url)


def change_set(sandbox: Sandbox, text: str, kind: str) -> dict[str, Any]:
    client = sandbox.client("cloudformation")
    made = client.create_change_set(
        StackName="one", ChangeSetName="change", ChangeSetType=kind, TemplateBody=text
    )
    return dict(client.describe_change_set(ChangeSetName=made["Id"]))


def test_a_change_set_is_shown_and_then_carried_out(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    shown = change_set(sandbox, body({"A": queue("a"), "Gone": queue("gone")}), "CREATE")
    assert (shown["Status"], shown["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert {c["ResourceChange"]["Action"] for c in shown["Changes"]} == {"Add"}
    assert status(sandbox) == "REVIEW_IN_PROGRESS"
    assert queues(sandbox) == []
    client.execute_change_set(ChangeSetName="change", StackName="one")
    assert status(sandbox) == "CREATE_COMPLETE"
    assert sorted(queues(sandbox)) == ["a", "gone"]

    client.delete_change_set(ChangeSetName="change", StackName="one")
    shown = change_set(sandbox, body({"A": queue("renamed"), "P": parameter("1")}), "UPDATE")
    changes = {
        c["ResourceChange"]["LogicalResourceId"]: (
            c["ResourceChange"]["Action"],
            c["ResourceChange"].get("Replacement"),
        )
        for c in shown["Changes"]
    }
    assert changes == {"A": ("Modify", "True"), "P": ("Add", None), "Gone": ("Remove", None)}
    client.execute_change_set(ChangeSetName=shown["ChangeSetId"])
    assert status(sandbox) == "UPDATE_COMPLETE"
    assert queues(sandbox) == ["renamed"]
    with pytest.raises(ClientError, match="cannot be executed in its current execution status"):
        client.execute_change_set(ChangeSetName=shown["ChangeSetId"])


def test_a_change_set_without_changes_fails_as_the_cli_expects(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue()}))
    shown = change_set(sandbox, body({"A": queue()}), "UPDATE")
    assert (shown["Status"], shown["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert "The submitted information didn't contain changes." in shown["StatusReason"]


def test_a_change_set_that_fails_rolls_back(sandbox: Sandbox) -> None:
    change_set(sandbox, failing(), "CREATE")
    client = sandbox.client("cloudformation")
    client.execute_change_set(ChangeSetName="change", StackName="one")
    assert status(sandbox) == "ROLLBACK_COMPLETE"
    assert queues(sandbox) == []


def test_a_change_set_with_a_bad_template_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError, match="Unrecognized resource types"):
        change_set(sandbox, body({"A": {"Type": "AWS::No::Thing"}}), "CREATE")
    assert sandbox.client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_service_role_must_be_allowed_what_the_template_needs(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam")
    arn = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
    text = body({"A": queue("a")})
    assert create(sandbox, text, RoleARN=arn["Role"]["Arn"]) == "ROLLBACK_COMPLETE"
    assert "HandlerErrorCode: AccessDenied" in reason(sandbox, "A")
    statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    iam.put_role_policy(
        RoleName="deployer",
        PolicyName="queues",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert create(sandbox, text, RoleARN=arn["Role"]["Arn"]) == "CREATE_COMPLETE"


def test_deploy_creates_updates_and_leaves_alone(sandbox: Sandbox) -> None:
    text = body(
        {"P": parameter({"Ref": "Mode"})},
        Parameters={"Mode": {"Type": "String"}},
        Outputs={"Name": {"Value": {"Ref": "P"}}},
    )
    assert deploy(sandbox, "one", text, {"Mode": "a"}) == {"Name": "/p"}
    assert deploy(sandbox.client("cloudformation"), "one", text, {"Mode": "b"}) == {"Name": "/p"}
    assert value(sandbox) == "b"
    assert deploy(sandbox, "one", text, {"Mode": "b"}) == {"Name": "/p"}
    assert status(sandbox) == "UPDATE_COMPLETE"


def test_deploy_names_the_first_resource_that_failed(sandbox: Sandbox) -> None:
    with pytest.raises(StackError, match=r"^stack one: Bad \(AWS::SNS::Subscription\): Resource h"):
        deploy(sandbox, "one", failing())
    assert deploy(sandbox, "one", body({"Q": queue("q")})) == {}
    with pytest.raises(StackError, match=r"^stack one: Bad \(AWS::SNS::Subscription\): "):
        deploy(sandbox, "one", failing())
    with pytest.raises(StackError, match=r"^stack one: .*Unrecognized resource types") as refused:
        deploy(sandbox, "one", body({"A": {"Type": "AWS::No::Thing"}}))
    assert "\n" not in str(refused.value)
    with pytest.raises(StackError, match="has 51201 bytes"):
        deploy(sandbox, "one", "x" * 51_201)
