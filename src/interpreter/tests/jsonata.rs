//! States that speak JSONata: what their expressions see, and what becomes of those that fail.

use super::*;

/// A machine that speaks JSONata; `FUNCTION` is a function.
fn machine(states: &str) -> String {
    format!(r#"{{"QueryLanguage":"JSONata","StartAt":"A","States":{{{}}}}}"#, states.replace("FUNCTION", FUNCTION))
}

#[track_caller]
fn ends(states: &str, input: &str, script: Script, ending: &str) {
    let world = run(&machine(states), input, script);
    assert_eq!(world.ending(), ending, "{states}\n{}", world.written());
}

/// The cause of a state's failure, behind the sentence that names the state `A`.
fn failing(problem: &str) -> String {
    let place = "An error occurred while executing the state 'A' (entered at the event id #2).";
    format!("States.QueryEvaluationError: {place} {problem}")
}

#[test]
fn an_output_is_made_of_input_result_and_context() {
    ends(r#""A":{"Type":"Pass","End":true}"#, r#"{"a": 1}"#, answer_ok, r#"{"a": 1}"#);
    ends(
        r#""A":{"Type":"Pass","Output":{"b":"{% $states.input.a + 1 %}","c":[" {% 1 %}",null]},"End":true}"#,
        r#"{"a":1}"#,
        answer_ok,
        r#"{"b":2,"c":[" {% 1 %}",null]}"#,
    );
    ends(
        r#""A":{"Type":"Task","Resource":"FUNCTION","Arguments":{"x":"{% $states.input.a %}"},
            "Output":"{% [$states.result.x, $states.context.State.Name, $states.input.a] %}","End":true}"#,
        r#"{"a":1}"#,
        answer_ok,
        r#"[1,"A",1]"#,
    );
    ends(
        r#""A":{"Type":"Task","Resource":"FUNCTION","Output":"{% $keys($states) %}","End":true}"#,
        "{}",
        answer_ok,
        r#"["input","result","context"]"#,
    );
    ends(
        r#""A":{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Succeed","Output":"{% $sum($states.input) %}"}}}],
            "Arguments":[1,"{% 2 %}"],"Output":"{% $states.result[0] %}","End":true}"#,
        "{}",
        answer_ok,
        "3",
    );
}

#[test]
fn variables_have_their_old_values_while_a_state_assigns() {
    ends(
        r#""A":{"Type":"Pass","Assign":{"x":"{% $states.input.n %}","y":1},"Next":"B"},
           "B":{"Type":"Pass","Assign":{"x":"{% $x + 1 %}","z":"{% $x + $y %}"},"Output":"{% $x %}","Next":"C"},
           "C":{"Type":"Succeed","Output":"{% [$states.input, $x, $y, $z] %}"}"#,
        r#"{"n":5}"#,
        answer_ok,
        "[5,6,1,6]",
    );
}

