//! Records as lines of a file or of standard output.

use crate::config::ExecutionLog;
use std::fs::OpenOptions;
use std::io::{Result, Write};

/// Appends lines. It may block.
pub fn append(log: &ExecutionLog, lines: &str) -> Result<()> {
    match log {
        ExecutionLog::StandardOutput => {
            let mut out = std::io::stdout().lock();
            out.write_all(lines.as_bytes())?;
            out.flush()
        }
        ExecutionLog::File(path) => {
            OpenOptions::new().create(true).append(true).open(path)?.write_all(lines.as_bytes())
        }
    }
}
