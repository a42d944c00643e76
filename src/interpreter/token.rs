//! Task tokens: opaque to workers, but they say which task of which execution they belong to.
//!
//! So a token needs no table, and one whose task has ended can be told from one that was never given out.

use super::TaskId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use smol_str::SmolStr;

/// What a token says.
#[derive(Debug, PartialEq, Eq)]
pub struct TaskToken {
    /// The execution's ARN.
    pub execution_arn: SmolStr,
    /// Its task.
    pub task: TaskId,
}

/// The token for a task; `nonce` keeps others from guessing it.
pub fn encode(execution_arn: &str, task: TaskId, nonce: u64) -> SmolStr {
    let mut bytes = Vec::with_capacity(execution_arn.len() + 20);
    bytes.extend_from_slice(&task.to_be_bytes());
    bytes.extend_from_slice(&nonce.to_be_bytes());
    bytes.extend_from_slice(execution_arn.as_bytes());
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum.to_be_bytes());
    STANDARD.encode(bytes).into()
}

/// What this token says; nothing if it isn't one of ours.
pub fn decode(token: &str) -> Option<TaskToken> {
    let bytes = STANDARD.decode(token).ok()?;
    let (content, sum) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
    if checksum(content).to_be_bytes() != sum {
        return None;
    }
    let (task, rest) = content.split_first_chunk::<4>()?;
    let arn = std::str::from_utf8(rest.get(8..)?).ok()?;
    Some(TaskToken { execution_arn: arn.into(), task: TaskId::from_be_bytes(*task) })
}

/// FNV-1a: enough to tell a token from noise.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_task() {
        let token = encode("arn:aws:states:us-east-1:123456789012:execution:m:e", 7, 42);
        assert_eq!(
            decode(&token),
            Some(TaskToken { execution_arn: "arn:aws:states:us-east-1:123456789012:execution:m:e".into(), task: 7 })
        );
    }

    #[test]
    fn what_we_did_not_make_is_no_token() {
        let token = encode("arn", 7, 42);
        let mut changed = token.to_string();
        changed.replace_range(0..1, "B");
        for text in ["", "token", "AAAA", changed.as_str(), &token[4..]] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
