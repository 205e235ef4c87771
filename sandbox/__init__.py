"""An embedded AWS account for development: AWS and Slack stand-ins in a process of their own.

`python -m sandbox serve` runs it; `sandbox.client.Sandbox` starts it from a test or a demo. It shares no code with
the service that it is used to try: what it decides, it decides by itself.
"""
