//! Pages of lists and the tokens that lead from one to the next.

use super::Call;
use super::error::Error;
use crate::quota;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The size of a page when the request doesn't say, or says 0.
const DEFAULT_SIZE: usize = 100;

/// Bytes of a token before the cursor: when it was given out, and the seal.
const TIME_BYTES: usize = 8;
const SEAL_BYTES: usize = 12;

/// How many items a page has.
pub fn size(max_results: Option<i64>) -> usize {
    max_results.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0).unwrap_or(DEFAULT_SIZE)
}

/// The token for the page that begins at `cursor`. It is good for the same operation in the same account and region
/// with the same arguments, for a day.
pub fn token(call: &Call<'_>, arguments: &[&str], cursor: &[u8]) -> String {
    seal(call, arguments, call.emulator.engine.now().millis(), cursor)
}

/// The cursor in a token that [`token`] gave out.
pub fn cursor(call: &Call<'_>, arguments: &[&str], token: &str) -> Result<Vec<u8>, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Error::InvalidToken)?;
    let (time, rest) = bytes.split_first_chunk::<TIME_BYTES>().ok_or(Error::InvalidToken)?;
    let cursor = rest.get(SEAL_BYTES..).ok_or(Error::InvalidToken)?;
    let given_out = i64::from_be_bytes(*time);
    let age = call.emulator.engine.now().millis().saturating_sub(given_out);
    if age > quota::PAGE_TOKEN_MILLIS || seal(call, arguments, given_out, cursor) != token {
        return Err(Error::InvalidToken);
    }
    Ok(cursor.to_vec())
}

fn seal(call: &Call<'_>, arguments: &[&str], given_out: i64, cursor: &[u8]) -> String {
    let mut hash = Sha256::new();
    let time = given_out.to_be_bytes();
    let fixed = [call.operation, &call.namespace.account, &call.namespace.region];
    for part in fixed.iter().chain(arguments).map(|text| text.as_bytes()).chain([&time[..], cursor]) {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    let bytes: Vec<u8> = time.iter().chain(&hash[..SEAL_BYTES]).chain(cursor).copied().collect();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A cursor that is a name.
pub fn name_cursor(call: &Call<'_>, arguments: &[&str], token: Option<&str>) -> Result<Option<String>, Error> {
    let Some(token) = token else { return Ok(None) };
    String::from_utf8(cursor(call, arguments, token)?).map(Some).map_err(|_| Error::InvalidToken)
}

/// A cursor that is a number.
pub fn number_cursor(call: &Call<'_>, arguments: &[&str], token: Option<&str>) -> Result<Option<u64>, Error> {
    let Some(token) = token else { return Ok(None) };
    let bytes = cursor(call, arguments, token)?.try_into().map_err(|_| Error::InvalidToken)?;
    Ok(Some(u64::from_be_bytes(bytes)))
}
