//! Map states in distributed mode.

use super::*;

fn distributed(fields: &str) -> String {
    format!(
        r#"{{"StartAt":"M","States":{{"M":{{"Type":"Map",{fields}"ItemProcessor":{{
            "ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},
            "StartAt":"P","States":{{"P":{{"Type":"Pass","End":true}}}}}},"Next":"S"}},"S":{{"Type":"Succeed"}}}}}}"#
    )
}

fn world(fields: &str, input: &str, script: Script) -> World {
    World::new(program(&distributed(fields)), input, script).run()
}

fn echo(_: usize, input: &Value) -> Result<Value, Failure> {
    Ok(input.clone())
}

fn fail(_: usize, _: &Value) -> Result<Value, Failure> {
    Err(Failure::reported("E", "no"))
}

fn inputs(world: &World) -> String {
    let inputs: Vec<String> = world.children.iter().map(|child| child.input.to_compact_text()).collect();
    inputs.join(" ")
}

#[test]
fn children_write_nothing_into_the_history() {
    let world = world("", "[1,2]", echo);
    assert_eq!(
        world.lines(),
        [
            "1 ExecutionStarted <0",
            "2 MapStateEntered <0",
            "3 MapStateStarted <2",
            "4 MapRunStarted <3",
            "5 MapRunSucceeded <4",
            "6 MapStateSucceeded <5",
            "7 MapStateExited <4",
            "8 SucceedStateEntered <7",
            "9 SucceedStateExited <8",
            "10 ExecutionSucceeded <9",
        ]
    );
    assert_eq!(inputs(&world), "1 2");
}

#[test]
fn a_map_run_that_fails_can_be_retried_and_caught() {
    let failed = world("", "[1]", fail).lines();
    assert_eq!(failed[4..], ["5 MapRunFailed <4", "6 MapStateFailed <5", "7 ExecutionFailed <6"]);
    let fields = r#""Retry":[{"ErrorEquals":["States.ExceedToleratedFailureThreshold"],"MaxAttempts":1,"IntervalSeconds":1}],
        "Catch":[{"ErrorEquals":["States.ALL"],"Next":"S"}],"#;
    let caught = world(fields, "[1]", fail).lines();
    assert_eq!(
        caught[4..9],
        ["5 MapRunFailed <4", "6 MapStateStarted <5", "7 MapRunStarted <6", "8 MapRunFailed <7", "9 MapStateFailed <8",]
    );
    assert_eq!(caught[9], "10 MapStateExited <9");
}

