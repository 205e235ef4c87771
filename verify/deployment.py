"""The stack, deployed as a user deploys it, but that it repairs by itself what is safe, and in its own cluster only."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from verify.names import NAME, SECRET, TAG, bucket
from verify.place import Place

ROOT = Path(__file__).parents[1]
ARCHITECTURE = "arm64"
NOBODY = "http://127.0.0.1:9/"
"""Where Slack is, for a stack that has none: in a Lambda function, nobody listens there."""


def deploy(place: Place, environment: Mapping[str, str]) -> dict[str, str]:
    """Builds and deploys; the stack's outputs.

    SLACK_SECRET (a secret that holds a bot token) and SLACK_CHANNEL make its alerts arrive in a real Slack as well.

    Raises:
        subprocess.CalledProcessError: SAM failed; it has said why.
    """
    parameters = {
        "Architecture": ARCHITECTURE,
        "Remediation": "auto",
        "AutoActions": "create_vpc_endpoint,force_new_deployment",
        "UntaggedIsFree": "true",
        "RepairCluster": NAME,
        "Preflight": "off",
        **_slack(place, environment),
    }
    build = ["make", "build", f"ARCHITECTURE={ARCHITECTURE}"]
    subprocess.run(build, cwd=ROOT, env=place.environment, check=True)  # noqa: S603 - any make
    command = [
        str(Path(sys.executable).with_name("sam")),
        *("deploy", "--config-file", str(Path(__file__).with_name("samconfig.toml"))),
        *("--region", place.region, "--s3-bucket", bucket(place.account, place.region), "--s3-prefix", "sam"),
        *("--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())),
    ]
    subprocess.run(command, cwd=ROOT, env=place.environment, check=True)  # noqa: S603 - our own sam
    (stack,) = place.client("cloudformation").describe_stacks(StackName=NAME)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def _slack(place: Place, environment: Mapping[str, str]) -> dict[str, str]:
    secret, channel = environment.get("SLACK_SECRET"), environment.get("SLACK_CHANNEL")
    if secret and channel:
        return {"SlackSecret": secret, "SlackChannel": channel}
    stand_in = json.dumps({"bot_token": "xoxb-nobody"})
    place.client("secretsmanager").create_secret(Name=SECRET, SecretString=stand_in, Tags=[{"Key": TAG, "Value": "1"}])
    return {"SlackSecret": SECRET, "SlackChannel": "C0000000000", "SlackApiUrl": NOBODY}
