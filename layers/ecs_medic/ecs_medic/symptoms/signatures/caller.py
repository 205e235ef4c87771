"""Calls on ECS that were refused for the person or program that made them."""

from ecs_medic.symptoms.signature import Signature, Specificity
from ecs_medic.vocabulary import Id

SIGNATURES = (
    Signature(
        Id.CALLER_DENIED,
        "not authorized to perform: {ecs:|iam:passrole|application-autoscaling:|codedeploy:|servicediscovery:"
        "|elasticloadbalancing:}",
        "IAM names an action that the caller lacks",
        Specificity.FAMILY,
        unless=("not authorized to perform: ecs:$",),
    ),
    Signature(
        Id.CALLER_DENIED,
        "{accessdeniedexception|accessdenied|unauthorizedoperation} … when calling the {updateservice|runtask|starttask"
        "|stoptask|registertaskdefinition|createservice|deleteservice|deregistertaskdefinition|describeservices"
        "|createcluster|updatecluster|listservices|describetaskdefinition|puttaskprotection|updatetaskprotection}",
        "a call on ECS was refused",
        Specificity.FAMILY,
    ),
)
