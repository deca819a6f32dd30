"""CreateStack, UpdateStack, DeleteStack and what tells of stacks, as CloudFormation answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.cloudformation import (
    changes,
    linting,
    parameters,
    plan,
    references,
    requests,
    template,
)
from netmend.sandbox.cloudformation.access import enter
from netmend.sandbox.cloudformation.deployment import Deployment, take_down
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.model import REVIEW, Stack, Stacks, Wanted
from netmend.sandbox.cloudformation.plan import Plan
from netmend.sandbox.cloudformation.work import Work

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

SERVICE = "cloudformation"


def stacks_of(sandbox: Sandbox, call: ApiCall) -> Stacks:
    """The stacks of the account and Region that a call is about."""
    return sandbox.state(Stacks, call.account, call.region)


def new_stack(sandbox: Sandbox, call: ApiCall, name: str) -> Stack:
    """A stack that holds nothing yet."""
    access = enter(sandbox, call.account, call.region)
    return Stack(
        id=access.arn(SERVICE, f"stack/{name}/{sandbox.uuid()}"),
        name=name,
        account=call.account,
        region=call.region,
        created=sandbox.clock.now(),
    )


def plan_for(sandbox: Sandbox, call: ApiCall, stack: Stack, wanted: Wanted) -> Plan:
    """The checked plan of what a request wants; raises ApiError."""
    access = enter(sandbox, call.account, call.region, wanted.role_arn)
    return plan.make(stack, wanted, access, stacks_of(sandbox, call).exports())


@operation(SERVICE, "CreateStack")
def create_stack(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Checks first; then the stack is made, and how that ended is the stack's status."""
    requests.check_known(call)
    stacks, name = stacks_of(sandbox, call), call.params["StackName"]
    requests.check_name(name)
    token = call.params.get("ClientRequestToken")
    if name in stacks.live:
        standing = stacks.live[name]
        if token and standing.wanted and standing.wanted.token == token and not standing.updated:
            return {"StackId": standing.id}  # the same request, sent again
        raise ApiError("AlreadyExistsException", f"Stack [{name}] already exists")
    on_failure = failure_policy(call.params, "OnFailure")
    access = enter(sandbox, call.account, call.region)
    stack = new_stack(sandbox, call, name)
    stack.wanted = requests.wanted(call.params, access, None)
    stack.disable_rollback = on_failure == "DO_NOTHING"
    stack.protected = bool(call.params.get("EnableTerminationProtection"))
    stack.timeout = int(call.params.get("TimeoutInMinutes") or 0)
    planned = plan_for(sandbox, call, stack, stack.wanted)
    stacks.live[name] = stack
    Deployment(stacks, stack, planned).create(on_failure)
    forget_deleted(stacks, stack)
    return {"StackId": stack.id}


def failure_policy(params: dict[str, Any], key: str) -> str:
    """ROLLBACK, DELETE or DO_NOTHING."""
    chosen, disabled = params.get(key), params.get("DisableRollback")
    if chosen and disabled is not None:
        raise ValidationError(f"You cannot specify both {key} and DisableRollback.")
    return str(chosen or ("DO_NOTHING" if disabled else "ROLLBACK"))


def forget_deleted(stacks: Stacks, stack: Stack) -> None:
    """A stack that is deleted frees its name and is found by its id alone."""
    if stack.status == "DELETE_COMPLETE":
        del stacks.live[stack.name]
        stacks.gone[stack.id] = stack
        for change_set in [c for c in stacks.change_sets.values() if c.stack is stack]:
            del stacks.change_sets[change_set.id]


