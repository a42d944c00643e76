//! Where a service is at AWS, and whose signature it wants there.

use super::{Operation, Service};
use crate::partition;
use smol_str::SmolStr;

/// A rule: where the service is in a region, a partition, or everywhere.
#[derive(Debug)]
pub(super) struct Place {
    /// The region or partition; nothing for all.
    pub scope: Option<&'static str>,
    /// The host, with `{r}` for the region and `{s}` and `{d}` for the partition's suffixes.
    pub host: &'static str,
    /// The region of signatures, where that is not the region; or what is wanted in place of Signature Version 4.
    pub signing_region: Option<&'static str>,
    /// The service's name in signatures, where that is not the usual one.
    pub signing_name: Option<&'static str>,
}

/// A host of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsHost {
    /// `sqs.eu-west-1.amazonaws.com`
    pub name: String,
    /// What requests to it are signed for.
    pub signing: Signing,
}

/// What a request to AWS is signed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signing {
    /// Signature Version 4
    V4 {
        /// `us-east-1`, that of a global service included.
        region: SmolStr,
        /// `sqs`
        name: &'static str,
    },
    /// A signature or token of another kind, by the name that models have for it: `v2`, `v4a`, `bearer`.
    Other(&'static str),
}

const OTHER_SIGNATURES: [&str; 3] = ["v2", "v4a", "bearer"];

impl Service {
    /// Where AWS has an operation of this service for callers in a region, without what its parameters may put before the
    /// name; nothing if nobody can tell without the parameters.
    pub fn aws_host(&self, operation: &Operation, region: &str) -> Option<AwsHost> {
        let partition = partition::of(region);
        let rules = &self.places[operation.places];
        let rule = |scope: Option<&str>| rules.iter().find(|rule| rule.scope == scope);
        let rule = rule(Some(region)).or_else(|| rule(Some(partition.id))).or_else(|| rule(None))?;
        let name = rule.host.replace("{r}", region);
        let name = name.replace("{s}", partition.dns_suffix).replace("{d}", partition.dual_stack_dns_suffix);
        let signing = match rule.signing_region {
            Some(other) if OTHER_SIGNATURES.contains(&other) => Signing::Other(other),
            own => Signing::V4 {
                region: own.unwrap_or(region).into(),
                name: rule.signing_name.unwrap_or(self.signing_name),
            },
        };
        Some(AwsHost { name, signing })
    }
}
