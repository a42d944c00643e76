//! Signature Version 4: how AWS's services tell who calls, and the place from which stand-ins for them read the
//! region, the service and the account.
//!
//! Checked with the examples of AWS's documentation and its published test suite.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What is signed.
pub(super) struct Request<'a> {
    /// `POST`
    pub method: &'a str,
    /// The path as it is sent.
    pub path: &'a str,
    /// The query as it is sent, percent-encoded, without the question mark.
    pub query: &'a str,
    /// Names in lower case and values; all of them are signed, `host` and `x-amz-date` must be among them.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

/// Who signs, and for what.
pub(super) struct Signer<'a> {
    /// The key's name.
    pub access_key_id: &'a str,
    /// The key.
    pub secret_access_key: &'a str,
    /// `us-east-1`
    pub region: &'a str,
    /// `lambda`
    pub service: &'a str,
    /// `20150830T123600Z`, the same as in `x-amz-date`.
    pub date_time: &'a str,
}

impl Signer<'_> {
    /// The value of the `Authorization` header.
    pub fn authorization(&self, request: &Request<'_>) -> String {
        let (signed_headers, signature) = self.signature(request);
        let (key, scope) = (self.access_key_id, self.scope());
        format!("AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={signed_headers}, Signature={signature}")
    }

    /// The query of a GET of `/` that says by itself, for so many seconds, who asks.
    pub fn presigned(&self, query: &str, headers: &[(&str, &str)], seconds: u32) -> String {
        let mut names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let query = format!(
            "{query}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={seconds}&X-Amz-SignedHeaders={}",
            encode(&format!("{}/{}", self.access_key_id, self.scope()), b""),
            self.date_time,
            encode(&names.join(";"), b""),
        );
        let (_, signature) = self.signature(&Request { method: "GET", path: "/", query: &query, headers, body: b"" });
        format!("{query}&X-Amz-Signature={signature}")
    }

    /// Where and when a signature holds.
    fn scope(&self) -> String {
        let date = self.date_time.get(..8).unwrap_or(self.date_time);
        format!("{date}/{}/{}/aws4_request", self.region, self.service)
    }

    /// The names of the headers that are signed, and the signature.
    fn signature(&self, request: &Request<'_>) -> (String, String) {
        let scope = self.scope();
        let (canonical, signed_headers) = canonical(request, self.service == "s3");
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", self.date_time, hex(&Sha256::digest(canonical)));
        let key = scope
            .split('/')
            .fold(format!("AWS4{}", self.secret_access_key).into_bytes(), |key, part| hmac(&key, part.as_bytes()));
        (signed_headers, hex(&hmac(&key, text.as_bytes())))
    }
}

