//! `routingConfiguration`: which versions an alias leads to.

use crate::operations::error::{Error, ValidationProblem};
use crate::operations::target::{self, Qualifier};
use crate::operations::{Call, model};
use crate::protocol::{ListOf, Rule};
use crate::registry;
use smol_str::{SmolStr, ToSmolStr};
use std::borrow::Cow;

crate::protocol::shape! {
    /// A version and its share.
    pub struct Route<'a> {
        /// the version
        arn: Cow<'a, str> = "stateMachineVersionArn", model::ARN;
        /// how many of a hundred executions run it
        weight: i64 = "weight", Rule::Integer { min: 0, max: 100 };
    }
}

crate::protocol::answer! {
    /// A version and its share, in an answer.
    pub struct Shown {
        /// the version
        arn: SmolStr = "stateMachineVersionArn";
        /// how many of a hundred executions run it
        weight: i64 = "weight";
    }
}

/// One or two versions.
pub const ROUTING: Rule =
    Rule::ListOf(ListOf { min: 1, max: 2, name: "RoutingConfigurationListItem", members: Route::MEMBERS });

/// The versions that an alias leads to.
#[derive(Debug)]
pub struct Routing<'a> {
    /// The name of the state machine, if it is of the caller's account and region.
    pub machine: Option<&'a str>,
    /// The versions.
    pub routes: Vec<registry::Route>,
}

/// What AWS says of a routing configuration that is wrong, in this order, which is a guess; otherwise what it leads to.
pub fn understood<'a>(call: &Call<'_>, given: &'a [Route<'_>]) -> Result<Routing<'a>, Error> {
    let arns = || given.iter().map(|route| SmolStr::new(&route.arn)).collect();
    let mut machines = Vec::with_capacity(given.len());
    let mut routes: Vec<registry::Route> = Vec::with_capacity(given.len());
    for route in given {
        let target = target::state_machine(&route.arn, &call.namespace)?;
        let Some(Qualifier::Version(version)) = target.qualifier else {
            return Err(Error::Validation(ValidationProblem::NotVersions(arns())));
        };
        machines.push(target.here.then_some(target.name));
        routes.push(registry::Route { version, version_arn: route.arn.as_ref().into(), weight: route.weight });
    }
    let problem = if given.iter().skip(1).any(|route| route.arn == given[0].arn) {
        ValidationProblem::SameVersions(arns())
    } else if routes.iter().map(|route| route.weight).sum::<i64>() != 100 {
        ValidationProblem::Weights(routes.iter().map(|route| route.weight.to_smolstr()).collect())
    } else if machines.iter().any(|machine| *machine != machines[0]) {
        ValidationProblem::OtherStateMachine(arns())
    } else {
        return Ok(Routing { machine: machines.first().copied().flatten(), routes });
    };
    Err(Error::Validation(problem))
}
