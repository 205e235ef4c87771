"""What one failed connection means."""

from ecs_medic.doctor.addresses import Scope
from ecs_medic.doctor.connect import Connected
from ecs_medic.doctor.probe import Attempt
from ecs_medic.doctor.target import Target
from ecs_medic.doctor.tls import Handshake, is_of_aws
from ecs_medic.doctor.verdict import Verdict, broken
from ecs_medic.vocabulary import Id

_KNOWN_ISSUERS = ".amazonaws.com"
"""Names of which it is known whose certificates they show: China and the isolated partitions have other authorities."""


def failed(attempt: Attempt, target: Target, *, in_vpc: bool) -> Verdict:
    """The verdict on a connection that does not serve."""
    if attempt.outcome is not Connected.OPEN:
        return _not_connected(attempt, target, in_vpc=in_vpc)
    return _not_secured(attempt, target, in_vpc=in_vpc)


def intercepted(attempt: Attempt, target: Target) -> bool:
    """Whether a host of AWS shows a certificate that AWS's hosts do not have, trusted here or not."""
    known = target.is_aws and target.host.endswith(_KNOWN_ISSUERS)
    return known and bool(attempt.issuer) and not is_of_aws(attempt.issuer)


def interception(attempt: Attempt, target: Target) -> Verdict:
    """The verdict on such a certificate where it is trusted here."""
    return broken(
        f"TLS is intercepted: {target.host} shows a certificate of {attempt.issuer}, not of Amazon. It is trusted "
        "here, but not by what brings trust of its own: the agents of ECS and ECS Exec, pulls on Fargate",
        f"Exempt {target.host} from inspection.",
        advisory=not target.by_platform,
    )


def _not_connected(attempt: Attempt, target: Target, *, in_vpc: bool) -> Verdict:
    at = f"{attempt.address}:{target.port}"
    if attempt.outcome is Connected.REFUSED:
        return broken(
            f"{at} refuses the connection: something answers there, and it is not {target.name}. A security group "
            "or an ACL never answers",
            "Look for a firewall that rejects, for a name that leads to the wrong address, and for an override.",
        )
    if attempt.outcome is Connected.NO_ROUTE:
        return broken(f"there is no route to {at}: {attempt.detail}", _way_out(target, in_vpc=in_vpc))
    if attempt.outcome is Connected.TIMED_OUT:
        return _dropped(attempt, target, at, in_vpc=in_vpc)
    return broken(f"the connection to {at} fails: {attempt.detail}", "Look for a firewall in between.")


def _dropped(attempt: Attempt, target: Target, at: str, *, in_vpc: bool) -> Verdict:
    if attempt.scope is Scope.PRIVATE:
        return broken(
            f"{at} does not answer ({attempt.detail}). The address is private, as an interface endpoint's: packets to "
            "it are dropped by its security group, by this machine's, or by a network ACL",
            f"Let the endpoint's security group admit port {target.port} from here, and this side's let it out.",
            Id.ENDPOINT_SECURITY_GROUP_BLOCKS,
            Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
            Id.NETWORK_ACL_BLOCKS,
        )
    if target.override is not None or attempt.scope in {Scope.LOOPBACK, Scope.LINK_LOCAL}:
        return broken(
            f"{at} does not answer ({attempt.detail})",
            "Look for an override, a hosts file, and for what listens there.",
        )
    if not in_vpc:
        return broken(f"{at} does not answer ({attempt.detail})", _way_out(target, in_vpc=False))
    if target.is_s3:
        return broken(
            f"{at} does not answer ({attempt.detail}). The address is public, as it is through a gateway endpoint, "
            "too: this subnet's routes lead neither to one nor to the internet, or packets are dropped on the way",
            _way_out(target, in_vpc=True),
            Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE,
            Id.VPC_ENDPOINT_MISSING,
            Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
            Id.NETWORK_ACL_BLOCKS,
        )
    kind = "public" if attempt.scope is Scope.PUBLIC else "a global IPv6 address"
    causes = (Id.VPC_ENDPOINT_MISSING, Id.ENDPOINT_PRIVATE_DNS_OFF) if target.service else ()
    return broken(
        f"{at} does not answer ({attempt.detail}). The address is {kind}: no endpoint with private DNS serves the name "
        "here, and nothing leads to the internet",
        _way_out(target, in_vpc=True),
        *causes,
        Id.NO_ROUTE_TO_INTERNET,
        Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP,
        Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
    )


