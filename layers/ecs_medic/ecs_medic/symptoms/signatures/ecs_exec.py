"""ECS Exec: the API's refusals, the agent's reasons, and what happens between plug-in and container."""

from ecs_medic.incident import Kind
from ecs_medic.symptoms.signature import Signature, Specificity
from ecs_medic.symptoms.signatures.words import REFUSED
from ecs_medic.vocabulary import Id

_PREFIX, _STAGE, _FAMILY, _CAUSE = Specificity.PREFIX, Specificity.STAGE, Specificity.FAMILY, Specificity.CAUSE
_DECISIVE = Specificity.DECISIVE
_EXEC = frozenset({Kind.EXEC_ERROR})

_SHELLS = (
    "{/bin/bash|/bin/sh|/bin/ash|/bin/zsh|/bin/dash|/usr/bin/bash|/usr/bin/sh|exec: bash|exec: sh:|exec: zsh|exec: ash"
    "|powershell|cmd.exe|/bin/rbash|/usr/bin/env|exec: sh |exec: sh}"
)

SIGNATURES = (
    Signature(
        Id.EXEC_AGENT_UNAVAILABLE,
        "{execute command was not enabled when the task was run|execute command agent isn't running"
        "|execute command agent is not running|execute-command was not enabled}",
        "the API's combined message: not enabled, or the agent is not running",
        _DECISIVE,
    ),
    Signature(
        Id.EXEC_NOT_ENABLED,
        "{exec enabled for task no|enableexecutecommand: false|enableexecutecommand is false"
        "|execute command is not enabled|enableexecutecommand=false|execute-command is not enabled"
        "|exec is not enabled|ecs exec not enabled}",
        "said in so many words, by a checker or a client",
        _CAUSE,
    ),
    Signature(
        Id.EXEC_NOT_ENABLED,
        "failed to execute command … is exec: true set in your manifest",
        "what Copilot asks when the command fails",
        _PREFIX,
        certain=False,
    ),
    Signature(
        Id.EXEC_CALLER_DENIED,
        "{security token included in the request is|unable to locate credentials|expiredtoken|invalidclienttokenid}",
        "the caller's own credentials are missing or have expired",
        _STAGE,
        kinds=_EXEC,
        certain=False,
        unless=("kmsencryption",),
    ),
    Signature(
        Id.EXEC_TARGET_NOT_CONNECTED,
        "{targetnotconnected|the execute command failed due to an internal error}",
        "the agent is not connected to Systems Manager",
        _CAUSE,
    ),
    Signature(
        Id.EXEC_TARGET_NOT_CONNECTED,
        "ecs: … is not connected",
        "the agent is not connected to Systems Manager",
        _FAMILY,
        kinds=_EXEC,
    ),
    Signature(
        Id.EXEC_TASK_ROLE_MISSING,
        "valid taskrolearn is not being used",
        "the service has no task role",
        _CAUSE,
    ),
    Signature(
        Id.EXEC_TASK_ROLE_MISSING,
        "{task role is not set|no task role|task role is required|taskrolearn is required|task role not configured}",
        "the task has no task role",
        _FAMILY,
        kinds=_EXEC,
        certain=False,
    ),
    # The managed agent's own reasons.
    Signature(
        Id.EXEC_AGENT_INSTALL_BROKEN,
        "{execute command agent initialization failed|could not find certs|could not generate execagent"
        "|plugin with name interactivecommands|plugin with name standard_stream|plugin with name}",
        "the host or the container lacks what the agent needs",
        _CAUSE,
    ),
    Signature(
        Id.EXEC_AGENT_STOPPED,
        "{executecommandagent process exited|unable to start executecommandagent|received container stopped event"
        "|cannotconfiguremanagedagenterror|failed to configure managed agent|managed agent stopped"
        "|executecommandagent stopped|executecommandagent cannot be restarted}",
        "the managed agent ended, or could not be started",
        _CAUSE,
        unless=(
            "unable to start executecommandagent{|:}$",
            "unable to start executecommandagent [pre-start]{|:|: could|: could not|: could not find}$",
        ),
    ),
    Signature(
        Id.EXEC_AGENT_STOPPED,
        "stopped (reason: … laststartedat",
        "the exec checker shows the managed agent as stopped",
        _CAUSE,
    ),
    Signature(
        Id.EXEC_AGENT_STOPPED,
        "{managed agent|managedagents|executecommandagent} … {stopped|exited}",
        "the managed agent is shown as stopped",
        _FAMILY,
    ),
    Signature(
        Id.EXEC_AGENT_PENDING,
        "pending … laststartedat",
        "the exec checker shows the managed agent as pending",
        _CAUSE,
        kinds=_EXEC,
    ),
    Signature(
        Id.EXEC_AGENT_PENDING,
        "{managed agent|managedagents|executecommandagent} … pending",
        "the managed agent is shown as pending",
        _FAMILY,
    ),
    Signature(
        Id.EXEC_PID_NAMESPACE_SHARED,
        "session per process id (pid) namespace",
        "the ECS Developer Guide's own sentence, as clients and people repeat it",
        _CAUSE,
    ),
    Signature(
        Id.EXEC_PID_NAMESPACE_SHARED,
        "{execute command|ecs exec|executecommand|exec} … {pid namespace|pidmode|pid mode}",
        "one session for a shared PID namespace",
        _FAMILY,
        kinds=_EXEC,
        certain=False,
    ),
    Signature(
        Id.EXEC_PID_NAMESPACE_SHARED,
        "{pidmode: task|pidmode task|pidmode=task|sharing a pid namespace|pid namespace is shared"
        "|shared pid namespace}",
        "the exec checker, or a person, names the task definition's pidMode",
        _FAMILY,
        kinds=_EXEC,
        certain=False,
    ),
    Signature(
        Id.EXEC_PLATFORM_TOO_OLD,
        "{platform version|agent version} … (required: >=",
        "the exec checker shows a version below what ECS Exec needs",
        _CAUSE,
        kinds=_EXEC,
        certain=False,
    ),
    Signature(
        Id.EXEC_PLATFORM_TOO_OLD,
        "{execute command|executecommand|ecs exec|enableexecutecommand} … "
        "{platform version|platformversion|agent version|container agent|minimum version|not supported on windows}",
        "the platform or the ECS agent is older than ECS Exec",
        _FAMILY,
        certain=False,
    ),
    Signature(
        Id.EXEC_PLATFORM_TOO_OLD,
        "{platform version|platformversion} … {execute command|executecommand|enableexecutecommand}",
        "the platform is older than ECS Exec",
        _FAMILY,
        certain=False,
    ),
    # The caller.
    Signature(
        Id.EXEC_CALLER_DENIED,
        "not authorized to perform: {ecs:executecommand|ssm:startsession|ssm:terminatesession|ssm:resumesession"
        "|ssm:describesessions}",
        "IAM names the action",
        _CAUSE,
        unless=("kms:",),
    ),
    Signature(
        Id.EXEC_CALLER_DENIED,
        "not authorized to perform: ecs:{describetasks|listtasks|describeservices|describeclusters|listservices}",
        "the client looks for the task before it calls ExecuteCommand, and may not",
        _CAUSE,
        kinds=_EXEC,
    ),
    Signature(
        Id.EXEC_CALLER_DENIED,
        "{executecommand|execute command|startsession|terminatesession} … " + REFUSED,
        "the call was refused",
        _FAMILY,
        kinds=_EXEC,
        unless=("{kms|ssmmessages|s3 bucket}",),
    ),
    Signature(
        Id.EXEC_CALLER_DENIED,
        REFUSED + " … calling the {executecommand|startsession|terminatesession}",
        "the call was refused",
        _FAMILY,
        kinds=_EXEC,
        unless=("{kms|ssmmessages}",),
    ),
    Signature(
        Id.EXEC_WRONG_TARGET,
        "{task length should be one of|the specified task was not found|referenced task was not found|task not found"
        "|task was not found|container was not found|container name was not found|specify a container name"
        "|multiple running containers|invalid task identifier|task identifier is invalid|taskid length"
        "|invalid identifier|couldn't find task|no running tasks|unexpected number of separators"
        "|task is not running|task isn't running|task is not in the running state|container is not running"
        "|container isn't running|could not find a running task|invalid task id|container not found}",
        "the API does not know this task or container, or it does not run",
        _CAUSE,
        kinds=_EXEC,
    ),
    Signature(
        Id.EXEC_WRONG_TARGET,
        "{container|task} … {not found|does not exist|doesn't exist|was stopped|has stopped|is stopped}",
        "the API does not know this task or container, or it does not run",
        _STAGE,
        kinds=_EXEC,
        certain=False,
        unless=("{plugin|cluster not found|executable|log group|bucket|runas user}",),
    ),
    Signature(
        Id.EXEC_NON_INTERACTIVE,
        "{interactive is the only mode supported|only interactive mode|non-interactive mode is not supported"
        "|--interactive is required|the following arguments are required: --interactive"
        "|must specify --interactive|missing required parameter in input: interactive"
        "|not supported: non-interactive|specify the interactive}",
        "ECS Exec knows interactive sessions only",
        _CAUSE,
    ),
    Signature(
        Id.EXEC_NON_INTERACTIVE,
        "{required|missing} … {--interactive|interactive}",
        "ECS Exec knows interactive sessions only",
        _STAGE,
        kinds=_EXEC,
        certain=False,
    ),
    Signature(
        Id.EXEC_PLUGIN_MISSING,
        "{sessionmanagerplugin is not found|session-manager-plugin: command not found|session-manager-plugin not found"
        "|bad cpu type in executable|session manager plugin is not installed|session manager plugin not found"
        "|does not support session manager encryption|session-manager-plugin: no such file"
        "|no such file or directory: session-manager-plugin|command not found: session-manager-plugin"
        "|please refer to sessionmanager documentation|session-manager-plugin: executable file not found"
        "|upgrade to latest version of aws cli|install the session manager plugin|session-manager-plugin: exec format}",
        "the machine of the caller lacks a working plug-in",
        _DECISIVE,
    ),
    Signature(
        Id.EXEC_PLUGIN_MISSING,
        "{session-manager-plugin|ssm plugin|session manager plugin} … "
        "{not found|no such file|not installed|bad cpu type|permission denied|is not recognized|latest version"
        "|exec format error|cannot find the file}",
        "the machine of the caller lacks a working plug-in",
        _FAMILY,
    ),
    # The session's encryption.
    Signature(
        Id.EXEC_CALLER_LACKS_KMS,
        "not authorized to perform: kms:generatedatakey",
        "IAM names the action that the caller lacks on the session's key",
        _CAUSE,
        kinds=_EXEC,
    ),
    Signature(
        Id.EXEC_CALLER_LACKS_KMS,
        "error calling kms generatedatakey … " + REFUSED,
        "the caller may not make a data key of the session's key",
        _CAUSE,
        kinds=_EXEC,
    ),
    Signature(
        Id.EXEC_CALLER_LACKS_KMS,
        "kmsencryption … {nocredentialproviders|no valid providers|expiredtoken|no ec2 imds role found"
        "|failed to refresh cached credentials|security token included in the request|credential}",
        "the plug-in has no credentials for KMS",
        _CAUSE,
    ),
    Signature(
        Id.EXEC_KMS_FAILED,
        "{fetching data key failed|unable to retrieve data key|error when decrypting data key|kmsencryption failed"
        "|failed to process action kmsencryption|kmsencryption|error decrypting data key|kms:decrypt"
        "|kms:generatedatakey|error calling kms}",
        "the encryption handshake failed",
        _FAMILY,
        kinds=_EXEC,
    ),
    Signature(
        Id.EXEC_KMS_FAILED,
        "{fetching data key failed|unable to retrieve data key|kmsencryption failed}",
        "the encryption handshake failed",
        _FAMILY,
    ),
    Signature(
        Id.EXEC_AUDIT_TARGET_UNENCRYPTED,
        "encryption is not set up on the selected",
        "the session's log may only go to an encrypted place",
        _DECISIVE,
    ),
    Signature(
        Id.EXEC_AUDIT_TARGET_UNENCRYPTED,
        "{encrypt the log group|encrypt the bucket|enable logging without encryption}",
        "the session's log may only go to an encrypted place",
        _CAUSE,
    ),
    # Inside the container.
    Signature(
        Id.EXEC_SHELL_MISSING,
        "{fork/exec|exec:|failed to start pty|oci runtime exec failed|unable to start command|unable to start shell} … "
        + _SHELLS
        + " … {no such file or directory|executable file not found|not found}",
        "the image has no such shell",
        _CAUSE,
        kinds=_EXEC,
    ),
    Signature(
        Id.EXEC_SHELL_MISSING,
        _SHELLS + ": {no such file or directory|executable file not found|not found|command not found}",
        "the image has no such shell",
        _CAUSE,
        kinds=_EXEC,
    ),
    Signature(
        Id.EXEC_SHELL_MISSING,
        "fork/exec {/bin/bash|/bin/sh|/bin/ash|/bin/zsh|/usr/bin/bash}: no such file",
        "the image has no such shell",
        _CAUSE,
    ),
    Signature(
        Id.EXEC_COMMAND_NOT_FOUND,
        "{executable file not found|command not found}",
        "the image has no such command",
        _CAUSE,
        kinds=_EXEC,
        unless=("{session-manager-plugin|aws: command}", "command not found:$"),
    ),
    Signature(
        Id.EXEC_COMMAND_NOT_FOUND,
        "{failed to start pty|unable to start command|fork/exec|oci runtime exec failed} … "
        "{no such file or directory|permission denied|not found|exec format error|is a directory|not a directory}",
        "the command could not be started in the container",
        _STAGE,
        certain=False,
        unless=("{runas user|session-manager-plugin}",),
    ),
    Signature(
        Id.EXEC_COMMAND_NOT_FOUND,
        "failed to start pty{.|}$",
        "the command could not be started in the container, mostly because of its quoting",
        _STAGE,
        kinds=_EXEC,
        certain=False,
    ),
    # The session.
    Signature(
        Id.EXEC_SESSION_FAILED,
        "{failed to start pty|unable to start command|unable to start shell|oci runtime exec failed|fork/exec}",
        "the command could not be started in the container; why is not said",
        _PREFIX,
        kinds=_EXEC,
        certain=False,
    ),
    Signature(
        Id.EXEC_SESSION_FAILED,
        "{cannot perform start session|session timed out|timed out due to inactivity|maximum session limit"
        "|starting session with sessionid|setting up data channel|failed to create websocket|createdatachannel"
        "|handshake timed out|encountered error while initiating handshake|session has been terminated"
        "|session was terminated|death of the process|process has been killed|broken pipe|websocket|runas user"
        "|exiting session with sessionid|session ended|session terminated|unable to validate encryption"
        "|couldn't start the session because|unable to start new execute sessions|session manager parameters"
        "|read limit exceeded|connection to destination|unexpected eof}",
        "the session broke after the API had allowed it",
        _STAGE,
        kinds=_EXEC,
    ),
    Signature(
        Id.EXEC_SESSION_FAILED,
        "{cannot perform start session|starting session with sessionid: ecs-execute-command}",
        "the session broke after the API had allowed it",
        _STAGE,
    ),
    Signature(
        Id.EXEC_SESSION_FAILED,
        "^{eof|unexpected eof|session closed}{.|}$",
        "the session broke after the API had allowed it",
        _STAGE,
        kinds=_EXEC,
        certain=False,
    ),
    Signature(
        Id.EXEC_AGENT_UNAVAILABLE,
        "invalidparameterexception … when calling the executecommand operation",
        "mostly the combined message, cut off",
        _PREFIX,
        certain=False,
    ),
    Signature(
        Id.EXEC_SESSION_FAILED,
        "{sessionid: ecs-execute-command|sessionid: }",
        "a session was opened, so the API had allowed it",
        _PREFIX,
        kinds=_EXEC,
        certain=False,
    ),
)
