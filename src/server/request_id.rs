//! Ids of requests, for the header `x-amzn-RequestId`.

use crate::random::Random;
use axum::http::HeaderValue;
use uuid::Uuid;

thread_local! {
    /// Seeded by the system; asking it for every request would cost more than some requests do.
    static IDS: Random = Random::new(Uuid::new_v4().as_u64_pair().0);
}

/// A fresh id.
pub fn new() -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    let id = IDS.with(Random::uuid);
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut text)).expect("a uuid consists of visible characters")
}
