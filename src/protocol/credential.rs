//! Whose account and which region a request is for. Any signature is accepted, and none.

use crate::arn::Namespace;
use smol_str::SmolStr;

/// The namespace that the credentials of a request name: its region is that of the credential scope, its account the
/// access key id if that is twelve digits. What they don't name comes from `default`.
///
/// `authorization` is the header; a presigned request has its credential in the query instead.
pub fn namespace(authorization: Option<&str>, query: Option<&str>, default: &Namespace) -> Namespace {
    let credential = authorization.and_then(in_header).or_else(|| query.and_then(in_query));
    let Some((key, scope)) = credential else { return default.clone() };
    let account = (key.len() == 12 && key.bytes().all(|b| b.is_ascii_digit())).then(|| SmolStr::new(key));
    let region = region(scope).map(SmolStr::new);
    Namespace {
        account: account.unwrap_or_else(|| default.account.clone()),
        region: region.unwrap_or_else(|| default.region.clone()),
    }
}

/// `AWS4-HMAC-SHA256 Credential=<key>/<scope>, SignedHeaders=...`
fn in_header(authorization: &str) -> Option<(&str, &str)> {
    let usual = authorization.strip_prefix("AWS4-HMAC-SHA256 Credential=");
    let rest = usual.or_else(|| Some(authorization.split_once("Credential=")?.1))?;
    let end = rest.bytes().position(|b| matches!(b, b',' | b' ')).unwrap_or(rest.len());
    let slash = rest[..end].bytes().position(|b| b == b'/')?;
    Some((&rest[..slash], &rest[slash + 1..end]))
}

/// `X-Amz-Credential=<key>%2F<scope>`
fn in_query(query: &str) -> Option<(&str, &str)> {
    let credential = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
    let slash = credential.find(['/', '%'])?;
    Some((&credential[..slash], credential[slash..].trim_start_matches("%2F").trim_start_matches("%2f")))
}

/// `<date>/<region>/states/aws4_request`
fn region(scope: &str) -> Option<&str> {
    let scope = scope.trim_start_matches('/');
    let end = |text: &str| text.bytes().position(|b| matches!(b, b'/' | b'%'));
    let rest = &scope[end(scope)?..];
    let rest = ["/", "%2F", "%2f"].iter().find_map(|slash| rest.strip_prefix(slash))?;
    let region = &rest[..end(rest)?];
    let plausible = region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    // Signatures for several regions have no region in their scope; the service comes right after the date.
    (plausible && region.contains('-')).then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credential_names_account_and_region() {
        let default = Namespace { account: "123456789012".into(), region: "us-east-1".into() };
        let signed = |credential: &str| {
            format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature=abc")
        };
        for (authorization, query, expected) in [
            (None, None, "123456789012 us-east-1"),
            (Some(signed("000000000000/20260101/eu-west-3/states/aws4_request")), None, "000000000000 eu-west-3"),
            (Some(signed("AKIAEXAMPLE/20260101/cn-north-1/states/aws4_request")), None, "123456789012 cn-north-1"),
            (Some(signed("00000000000x/20260101/states/aws4_request")), None, "123456789012 us-east-1"),
            (Some(signed("test/20260101/a:b/states/aws4_request")), None, "123456789012 us-east-1"),
            (Some(signed("test")), None, "123456789012 us-east-1"),
            (Some("Bearer x".into()), None, "123456789012 us-east-1"),
            (Some("Credential=000000000000/d/eu-west-1/states/aws4_request".into()), None, "000000000000 eu-west-1"),
            (
                None,
                Some("X-Amz-Algorithm=x&X-Amz-Credential=000000000001%2F20260101%2Fus-west-2%2Fstates%2Faws4_request"),
                "000000000001 us-west-2",
            ),
        ] {
            let found = namespace(authorization.as_deref(), query, &default);
            assert_eq!(format!("{} {}", found.account, found.region), expected, "{authorization:?} {query:?}");
        }
    }
}
