//! Whatever the text, JSONata neither panics nor runs away: properties over random expressions, and known attacks.

use proptest::prelude::*;
use stepwell::json::Value;
use stepwell::query::jsonata::{Evaluated, Expression, JsonataError, Limits, Mode, Surroundings};
use stepwell::random::Random;

fn evaluate(text: &str, limits: Limits) -> Result<Evaluated, Box<JsonataError>> {
    let expression = Expression::compile(text, Mode::Jsonata)?;
    let bindings = [("x".into(), Value::from(3))];
    let input = Value::parse(r#"{"a":[{"b":1,"c":"t"},{"b":2}],"d":"text","e":{"f":[[1,2],[3]]}}"#).expect("JSON");
    let random = Random::new(1);
    let mode = Mode::Jsonata;
    expression.evaluate(Some(&input), &Surroundings { bindings: &bindings, random: &random, millis: 0, mode, limits })
}

const SMALL: Limits = Limits { depth: 200, steps: 100_000, memory: 16 << 20 };

fn piece() -> impl Strategy<Value = String> {
    let words = [
        "a",
        "b",
        "e.f",
        "d",
        "$",
        "$$",
        "$x",
        "%",
        "*",
        "**",
        ".",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        ",",
        ";",
        ":",
        ":=",
        "?",
        "@$v",
        "#$i",
        "$v",
        "$i",
        "^(",
        "<",
        ">",
        "<=",
        "!=",
        "=",
        "+",
        "-",
        "/",
        "&",
        " and ",
        " or ",
        " in ",
        "..",
        "~>",
        "|",
        "'s'",
        "\"t\\u0041\"",
        "`q`",
        "1",
        "0",
        "-1",
        "2.5e3",
        "null",
        "true",
        "/a+/i",
        "/*c*/",
        "function($v){",
        "λ($v)<n:n>{",
        "$sum(",
        "$map(",
        "$filter(",
        "$string(",
        "$f(",
        "$f:=",
        "$pad(",
        "$match(",
        "$replace(",
        "$reduce(",
        "$eval(",
        "$sort(",
        "é",
        "😀",
        "\\",
    ];
    prop_oneof![9 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => "\\PC{1,3}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces_end_in_a_result_or_an_error(pieces in proptest::collection::vec(piece(), 0..24)) {
        let _ = evaluate(&pieces.concat(), SMALL);
    }

    #[test]
    fn any_text_ends_in_a_result_or_an_error(text in "\\PC{0,40}") {
        let _ = evaluate(&text, SMALL);
    }
}

#[test]
fn attacks_end_in_an_error() {
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
    let attacks = [
        nested("(", ")"),
        nested("[", "]"),
        nested("{\"a\":", "}"),
        nested("-", ""),
        nested("$f(", ")"),
        "1".to_owned() + &"+1".repeat(20_000),
        "a".to_owned() + &"[0]".repeat(20_000),
        "a".to_owned() + &".a".repeat(20_000),
        "($f := function(){$f()}; $f())".into(),
        "($f := function($n){1 + $f($n + 1)}; $f(0))".into(),
        "($f := function($n){$map([$n], $f)}; $f(0))".into(),
        "($f := function($s){$f([$s])}; $f(1))".into(),
        "($f := function($s){$f({'a': $s, 'b': $s})}; $f(1))".into(),
        "($f := function($s){$f($s & $s)}; $f('x'))".into(),
        "($f := function($g){$f(function(){$g})}; $f(1))".into(),
        "($f := function($g){$f($g ~> $g)}; $f($sum))".into(),
        "($f := function($g){$f([$g])}; $f($sum))".into(),
        "$pad('a', 1e8 * 10)".into(),
        "$pad('a', -1e300)".into(),
        "[1..10000001]".into(),
        "$reduce([1..100000], function($a, $v){[[$a]]})".into(),
        "$reduce([1..100], function($a, $v){{'a': $a, 'b': $a}})".into(),
        "$reduce([1..100], function($a, $v){$string([$a, $a])}, '\"')".into(),
        "[1..10000].[1..10000]".into(),
        "$match($pad('', 30, 'a') & 'b', /^(a+)+$/)".into(),
        "[1..100000]{$string($): [1..100000]}".into(),
        "($x := [1..3000]; $x[$ in $x[$ in $x]])".into(),
        "$distinct([1..1000000])".into(),
    ];
    for attack in &attacks {
        let result = evaluate(attack, Limits { steps: 1_000_000, memory: 64 << 20, ..Limits::default() });
        let shown: String = attack.chars().take(60).collect();
        assert!(result.is_err(), "{shown}: no error");
    }
}
