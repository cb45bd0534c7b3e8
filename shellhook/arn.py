"""Amazon resource names, as far as roles, users and devices need them."""

from __future__ import annotations

from shellhook.record import Record

# Where STS is asked when nobody names a region. botocore would ask the global endpoint of the commercial partition
# whatever the role's, which answers InvalidClientTokenId (botocore/data/partitions.json has the regions).
STS_REGION = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
}
_PREFIXES = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("eusc-", "aws-eusc"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-iso-", "aws-iso"),
)


class Arn(Record):
    """arn:PARTITION:SERVICE::ACCOUNT:RESOURCE, the region left out: IAM and STS have none."""

    partition: str
    service: str
    account: str
    resource: str

    @property
    def name(self) -> str:
        """The last part of the resource: `role/team/power-user` is `power-user`."""
        return self.resource.rsplit("/", 1)[-1]


def parse(text: str) -> Arn | None:
    """The parts of an ARN, or None if `text` is none."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[5]:
        return None
    return Arn(partition=parts[1], service=parts[2], account=parts[4], resource=parts[5])


def partition_of_region(region: str) -> str:
    """The partition that a region's name belongs to (botocore/data/partitions.json, regionRegex)."""
    for prefix, partition in _PREFIXES:
        if region.startswith(prefix):
            return partition
    return "aws"


def is_region(text: str) -> bool:
    """Can this be a region? It becomes part of a host's name, so it must be one label of it (botocore/utils.py,
    validate_region_name)."""
    letters = text.replace("-", "")
    return (
        len(text) <= 63 and letters.isascii() and letters.isalnum() and not text.isdigit() and text.strip("-") == text
    )


def role_arn(name: str, partition: str, account: str) -> str:
    """The ARN of a role given by name or path, `power-user` or `/team/power-user`."""
    return f"arn:{partition}:iam::{account}:role/{name.lstrip('/')}"


def shown_role(name: str) -> str:
    """A role's name as people know it: IAM Identity Center's `AWSReservedSSO_Admin_0123456789abcdef` is `Admin`."""
    prefix = "AWSReservedSSO_"
    if name.startswith(prefix) and "_" in name[len(prefix) :]:
        return name[len(prefix) :].rsplit("_", 1)[0]
    return name


def is_security_key(serial: str) -> bool:
    """Is this MFA device a FIDO key, which cannot give a code (IAM user guide, "Assign a passkey or security key")?"""
    return ":u2f/" in serial or ":sms-mfa/" in serial
