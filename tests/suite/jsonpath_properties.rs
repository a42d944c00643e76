//! JSONPath on random paths and documents: it never panics, and where the dialects agree it finds what another
//! implementation finds.

use jsonpath_rust::JsonPath as _;
use proptest::prelude::*;
use stepwell::json::Value;
use stepwell::query::jsonpath::{JsonPath, PathFailure};
use stepwell::query::{Path, ReferencePath};

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "delta"]).prop_map(str::to_owned)
}

/// Documents with few names, so that paths find something. Strings don't look like numbers: what such a string equals
/// is where the dialects differ.
fn document() -> impl Strategy<Value = serde_json::Value> {
    let scalar = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (-3i64..4).prop_map(Into::into),
        Just(serde_json::json!(1.5)),
        prop::sample::select(vec!["", "x", "y z", "é"]).prop_map(Into::into),
    ];
    scalar.prop_recursive(5, 64, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((name(), inner), 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A step that means the same in both dialects.
fn step() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => name().prop_map(|n| format!(".{n}")),
        1 => name().prop_map(|n| format!("['{n}']")),
        2 => (-3i32..4).prop_map(|i| format!("[{i}]")),
        1 => (0..4, 0..4).prop_map(|(i, j)| format!("[{i},{j}]")),
        1 => (0..4, 0..5).prop_map(|(from, to)| format!("[{from}:{to}]")),
        1 => (0..4).prop_map(|from| format!("[{from}:]")),
        1 => prop::sample::select(vec!["[*]", ".*", "..*"]).prop_map(str::to_owned),
        1 => name().prop_map(|n| format!("..{n}")),
    ]
}

fn comparison() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let literal = prop::sample::select(vec!["0", "1", "-2", "1.5", "'x'", "'y z'", "true"]);
    prop_oneof![
        3 => (name(), operator, literal).prop_map(|(name, operator, literal)| {
            // The other dialect compares `true <= true`; ours orders numbers and strings only.
            let operator = if literal == "true" { "==" } else { operator };
            format!("@.{name} {operator} {literal}")
        }),
        1 => name().prop_map(|name| format!("@.{name}")),
        1 => name().prop_map(|name| format!("!@.{name}")),
    ]
}

fn test() -> impl Strategy<Value = String> {
    comparison().prop_recursive(3, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) || ({b})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

/// What both find, as sorted texts: the order of a deep scan differs.
fn both(path: &str, document: &serde_json::Value) -> (Vec<String>, Vec<String>) {
    let ours = Value::parse(&document.to_string()).expect("serde_json writes JSON");
    let path_of_ours = JsonPath::compile(path).expect("a path");
    let mut found = match path_of_ours.evaluate(&ours) {
        Ok(value) if path_of_ours.is_definite() => vec![value.to_compact_text()],
        Ok(value) => value.as_array().expect("a list").iter().map(Value::to_compact_text).collect(),
        Err(PathFailure::TooManyValues { .. }) => panic!("such a document is small"),
        // The other one finds nothing in a value of the wrong kind.
        Err(_) => Vec::new(),
    };
    let mut expected: Vec<String> =
        document.query(path).expect("a path").into_iter().map(ToString::to_string).collect();
    found.sort();
    expected.sort();
    (found, expected)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_indices_slices_and_wildcards_find_what_another_implementation_finds(
        document in document(),
        steps in prop::collection::vec(step(), 0..5),
    ) {
        let (found, expected) = both(&format!("${}", steps.concat()), &document);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn filters_find_what_another_implementation_finds(
        items in prop::collection::vec(document(), 0..6),
        test in test(),
    ) {
        let (found, expected) = both(&format!("$[?({test})]"), &items.into());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn what_is_put_is_found_there_and_the_rest_stays(
        document in document(),
        steps in prop::collection::vec(prop_oneof![
            name().prop_map(|n| format!(".{n}")),
            (0..3).prop_map(|i| format!("[{i}]")),
        ], 1..4),
    ) {
        let document = Value::parse(&document.to_string()).expect("serde_json writes JSON");
        let text = format!("${}", steps.concat());
        let path = JsonPath::compile(&text).expect("a path");
        let reference = ReferencePath::compile(&text).expect("a Reference Path");
        if let Ok(changed) = reference.put(&document, "new".into()) {
            prop_assert_eq!(path.evaluate(&changed), Ok("new".into()));
            if let Ok(before) = path.evaluate(&document) {
                prop_assert_eq!(reference.put(&changed, before), Ok(document));
            }
        } else {
            prop_assert!(path.evaluate(&document).is_err());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), document in document()) {
        survives(&text, &document);
        survives(&format!("${text}"), &document);
        survives(&format!("$.a[?({text})]"), &document);
    }

    #[test]
    fn no_mixture_of_its_own_tokens_makes_it_panic(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "$", "@", ".", "..", "*", "[", "]", "[?(", ")]", "(", ")", "'", "\"", "\\", ",", ":", "-", "0", "1",
                "12", "a", "b", "é", " ", "==", "!=", "<", "=~", "/", "/i", "&&", "||", "!", "in", "nin", "size",
                "empty", "anyof", "true", "null", "{", "}", "length()", "sum(", "$.a", "@.a", "[0]", "['a']", "..a",
            ]),
            0..16,
        ),
        document in document(),
    ) {
        survives(&format!("${}", tokens.concat()), &document);
        survives(&format!("$.a[?({})]", tokens.concat()), &document);
    }
}

fn survives(text: &str, document: &serde_json::Value) {
    let document = Value::parse(&document.to_string()).expect("serde_json writes JSON");
    match JsonPath::compile(text) {
        Ok(path) => drop(path.evaluate(&document).map_err(|failure| failure.to_string())),
        Err(invalid) => drop(invalid.to_string()),
    }
    drop(Path::compile(text));
    drop(Path::compile_reference(text));
    if let Ok(path) = ReferencePath::compile(text) {
        drop(path.put(&document, Value::Null));
    }
}
