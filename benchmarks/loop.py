"""From drift to COMPLIANT in the warm embedded AWS, beside twenty bare calls to it."""

from __future__ import annotations

import contextlib
import io
from typing import Any

from benchmarks.figures import Figure, cpu, milliseconds, quiet_heap, ratio
from netmend.sandbox.core import Sandbox
from netmend.sandbox.serve import prepare

ROUNDS = 7
LIMIT_S = 0.5
LIMIT = 4.5
BARE_CALLS = 20
REGION = "us-east-1"
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
KIND = "AWS::EC2::SecurityGroup"


class NotMendedError(RuntimeError):
    """The loop ended, and the group is not what the figure says."""


class Place:
    """A sandbox with Netmend deployed, which has mended a group before."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.ec2, self.config = (sandbox.client(name, REGION) for name in ("ec2", "config"))
        with contextlib.redirect_stderr(io.StringIO()):
            prepare(sandbox, "enforce", ())
        vpc = self.ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        made = self.ec2.create_security_group(
            GroupName="app", Description="a benchmark's own", VpcId=vpc
        )
        self.group: str = made["GroupId"]
        sandbox.settle()
        self.mend()
        self.tidy()

    def mend(self) -> None:
        """Open the group, and let everything that follows happen; raises NotMendedError."""
        self.ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[SSH])
        self.sandbox.settle()

    def check(self) -> None:
        """Mended means: COMPLIANT, no source but private ones, and one run more that says so."""
        sources = {ip["CidrIp"] for p in self.permissions() for ip in p["IpRanges"]}
        if "0.0.0.0/0" in sources or not sources:
            raise NotMendedError(f"let in after the mend: {sorted(sources)}")
        verdicts = self.verdicts()
        if verdicts != ["COMPLIANT"]:
            raise NotMendedError(f"Config's verdicts after the mend: {verdicts}")

    def tidy(self) -> None:
        """Without ingress again, so that the next drift is the same one."""
        self.check()
        self.ec2.revoke_security_group_ingress(GroupId=self.group, IpPermissions=self.permissions())
        self.sandbox.clock.advance(3600)  # a drift that comes back at once is held, by design
        self.sandbox.settle()

    def bare(self) -> None:
        for _ in range(BARE_CALLS):
            self.ec2.describe_security_groups(GroupIds=[self.group])

    def permissions(self) -> list[Any]:
        found = self.ec2.describe_security_groups(GroupIds=[self.group])["SecurityGroups"]
        return list(found[0]["IpPermissions"])

    def verdicts(self) -> list[str]:
        answer = self.config.get_compliance_details_by_resource(
            ResourceType=KIND, ResourceId=self.group
        )
        return [result["ComplianceType"] for result in answer["EvaluationResults"]]


def figures() -> list[Figure]:
    with Sandbox() as sandbox, quiet_heap():
        place = Place(sandbox)
        mends, bare = [], []
        for _ in range(ROUNDS):
            before = cpu(place.bare)
            mends.append(cpu(place.mend))
            bare.append((before + cpu(place.bare)) / 2)
            place.tidy()
    seconds, told = milliseconds(mends) / 1000, f"twenty calls {milliseconds(bare):.0f} ms"
    return [
        Figure("drift to COMPLIANT", seconds, LIMIT_S, "s CPU", f"{1000 * seconds:.0f} ms"),
        Figure("drift to COMPLIANT", ratio(mends, bare), LIMIT, "of twenty bare calls", told),
    ]
