//! `$fromMillis` and `$toMillis`.
//!
//! Not built yet: whoever calls them is told so.

use std::fmt;

/// What is said as long as dates are missing.
#[derive(Debug)]
pub(super) struct NotBuilt(&'static str);

impl NotBuilt {
    /// There's no code for it.
    pub fn code(&self) -> Option<&'static str> {
        None
    }
}

impl fmt::Display for NotBuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The function ${} is not built yet", self.0)
    }
}

/// A time as text.
pub(super) fn from_millis(_: f64, _: Option<&str>, _: Option<&str>) -> Result<String, NotBuilt> {
    Err(NotBuilt("fromMillis"))
}

/// A text as time.
pub(super) fn to_millis(_: &str, _: Option<&str>, _: f64) -> Result<Option<f64>, NotBuilt> {
    Err(NotBuilt("toMillis"))
}
