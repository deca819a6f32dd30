"""The role of a run: the one that was given, or one that is made for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from netmend.running.job import EVERYTHING, ROLE_NAME

if TYPE_CHECKING:
    from netmend.running.job import Job
    from netmend.running.places import Place

TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ssm.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def prepared(place: Place, job: Job, note: Callable[[str], None]) -> dict[str, list[str]]:
    """The run's parameters, with the role's where one had to be made."""
    parameters = dict(job.parameters)
    if job.role_parameter and job.role_parameter not in parameters:
        parameters[job.role_parameter] = [ensured(place, ROLE_NAME, job.policy, note)]
    elif place.fresh and job.role:
        ensured(place, job.role.rpartition("/")[2], job.policy, note)
    return parameters


def ensured(place: Place, name: str, policy: Any, note: Callable[[str], None]) -> str:
    """The ARN of this role, made unless it is there; one of our own gets the policy anew."""
    iam = place.client("iam")
    try:
        arn = str(iam.get_role(RoleName=name)["Role"]["Arn"])
        if name != ROLE_NAME:
            return arn
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        trust = json.dumps(TRUST)
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        arn = str(made["Role"]["Arn"])
    iam.put_role_policy(
        RoleName=name, PolicyName="netmend-run", PolicyDocument=json.dumps(policy or EVERYTHING)
    )
    note(f"role {name}: {'the given policy' if policy else 'administrator rights'}")
    return arn