/// The canonical request and the list of its headers' names.
fn canonical(request: &Request<'_>, is_s3: bool) -> (String, String) {
    let mut headers: Vec<(&str, String)> = request
        .headers
        .iter()
        .map(|(name, value)| (*name, value.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect();
    headers.sort();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines = headers.iter().fold(String::new(), |lines, (name, value)| lines + name + ":" + value + "\n");

    let parts = request.query.split('&').filter(|part| !part.is_empty());
    let mut query: Vec<(&str, &str)> = parts.map(|part| part.split_once('=').unwrap_or((part, ""))).collect();
    query.sort_unstable();
    let query = query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let path = match request.path {
        "" => "/".to_owned(),
        // S3 takes the path as it is sent.
        path if is_s3 => path.to_owned(),
        path => encode(path, b"/"),
    };
    let body = body_digest(request.body);
    (format!("{}\n{path}\n{query}\n{lines}\n{names}\n{body}", request.method), names)
}

/// Percent-encodes everything but letters, digits, `-._~` and the bytes to `keep`.
pub(super) fn encode(text: &str, keep: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// What S3 wants in `x-amz-content-sha256`.
pub(super) fn body_digest(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expectation is what botocore makes of the same.
    #[test]
    fn a_url_says_by_itself_who_asks() {
        let signer = Signer {
            access_key_id: "AKIDEXAMPLE",
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            region: "us-east-1",
            service: "sts",
            date_time: "20150830T123600Z",
        };
        let headers = [("x-k8s-aws-id", "my-cluster"), ("host", "sts.us-east-1.amazonaws.com")];
        let query = signer.presigned("Action=GetCallerIdentity&Version=2011-06-15", &headers, 60);
        let expected = concat!(
            "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256",
            "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20150830T123600Z",
            "&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id",
            "&X-Amz-Signature=393dffdcf851beeb373f04f933b26ffa1d480490f11385a3dbd509617bb7cb79",
        );
        assert_eq!(query, expected);
    }

    const HOST: (&str, &str) = ("host", "example.amazonaws.com");
    const DATE: (&str, &str) = ("x-amz-date", "20150830T123600Z");

    fn signature(service: &str, method: &str, path: &str, query: &str, headers: &[(&str, &str)], body: &str) -> String {
        let signer = Signer {
            access_key_id: "AKIDEXAMPLE",
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            region: "us-east-1",
            service,
            date_time: "20150830T123600Z",
        };
        let authorization = signer.authorization(&Request { method, path, query, headers, body: body.as_bytes() });
        let (start, signature) = authorization.split_once(", Signature=").expect("a signature");
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            start,
            format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, SignedHeaders={}",
                names.join(";")
            )
        );
        signature.to_owned()
    }

    #[test]
    fn the_example_of_the_documentation() {
        let headers =
            [("content-type", "application/x-www-form-urlencoded; charset=utf-8"), ("host", "iam.amazonaws.com"), DATE];
        assert_eq!(
            signature("iam", "GET", "/", "Action=ListUsers&Version=2010-05-08", &headers, ""),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn the_published_test_suite() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        for (name, method, path, query, headers, body, expected) in [
            (
                "get-vanilla",
                "GET",
                "/",
                "",
                &[HOST, DATE][..],
                "",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "get-vanilla-query-order-key-case",
                "GET",
                "/",
                "Param2=value2&Param1=value1",
                &[HOST, DATE],
                "",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "get-utf8",
                "GET",
                "/\u{1234}",
                "",
                &[HOST, DATE],
                "",
                "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
            ),
            (
                "get-space",
                "GET",
                "/example space/",
                "",
                &[HOST, DATE],
                "",
                "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
            ),
            (
                "post-vanilla",
                "POST",
                "/",
                "",
                &[HOST, DATE],
                "",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                "post-x-www-form-urlencoded",
                "POST",
                "/",
                "",
                &[form, HOST, DATE],
                "Param1=value1",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
        ] {
            assert_eq!(signature("service", method, path, query, headers, body), expected, "{name}");
        }
    }

    /// The first two of the examples of S3's documentation of the header.
    #[test]
    fn s3_takes_the_path_as_it_is_sent() {
        const AT: &str = "20130524T000000Z";
        let signature = |method, path, extra: &[(&str, &str)], body: &str| {
            let signer = Signer {
                access_key_id: "AKIAIOSFODNN7EXAMPLE",
                secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                region: "us-east-1",
                service: "s3",
                date_time: AT,
            };
            let digest = body_digest(body.as_bytes());
            let mut headers =
                vec![("host", "examplebucket.s3.amazonaws.com"), ("x-amz-content-sha256", &digest), ("x-amz-date", AT)];
            headers.extend_from_slice(extra);
            let request = Request { method, path, query: "", headers: &headers, body: body.as_bytes() };
            let authorization = signer.authorization(&request);
            authorization.split_once(", Signature=").expect("a signature").1.to_owned()
        };
        assert_eq!(
            signature("GET", "/test.txt", &[("range", "bytes=0-9")], ""),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
        let extra = [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")];
        assert_eq!(
            signature("PUT", "/test%24file.text", &extra, "Welcome to Amazon S3."),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        );
    }

    #[test]
    fn what_is_not_unreserved_is_encoded() {
        assert_eq!(encode("arn:aws:lambda/a b~é", b""), "arn%3Aaws%3Alambda%2Fa%20b~%C3%A9");
        assert_eq!(encode("/a%3Ab/", b"/"), "/a%253Ab/");
    }
}
