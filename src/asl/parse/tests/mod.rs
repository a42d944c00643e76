//! What definitions say and become. Each table is read as: this definition gives these diagnostics.

mod document;
mod graph;
mod jsonata;
mod program;
mod robust;
mod states;
mod tasks;
mod variables;

use super::{MachineType, parse};

/// The diagnostics of a definition, one per line, without the code that most of them have.
fn said(definition: &str, kind: MachineType) -> Vec<String> {
    let parsed = parse(definition, kind);
    let lines = parsed.diagnostics.iter().map(|diagnostic| {
        assert_eq!(diagnostic.severity().name(), "ERROR");
        let line = crate::asl::describe(std::slice::from_ref(diagnostic));
        line.strip_prefix("SCHEMA_VALIDATION_FAILED: ").map(str::to_owned).unwrap_or(line)
    });
    lines.collect()
}

/// A machine whose only state is `S`, with these fields, and whatever states follow.
fn machine(state: &str) -> String {
    format!(r#"{{"StartAt":"S","States":{{"S":{{{state}}}}}}}"#)
}

/// Each definition of a Standard machine and what is said of it.
#[track_caller]
fn check(table: &[(&str, &[&str])]) {
    for (definition, expected) in table {
        assert_eq!(said(definition, MachineType::Standard), *expected, "{definition}");
    }
}

/// The fields of each state `S` and what is said of the machine.
#[track_caller]
fn check_states(table: &[(&str, &[&str])]) {
    for (state, expected) in table {
        assert_eq!(said(&machine(state), MachineType::Standard), *expected, "{state}");
    }
}
