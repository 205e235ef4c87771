"""A connection to a host through a proxy: opened by CONNECT (RFC 9110, section 9.3.6)."""

import base64
import socket

from ecs_medic.doctor.connect import Connected, NotConnectedError, connect
from ecs_medic.doctor.http_lines import NoAnswerError, ask
from ecs_medic.doctor.means import Means
from ecs_medic.doctor.proxy import Proxy
from ecs_medic.doctor.resolve import Resolved, resolve


class ProxyRefusedError(Exception):
    """The proxy answered, and opened no connection; `status` is what it answered with."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the proxy answered {status}")
        self.status = status


def tunnel(proxy: Proxy, host: str, port: int, means: Means) -> socket.socket:
    """A connection that ends at `host`, for which the proxy looks the name up.

    Raises:
        NotConnectedError: the proxy itself is not reached, or does not speak HTTP.
        ProxyRefusedError: it is, and refuses.
    """
    found = resolve(proxy.host, means.step, means.lookup)
    if found.outcome is not Resolved.ANSWERED:
        raise NotConnectedError(Connected.FAILED, f"the proxy's name {proxy.host} does not resolve: {found.detail}")
    connection = connect(found.addresses[0], proxy.port, means.step)
    headers = {"Host": f"{host}:{port}", "User-Agent": "ecs-medic doctor"}
    if proxy.credentials is not None:
        headers["Proxy-Authorization"] = f"Basic {base64.b64encode(proxy.credentials.encode()).decode()}"
    try:
        status, _ = ask(connection, f"CONNECT {host}:{port} HTTP/1.1", headers)
    except NoAnswerError as error:
        connection.close()
        raise NotConnectedError(Connected.FAILED, f"the proxy gives {error}") from error
    if not 200 <= status < 300:
        connection.close()
        raise ProxyRefusedError(status)
    return connection
