"""Rules on pushes of images to Amazon ECR."""

from ecs_medic.rules.push.push_denied import push_denied
from ecs_medic.rules.push.push_rejected import push_rejected
from ecs_medic.rules.push.push_repository_missing import push_repository_missing
from ecs_medic.rules.rule import Rule

RULES: tuple[Rule, ...] = (push_repository_missing, push_denied, push_rejected)
