//! RedriveExecution: an execution that has ended goes on.

use super::{Description, Engine};
use crate::arn::Namespace;
use crate::interpreter::Signal;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;

/// For how long a client token is remembered, in milliseconds. Source: the API reference of RedriveExecution.
const TOKEN_MILLIS: i64 = 15 * 60 * 1000;

/// How many client tokens are remembered. Source: the API reference of RedriveExecution.
const TOKENS: usize = 10;

/// The client tokens of an execution's redrives, with their times.
#[derive(Debug, Default)]
pub(super) struct Tokens(Vec<(SmolStr, Timestamp)>);

impl Tokens {
    fn known(&self, token: &str, now: Timestamp) -> Option<Timestamp> {
        let fresh = |date: &Timestamp| now.millis().saturating_sub(date.millis()) < TOKEN_MILLIS;
        self.0.iter().find(|(known, date)| known == token && fresh(date)).map(|(_, date)| *date)
    }

    fn remember(&mut self, token: SmolStr, now: Timestamp) {
        if self.0.len() == TOKENS {
            self.0.remove(0);
        }
        self.0.push((token, now));
    }
}

impl Engine {
    /// Goes on with an execution, unless there is an obstacle, and says since when. With the client token of an earlier
    /// redrive nothing happens but that its time is given again. There may be no such execution.
    pub fn redrive<E>(
        &self,
        namespace: &Namespace,
        machine: &str,
        name: &str,
        client_token: Option<SmolStr>,
        obstacle: impl FnOnce(&Description) -> Result<(), E>,
    ) -> Option<Result<Timestamp, E>> {
        let entry = self.shared().executions.get(namespace, machine, name)?;
        let mut state = entry.lock();
        let now = self.now();
        if let Some(date) = client_token.as_deref().and_then(|token| state.redrive_tokens.known(token, now)) {
            return Some(Ok(date));
        }
        if let Err(problem) = obstacle(&entry.description_locked(&state, now)) {
            return Some(Err(problem));
        }
        if let Some(token) = client_token {
            state.redrive_tokens.remember(token, now);
        }
        entry.note_running(now);
        self.drive_locked(&entry, &mut state, self.beginning(&entry, Signal::Redrive));
        Some(Ok(state.execution.redrive().map_or(now, |redrive| redrive.date)))
    }
}
