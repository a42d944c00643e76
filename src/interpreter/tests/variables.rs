//! Variables: assigned when a state is left, from old values, visible inside and gone outside.

use super::*;

#[test]
fn a_state_assigns_from_its_result_and_old_values() {
    let definition = r#"{"StartAt":"A","States":{
        "A":{"Type":"Pass","Result":{"n":1},"Assign":{"x.$":"$.n","y":"old"},"Next":"B"},
        "B":{"Type":"Pass","Assign":{"y":"new","z.$":"$y"},"Parameters":{"seen.$":"$y"},"Next":"C"},
        "C":{"Type":"Pass","Parameters":{"x.$":"$x","y.$":"$y","z.$":"$z","in.$":"$.seen"},"End":true}}}"#;
    let world = run(definition, "{}", answer_ok);
    assert_eq!(Value::parse(&world.ending()), Value::parse(r#"{"x":1,"y":"new","z":"old","in":"old"}"#));
    let assigned =
        r#""assignedVariables":{"y":"\"new\"","z":"\"old\""},"assignedVariablesDetails":{"truncated":false}"#;
    assert!(world.written().contains(assigned), "{}", world.written());
}

#[test]
fn a_rule_that_matches_assigns_in_the_place_of_the_state() {
    let definition = r#"{"StartAt":"A","States":{
        "A":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericEquals":1,"Assign":{"s":"rule"},"Next":"B"}],
             "Assign":{"s":"default"},"Default":"B"},
        "B":{"Type":"Pass","OutputPath":"$s","End":true}}}"#;
    assert_eq!(run(definition, r#"{"n":1}"#, answer_ok).ending(), "\"rule\"");
    assert_eq!(run(definition, r#"{"n":2}"#, answer_ok).ending(), "\"default\"");
}

#[test]
fn a_catcher_assigns_from_the_error_and_the_state_does_not() {
    let definition = r#"{"StartAt":"A","States":{
        "A":{"Type":"Task","Resource":"FUNCTION","Assign":{"s":"done"},
             "Catch":[{"ErrorEquals":["States.ALL"],"Assign":{"s.$":"$.Error"},"Next":"B"}],"Next":"B"},
        "B":{"Type":"Pass","OutputPath":"$s","End":true}}}"#
        .replace("FUNCTION", FUNCTION);
    assert_eq!(run(&definition, "{}", answer_error).ending(), "\"Boom\"");
    assert_eq!(run(&definition, "{}", answer_ok).ending(), "\"done\"");
}

#[test]
fn branches_and_iterations_have_variables_of_their_own() {
    let definition = r#"{"StartAt":"A","States":{
        "A":{"Type":"Pass","Assign":{"x":10},"Result":[1,2,3],"Next":"M"},
        "M":{"Type":"Map","ItemProcessor":{"StartAt":"I","States":{
            "I":{"Type":"Pass","Assign":{"sum.$":"States.MathAdd($x, $)"},"Next":"J"},
            "J":{"Type":"Pass","OutputPath":"$sum","End":true}}},"End":true}}}"#;
    assert_eq!(run(definition, "{}", answer_ok).ending(), "[11,12,13]");
}

#[test]
fn a_variable_that_is_read_before_it_is_assigned_fails_the_execution() {
    let definition = r#"{"StartAt":"A","States":{
        "A":{"Type":"Pass","OutputPath":"$x","Next":"B"},"B":{"Type":"Pass","Assign":{"x":1},"End":true}}}"#;
    let world = run(definition, "{}", answer_ok);
    assert_eq!(world.lines()[1..], ["2 PassStateEntered <0", "3 ExecutionFailed <2"]);
}

#[test]
fn a_limit_may_be_a_string_of_digits() {
    let definition = r#"{"StartAt":"A","States":{
        "A":{"Type":"Pass","Assign":{"most":"1"},"Next":"M"},
        "M":{"Type":"Map","MaxConcurrencyPath":"$most","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},"End":true}}}"#;
    let world = run(definition, "[1,2]", answer_ok);
    assert_eq!(world.lines()[5..7], ["6 MapIterationStarted <5", "7 PassStateEntered <6"]);
}
