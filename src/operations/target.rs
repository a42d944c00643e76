//! What an ARN in a request stands for.

use super::error::Error;
use crate::arn::{Arn, Namespace};
use smol_str::SmolStr;

/// A state machine's ARN.
#[derive(Debug, PartialEq, Eq)]
pub struct StateMachineTarget<'a> {
    /// The state machine's name.
    pub name: &'a str,
    /// A version, an alias, or the label of a Distributed Map.
    pub qualifier: Option<Qualifier<'a>>,
    /// Whether the ARN is of the caller's account and region.
    pub here: bool,
}

/// What follows the name in a state machine's ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier<'a> {
    /// `<name>:<number>`; 0 for digits that no version has.
    Version(u64),
    /// `<name>:<alias>`
    Alias(&'a str),
    /// `<name>/<label>`
    Label,
}

/// An execution's ARN.
#[derive(Debug, PartialEq, Eq)]
pub struct ExecutionTarget<'a> {
    /// The state machine's name; with a label for children of a Distributed Map.
    pub machine: &'a str,
    /// The execution's name.
    pub name: &'a str,
    /// Whether the ARN is of the caller's account and region.
    pub here: bool,
}

/// The ARN of something that can have tags.
#[derive(Debug, PartialEq, Eq)]
pub enum Tagged<'a> {
    /// A state machine.
    StateMachine(StateMachineTarget<'a>),
    /// An activity's name, if it is of the caller's account and region.
    Activity(Option<&'a str>),
}

/// Takes the ARN of something that can have tags apart.
pub fn tagged<'a>(arn: &'a str, namespace: &Namespace) -> Result<Tagged<'a>, Error> {
    let is_activity = Arn::parse(arn).is_some_and(|parsed| parsed.resource.split(':').next() == Some("activity"));
    if is_activity {
        activity(arn, namespace).map(Tagged::Activity)
    } else {
        state_machine(arn, namespace).map(Tagged::StateMachine)
    }
}

/// Takes a state machine's ARN apart.
pub fn state_machine<'a>(arn: &'a str, namespace: &Namespace) -> Result<StateMachineTarget<'a>, Error> {
    let (rest, here) = resource(arn, "stateMachine", namespace)?;
    let (name, qualifier) = match rest.find([':', '/']) {
        None => (rest, None),
        Some(at) if rest[at..].starts_with('/') => (&rest[..at], Some(Qualifier::Label)),
        Some(at) => (&rest[..at], Some(version_or_alias(&rest[at + 1..]))),
    };
    Ok(StateMachineTarget { name, qualifier, here })
}

/// The names of aliases are not all digits.
fn version_or_alias(qualifier: &str) -> Qualifier<'_> {
    if qualifier.is_empty() || !qualifier.bytes().all(|b| b.is_ascii_digit()) {
        return Qualifier::Alias(qualifier);
    }
    Qualifier::Version(if qualifier.starts_with('0') { 0 } else { qualifier.parse().unwrap_or(0) })
}

/// The state machine's name and the alias in an alias's ARN. That other state machines' ARNs are refused in these words is
/// a guess.
pub fn alias<'a>(arn: &'a str, namespace: &Namespace) -> Result<Option<(&'a str, &'a str)>, Error> {
    let target = state_machine(arn, namespace)?;
    match target.qualifier {
        Some(Qualifier::Alias(alias)) => Ok(target.here.then_some((target.name, alias))),
        _ => Err(Error::InvalidArnType("stateMachine".into())),
    }
}

/// The state machine's name and the number in a version's ARN. That other state machines' ARNs are refused in these words is
/// a guess.
pub fn version<'a>(arn: &'a str, namespace: &Namespace) -> Result<Option<(&'a str, u64)>, Error> {
    let target = state_machine(arn, namespace)?;
    match target.qualifier {
        Some(Qualifier::Version(number)) => Ok(target.here.then_some((target.name, number))),
        _ => Err(Error::InvalidArnType("stateMachine".into())),
    }
}

/// Takes the ARN of a Standard execution apart.
pub fn execution<'a>(arn: &'a str, namespace: &Namespace) -> Result<ExecutionTarget<'a>, Error> {
    let (rest, here) = resource(arn, "execution", namespace)?;
    let (machine, name) = rest.split_once(':').ok_or_else(|| Error::InvalidArnFormat(arn.into()))?;
    Ok(ExecutionTarget { machine, name, here })
}

/// The same, or the ARN of an Express child of a map run, which DescribeExecution takes besides (documented).
pub fn described_execution<'a>(arn: &'a str, namespace: &Namespace) -> Result<ExecutionTarget<'a>, Error> {
    if let Ok((rest, here)) = resource(arn, "express", namespace)
        && let Some((machine, name)) = rest.split_once(':')
        && machine.contains('/')
    {
        return Ok(ExecutionTarget { machine, name, here });
    }
    execution(arn, namespace)
}

/// The name in an activity's ARN, if it is of the caller's account and region.
pub fn activity<'a>(arn: &'a str, namespace: &Namespace) -> Result<Option<&'a str>, Error> {
    let (name, here) = resource(arn, "activity", namespace)?;
    Ok(here.then_some(name))
}

