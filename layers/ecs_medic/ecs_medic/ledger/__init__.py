"""What is remembered: incidents and their counters, alerts and their Slack messages. One DynamoDB table."""
