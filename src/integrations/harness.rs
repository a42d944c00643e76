//! The answer of `bedrockagentcore:invokeHarness`: a stream of events, of which the last message of the assistant is the result.
//! Data in, data out.
//!
//! Source: AWS's page "Invoke Amazon Bedrock AgentCore harness with Step Functions": only text is in the result, and tokens and
//! latencies are added up over the whole conversation.

use crate::json::Value;
use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_types::event_stream::Message;
use bytes::{Buf, Bytes};
use std::collections::BTreeMap;

/// Why a stream has no result.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Interrupted {
    /// The service reports an error, by the name of its shape.
    Exception { name: String, message: Option<String> },
    /// It is no such stream, or not all of one.
    Unreadable(String),
}

/// A conversation, as far as it was read.
#[derive(Default)]
struct Conversation {
    /// The message that was begun: whether the assistant speaks, and its blocks of text.
    begun: Option<(bool, BTreeMap<i64, String>)>,
    /// The last message of the assistant, and why it stopped.
    last: Option<(Vec<String>, String)>,
    /// Whether anything was said of tokens and latencies. That a result can't be without is a guess: the page shows none.
    is_measured: bool,
    /// The tokens of input, output and both.
    tokens: [i64; 3],
    latency_millis: i64,
}

/// The names of the three counts of tokens in events and in the result.
const TOKENS: [(&str, &str); 3] =
    [("inputTokens", "InputTokens"), ("outputTokens", "OutputTokens"), ("totalTokens", "TotalTokens")];

/// The result in a whole stream.
pub(super) fn result(stream: &Bytes) -> Result<Value, Interrupted> {
    let unreadable = |problem: &dyn std::fmt::Display| Interrupted::Unreadable(problem.to_string());
    let mut conversation = Conversation::default();
    let mut rest = stream.clone();
    while rest.has_remaining() {
        let message = read_message_from(&mut rest).map_err(|problem| unreadable(&problem))?;
        conversation.read(&message)?;
    }
    match (conversation.begun, conversation.last) {
        (None, Some(_)) if !conversation.is_measured => Err(unreadable(&"the stream of events has no metadata")),
        (None, Some((texts, stop_reason))) => {
            let content = texts.into_iter().map(|text| Value::object([("Text", Value::from(text))]));
            let message = [("Role", Value::from("assistant")), ("Content", Value::array(content.collect::<Vec<_>>()))];
            let usage = TOKENS.iter().zip(conversation.tokens).map(|((_, name), count)| (*name, Value::from(count)));
            Ok(Value::object([
                ("Output", Value::object([("Message", Value::object(message))])),
                ("StopReason", stop_reason.into()),
                ("Usage", Value::object(usage)),
                ("Metrics", Value::object([("LatencyMs", conversation.latency_millis.into())])),
            ]))
        }
        (Some(_), _) => Err(unreadable(&"the stream of events ends within a message")),
        (None, None) => Err(unreadable(&"the stream of events has no message of the assistant")),
    }
}

impl Conversation {
    fn read(&mut self, message: &Message) -> Result<(), Interrupted> {
        let header = |name: &str| {
            let found = message.headers().iter().find(|header| header.name().as_str() == name)?;
            found.value().as_string().ok().map(|text| text.as_str().to_owned())
        };
        match header(":message-type").as_deref() {
            Some("event") => {
                let name = header(":event-type");
                let name = name.ok_or_else(|| Interrupted::Unreadable("an event without a type".to_owned()))?;
                self.read_event(&name, message.payload())
            }
            Some("exception") => {
                let name = capitalised(&header(":exception-type").unwrap_or_default());
                // The name says what has failed, even where nobody can read why.
                let told = parsed(message.payload()).ok();
                let message = told.and_then(|told| told.get("message").and_then(Value::as_str).map(str::to_owned));
                Err(Interrupted::Exception { name, message })
            }
            Some("error") => {
                let name = header(":error-code").unwrap_or_default();
                Err(Interrupted::Exception { name, message: header(":error-message") })
            }
            other => Err(Interrupted::Unreadable(format!("a message of the type {other:?}"))),
        }
    }

