"""Who belongs to a group of people in Slack.

Source: https://docs.slack.dev/reference/methods/usergroups.users.list; the app needs the scope `usergroups:read`.
"""

from ecs_medic.slack import web_api
from ecs_medic.slack.errors import SlackUnavailable


def members(token: str, group: str) -> frozenset[str]:
    """The ids of the users in the group with this id (S…).

    Raises SlackRejected where Slack will not tell until a person changes something, SlackUnavailable where trying again
    may help.
    """
    users = web_api.read(token, "usergroups.users.list", {"usergroup": group}).get("users")
    if not isinstance(users, list):
        raise SlackUnavailable("the answer names no users")
    return frozenset(user for user in users if isinstance(user, str))
