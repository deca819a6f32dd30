"""A place to deploy to, in which each write call is noted and may be cut or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from netmend.deploy import plan, removal
from netmend.deploy.plan import Wish
from netmend.deploy.site import Site, here
from netmend.deploy.survey import survey
from netmend.deploy.writes import carry_out
from netmend.deployment import goods
from netmend.sandbox.core import Sandbox

ACCOUNT = "123456789012"
GOODS = goods()
WRITES = ("create_", "delete_", "execute_", "put_", "update_")
Fault = Callable[[int, str], None]


def no_fault(number: int, call: str) -> None:
    """Every call gets through."""


class Client:
    """A boto3 client that tells its place of each write."""

    def __init__(self, inner: Any, place: Place) -> None:
        self.inner, self.place = inner, place

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not name.startswith(WRITES):
            return found

        def call(**arguments: Any) -> Any:
            return self.place.write(self.inner, name, lambda: found(**arguments))

        return call


class Place:
    """One account and Region of a sandbox. before, after: may raise at the n-th write."""

    def __init__(self, sandbox: Sandbox, region: str = "us-east-1") -> None:
        self.sandbox, self.region = sandbox, region
        self.before: Fault = no_fault
        self.after: Fault = no_fault
        self.told: list[str] = []
        self.made: list[str] = []
        self.client = cache(lambda service: Client(sandbox.client(service, region), self))

    def write(self, client: Any, method: str, act: Callable[[], Any]) -> Any:
        service, operation = client.meta.service_model, client.meta.method_to_api_mapping[method]
        call, number = f"{service.service_name}:{operation}", len(self.made)
        self.before(number, call)
        answer = act()
        self.made.append(call)
        self.after(number, call)
        return answer

    def site(self) -> Site:
        return here(self.client)

    def plan(self, mode: str | None = None, **wish: Any) -> plan.Plan:
        site = self.site()
        found = survey(site, GOODS.types, self.told.append)
        return plan.make(site, GOODS, Wish(mode, **wish), found, self.told.append)

    def deploy(self, mode: str | None = None, **wish: Any) -> list[str]:
        """The write calls that were made, as `service:Operation`."""
        planned, self.made = self.plan(mode, **wish), []
        planned.refuse()
        carry_out(planned.writes, self.told.append)
        return self.made

    def remove(self) -> list[str]:
        planned, self.made = removal.make(self.site(), self.told.append), []
        carry_out(planned.writes, self.told.append)
        return self.made

    def raw(self, service: str) -> Any:
        return self.sandbox.client(service, self.region)

    def mode(self) -> str:
        return str(self.raw("ssm").get_parameter(Name="/netmend/mode")["Parameter"]["Value"])

    def stack(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.raw("cloudformation").describe_stacks(StackName=name)
        return dict(found["Stacks"][0])

    def stands(self) -> dict[str, Any]:
        """What a deployment leaves, without the ids that differ each time."""
        cloudformation, s3 = self.raw("cloudformation"), self.raw("s3")
        stacks = {}
        for stack in cloudformation.describe_stacks()["Stacks"]:
            name = stack["StackName"]
            if name.startswith("awsconfigconforms-"):
                continue  # the pack's own, whose name is made up each time
            resources = cloudformation.list_stack_resources(StackName=name)
            sets = cloudformation.list_change_sets(StackName=name)["Summaries"]
            stacks[name] = (
                stack["StackStatus"].removeprefix("CREATE_").removeprefix("UPDATE_"),
                stack["Parameters"],
                cloudformation.get_template(StackName=name)["TemplateBody"],
                sorted(r["LogicalResourceId"] for r in resources["StackResourceSummaries"]),
                [c["ExecutionStatus"] for c in sets if c["ExecutionStatus"] == "AVAILABLE"],
            )
        bucket = f"netmend-artifacts-{ACCOUNT}-{self.region}"
        objects = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        settings = (
            s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"],
            s3.get_bucket_policy(Bucket=bucket)["Policy"],
        )
        return {"stacks": stacks, "objects": {o["Key"] for o in objects}, "settings": settings}
