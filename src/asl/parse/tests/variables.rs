//! Variables: names, and where they can be read and assigned.

use super::*;

/// A machine that begins with state `S`; `Z` is there to end it.
fn chain(states: &str) -> String {
    format!(r#"{{"StartAt":"S","States":{{{states},"Z":{{"Type":"Pass","End":true}}}}}}"#)
}

#[test]
fn names_are_identifiers_and_states_is_reserved() {
    let long = "x".repeat(81);
    for (name, expected) in [
        ("a", None),
        ("größe_1.$", None),
        ("states", Some("RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/S/Assign".to_owned())),
        (
            "a b",
            Some(
                "INVALID_VARIABLE_NAME: Invalid variable name 'a b': the variable name contains invalid characters. at /States/S/Assign"
                    .into(),
            ),
        ),
        (
            "1a",
            Some(
                "INVALID_VARIABLE_NAME: Invalid variable name '1a': the variable name contains invalid characters. at /States/S/Assign".into(),
            ),
        ),
        (
            &long,
            Some(format!(
                "INVALID_VARIABLE_NAME: Invalid variable name '{long}': the variable name contains invalid characters. at /States/S/Assign"
            )),
        ),
    ] {
        let state = format!(r#""S":{{"Type":"Pass","Assign":{{"{name}":"$.x"}},"Next":"Z"}}"#);
        assert_eq!(said(&chain(&state), MachineType::Standard), expected.into_iter().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_variable_is_read_where_a_block_around_assigns_it() {
    let map = |inside: &str, more: &str| {
        chain(&format!(
            r#""S":{{"Type":"Map","ItemProcessor":{{"StartAt":"I","States":{{"I":{{"Type":"Pass",{inside},"End":true}}}}}},{more}"Next":"Z"}}"#
        ))
    };
    check(&[
        (&chain(r#""S":{"Type":"Pass","InputPath":"$a.b","Assign":{"a":{"b":1}},"Next":"Z"}"#), &[]),
        (&map(r#""Parameters":{"a.$":"States.Array($a)"}"#, r#""Assign":{"a":1},"#), &[]),
        (
            &map(r#""OutputPath":"$a""#, ""),
            &["Variable '$a' is not assigned in this scope. at /States/S/ItemProcessor/States/I/OutputPath"],
        ),
        (
            &map(r#""Assign":{"a":1}"#, r#""ResultSelector":{"a.$":"$a"},"#),
            &["Variable '$a' is not assigned in this scope. at /States/S/ResultSelector"],
        ),
        // Recorded of a catcher: what the state assigns after its iterations doesn't take the name from them.
        (&map(r#""Assign":{"a":1}"#, r#""Assign":{"a":2},"#), &[]),
        (
            &map(r#""Assign":{"a":1}"#, "").replace(
                r#""StartAt":"S","States":{"#,
                r#""StartAt":"P","States":{"P":{"Type":"Pass","Assign":{"a":2},"Next":"S"},"#,
            ),
            &["Cannot assign to variable '$a' of an outer scope. at /States/S/ItemProcessor/States/I/Assign"],
        ),
    ]);
}

#[test]
fn a_state_knows_what_it_reads() {
    let definition = chain(
        r#""S":{"Type":"Map","Assign":{"a":1,"b":2},"ItemSelector":{"x.$":"States.Array($b, $a.c)","y":"$z"},
           "ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","InputPath":"$a","End":true}}},"Next":"Z"}"#,
    );
    let program = parse(&definition, MachineType::Standard).program.expect("a valid definition");
    let reads: Vec<(&str, String)> =
        program.states.iter().map(|state| (state.name.as_str(), state.reads.join(" "))).collect();
    assert_eq!(reads, [("S", "a b".into()), ("Z", String::new()), ("I", "a".into())]);
}
