"""CreateStackSet, UpdateStackSet and DeleteStackSet, as CloudFormation answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.cloudformation import parameters, plan
from netmend.sandbox.cloudformation.access import enter
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.operations import SERVICE as CLOUDFORMATION
from netmend.sandbox.stacksets import errors, instances, preferences, templates, trust
from netmend.sandbox.stacksets.model import (
    ADMINISTRATION,
    EXECUTION,
    SELF,
    SERVICE,
    StackSet,
    StackSets,
)

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

NAME: Final = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
UNREAD: Final = (
    "StackId",
    "ExecutionRoleTemplateBody",
    "ExecutionRoleTemplateUrl",
    "UseAdminExecutionRole",
    "StackSetOutputBucket",
)
"""Members of a request that the sandbox would ignore, and therefore refuses."""

MOST_NEEDS: Final = 10
LIMIT: Final = 1_000
"""Stack sets of one administrator account."""


@operation(CLOUDFORMATION, "CreateStackSet")
def create_stack_set(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Nothing is deployed yet; the same ClientRequestToken again is the same stack set."""
    params = call.params
    _check_known(call)
    model = params.get("PermissionModel") or SELF
    _check_model(call, model)
    home, name, token = trust.home(sandbox, call), params["StackSetName"], _token(params)
    if not NAME.fullmatch(name):
        raise ValidationError(f"Invalid stack set name: {name}: use letters, digits and hyphens")
    if name in home.live:
        return {"StackSetId": _same(home.live[name], token).id}
    if len(home.live) >= LIMIT:
        raise ApiError("LimitExceededException", f"You can have at most {LIMIT} stack sets")
    made = _new(sandbox, call, model, name, token)
    _describe(made, params, home)
    home.live[name] = made
    return {"StackSetId": made.id}


def _token(params: Mapping[str, Any]) -> str:
    return str(params.get("ClientRequestToken") or "")


def _same(standing: StackSet, token: str) -> StackSet:
    if not token or token != standing.token:
        message = f"StackSet {standing.name} already exists"
        raise ApiError("NameAlreadyExistsException", message, 409)
    if standing.changed:
        message = f"StackSet {standing.name} exists, but has been changed"
        raise ApiError("CreatedButModifiedException", message, 409)
    return standing


def _check_known(call: ApiCall) -> None:
    for name in UNREAD:
        if call.params.get(name):
            raise ValidationError(
                f"the sandbox does not support {name} in {call.operation}: leave it out"
            )


def _check_model(call: ApiCall, model: str) -> None:
    params = call.params
    if model == SERVICE:
        trust.organisation(call)
        if params.get("AdministrationRoleARN") or params.get("ExecutionRoleName"):
            raise ValidationError(
                "AdministrationRoleARN and ExecutionRoleName cannot be specified for "
                "SERVICE_MANAGED stack sets"
            )
        return
    if params.get("AutoDeployment"):
        raise ValidationError("AutoDeployment is only supported for SERVICE_MANAGED stack sets")
    if params.get("CallAs") == "DELEGATED_ADMIN":
        raise ValidationError("CallAs DELEGATED_ADMIN is for SERVICE_MANAGED stack sets")


def _new(sandbox: Sandbox, call: ApiCall, model: str, name: str, token: str) -> StackSet:
    params, access = call.params, enter(sandbox, call.account, call.region)
    owner = trust.organisation(call).management if model == SERVICE else call.account
    number = f"{name}:{sandbox.uuid()}"
    made = StackSet(
        name=name,
        id=number,
        arn=f"arn:{access.partition}:cloudformation:{call.region}:{owner}:stackset/{number}",
        account=owner,
        region=call.region,
        model=model,
        template=templates.read(params, access, model, None),
        parameters={},
        tags={},
        capabilities=(),
        token=token,
    )
    if model == SELF:
        made.administration = f"arn:{access.partition}:iam::{owner}:role/{ADMINISTRATION}"
        made.execution = EXECUTION
    return made


