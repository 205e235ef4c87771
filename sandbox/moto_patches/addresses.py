"""Elastic IP addresses are public ones; moto's lie in the loopback network."""

from typing import Any

from moto.ec2.models import elastic_ip_addresses
from moto.ec2.utils import random_public_ip


def install() -> None:
    """Draws from a public block instead."""
    module: Any = elastic_ip_addresses
    module.random_ip = random_public_ip