@operation(SERVICE, "UpdateStack")
def update_stack(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Refuses an update that changes nothing; a failed one leaves the stack as it was."""
    requests.check_known(call)
    stacks, name = stacks_of(sandbox, call), call.params["StackName"]
    stack = existing(stacks, name)
    changes.check_updatable(stack)
    access = enter(sandbox, call.account, call.region)
    wanted = requests.wanted(call.params, access, stack)
    planned = plan_for(sandbox, call, stack, wanted)
    changes.check_types(stack, planned)
    if not changes.differs(stack, planned):
        raise changes.no_changes()
    stack.updated = sandbox.clock.now()
    disabled = bool(call.params.get("DisableRollback"))
    Deployment(stacks, stack, planned).update(disable_rollback=disabled)
    return {"StackId": stack.id}


def existing(stacks: Stacks, name_or_id: str) -> Stack:
    """A stack that stands; raises ValidationError in UpdateStack's words."""
    for stack in stacks.live.values():
        if name_or_id in (stack.name, stack.id):
            return stack
    raise ValidationError(f"Stack [{name_or_id}] does not exist")


@operation(SERVICE, "DeleteStack")
def delete_stack(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """That there is no such stack is success; what cannot be deleted shows in its status."""
    stacks, params = stacks_of(sandbox, call), call.params
    unknown = {k for k, v in params.items() if v} - {
        "StackName",
        "RetainResources",
        "RoleARN",
        "ClientRequestToken",
    }
    if unknown:
        raise ValidationError(f"the sandbox does not support {sorted(unknown)[0]} in DeleteStack")
    found = [s for s in stacks.live.values() if params["StackName"] in (s.name, s.id)]
    if found:
        _delete(sandbox, stacks, found[0], params)
    return {}


def _delete(sandbox: Sandbox, stacks: Stacks, stack: Stack, params: dict[str, Any]) -> None:
    if stack.protected:
        raise ValidationError(
            f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
        )
    retain = frozenset(params.get("RetainResources") or ())
    if retain and stack.status != "DELETE_FAILED":
        raise ValidationError(
            f"Invalid operation on stack [{stack.id}]: RetainResources needs DELETE_FAILED"
        )
    role = params.get("RoleARN") or (stack.wanted.role_arn if stack.wanted else "")
    access = enter(sandbox, stack.account, stack.region, role)
    work = Work(stack, access, params.get("ClientRequestToken") or "")
    work.tell_stack("DELETE_IN_PROGRESS", "User Initiated")
    used = [
        f"Export {o['ExportName']} cannot be deleted as it is in use by {', '.join(users)}"
        for o in stack.outputs
        if "ExportName" in o and (users := stacks.importers(o["ExportName"]))
    ]
    left = used[0] if used else take_down(stack, work, retain=retain)
    work.tell_stack("DELETE_FAILED" if left else "DELETE_COMPLETE", left)
    if not left:
        stack.deleted = sandbox.clock.now()
        stack.outputs = []
    forget_deleted(stacks, stack)


@operation(SERVICE, "ValidateTemplate")
def validate_template(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The form, the names and the properties, as far as they can be judged without parameters."""
    access = enter(sandbox, call.account, call.region)
    parsed = requests.read_template(call.params, access, None)
    plan.check_types(parsed)
    references.check(parsed)
    references.order(references.needs(parsed, lambda _: ()))
    linting.check(parsed.text, call.region)
    declared = [
        {
            "ParameterKey": name,
            "NoEcho": parameters.is_hidden(parameter),
            **_texts(parameter, DefaultValue="Default", Description="Description"),
        }
        for name, parameter in parsed.section("Parameters").items()
    ]
    return {"Parameters": declared, **about(parsed)}


@operation(SERVICE, "GetTemplateSummary")
def get_template_summary(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Parameters, types and capabilities of a template that is given or that a stack has."""
    access = enter(sandbox, call.account, call.region)
    if name := call.params.get("StackName"):
        wanted = stacks_of(sandbox, call).find(name).wanted
        if wanted is None:
            raise ValidationError(f"GetTemplateSummary cannot be called on {REVIEW} stacks.")
        parsed = wanted.template
    else:
        parsed = requests.read_template(call.params, access, None)
    declared = [
        {
            "ParameterKey": name,
            "ParameterType": parameter["Type"],
            "NoEcho": parameters.is_hidden(parameter),
            "ParameterConstraints": _texts(parameter, AllowedValues="AllowedValues"),
            **_texts(parameter, DefaultValue="Default", Description="Description"),
        }
        for name, parameter in parsed.section("Parameters").items()
    ]
    kinds = sorted({resource["Type"] for resource in parsed.resources.values()})
    return {"Parameters": declared, "ResourceTypes": kinds, **about(parsed)}


def about(parsed: template.Template) -> dict[str, Any]:
    """Description and capabilities of a template."""
    needed = plan.needed_capabilities(parsed)
    said = {"Description": parsed.description} if parsed.description else {}
    if needed:
        said["CapabilitiesReason"] = "The following resource(s) require capabilities: IAM"
    return {**said, "Capabilities": needed}


def _texts(parameter: dict[str, Any], **names: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, name in names.items():
        if name in parameter:
            value = parameter[name]
            found[key] = [str(v) for v in value] if isinstance(value, list) else str(value)
    return found
