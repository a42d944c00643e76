//! Which operations the optimised integrations call: `arn:aws:states:::<service>:<action>`. Some services and actions
//! have other names there than in `aws-sdk`.

use super::table::find_as_api as find;
use super::{Call, Service};

/// The services whose optimised integrations are named otherwise than those of `aws-sdk`.
const SERVICES: &[(&str, &str)] = &[
    ("states", "sfn"),
    ("events", "eventbridge"),
    ("elasticmapreduce", "emr"),
    ("emr-containers", "emrcontainers"),
    ("emr-serverless", "emrserverless"),
];

/// Actions whose operations have other names.
const OPERATIONS: &[(&str, &str, &str)] = &[
    ("elasticmapreduce", "createCluster", "runJobFlow"),
    ("elasticmapreduce", "terminateCluster", "terminateJobFlows"),
    ("elasticmapreduce", "addStep", "addJobFlowSteps"),
    ("elasticmapreduce", "cancelStep", "cancelSteps"),
    ("elasticmapreduce", "setClusterTerminationProtection", "setTerminationProtection"),
    ("elasticmapreduce", "modifyInstanceFleetByName", "modifyInstanceFleet"),
    ("elasticmapreduce", "modifyInstanceGroupByName", "modifyInstanceGroups"),
];

/// The service of an optimised integration. Bedrock's models are invoked through a service of their own.
pub fn optimised_service(service: &str, action: &str) -> Option<&'static Service> {
    if (service, action) == ("bedrock", "invokeModel") {
        return find("bedrockruntime");
    }
    let other = SERVICES.iter().find(|(name, _)| *name == service).map(|(_, other)| *other);
    find(other.unwrap_or(service))
}

/// What an optimised integration calls; nothing for calls of endpoints of the user's own.
pub fn optimised(service: &str, action: &str) -> Option<Call> {
    let other = OPERATIONS.iter().find(|(of, name, _)| *of == service && *name == action).map(|(_, _, other)| *other);
    let called = optimised_service(service, action)?;
    let operation = called.action(other.unwrap_or(action))?;
    Some(match service {
        "elasticmapreduce" => Call::of_emr(called, operation, action),
        "bedrock" if action == "invokeModel" => Call::of_model(called, operation),
        _ => Call::of(called, operation),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_with_another_name_is_one_of_the_model() {
        for (service, action, operation) in OPERATIONS {
            let found = optimised(service, action).expect("an operation").operation;
            assert_eq!(found.name.to_lowercase(), operation.to_lowercase());
        }
        let name = |service: &str, action: &str| optimised(service, action).map(|call| call.service.name);
        assert_eq!(name("sqs", "sendMessage"), Some("sqs"));
        assert_eq!(name("bedrock", "invokeModel"), Some("bedrockruntime"));
        assert_eq!(name("eks", "call"), None);
    }
}
