"""The proxy that the environment names, and the hosts that are reached without it.

Programs read these variables alike in the main and apart in the details; this is what botocore, and Go's programs such
as the Session Manager agent, have in common. Sources: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-proxy.html
and https://pkg.go.dev/golang.org/x/net/http/httpproxy
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy.

    `credentials` are "user:password" as the variable has them, never shown. `problem` is why nobody can tell what
    happens behind it.
    """

    variable: str
    host: str
    port: int
    credentials: str | None = None
    problem: str | None = None

    @property
    def shown(self) -> str:
        """Where it is, without its credentials."""
        return f"{self.host}:{self.port}" if self.host else f"the value of {self.variable}"


def proxy_for(scheme: str, host: str, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy by which `host` is reached over `scheme` ("http", "https"); None where it is reached directly."""
    proxy = configured(scheme, environment)
    return None if proxy is None or is_spared(host, environment) else proxy


def configured(scheme: str, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy that is set for the scheme, whatever the host."""
    for variable in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY"):
        value = environment.get(variable, "").strip()
        if value:
            return _read(variable, value)
    return None


def is_spared(host: str, environment: Mapping[str, str]) -> bool:
    """Whether NO_PROXY takes the host out: by its name, by the end of it, or by the network of an address."""
    host = host.lower().rstrip(".")
    return any(_covers(entry, host) for entry in spared_hosts(environment))


def spared_hosts(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The entries of NO_PROXY."""
    listed = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    return tuple(part.strip().lower() for part in listed.split(",") if part.strip())


def _covers(entry: str, host: str) -> bool:
    if entry == "*":
        return True
    try:
        network = ipaddress.ip_network(entry, strict=False)
    except ValueError:
        name = entry.removeprefix("*").lstrip(".")
        bare = name.rpartition(":")[0] if name.rpartition(":")[2].isdigit() and ":" in name else name
        return host == bare or host.endswith(f".{bare}")
    try:
        return ipaddress.ip_address(host) in network
    except ValueError:
        return False


def _read(variable: str, value: str) -> Proxy:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return Proxy(variable, "", 0, problem=f"{variable} is not the address of a proxy")
    credentials = None
    if parts.username is not None:
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    problem = None
    if not host:
        problem = f"{variable} is not the address of a proxy"
    elif parts.scheme != "http":
        problem = f"{variable} names a proxy that speaks {parts.scheme}, which is not tried from here"
    return Proxy(variable, host, port, credentials, problem)
