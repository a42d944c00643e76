//! ListActivities, ordered by name.

use crate::operations::error::Error;
use crate::operations::{Call, model, page};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// the size of the page
        max_results: Option<i64> = "maxResults", model::PAGE_SIZE;
        /// which page
        next_token: Option<Cow<'a, str>> = "nextToken", model::PAGE_TOKEN;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// what is on the page
        activities: Vec<Item> = "activities";
        /// the next page
        next_token: Option<SmolStr> = "nextToken";
    }
}

crate::protocol::answer! {
    /// An activity of the list.
    pub struct Item {
        /// its ARN
        arn: SmolStr = "activityArn";
        /// its name
        name: SmolStr = "name";
        /// when it was created
        creation_date: Timestamp = "creationDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["InvalidToken"];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let after = page::name_cursor(call, &[], input.next_token.as_deref())?;
    let size = page::size(input.max_results);
    let page = call.emulator.registry.activities(&call.namespace, after.as_deref(), size);
    let last = page.items.last().filter(|_| page.more);
    Ok(Output {
        next_token: last.map(|last| page::token(call, &[], last.name.as_bytes()).into()),
        activities: page
            .items
            .iter()
            .map(|activity| Item {
                arn: activity.arn.clone(),
                name: activity.name.clone(),
                creation_date: activity.creation_date,
            })
            .collect(),
    })
}