    /// Members that the API's model requires have to be there: a result without them would be a part that looks like the whole.
    fn read_event(&mut self, name: &str, payload: &[u8]) -> Result<(), Interrupted> {
        let wrong = |problem: &str| Interrupted::Unreadable(format!("an event {name} {problem}"));
        let read = || parsed(payload).map_err(|problem| wrong(&format!("that is not JSON: {problem}")));
        let without = |member: &str| wrong(&format!("without {member}"));
        match name {
            "messageStart" => {
                let payload = read()?;
                let role = payload.get("role").and_then(Value::as_str).ok_or_else(|| without("role"))?;
                if self.begun.replace((role == "assistant", BTreeMap::new())).is_some() {
                    return Err(wrong("within a message"));
                }
            }
            "contentBlockDelta" => {
                let payload = read()?;
                let index = payload.get("contentBlockIndex").and_then(Value::as_i64);
                let index = index.ok_or_else(|| without("contentBlockIndex"))?;
                let delta = payload.get("delta").and_then(Value::as_object).ok_or_else(|| without("delta"))?;
                let (_, blocks) = self.begun.as_mut().ok_or_else(|| wrong("outside of a message"))?;
                if let Some(text) = delta.get("text") {
                    let text = text.as_str().ok_or_else(|| wrong("whose text is none"))?;
                    blocks.entry(index).or_default().push_str(text);
                }
            }
            "messageStop" => {
                let payload = read()?;
                let reason = payload.get("stopReason").and_then(Value::as_str).ok_or_else(|| without("stopReason"))?;
                let (is_assistant, blocks) = self.begun.take().ok_or_else(|| wrong("outside of a message"))?;
                if is_assistant {
                    self.last = Some((blocks.into_values().collect(), reason.to_owned()));
                }
            }
            "metadata" => {
                let payload = read()?;
                self.is_measured = true;
                let number = |of: &str, name: &str| {
                    let found = payload.get(of).and_then(|of| of.get(name)).and_then(Value::as_i64);
                    found.ok_or_else(|| without(&format!("{of}.{name}")))
                };
                for (sum, (name, _)) in self.tokens.iter_mut().zip(TOKENS) {
                    *sum = sum.saturating_add(number("usage", name)?);
                }
                self.latency_millis = self.latency_millis.saturating_add(number("metrics", "latencyMs")?);
            }
            // The beginnings and ends of blocks, and hooks, say nothing that the result has. Nor do events that the model
            // doesn't have yet, which AWS's SDKs pass over.
            _ => {}
        }
        Ok(())
    }
}

