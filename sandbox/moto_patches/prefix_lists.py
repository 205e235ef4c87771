"""The Regions' own prefix lists: S3's real ids and addresses where known, and an answer for unknown ids."""

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.managed_prefixes import ManagedPrefixList, ManagedPrefixListBackend

from sandbox.moto_patches.patching import replace, replace_property

# Amazon S3's list in each Region: the id, and address ranges as published in AWS's ip-ranges.json.
S3_LISTS = {
    "eu-west-1": ("pl-6da54004", ("52.218.0.0/17", "52.92.0.0/17", "3.5.64.0/21", "3.5.72.0/23")),
    "eu-central-1": ("pl-6ea54007", ("52.219.44.0/22", "52.219.72.0/22", "3.5.134.0/23", "3.5.136.0/22")),
    "us-east-1": ("pl-63a5400a", ("52.216.0.0/15", "54.231.0.0/16", "3.5.0.0/19")),
    "us-west-2": ("pl-68a54001", ("52.218.128.0/17", "52.92.128.0/17", "3.5.76.0/22", "3.5.80.0/21")),
}


def install() -> None:
    """DescribePrefixLists shows CIDRs, DescribeManagedPrefixLists refuses unknown ids."""
    create_defaults = ManagedPrefixListBackend.create_default_pls
    describe = ManagedPrefixListBackend.describe_managed_prefix_lists

    @replace(ManagedPrefixListBackend)
    def create_default_pls(self: Any) -> None:
        create_defaults(self)
        if self.region_name not in S3_LISTS:
            return
        list_id, cidrs = S3_LISTS[self.region_name]
        for prefix_list in list(self.managed_prefix_lists.values()):
            if prefix_list.prefix_list_name == f"com.amazonaws.{self.region_name}.s3":
                del self.managed_prefix_lists[prefix_list.id]
                prefix_list.id = list_id
                prefix_list.prefix_list_arn = prefix_list.arn(self.region_name, prefix_list.owner_id)
                prefix_list.entries = {1: [{"Cidr": cidr, "Description": "default"} for cidr in cidrs]}
                self.managed_prefix_lists[list_id] = prefix_list

    @replace(ManagedPrefixListBackend)
    def describe_managed_prefix_lists(self: Any, prefix_list_ids: Any = None, filters: Any = None) -> Any:
        for prefix_list_id in prefix_list_ids or ():
            if prefix_list_id not in self.managed_prefix_lists:
                raise EC2ClientError(
                    "InvalidPrefixListID.NotFound", f"The prefix list ID '{prefix_list_id}' does not exist"
                )
        return describe(self, prefix_list_ids, filters)

    @replace_property(ManagedPrefixList)
    def cidrs(self: Any) -> list[str]:
        newest = max(self.entries, default=None)
        return [] if newest is None else [entry["Cidr"] for entry in self.entries[newest]]
