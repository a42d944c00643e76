//! Amazon Resource Names: taken apart, put together; whether the resource exists is not known here.

use crate::partition;
use smol_str::SmolStr;

/// An ARN's six parts, borrowed from its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`
    pub partition: &'a str,
    /// `states`, `lambda`
    pub service: &'a str,
    /// `us-east-1`; may be empty
    pub region: &'a str,
    /// twelve digits; may be empty
    pub account: &'a str,
    /// everything after the fifth colon
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart; nothing if the text isn't one.
    pub fn parse(text: &'a str) -> Option<Arn<'a>> {
        let mut rest = text;
        // By bytes, since this is done several times for each request.
        let mut part = || {
            let colon = rest.bytes().position(|b| b == b':')?;
            let part = &rest[..colon];
            rest = &rest[colon + 1..];
            Some(part)
        };
        let prefix = part()?;
        let [partition, service, region, account] = [part()?, part()?, part()?, part()?];
        let arn = Arn { partition, service, region, account, resource: rest };
        (prefix == "arn" && partition.starts_with("aws") && !arn.service.is_empty()).then_some(arn)
    }
}

/// The account and region that a request or a resource belongs to; resources of two namespaces never meet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespace {
    /// twelve digits
    pub account: SmolStr,
    /// `us-east-1`
    pub region: SmolStr,
}

impl Namespace {
    /// `aws`, `aws-cn` and so on, by the region.
    pub fn partition(&self) -> &'static str {
        partition::of(&self.region).id
    }

    /// `arn:aws:states:<region>:<account>:stateMachine:<name>`
    pub fn state_machine_arn(&self, name: &str) -> SmolStr {
        self.states_arn(&["stateMachine:", name])
    }

    /// `arn:aws:states:<region>:<account>:activity:<name>`
    pub fn activity_arn(&self, name: &str) -> SmolStr {
        self.states_arn(&["activity:", name])
    }

    /// `arn:aws:states:<region>:<account>:execution:<state machine>:<name>`
    pub fn execution_arn(&self, state_machine: &str, name: &str) -> SmolStr {
        self.states_arn(&["execution:", state_machine, ":", name])
    }

    /// `arn:aws:states:<region>:<account>:express:<state machine>:<name>:<uuid>`
    pub fn express_execution_arn(&self, state_machine: &str, name: &str, id: &str) -> SmolStr {
        self.states_arn(&["express:", state_machine, ":", name, ":", id])
    }

    /// `arn:aws:states:<region>:<account>:express:<state machine>:<name>`, the form that was recorded of TestState alone
    pub fn tested_execution_arn(&self, state_machine: &str, name: &str) -> SmolStr {
        self.states_arn(&["express:", state_machine, ":", name])
    }

    /// `arn:aws:states:<region>:<account>:mapRun:<state machine>/<label>:<uuid>`
    pub fn map_run_arn(&self, state_machine: &str, label: &str, id: &str) -> SmolStr {
        self.states_arn(&["mapRun:", state_machine, "/", label, ":", id])
    }

    fn states_arn(&self, resource: &[&str]) -> SmolStr {
        let before = ["arn:", self.partition(), ":states:", &self.region, ":", &self.account, ":"];
        let parts = || before.iter().chain(resource);
        let mut arn = String::with_capacity(parts().map(|part| part.len()).sum());
        parts().for_each(|part| arn.push_str(part));
        arn.into()
    }

    /// Whether an ARN names this account and region.
    pub fn holds(&self, arn: &Arn<'_>) -> bool {
        arn.region == self.region && arn.account == self.account
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_six_parts() {
        let arn = Arn::parse("arn:aws:states:us-east-1:123456789012:execution:m:e").expect("an ARN");
        assert_eq!((arn.service, arn.region, arn.resource), ("states", "us-east-1", "execution:m:e"));
        for text in ["", "invalid", "arn:aws:states:us-east-1", "urn:aws:states:r:a:x", "arn:gcp:states:r:a:x"] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_partition_follows_from_the_region() {
        let namespace = Namespace { account: "123456789012".into(), region: "cn-north-1".into() };
        assert_eq!(namespace.state_machine_arn("m"), "arn:aws-cn:states:cn-north-1:123456789012:stateMachine:m");
    }
}
