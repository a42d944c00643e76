//! Whatever the text, JSONata neither panics nor runs away: properties over random expressions, and known attacks.

use proptest::prelude::*;
use stepwell::json::Value;
use stepwell::query::jsonata::{Evaluated, Expression, JsonataError, Limits, Mode, Surroundings};
use stepwell::random::Random;

fn evaluate(text: &str, limits: Limits) -> Result<Evaluated, Box<JsonataError>> {
    evaluate_as(text, Mode::Jsonata, limits)
}

fn evaluate_as(text: &str, mode: Mode, limits: Limits) -> Result<Evaluated, Box<JsonataError>> {
    let expression = Expression::compile(text, mode)?;
    let bindings = [("x".into(), Value::from(3))];
    let input = Value::parse(r#"{"a":[{"b":1,"c":"t"},{"b":2}],"d":"text","e":{"f":[[1,2],[3]]}}"#).expect("JSON");
    let random = Random::new(1);
    expression.evaluate(Some(&input), &Surroundings { bindings: &bindings, random: &random, millis: 0, mode, limits })
}

const SMALL: Limits = Limits { depth: 200, steps: 100_000, memory: 16 << 20, ..Limits::STATE };

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

/// Well-formed expressions that make much of little.
fn greedy() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec![
        "1e9",
        "-7",
        "0.1",
        "1e308",
        "'aaaaaaaaaaaaaaaa'",
        "'#,##0.00'",
        "'{\"a\":[[1]]}'",
        "[1..20000]",
        "[1..300].{'k': $}",
        "$",
        "a.**",
        "$pad('', 5000, 'ab')",
        "$sum",
        "/a*b?/",
        "/(a|aa)+$/",
        "missing",
    ]);
    let patterns = [
        "$pad(_, 1e7, _)",
        "$pad(_, -1e6)",
        "(_ & _)",
        "[_, _]",
        "[_.._]",
        "_.[1..1000]",
        "[1..500].(_)",
        "(_)[_]",
        "(_)^(_)",
        "(_){$string($): _}",
        "{$string(_): _}",
        "$string([_, _])",
        "$join($split(_, ''), _)",
        "$split(_, _)",
        "$replace(_, 'a', _)",
        "$replace(_, /a?/, _)",
        "$replace(_, /./, function($m){ _ })",
        "$match(_, _)",
        "$contains(_, _)",
        "$map([1..300], function($v){ _ })",
        "$filter(_, function($v){ _ })",
        "$reduce([1..300], function($p, $q){[$p, _]})",
        "$reduce([1..300], function($p, $q){[$p, $p, _]})",
        "$reduce([1..300], function($p, $q){ $p & $p & _ }, 'x')",
        "($f := function($n){ _ + $f($n + 1) }; $f(_))",
        "($f := function($n){ $f([$n, _]) }; $f(_))",
        "($f := function($n){ $n ~> |$|{'x': _}| ~> $f }; $f(_))",
        "$sort(_)",
        "$sort(_, function($l, $r){ _ })",
        "$distinct(_)",
        "$zip(_, _)",
        "$append(_, _)",
        "$merge(_)",
        "$spread(_)",
        "$keys(_)",
        "$each(_, function($v){ _ })",
        "(_).**",
        "_ ~> |**|{'x': _}|",
        "_ ~> |$|{'x': _}, $keys($)|",
        "$formatNumber(_, _)",
        "$formatNumber(_, $pad('', 3000, '#'))",
        "$formatInteger(_, _)",
        "$parseInteger(_, _)",
        "$formatBase(_, 2)",
        "$power(_, _)",
        "$toMillis(_, _)",
        "$fromMillis(_, '[Y9999999]')",
        "$fromMillis(_, _)",
        "$encodeUrl(_)",
        "$base64encode(_)",
        "$parse(_)",
        "$hash(_, 'MD5')",
        "$range(0, _, _)",
        "$partition(_, 1)",
        "$shuffle(_)",
        "$lookup(_, 'k')",
        "(_ in _)",
        "(_ = _)",
        "_@$p._@$q.[$p, $q]",
        "_#$i[_]",
        "$lowercase(_)",
        "$substring(_, _)",
        "$substringAfter(_, _)",
        "$reverse(_)",
        "$number(_)",
    ];
    leaf.prop_map(str::to_owned).prop_recursive(3, 16, 3, move |inner| {
        let filled = |(pattern, parts): (&'static str, Vec<String>)| {
            let mut pieces = pattern.split('_');
            let first = pieces.next().unwrap_or_default().to_owned();
            parts.iter().cycle().zip(pieces).fold(first, |text, (part, piece)| text + part + piece)
        };
        (proptest::sample::select(patterns.to_vec()), proptest::collection::vec(inner, 3)).prop_map(filled)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn greedy_expressions_end_soon(text in greedy()) {
        let start = std::time::Instant::now();
        let _ = evaluate_as(&text, Mode::StepFunctions, SMALL);
        prop_assert!(start.elapsed().as_secs() < 5, "took too long");
    }
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
        "$formatInteger(1, $pad('', 200001, '#,') & '0')".into(),
        "$toMillis('1', $pad('', 300000, '[Y]'))".into(),
        "$now($pad('', 300000, '[Y]'))".into(),
        "$replace($pad('', 1000, 'a'), /(a+)/, $pad('', 1000000, '$1'))".into(),
        "($s := [1..100000]; [1..10000].$s.x)".into(),
        "($s := [1..100000]; [1..10000].$s.$[0])".into(),
        "($s := [1..100000]; [1..10000].($s)[])".into(),
        "($s := [1..100000]; [1..10000].($s@$i))".into(),
        "($s := [1..100000]; [1..10000].$boolean($s))".into(),
        "($s := [1..100000]; [1..10000].(function($a)<a<n>:n>{1})($s))".into(),
        "($s := [1..100000]; $lookup([1..10000].{'a': $s}, 'a'))".into(),
        "($s := [1..100000]; $t := [1..100000]; [1..10000].($s = $t))".into(),
        "($s := $pad('', 1000000, 'a'); [1..10000]{$s: 1})".into(),
        "($f := function($s, $n){$n = 0 ? $s : $f([$s, $s], $n - 1)}; $f(1, 23))".into(),
        "($f := function($s, $n){$n = 0 ? $s : $f([$s, $s], $n - 1)}; $x := $f({'a': 1}, 18); [1..100].$x.a)".into(),
        "($f := function($s, $n){$n = 0 ? $s : $f([$s, $s], $n - 1)}; $x := $f(1, 18); [1..100].$x.*)".into(),
        "($o := [1..20000]{$string($): 1}; $p := [1..20000]{$string($): 1}; [1..2000].($o = $p))".into(),
    ];
    for attack in &attacks {
        let result = evaluate(attack, Limits { steps: 1_000_000, memory: 64 << 20, ..Limits::default() });
        let shown: String = attack.chars().take(60).collect();
        assert!(result.is_err(), "{shown}: no error");
    }
}

#[test]
fn what_a_state_can_hold_is_worked_on_within_the_limits() {
    let lines = "$l := [1..2500].{'title': 'a title of some thirty characters', 'price': ($ * 7919) % 2500}";
    let works = [
        "$count($l)",
        "$length($reduce($l, function($text, $line){$text & $line.title & ' '}, ''))",
        "$count($sort($l, function($a, $b){$a.price > $b.price}))",
        "$count($l^(price, >title))",
        "$count($distinct($l))",
        "$count($keys($reduce($l, function($all, $line){$merge([$all, {$string($line.price): $line}])}, {})))",
        "$count($reduce($l, function($all, $line){$append($all, $line.price)}, []))",
        "$count($keys($l{$string(price): $count(title)}))",
        "($l := $filter($l, function($line){$line.price < 1000}); $count($l.($price := price; $l[price = $price])))",
        "$length($string($l))",
        "$count($parse($string($l)))",
        "$count($match($string($l), /title.*?,/))",
    ];
    for work in works {
        let result = evaluate_as(&format!("({lines}; {work})"), Mode::StepFunctions, Limits::STATE);
        assert!(matches!(result, Ok(Evaluated::Value(_))), "{work}: {result:?}");
    }
}
