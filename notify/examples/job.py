"""A batch job that says when it is done: the same script on ECS and on a laptop."""

from ecs_medic_notify import notify

notify("import finished: 1,204 orders")
