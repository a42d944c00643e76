//! What a valid definition becomes.

use crate::asl::parse::{MachineType, parse};
use crate::asl::program::*;
use crate::query::{JsonataField, JsonataTemplate};

/// All eight types, blocks within blocks, and most fields.
const DEFINITION: &str = r#"{
  "Comment": "An order",
  "Version": "1.0",
  "TimeoutSeconds": 3600,
  "StartAt": "Prepare",
  "States": {
    "Prepare": {"Type": "Pass", "Result": {"a.$": "as it is"}, "ResultPath": "$.prepared", "Next": "Reserve"},
    "Reserve": {
      "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
      "Parameters": {"FunctionName": "reserve", "Payload": {"token.$": "$$.Task.Token"}},
      "ResultSelector": {"id.$": "$.id"}, "ResultPath": null, "TimeoutSeconds": 60, "HeartbeatSecondsPath": "$.beat",
      "Retry": [
        {"ErrorEquals": ["Busy", "States.Timeout"], "IntervalSeconds": 2, "MaxAttempts": 5, "BackoffRate": 1.5,
         "MaxDelaySeconds": 30, "JitterStrategy": "FULL"},
        {"ErrorEquals": ["States.ALL"]}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Give up"}],
      "Next": "Enough?"},
    "Enough?": {
      "Type": "Choice", "InputPath": "$.prepared", "OutputPath": null,
      "Choices": [
        {"And": [{"Variable": "$.n", "NumericGreaterThanEquals": 1}, {"Not": {"Variable": "$.a", "IsPresent": false}}],
         "Next": "Both"},
        {"Or": [{"Variable": "$.t", "TimestampLessThanPath": "$$.State.EnteredTime"},
                {"Variable": "$.s", "StringMatches": "a*"}], "Next": "Rest"}],
      "Default": "Give up"},
    "Rest": {"Type": "Wait", "Timestamp": "2016-03-14T01:59:00Z", "Next": "Both"},
    "Both": {
      "Type": "Parallel", "Next": "Done",
      "Branches": [
        {"StartAt": "Each", "States": {
          "Each": {
            "Type": "Map", "ItemsPath": "$$.Execution.Input.items", "MaxConcurrency": 3, "End": true,
            "ItemSelector": {"item.$": "$$.Map.Item.Value"},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "Pack", "States": {
              "Pack": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:pack", "Next": "Packed"},
              "Packed": {"Type": "Succeed"}}}}}},
        {"StartAt": "Pause", "States": {
          "Pause": {"Type": "Wait", "SecondsPath": "$.pause", "Next": "Print"},
          "Print": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:print:2", "End": true}}}]},
    "Give up": {"Type": "Fail", "Error": "NoOrder", "CausePath": "States.Format('{}', $.error.Cause)"},
    "Done": {"Type": "Succeed"}
  }
}"#;

#[test]
fn a_definition_becomes_a_program() {
    let parsed = parse(DEFINITION, MachineType::Standard);
    assert_eq!(crate::asl::describe(&parsed.diagnostics), "");
    let program = parsed.program.expect("a program");
    assert_eq!(program.timeout_seconds, Some(3600));
    assert_eq!(program.state(program.start).name, "Prepare");
    let outline: Vec<String> = program.states.iter().map(|state| outline(&program, state)).collect();
    assert_eq!(
        outline,
        [
            r#"Prepare: Pass, result {"a.$":"as it is"} at $.prepared; next Reserve"#,
            "Reserve: Task Integration(Integration { service: \"lambda\", action: \"invoke\", pattern: TaskToken }), parameters, timeout 60, heartbeat $.beat, \
             selector, discard; retry [Busy States.Timeout] 2s x5 *1.5 <=30 jitter, retry [States.ALL] 1s x3 *2; \
             catch [States.ALL] at $.error next Give up; next Enough?",
            "Enough?: in $.prepared, out nothing, Choice: (Numeric $.n GreaterThanEquals 1 and not $.a is Present false) \
             next Both; (Timestamp $.t LessThan $$.State.EnteredTime or $.s like a*) next Rest; default Give up",
            "Rest: Wait until 2016-03-14T01:59:00.000Z; next Both",
            "Both: Parallel Each | Pause, replace; next Done",
            "Give up: Fail NoOrder States.Format('{}', $.error.Cause)",
            "Done: Succeed",
            "Each: Map Pack of $$.Execution.Input.items, selected, at most 3, replace; end",
            r#"Pack: Task Activity("arn:aws:states:us-east-1:123456789012:activity:pack"), replace; next Packed"#,
            "Packed: Succeed",
            "Pause: Wait for $.pause; next Print",
            r#"Print: Task LambdaFunction("arn:aws:lambda:us-east-1:123456789012:function:print:2"), replace; end"#,
        ]
    );
}

#[test]
fn what_is_left_out_has_its_default() {
    let definition = r#"{"StartAt":"T","States":{"T":{"Type":"Task","End":true,"Retry":[{"ErrorEquals":["E"]}],
        "Resource":"arn:aws:lambda:us-east-1:123456789012:function:f"}}}"#;
    let program = parse(definition, MachineType::Standard).program.expect("a program");
    assert_eq!(program.timeout_seconds, None);
    assert_eq!(
        outline(&program, &program.states[0]),
        r#"T: Task LambdaFunction("arn:aws:lambda:us-east-1:123456789012:function:f"), replace; retry [E] 1s x3 *2; end"#
    );
}

