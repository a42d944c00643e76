use super::*;
use crate::query::Variables;

const INPUT: &str = r#"{
    "empty": [], "list": [1, 2, 3, 4, 5], "words": ["a", "b"], "text": "Hello", "json": "{\"a\": [1, 2]}", "two": 2,
    "none": null, "name": "Ada", "object": {"Arg1": 1, "Arg2": [], "Arg3": ["x", null, 1.5]}, "template": "{} \\{\\} {}",
    "left": {"a": 1, "b": {"x": 1}}, "right": {"b": {"y": 2}, "c": 3}
}"#;

fn evaluate(call: &str) -> Result<Value, Runtime> {
    let input = Value::parse(INPUT).expect("valid JSON");
    let context = Value::object([("Execution", Value::object([("Name", "run-1".into())]))]);
    let (variables, random) = (Variables::default(), Random::new(1));
    let scope = Scope { input: &input, context: &context, variables: &variables, random: &random };
    Call::compile(call).expect("a call").evaluate(scope)
}

/// Calls, each with the JSON text of its result or with the end of its failure's text behind `!`.
fn check(cases: &[(&str, &str)]) {
    for (call, expected) in cases {
        match (evaluate(call), expected.strip_prefix('!')) {
            (Ok(value), None) => assert_eq!(value.to_text(), *expected, "{call}"),
            (Err(Runtime::Intrinsic { call: named, problem }), Some(sentence)) => {
                assert_eq!((named.as_str(), problem.to_string().as_str()), (*call, sentence));
            }
            (outcome, _) => panic!("{call} gave {outcome:?}, not {expected}"),
        }
    }
}

