//! What an execution met that AWS does otherwise: whatever could make a test green here that is red there.
//!
//! Those who do it otherwise say so ([`Deviation`]): the interpreter of mocked calls, the engine of calls and waits, the
//! operations of what a state machine asks for. What it means is worded here alone, and which of it fails an execution is
//! told by [`Strictness`].

use smol_str::SmolStr;
use std::fmt;

/// One thing that was not done as AWS does it.
#[derive(Clone, Debug, PartialEq)]
pub enum Deviation {
    /// A task came to what a test case says, and nothing was called.
    MockedCall {
        /// The name of the response.
        response: SmolStr,
    },
    /// A call went to an address that isn't AWS's.
    LocalEndpoint {
        /// What was called: `dynamodb`, `lambda`.
        service: SmolStr,
        /// Where.
        url: SmolStr,
    },
    /// A call that AWS makes was not made, since nobody said where to.
    NotCalled {
        /// What would have been called: `dynamodb`, the URL of an API.
        service: SmolStr,
    },
    /// An HTTP Task took its connection from a file, not from EventBridge.
    LocalConnection {
        /// The connection.
        connection_arn: SmolStr,
    },
    /// A call was made without assuming the role that AWS makes it in.
    RoleNotAssumed {
        /// The role of the state machine, or of the task's `Credentials`.
        role_arn: SmolStr,
    },
    /// A Wait state waited longer or shorter than it says.
    WaitScaled {
        /// The factor.
        factor: f64,
    },
    /// A state machine asks for X-Ray traces, or a caller gave a trace header.
    TracesNotSent,
    /// A state machine has an encryption key of its own.
    NotEncrypted {
        /// The key.
        key_id: SmolStr,
    },
    /// A state machine logs to a log group, and nobody could be asked whether that exists.
    LogGroupNotChecked {
        /// The log group.
        log_group_arn: SmolStr,
    },
    /// An execution that this one started, or asked about, was not as on AWS.
    NestedExecution {
        /// That execution.
        execution_arn: SmolStr,
        /// What it and those that it started met, as far as that is known: none if all was as on AWS, nothing if nothing is
        /// known of it any more.
        kinds: Option<Box<[Kind]>>,
    },
}

/// The kinds of deviations, which can be allowed one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    MockedCall,
    LocalEndpoint,
    NotCalled,
    LocalConnection,
    RoleNotAssumed,
    WaitScaled,
    TracesNotSent,
    NotEncrypted,
    LogGroupNotChecked,
    NestedExecution,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 10] = [
        Kind::MockedCall,
        Kind::LocalEndpoint,
        Kind::NotCalled,
        Kind::LocalConnection,
        Kind::RoleNotAssumed,
        Kind::WaitScaled,
        Kind::TracesNotSent,
        Kind::NotEncrypted,
        Kind::LogGroupNotChecked,
        Kind::NestedExecution,
    ];

    /// Its name in reports and in options.
    pub fn name(self) -> &'static str {
        match self {
            Kind::MockedCall => "mockedCall",
            Kind::LocalEndpoint => "localEndpoint",
            Kind::NotCalled => "notCalled",
            Kind::LocalConnection => "localConnection",
            Kind::RoleNotAssumed => "roleNotAssumed",
            Kind::WaitScaled => "waitScaled",
            Kind::TracesNotSent => "tracesNotSent",
            Kind::NotEncrypted => "notEncrypted",
            Kind::LogGroupNotChecked => "logGroupNotChecked",
            Kind::NestedExecution => "nestedExecution",
        }
    }

    fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl Deviation {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Deviation::MockedCall { .. } => Kind::MockedCall,
            Deviation::LocalEndpoint { .. } => Kind::LocalEndpoint,
            Deviation::NotCalled { .. } => Kind::NotCalled,
            Deviation::LocalConnection { .. } => Kind::LocalConnection,
            Deviation::RoleNotAssumed { .. } => Kind::RoleNotAssumed,
            Deviation::WaitScaled { .. } => Kind::WaitScaled,
            Deviation::TracesNotSent => Kind::TracesNotSent,
            Deviation::NotEncrypted { .. } => Kind::NotEncrypted,
            Deviation::LogGroupNotChecked { .. } => Kind::LogGroupNotChecked,
            Deviation::NestedExecution { .. } => Kind::NestedExecution,
        }
    }
}

