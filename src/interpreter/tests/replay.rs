//! A recorded execution, applied again signal by signal, gives the same history.

use super::*;
use proptest::prelude::*;

fn script(call: usize, input: &Value) -> Result<Value, Failure> {
    match call % 4 {
        0 => Err(Failure::reported("Boom", "it went boom")),
        1 => Err(NEVER),
        _ => Ok(input.clone()),
    }
}

/// The states of one block: a chain in which every state goes on to the next.
fn block(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just(r#"{"Type":"Pass","ResultPath":"$.p","Parameters":{"u.$":"States.UUID()","r.$":"States.MathRandom(1, 1000)"},NEXT}"#.to_owned()),
        (1..50u32).prop_map(|s| format!(r#"{{"Type":"Wait","Seconds":{s},NEXT}}"#)),
        (1..30u32, 0..3u32).prop_map(|(timeout, attempts)| format!(
            r#"{{"Type":"Task","Resource":"{FUNCTION}","TimeoutSeconds":{timeout},"ResultPath":null,
               "Retry":[{{"ErrorEquals":["States.ALL"],"MaxAttempts":{attempts},"JitterStrategy":"FULL"}}],NEXT}}"#
        )),
    ];
    let state = if depth == 0 {
        leaf.boxed()
    } else {
        prop_oneof![
            3 => leaf,
            1 => prop::collection::vec(block(depth - 1), 1..4).prop_map(|blocks| format!(
                r#"{{"Type":"Parallel","Branches":[{}],"ResultPath":null,NEXT}}"#, blocks.join(","))),
            1 => (block(depth - 1), 0..4u32).prop_map(|(block, most)| format!(
                r#"{{"Type":"Map","ItemsPath":"$$.Execution.Input.items","ItemSelector":{{"i.$":"$$.Map.Item.Index"}},
                   "MaxConcurrency":{most},"ItemProcessor":{block},"ResultPath":null,NEXT}}"#)),
        ]
        .boxed()
    };
    prop::collection::vec(state, 1..4)
        .prop_map(|states| {
            let last = states.len() - 1;
            let states: Vec<String> = states
                .into_iter()
                .enumerate()
                .map(|(i, state)| {
                    let next = if i == last { r#""End":true"#.into() } else { format!(r#""Next":"S{}""#, i + 1) };
                    format!(r#""S{i}":{}"#, state.replace("NEXT", &next))
                })
                .collect();
            format!(r#"{{"StartAt":"S0","States":{{{}}}}}"#, states.join(","))
        })
        .boxed()
}

/// State names must be unique in the whole machine.
fn with_unique_names(definition: &str) -> String {
    fn rename(value: &Value, counter: &mut u32) -> Value {
        let Some(states) = value.get("States").and_then(Value::as_object) else { return value.clone() };
        let base = *counter;
        *counter += states.len() as u32;
        let new = |name: &str| format!("T{}", base + name[1..].parse::<u32>().expect("our own names"));
        let states = states.iter().map(|(name, state)| {
            let members = state.as_object().expect("a state").iter().map(|(field, value)| {
                let value = match field.as_str() {
                    "Next" => new(value.as_str().expect("a name")).into(),
                    "Branches" => {
                        let branches = value.as_array().expect("branches").iter();
                        Value::array(branches.map(|branch| rename(branch, counter)).collect::<Vec<_>>())
                    }
                    "ItemProcessor" => rename(value, counter),
                    _ => value.clone(),
                };
                (field.clone(), value)
            });
            (new(name), Value::object(members.collect::<Vec<_>>()))
        });
        let states = Value::object(states.collect::<Vec<_>>());
        Value::object([("StartAt", new("S0").into()), ("States", states)])
    }
    rename(&Value::parse(definition).expect("valid JSON"), &mut 0).to_text()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn gives_the_same_history(definition in block(2), items in prop::collection::vec(0..9i64, 0..5)) {
        let input = Value::object([("items", Value::array(items.into_iter().map(Value::from).collect::<Vec<_>>()))]).to_text();
        let program = program(&with_unique_names(&definition));
        let world = World::new(program.clone(), &input, script).run();
        prop_assert_ne!(world.ending(), "running");
        let mut again = Execution::new(program, identity(&input), 7);
        for (now, signals) in world.signals.clone() {
            again.apply(now, signals);
        }
        let replayed = World { execution: again, ..World::new(world.execution.program.clone(), &input, script) };
        prop_assert_eq!(world.written(), replayed.written());
        prop_assert_eq!(world.execution.findings(), replayed.execution.findings());
    }
}
