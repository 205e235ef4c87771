"""API calls as CloudTrail records them and EventBridge delivers them: what the readers of them share.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.envelope import Envelope
from ecs_medic.events.task_state import Reason
from ecs_medic.incident import RefusedCall
from ecs_medic.policies.refusal import caller_in, refusal_in


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)


class _Issuer(_Part):
    arn: str | None = None


class _SessionContext(_Part):
    session_issuer: _Issuer | None = None


class UserIdentity(_Part):
    """Who called."""

    arn: str | None = None
    invoked_by: str | None = None
    session_context: _SessionContext | None = None

    @property
    def issuer_arn(self) -> str | None:
        """The role that a session is of."""
        issuer = self.session_context.session_issuer if self.session_context else None
        return issuer.arn if issuer else None


class TrailCall(_Part):
    """The `detail` of such an event. `request_parameters` is null for many a call that was not authorized."""

    event_name: str
    event_id: str | None = Field(default=None, alias="eventID")
    error_code: str | None = None
    error_message: Reason | None = None
    source_ip_address: str | None = Field(default=None, alias="sourceIPAddress")
    user_agent: str | None = None
    user_identity: UserIdentity | None = None
    request_parameters: Mapping[str, object] | None = None

    @property
    def caller_arn(self) -> str | None:
        """ARN of the user or the session."""
        return self.user_identity.arn if self.user_identity else None

    @property
    def issuer_arn(self) -> str | None:
        """ARN of the role that the session is of."""
        return self.user_identity.issuer_arn if self.user_identity else None

    def asked(self, name: str) -> str | None:
        """One of the request's parameters, where it is a text and not empty."""
        value = (self.request_parameters or {}).get(name)
        return value if isinstance(value, str) and value else None


def trail_call(envelope: Envelope) -> TrailCall:
    """Read the event's detail.

    Raises:
        BadEventError: the call's name is missing, or a field has another type.
    """
    try:
        return TrailCall.model_validate(envelope.detail)
    except ValidationError as error:
        raise BadEventError.from_validation(error, "detail") from None


def refused_call(detail: TrailCall, service: str, **about: Any) -> RefusedCall:
    """The refused call by its record: who, what, and what AWS's words deny; `about` is what the service adds."""
    refusal = refusal_in(detail.error_message)
    return RefusedCall(
        service=service,
        operation=detail.event_name,
        caller_arn=detail.caller_arn or caller_in(detail.error_message),
        issuer_arn=detail.issuer_arn,
        source_ip=detail.source_ip_address,
        denied_action=refusal.action if refusal else None,
        denied_resource=refusal.resource if refusal else None,
        **about,
    )