#[test]
fn a_rule_applies_when_its_condition_is_true() {
    let choice = r#""A":{"Type":"Choice","Default":"C","Output":"default","Assign":{"v":"of the state"},"Choices":[
            {"Condition":false,"Next":"B"},
            {"Condition":"{% $states.input.n > 3 %}","Output":"{% 'rule ' & $states.input.n %}","Assign":{"v":1},"Next":"B"},
            {"Condition":"{% $states.input.n = 3 %}","Next":"B"}]},
        "B":{"Type":"Succeed"},"C":{"Type":"Succeed","Output":"{% [$states.input, $v] %}"}"#;
    ends(choice, r#"{"n":4}"#, answer_ok, "\"rule 4\"");
    ends(choice, r#"{"n":3}"#, answer_ok, r#"{"n":3}"#);
    ends(choice, r#"{"n":1}"#, answer_ok, r#"["default","of the state"]"#);
    ends(
        r#""A":{"Type":"Choice","Choices":[{"Condition":"{% $states.input.n %}","Next":"B"}]},"B":{"Type":"Succeed"}"#,
        r#"{"n":"yes"}"#,
        answer_ok,
        &failing(
            "The JSONata expression '$states.input.n' specified for the field 'Choices[0]/Condition' returned an \
             unexpected result type. Expected 'boolean', but was 'string' for value: \"yes\"",
        ),
    );
}

#[test]
fn times_and_numbers_are_computed() {
    let world = run(
        &machine(r#""A":{"Type":"Wait","Seconds":"{% $states.input * 2 %}","Output":"{% $millis() %}","End":true}"#),
        "21",
        answer_ok,
    );
    assert_eq!((world.seconds(), world.ending().as_str()), (42, "1700000042000"));
    let until = r#""A":{"Type":"Wait","Timestamp":"{% $fromMillis($millis() + 60000) %}","End":true}"#;
    assert_eq!(run(&machine(until), "{}", answer_ok).seconds(), 60);
    ends(
        r#""A":{"Type":"Task","Resource":"FUNCTION","TimeoutSeconds":"{% 5 %}","End":true}"#,
        "{}",
        answer_never,
        "States.Timeout: -",
    );
    for (field, problem) in [
        (r#""Seconds":"{% -1 %}""#, "Seconds must be between 0 and 99999999 but was: -1"),
        (r#""Seconds":"{% 1.6 %}""#, "The Seconds field cannot be parsed as an integer: 1.6"),
        (
            r#""Seconds":"{% '1' %}""#,
            "The JSONata expression ''1'' specified for the field 'Seconds' returned an unexpected result type. \
             Expected 'number', but was 'string' for value: \"1\"",
        ),
        (
            r#""Timestamp":"{% 'soon' %}""#,
            "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: soon",
        ),
    ] {
        let wait = format!(r#""A":{{"Type":"Wait",{field},"End":true}}"#);
        ends(&wait, "{}", answer_ok, &failing(problem));
    }
}

#[test]
fn a_fail_state_computes_its_error() {
    ends(
        r#""A":{"Type":"Fail","Error":"{% $states.input.e %}","Cause":"{% 'because of ' & $states.input.e %}"}"#,
        r#"{"e":"E"}"#,
        answer_ok,
        "E: because of E",
    );
    ends(
        r#""A":{"Type":"Fail","Error":"{% 1 %}"}"#,
        "{}",
        answer_ok,
        &failing(
            "The JSONata expression '1' specified for the field 'Error' returned an unexpected result type. \
             Expected 'string', but was 'number' for value: 1",
        ),
    );
}

#[test]
fn an_expression_that_fails_is_an_event_of_its_own() {
    let definition = machine(r#""A":{"Type":"Pass","Output":{"v":"{% $states.input.none %}"},"End":true}"#);
    let cause = failing(
        "The JSONata expression '$states.input.none' specified for the field 'Output/v' returned nothing (undefined).",
    );
    check(
        &definition,
        "{}",
        answer_ok,
        "1 ExecutionStarted <0
         2 PassStateEntered <0
         3 EvaluationFailed <0
         4 ExecutionFailed <3",
        &cause,
    );
    let written = run(&definition, "{}", answer_ok).written();
    let (_, cause) = cause.split_once(": ").expect("an error and its cause");
    let details = format!(
        r#""evaluationFailedEventDetails":{{"error":"States.QueryEvaluationError","cause":"{cause}","location":"Output/v","state":"A"}}"#
    );
    assert!(written.contains(&details), "{written}");
}

#[test]
fn what_an_expression_gives_must_be_of_use() {
    for (expression, problem) in [
        (
            r#""a" - 1"#,
            r#"threw an error during evaluation. T2001: The left side of the "-" operator must evaluate to a number"#,
        ),
        ("$eval('1')", "threw an error during evaluation. T1006: Attempted to invoke a non-function"),
        ("$sum", "returned an unsupported result type."),
        (
            "($f := function($n) { 1 + $f($n) }; $f(1))",
            "threw an error during evaluation: Stack overflow error: Check for non-terminating recursive function.  \
             Consider rewriting as tail-recursive.",
        ),
    ] {
        let pass = format!(
            r#""A":{{"Type":"Pass","Output":{},"End":true}}"#,
            Value::from(format!("{{% {expression} %}}")).to_text()
        );
        let problem = format!("The JSONata expression '{expression}' specified for the field 'Output' {problem}");
        ends(&pass, "{}", answer_ok, &failing(&problem));
    }
}

#[test]
fn a_task_whose_arguments_fail_is_retried_and_caught() {
    let task = |fields: &str| {
        machine(&format!(
            r#""A":{{"Type":"Task","Resource":"FUNCTION","Arguments":"{{% $none %}}",
                "Retry":[{{"ErrorEquals":["States.QueryEvaluationError"],"MaxAttempts":1}}]{fields},"End":true}},
               "B":{{"Type":"Succeed"}}"#
        ))
        .replace(r#","B":{"Type":"Succeed"}"#, if fields.is_empty() { "" } else { r#","B":{"Type":"Succeed"}"# })
    };
    let caught = r#","Catch":[{"ErrorEquals":["States.ALL"],"Output":"{% $states.errorOutput.Error %}","Next":"B"}]"#;
    check(
        &task(caught).replace(",\n               \"B\"", ",\"B\""),
        "{}",
        answer_ok,
        "1 ExecutionStarted <0
         2 TaskStateEntered <0
         3 EvaluationFailed <0
         4 EvaluationFailed <3
         5 TaskStateExited <4
         6 SucceedStateEntered <5
         7 SucceedStateExited <6
         8 ExecutionSucceeded <7",
        "\"States.QueryEvaluationError\"",
    );
}

#[test]
fn a_task_whose_output_fails_has_done_its_work() {
    check(
        &machine(r#""A":{"Type":"Task","Resource":"FUNCTION","Output":"{% $states.result.none %}","End":true}"#),
        "{}",
        answer_ok,
        "1 ExecutionStarted <0
         2 TaskStateEntered <0
         3 LambdaFunctionScheduled <2
         4 LambdaFunctionStarted <3
         5 LambdaFunctionSucceeded <4
         6 EvaluationFailed <5
         7 ExecutionFailed <6",
        &failing(
            "The JSONata expression '$states.result.none' specified for the field 'Output' returned nothing (undefined).",
        ),
    );
}

#[test]
fn a_catcher_that_fails_fails_the_state_again_behind_its_first_failure() {
    check(
        &machine(
            r#""A":{"Type":"Parallel","Branches":[{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E"}}}],
                "Catch":[{"ErrorEquals":["E"],"Output":"{% $none %}","Next":"B"},{"ErrorEquals":["States.ALL"],"Next":"B"}],
                "Next":"B"},"B":{"Type":"Succeed"}"#,
        ),
        "{}",
        answer_ok,
        "1 ExecutionStarted <0
         2 ParallelStateEntered <0
         3 ParallelStateStarted <2
         4 FailStateEntered <3
         5 ParallelStateFailed <4
         6 EvaluationFailed <4
         7 ParallelStateFailed <6
         8 ExecutionFailed <7",
        &failing(
            "The JSONata expression '$none' specified for the field 'Catch[0]/Output' returned nothing (undefined).",
        ),
    );
}

#[test]
fn a_map_iterates_over_what_its_items_are() {
    let map = |fields: &str| {
        format!(
            r#""A":{{"Type":"Map",{fields}"ItemProcessor":{{"StartAt":"P","States":{{"P":{{"Type":"Pass","End":true}}}}}},"End":true}}"#
        )
    };
    ends(&map(""), "[1,2]", answer_ok, "[1,2]");
    ends(&map(r#""Items":"{% [1..3] %}","#), "{}", answer_ok, "[1,2,3]");
    ends(&map(r#""Items":[1,"{% $states.input %}",{"a":"{% 3 %}"}],"#), "2", answer_ok, r#"[1,2,{"a":3}]"#);
    ends(
        &map(r#""Items":[5],"ItemSelector":{"i":"{% $states.context.Map.Item.Value %}","n":"{% $states.input %}"},"#),
        "2",
        answer_ok,
        r#"[{"i":5,"n":2}]"#,
    );
    ends(&map(""), r#"{"a":1}"#, answer_ok, &failing(r#"Map state input must be an array but was: {"a":1}"#));
    ends(
        &map(r#""Items":[1],"MaxConcurrency":"{% -1 %}","#),
        "{}",
        answer_ok,
        &failing("MaxConcurrency cannot be negative."),
    );
    check(
        &machine(&map(r#""Items":"{% $states.input %}","#)),
        "1",
        answer_ok,
        "1 ExecutionStarted <0
         2 MapStateEntered <0
         3 EvaluationFailed <0
         4 MapStateFailed <3
         5 ExecutionFailed <4",
        &failing(
            "The JSONata expression '$states.input' specified for the field 'Items' returned an unexpected result type. \
             Expected 'array', but was 'number' for value: 1",
        ),
    );
}

#[test]
fn an_iteration_that_fails_fails_its_map() {
    let map = r#""A":{"Type":"Map","Items":[1,2],"MaxConcurrency":1,"ItemProcessor":{"StartAt":"P","States":{
        "P":{"Type":"Pass","Output":"{% $none %}","End":true}}},"End":true}"#;
    let world = run(&machine(map), "{}", answer_ok);
    assert_eq!(
        world.lines()[4..],
        [
            "5 PassStateEntered <4",
            "6 EvaluationFailed <4",
            "7 MapIterationFailed <6",
            "8 MapStateFailed <6",
            "9 ExecutionFailed <8"
        ]
    );
}

/// The first iteration waits for its task when the second one can't begin.
#[test]
fn a_selector_that_fails_aborts_what_has_begun() {
    let map = r#""A":{"Type":"Map","Items":[1,2],"ItemSelector":"{% $states.context.Map.Item.Index = 0 ? 1 : $none %}",
        "ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Wait","Seconds":9,"End":true}}},
        "Catch":[{"ErrorEquals":["States.ALL"],"Output":"caught","Next":"B"}],"End":true},"B":{"Type":"Succeed"}"#;
    let world = run(&machine(map), "{}", answer_ok);
    assert_eq!((world.seconds(), world.ending().as_str()), (0, "\"caught\""), "{}", world.written());
}

/// A state may speak JSONata in a machine that doesn't; both see the same variables.
#[test]
fn both_languages_meet_in_one_machine() {
    let definition = r#"{"StartAt":"A","States":{
        "A":{"Type":"Pass","Assign":{"x.$":"$.n"},"Next":"B"},
        "B":{"Type":"Pass","QueryLanguage":"JSONata","Assign":{"y":"{% $x * 2 %}"},"Output":{"o":"{% $states.input.n %}"},"Next":"C"},
        "C":{"Type":"Pass","Parameters":{"x.$":"$x","y.$":"$y","o.$":"$.o"},"End":true}}}"#;
    let output = Value::parse(&run(definition, r#"{"n":4}"#, answer_ok).ending());
    assert_eq!(output, Value::parse(r#"{"x":4,"y":8,"o":4}"#));
}

#[test]
fn what_is_made_for_others_has_the_limit_of_all_payloads() {
    let large = "{% $pad('a', 300000) %}";
    let exceeded = "States.DataLimitExceeded: The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit.";
    let branch = r#"{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}"#;
    for state in [
        format!(r#""A":{{"Type":"Parallel","Arguments":"{large}","Branches":[{branch}],"End":true}}"#),
        format!(r#""A":{{"Type":"Map","Items":[1],"ItemSelector":"{large}","ItemProcessor":{branch},"End":true}}"#),
        format!(r#""A":{{"Type":"Map","Items":["{large}"],"ItemProcessor":{branch},"End":true}}"#),
        format!(r#""A":{{"Type":"Task","Resource":"FUNCTION","Arguments":"{large}","End":true}}"#),
        format!(
            r#""A":{{"Type":"Parallel","Branches":[{{"StartAt":"F","States":{{"F":{{"Type":"Fail"}}}}}}],"End":true,
                "Catch":[{{"ErrorEquals":["States.ALL"],"Output":"{large}","Next":"Z"}}]}},"Z":{{"Type":"Succeed"}}"#
        ),
        format!(
            r#""A":{{"Type":"Parallel","Branches":[{{"StartAt":"F","States":{{"F":{{"Type":"Fail"}}}}}}],"End":true,
                "Catch":[{{"ErrorEquals":["States.ALL"],"Assign":{{"v":"{large}"}},"Next":"Z"}}]}},"Z":{{"Type":"Succeed"}}"#
        ),
    ] {
        ends(&state, "{}", answer_ok, exceeded);
    }
}

/// A variable that is built upon again and again.
#[test]
fn variables_become_no_deeper_than_documents() {
    let nested = format!("{}$x{}", "[".repeat(90), "]".repeat(90));
    let states = format!(
        r#""A":{{"Type":"Pass","Assign":{{"x":1}},"Next":"B"}},"B":{{"Type":"Pass","Assign":{{"x":"{{% {nested} %}}"}},"Next":"B2"}},
           "B2":{{"Type":"Choice","Choices":[{{"Condition":"{{% true %}}","Next":"B"}}],"Default":"B"}}, "E":{{"Type":"Succeed"}}"#
    )
    .replace(r#","E":{"Type":"Succeed"}"#, "")
    .replace(r#", "E":{"Type":"Succeed"}"#, "")
    .replace(r#""Default":"B""#, r#""Default":"E""#)
        + r#","E":{"Type":"Succeed"}"#;
    let world = run(&machine(&states), "{}", answer_ok);
    assert!(world.ending().contains("Document nesting depth"), "{}", world.ending());
}

/// Measured by others with TestState, but for the last digits of the depth.
#[test]
fn an_evaluation_has_the_limits_of_aws() {
    let memory = failing(
        "The JSONata expression '@' specified for the field 'Output' threw an error during evaluation: Expression evaluation \
         memory limit exceeded: Check for excessive memory usage",
    );
    let stack = failing(
        "The JSONata expression '@' specified for the field 'Output' threw an error during evaluation: Stack overflow error: \
         Check for non-terminating recursive function.  Consider rewriting as tail-recursive.",
    );
    let sum = |terms: usize| vec!["1"; terms].join("+");
    for (expression, ending) in [
        ("[1..873782] ~> $count()".to_owned(), "873782"),
        ("[1..873783] ~> $count()".to_owned(), &memory),
        ("$sum([1..900000])".to_owned(), &memory),
        ("$length($pad('', 4194304, 'a'))".to_owned(), "4194304"),
        ("$length($pad('', 8388608, 'a'))".to_owned(), &memory),
        (sum(90), "90"),
        (sum(110), &stack),
        ("[1/0, -1/0, {'k': 1/0}]".to_owned(), r#"["Infinity","-Infinity",{"k":"Infinity"}]"#),
        ("$range(-1.7, 2, 1)".to_owned(), "[-1,0,1,2]"),
    ] {
        let output = Value::from(format!("{{% {expression} %}}")).to_text();
        let pass = format!(r#""A":{{"Type":"Pass","Output":{output},"End":true}}"#);
        ends(&pass, "{}", answer_ok, &ending.replace('@', &expression));
    }
}
