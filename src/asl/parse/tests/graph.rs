//! Names and transitions.

use super::{check, said};
use crate::asl::parse::{MAX_DEPTH, MachineType, parse};

#[test]
fn every_transition_leads_to_a_state_of_the_same_block() {
    check(&[
        (
            r#"{"StartAt":"Missing","States":{"First":{"Type":"Pass","Next":"Last"},"Last":{"Type":"Succeed"}}}"#,
            &[
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: Missing at /StartAt",
                "MISSING_TRANSITION_TARGET: State \"First\" is not reachable. at /States/First",
            ],
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"NOPE"},"B":{"Type":"Pass","End":true}}}"#,
            &[
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next",
                "MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B",
            ],
        ),
        (
            r#"{"StartAt":"C","States":{"C":{"Type":"Choice","Default":"X",
                "Choices":[{"Variable":"$.a","IsNull":true,"Next":"T"},{"Variable":"$.b","IsNull":true,"Next":"Y"}]},
               "T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","End":true,
                "Catch":[{"ErrorEquals":["E"],"Next":"Z"}]}}}"#,
            &[
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: Y at /States/C/Choices[1]/Next",
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/C/Default",
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: Z at /States/T/Catch[0]/Next",
            ],
        ),
        (
            r#"{"StartAt":"P","States":{"P":{"Type":"Parallel","Next":"Last",
                "Branches":[{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"Last"}}}]},"Last":{"Type":"Succeed"}}}"#,
            &[
                "MISSING_TRANSITION_TARGET: Missing 'Next' target: Last at /States/P/Branches[0]/States/A/Next",
                "MISSING_END_STATE: Workflow has no terminal state at null",
            ],
        ),
    ]);
}

#[test]
fn every_block_can_end_and_every_state_is_led_to() {
    const NO_END: &str = "MISSING_END_STATE: Workflow has no terminal state at null";
    check(&[
        (r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}}}"#, &[NO_END]),
        // Without an end nothing is said of reachability.
        (r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"},"B":{"Type":"Pass","Next":"A"}}}"#, &[NO_END]),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"},"C":{"Type":"Pass","End":true}}}"#,
            &["MISSING_TRANSITION_TARGET: State \"C\" is not reachable. at /States/C"],
        ),
        // What only an unreachable state leads to counts as reachable.
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"},"X":{"Type":"Pass","Next":"Y"},"Y":{"Type":"Succeed"}}}"#,
            &["MISSING_TRANSITION_TARGET: State \"X\" is not reachable. at /States/X"],
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"},"X":{"Type":"Pass","Next":"X"}}}"#,
            &["MISSING_TRANSITION_TARGET: State \"X\" is not reachable. at /States/X"],
        ),
        (
            r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,
                "ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Pass","End":true},"B":{"Type":"Fail"}}}}}}"#,
            &["MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/M/ItemProcessor/States/B"],
        ),
    ]);
}

#[test]
fn names_are_unique_in_the_whole_machine_and_not_too_long() {
    check(&[
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Parallel","End":true,
                "Branches":[{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}]}}}"#,
            &["DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[0]/States/A"],
        ),
        // Of two members with one name JSON keeps the last.
        (r#"{"StartAt":"A","States":{"A":{"Type":"Nonsense"},"A":{"Type":"Succeed"}}}"#, &[]),
    ]);
    let named = |name: &str| {
        said(&format!(r#"{{"StartAt":"{name}","States":{{"{name}":{{"Type":"Succeed"}}}}}}"#), MachineType::Standard)
    };
    assert_eq!(named(&"é".repeat(80)), [""; 0]);
    let long = "n".repeat(81);
    let problem = format!("Invalid State name: State '{long}' exceeds the 80-character limit allowed by the service");
    assert_eq!(named(&long), [format!("INVALID_STATE_NAME: {problem} at /States/{long}")]);
    assert_eq!(named(""), ["INVALID_STATE_NAME: Invalid State name: State name cannot be empty at /States/"]);
}

#[test]
fn labels_are_unique_in_the_whole_machine() {
    let map = |name: &str| {
        let block = format!(r#"{{"StartAt":"In {name}","States":{{"In {name}":{{"Type":"Succeed"}}}}}}"#);
        format!(r#""{name}":{{"Type":"Map","Label":"l","ItemProcessor":{block},"Next":"B"}}"#)
    };
    let definition = format!(r#"{{"StartAt":"A","States":{{{},{},"C":{{"Type":"Succeed"}}}}}}"#, map("A"), map("B"));
    assert_eq!(
        said(&definition.replacen(r#""Next":"B"}},"C""#, r#""Next":"C"}},"C""#, 1), MachineType::Standard)[0],
        "DUPLICATE_LABEL_NAME: Duplicate Label name: l at /States/B/Label"
    );
}

#[test]
fn blocks_within_blocks_have_a_limit() {
    let nested = |depth: usize| {
        (0..depth).fold(String::from(r#"{"StartAt":"L","States":{"L":{"Type":"Succeed"}}}"#), |inner, i| {
            let map = format!(r#"{{"Type":"Map","End":true,"ItemProcessor":{inner}}}"#);
            format!(r#"{{"StartAt":"{i}","States":{{"{i}":{map}}}}}"#)
        })
    };
    assert_eq!(said(&nested(MAX_DEPTH), MachineType::Standard), [""; 0]);
    let said = parse(&nested(MAX_DEPTH + 1), MachineType::Standard).diagnostics;
    assert_eq!(said.iter().map(|d| d.code()).collect::<Vec<_>>(), ["TOO_DEEPLY_NESTED"]);
}
