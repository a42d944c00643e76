//! The items of a distributed Map from S3: an object's content, a list of objects, or the content of all that are listed.
//!
//! The error's name is documented; what S3 says of a problem stands in the cause, in the words of AWS's SDK, which is a guess.

use super::optimised::{Optimised, Refusal};
use super::services::Services;
use crate::arn::Namespace;
use crate::failure::{Failure, NotRead};
use crate::interpreter::invocation::ReadItems;
use crate::items::{self, Data, Format, Unreadable};
use crate::json::Value;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;

/// The largest object that is read; AWS reads larger ones.
const MOST_BYTES: usize = 256 << 20;

/// How many pages of a list are read, in case that it never ends.
const MOST_PAGES: usize = 100_000;

/// What both calls take, beside the bucket: that it belongs to somebody, and that the caller pays.
const OF_BOTH: [&str; 3] = ["Bucket", "ExpectedBucketOwner", "RequestPayer"];

impl Services {
    /// Reads the items of a distributed Map, as many as are wanted.
    pub async fn read_items(&self, namespace: &Namespace, reads: &ReadItems) -> Result<Vec<Value>, Failure> {
        let most = reads.most.unwrap_or(usize::MAX);
        if !reads.lists {
            let content = self.content(namespace, &reads.parameters).await?;
            return items_of(reads, &content, reads.most);
        }
        if reads.format == Format::Listing {
            let objects = self.objects(namespace, &reads.parameters, most).await?;
            return Ok(objects.iter().map(listed).collect());
        }
        let mut items = Vec::new();
        for object in self.objects(namespace, &reads.parameters, usize::MAX).await? {
            if items.len() >= most {
                break;
            }
            let of_both = OF_BOTH.iter().map(|name| (*name, reads.parameters.get(name)));
            let asked = of_both.chain([("Key", object.get("Key"))]);
            let asked = Value::object(asked.filter_map(|(name, value)| Some((name, value?.clone()))));
            let content = self.content(namespace, &asked).await?;
            items.extend(items_of(reads, &content, Some(most - items.len()))?);
        }
        Ok(items)
    }

    /// Puts a file of results into a bucket.
    pub async fn put_result(
        &self,
        namespace: &Namespace,
        bucket: &str,
        key: &str,
        content: String,
    ) -> Result<(), Failure> {
        let parameters = Value::object([
            ("Bucket", Value::from(bucket)),
            ("Key", key.into()),
            ("ContentType", "application/json".into()),
        ]);
        let call = Optimised::of_s3("putObject");
        let put = async {
            let endpoint = self.endpoint(namespace, &call.target, &parameters, "s3");
            let endpoint = endpoint.map_err(|problem| super::services::no_endpoint(call.prefix, &problem))?;
            call.put(self.sdk(), namespace, &endpoint, &parameters, content).await.map_err(Refusal::into_failure)
        };
        put.await.map(|_| ()).map_err(|failure| renamed("States.ResultWriterFailed", failure))
    }

    async fn asked(&self, namespace: &Namespace, call: &Optimised, parameters: &Value) -> Result<Value, Failure> {
        let endpoint = self.endpoint(namespace, &call.target, parameters, "s3");
        let endpoint = endpoint.map_err(|problem| super::services::no_endpoint(call.prefix, &problem))?;
        call.fetch(self.sdk(), namespace, &endpoint, parameters, MOST_BYTES).await.map_err(Refusal::into_failure)
    }

    async fn content(&self, namespace: &Namespace, parameters: &Value) -> Result<SmolStr, Failure> {
        let object = self.asked(namespace, &Optimised::of_s3("getObject"), parameters).await;
        let object = object.map_err(|failure| match failure {
            Failure::DataLimitExceeded { .. } => NotRead::TooLarge { most: MOST_BYTES }.into(),
            failure => renamed("States.ItemReaderFailed", failure),
        })?;
        Ok(object.get("Body").and_then(Value::as_str).unwrap_or_default().into())
    }

    /// The objects that a list has, from all its pages, as far as they are wanted.
    async fn objects(&self, namespace: &Namespace, parameters: &Value, most: usize) -> Result<Vec<Value>, Failure> {
        let call = Optimised::of_s3("listObjectsV2");
        let mut objects = Vec::new();
        let mut asked = parameters.clone();
        for _ in 0..MOST_PAGES {
            let page = self.asked(namespace, &call, &asked).await;
            let page = page.map_err(|failure| renamed("States.ItemReaderFailed", failure))?;
            objects.extend_from_slice(page.get("Contents").and_then(Value::as_array).unwrap_or_default());
            let token = page.get("NextContinuationToken").filter(|token| token.as_str().is_some());
            match (token, &asked) {
                (Some(token), Value::Object(members)) if objects.len() < most => {
                    asked = members.with("ContinuationToken", token.clone());
                }
                (None, _) if objects.len() < most && page.get("IsTruncated") == Some(&Value::Bool(true)) => {
                    return Err(NotRead::CutOff.into());
                }
                _ => {
                    objects.truncate(most);
                    return Ok(objects);
                }
            }
        }
        Err(NotRead::TooManyPages { most: MOST_PAGES }.into())
    }
}

/// The items in the content of an object.
fn items_of(reads: &ReadItems, content: &str, most: Option<usize>) -> Result<Vec<Value>, Failure> {
    let data: Data = items::read(&reads.format, content).map_err(|problem| match problem {
        Unreadable::Refused(failure) => failure,
        Unreadable::Unclear(unclear) => NotRead::UnclearCsv { unclear: unclear.to_string() }.into(),
        Unreadable::NoListing => NotRead::NoListing.into(),
    })?;
    data.items(reads.pointer.as_deref(), most)
}

/// An object as an item: the members that were recorded, spelt and ordered as they were.
fn listed(object: &Value) -> Value {
    let member = |name| object.get(name).cloned();
    let seconds = |value: Value| value.as_str().and_then(Timestamp::parse).map(|at| Value::from(at.millis() / 1000));
    let members = [
        ("Etag", member("ETag")),
        ("LastModified", member("LastModified").map(|value| seconds(value.clone()).unwrap_or(value))),
        ("Key", member("Key")),
        ("Size", member("Size")),
        ("StorageClass", member("StorageClass")),
    ];
    Value::object(members.into_iter().filter_map(|(name, value)| Some((name, value?))))
}

/// A failure of S3 under another name.
fn renamed(error: &'static str, failure: Failure) -> Failure {
    let cause: SmolStr = failure.cause().unwrap_or_default();
    Failure::reported(error, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_a_list_is_an_item_with_five_members() {
        let object = Value::parse(
            r#"{"Key":"a/b.txt","LastModified":"2022-11-17T15:51:21Z","ETag":"\"e\"","Size":3,"StorageClass":"STANDARD","ChecksumType":"FULL_OBJECT"}"#,
        );
        assert_eq!(
            listed(&object.expect("JSON")).to_compact_text(),
            r#"{"Etag":"\"e\"","LastModified":1668700281,"Key":"a/b.txt","Size":3,"StorageClass":"STANDARD"}"#
        );
    }
}
