//! The partitions of AWS: what its regions are called and what its hosts' names end with.

/// A group of regions with accounts of their own.
#[derive(Debug)]
pub struct Partition {
    /// `aws`
    pub id: &'static str,
    /// What the names of its regions begin with; nothing of `aws`, which has all others.
    region_prefix: &'static str,
    /// `amazonaws.com`
    pub dns_suffix: &'static str,
    /// The same for hosts that have IPv6 addresses too: `api.aws`.
    pub dual_stack_dns_suffix: &'static str,
}

/// The same as botocore's; a test of the table compares.
const PARTITIONS: [Partition; 8] = [
    partition("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"),
    partition("aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    partition("aws", "", "amazonaws.com", "api.aws"),
];

const fn partition(
    id: &'static str,
    region_prefix: &'static str,
    dns_suffix: &'static str,
    dual_stack_dns_suffix: &'static str,
) -> Partition {
    Partition { id, region_prefix, dns_suffix, dual_stack_dns_suffix }
}

/// The partition of a region.
pub fn of(region: &str) -> &'static Partition {
    let holds = |partition: &&Partition| region.starts_with(partition.region_prefix);
    PARTITIONS.iter().find(holds).expect("the last one takes all regions")
}

/// Names that AWS's services have besides those with a partition's suffix.
const OTHER_SUFFIXES: [&str; 3] = ["on.aws", "amazon.com", "amazonaws.com"];

/// Whether a host's name, in lower case, is one of AWS.
pub fn is_at_aws(host: &str) -> bool {
    let ends = |suffix: &str| host.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let suffixes = PARTITIONS.iter().flat_map(|partition| [partition.dns_suffix, partition.dual_stack_dns_suffix]);
    suffixes.chain(OTHER_SUFFIXES).any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_in_a_partition_by_its_name() {
        for (region, id) in [
            ("us-east-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("xx-new-1", "aws"),
        ] {
            assert_eq!(of(region).id, id, "{region}");
        }
    }

    #[test]
    fn the_names_of_aws_are_known() {
        for (host, expected) in [
            ("sqs.eu-west-1.amazonaws.com", true),
            ("sqs.eu-west-1.amazonaws.com.", false),
            ("sqs.cn-north-1.amazonaws.com.cn", true),
            ("bcm-dashboards.us-east-1.api.aws", true),
            ("f.lambda-url.us-east-1.on.aws", true),
            ("amazonaws.com", true),
            ("notamazonaws.com", false),
            ("amazonaws.com.example", false),
            ("localhost", false),
        ] {
            assert_eq!(is_at_aws(host), expected, "{host}");
        }
    }
}