#[test]
fn children_are_given_what_is_selected_and_batched() {
    let selector = r#""ItemsPath":"$.a","ItemSelector":{"v.$":"$$.Map.Item.Value","i.$":"$$.Map.Item.Index","s.$":"$$.Map.Item.Source","x.$":"$.b"},"#;
    assert_eq!(inputs(&world(selector, r#"{"a":[5],"b":7}"#, echo)), r#"{"s":"STATE_DATA","v":5,"x":7,"i":0}"#);
    let many: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    let batched = world(r#""ItemBatcher":{"MaxItemsPerBatch":60},"#, &format!("[{}]", many.join(",")), echo);
    let items: Vec<u64> = batched.children.iter().map(|child| child.items).collect();
    assert_eq!(items, [60, 40]);
    assert!(inputs(&world("", "[]", echo)).is_empty());
    let large = format!(r#"["{0}","{0}","{0}"]"#, "x".repeat(80_000));
    let batched = world(
        r#""ItemBatcher":{"MaxItemsPerBatch":60},"ItemSelector":{"v.$":"$$.Map.Item.Value","w.$":"$$.Map.Item.Value"},"#,
        &large,
        echo,
    );
    let items: Vec<u64> = batched.children.iter().map(|child| child.items).collect();
    assert_eq!(items, [1, 1, 1], "a batch is no larger than an input may be");
}

#[test]
fn items_are_read_after_the_map_run_has_begun() {
    let reader = |config| {
        format!(
            r#""ItemReader":{{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{{"InputType":"JSON"{config}}},
            "Parameters":{{"Bucket.$":"$.b","Key":"k"}}}},"ItemSelector":{{"v.$":"$$.Map.Item.Value","s.$":"$$.Map.Item.Source"}},"#
        )
    };
    let script: Script = |call, asked| match call {
        1 => Ok(Value::array([asked.get("Bucket").cloned().unwrap_or_default()])),
        _ => Ok(Value::Null),
    };
    let read = world(&reader(""), r#"{"b":"bucket"}"#, script);
    assert_eq!(inputs(&read), r#"{"s":"S3://bucket/k","v":"bucket"}"#);
    let started = &read.execution.history().events()[2].kind;
    assert!(matches!(started, EventKind::MapStateStarted { length: 0 }));

    let negative = world(&reader(r#","MaxItemsPath":"$.n""#), r#"{"b":"b","n":-1}"#, script).lines();
    assert_eq!(negative[3..6], ["4 MapRunStarted <3", "5 MapRunFailed <4", "6 MapStateFailed <5"]);
    let no_number = world(&reader(r#","MaxItemsPath":"$.n""#), r#"{"b":"b","n":"x"}"#, script).lines();
    assert_eq!(no_number[2..], ["3 MapStateStarted <2", "4 ExecutionFailed <3"]);
}

#[test]
fn a_map_run_without_success_goes_on_after_a_redrive() {
    let mut world = world("", "[1]", fail);
    world.script = echo;
    world.apply(vec![Signal::Redrive]);
    assert_eq!(
        world.lines()[7..],
        [
            "8 ExecutionRedriven <7",
            "9 MapRunRedriven <8",
            "10 MapRunSucceeded <9",
            "11 MapStateSucceeded <10",
            "12 MapStateExited <9",
            "13 SucceedStateEntered <12",
            "14 SucceedStateExited <13",
            "15 ExecutionSucceeded <14",
        ]
    );
}

#[test]
fn a_map_run_whose_result_has_arrived_is_not_redriven() {
    let mut world = world(r#""OutputPath":"$.none","#, "[1]", echo);
    world.apply(vec![Signal::Redrive]);
    let lines = world.lines();
    assert_eq!(
        lines[4..],
        [
            "5 MapRunSucceeded <4",
            "6 MapStateSucceeded <5",
            "7 ExecutionFailed <6",
            "8 ExecutionRedriven <7",
            "9 MapStateStarted <8",
            "10 MapRunStarted <9",
            "11 MapRunSucceeded <10",
            "12 MapStateSucceeded <11",
            "13 ExecutionFailed <12",
        ]
    );
}

#[test]
fn a_map_run_in_a_branch_is_aborted_with_it() {
    let definition = format!(
        r#"{{"StartAt":"A","States":{{"A":{{"Type":"Parallel","End":true,"Branches":[
            {},
            {{"StartAt":"W","States":{{"W":{{"Type":"Wait","Seconds":1,"Next":"F"}},"F":{{"Type":"Fail"}}}}}}]}}}}}}"#,
        distributed("")
    );
    let world = World::new(program(&definition), "[1]", |_, _| Err(NEVER)).run();
    let lines = world.lines();
    let aborted = lines.iter().position(|line| line.contains("MapRunAborted")).expect("it is aborted");
    assert!(lines[aborted + 1].contains("MapStateAborted"), "{lines:?}");
}

#[test]
fn the_children_see_no_variables_from_outside() {
    let definition = r#"{"StartAt":"V","States":{"V":{"Type":"Pass","Assign":{"x":1},"Next":"M"},"M":{"Type":"Map",
        "ItemSelector":{"x.$":"$x"},"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
        "StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"x.$":"$READ"},"End":true}}},"End":true}}}"#;
    let parsed = |read: &str| parse(&definition.replace("$READ", read), MachineType::Standard).diagnostics;
    assert!(parsed("$.x").is_empty());
    let problems: Vec<String> = parsed("$x").iter().map(|problem| problem.problem.to_string()).collect();
    assert_eq!(problems.len(), 1, "{problems:?}");
}
