"""What the sandbox refuses though moto, or nobody, would answer it."""

from __future__ import annotations

from typing import Never

from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.core import Sandbox


@operation(
    "config",
    "PutOrganizationConformancePack",
    "DeleteOrganizationConformancePack",
    "DescribeOrganizationConformancePacks",
    "DescribeOrganizationConformancePackStatuses",
    "GetOrganizationConformancePackDetailedStatus",
    "PutOrganizationConfigRule",
    "DeleteOrganizationConfigRule",
    "DescribeOrganizationConfigRules",
    "DescribeOrganizationConfigRuleStatuses",
    "GetOrganizationConfigRuleDetailedStatus",
    "GetOrganizationCustomRulePolicy",
)
def refuse_organization(sandbox: Sandbox, call: ApiCall) -> Never:
    """moto would keep a pack that reaches no account."""
    raise NotImplementedError(
        f"the sandbox does not have {call.name}: deploy AWS::Config::ConformancePack and "
        "AWS::Config::ConfigRule to the organization by a stack set"
    )


@operation(
    "config",
    "PutRemediationConfigurations",
    "DeleteRemediationConfiguration",
    "DescribeRemediationConfigurations",
    "PutRemediationExceptions",
    "DeleteRemediationExceptions",
    "DescribeRemediationExceptions",
    "StartRemediationExecution",
    "DescribeRemediationExecutionStatus",
)
def refuse_remediation(sandbox: Sandbox, call: ApiCall) -> Never:
    """A configuration that is kept and never runs would pass for one that works."""
    raise NotImplementedError(
        f"the sandbox does not have {call.name}: have an EventBridge rule start the runbook"
    )


@operation("config", "StartResourceEvaluation", "ListResourceEvaluations")
def refuse_proactive(sandbox: Sandbox, call: ApiCall) -> Never:
    """No rule here evaluates what is not there yet."""
    raise NotImplementedError(
        f"the sandbox does not have {call.name}: its rules evaluate in DETECTIVE mode only"
    )


@operation("config", "PutResourceConfig", "DeleteResourceConfig")
def refuse_third_party(sandbox: Sandbox, call: ApiCall) -> Never:
    """Only what stands in the sandbox is recorded."""
    raise NotImplementedError(
        f"the sandbox does not have {call.name}: it records no third-party resources"
    )
