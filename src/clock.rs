//! The one place that asks the system for the time. Workflow time only: transport time (long polls, HTTP) is tokio's.

use crate::timestamp::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the time of workflows comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The time of day.
    System,
    /// A time that stands still until somebody moves it; for tests, which then need no sleep.
    Virtual(Arc<AtomicI64>),
}

impl Clock {
    /// A virtual clock that stands at this time.
    pub fn at(time: Timestamp) -> Self {
        Clock::Virtual(Arc::new(AtomicI64::new(time.millis())))
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Clock::Virtual(millis) => Timestamp::from_millis(millis.load(Ordering::SeqCst)),
        }
    }

    /// Whether it moves by itself.
    pub fn runs(&self) -> bool {
        matches!(self, Clock::System)
    }

    /// Moves a virtual clock forward to this time; it never goes back. The system's clock stays as it is.
    pub fn move_to(&self, time: Timestamp) {
        if let Clock::Virtual(millis) = self {
            millis.fetch_max(time.millis(), Ordering::SeqCst);
        }
    }
}
