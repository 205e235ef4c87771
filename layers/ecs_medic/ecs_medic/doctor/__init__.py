"""What can be told from this very machine: a container in a task, an EC2 instance, a laptop.

It opens connections, asks the metadata endpoints and reads local settings; of the AWS account it asks nothing but who
the caller is. Everything is bounded in time, and no secret is ever kept: only what it is, where it came from, and when
it expires.
"""