/// What it is, in a sentence without a full stop. All words are our own.
impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deviation::MockedCall { response } => {
                write!(f, "nothing is called: the result is the mocked response '{response}'")
            }
            Deviation::LocalEndpoint { service, url } => write!(f, "{service} is called at {url}, which is not AWS"),
            Deviation::NotCalled { service } => {
                write!(
                    f,
                    "{service} is not called: no endpoint or connection for it is configured, nor that AWS is called"
                )
            }
            Deviation::LocalConnection { connection_arn } => {
                write!(f, "the connection {connection_arn} is the one in the connections file, not EventBridge's")
            }
            Deviation::RoleNotAssumed { role_arn } => {
                write!(f, "the role {role_arn} is not assumed, so nobody knows whether it may do this")
            }
            Deviation::WaitScaled { factor } => write!(f, "the delay of a Wait state is multiplied by {factor}"),
            Deviation::TracesNotSent => f.write_str("X-Ray traces are not sent"),
            Deviation::NotEncrypted { key_id } => {
                write!(f, "nothing is encrypted, and nobody looks for the key {key_id}")
            }
            Deviation::LogGroupNotChecked { log_group_arn } => {
                write!(f, "nobody knows whether there is a log group {log_group_arn}")
            }
            Deviation::NestedExecution { execution_arn, kinds: Some(kinds) } => {
                let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
                let names = names.join(", ");
                write!(f, "the execution {execution_arn} was not as on AWS ({names}); its own report says more")
            }
            Deviation::NestedExecution { execution_arn, kinds: None } => {
                write!(f, "nothing is known any more of the execution {execution_arn}")
            }
        }
    }
}

/// A deviation and where in an execution it was met.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is.
    pub deviation: Deviation,
    /// Where it was met first; nowhere if it is of the whole execution.
    pub place: Option<Place>,
    /// How often it was met in that state.
    pub times: u32,
}

/// Where in an execution something was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The state.
    pub state: SmolStr,
    /// The event after which it happened.
    pub event: u32,
}

impl Finding {
    /// What holds for a whole execution.
    pub fn of_all(deviation: Deviation) -> Finding {
        Finding { deviation, place: None, times: 1 }
    }
}

/// What was met in an execution: each thing once for each state, so that no loop can fill the memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Adds one that was met at this place.
    pub fn add(&mut self, deviation: Deviation, place: Place) {
        let same = |known: &&mut Finding| {
            known.deviation == deviation && known.place.as_ref().is_some_and(|known| known.state == place.state)
        };
        if let Some(known) = self.0.iter_mut().find(same) {
            known.times = known.times.saturating_add(1);
        } else if self.count(is_nested(&deviation)) < MOST {
            if self.0.is_empty() {
                // Most meet one thing.
                self.0.reserve_exact(1);
            }
            self.0.push(Finding { deviation, place: Some(place), times: 1 });
        }
    }

    fn count(&self, nested: bool) -> usize {
        self.0.iter().filter(|finding| is_nested(&finding.deviation) == nested).count()
    }

    /// All of them, in the order in which they were met first.
    pub fn as_slice(&self) -> &[Finding] {
        &self.0
    }

    /// Whether there may have been more than are kept.
    pub fn is_full(&self) -> bool {
        [false, true].into_iter().any(|nested| self.count(nested) == MOST)
    }
}

/// Executions that were started are kept before anybody knows what they met, and take no room from what was met.
fn is_nested(deviation: &Deviation) -> bool {
    matches!(deviation, Deviation::NestedExecution { .. })
}

/// How many other executions are kept of one, and how much else it met. Only tasks that compute their role or address can
/// meet that much.
const MOST: usize = 1000;

/// Which kinds of deviations fail an execution that meets them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strictness(u16);

impl Strictness {
    /// None: everything is only reported.
    pub const NONE: Strictness = Strictness(0);

    /// All of them.
    pub const ALL: Strictness = Strictness((1 << Kind::ALL.len()) - 1);

    /// The same without one kind.
    pub fn allowing(self, kind: Kind) -> Strictness {
        Strictness(self.0 & !kind.bit())
    }

