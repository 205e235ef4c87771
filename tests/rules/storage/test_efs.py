"""EFS: mount targets, NFS, names, policies and access points."""

from dataclasses import replace

import pytest

from ecs_medic.facts.ecs import EfsVolume
from ecs_medic.facts.fact import Absent, Known, Unknown
from ecs_medic.facts.network import (
    AMAZON_DNS,
    AclEntry,
    Interface,
    Network,
    NetworkAcl,
    Permission,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)
from ecs_medic.facts.storage import AccessPoint, FileSystem, MountTarget
from ecs_medic.finding import Confidence, RuledOut
from ecs_medic.rules.judge import judge
from ecs_medic.rules.network import RULES as NETWORK
from ecs_medic.rules.storage import RULES as STORAGE
from ecs_medic.rules.storage.efs_access_denied import efs_access_denied
from ecs_medic.rules.storage.efs_dns_failed import efs_dns_failed
from ecs_medic.rules.storage.efs_path_missing import efs_path_missing
from ecs_medic.rules.storage.efs_unreachable import efs_unreachable
from ecs_medic.vocabulary import Id
from tests.builders import (
    DENIED,
    TASK_ROLE,
    allow,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    definition,
    deny,
    document,
    facts,
    incident,
    known,
    outcomes,
    role,
    simulated,
    the_finding,
)

SYSTEM = "fs-0123456789abcdef0"
POINT = "fsap-0123456789abcdef0"
ALLOW_ALL = tuple(AclEntry(100, egress=egress, allow=True, protocol="-1", cidr="0.0.0.0/0") for egress in (True, False))
EVERYTHING = Permission("-1", cidrs=("0.0.0.0/0",))
NFS = Permission("tcp", (2049, 2049), group_ids=("sg-1",))
NO_POLICY = Absent("efs:DescribeFileSystemPolicy", "PolicyNotFound")


def network(**changes):
    well = Network(
        "vpc-1",
        vpc=known(Vpc("vpc-1", ("10.0.0.0/16",))),
        dns_support=known(True),
        dns_hostnames=known(True),
        dns_servers=known((AMAZON_DNS,)),
        subnets=known(
            {
                "subnet-1": Subnet("subnet-1", "vpc-1", "10.0.1.0/24", "eu-west-1a"),
                "subnet-2": Subnet("subnet-2", "vpc-1", "10.0.2.0/24", "eu-west-1a"),
            }
        ),
        route_tables=known((RouteTable("rtb-1", (Route("10.0.0.0/16", "local"),), main=True),)),
        network_acls=known((NetworkAcl("acl-1", ALLOW_ALL, default=True),)),
        security_groups=known(
            {
                "sg-1": SecurityGroup("sg-1", "tasks", "vpc-1", (), (EVERYTHING,)),
                "sg-efs": SecurityGroup("sg-efs", "mounts", "vpc-1", (NFS,), ()),
            }
        ),
    )
    return replace(well, **changes)


def groups(**changes):
    found = dict(network().security_groups.value)
    return known({name: changes.get(name.replace("-", "_"), one) for name, one in found.items()})


def target(**changes):
    well = MountTarget(
        "fsmt-1", "subnet-2", "vpc-1", "eu-west-1a", "10.0.2.9", "eni-9", "available", known(("sg-efs",))
    )
    return replace(well, **changes)


def read(*targets, inside=None, volume=None, policy=NO_POLICY, **changes):
    volume = volume or EfsVolume("data", SYSTEM)
    interface = Interface("subnet-1", "vpc-1", private_ip="10.0.1.20", security_group_ids=known(("sg-1",)))
    found = known(tuple(targets), "efs:DescribeMountTargets")
    given = {
        "task_definition": definition(efs_volumes=(volume,)),
        "task_interface": known(interface),
        "networks": {"vpc-1": inside or network()},
        "file_systems": {SYSTEM: known(FileSystem(SYSTEM, found, policy))},
        **changes,
    }
    return facts(**given)


def verdict(symptom, given):
    return judge(incident(symptom), given, (*STORAGE, *NETWORK)).findings[0]


def test_a_way_that_is_open_excludes_reachability_and_names():
    for rule in (efs_unreachable, efs_dns_failed):
        assert_quiet(rule, incident(Id.EFS_MOUNT_FAILED), read(target()))


def test_a_mount_target_that_does_not_admit_the_task():
    closed = network(security_groups=groups(sg_efs=SecurityGroup("sg-efs", "mounts", "vpc-1")))
    finding = verdict(Id.EFS_UNREACHABLE, read(target(), inside=closed))
    assert (finding.cause, finding.confidence) == (Id.EFS_UNREACHABLE, Confidence.CONFIRMED)
    assert finding.params["security_group_ids"] == ["sg-efs"]
    assert "--port 2049 --source-group sg-1" in finding.fix.cli[0]


