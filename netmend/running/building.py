"""A described network is made in a new sandbox, by the same calls that anybody would make."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from netmend.errors import UserError
from netmend.running import traffic
from netmend.running.making import MAKERS, Maker, Thing
from netmend.running.network import SECTIONS, Network

if TYPE_CHECKING:
    from netmend.running.places import Place


def build(place: Place, network: Network) -> dict[str, str]:
    """The id of each thing by its name (a role's ARN, the name of what has no id)."""
    maker = Maker(place)
    for section in SECTIONS:
        for name, thing in network[section].items():
            try:
                maker.names[name] = MAKERS[section](maker, name, thing)
            except ClientError as error:
                what = error.response["Error"].get("Message", str(error))
                raise UserError(f"{section}.{name} cannot be made: {what}", "mend it") from error
            except BotoCoreError as error:
                raise UserError(f"{section}.{name} cannot be made: {error}", "mend it") from error
        if section == "security_groups":  # once all are there, for rules name other groups
            for name, thing in network[section].items():
                fill(maker, name, thing)
    return maker.names


def fill(make: Maker, name: str, thing: Thing) -> None:
    """The rules of a group; where egress is described, nothing else stays."""
    group = make.names[name]
    where = f"security_groups.{name}"
    rules = partial(traffic.permission, names=make.names, where=where)
    try:
        if incoming := [rules(one) for one in thing.get("ingress", [])]:
            make.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=incoming)
        if "egress" in thing:
            _egress(make, group, [rules(one) for one in thing["egress"]])
    except (ClientError, BotoCoreError) as error:
        raise UserError(f"{where}: {error}", "mend its rules") from error


def _egress(make: Maker, group: str, wanted: list[Any]) -> None:
    (found,) = make.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    if found["IpPermissionsEgress"]:
        make.ec2.revoke_security_group_egress(
            GroupId=group, IpPermissions=found["IpPermissionsEgress"]
        )
    if wanted:
        make.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=wanted)