    /// Whether a deviation fails the execution. What another execution met is judged by what that was.
    pub fn forbids(self, deviation: &Deviation) -> bool {
        let has = |kind: &Kind| self.0 & kind.bit() != 0;
        let nested = match deviation {
            Deviation::NestedExecution { kinds: Some(kinds), .. } => kinds.iter().any(has),
            _ => true,
        };
        nested && has(&deviation.kind())
    }

    /// Whether anything does.
    pub fn is_any(self) -> bool {
        self != Strictness::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_one_of_the_list_and_can_be_allowed_alone() {
        let text = || SmolStr::new_static("x");
        let deviations = [
            Deviation::MockedCall { response: text() },
            Deviation::LocalEndpoint { service: text(), url: text() },
            Deviation::NotCalled { service: text() },
            Deviation::LocalConnection { connection_arn: text() },
            Deviation::RoleNotAssumed { role_arn: text() },
            Deviation::WaitScaled { factor: 0.5 },
            Deviation::TracesNotSent,
            Deviation::NotEncrypted { key_id: text() },
            Deviation::LogGroupNotChecked { log_group_arn: text() },
            Deviation::NestedExecution { execution_arn: text(), kinds: None },
        ];
        assert_eq!(deviations.each_ref().map(Deviation::kind), Kind::ALL);
        for deviation in &deviations {
            assert!(Strictness::ALL.forbids(deviation) && !Strictness::NONE.forbids(deviation));
            let one_allowed = Strictness::ALL.allowing(deviation.kind());
            let forbidden = deviations.iter().filter(|deviation| one_allowed.forbids(deviation)).count();
            assert_eq!((one_allowed.forbids(deviation), forbidden), (false, Kind::ALL.len() - 1));
        }
        let allowed = Kind::ALL.into_iter().fold(Strictness::ALL, Strictness::allowing);
        assert!(!allowed.is_any());
    }

    #[test]
    fn another_execution_is_judged_by_what_it_met() {
        let nested =
            |kinds: &[Kind]| Deviation::NestedExecution { execution_arn: "x".into(), kinds: Some(kinds.into()) };
        let lenient = Strictness::ALL.allowing(Kind::LocalEndpoint);
        for (kinds, expected) in
            [(&[][..], false), (&[Kind::LocalEndpoint], false), (&[Kind::LocalEndpoint, Kind::MockedCall], true)]
        {
            assert_eq!(lenient.forbids(&nested(kinds)), expected, "{kinds:?}");
            assert!(!lenient.allowing(Kind::NestedExecution).forbids(&nested(kinds)));
        }
    }

    #[test]
    fn what_a_state_meets_again_is_counted() {
        let mut findings = Findings::default();
        let scaled = |factor| Deviation::WaitScaled { factor };
        let place = |state: &str, event| Place { state: state.into(), event };
        for (factor, state, event) in [(0.5, "A", 2), (0.5, "B", 4), (0.5, "A", 6), (2.0, "A", 8)] {
            findings.add(scaled(factor), place(state, event));
        }
        let expected = [(0.5, "A", 2, 2), (0.5, "B", 4, 1), (2.0, "A", 8, 1)].map(|(factor, state, event, times)| {
            Finding { deviation: scaled(factor), place: Some(place(state, event)), times }
        });
        assert_eq!(findings.as_slice(), expected);
        for n in 0..2 * MOST {
            findings.add(scaled(n as f64), place("C", 9));
        }
        assert!(findings.is_full() && findings.as_slice().len() == MOST);
    }

    #[test]
    fn executions_that_were_started_take_no_room_from_what_was_met() {
        let mut findings = Findings::default();
        let place = || Place { state: "A".into(), event: 2 };
        for n in 0..2 * MOST {
            let execution_arn = smol_str::format_smolstr!("{n}");
            findings.add(Deviation::NestedExecution { execution_arn, kinds: Some(Box::default()) }, place());
        }
        assert!(findings.is_full() && findings.as_slice().len() == MOST);
        findings.add(Deviation::TracesNotSent, place());
        assert_eq!(findings.as_slice().last().map(|last| &last.deviation), Some(&Deviation::TracesNotSent));
    }
}
