//! What S3 says of objects (`listObjectsV2`): one item for each object.
//!
//! AWS documents that the items are such objects, and the recordings show their members. That a test is given them as an
//! array of JSON, and not as S3's own answer in XML, is an inference from that; whatever is no such array is not guessed at.

use crate::json::{Kind, Value};
use std::sync::Arc;

/// The members of an item.
const MEMBERS: [(&str, Kind); 5] = [
    ("Etag", Kind::String),
    ("Key", Kind::String),
    ("LastModified", Kind::Number),
    ("Size", Kind::Number),
    ("StorageClass", Kind::String),
];

/// The items; nothing if the text isn't a list of objects with a `Key` and what else S3 says of them.
pub fn read(text: &str) -> Option<Arc<[Value]>> {
    let listing = Value::parse(text).ok()?;
    let items = listing.as_array()?;
    items.iter().all(is_summary).then(|| items.into())
}

fn is_summary(item: &Value) -> bool {
    let Some(members) = item.as_object() else { return false };
    let is_known = |name: &str, value: &Value| MEMBERS.iter().any(|known| *known == (name, value.kind()));
    item.get("Key").is_some() && members.iter().all(|(name, value)| is_known(name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_a_list_of_what_s3_says_of_objects() {
        let whole =
            r#"[{"Etag":"\"e\"","LastModified":1668699881,"Key":"a/b.jpg","Size":3,"StorageClass":"STANDARD"}]"#;
        for (text, is_listing) in [
            (whole, true),
            (r#"[{"Key":"a"},{"Key":"b"}]"#, true),
            ("[]", true),
            (r#"[{"Size":3}]"#, false),
            (r#"[{"Key":"a","Size":"3"}]"#, false),
            (r#"[{"Key":"a","ETag":"e"}]"#, false),
            (r#"["a"]"#, false),
            (r#"{"Contents":[{"Key":"a"}]}"#, false),
            ("<ListBucketResult/>", false),
        ] {
            let items = read(text).map(|items| Value::array(items.to_vec()).to_compact_text());
            assert_eq!(items.as_deref(), is_listing.then_some(text), "{text}");
        }
    }
}