#[test]
fn expressions_know_their_fields() {
    let definition = r#"{"QueryLanguage":"JSONata","StartAt":"C","States":{
        "C":{"Type":"Choice","Default":"W","Choices":[{"Condition":"{% $n > 1 %}","Next":"W"},{"Condition":true,"Next":"M"}]},
        "W":{"Type":"Wait","Seconds":"{%$states.input.s%}","Next":"F"},
        "F":{"Type":"Fail","Error":"{% 'E' %}","Cause":"C"},
        "M":{"Type":"Map","Items":[1,"{% $a %}",{"b":["{% $c %}"]}],"MaxConcurrency":"{% 2 %}","End":true,
            "ItemProcessor":{"StartAt":"T","States":{"T":{"Type":"Task","TimeoutSeconds":"{% 3 %}","End":true,
                "Resource":"arn:aws:lambda:us-east-1:123456789012:function:f"}}}}}}"#;
    let program = parse(definition, MachineType::Standard).program.expect("a program");
    let outline: Vec<String> = program.states.iter().map(|state| outline(&program, state)).collect();
    assert_eq!(
        outline,
        [
            "C: Choice: Choices[0]/Condition {% $n > 1 %} next W; true next M; default W",
            "W: Wait for Seconds {% $states.input.s %}; next F",
            "F: Fail Error {% 'E' %} C",
            "M: Map T of Items[1] {% $a %}, Items[2]/b[0] {% $c %}, at most MaxConcurrency {% 2 %}, replace; end",
            r#"T: Task LambdaFunction("arn:aws:lambda:us-east-1:123456789012:function:f"), timeout TimeoutSeconds {% 3 %}, replace; end"#,
        ]
    );
    let reads: Vec<String> = program.states.iter().map(|state| state.reads.join(" ")).collect();
    assert_eq!(reads, ["n", "", "", "a c", ""]);
}

