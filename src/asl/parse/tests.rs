use super::*;

/// The diagnostics of a Standard machine, one per line.
fn said(definition: &str) -> Vec<String> {
    let parsed = parse(definition, MachineType::Standard);
    parsed.diagnostics.iter().map(|diagnostic| crate::asl::describe(std::slice::from_ref(diagnostic))).collect()
}

#[test]
fn a_valid_definition_gives_a_program() {
    let definition = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Succeed"}}}"#;
    assert_eq!(said(definition), [""; 0]);
    let program = parse(definition, MachineType::Standard).program.expect("a program");
    assert_eq!((program.states.len(), program.start), (2, StateId(0)));
}