def _describe(made: StackSet, params: Mapping[str, Any], home: StackSets) -> None:
    """Take over what a request says of a stack set; what it leaves out stays."""
    capabilities = tuple(params.get("Capabilities") or ())
    plan.check_capabilities(made.template, capabilities)
    given = parameters.given(params.get("Parameters") or (), made.parameters)
    made.parameters = parameters.complete(made.template, given)
    made.capabilities = capabilities
    if params.get("Tags") is not None:
        made.tags = {tag["Key"]: tag["Value"] for tag in params["Tags"]}
    made.description = params.get("Description") or made.description
    made.administration = params.get("AdministrationRoleARN") or made.administration
    made.execution = params.get("ExecutionRoleName") or made.execution
    if "ManagedExecution" in params:
        made.managed = bool((params["ManagedExecution"] or {}).get("Active"))
    if params.get("AutoDeployment") is not None:
        _automate(made, params["AutoDeployment"], home)


def _automate(made: StackSet, wanted: Mapping[str, Any], home: StackSets) -> None:
    enabled, retain = bool(wanted.get("Enabled")), wanted.get("RetainStacksOnAccountRemoval")
    needs = tuple(dict.fromkeys(wanted.get("DependsOn") or ()))
    if not enabled and (retain is not None or needs):
        raise ValidationError("AutoDeployment must be enabled for its other settings")
    if enabled and retain is None:
        raise ValidationError("RetainStacksOnAccountRemoval must be specified with AutoDeployment")
    if len(needs) > MOST_NEEDS:
        raise ValidationError(f"A stack set can depend on at most {MOST_NEEDS} stack sets")
    for need in needs:
        if home.standing(need).model != SERVICE:
            raise ValidationError(f"DependsOn names {need}, which is not SERVICE_MANAGED")
    _check_circle(made, needs, home)
    made.automatic, made.retain, made.needs = enabled, bool(retain), needs


def _check_circle(made: StackSet, needs: tuple[str, ...], home: StackSets) -> None:
    seen, todo = set(), list(needs)
    while todo:
        arn = todo.pop()
        if arn == made.arn:
            raise ValidationError(f"DependsOn of {made.name} leads back to itself")
        if arn not in seen:
            seen.add(arn)
            todo += home.standing(arn).needs


@operation(CLOUDFORMATION, "UpdateStackSet")
def update_stack_set(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The set is changed at once, and its instances by an operation, whose id is answered."""
    params = call.params
    _check_known(call)
    home = trust.home(sandbox, call)
    found = home.standing(params["StackSetName"])
    _check_update(call, found)
    number = instances.admit(sandbox, found, params)
    results = instances.chosen(call, found)
    preferences.check(params.get("OperationPreferences") or {}, [r for _, r in results])
    access = enter(sandbox, call.account, call.region)
    # On a draft, so that a request that is refused in the end has changed nothing.
    draft = replace(found, template=templates.read(params, access, found.model, found.template))
    _describe(draft, params, home)
    vars(found).update(vars(draft))
    found.changed = True
    for one in found.instances.values():
        one.status = one.status if one.status == "INOPERABLE" else "OUTDATED"
    return instances.start(sandbox, found, number, "UPDATE", results, params)


def _check_update(call: ApiCall, found: StackSet) -> None:
    model = call.params.get("PermissionModel") or found.model
    if model != found.model and found.instances:
        raise errors.invalid("The permission model of a stack set with instances cannot change")
    _check_model(call, model)
    if model != found.model:
        raise ValidationError("the sandbox does not change the permission model of a stack set")
    wanted = call.params.get("ManagedExecution")
    if wanted and bool(wanted.get("Active")) != found.managed and found.unfinished():
        raise errors.invalid("ManagedExecution cannot change while operations run or are queued")


@operation(CLOUDFORMATION, "DeleteStackSet")
def delete_stack_set(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Only one without instances; that there is none is success."""
    home, name = trust.home(sandbox, call), call.params["StackSetName"]
    named = [one for one in home.live.values() if name in (one.name, one.id, one.arn)]
    for found in named:
        if under_way := found.unfinished():
            raise errors.in_progress(found.arn, under_way[0].id)
        if found.instances:
            raise errors.not_empty(found.name)
        users = [one.name for one in home.live.values() if found.arn in one.needs]
        if users:
            raise errors.invalid(f"StackSet {found.name} is a dependency of {', '.join(users)}")
        found.status = "DELETED"
        home.gone[found.id] = home.live.pop(found.name)
    return {}