/// A state in one line.
fn outline(program: &Program, state: &State) -> String {
    let name = |id: StateId| program.state(id).name.to_string();
    let next = |transition: &Transition| match transition {
        Transition::Next(id) => format!("; next {}", name(*id)),
        Transition::End => "; end".to_owned(),
    };
    let result = |fields: &ResultFields| {
        let mut text = placement(&fields.result_path);
        if fields.result_selector.is_some() {
            text = format!("selector, {text}");
        }
        for r in &fields.retry {
            text += &format!("{} retry {}", if text.contains("; retry") { "," } else { ";" }, names(&r.error_equals));
            text += &format!(" {}s x{} *{}", r.interval_seconds, r.max_attempts, r.backoff_rate);
            text += &r.max_delay_seconds.map_or(String::new(), |delay| format!(" <={delay}"));
            text += if r.full_jitter { " jitter" } else { "" };
        }
        for c in &fields.catch {
            text += &format!("; catch {} {} next {}", names(&c.error_equals), placement(&c.result_path), name(c.next));
        }
        text
    };
    let selected = |word: &str, selection: &Selection| match selection {
        Selection::Whole => String::new(),
        Selection::Nothing => format!("{word} nothing, "),
        Selection::Path(path) => format!("{word} {}, ", path.text()),
    };
    let kind = match &state.kind {
        StateKind::Pass(pass) => {
            let value =
                pass.result.as_ref().map_or(String::new(), |result| format!(", result {}", result.to_compact_text()));
            format!("Pass{value} {}{}", placement(&pass.result_path), next(&pass.transition))
        }
        StateKind::Task(task) => {
            let parameters = if task.parameters.is_some() { ", parameters" } else { "" };
            let timeout = task.timeout.as_ref().map_or(String::new(), |t| format!(", timeout {}", seconds(t)));
            let heartbeat = task.heartbeat.as_ref().map_or(String::new(), |t| format!(", heartbeat {}", seconds(t)));
            let limits = format!("{parameters}{timeout}{heartbeat}");
            format!("Task {:?}{limits}, {}{}", task.resource, result(&task.result), next(&task.transition))
        }
        StateKind::Choice(choice) => {
            let rules: Vec<String> =
                choice.rules.iter().map(|rule| format!("{} next {}", test(&rule.test), name(rule.next))).collect();
            let default = choice.default.map_or(String::new(), |id| format!("; default {}", name(id)));
            format!("Choice: {}{default}", rules.join("; "))
        }
        StateKind::Wait(wait) => {
            let until = match &wait.until {
                WaitUntil::Seconds(n) => format!("for {n}"),
                WaitUntil::SecondsPath(path) => format!("for {}", path.text()),
                WaitUntil::Timestamp(time) => format!("until {time}"),
                WaitUntil::TimestampPath(path) => format!("until {}", path.text()),
                WaitUntil::SecondsJsonata(field) => format!("for {}", expression(field)),
                WaitUntil::TimestampJsonata(field) => format!("until {}", expression(field)),
            };
            format!("Wait {until}{}", next(&wait.transition))
        }
        StateKind::Succeed => "Succeed".to_owned(),
        StateKind::Fail(fail) => format!("Fail {} {}", text(&fail.error), text(&fail.cause)),
        StateKind::Parallel(parallel) => {
            let branches: Vec<String> = parallel.branches.iter().map(|id| name(*id)).collect();
            format!("Parallel {}, {}{}", branches.join(" | "), result(&parallel.result), next(&parallel.transition))
        }
        StateKind::Map(map) => {
            let items = match &map.items {
                Items::Input | Items::JsonataInput => String::new(),
                Items::Path(path) => format!(" of {}", path.text()),
                Items::Jsonata(template) => format!(" of {}", expressions(template)),
            };
            let selector = if map.item_selector.is_some() { ", selected" } else { "" };
            let concurrency = match &map.max_concurrency {
                Number::Literal(n) => n.to_string(),
                Number::Path(path) => path.text().to_string(),
                Number::Jsonata(field) => expression(field),
            };
            let processor = name(map.processor);
            let result = result(&map.result);
            format!("Map {processor}{items}{selector}, at most {concurrency}, {result}{}", next(&map.transition))
        }
    };
    let input = selected("in", &state.input_path);
    let output = selected("out", &state.output_path);
    format!("{}: {input}{output}{kind}", state.name)
}

fn names(error_equals: &[smol_str::SmolStr]) -> String {
    format!("[{}]", error_equals.join(" "))
}

fn placement(placement: &Placement) -> String {
    match placement {
        Placement::Replace => "replace".to_owned(),
        Placement::Discard => "discard".to_owned(),
        Placement::At(path) => format!("at {}", path.text()),
    }
}

fn seconds(seconds: &Seconds) -> String {
    match seconds {
        Seconds::Literal(n) => n.to_string(),
        Seconds::Path(path) => path.text().to_string(),
        Seconds::Jsonata(field) => expression(field),
    }
}

