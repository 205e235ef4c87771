"""The API's own errors, as exceptions that moto sends over the wire."""

from moto.ecs.exceptions import ECSException

ACCESS_DENIED = "AccessDeniedException"
CLUSTER_NOT_FOUND = ("ClusterNotFoundException", "Cluster not found.")


def client(message: str) -> ECSException:
    """ClientException."""
    return ECSException("ClientException", message)


def invalid(message: str) -> ECSException:
    """InvalidParameterException."""
    return ECSException("InvalidParameterException", message)


def cluster_not_found() -> ECSException:
    """ClusterNotFoundException."""
    return ECSException(*CLUSTER_NOT_FOUND)


def access_denied(message: str) -> ECSException:
    """AccessDeniedException."""
    return ECSException(ACCESS_DENIED, message)


def target_not_connected(message: str) -> ECSException:
    """TargetNotConnectedException."""
    return ECSException("TargetNotConnectedException", message)
