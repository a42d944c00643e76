//! What single states do: their events, their output, and how they fail.

use super::*;

#[test]
fn simple_states_enter_and_exit() {
    for (state, name, output) in [
        (r#"{"Type":"Pass","End":true}"#, "Pass", "{\"a\": 1}"),
        (r#"{"Type":"Succeed"}"#, "Succeed", "{\"a\": 1}"),
        (r#"{"Type":"Wait","Seconds":5,"End":true}"#, "Wait", "{\"a\": 1}"),
        (r#"{"Type":"Wait","Timestamp":"2001-01-01T00:00:00Z","End":true}"#, "Wait", "{\"a\": 1}"),
        (r#"{"Type":"Pass","Result":{"b":2},"ResultPath":"$.r","End":true}"#, "Pass", r#"{"a":1,"r":{"b":2}}"#),
        (r#"{"Type":"Pass","InputPath":null,"End":true}"#, "Pass", "{}"),
        (r#"{"Type":"Pass","OutputPath":"$.a","End":true}"#, "Pass", "1"),
    ] {
        let expected =
            format!("1 ExecutionStarted <0\n2 {name}StateEntered <0\n3 {name}StateExited <2\n4 ExecutionSucceeded <3");
        check(&one(state), "{\"a\": 1}", answer_ok, &expected, output);
    }
}

#[test]
fn a_fail_state_ends_the_execution() {
    let expected = "1 ExecutionStarted <0\n2 FailStateEntered <0\n3 ExecutionFailed <2";
    for (state, ending) in [
        (r#"{"Type":"Fail"}"#, "-: -"),
        (r#"{"Type":"Fail","Error":"E","Cause":"C"}"#, "E: C"),
        (r#"{"Type":"Fail","ErrorPath":"$.e","CausePath":"$$.Execution.Name"}"#, "Err: e"),
        (
            r#"{"Type":"Fail","ErrorPath":"$.nope"}"#,
            "States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). \
             The JSONPath '$.nope' specified for the field 'ErrorPath' could not be found in the input '{\"e\":\"Err\"}'",
        ),
    ] {
        check(&one(state), r#"{"e":"Err"}"#, answer_ok, expected, ending);
    }
}

#[test]
fn runtime_errors_name_the_state_and_its_first_event() {
    let prefix = "States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). ";
    for (state, name, problem) in [
        (r#"{"Type":"Pass","InputPath":"$.x","End":true}"#, "Pass", "Invalid path '$.x' : No results for path: $['x']"),
        (
            r#"{"Type":"Wait","SecondsPath":"$.x","End":true}"#,
            "Wait",
            "The SecondsPath parameter does not reference an input value: $.x",
        ),
        (
            r#"{"Type":"Wait","SecondsPath":"$.half","End":true}"#,
            "Wait",
            "The SecondsPath parameter cannot be parsed as a long value: $.half == 1.5",
        ),
        (
            r#"{"Type":"Wait","SecondsPath":"$.minus","End":true}"#,
            "Wait",
            "The SecondsPath parameter references a negative value: $.minus == -1",
        ),
        (
            r#"{"Type":"Wait","TimestampPath":"$.time","End":true}"#,
            "Wait",
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.time == 2016-12-05",
        ),
        (
            r#"{"Type":"Choice","Choices":[{"Variable":"$.x","NumericEquals":1,"Next":"Z"}],"Default":"Z"}"#,
            "Choice",
            "Invalid path '$.x': The choice state's condition path references an invalid value.",
        ),
        (
            r#"{"Type":"Choice","Choices":[{"Variable":"$.half","NumericEquals":1,"Next":"Z"}]}"#,
            "Choice",
            "Failed to transition out of the state. The state does not point to a next state.",
        ),
        (
            r#"{"Type":"Map","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}"#,
            "Map",
            "Reference path \"$\" must point to array.",
        ),
    ] {
        let expected = format!("1 ExecutionStarted <0\n2 {name}StateEntered <0\n3 ExecutionFailed <2");
        let input = r#"{"half":1.5,"minus":-1,"time":"2016-12-05"}"#;
        check(&one(state), input, answer_ok, &expected, &format!("{prefix}{problem}"));
    }
}

#[test]
fn a_wait_takes_its_time_on_the_virtual_clock() {
    for (state, seconds) in [
        (r#"{"Type":"Wait","Seconds":3600,"End":true}"#, 3600),
        (r#"{"Type":"Wait","SecondsPath":"$.s","End":true}"#, 10),
        (r#"{"Type":"Wait","Timestamp":"2023-11-14T23:13:20Z","End":true}"#, 3600),
        (r#"{"Type":"Wait","Seconds":0,"End":true}"#, 0),
    ] {
        assert_eq!(run(&one(state), r#"{"s":10}"#, answer_ok).seconds(), seconds, "{state}");
    }
}

#[test]
fn no_path_leads_into_a_null_input() {
    for (state, ending) in [
        (r#"{"Type":"Pass","End":true}"#, "null"),
        (r#"{"Type":"Pass","InputPath":"$","OutputPath":"$","ResultPath":"$","End":true}"#, "null"),
        (r#"{"Type":"Pass","InputPath":"$$.Execution.Name","End":true}"#, "\"e\""),
        (r#"{"Type":"Pass","InputPath":"$.a","End":true}"#, "null or empty input"),
        (r#"{"Type":"Pass","OutputPath":"$.a","End":true}"#, "null or empty input"),
        (r#"{"Type":"Pass","Parameters":{"a.$":"$"},"End":true}"#, "null or empty input"),
    ] {
        let expected = match ending {
            "null or empty input" => {
                "States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). \
                 Unable to apply Path transformation to null or empty input."
            }
            output => output,
        };
        assert_eq!(run(&one(state), "null", answer_ok).ending(), expected, "{state}");
    }
}

/// As in public notes on incidents: the error has a name of its own, and the cause doesn't name the state.
#[test]
fn reference_paths_that_lead_nowhere_are_conflicts() {
    const PROCESSOR: &str = r#""ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true"#;
    for (state, input, cause) in [
        (r#"{"Type":"Pass","ResultPath":"$.r","End":true}"#.into(), "[1]", r#"Unable to apply step "r" to input [1]"#),
        (
            r#"{"Type":"Pass","ResultPath":"$.r","End":true}"#.into(),
            "\"input1\"",
            "Unable to apply ReferencePath $.r to input \"input1\"",
        ),
        (
            format!(r#"{{"Type":"Map","ItemsPath":"$.found.objects",{PROCESSOR}}}"#),
            r#"{"found":{"code":500}}"#,
            r#"Unable to apply step "objects" to input {"found":{"code":500}}"#,
        ),
        (
            format!(r#"{{"Type":"Map","ItemsPath":"$.list[2]",{PROCESSOR}}}"#),
            r#"{"list":[[]]}"#,
            r#"Unable to apply step "2" to input {"list":[[]]}"#,
        ),
        (
            format!(r#"{{"Type":"Map","ItemsPath":"$.list","MaxConcurrencyPath":"$.most",{PROCESSOR}}}"#),
            r#"{"list":[1]}"#,
            r#"Unable to apply step "most" to input {"list":[1]}"#,
        ),
    ] {
        let world = run(&one(&state), input, answer_ok);
        assert_eq!(world.lines()[2..], ["3 ExecutionFailed <2"], "{state}");
        assert_eq!(world.ending(), format!("States.ReferencePathConflict: {cause}"), "{state}");
    }
}
