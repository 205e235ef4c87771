"""Whether the proxy variables leave out what must not go through a proxy."""

from collections.abc import Iterable, Iterator, Mapping

from ecs_medic.doctor.addresses import Scope, scope_of
from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.probe import Probe
from ecs_medic.doctor.proxy import configured, is_spared
from ecs_medic.doctor.surroundings import Surroundings, Where
from ecs_medic.finding import JsonValue
from ecs_medic.vocabulary import Id

PROXY = "proxy"
TASK_CREDENTIALS = "169.254.170.2"
INSTANCE_METADATA = "169.254.169.254"


def proxy_checks(environment: Mapping[str, str], place: Surroundings, probes: Iterable[Probe]) -> Iterator[Check]:
    """One check on the metadata addresses, and one on VPC endpoints where a proxy hides them."""
    plain, secure = configured("http", environment), configured("https", environment)
    if plain is None and secure is None:
        yield Check(PROXY, "", Status.OK, "no proxy is set")
        return
    for proxy in (plain, secure):
        if proxy is not None and not proxy.host:
            yield Check(
                PROXY, proxy.variable, Status.BROKEN, proxy.problem or "", f"Mend {proxy.variable}, or unset it."
            )
    variables = [proxy.variable for proxy in (plain, secure) if proxy is not None]
    yield _metadata(environment, place, variables, plain_too=plain is not None)
    if secure is not None and place.where is not Where.ELSEWHERE:
        yield from _endpoints(environment, secure.variable, probes)


def _metadata(environment: Mapping[str, str], place: Surroundings, variables: list[str], *, plain_too: bool) -> Check:
    """The metadata endpoints speak plain HTTP: strictly, only the variable for that concerns them."""
    wanted = {
        Where.TASK: (TASK_CREDENTIALS, INSTANCE_METADATA),
        Where.EC2: (INSTANCE_METADATA,),
        Where.ELSEWHERE: (),
    }[place.where]
    missing = [address for address in wanted if not is_spared(address, environment)]
    named = " and ".join(variables)
    evidence: dict[str, JsonValue] = {"variables": [*variables], "missing": [*missing]}
    if not missing:
        beside = f", and NO_PROXY spares {' and '.join(wanted)}" if wanted else ""
        return Check(
            PROXY,
            "metadata",
            Status.OK,
            f"{named} set{'s' if len(variables) == 1 else ''} a proxy{beside}",
            evidence=evidence,
        )
    serious = plain_too and missing[0] == wanted[0]
    what = "the task role's credentials" if wanted[0] == TASK_CREDENTIALS else "the instance's metadata and credentials"
    how = "honour it" if plain_too else "take it for plain HTTP, too,"
    return Check(
        PROXY,
        "metadata",
        Status.BROKEN,
        f"{named} without {' and '.join(missing)} in NO_PROXY: programs that {how} ask the proxy for {what}",
        f"Add {','.join(missing)} to NO_PROXY.",
        advisory=not serious,
        candidates=(Id.EXEC_PROXY_HIDES_CREDENTIALS,) if place.where is Where.TASK else (),
        evidence=evidence,
    )


def _endpoints(environment: Mapping[str, str], variable: str, probes: Iterable[Probe]) -> Iterator[Check]:
    hidden = [
        probe.target.host
        for probe in probes
        if probe.target.is_aws
        and not probe.target.by_platform
        and any(scope_of(address) is Scope.PRIVATE for address in probe.resolution.addresses)
        and not is_spared(probe.target.host, environment)
    ]
    if hidden:
        yield Check(
            PROXY,
            "endpoints",
            Status.BROKEN,
            f"{variable} sends programs here to the proxy for hosts that a private address serves: {', '.join(hidden)}",
            f"Add {','.join(hidden)} to NO_PROXY.",
            advisory=True,
            evidence={"hosts": [*hidden]},
        )
