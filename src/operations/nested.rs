//! Executions that call Step Functions: the operations answer them without a detour over HTTP.

use super::{Reply, carry_out, find, target};
use crate::arn::Namespace;
use crate::emulator::Emulator;
use crate::integrations::{Answering, StepFunctions};
use smol_str::SmolStr;
use std::pin::Pin;
use std::sync::{Arc, Weak};

/// The operations of an emulator, for as long as it is there.
#[derive(Debug)]
struct Nested(Weak<Emulator>);

/// Lets executions of this emulator call its own operations.
pub fn connect(emulator: &Arc<Emulator>) {
    emulator.engine.services().connect(Arc::new(Nested(Arc::downgrade(emulator))));
}

impl StepFunctions for Nested {
    fn answer(&self, namespace: Namespace, operation: &'static str, body: Vec<u8>) -> Answering<'_> {
        Box::pin(async move {
            let (Some(emulator), Some(operation)) = (self.0.upgrade(), find(operation)) else {
                return (500, "{}".to_owned());
            };
            match carry_out(&emulator, namespace, operation, &body, None).await {
                Ok(Reply { body, offer }) => {
                    if let Some(mut offer) = offer {
                        offer.accept();
                    }
                    (200, body)
                }
                Err(error) => (error.status(), error.body()),
            }
        })
    }

    fn ended(&self, namespace: Namespace, execution_arn: SmolStr) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let Some(emulator) = self.0.upgrade() else { return };
            if let Ok(execution) = target::execution(&execution_arn, &namespace) {
                emulator.engine.ended(&namespace, execution.machine, execution.name).await;
            }
        })
    }
}
