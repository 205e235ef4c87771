"""moto made right, one small module per API area.

Each module's `install` changes moto's classes in this process; where it matters it is told the account's `Behaviour`.
"""

from moto.core.base_backend import BaseBackend

from sandbox.behaviour import Behaviour
from sandbox.moto_patches import (
    addresses,
    cloudtrail_lookup,
    cloudtrail_selectors,
    default_network,
    dhcp_options,
    dry_run,
    dynamodb_transactions,
    endpoint_changes,
    endpoint_creation,
    endpoint_reading,
    iam_managed_policies,
    iam_simulation,
    ipv6,
    logs_validation,
    mount_targets,
    nat_gateways,
    network_interfaces,
    prefix_lists,
    registries,
    repeatable_ids,
    routes,
    secret_lookup,
    target_health,
)

_DONE = "_sandbox_patches_installed"


def install(behaviour: Behaviour | None = None) -> None:
    """Installs all patches, once per process; `behaviour` holds what can be set while the account runs."""
    if getattr(BaseBackend, _DONE, False):
        return
    setattr(BaseBackend, _DONE, True)
    settings = behaviour or Behaviour()
    repeatable_ids.install()
    iam_managed_policies.install()
    dry_run.install()
    dhcp_options.install()
    prefix_lists.install()
    network_interfaces.install()
    addresses.install()
    nat_gateways.install()
    default_network.install()
    routes.install()
    ipv6.install()
    endpoint_creation.install(settings)
    endpoint_changes.install()
    endpoint_reading.install()
    logs_validation.install()
    iam_simulation.install(settings)
    cloudtrail_lookup.install(settings)
    cloudtrail_selectors.install()
    registries.install()
    secret_lookup.install()
    target_health.install()
    dynamodb_transactions.install()
    mount_targets.install()
