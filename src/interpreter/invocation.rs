//! What the interpreter asks the outside world to do for a Task, as plain data.

use crate::json::Value;
use smol_str::SmolStr;

/// A call of another service.
#[derive(Clone, Debug, PartialEq)]
pub enum Invocation {
    /// A Task whose `Resource` is a function's ARN: the whole effective input is the payload.
    LambdaFunction {
        /// The function's ARN, perhaps with a qualifier.
        function_arn: SmolStr,
        /// The payload.
        input: Value,
    },
    /// `arn:aws:states:::lambda:invoke`
    LambdaInvoke {
        /// `FunctionName`, `Payload`, `InvocationType`, `Qualifier`, `ClientContext`, `LogType`, as evaluated.
        parameters: Value,
    },
}
