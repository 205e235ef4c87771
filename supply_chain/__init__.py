"""What the repository says of its own parts: bill of materials, policy, secrets. Development only, in no layer."""
