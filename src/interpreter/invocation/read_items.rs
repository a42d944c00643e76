//! What an ItemReader asks S3 for.

use crate::items::Format;
use crate::json::Value;
use smol_str::{SmolStr, format_smolstr};

/// Where the items of a distributed Map are, and how they are read.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadItems {
    /// Whether `s3:listObjectsV2` is called, and not `s3:getObject`. Unless the objects are the items, their content has them.
    pub lists: bool,
    /// What the content is.
    pub format: Format,
    /// `Parameters` or `Arguments`
    pub parameters: Value,
    /// `ItemsPointer`: where in a document the items are.
    pub pointer: Option<SmolStr>,
    /// How many are wanted; nothing for all.
    pub most: Option<usize>,
}

impl ReadItems {
    /// `Map.Item.Source` of the context object; see [`source`].
    pub fn source(&self) -> Option<SmolStr> {
        source(&self.format, &self.parameters)
    }
}

/// `Map.Item.Source` of items from S3, as documented on AWS's page on the context object; how `S3://` is spelt is as on the
/// page. Of the content of objects that were listed it says nothing.
pub fn source(format: &Format, parameters: &Value) -> Option<SmolStr> {
    let text = |name| parameters.get(name).and_then(Value::as_str);
    match (format, text("Bucket"), text("Key")) {
        (Format::Listing, Some(bucket), _) => Some(format_smolstr!("S3://{bucket}")),
        (_, Some(bucket), Some(key)) => Some(format_smolstr!("S3://{bucket}/{key}")),
        _ => None,
    }
}