#[test]
fn array() {
    check(&[
        ("States.Array()", "[]"),
        ("States.Array( 1 , 'a',true,null, $.two )", r#"[1,"a",true,null,2]"#),
        ("States.Array($.list, States.Array())", "[[1,2,3,4,5],[]]"),
    ]);
}

#[test]
fn array_partition() {
    let invalid = "!Invalid arguments in States.ArrayPartition";
    check(&[
        ("States.ArrayPartition($.list, 2)", "[[1,2],[3,4],[5]]"),
        ("States.ArrayPartition($.list, 2.6)", "[[1,2],[3,4],[5]]"),
        ("States.ArrayPartition($.list, 9)", "[[1,2,3,4,5]]"),
        ("States.ArrayPartition($.empty, 1)", "[]"),
        ("States.ArrayPartition($.list, 0.49)", invalid),
        ("States.ArrayPartition($.list, 0)", invalid),
        ("States.ArrayPartition($.list, -1)", invalid),
        ("States.ArrayPartition($.list, 1e300)", invalid),
        ("States.ArrayPartition($.list, '2')", invalid),
        ("States.ArrayPartition($.text, 2)", invalid),
        ("States.ArrayPartition($.list)", invalid),
        ("States.ArrayPartition($.list, 2, 3)", invalid),
    ]);
}

#[test]
fn array_contains() {
    let invalid = "!Invalid arguments in States.ArrayContains";
    check(&[
        ("States.ArrayContains($.list, 3)", "true"),
        ("States.ArrayContains($.list, 3.0)", "true"),
        ("States.ArrayContains($.list, '3')", "false"),
        ("States.ArrayContains(States.Array($.object, null), $.object)", "true"),
        ("States.ArrayContains(States.Array($.object, null), $.none)", "true"),
        ("States.ArrayContains($.empty, null)", "false"),
        ("States.ArrayContains('abc', 'a')", invalid),
        ("States.ArrayContains($.list)", invalid),
    ]);
}

#[test]
fn array_range() {
    let invalid = "!Invalid arguments in States.ArrayRange";
    check(&[
        ("States.ArrayRange(0, 9, 3)", "[0,3,6,9]"),
        ("States.ArrayRange(0, 10, 3)", "[0,3,6,9]"),
        ("States.ArrayRange(5.4, -0.6, -2.4)", "[5,3,1]"),
        ("States.ArrayRange(1.6, 1.4, 1)", "[1]"),
        ("States.ArrayRange(1, 1, -1)", "[1]"),
        ("States.ArrayRange(1, 5, -1)", "[]"),
        ("States.ArrayRange(5, 1, 1)", "[]"),
        ("States.ArrayLength(States.ArrayRange(1, 1000, 1))", "1000"),
        (
            "States.ArrayRange(-9223372036854775808, 9223372036854775807, 9223372036854775807)",
            "[-9223372036854775808,-1,9223372036854775806]",
        ),
        ("States.ArrayRange(1, 1001, 1)", invalid),
        ("States.ArrayRange(1, 5, 0)", invalid),
        ("States.ArrayRange(1, 5, 0.9)", invalid),
        ("States.ArrayRange(1, 5, '1')", invalid),
        ("States.ArrayRange(1, 1e19, 1)", invalid),
        ("States.ArrayRange(1, 5)", invalid),
    ]);
}

#[test]
fn array_get_item() {
    let invalid = "!Invalid arguments in States.ArrayGetItem";
    check(&[
        ("States.ArrayGetItem($.list, 0)", "1"),
        ("States.ArrayGetItem($.list, 4.9)", "5"),
        ("States.ArrayGetItem($.empty, 7)", "null"),
        ("States.ArrayGetItem($.empty, -1)", "null"),
        ("States.ArrayGetItem($.list, 5)", invalid),
        ("States.ArrayGetItem($.list, -1)", invalid),
        ("States.ArrayGetItem($.list, '0')", invalid),
        ("States.ArrayGetItem($.object, 0)", invalid),
        ("States.ArrayGetItem($.list)", invalid),
    ]);
}

#[test]
fn array_length() {
    let invalid = "!Invalid arguments in States.ArrayLength";
    check(&[
        ("States.ArrayLength($.list)", "5"),
        ("States.ArrayLength($.empty)", "0"),
        ("States.ArrayLength('abc')", invalid),
        ("States.ArrayLength($.object)", invalid),
        ("States.ArrayLength()", invalid),
    ]);
}

#[test]
fn array_unique() {
    let invalid = "!Invalid arguments in States.ArrayUnique";
    check(&[
        ("States.ArrayUnique(States.Array(1, 2, 3, 3, 3, 4))", "[1,2,3,4]"),
        ("States.ArrayUnique(States.Array('a', 'b', 'a', 'c'))", r#"["a","b","c"]"#),
        ("States.ArrayUnique(States.Array(true, false, true, false))", "[false,true]"),
        ("States.ArrayUnique(States.StringToJson('[[1,2],[1,2],[2,1]]'))", "[[2,1],[1,2]]"),
        ("States.ArrayUnique(States.Array(1, 1.0))", "[1]"),
        (r#"States.ArrayUnique(States.StringToJson('[{"a":1,"b":2},{"b":2,"a":1}]'))"#, r#"[{"a":1,"b":2}]"#),
        ("States.ArrayUnique($.empty)", "[]"),
        ("States.ArrayUnique('aab')", invalid),
        ("States.ArrayUnique(1, 1)", invalid),
    ]);
}

#[test]
fn base64_encode_and_decode() {
    check(&[
        ("States.Base64Encode('Data to encode')", "\"RGF0YSB0byBlbmNvZGU=\""),
        ("States.Base64Encode('')", "\"\""),
        ("States.Base64Encode('é')", "\"w6k=\""),
        ("States.Base64Encode(1)", "!Invalid arguments in States.Base64Encode"),
        ("States.Base64Encode()", "!Invalid arguments in States.Base64Encode"),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "\"Data to encode\""),
        ("States.Base64Decode('RGF0 YSB0\nbyBlb!mNvZGU')", "\"Data to encode\""),
        ("States.Base64Decode('')", "\"\""),
        ("States.Base64Decode('w6k=ignored')", "\"é\""),
        ("States.Base64Decode('/w==')", "\"\u{fffd}\""),
        ("States.Base64Decode(null)", "!Invalid arguments in States.Base64Decode"),
    ]);
}

#[test]
fn texts_of_more_than_ten_thousand_characters_are_not_encoded_decoded_or_hashed() {
    for (call, function) in [
        ("States.Base64Encode('@')", "States.Base64Encode"),
        ("States.Base64Decode('@')", "States.Base64Decode"),
        ("States.Hash('@', 'MD5')", "States.Hash"),
    ] {
        assert!(evaluate(&call.replace('@', &"é".repeat(10_000))).is_ok(), "{call}");
        let call = call.replace('@', &"é".repeat(10_001));
        check(&[(&call, &format!("!Invalid arguments in {function}"))]);
    }
}

#[test]
fn hash() {
    let invalid = "!Invalid arguments in States.Hash";
    check(&[
        ("States.Hash('input data', 'MD5')", "\"812f45842bc6d66ee14572ce20db8e86\""),
        ("States.Hash('input data', 'SHA-1')", "\"aaff4a450a104cd177d28d18d74485e8cae074b7\""),
        (
            "States.Hash('input data', 'SHA-256')",
            "\"b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3\"",
        ),
        ("States.ArrayContains(States.Array(States.Hash(12, 'SHA-384')), States.Hash('12', 'SHA-384'))", "true"),
        (
            "States.ArrayContains(States.Array(States.Hash($.words, 'SHA-512')), States.Hash('[a, b]', 'SHA-512'))",
            "true",
        ),
        ("States.Hash('a', 'sha-1')", invalid),
        ("States.Hash('a', 'SHA1')", invalid),
        ("States.Hash('a')", invalid),
    ]);
}

#[test]
fn json_merge() {
    let invalid = "!Invalid arguments in States.JsonMerge";
    check(&[
        ("States.JsonMerge($.left, $.right, false)", r#"{"a":1,"b":{"y":2},"c":3}"#),
        ("States.JsonMerge($.left, $.right, 'yes')", r#"{"a":1,"b":{"y":2},"c":3}"#),
        ("States.JsonMerge($.left, $.right, true)", invalid),
        ("States.JsonMerge($.left, $.right)", invalid),
        ("States.JsonMerge($.left, $.list, false)", invalid),
    ]);
    // As recorded: neither the order of the arguments nor that of the names.
    let call = r#"States.JsonMerge(States.StringToJson('{"constant_in_literal": 1}'), States.StringToJson('{"constant_input_field": 2}'), false)"#;
    check(&[(call, r#"{"constant_input_field":2,"constant_in_literal":1}"#)]);
}

#[test]
fn string_to_json() {
    let invalid = "!Invalid arguments in States.StringToJson";
    check(&[
        ("States.StringToJson($.json)", r#"{"a":[1,2]}"#),
        ("States.StringToJson('')", "null"),
        ("States.StringToJson(' ')", "null"),
        ("States.StringToJson('-0')", "0"),
        ("States.StringToJson('[1, \"x\"]')", r#"[1,"x"]"#),
        ("States.StringToJson($.list)", invalid),
        ("States.StringToJson('1', '2')", invalid),
        (
            "States.StringToJson('{b}')",
            "!Cannot convert String to Json in States.StringToJson, caused by: Unexpected character ('b' (code 98)): was expecting double-quote to start field name\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]",
        ),
    ]);
}

#[test]
fn json_to_string() {
    check(&[
        ("States.JsonToString($.left)", r#""{\"a\":1,\"b\":{\"x\":1}}""#),
        ("States.JsonToString($.text)", r#""\"Hello\"""#),
        ("States.JsonToString(null)", "\"null\""),
        ("States.JsonToString(1.10)", "\"1.10\""),
        ("States.JsonToString()", "!Invalid arguments in States.JsonToString"),
    ]);
}

#[test]
fn math_add() {
    let invalid = "!Invalid arguments in States.MathAdd";
    check(&[
        ("States.MathAdd($.two, -1)", "1"),
        ("States.MathAdd(1.49, 1.5)", "3"),
        ("States.MathAdd(-1.49, -1.5)", "-2"),
        ("States.MathAdd(-1.5, -1.51)", "-3"),
        ("States.MathAdd(-2.5, 0)", "-2"),
        ("States.MathAdd(-0.5, 0)", "0"),
        ("States.MathAdd(0.49999999999999994, 0)", "0"),
        ("States.MathAdd(1e3, 0)", "1000"),
        ("States.MathAdd(1e309, 0)", "2147483647"),
        ("States.MathAdd(2147483646, 1)", "2147483647"),
        ("States.MathAdd(2147483647, 1)", invalid),
        ("States.MathAdd(2147483648, -1)", invalid),
        ("States.MathAdd(-2147483648, -1)", invalid),
        ("States.MathAdd(1e10, 0)", invalid),
        ("States.MathAdd('1', 1)", invalid),
        ("States.MathAdd(1)", invalid),
        ("States.MathAdd(1, 2, 3)", invalid),
    ]);
}

#[test]
fn math_random() {
    let invalid = "!Invalid arguments in States.MathRandom";
    for _ in 0..100 {
        let value = evaluate("States.MathRandom(-3.9, 3)").expect("a number").as_i64().expect("an integer");
        assert!((-3..3).contains(&value));
    }
    let seeded = |seed: i64| evaluate(&format!("States.MathRandom(1, 1000000, {seed})")).expect("a number");
    assert!((-3..3).all(|seed| seeded(seed) == seeded(seed)));
    assert_ne!(seeded(1), seeded(2));
    check(&[
        ("States.MathRandom(7, 8)", "7"),
        ("States.MathRandom(5, 1005, 42)", "135"),
        ("States.MathRandom(1.4, 1.6)", invalid),
        ("States.MathRandom(2, 2)", invalid),
        ("States.MathRandom(3, 2)", invalid),
        ("States.MathRandom(1, 5, 'seed')", invalid),
        ("States.MathRandom(1, 4294967296)", invalid),
        ("States.MathRandom(1)", invalid),
    ]);
}

#[test]
fn string_split() {
    let invalid = "!Invalid arguments in States.StringSplit";
    check(&[
        ("States.StringSplit('1,2,3', ',')", r#"["1","2","3"]"#),
        ("States.StringSplit('This.is+a,test=string', '.+,=')", r#"["This","is","a","test","string"]"#),
        ("States.StringSplit('a,,b', ',')", r#"["a","b"]"#),
        ("States.StringSplit(',,,', ',')", "[]"),
        ("States.StringSplit('', ',')", "[]"),
        ("States.StringSplit('abc', '')", r#"["abc"]"#),
        ("States.StringSplit('Hello\nWorld', '\n')", r#"["Hello","World"]"#),
        ("States.StringSplit(1, ',')", invalid),
        ("States.StringSplit('a')", invalid),
    ]);
}

#[test]
fn uuid() {
    let value = evaluate("States.UUID()").expect("a string");
    let uuid = uuid::Uuid::parse_str(value.as_str().expect("a string")).expect("a UUID");
    assert_eq!(uuid.get_version_num(), 4);
    check(&[("States.UUID(1)", "!Invalid arguments in States.UUID")]);
}

#[test]
fn format() {
    let count = "!Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.";
    let no_close = "!Invalid template in States.Format: matching '}' not found for '{'.";
    let no_open = "!Invalid template in States.Format: matching '{' not found for '}'.";
    check(&[
        ("States.Format('plain')", "\"plain\""),
        ("States.Format('{}-{}', $.name, $$.Execution.Name)", "\"Ada-run-1\""),
        ("States.Format('{}{}{}{}', 1, 1.5, null, true)", "\"11.5nulltrue\""),
        ("States.Format('{}', $.object)", "\"{Arg1=1, Arg2=[], Arg3=[x, null, 1.5]}\""),
        ("States.Format('{} {} {} {}', 1e10, 1.50, 1.0, 1e-5)", "\"1.0E10 1.5 1.0 1.0E-5\""),
        ("States.Format('{} {} {}', 9999999.5, 12345678.5, -0.0)", "\"9999999.5 1.23456785E7 -0.0\""),
        (r"States.Format('\{{}\} it\'s \\', 1)", r#""{1} it's \\""#),
        ("States.Format($.template, 1, 2)", r#""1 {} 2""#),
        ("States.Format('Hello {', $.name)", no_close),
        ("States.Format('{0}', $.name)", no_close),
        ("States.Format('Hello }', $.name)", no_open),
        ("States.Format('{}')", count),
        ("States.Format('{}', 1, 2)", count),
        ("States.Format(1, 2)", "!Invalid arguments in States.Format"),
        ("States.Format()", "!Invalid arguments in States.Format"),
    ]);
}

#[test]
fn a_failure_names_the_whole_call() {
    let cause = |call: &str| evaluate(call).expect_err("a failure").to_string();
    assert_eq!(
        cause("States.Array(States.MathAdd('a',  1))"),
        "There was an error while evaluating the intrinsic function: States.Array(States.MathAdd('a',  1)). \
         Invalid arguments in States.MathAdd"
    );
    assert_eq!(
        cause("States.Array($$.missing)"),
        "The function 'States.Array($$.missing)' had the following error: The JsonPath argument for the field \
         '$$.missing' could not be found in the input '{\"Execution\":{\"Name\":\"run-1\"}}'"
    );
    assert_eq!(
        cause("States.Array($.list[5])"),
        format!(
            "The function 'States.Array($.list[5])' had the following error: The JsonPath argument for the field \
             '$.list[5]' could not be found in the input '{INPUT}'"
        )
    );
}

#[test]
fn what_else_the_path_library_has_to_say_is_passed_on() {
    for (call, reason) in [
        ("States.Array($.two[0])", "Filter: [0] can only be applied to arrays. Current context is: 2"),
        ("States.Array($unset.a)", "Variable '$unset' is not defined"),
    ] {
        let failure = evaluate(call).expect_err("a failure");
        assert_eq!(failure.to_string(), format!("The function '{call}' had the following error: {reason}"));
    }
}

#[test]
fn what_is_no_call_is_refused() {
    for text in [
        "",
        "States",
        "States.Format",
        "States.Format(",
        "States.Format('a'",
        "States.Format('a)",
        "States.Format('a',)",
        "States.Format(,'a')",
        "States.Format('a' 'b')",
        "States.Format('a') x",
        "States.Format('a')[0]",
        "States.Format('a').x",
        " States.Format('a')",
        "States.Format ('a')",
        "States.Format(\"a\")",
        r#"States.Format('\"')"#,
        r"States.Format('\n')",
        r"States.Format('\')",
        "States.NoSuchFunction()",
        "states.format('a')",
        "Format('a')",
        "States.Array(undefined)",
        "States.Array(TRUE)",
        "States.Array(01)",
        "States.Array(1.)",
        "States.Array(.5)",
        "States.Array(+1)",
        "States.Array(1-2)",
        "States.Array(-)",
        "States.Array({})",
        "States.Array([])",
        "States.Array(@.a)",
        "States.Array($.a[)",
        "States.Array($.a",
    ] {
        assert_eq!(Call::compile(text).err(), Some(InvalidCall), "{text}");
    }
}

#[test]
fn a_path_ends_where_its_brackets_and_parentheses_are_closed() {
    let arguments = |text: &str| parse::parse(text).expect("a call").arguments.into_vec();
    for (path, call) in [
        ("$.a", "States.Array( $.a , 1)"),
        ("$", "States.Array($,1)"),
        ("$$.Execution.Id", "States.Array($$.Execution.Id\n,1)"),
        ("$var.a", "States.Array($var.a, 1)"),
        ("$['a,b)]']", "States.Array($['a,b)]'], 1)"),
        ("$['it\\'s)']", "States.Array($['it\\'s)'], 1)"),
        ("$.a[0,1]", "States.Array($.a[0,1], 1)"),
        ("$.a[?(@.b == 'x)' && (@.c[0] > 1))].d", "States.Array($.a[?(@.b == 'x)' && (@.c[0] > 1))].d, 1)"),
        ("$.a.length()", "States.Array($.a.length(), 1)"),
    ] {
        match &arguments(call)[..] {
            [Argument::Path(found), Argument::Literal(_)] => assert_eq!(found.text(), path),
            other => panic!("{call}: {other:?}"),
        }
    }
}

#[test]
fn ten_calls_may_stand_inside_each_other() {
    let nested = |depth: usize| format!("{}{}", "States.Array(".repeat(depth), ")".repeat(depth));
    assert!(Call::compile(&nested(10)).is_ok());
    assert!(Call::compile(&nested(11)).is_err());
    assert!(Call::compile(&nested(100_000)).is_err());
}

#[test]
fn any_blanks_between_the_parts_are_fine() {
    check(&[("States.Array(\n  1,\n\t'a' , States.Array( )\n)\n", r#"[1,"a",[]]"#)]);
    assert_eq!(Call::compile("States.UUID() ").expect("a call").text(), "States.UUID() ");
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    fn argument() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "'[a-z{}é,]{0,6}'",
            "-?[0-9]{1,12}(\\.[0-9]{1,3})?(e[0-9]{1,3})?",
            Just("$".to_owned()),
            Just("$.list".to_owned()),
            Just("$.object".to_owned()),
            Just("$.none".to_owned()),
            Just("true".to_owned()),
            Just("null".to_owned()),
            Just("'SHA-1'".to_owned()),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let function = prop::sample::select(FUNCTIONS.iter().map(|f| f.name).collect::<Vec<_>>());
            (function, prop::collection::vec(inner, 0..4))
                .prop_map(|(function, arguments)| format!("{function}({})", arguments.join(", ")))
        })
    }

    proptest! {
        #[test]
        fn no_text_upsets_the_parser(text in "\\PC*", tail in "[-'\\\\$\\[\\](){}.,?@\"a1 ]{0,30}") {
            for call in [text.clone(), format!("States.Format({text}"), format!("States.Array({tail}"), tail] {
                if let Ok(compiled) = Call::compile(&call) {
                    prop_assert_eq!(compiled.text(), call.as_str());
                }
            }
        }

        #[test]
        fn no_arguments_upset_a_function(call in argument()) {
            if Call::compile(&call).is_ok() {
                let _ = evaluate(&call);
            }
        }
    }
}