def _way_out(target: Target, *, in_vpc: bool) -> str:
    if not in_vpc:
        return f"Let this machine's network and its firewall out to {target.host}, port {target.port}."
    if target.is_s3:
        return (
            f"Associate an S3 gateway endpoint ({target.service}) with this subnet's route table, or add a NAT gateway."
        )
    if target.service is not None:
        return f"Create the interface endpoint {target.service} with private DNS, or give the subnet a NAT gateway."
    return "No VPC endpoint serves this host: give the subnet a NAT gateway, or the task a public address."


def _not_secured(attempt: Attempt, target: Target, *, in_vpc: bool) -> Verdict:
    at, issuer = f"{attempt.address}:{target.port}", attempt.issuer or "an unknown issuer"
    if attempt.handshake is Handshake.UNTRUSTED:
        return _untrusted(attempt, target, at, issuer)
    reason, fix = {
        Handshake.WRONG_NAME: (
            f"what answers at {at} is not {target.host}: {attempt.detail}, issued by {issuer}",
            "Look for the name in /etc/hosts and in private hosted zones, and for a proxy in between.",
        ),
        Handshake.EXPIRED: _out_of_date(attempt, at, issuer),
        Handshake.NOT_YET_VALID: _out_of_date(attempt, at, issuer),
        Handshake.TIMED_OUT: (
            f"{at} opens the connection and then says nothing: {attempt.detail}",
            "Look for a firewall that inspects TLS, and for a path with a smaller MTU whose ICMP is dropped.",
        ),
        Handshake.CUT_OFF: (
            f"the connection to {at} is cut as soon as it names {target.host}",
            f"Let the firewall (AWS Network Firewall, a proxy) admit the server name {target.host}.",
        ),
        Handshake.NOT_TLS: (
            f"what answers at {at} does not speak TLS",
            "Look for an override, a captive portal or a proxy.",
        ),
    }.get(
        attempt.handshake or Handshake.FAILED,
        (
            f"TLS with {at} fails: {attempt.detail}",
            f"Look for what stands between {'the VPC' if in_vpc else 'this network'} and {target.host}.",
        ),
    )
    return broken(reason, fix)


def _untrusted(attempt: Attempt, target: Target, at: str, issuer: str) -> Verdict:
    if target.is_aws and attempt.issuer and is_of_aws(attempt.issuer):
        return broken(
            f"the certificate at {at} is Amazon's ({issuer}), and nothing here trusts it: {attempt.detail}",
            "Install the image's or the system's authorities (ca-certificates), or mend AWS_CA_BUNDLE.",
        )
    if not target.is_aws:
        return broken(
            f"{at} shows a certificate of {issuer}, which nothing here trusts: {attempt.detail}",
            "If it is to be trusted, name its authority in AWS_CA_BUNDLE.",
        )
    return broken(
        f"TLS is intercepted, or the name leads astray: {at} shows a certificate of {issuer}, which nothing here "
        f"trusts: {attempt.detail}",
        f"Exempt {target.host} from TLS inspection; where that cannot be, name its authority in AWS_CA_BUNDLE.",
    )


def _out_of_date(attempt: Attempt, at: str, issuer: str) -> tuple[str, str]:
    return (
        f"by this machine's clock the certificate at {at} (of {issuer}) is not valid: {attempt.detail}",
        "Compare this machine's clock first; Amazon's certificates do not expire unnoticed.",
    )
