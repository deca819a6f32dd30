"""A stack becomes what its plan says, or ends as it was before."""

from __future__ import annotations

from typing import Any

from netmend.sandbox.cloudformation import errors, rollback
from netmend.sandbox.cloudformation.errors import Failure, ValidationError
from netmend.sandbox.cloudformation.intrinsics import text
from netmend.sandbox.cloudformation.model import Resource, Stack, Stacks, Step
from netmend.sandbox.cloudformation.plan import Plan, outputs, shaped
from netmend.sandbox.cloudformation.providers.base import Properties, Provider
from netmend.sandbox.cloudformation.rollback import FAILED_REASON, backwards, take_down
from netmend.sandbox.cloudformation.work import Work, provider_of

__all__ = ["Deployment", "take_down"]


class Deployment:
    """Carries one plan out on one stack; `stacks` are its neighbours, for exports."""

    def __init__(self, stacks: Stacks, stack: Stack, plan: Plan) -> None:
        self._stacks = stacks
        self._stack = stack
        self._plan = plan
        self._work = Work(stack, plan.access, plan.wanted.token, plan.wanted.fresh_goes)
        stack.topics = plan.wanted.topics
        self._scope = plan.scope(self)
        self._replaced: list[Resource] = []

    def ref(self, name: str) -> str:
        """The physical id of a resource that stands."""
        return self._stack.resources[name].physical_id

    def attribute(self, name: str, attribute: str) -> Any:
        """An attribute of a resource that stands."""
        resource = self._stack.resources[name]
        return self._work.attribute(resource, self._plan.providers[name], attribute)

    def create(self, on_failure: str = "ROLLBACK") -> None:
        """Make every resource; on_failure: ROLLBACK, DELETE or DO_NOTHING."""
        self._work.tell_stack("CREATE_IN_PROGRESS", "User Initiated")
        failed = self._bring_all()
        if not failed:
            self._finish()
            self._work.tell_stack("CREATE_COMPLETE")
        elif on_failure == "DO_NOTHING":
            self._work.tell_stack("CREATE_FAILED", failed.strip())
        else:
            verb = "DELETE" if on_failure == "DELETE" else "ROLLBACK"
            asked = "Delete" if on_failure == "DELETE" else "Rollback"
            self._work.tell_stack(f"{verb}_IN_PROGRESS", f"{failed}{asked} requested by user.")
            left = take_down(self._stack, self._work, made_now=True)
            self._work.tell_stack(f"{verb}_FAILED" if left else f"{verb}_COMPLETE", left)

    def update(self, *, disable_rollback: bool = False) -> None:
        """Bring the resources that stand to the plan; a failure brings them back."""
        self._stack.undo = []
        self._work.tell_stack("UPDATE_IN_PROGRESS", "User Initiated")
        failed = self._bring_all()
        if failed and disable_rollback:
            self._work.tell_stack("UPDATE_FAILED", failed.strip())
            return
        if failed:
            rollback.run(self._stack, self._work, failed.strip())
            return
        self._finish()
        self._work.tell_stack("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        left = self._clean_up()
        self._work.tell_stack("UPDATE_COMPLETE", left)

    def _bring_all(self) -> str:
        """Bring each resource in order; what failed, as a stack's reason, else an empty text."""
        verb = "create"
        name = self._stack.name
        try:
            for name in self._plan.order:
                verb = "update" if name in self._stack.resources else "create"
                self._bring(name)
            name = self._stack.name
            self._stack.outputs = self._outputs()
        except (Failure, ValidationError) as error:
            if name == self._stack.name:
                return f"{errors.plain(error)} "
            return FAILED_REASON.format(verb=verb, names=name)
        return ""

    def _finish(self) -> None:
        self._stack.undo = []
        self._stack.drift = {}
        self._stack.imported = frozenset(self._scope.imported)
        self._stack.wanted = self._plan.wanted
        self._stack.content = self._plan.content
        self._stack.resolved = self._plan.resolved()
        for name in self._plan.order:
            resource, definition = self._stack.resources[name], self._definition(name)
            resource.drift = {}
            resource.needs = self._plan.needs[name]
            resource.deletion_policy = definition.get("DeletionPolicy", "Delete")
            resource.replace_policy = definition.get("UpdateReplacePolicy", "Delete")

    def _bring(self, name: str) -> None:
        provider = self._plan.providers[name]
        standing = self._stack.resources.get(name)
        properties = self._properties(name, provider, standing)
        if standing is None:
            self._make(name, provider, properties, None)
        elif standing.properties == properties:
            return
        elif provider.replaces(standing.properties, properties):
            self._refuse_same_name(standing, provider, properties)
            self._make(name, provider, properties, standing)
            self._replaced.append(standing)
        else:
            old = standing.properties
            self._stack.undo.append(Step(standing, before=old, after=properties))
            self._work.change(standing, provider, old, properties)

    def _properties(self, name: str, provider: Provider, standing: Resource | None) -> Properties:
        definition = self._definition(name)
        try:
            resolved = self._scope.resolve(definition.get("Properties", {}))
            region = self._plan.access.region
            return shaped(provider, definition["Type"], region, name, resolved, self._plan.wanted)
        except (Failure, ValidationError) as error:
            resource = standing or self._blank(name)
            raise self._work.refuse(resource, "UPDATE" if standing else "CREATE", error) from error

    def _make(
        self, name: str, provider: Provider, properties: Properties, previous: Resource | None
    ) -> None:
        resource = self._blank(name)
        self._stack.undo.append(Step(resource, previous=previous))
        try:
            self._work.make(resource, provider, properties)
        finally:
            if resource.physical_id:
                self._stack.resources.pop(name, None)  # so that the newest stands last
                self._stack.resources[name] = resource

    def _blank(self, name: str) -> Resource:
        definition = self._definition(name)
        return Resource(
            logical_id=name,
            type=definition["Type"],
            physical_id="",
            properties={},
            needs=self._plan.needs[name],
            deletion_policy=definition.get("DeletionPolicy", "Delete"),
            replace_policy=definition.get("UpdateReplacePolicy", "Delete"),
        )

    def _definition(self, name: str) -> dict[str, Any]:
        return self._plan.wanted.template.resources[name]

    def _refuse_same_name(
        self, standing: Resource, provider: Provider, properties: Properties
    ) -> None:
        name = provider.name_property
        if name and name in properties and standing.properties.get(name) == properties[name]:
            raise self._work.refuse(
                standing,
                "UPDATE",
                Failure(
                    "CloudFormation cannot update a stack when a custom-named resource requires "
                    f"replacing. Rename {properties[name]} and update the stack again."
                ),
            )

    def _outputs(self) -> list[dict[str, str]]:
        made: list[dict[str, str]] = []
        taken = {k: v for k, v in self._stacks.exports().items() if k not in self._own_exports()}
        for name, output in outputs(self._scope).items():
            entry = {"OutputKey": name, "OutputValue": text(output["Value"], f"output {name}")}
            if "Description" in output:
                entry["Description"] = text(output["Description"], f"output {name}")
            if "Export" in output:
                entry["ExportName"] = text(output["Export"]["Name"], f"output {name}")
                if entry["ExportName"] in taken:
                    raise Failure(
                        f"Export with name {entry['ExportName']} is already exported by a stack."
                    )
            made.append(entry)
        return made

    def _own_exports(self) -> set[str]:
        return {o["ExportName"] for o in self._stack.outputs if "ExportName" in o}

    def _clean_up(self) -> str:
        left: list[str] = []
        stale = [r for r in self._stack.resources.values() if r.logical_id not in self._plan.order]
        for resource in backwards(stale):
            self._drop(resource, resource.deletion_policy, left)
            del self._stack.resources[resource.logical_id]
        for resource in reversed(self._replaced):
            self._drop(resource, resource.replace_policy, left)
        return "Update successful. One or more resources could not be deleted." if left else ""

    def _drop(self, resource: Resource, policy: str, left: list[str]) -> None:
        if policy != "Delete":
            self._work.tell(resource, "DELETE_SKIPPED")
            return
        try:
            self._work.remove(resource, provider_of(resource))
        except Failure:
            left.append(resource.logical_id)
