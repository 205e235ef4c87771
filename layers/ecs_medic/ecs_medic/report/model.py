"""The report as data: what `ecs-medic diagnose --json` prints, and what every other form is made from.

Its schema is public. Fields may be added; none of these may be renamed, dropped or given another meaning. A reader
built on this version accepts reports of a later one.
"""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from ecs_medic.facts.change import ChangeKind
from ecs_medic.finding import Confidence
from ecs_medic.incident import Kind, Severity, SymptomConfidence
from ecs_medic.plan import Action as ChangeAction
from ecs_medic.plan import Safety
from ecs_medic.run_state import RunState
from ecs_medic.vocabulary import Id
from ecs_medic.way_out import Density, Way

type Action = Literal["alert", "ignore", "resolve"]
"""What to do about the incident: tell somebody, leave it alone because it is normal life, or see whether it is over."""


class Part(BaseModel):
    """Frozen, and tolerant of what a later version adds."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True, serialize_by_alias=True)


class Evidence(Part):
    """One observation: the call ("ec2:DescribeRouteTables", or "event"), the resource, and what was seen."""

    source: str
    resource: str
    observed: str


class Fix(Part):
    """What a person does about it: in a sentence, in steps, in commands to paste, as the least IAM policy."""

    summary: str
    steps: tuple[str, ...] = ()
    cli: tuple[str, ...] = ()
    policy: dict[str, JsonValue] | None = None


class Finding(Part):
    """A cause, how sure it is, the guilty resource (`subject`), and why we say so."""

    cause: Id
    confidence: Confidence
    summary: str
    subject: str
    params: dict[str, JsonValue] = Field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    fix: Fix


class RuledOut(Part):
    """A cause that the evidence excludes."""

    cause: Id
    evidence: tuple[Evidence, ...] = ()


class NotChecked(Part):
    """What could not be judged, and the IAM action that would have allowed it."""

    check: str
    reason: str
    missing_permission: str | None = None


class Change(Part):
    """One change that would repair it; US dollars a month, None where the price is not known.

    `undo` says how it is taken back.
    """

    action: ChangeAction
    params: dict[str, JsonValue] = Field(default_factory=dict)
    safety: Safety
    monthly_cost_usd: float | None = None
    blast_radius: str
    undo: str | None = None


class Patch(Part):
    """What belongs into the code that owns a resource, instead of a change: in the language of both common tools."""

    title: str
    cloudformation: str
    terraform: str


class Plan(Part):
    """All changes, in order; an empty plan says why it is empty. `monthly_cost_usd` is that of all changes together.

    `patches` stand in for changes of what is kept as code.
    """

    changes: tuple[Change, ...] = ()
    reason_if_empty: str | None = None
    monthly_cost_usd: float | None = None
    patches: tuple[Patch, ...] = ()


class ReceiptStep(Part):
    """One write of a repair: the call, the resource, how far it came (`stage`), and why it came no further."""

    name: str
    call: str
    resource: str
    stage: str
    words: str | None = None
    reason: str | None = None
    missing_permission: str | None = None
    before: dict[str, JsonValue] = Field(default_factory=dict)
    made: dict[str, JsonValue] = Field(default_factory=dict)


class Receipt(Part):
    """One change of a repair, as it was written down before and after every write."""

    change: Change
    steps: tuple[ReceiptStep, ...] = ()


class Repair(Part):
    """What became of a repair. `undone` is whether nothing is left of what it had changed.

    `words` are the run's last ones, `progress` all of them, oldest first.
    """

    run_id: str
    state: RunState
    words: str
    receipts: tuple[Receipt, ...] = ()
    undone: bool = False
    progress: tuple[str, ...] = ()


class Incident(Part):
    """What happened, where and when. `message` is what AWS itself said, redacted."""

    id: str
    kind: Kind
    account: str
    region: str
    cluster: str
    service: str | None = None
    task_arn: str | None = None
    task_definition: str | None = None
    launch_type: str | None = None
    symptom: Id
    occurred_at: AwareDatetime
    symptom_confidence: SymptomConfidence | None = None
    message: str | None = None
    availability_zone: str | None = None
    container: str | None = None
    """The container that failed, or that a session was asked for; None where it is the whole task's affair."""
    caller: str | None = None
    """Who made the call that failed, by ARN: of ECS Exec, of ECS, or of ECR for a push; None for everything else."""
    about: str | None = None
    """What a refused call was for: the repository of a push, else the call itself."""

    @property
    def subject(self) -> str:
        """The shortest name by which people know what failed: the service, the family, the cluster.

        A refused call goes by what it was for, where it names neither service nor family.
        """
        family = self.task_definition.rsplit(":", 1)[0] if self.task_definition else None
        return self.service or family or self.about or self.cluster

    @property
    def place(self) -> str:
        """The Availability Zone, which names the Region; the Region alone where the task was placed nowhere."""
        zone = self.availability_zone
        return zone if zone and zone.startswith(self.region) else self.region

    @property
    def task_id(self) -> str | None:
        """The last part of the task's ARN."""
        return self.task_arn.rsplit("/", 1)[-1] if self.task_arn else None


