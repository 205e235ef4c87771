"""A TLS handshake as an AWS client makes it: with the host's name, and with its certificate checked."""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ecs_medic.doctor.certificate import issuer_of, issuer_of_verified
from ecs_medic.doctor.connect import Connected, outcome_of

AWS_ISSUERS = ("Amazon", "Starfield", "DigiCert")
"""What the issuers of AWS's own endpoints begin with: Amazon's authority, and those that it grew from.

Source: https://www.amazontrust.com/repository/
"""

_NOT_YET_VALID, _EXPIRED, _WRONG_NAME = 9, 10, 62
"""X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_HOSTNAME_MISMATCH of OpenSSL."""


class Handshake(StrEnum):
    """How a handshake ended."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    WRONG_NAME = "wrong_name"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    TIMED_OUT = "timed_out"
    CUT_OFF = "cut_off"
    NOT_TLS = "not_tls"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Secured:
    """The end of a handshake; `issuer` is who signed the certificate that was shown."""

    outcome: Handshake
    issuer: str = ""
    detail: str = ""
    connection: ssl.SSLSocket | None = None


class NoTrustError(Exception):
    """The file of trusted authorities that the environment names cannot be used; the text is one line."""


def trusting(environment: Mapping[str, str]) -> ssl.SSLContext:
    """What AWS clients here trust: the file of AWS_CA_BUNDLE alone, else the system's and botocore's authorities.

    Raises:
        NoTrustError: the file of AWS_CA_BUNDLE cannot be read.
    """
    bundle = environment.get("AWS_CA_BUNDLE") or environment.get("REQUESTS_CA_BUNDLE")
    if bundle:
        try:
            return ssl.create_default_context(cafile=bundle)
        except (OSError, ssl.SSLError) as error:
            raise NoTrustError(f"{bundle}: {getattr(error, 'strerror', None) or error}") from error
    context = ssl.create_default_context()
    # A small image may have no authorities of its own; the SDK has.
    import botocore  # noqa: PLC0415 - slow, and not needed where a bundle is named

    own = Path(botocore.__file__).parent / "cacert.pem"
    if own.is_file():
        context.load_verify_locations(own)
    return context


def handshake(connection: socket.socket, host: str, context: ssl.SSLContext) -> Secured:
    """Shakes hands over an open connection, which belongs to the answer's from then on, or is closed."""
    try:
        secured = context.wrap_socket(connection, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        connection.close()
        return Secured(_of_verification(error), detail=str(error.verify_message))
    except ssl.SSLError as error:
        connection.close()
        return Secured(_of_ssl(error), detail=str(error.reason or error))
    except OSError as error:
        connection.close()
        outcome = outcome_of(error)
        if outcome is Connected.TIMED_OUT:
            return Secured(Handshake.TIMED_OUT, detail="the connection opened, the handshake got no answer")
        return Secured(Handshake.CUT_OFF if outcome is Connected.RESET else Handshake.FAILED, detail=str(error))
    return Secured(Handshake.TRUSTED, issuer_of_verified(secured.getpeercert()), connection=secured)


def issuer_shown(connection: socket.socket, host: str) -> str:
    """Who issued the certificate that is shown there, trusted or not; the connection is closed, nothing is sent."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with connection, context.wrap_socket(connection, server_hostname=host) as secured:
            return issuer_of(secured.getpeercert(binary_form=True) or b"")
    except OSError:
        return ""


def is_of_aws(issuer: str) -> bool:
    """Whether AWS's own endpoints show certificates of that issuer."""
    return issuer.startswith(AWS_ISSUERS)


def _of_verification(error: ssl.SSLCertVerificationError) -> Handshake:
    return {
        _NOT_YET_VALID: Handshake.NOT_YET_VALID,
        _EXPIRED: Handshake.EXPIRED,
        _WRONG_NAME: Handshake.WRONG_NAME,
    }.get(error.verify_code, Handshake.UNTRUSTED)


def _of_ssl(error: ssl.SSLError) -> Handshake:
    reason = error.reason or ""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Handshake.CUT_OFF
    if reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"}:
        return Handshake.NOT_TLS
    return Handshake.FAILED
