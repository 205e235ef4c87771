"""Whether the AWS CLI here can open a session of ECS Exec: it needs a plugin, which is installed by itself.

Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html
"""

import re
import shutil
from collections.abc import Mapping

from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.program import NotRun, run
from ecs_medic.vocabulary import Id

PLUGIN = "session_manager_plugin"
_NAME = "session-manager-plugin"
_VERSION = re.compile(r"\d{1,9}(\.\d{1,9}){1,4}")
_INSTALL = "Install the Session Manager plugin."
_PAGE = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"


def plugin_check(environment: Mapping[str, str], seconds: float) -> Check:
    """The plugin as the caller's PATH leads to it, and its version as it tells it itself."""
    path = shutil.which(_NAME, path=environment.get("PATH", ""))
    if path is None:
        reason = f"{_NAME} is not on the PATH: `aws ecs execute-command` ends with SessionManagerPlugin is not found"
        return Check(
            PLUGIN, "", Status.BROKEN, reason, _INSTALL, candidates=(Id.EXEC_PLUGIN_MISSING,), documentation=_PAGE
        )  # fmt: skip
    ended = run([path, "--version"], environment, seconds)
    evidence = {"path": path}
    if isinstance(ended, NotRun) and ended.late:
        return Check(PLUGIN, "", Status.UNKNOWN, f"{path} does not say its version: {ended.reason}", evidence=evidence)
    if isinstance(ended, NotRun):
        return Check(
            PLUGIN, "", Status.BROKEN, f"{path} does not run: {ended.reason}", _INSTALL,
            candidates=(Id.EXEC_PLUGIN_MISSING,), evidence=evidence, documentation=_PAGE,
        )  # fmt: skip
    version = _VERSION.search(ended)
    if version is None:
        return Check(PLUGIN, "", Status.UNKNOWN, f"{path} runs, and says no version", evidence=evidence)
    return Check(PLUGIN, "", Status.OK, f"version {version[0]}, at {path}", evidence=evidence | {"version": version[0]})
