//! Operations on map runs, of which there are none as long as there is no Distributed Map.

pub mod describe;
pub mod list;
pub mod update;

use crate::protocol::{Answer, Encode};

/// What nobody is shown.
#[derive(Debug)]
pub enum Nothing {}

impl Answer for Nothing {
    const MEMBERS: &'static [&'static str] = &[];
}

impl Encode for Nothing {
    fn write(&self, _: &mut String) {
        match *self {}
    }
}