def test_443_does_not_open_2049():
    https = Permission("tcp", (443, 443), group_ids=("sg-1",))
    only_https = network(security_groups=groups(sg_efs=SecurityGroup("sg-efs", "mounts", "vpc-1", (https,))))
    assert verdict(Id.EFS_UNREACHABLE, read(target(), inside=only_https)).cause is Id.EFS_UNREACHABLE


def test_the_tasks_own_group_and_the_acl_have_their_own_causes():
    mute = network(security_groups=groups(sg_1=SecurityGroup("sg-1", "tasks", "vpc-1")))
    assert verdict(Id.EFS_MOUNT_FAILED, read(target(), inside=mute)).cause is Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS
    stone = AclEntry(50, egress=False, allow=False, protocol="6", cidr="10.0.0.0/16", ports=(2049, 2049))
    walled = network(network_acls=known((NetworkAcl("acl-1", (*ALLOW_ALL, stone), default=True),)))
    finding = verdict(Id.EFS_MOUNT_FAILED, read(target(), inside=walled))
    assert (finding.cause, finding.params["direction"]) == (Id.NETWORK_ACL_BLOCKS, "ingress")


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        ((), "no mount target in vpc-1"),
        ((target(zone="eu-west-1b"),), "no mount target in eu-west-1a, only in eu-west-1b"),
        ((target(vpc_id="vpc-9"),), "no mount target in vpc-1"),
        ((target(state="creating"),), "that is creating"),
    ],
)
def test_no_mount_target_where_the_task_is(targets, words):
    finding = the_finding(efs_unreachable, incident(Id.EFS_DNS_FAILED), read(*targets))
    assert finding.confidence is Confidence.CONFIRMED
    assert words in finding.summary
    assert verdict(Id.EFS_DNS_FAILED, read(*targets)).cause is Id.EFS_UNREACHABLE


def test_what_could_not_be_read_is_not_checked():
    about = incident(Id.EFS_UNREACHABLE)
    denied = Unknown("efs:DescribeMountTargets", "denied", "elasticfilesystem:DescribeMountTargets")
    unread = read(file_systems={SYSTEM: known(FileSystem(SYSTEM, denied, NO_POLICY))})
    assert_not_checked(efs_unreachable, about, unread, "elasticfilesystem:DescribeMountTargets")
    no_interface = Unknown("ec2:DescribeNetworkInterfaces", "denied", "ec2:DescribeNetworkInterfaces")
    assert_not_checked(efs_unreachable, about, read(target(security_group_ids=no_interface)))
    blind = network(security_groups=Unknown("ec2:DescribeSecurityGroups", "denied", "ec2:DescribeSecurityGroups"))
    assert_not_checked(efs_unreachable, about, read(target(), inside=blind), "ec2:DescribeSecurityGroups")
    assert_not_checked(efs_unreachable, about, facts(task_definition=DENIED), "ecs:DescribeTasks")


def test_dns_attributes_that_are_off():
    for attribute in ("dns_support", "dns_hostnames"):
        off = network(**{attribute: known(False)})
        finding = the_finding(efs_dns_failed, incident(Id.EFS_DNS_FAILED), read(target(), inside=off))
        assert finding.confidence is Confidence.CONFIRMED
        assert "modify-vpc-attribute" in finding.fix.cli[0]
        found = judge(incident(Id.EFS_DNS_FAILED), read(target(), inside=off), (*STORAGE, *NETWORK)).findings
        assert {Id.EFS_DNS_FAILED, Id.VPC_DNS_DISABLED} == {one.cause for one in found}


def test_a_file_system_that_does_not_exist():
    gone = read(file_systems={SYSTEM: Absent("efs:DescribeMountTargets", "FileSystemNotFound")})
    assert the_finding(efs_dns_failed, incident(Id.EFS_DNS_FAILED), gone).confidence is Confidence.CONFIRMED


def test_a_resolver_of_ones_own_is_likely_where_the_message_says_so_and_else_unknown():
    own = network(dns_servers=known(("10.0.0.53",)))
    finding = the_finding(efs_dns_failed, incident(Id.EFS_DNS_FAILED), read(target(), inside=own))
    assert finding.confidence is Confidence.LIKELY
    assert_not_checked(efs_dns_failed, incident(Id.EFS_MOUNT_FAILED), read(target(), inside=own))


