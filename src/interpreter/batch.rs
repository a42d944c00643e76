//! ItemBatcher: several items of a Map state to an iteration.

use super::Turn;
use super::context::Extras;
use super::data::Problem;
use super::frame::FrameId;
use crate::asl::program::ItemBatcher;
use crate::failure::Runtime;
use crate::json::Value;
use crate::quota;
use smol_str::format_smolstr;

impl Turn<'_> {
    /// The inputs of iterations over batches: `{"BatchInput": ..., "Items": [...]}`.
    pub(super) fn batches(
        &self,
        frame: FrameId,
        batcher: &ItemBatcher,
        items: Vec<Value>,
        input: &Value,
    ) -> Result<Vec<Value>, Problem> {
        // AWS takes a 0, and nothing tells what it makes of it.
        let of_none = |field| {
            let what =
                format_smolstr!("a {field} of 0: neither AWS's documentation nor a recording says what it means");
            Err(Problem::from(Runtime::NotSupported { what }))
        };
        let limit = |number: Option<&_>, field, path| match number {
            Some(number) => match self.count(frame, number, input, field, path)? {
                0 => of_none(field),
                most => Ok(Some(most)),
            },
            None => Ok(None),
        };
        let bytes = limit(batcher.max_bytes.as_ref(), "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")?;
        let most = Limits {
            items: limit(batcher.max_items.as_ref(), "MaxItemsPerBatch", "MaxItemsPerBatchPath")?,
            // Documented: without a limit of its own a batch has what an input may have.
            bytes: bytes.unwrap_or(u64::MAX).min(quota::PAYLOAD_BYTES as u64),
        };
        let shared = match &batcher.input {
            None => None,
            field => Some(self.compute(frame, field.as_ref(), input.clone(), Extras::default())?),
        };
        let batches = batched(items, shared.as_ref(), most);
        batches.iter().try_for_each(|batch| self.not_too_large(frame, batch))?;
        Ok(batches)
    }
}

#[derive(Clone, Copy)]
struct Limits {
    items: Option<u64>,
    bytes: u64,
}

/// Fills each batch before the next one is begun; a batch has one item at least, however large.
fn batched(items: Vec<Value>, shared: Option<&Value>, most: Limits) -> Vec<Value> {
    let batch = |items: Vec<Value>| {
        let shared = shared.map(|shared| ("BatchInput", shared.clone()));
        Value::object(shared.into_iter().chain([("Items", Value::array(items))]))
    };
    let frame = batch(Vec::new()).size();
    let mut batches = Vec::new();
    let (mut current, mut size) = (Vec::new(), frame);
    for item in items {
        let larger = size + item.size() + usize::from(!current.is_empty());
        let is_full = most.items.is_some_and(|most| current.len() as u64 >= most);
        if !current.is_empty() && (is_full || larger as u64 > most.bytes) {
            batches.push(batch(std::mem::take(&mut current)));
            size = frame + item.size();
        } else {
            size = larger;
        }
        current.push(item);
    }
    if !current.is_empty() {
        batches.push(batch(current));
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_filled_one_after_the_other() {
        let items = || Value::parse(r#"[1,22,333,4]"#).expect("JSON").as_array().expect("an array").to_vec();
        for (max_items, max_bytes, expected) in [
            (Some(3), 1000, r#"[{"Items":[1,22,333]},{"Items":[4]}]"#),
            (Some(4), 1000, r#"[{"Items":[1,22,333,4]}]"#),
            (None, 16, r#"[{"Items":[1,22]},{"Items":[333]},{"Items":[4]}]"#),
            (None, 1, r#"[{"Items":[1]},{"Items":[22]},{"Items":[333]},{"Items":[4]}]"#),
            (Some(2), 100, r#"[{"Items":[1,22]},{"Items":[333,4]}]"#),
        ] {
            let found = batched(items(), None, Limits { items: max_items, bytes: max_bytes });
            assert_eq!(Value::array(found).to_text(), expected, "{max_items:?} {max_bytes:?}");
        }
        let one = batched(items(), Some(&Value::from("s")), Limits { items: Some(4), bytes: 1000 });
        assert_eq!(one[0].to_text(), r#"{"BatchInput":"s","Items":[1,22,333,4]}"#);
        assert!(batched(Vec::new(), None, Limits { items: Some(1), bytes: 1000 }).is_empty());
    }
}
