//! Bodies as forms: `application/x-www-form-urlencoded`, lists in any of the documented ways.

use crate::integrations::sigv4;
use crate::interpreter::invocation::ArrayFormat;
use crate::json::Value;

/// An object as a form.
///
/// The guide has examples of lists of texts, and of an object in an object; all that is in one line below is after these, and
/// that its brackets are percent-encoded in requests. What it has no example of is a guess: numbers and truth values are as in JSON,
/// null is empty, and what stands in a comma-delimited list without being a text is JSON.
pub(super) fn encode(body: &Value, lists: ArrayFormat) -> String {
    let mut pairs = Vec::new();
    for (name, value) in body.as_object().into_iter().flat_map(|members| members.iter()) {
        add(name.to_string(), value, lists, &mut pairs);
    }
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| pair(name, value)).collect();
    pairs.join("&")
}

/// `name=value`
pub(super) fn pair(name: &str, value: &str) -> String {
    format!("{}={}", sigv4::encode(name, b""), sigv4::encode(value, b""))
}

fn add(name: String, value: &Value, lists: ArrayFormat, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (member, value) in members.iter() {
                add(format!("{name}[{member}]"), value, lists, pairs);
            }
        }
        Value::Array(_) => {
            let items = value.as_array().unwrap_or_default();
            if lists == ArrayFormat::Commas {
                let texts: Vec<String> = items.iter().map(text).collect();
                return pairs.push((name, texts.join(",")));
            }
            for (place, item) in items.iter().enumerate() {
                let name = match lists {
                    ArrayFormat::Indices => format!("{name}[{place}]"),
                    ArrayFormat::Brackets => format!("{name}[]"),
                    ArrayFormat::Repeat | ArrayFormat::Commas => name.clone(),
                };
                add(name, item, lists, pairs);
            }
        }
        scalar => pairs.push((name, text(scalar))),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Null => String::new(),
        value => value.to_compact_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_as_the_guide_has_it() {
        for (body, lists, expected) in [
            (r#"{"array":["a","b"]}"#, ArrayFormat::Indices, "array[0]=a&array[1]=b"),
            (r#"{"array":["a","b"]}"#, ArrayFormat::Repeat, "array=a&array=b"),
            (r#"{"array":["a","b"]}"#, ArrayFormat::Commas, "array=a,b"),
            (r#"{"array":["a","b"]}"#, ArrayFormat::Brackets, "array[]=a&array[]=b"),
            (
                r#"{"customer":"1","description":"Monthly subscription","metadata":{"order_details":"a/b"}}"#,
                ArrayFormat::Indices,
                "customer=1&description=Monthly%20subscription&metadata[order_details]=a%2Fb",
            ),
            ("{}", ArrayFormat::Indices, ""),
            (
                r#"{"a":[],"b":1.0,"c":true,"d":null,"ä b":"ü&="}"#,
                ArrayFormat::Repeat,
                "b=1.0&c=true&d=&%C3%A4%20b=%C3%BC%26%3D",
            ),
            (r#"{"a":[{"b":[1,2]},[3]]}"#, ArrayFormat::Indices, "a[0][b][0]=1&a[0][b][1]=2&a[1][0]=3"),
            (r#"{"a":[{"b":[1,2]},[3]]}"#, ArrayFormat::Brackets, "a[][b][]=1&a[][b][]=2&a[][]=3"),
            (r#"{"a":[{"b":[1,2]},[3]]}"#, ArrayFormat::Repeat, "a[b]=1&a[b]=2&a=3"),
            (r#"{"a":[{"b":1},null,"c"]}"#, ArrayFormat::Commas, "a=%7B%22b%22%3A1%7D,,c"),
        ] {
            let found = encode(&Value::parse(body).expect("valid JSON"), lists);
            let expected = expected.replace('[', "%5B").replace(']', "%5D").replace(',', "%2C");
            assert_eq!(found, expected, "{body} {lists:?}");
        }
    }
}
