//! Constraints and structures that several operations share, named as in the service's model.

use super::error::{EncryptionProblem, Error, ValidationProblem};
use crate::arn::Arn;
use crate::protocol::{Encode, Pattern, Rule, Text, Unit};
use crate::quota;
use crate::registry::{self, Encryption};
use smol_str::SmolStr;
use std::borrow::Cow;

/// Any text; the model limits nothing.
pub const ARN: Rule = Rule::text(1, 256);
/// An ARN of a map run.
pub const LONG_ARN: Rule = Rule::text(1, 2000);
/// A name of a state machine, execution, activity or worker.
pub const NAME: Rule = Rule::text(1, 80);
/// A name of a state.
pub const STATE_NAME: Rule = Rule::sensitive(1, 80);
/// A definition.
pub const DEFINITION: Rule = Rule::sensitive(1, 1_048_576);
/// An input or an output.
pub const SENSITIVE_DATA: Rule = Rule::payload(quota::PAYLOAD_BYTES);
/// The name of an error.
pub const SENSITIVE_ERROR: Rule = Rule::sensitive(0, 256);
/// The explanation of an error.
pub const SENSITIVE_CAUSE: Rule = Rule::sensitive(0, 32768);
/// A token of a page.
pub const PAGE_TOKEN: Rule = Rule::text(1, 1024);
/// A token of a page of executions.
pub const LIST_EXECUTIONS_PAGE_TOKEN: Rule = Rule::text(1, 3096);
/// How much is on a page.
pub const PAGE_SIZE: Rule = Rule::Integer { min: 0, max: 1000 };
/// A task token.
pub const TASK_TOKEN: Rule = Rule::sensitive(1, 2048);
/// What a version is described with.
pub const VERSION_DESCRIPTION: Rule = Rule::sensitive(0, 256);
/// What an alias is described with.
pub const ALIAS_DESCRIPTION: Rule = Rule::sensitive(0, 256);
/// The name of an alias.
pub const ALIAS_NAME: Rule = Rule::Text(Text {
    min: 1,
    max: 80,
    unit: Unit::Characters,
    sensitive: false,
    pattern: Some(Pattern { text: "^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$", matches: is_alias_name }),
});
/// An X-Ray trace header.
pub const TRACE_HEADER: Rule = Rule::Text(Text {
    min: 0,
    max: quota::TRACE_HEADER_CHARACTERS,
    unit: Unit::Characters,
    sensitive: false,
    pattern: Some(Pattern { text: "\\p{ASCII}*", matches: str::is_ascii }),
});

crate::protocol::words! {
    /// Which data an answer holds.
    pub enum IncludedData {
        /// everything
        AllData = "ALL_DATA",
        /// nothing that may be encrypted
        MetadataOnly = "METADATA_ONLY",
    }
}

/// The key of a tag.
pub const TAG_KEY: Rule = Rule::text(1, 128);
/// Keys of tags.
pub const TAG_KEY_LIST: Rule = Rule::List(&TAG_KEY);

crate::protocol::shape! {
    /// A tag.
    pub struct Tag<'a> {
        /// its key
        key: Option<Cow<'a, str>> = "key", TAG_KEY;
        /// its value
        value: Option<Cow<'a, str>> = "value", Rule::text(0, 256);
    }
}

/// Tags.
pub const TAG_LIST: Rule = Rule::List(&Rule::Structure(Tag::MEMBERS));

/// The tags that a resource is given; of several with the same key the last one counts.
pub fn tags(tags: Option<Vec<Tag<'_>>>, resource_name: &SmolStr) -> Result<Vec<registry::Tag>, Error> {
    let mut kept: Vec<registry::Tag> = Vec::new();
    for tag in tags.unwrap_or_default() {
        let (key, value): (SmolStr, SmolStr) =
            (tag.key.unwrap_or_default().into(), tag.value.unwrap_or_default().into());
        if key.is_empty() || key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) || !may_tag(&key) {
            return Err(Error::Validation(ValidationProblem::InvalidTagKey(key)));
        }
        if !may_tag(&value) {
            return Err(Error::Validation(ValidationProblem::InvalidTagValue(value)));
        }
        let too_many = kept.len() > quota::TAGS;
        match kept.iter_mut().find(|old| old.key == key) {
            Some(old) => old.value = value,
            // Those after the first one too many are only looked at.
            None if too_many => {}
            None => kept.push(registry::Tag { key, value }),
        }
    }
    if kept.len() > quota::TAGS {
        return Err(Error::TooManyTags { resource_name: resource_name.clone() });
    }
    Ok(kept)
}

fn may_tag(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c))
}

fn is_alias_name(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() || b"_-.".contains(&b);
    name.bytes().all(|b| letter(b) || b.is_ascii_digit()) && name.bytes().any(letter)
}

/// For how long a data key is used if the request doesn't say.
const DEFAULT_REUSE_PERIOD_SECONDS: i64 = 300;

crate::protocol::words! {
    /// How data is encrypted at rest.
    pub enum EncryptionType {
        /// with a key of AWS
        AwsOwnedKey = "AWS_OWNED_KEY",
        /// with a key of the customer
        CustomerManagedKmsKey = "CUSTOMER_MANAGED_KMS_KEY",
    }
}

crate::protocol::shape! {
    /// How data is encrypted at rest.
    pub struct EncryptionConfiguration<'a> {
        /// the key
        kms_key_id: Option<Cow<'a, str>> = "kmsKeyId", Rule::text(1, 2048);
        /// for how long a data key is used
        reuse_period: Option<i64> = "kmsDataKeyReusePeriodSeconds", Rule::Integer { min: 60, max: 900 };
        /// whose key
        encryption_type: EncryptionType = "type", Rule::OneOf(<EncryptionType as crate::protocol::Named>::WORDS);
    }
}