fn text(text: &FailText) -> String {
    match text {
        FailText::Absent => "-".to_owned(),
        FailText::Literal(text) => text.to_string(),
        FailText::Path(path) => path.text().to_string(),
        FailText::Call(call) => call.text().to_string(),
        FailText::Jsonata(field) => expression(field),
    }
}

/// An expression with the path of its field.
fn expression(field: &JsonataField) -> String {
    format!("{} {{% {} %}}", field.path(), field.expression().text())
}

fn expressions(template: &JsonataTemplate) -> String {
    let mut found = Vec::new();
    template.for_each(&mut |field| found.push(expression(field)));
    found.join(", ")
}

fn test(test: &Test) -> String {
    match test {
        Test::Comparisons(asked) => condition(asked),
        Test::Literal(holds) => holds.to_string(),
        Test::Jsonata(field) => expression(field),
    }
}

fn condition(asked: &Condition) -> String {
    let joined = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(condition).collect();
        format!("({})", parts.join(word))
    };
    match asked {
        Condition::And(parts) => joined(parts, " and "),
        Condition::Or(parts) => joined(parts, " or "),
        Condition::Not(inner) => format!("not {}", condition(inner)),
        Condition::Compare { variable, comparison } => {
            let variable = variable.text();
            match comparison {
                Comparison::Ordered { subject, relation, operand } => {
                    let operand = match operand {
                        Operand::Literal(value) => value.to_compact_text(),
                        Operand::Path(path) => path.text().to_string(),
                    };
                    format!("{subject:?} {variable} {relation:?} {operand}")
                }
                Comparison::StringMatches(pattern) => format!("{variable} like {pattern}"),
                Comparison::Is { test, expected } => format!("{variable} is {test:?} {expected}"),
            }
        }
    }
}

#[test]
fn every_operator_is_what_its_name_says() {
    for subject in [Subject::String, Subject::Numeric, Subject::Timestamp, Subject::Boolean] {
        for relation in [
            Relation::Equals,
            Relation::LessThan,
            Relation::LessThanEquals,
            Relation::GreaterThan,
            Relation::GreaterThanEquals,
        ] {
            if subject == Subject::Boolean && relation != Relation::Equals {
                continue;
            }
            let literal = match subject {
                Subject::String => r#""x""#,
                Subject::Numeric => "1",
                Subject::Timestamp => r#""2016-03-14T01:59:00Z""#,
                Subject::Boolean => "true",
            };
            let operator = format!("{subject:?}{relation:?}");
            assert_eq!(asked(&operator, literal), format!("{operator} {literal}"));
            assert_eq!(asked(&format!("{operator}Path"), r#""$.y""#), format!("{operator} $.y"));
        }
    }
    for test in
        [TypeTest::Null, TypeTest::Present, TypeTest::Numeric, TypeTest::String, TypeTest::Boolean, TypeTest::Timestamp]
    {
        assert_eq!(asked(&format!("Is{test:?}"), "false"), format!("$.x is {test:?} false"));
    }
    assert_eq!(asked("StringMatches", r#""a*""#), "$.x like a*");
}

/// What a rule with this operator asks of `$.x`.
fn asked(operator: &str, operand: &str) -> String {
    let definition = format!(
        r#"{{"StartAt":"C","States":{{"C":{{"Type":"Choice",
            "Choices":[{{"Variable":"$.x","{operator}":{operand},"Next":"S"}}]}},"S":{{"Type":"Succeed"}}}}}}"#
    );
    let program = parse(&definition, MachineType::Standard).program.expect(operator);
    let StateKind::Choice(choice) = &program.states[0].kind else { panic!("a Choice") };
    match &choice.rules[0].test {
        Test::Comparisons(Condition::Compare {
            comparison: Comparison::Ordered { subject, relation, operand },
            ..
        }) => {
            let operand = match operand {
                Operand::Literal(value) => value.to_compact_text(),
                Operand::Path(path) => path.text().to_string(),
            };
            format!("{subject:?}{relation:?} {operand}")
        }
        other => test(other),
    }
}