/// Checks the ARN of a map run, `mapRun:<state machine>/<label>:<uuid>`.
pub fn map_run(arn: &str, namespace: &Namespace) -> Result<(), Error> {
    let (rest, _) = resource(arn, "mapRun", namespace)?;
    let parts = rest.split_once('/').and_then(|(machine, rest)| Some((machine, rest.split_once(':')?)));
    match parts {
        Some((machine, (label, id))) if !machine.is_empty() && !label.is_empty() && !id.is_empty() => Ok(()),
        _ => Err(Error::InvalidArnFormat(arn.into())),
    }
}

/// Checks a role's ARN.
pub fn role(arn: &str) -> Result<SmolStr, Error> {
    let is_role = |arn: &Arn<'_>| {
        let account = arn.account.len() == 12 && arn.account.bytes().all(|b| b.is_ascii_digit());
        let name = arn.resource.strip_prefix("role/").is_some_and(|name| !name.is_empty());
        arn.service == "iam" && arn.region.is_empty() && account && name
    };
    Arn::parse(arn).filter(is_role).map(|_| arn.into()).ok_or_else(|| Error::InvalidRoleArn(arn.into()))
}

/// What follows the type in an ARN, and whether it is of this account and region.
fn resource<'a>(arn: &'a str, expected: &str, namespace: &Namespace) -> Result<(&'a str, bool), Error> {
    let parsed = Arn::parse(arn).ok_or_else(|| Error::InvalidArnPrefix(arn.into()))?;
    let (kind, rest) = parsed.resource.split_once(':').unwrap_or((parsed.resource, ""));
    // Which words AWS has for ARNs of other services isn't recorded.
    if kind != expected || parsed.service != "states" {
        return Err(Error::InvalidArnType(kind.into()));
    }
    if rest.is_empty() {
        return Err(Error::InvalidArnFormat(arn.into()));
    }
    Ok((rest, namespace.holds(&parsed) && parsed.partition == namespace.partition()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Namespace {
        Namespace { account: "123456789012".into(), region: "us-east-1".into() }
    }

    #[test]
    fn a_state_machine_may_be_qualified() {
        for (rest, name, qualifier) in [
            ("m", "m", None),
            ("m:1", "m", Some(Qualifier::Version(1))),
            ("m:01", "m", Some(Qualifier::Version(0))),
            ("m:99999999999999999999", "m", Some(Qualifier::Version(0))),
            ("m:PROD", "m", Some(Qualifier::Alias("PROD"))),
            ("m:1.0", "m", Some(Qualifier::Alias("1.0"))),
            ("m:1:2", "m", Some(Qualifier::Alias("1:2"))),
            ("m:", "m", Some(Qualifier::Alias(""))),
            ("m/label", "m", Some(Qualifier::Label)),
        ] {
            let arn = format!("arn:aws:states:us-east-1:123456789012:stateMachine:{rest}");
            let target = state_machine(&arn, &here()).expect("an ARN");
            assert_eq!(target, StateMachineTarget { name, qualifier, here: true });
        }
    }

    #[test]
    fn what_is_no_arn_of_the_type_is_refused() {
        let prefix = "arn:aws:states:us-east-1:123456789012";
        for (arn, message) in [
            ("x".to_owned(), "Invalid Arn: 'Invalid ARN prefix: x'".to_owned()),
            (
                format!("{prefix}:express:m:e:u"),
                "Invalid Arn: 'Resource type not valid in this context: express'".to_owned(),
            ),
            (
                format!("{prefix}:activity:a"),
                "Invalid Arn: 'Resource type not valid in this context: activity'".to_owned(),
            ),
            (format!("{prefix}:execution:m"), format!("Invalid Arn: 'Invalid ARN format: {prefix}:execution:m'")),
        ] {
            assert_eq!(execution(&arn, &here()).expect_err("refused").to_string(), message);
        }
    }

    #[test]
    fn other_accounts_and_regions_are_elsewhere() {
        for (arn, expected) in [
            ("arn:aws:states:us-east-1:123456789012:activity:a", Some("a")),
            ("arn:aws:states:eu-west-1:123456789012:activity:a", None),
            ("arn:aws:states:us-east-1:000000000000:activity:a", None),
            ("arn:aws-cn:states:us-east-1:123456789012:activity:a", None),
        ] {
            assert_eq!(activity(arn, &here()).expect("an ARN"), expected, "{arn}");
        }
    }

    #[test]
    fn a_map_run_has_a_state_machine_a_label_and_an_id() {
        let prefix = "arn:aws:states:us-east-1:123456789012";
        assert!(map_run(&format!("{prefix}:mapRun:m/l:u"), &here()).is_ok());
        for rest in ["mapRun", "mapRun:m", "mapRun:m/l", "mapRun:m:u", "mapRun:m/:u", "mapRun:/l:u", "mapRun:m/l:"] {
            let arn = format!("{prefix}:{rest}");
            let expected = format!("Invalid Arn: 'Invalid ARN format: {arn}'");
            assert_eq!(map_run(&arn, &here()).expect_err("refused").to_string(), expected);
        }
    }

    #[test]
    fn a_role_is_an_iam_role() {
        assert!(role("arn:aws:iam::123456789012:role/service-role/r").is_ok());
        for arn in
            ["r", "arn:aws:iam::aws:policy/P", "arn:aws:iam::123456789012:role/", "arn:aws:sts::123456789012:role/r"]
        {
            assert_eq!(role(arn).expect_err("refused").to_string(), format!("Invalid Role Arn: '{arn}'"));
        }
    }
}