class Changed(Part):
    """One thing that changed before the failure: in the task definition, or by a call that CloudTrail recorded.

    `at` and `by` are those of the call.
    """

    kind: ChangeKind
    what: str
    resource: str
    at: AwareDatetime | None = None
    by: str | None = None


class PathPicture(Part):
    """The way of one connection, hop by hop, as lines of plain text for a fixed-width font."""

    title: str
    lines: tuple[str, ...]


class LogTail(Part):
    """The newest lines of the container that failed, oldest first, redacted; longer lines are cut."""

    container: str
    log_group: str
    log_stream: str
    log_region: str
    lines: tuple[str, ...] = ()
    last_at: AwareDatetime | None = None


class ExecAnswer(Part):
    """For the person whose session failed: the containers of that task whose agent runs, and what to type.

    `asked_for` is the container that the caller named.
    """

    containers: tuple[str, ...] = ()
    asked_for: str | None = None
    command: str | None = None


class WayOut(Part):
    """One way out of the VPC for tasks that cannot have a public address, judged for this very service.

    `applies` is null where it depends on what no API shows; `why` says on what, or what rules it out. `fixed_address`
    is whether the outside sees one address that stays, null where it sees none. Prices are US dollars, null where
    nobody knows: what comes on top of what there is, and for each GB. `not_promised`: observed to work, not documented
    by AWS.
    """

    way: Way
    applies: bool | None
    why: str
    fixed_address: bool | None
    tasks_per_instance: Density
    monthly_cost_usd: float | None
    per_gb_usd: float | None
    not_promised: bool = False


class Report(Part):
    """Everything that one diagnosis has to say; `verdict` is the first finding, or the honest "unknown"."""

    schema_: Annotated[Literal["ecs-medic.report/1"], Field(alias="schema")] = "ecs-medic.report/1"
    incident: Incident
    action: Action
    verdict: Finding
    findings: tuple[Finding, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    plan: Plan = Plan()
    pictures: tuple[PathPicture, ...] = ()
    changes: tuple[Changed, ...] = ()
    """What changed before the failure; not to be confused with what a repair would change."""
    log_tail: LogTail | None = None
    severity: Severity | None = None
    """How bad it is, and why so; None where nothing failed."""
    severity_reason: str | None = None
    exec_answer: ExecAnswer | None = None
    ways_out: tuple[WayOut, ...] = ()
    """The ways out of the VPC compared, where a task that cannot have a public address has none."""
    repair: Repair | None = None
    """What became of the plan, where it was carried out."""
    partial: bool = False
    """Whether time ran out before everything was read: what is missing is in `not_checked`, and another look may tell
    more."""

    @model_validator(mode="after")
    def _verdict_is_the_first_finding(self) -> Self:
        if self.findings and self.verdict != self.findings[0]:
            raise ValueError("the verdict is not the first finding")
        if not self.findings and self.verdict.cause is not Id.UNKNOWN:
            raise ValueError("without findings the verdict is unknown")
        return self
