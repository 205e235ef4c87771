"""A Slack stand-in: accepts what slack-sdk sends, holds it against Slack's limits and keeps the channel."""
