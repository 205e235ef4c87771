"""A stand-in of Lambda's durable functions, made of AWS's own testing package: for tests and the demo only."""
