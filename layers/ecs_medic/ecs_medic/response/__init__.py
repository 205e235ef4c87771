"""What is done about an event: counted, diagnosed, told in Slack, and in the end shown to be over."""
