"""Words that several signatures share: how the network, a name server and IAM say no."""

NO_CONNECTION = (
    "{i/o timeout|dial tcp|dial udp|tls handshake timeout|connection timed out|connect timed out|operation timed out"
    "|client.timeout exceeded|request canceled|request cancelled|requestcanceled|context deadline exceeded"
    "|connection refused|connection reset by peer|no route to host|network is unreachable|send request failed"
    "|request send failed|connection issue between the task and|connecttimeouterror|could not connect to the endpoint"
    "|connection to the remote host timed out}"
)
"""A connection that was not made, or broke."""

NO_NAME = (
    "{no such host|server misbehaving|temporary failure in name resolution|could not resolve host"
    "|name or service not known|getaddrinfo enotfound|nodename nor servname|name resolution failure}"
)
"""A name that did not resolve."""

REFUSED = "{accessdenied|access denied|not authorized to perform|unauthorizedoperation}"
"""IAM's refusal, whatever the action."""
