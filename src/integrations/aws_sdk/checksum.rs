//! Checksums of bodies, for the services that want them.

use super::Request;
use crate::service_model::{Checksum, Operation};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Adds the checksum that the SDK for Java would: CRC32 where the service takes several kinds and the caller chose none.
/// Kinds that aren't built are left to the service, which says what it misses.
pub(super) fn add(operation: &Operation, request: &mut Request) {
    let given = |name: &str| request.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let is_given = request.headers.iter().any(|(name, _)| {
        name == "content-md5" || (name.starts_with("x-amz-checksum-") && name != "x-amz-checksum-type")
    });
    if operation.checksum == Checksum::None || is_given {
        return;
    }
    let Some(algorithm_header) = operation.checksum_header else {
        let digest = STANDARD.encode(Md5::digest(&request.body));
        request.headers.push(("content-md5".to_owned(), digest));
        return;
    };
    let algorithm_header = algorithm_header.to_ascii_lowercase();
    let chosen = given(&algorithm_header).map(str::to_owned);
    // Nothing is said of bodies that aren't there, but what the service requires.
    if chosen.is_none() && request.body.is_empty() && operation.checksum == Checksum::Optional {
        return;
    }
    let body = &request.body;
    let (kind, digest) = match chosen.as_deref() {
        None | Some("CRC32") => ("crc32", crc32(body, 0xedb8_8320).to_be_bytes().to_vec()),
        Some("CRC32C") => ("crc32c", crc32(body, 0x82f6_3b78).to_be_bytes().to_vec()),
        Some("SHA1") => ("sha1", Sha1::digest(body).to_vec()),
        Some("SHA256") => ("sha256", Sha256::digest(body).to_vec()),
        Some(_) => return,
    };
    if chosen.is_none() {
        request.headers.push((algorithm_header, "CRC32".to_owned()));
    }
    request.headers.push((format!("x-amz-checksum-{kind}"), STANDARD.encode(digest)));
}

fn crc32(body: &[u8], polynomial: u32) -> u32 {
    let mut crc = !0_u32;
    for byte in body {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ polynomial } else { crc >> 1 };
        }
    }
    !crc
}