def test_an_access_point_of_another_file_system():
    volume = EfsVolume("data", SYSTEM, access_point_id=POINT)
    other = known(AccessPoint(POINT, "fs-other"))
    finding = the_finding(
        efs_access_denied, incident(Id.EFS_ACCESS_DENIED), read(volume=volume, access_points={POINT: other})
    )
    assert finding.confidence is Confidence.CONFIRMED
    assert "fs-other" in finding.summary


def test_without_a_policy_everybody_may_mount():
    assert_quiet(efs_access_denied, incident(Id.EFS_ACCESS_DENIED), read(target()))


def policy(*statements):
    return Known(document(*statements), "efs:DescribeFileSystemPolicy")


def test_a_policy_that_knows_only_roles_refuses_a_mount_without_iam():
    named = policy(allow("elasticfilesystem:ClientMount", Principal={"AWS": TASK_ROLE}))
    finding = the_finding(efs_access_denied, incident(Id.EFS_ACCESS_DENIED), read(policy=named))
    assert finding.confidence is Confidence.CONFIRMED
    volume = EfsVolume("data", SYSTEM, iam=True)
    assert_quiet(efs_access_denied, incident(Id.EFS_ACCESS_DENIED), read(policy=named, volume=volume))


def test_a_role_that_neither_policy_allows():
    volume = EfsVolume("data", SYSTEM, iam=True)
    other = policy(allow("elasticfilesystem:ClientMount", Principal={"AWS": "arn:aws:iam::123456789012:role/other"}))
    about = incident(Id.EFS_ACCESS_DENIED)
    denied = role(simulation=simulated({"elasticfilesystem:ClientMount": "implicitDeny"}))
    finding = the_finding(efs_access_denied, about, read(policy=other, volume=volume, roles={TASK_ROLE: known(denied)}))
    assert TASK_ROLE.rsplit("/", 1)[-1] in finding.summary
    allowed = role(simulation=simulated({"elasticfilesystem:ClientMount": "allowed"}))
    assert_quiet(efs_access_denied, about, read(policy=other, volume=volume, roles={TASK_ROLE: known(allowed)}))
    unread = Unknown("iam:SimulatePrincipalPolicy", "denied", "iam:SimulatePrincipalPolicy")
    nobody_knows = read(policy=other, volume=volume, roles={TASK_ROLE: unread})
    assert_not_checked(efs_access_denied, about, nobody_knows, "iam:SimulatePrincipalPolicy")


def test_an_explicit_deny_and_a_condition_that_nobody_can_judge():
    about = incident(Id.EFS_ACCESS_DENIED)
    closed = policy(allow("*", Principal="*"), deny("elasticfilesystem:ClientMount", Principal="*"))
    assert the_finding(efs_access_denied, about, read(policy=closed)).confidence is Confidence.CONFIRMED
    conditional = policy(allow("*", Principal="*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    assert_not_checked(efs_access_denied, about, read(policy=conditional))


def test_an_access_point_that_does_not_exist():
    about = incident(Id.EFS_PATH_MISSING)
    volume = EfsVolume("data", SYSTEM, access_point_id=POINT)
    gone = read(volume=volume, access_points={POINT: Absent("efs:DescribeAccessPoints", "AccessPointNotFound")})
    finding = the_finding(efs_path_missing, about, gone)
    assert (finding.confidence, finding.params["access_point_id"]) == (Confidence.CONFIRMED, POINT)
    made = known(AccessPoint(POINT, SYSTEM, "/data", creates_path=True))
    assert_quiet(efs_path_missing, about, read(volume=volume, access_points={POINT: made}))
    denied = Unknown("efs:DescribeAccessPoints", "denied", "elasticfilesystem:DescribeAccessPoints")
    unread = read(volume=volume, access_points={POINT: denied})
    assert_not_checked(efs_path_missing, about, unread, "elasticfilesystem:DescribeAccessPoints")


def test_a_directory_is_what_the_message_says():
    about = incident(Id.EFS_PATH_MISSING)
    volume = EfsVolume("data", SYSTEM, root_directory="/exports/data")
    finding = the_finding(efs_path_missing, about, read(volume=volume))
    assert (finding.confidence, finding.params["root_directory"]) == (Confidence.LIKELY, "/exports/data")
    (root,) = outcomes(efs_path_missing, about, read())
    assert isinstance(root, RuledOut)
    assert_silent(efs_path_missing, incident(Id.EFS_MOUNT_FAILED), read(volume=volume))


def test_other_failures_are_none_of_efs():
    for rule in STORAGE[:4]:
        assert_silent(rule, incident(Id.ECR_UNREACHABLE), read(target()))
