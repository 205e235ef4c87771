"""Half characters: JSON can spell a surrogate without its other half, which no service and no terminal can be given."""

import json


def encodable(event: object) -> object:
    """The same event, or a copy with "?" in place of lone surrogates: a reason that was cut badly is still a reason."""
    try:
        json.dumps(event, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        copy: object = json.loads(json.dumps(event, ensure_ascii=False).encode(errors="replace"))
        return copy
    except (TypeError, ValueError, RecursionError):
        # No JSON at all: what is wrong with it is told where it is read.
        return event
    return event
