//! How long to wait for the next look at a job, and how often one may come to nothing.
//!
//! AWS looks once a minute or less often (documented for EKS and EMR), which nobody wants to wait for locally: here the first
//! look comes at once, the next ones after pauses that grow from a fifth of a second to five seconds.

use super::Progress;
use crate::failure::Failure;
use std::time::Duration;

/// The pauses between looks.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How many looks in a row may come to nothing: about five minutes' worth.
const MOST_FAILURES: u32 = 60;

/// The looks at one job.
#[derive(Debug, Default)]
pub(super) struct Patience {
    looks: u32,
    /// How many of the last looks came to nothing.
    failures: u32,
}

impl Patience {
    /// It goes on.
    pub fn go_on(&mut self) -> Progress {
        self.failures = 0;
        Progress::GoesOn(self.pause())
    }

    /// A look came to nothing, for this reason.
    pub fn try_again(&mut self, failure: Failure) -> Progress {
        self.failures += 1;
        if self.failures > MOST_FAILURES {
            return Progress::Ended(Err(failure));
        }
        tracing::debug!(cause = %failure.cause().unwrap_or_default(), "a job could not be looked at");
        Progress::GoesOn(self.pause())
    }

    fn pause(&mut self) -> Duration {
        let longer = FIRST_PAUSE.mul_f64(1.5_f64.powi(self.looks.min(16) as i32));
        self.looks += 1;
        longer.min(LONGEST_PAUSE)
    }
}
