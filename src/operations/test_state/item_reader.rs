//! `mapItemReaderData`: what the ItemReader of a Map state reads, as its source has it.

use super::problem::TestProblem;
use crate::asl::ParsedState;
use crate::asl::program::StateKind;
use crate::json::Value;
use crate::operations::error::Error;
use smol_str::SmolStr;

/// The items in the data, if there is any.
pub fn items(parsed: &ParsedState, data: Option<&str>) -> Result<Option<Value>, Error> {
    let Some(program) = &parsed.program else { return Ok(None) };
    let StateKind::Map(map) = &program.state(program.start).kind else { return Ok(None) };
    if parsed.batches_items {
        return Err(Error::NotImplemented("ItemBatcher in TestState".into()));
    }
    let Some(data) = data else { return Ok(None) };
    if !map.reads_items {
        return Err(TestProblem::NoItemReader.into());
    }
    if parsed.items_pointer.is_some() {
        return Err(Error::NotImplemented("ItemsPointer in TestState".into()));
    }
    let unreadable = |what: &'static str| TestProblem::ItemsUnreadable(SmolStr::new_static(what));
    let items = match parsed.input_type.as_deref() {
        None | Some("JSON") => match Value::parse(data) {
            Ok(items @ Value::Array(_)) => items,
            _ => return Err(unreadable("a JSON array").into()),
        },
        Some("JSONL") => {
            let lines = data.lines().filter(|line| !line.trim().is_empty()).map(Value::parse);
            let items = lines.collect::<Result<Vec<Value>, _>>().map_err(|_| unreadable("JSON Lines"))?;
            Value::array(items)
        }
        Some(other) => return Err(Error::NotImplemented(format!("mapItemReaderData with InputType {other}").into())),
    };
    Ok(Some(items))
}
