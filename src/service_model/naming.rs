//! The names by which users know the members of structures.
//!
//! AWS documents that they are in PascalCase, and of the integrations of its SDK that `equals` is called `EqualsValue`. That is
//! how its SDK for Java 2 calls it, whose names the definitions that people run have throughout: `DbInstanceIdentifier` of
//! RDS's `DBInstanceIdentifier`, `Ttl` of Route 53's `TTL`, `Bool` of DynamoDB's `BOOL`. So these are the names there. The
//! optimised integrations have those of the API, recorded of SQS: `MD5OfMessageBody`.

use smol_str::{SmolStr, StrExt, format_smolstr};

/// Whose names they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// Those of AWS's SDK for Java 2, for `aws-sdk:<service>:<action>`.
    OfSdk,
    /// Those of the API, for optimised integrations.
    OfApi,
}

/// What the SDK can't call a method, since Java, or each class of the SDK, has another use for it. Keywords are compared
/// without regard to case.
const KEYWORDS: &[&str] = &[
    "abstract",
    "assert",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extends",
    "false",
    "final",
    "finally",
    "float",
    "for",
    "goto",
    "if",
    "implements",
    "import",
    "instanceof",
    "int",
    "interface",
    "long",
    "native",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "short",
    "static",
    "strictfp",
    "super",
    "switch",
    "synchronized",
    "this",
    "throw",
    "throws",
    "transient",
    "true",
    "try",
    "void",
    "volatile",
    "while",
];
const METHODS: &[&str] = &[
    "builder",
    "equals",
    "finalize",
    "getClass",
    "hashCode",
    "notify",
    "notifyAll",
    "overrideConfiguration",
    "sdkFields",
    "sdkHttpResponse",
    "toBuilder",
    "toString",
    "wait",
];

impl Naming {
    /// The name of a member of the model. `renamed` is what the SDK calls it against its own rule.
    pub fn public_name(self, name: &'static str, renamed: Option<&'static str>) -> SmolStr {
        match (self, renamed) {
            (Naming::OfSdk, Some(renamed)) => SmolStr::new_static(renamed),
            (Naming::OfSdk, None) => {
                let method = method(name);
                let is_taken = METHODS.contains(&method.as_str())
                    || KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(&method));
                let method = capitalised(&method);
                if is_taken { format_smolstr!("{method}Value") } else { method }
            }
            (Naming::OfApi, _) if name.eq_ignore_ascii_case("equals") => SmolStr::new_static("EqualsValue"),
            (Naming::OfApi, _) => capitalised(name),
        }
    }
}

/// A member as a method of Java: its first letter is small, and so are those after it up to the last capital before a small
/// letter: `DBInstances` is `dbInstances`, `ETag` is `eTag`, `TTL` is `ttl`.
fn method(name: &str) -> SmolStr {
    let bytes = name.as_bytes();
    let begins_word = |place: usize| bytes.get(place + 1).is_some_and(u8::is_ascii_lowercase);
    let goes_on = |place: &usize| bytes[*place].is_ascii_uppercase() && !begins_word(*place);
    let rest = (1..bytes.len()).find(|place| !goes_on(place)).unwrap_or(bytes.len());
    let (first, rest) = name.split_at(rest);
    format_smolstr!("{}{rest}", first.to_ascii_lowercase_smolstr())
}

fn capitalised(name: &str) -> SmolStr {
    let (first, rest) = name.split_at(name.len().min(1));
    format_smolstr!("{}{rest}", first.to_ascii_uppercase_smolstr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_the_names_of_the_sdk_or_of_the_api() {
        for (name, of_sdk, of_api) in [
            ("TableName", "TableName", "TableName"),
            ("stateMachineArn", "StateMachineArn", "StateMachineArn"),
            ("DBInstanceIdentifier", "DbInstanceIdentifier", "DBInstanceIdentifier"),
            ("TTL", "Ttl", "TTL"),
            ("BOOL", "Bool", "BOOL"),
            ("M", "M", "M"),
            ("ETag", "ETag", "ETag"),
            ("ChecksumCRC32", "ChecksumCRC32", "ChecksumCRC32"),
            ("SSEKMSKeyId", "SsekmsKeyId", "SSEKMSKeyId"),
            ("MD5OfBody", "Md5OfBody", "MD5OfBody"),
            ("S3Bucket", "S3Bucket", "S3Bucket"),
            ("vCPUHour", "VcpuHour", "VCPUHour"),
            ("equals", "EqualsValue", "EqualsValue"),
            ("Return", "ReturnValue", "Return"),
            ("NotifyAll", "NotifyAllValue", "NotifyAll"),
            ("Defaults", "Defaults", "Defaults"),
        ] {
            assert_eq!(Naming::OfSdk.public_name(name, None), of_sdk);
            assert_eq!(Naming::OfApi.public_name(name, None), of_api);
        }
        assert_eq!(Naming::OfSdk.public_name("NULL", Some("Nul")), "Nul");
        assert_eq!(Naming::OfApi.public_name("NULL", Some("Nul")), "NULL");
    }
}
