//! Definitions about as large and as strange as the API lets them in: each is answered, and soon.

use super::on_the_programs_threads;
use crate::server::{ROLE, Server};
use serde_json::json;
use std::time::{Duration, Instant};

/// Half as large as a definition can be, counted as it stands in a request, where quotes and backslashes are escaped.
const ROOM: usize = (1 << 20) / 2;

/// Far more than any of them needs, far less than those would take whose time grows with the square of their size.
const SOON: Duration = Duration::from_secs(3);

fn escaped(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

/// `piece` as often as there is room for it.
fn repeated(room: usize, piece: &str) -> String {
    piece.repeat(room / escaped(piece))
}

/// `piece` as often as there is room for it, numbered where it has `#`, with commas between.
fn filled(mut room: usize, piece: &str) -> String {
    let mut text = String::with_capacity(room);
    for i in 0.. {
        let next = piece.replace('#', &i.to_string());
        match room.checked_sub(escaped(&next) + 1) {
            Some(left) => room = left,
            None => break,
        }
        text.push_str(if i > 0 { "," } else { "" });
        text.push_str(&next);
    }
    text
}

fn machine(states: &str) -> String {
    format!(r#"{{"StartAt":"A","States":{{{states}}}}}"#)
}

/// A definition with one Pass state that has this field beside.
fn pass(field: &str) -> String {
    machine(&format!(r#""A":{{"Type":"Pass","End":true,{field}}}"#))
}

/// An answer that came soon: nothing if the definition was taken, else the beginning of the refusal.
async fn created(server: &Server, name: &str, definition: &str) -> Option<String> {
    let begin = Instant::now();
    let request = json!({"name": "m", "definition": definition, "roleArn": ROLE});
    let answer = server.call("CreateStateMachine", request).await;
    let time = begin.elapsed();
    assert!(time < SOON, "{name}: {time:?}");
    match answer.status {
        200 => {
            server.ok("DeleteStateMachine", json!({"stateMachineArn": answer.body["stateMachineArn"]})).await;
            None
        }
        _ => Some(answer.error().chars().take(60).collect()),
    }
}

#[test]
fn large_definitions_are_answered_soon() {
    on_the_programs_threads(answered_soon());
}

async fn answered_soon() {
    let server = Server::start().await;
    let names = filled(ROOM, "'a#'");
    let long = "n".repeat(ROOM / 2);
    let valid = [
        ("names in a path", pass(&format!(r#""InputPath":"$[{names}]""#))),
        ("indices in a path", pass(&format!(r#""InputPath":"$[{}]""#, filled(ROOM, "1")))),
        ("a test in a path", pass(&format!(r#""InputPath":"$[?(@.a==1{})]""#, repeated(ROOM, "||@.a==1")))),
        ("members that are computed", pass(&format!(r#""Parameters":{{{}}}"#, filled(ROOM, r#""a#.$":"$""#)))),
        ("members twice", pass(&format!(r#""Parameters":{{{}}}"#, filled(ROOM, r#""a#":0,"a#.$":"$""#)))),
        ("items of a template", pass(&format!(r#""Parameters":[{}]"#, filled(ROOM, r#"{"a.$":"$"}"#)))),
        ("arguments", pass(&format!(r#""Parameters":{{"a.$":"States.Array({})"}}"#, filled(ROOM, "$")))),
        ("texts as arguments", pass(&format!(r#""Parameters":{{"a.$":"States.Array({})"}}"#, filled(ROOM, "'#'")))),
        ("a result", pass(&format!(r#""Result":[{}]"#, filled(ROOM, "1")))),
        ("members of a result", pass(&format!(r#""Result":{{{}}}"#, filled(ROOM, r#""a#":#"#)))),
        (
            "branches",
            machine(&format!(
                r#""A":{{"Type":"Parallel","End":true,"Branches":[{}]}}"#,
                filled(ROOM, r#"{"StartAt":"S#","States":{"S#":{"Type":"Succeed"}}}"#)
            )),
        ),
        (
            "rules",
            machine(&format!(
                r#""A":{{"Type":"Choice","Default":"B","Choices":[{}]}},"B":{{"Type":"Succeed"}}"#,
                filled(ROOM, r#"{"Variable":"$.a","IsNull":true,"Next":"B"}"#)
            )),
        ),
        (
            "retriers and their errors",
            machine(&format!(
                r#""A":{{"Type":"Map","End":true,"Iterator":{{"StartAt":"B","States":{{"B":{{"Type":"Succeed"}}}}}},"Retry":[{},{{"ErrorEquals":[{}]}}]}}"#,
                filled(ROOM / 2, r#"{"ErrorEquals":["E#"]}"#),
                filled(ROOM / 2, r#""E#""#)
            )),
        ),
    ];
    for (name, definition) in valid {
        assert_eq!(created(&server, name, &definition).await, None, "{name}");
    }
    let invalid = [
        ("brackets", repeated(ROOM, "[")),
        ("braces", repeated(ROOM, r#"{"a":"#)),
        ("blanks", repeated(ROOM, " ")),
        ("a text", format!("\"{}", repeated(ROOM, "\\u0041"))),
        ("a number", repeated(ROOM, "1")),
        ("unknown fields", format!("{{{}}}", filled(ROOM, r#""a#":1"#))),
        ("unknown fields of a state", pass(&filled(ROOM, r#""a#":1"#))),
        (
            "unknown fields where names are long",
            machine(&format!(r#""{long}":{{"Type":"Pass",{}}}"#, filled(ROOM / 2, r#""a#":1"#))),
        ),
        (
            "problems where names are long",
            machine(&format!(r#""{long}":{{"Type":"Task","Retry":[{}]}}"#, filled(ROOM / 2, "{}"))),
        ),
        ("states that are none", machine(&filled(ROOM, r#""S#":#"#))),
        ("states that lead nowhere", machine(&filled(ROOM, r#""S#":{"Type":"Pass","Next":"T#"}"#))),
        ("states that nobody enters", machine(&filled(ROOM, r#""S#":{"Type":"Succeed"}"#))),
        ("a path of steps", pass(&format!(r#""InputPath":"${}""#, repeated(ROOM, ".a")))),
        ("a path of brackets", pass(&format!(r#""InputPath":"${}""#, repeated(ROOM, "[0]")))),
        ("a path of parentheses", pass(&format!(r#""InputPath":"$[?({}""#, repeated(ROOM, "(")))),
        ("a path of filters", pass(&format!(r#""InputPath":"${}""#, repeated(ROOM, "[?(@")))),
        ("a path of negations", pass(&format!(r#""InputPath":"$[?({}@.a)]""#, repeated(ROOM, "!")))),
        ("an open quote", pass(&format!(r#""InputPath":"$['{}""#, repeated(ROOM, "a\\\\'")))),
        ("a reference path", pass(&format!(r#""ResultPath":"${}""#, repeated(ROOM, ".a")))),
        ("names in a reference path", pass(&format!(r#""ResultPath":"$[{names}]""#))),
        ("calls in calls", pass(&format!(r#""Parameters":{{"a.$":"{}"}}"#, repeated(ROOM, "States.Array(")))),
        (
            "open brackets in a call",
            pass(&format!(r#""Parameters":{{"a.$":"States.Array($.a{}"}}"#, repeated(ROOM, "["))),
        ),
        ("members that are nothing", pass(&format!(r#""Parameters":{{{}}}"#, filled(ROOM, r#""a#.$":#"#)))),
        ("a pattern", pass(&format!(r#""InputPath":"$[?(@.a =~ /{}/)]""#, repeated(ROOM, "(a{99}){99}")))),
    ];
    for (name, definition) in invalid {
        let refusal = created(&server, name, &definition).await;
        assert!(refusal.as_deref().is_some_and(|text| text.starts_with("InvalidDefinition: ")), "{name}: {refusal:?}");
    }
}
