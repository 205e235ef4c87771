"""Who issued a certificate that was not, or not yet, trusted.

Python gives the fields of a verified certificate only, and an intercepted connection is just the one that fails to
verify: so the issuer is read out of the certificate's DER form (RFC 5280, section 4.1) here.
"""

from collections.abc import Iterator

_SEQUENCE, _SET, _OID, _INTEGER, _VERSION = 0x30, 0x31, 0x06, 0x02, 0xA0
_TEXTS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
_NAMES = {b"\x55\x04\x03": "commonName", b"\x55\x04\x0a": "organizationName"}


def issuer_of(certificate: bytes) -> str:
    """Organization and common name of the issuer: "Amazon, Amazon RSA 2048 M01"; empty where it cannot be read."""
    try:
        return spoken(dict(_issuer(certificate)))
    except (IndexError, StopIteration, UnicodeDecodeError, ValueError):
        return ""


def issuer_of_verified(fields: object) -> str:
    """The same of what `SSLSocket.getpeercert()` returns for a certificate that was verified."""
    names = fields.get("issuer", ()) if isinstance(fields, dict) else ()
    return spoken({str(key): str(value) for group in names for key, value in group})


def spoken(names: dict[str, str]) -> str:
    """An issuer's names in one line."""
    found = [names[key] for key in ("organizationName", "commonName") if names.get(key)]
    return ", ".join(dict.fromkeys(found))


def _issuer(certificate: bytes) -> Iterator[tuple[str, str]]:
    outer = next(_elements(certificate))[1]
    fields = _elements(next(_elements(outer))[1])
    tag, _ = next(fields)
    if tag == _VERSION:
        tag, _ = next(fields)
    if tag != _INTEGER:
        raise ValueError("no serial number")
    next(fields)  # the signature's algorithm
    tag, issuer = next(fields)
    if tag != _SEQUENCE:
        raise ValueError("no issuer")
    for kind, group in _elements(issuer):
        if kind == _SET:
            for _, pair in _elements(group):
                (_, oid), (text_tag, text) = _elements(pair)
                if oid in _NAMES:
                    yield _NAMES[oid], text.decode(_TEXTS.get(text_tag, "utf-8"))


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, content) of each element; all tags here have one byte."""
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[at : at + size])
            at += size
        if at + length > len(data):
            raise ValueError("cut off")
        yield tag, data[at : at + length]
        at += length
