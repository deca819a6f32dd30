"""One account and Region gets the artifacts and the three stacks, in the order that they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Final

from netmend import bundle, catalog
from netmend.deploy import templates
from netmend.deploy.plan import Goods, Wish, make
from netmend.deploy.site import Clients, here
from netmend.deploy.survey import survey
from netmend.deploy.writes import carry_out

ROOT: Final = Path(__file__).parent.parent


def goods() -> Goods:
    """What this version of Netmend deploys."""
    return Goods(templates.read(ROOT), *_code())


@cache
def _code() -> tuple[bytes, tuple[str, ...]]:
    """The zip, and the resource types that its rules watch; a process has one version of both."""
    watched = {kind for control in catalog.load().controls for kind in control.resource_types}
    return bundle.build_bytes(), tuple(sorted(watched))


def deploy(
    clients: Clients,
    *,
    mode: str,
    approvers: Iterable[str],
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Create or update Netmend's stacks without asking; clients: boto3 client by service name.

    mode: off, observe, approve or enforce. approvers: IAM ARNs or names that may answer questions.
    progress: told the name of each stack as it is carried out.
    """
    site, cargo = here(clients), goods()
    plan = make(site, cargo, Wish(mode, tuple(approvers)), survey(site, cargo.types))
    plan.refuse()

    def tell(line: str) -> None:
        call, subject, *_ = line.split()
        if call == "cloudformation:ExecuteChangeSet":
            progress(subject)

    carry_out(plan.writes, tell)
