"""What deploying the stack would leave in an account, for the functions to find: secret, queue, ledger, a trail."""

import json

from sandbox import ledger_table
from sandbox.client import SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, Sandbox

FUNCTION = "DiagnoseFunction"
FUNCTIONS = (FUNCTION, "SweepFunction", "SlackActionsFunction", "RemediateFunction")
CHANNEL = "C0OPS"
SECRET = "ecs-medic/slack"
QUEUE = "ecs-medic-dead-letters"
BUCKET = "ecs-medic-trail"
TRAIL = "management-events"


def deploy(sandbox: Sandbox) -> dict[str, str]:
    """Makes them, and returns the environment of the functions in this account."""
    secret = json.dumps({"bot_token": SLACK_BOT_TOKEN, "signing_secret": SLACK_SIGNING_SECRET})
    sandbox.client("secretsmanager").create_secret(Name=SECRET, SecretString=secret)
    queue: str = sandbox.client("sqs").create_queue(QueueName=QUEUE)["QueueUrl"]
    location = {"LocationConstraint": sandbox.environment["AWS_REGION"]}
    sandbox.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    cloudtrail = sandbox.client("cloudtrail")
    cloudtrail.create_trail(Name=TRAIL, S3BucketName=BUCKET, IsMultiRegionTrail=True)
    cloudtrail.start_logging(Name=TRAIL)
    return {
        "AWS_ENDPOINT_URL": sandbox.aws_url,
        "SLACK_API_URL": sandbox.slack_url,
        "SLACK_SECRET": SECRET,
        "SLACK_CHANNEL": CHANNEL,
        "SLACK_BUTTONS": "true",
        "DEAD_LETTER_QUEUE_URL": queue,
        "LEDGER_TABLE": ledger_table.create(sandbox),
    }