impl EncryptionConfiguration<'_> {
    /// The configuration to keep. Keys are neither looked up nor used.
    pub fn understood(configuration: Option<Self>) -> Result<Encryption, Error> {
        let Some(configuration) = configuration else { return Ok(Encryption::default()) };
        match configuration.encryption_type {
            EncryptionType::CustomerManagedKmsKey => match configuration.kms_key_id {
                None => Err(Error::InvalidEncryptionConfiguration(EncryptionProblem::KeyMissing)),
                Some(key_id) if !may_be_key(&key_id) => {
                    Err(Error::InvalidEncryptionConfiguration(EncryptionProblem::NotAKey(key_id.into())))
                }
                Some(key_id) => Ok(Encryption::CustomerManagedKmsKey {
                    key_id: key_id.into(),
                    reuse_period_seconds: configuration.reuse_period.unwrap_or(DEFAULT_REUSE_PERIOD_SECONDS),
                }),
            },
            EncryptionType::AwsOwnedKey
                if configuration.kms_key_id.is_some() || configuration.reuse_period.is_some() =>
            {
                Err(Error::InvalidEncryptionConfiguration(EncryptionProblem::KeyNotUsed))
            }
            EncryptionType::AwsOwnedKey => Ok(Encryption::AwsOwnedKey),
        }
    }
}

/// Whether a text is a key's id, an alias, or the ARN of either, which are all that the API reference knows.
fn may_be_key(key_id: &str) -> bool {
    let is_name = |name: &str, marks: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
    };
    let is_key = |id: &str| is_name(id, "-");
    let is_alias = |id: &str| id.strip_prefix("alias/").is_some_and(|name| is_name(name, "/_-"));
    match Arn::parse(key_id) {
        Some(arn) => {
            arn.service == "kms" && (is_alias(arn.resource) || arn.resource.strip_prefix("key/").is_some_and(is_key))
        }
        None => is_key(key_id) || is_alias(key_id),
    }
}

/// That answers show the period which wasn't given, and the key as it was given, is a guess.
impl Encode for Encryption {
    fn write(&self, out: &mut String) {
        match self {
            Encryption::AwsOwnedKey => out.push_str(r#"{"type":"AWS_OWNED_KEY"}"#),
            Encryption::CustomerManagedKmsKey { key_id, reuse_period_seconds } => {
                out.push_str(r#"{"kmsKeyId":"#);
                key_id.write(out);
                out.push_str(r#","kmsDataKeyReusePeriodSeconds":"#);
                reuse_period_seconds.write(out);
                out.push_str(r#","type":"CUSTOMER_MANAGED_KMS_KEY"}"#);
            }
        }
    }
}

/// A name that the service takes: no white space, brackets, wildcards, special or control characters.
pub fn name(name: &str) -> Result<SmolStr, Error> {
    let forbidden = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c)
            || ('\u{fffe}'..='\u{ffff}').contains(&c)
            || c == '\u{10ffff}'
    };
    if name.contains(forbidden) { Err(Error::InvalidName(name.into())) } else { Ok(name.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_special_characters() {
        for good in ["a", "A-b_c.d", "テスト", "a'b", "😀", "(x)!@=+"] {
            assert_eq!(name(good).ok().as_deref(), Some(good));
        }
        for bad in "<>{}[]?*\"#%\\^|~`$&,;:/ \t\n\u{0}\u{1f}\u{7f}\u{9f}\u{a0}\u{ffff}\u{10ffff}".chars() {
            let text = format!("a{bad}b");
            let error = name(&text).expect_err("a refused name");
            assert_eq!(error.to_string(), format!("Invalid Name: '{text}'"));
        }
    }

    #[test]
    fn keys_have_ids_aliases_and_arns() {
        let arn = |resource: &str| format!("arn:aws:kms:us-east-1:123456789012:{resource}");
        for good in ["1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd", "alias/k", "alias/aws/states_1"] {
            assert!(may_be_key(good), "{good}");
        }
        for (resource, good) in
            [("key/mrk-1", true), ("alias/k", true), ("key/", false), ("alias/", false), ("k", false)]
        {
            assert_eq!(may_be_key(&arn(resource)), good, "{resource}");
        }
        for bad in ["", "a key", "alias/", "alias/a b", "key/1", "arn:aws:iam::123456789012:role/r"] {
            assert!(!may_be_key(bad), "{bad}");
        }
    }

    #[test]
    fn names_of_aliases_are_no_numbers() {
        for (name, good) in
            [("PROD", true), ("1.0", true), ("a-b_c", true), ("12", false), ("", false), ("a b", false), ("ä", false)]
        {
            assert_eq!(is_alias_name(name), good, "{name}");
        }
    }

    #[test]
    fn tags_have_limits() {
        let tag = |key: String, value: &'static str| Tag { key: Some(key.into()), value: Some(value.into()) };
        let code = |tags: Vec<Tag<'_>>| super::tags(Some(tags), &"arn".into()).map(|t| t.len()).map_err(|e| e.code());
        assert_eq!(code(vec![tag("k".into(), "a"), tag("k".into(), "b"), tag("l m".into(), "")]), Ok(2));
        assert_eq!(code((0..50).map(|i| tag(i.to_string(), "")).collect()), Ok(50));
        assert_eq!(code((0..51).map(|i| tag(i.to_string(), "")).collect()), Err("TooManyTags"));
        assert_eq!(code(vec![tag("aws:x".into(), "")]), Err("ValidationException"));
        assert_eq!(code(vec![tag("a?".into(), "")]), Err("ValidationException"));
        assert_eq!(code(vec![tag("a".into(), "?")]), Err("ValidationException"));
        assert_eq!(code(vec![Tag::default()]), Err("ValidationException"));
    }
}