fn parsed(payload: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(payload).map_err(|problem| problem.to_string())?;
    Value::parse(text).map_err(|problem| problem.to_string())
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// A stream of these events, each a name and its content; exceptions begin with a `!`.
#[cfg(test)]
pub(super) fn stream(events: &[(&str, &str)]) -> Vec<u8> {
    use aws_smithy_eventstream::frame::write_message_to;
    use aws_smithy_types::event_stream::{Header, HeaderValue};
    let mut out = Vec::new();
    for (name, payload) in events {
        let (kind, name) = match name.strip_prefix('!') {
            Some(name) => ("exception", name),
            None => ("event", *name),
        };
        let header = |name: String, value: &str| Header::new(name, HeaderValue::String(value.to_owned().into()));
        let message = Message::new(payload.as_bytes().to_vec())
            .add_header(header(":message-type".to_owned(), kind))
            .add_header(header(format!(":{kind}-type"), name))
            .add_header(header(":content-type".to_owned(), "application/json"));
        write_message_to(&message, &mut out).expect("a message");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(events: &[(&str, &str)]) -> Result<String, Interrupted> {
        result(&stream(events).into()).map(|result| result.to_compact_text())
    }

    const START: (&str, &str) = ("messageStart", r#"{"role":"assistant"}"#);
    const STOP: (&str, &str) = ("messageStop", r#"{"stopReason":"end_turn"}"#);
    const METADATA: (&str, &str) =
        ("metadata", r#"{"usage":{"inputTokens":20,"outputTokens":7,"totalTokens":27},"metrics":{"latencyMs":50}}"#);

    #[test]
    fn the_last_message_of_the_assistant_is_the_result() {
        let events = [
            START,
            ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Let me look."}}"#),
            ("contentBlockStart", r#"{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t","name":"n"}}}"#),
            ("contentBlockDelta", r#"{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}"#),
            ("messageStop", r#"{"stopReason":"tool_use"}"#),
            (
                "metadata",
                r#"{"usage":{"inputTokens":10,"outputTokens":5,"totalTokens":15},"metrics":{"latencyMs":100}}"#,
            ),
            ("messageStart", r#"{"role":"user"}"#),
            ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"toolResult":[{"text":"42"}]}}"#),
            ("messageStop", r#"{"stopReason":"tool_result"}"#),
            ("hookEvent", r#"{"hookEventId":"h","name":"n","type":"after_tool_call"}"#),
            START,
            ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}"#),
            ("contentBlockDelta", r#"{"contentBlockIndex":2,"delta":{"text":"It is"}}"#),
            ("contentBlockDelta", r#"{"contentBlockIndex":2,"delta":{"text":" 42."}}"#),
            ("contentBlockStop", r#"{"contentBlockIndex":2}"#),
            ("contentBlockDelta", r#"{"contentBlockIndex":3,"delta":{"text":"Bye"}}"#),
            STOP,
            METADATA,
        ];
        let expected = concat!(
            r#"{"Output":{"Message":{"Role":"assistant","Content":[{"Text":"It is 42."},{"Text":"Bye"}]}},"#,
            r#""StopReason":"end_turn","Usage":{"InputTokens":30,"OutputTokens":12,"TotalTokens":42},"Metrics":{"LatencyMs":150}}"#
        );
        assert_eq!(told(&events), Ok(expected.to_owned()));
        let answered = ("messageStart", r#"{"role":"user"}"#);
        let interrupted = [START, ("messageStop", r#"{"stopReason":"tool_use"}"#), answered, STOP, METADATA];
        assert!(told(&interrupted).is_ok_and(|result| result.contains(r#""StopReason":"tool_use""#)));
        let silent = told(&[START, STOP, METADATA]).expect("a result");
        assert!(silent.contains(r#""Content":[]"#), "{silent}");
    }

    /// The frame was made by Python's `struct` and `zlib.crc32`.
    #[test]
    fn a_frame_that_others_made_is_read() {
        let hex = FRAME.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("digits"));
        let frame: Vec<u8> = hex.map(|pair| u8::from_str_radix(pair, 16).expect("a byte")).collect();
        let error = result(&frame.into()).expect_err("an exception");
        let name = "ValidationException".to_owned();
        assert_eq!(error, Interrupted::Exception { name, message: Some("bad ü".to_owned()) });
    }

    const FRAME: &str = concat!(
        "0000007b000000409dfc4f270f3a657863657074696f6e2d7479706507001376616c69646174696f6e457863657074696f6e",
        "0d3a6d6573736167652d74797065070009657863657074696f6e7b226d657373616765223a2262616420c3bc222c22726561",
        "736f6e223a2243616e6e6f745061727365227d11757b92",
    );

    #[test]
    fn a_stream_that_is_not_whole_has_no_result() {
        let whole = stream(&[START, STOP, METADATA]);
        for end in (1..whole.len()).step_by(7) {
            let problem = result(&whole[..end].to_vec().into()).expect_err("cut off");
            assert!(matches!(problem, Interrupted::Unreadable(_)), "{end}: {problem:?}");
        }
        let mut broken = whole.clone();
        broken[20] ^= 1;
        assert!(matches!(result(&broken.into()), Err(Interrupted::Unreadable(_))));
        for events in [&[][..], &[START], &[STOP], &[START, STOP]] {
            assert!(matches!(told(events), Err(Interrupted::Unreadable(_))), "{events:?}");
        }
        let throttled = [START, ("!throttlingException", r#"{"message":"slow down"}"#)];
        let name = "ThrottlingException".to_owned();
        assert_eq!(told(&throttled), Err(Interrupted::Exception { name, message: Some("slow down".to_owned()) }));
    }

    #[test]
    fn an_event_without_a_type_ends_the_stream_without_a_result() {
        use aws_smithy_eventstream::frame::write_message_to;
        use aws_smithy_types::event_stream::{Header, HeaderValue};
        let text = |text: &str| HeaderValue::String(text.to_owned().into());
        for event_type in [None, Some(HeaderValue::Int32(1))] {
            let headers = event_type.map(|value| Header::new(":event-type", value)).into_iter();
            let headers = headers.chain([Header::new(":message-type", text("event"))]);
            let message = headers.fold(Message::new(Vec::new()), |message, header| message.add_header(header));
            let mut events = stream(&[START, STOP]);
            write_message_to(&message, &mut events).expect("a message");
            events.extend(stream(&[METADATA]));
            let problem = "an event without a type".to_owned();
            assert_eq!(result(&events.into()), Err(Interrupted::Unreadable(problem)));
        }
    }

    #[test]
    fn an_event_that_is_not_the_models_ends_the_stream_without_a_result() {
        let delta = ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"hello"}}"#);
        let usage = r#"{"usage":{"inputTokens":"1","outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4}}"#;
        for (events, problem) in [
            (&[("messageStart", "{}"), delta, STOP][..], "messageStart without role"),
            (&[START, delta, START, STOP], "messageStart within a message"),
            (&[START, delta, ("contentBlockDelta", "{oops"), STOP], "contentBlockDelta that is not JSON"),
            (&[START, ("contentBlockDelta", r#"{"delta":{"text":"x"}}"#), STOP], "without contentBlockIndex"),
            (&[START, ("contentBlockDelta", r#"{"contentBlockIndex":0}"#), STOP], "without delta"),
            (
                &[START, ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":5}}"#), STOP],
                "whose text is none",
            ),
            (&[START, STOP, delta], "contentBlockDelta outside of a message"),
            (&[START, delta, STOP, STOP], "messageStop outside of a message"),
            (&[START, delta, ("messageStop", "{}")], "messageStop without stopReason"),
            (&[START, delta, STOP, ("metadata", "")], "metadata that is not JSON"),
            (&[START, delta, STOP, ("metadata", usage)], "metadata without usage.inputTokens"),
            (&[START, delta, STOP, ("metadata", r#"{"usage":{}}"#)], "metadata without usage.inputTokens"),
        ] {
            match told(events) {
                Err(Interrupted::Unreadable(told)) => assert!(told.contains(problem), "{problem}: {told}"),
                other => panic!("{problem}: {other:?}"),
            }
        }
        let failed = told(&[START, ("!runtimeClientError", "{oops")]);
        assert_eq!(failed, Err(Interrupted::Exception { name: "RuntimeClientError".to_owned(), message: None }));
    }
}
