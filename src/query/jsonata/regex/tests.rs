use super::*;
use proptest::prelude::*;

/// The first match and its groups, as text; `-` is a group that took no part.
fn found(pattern: &str, flags: &str, text: &str) -> Option<String> {
    let regex = Regex::compile(pattern, flags).unwrap_or_else(|error| panic!("{error}"));
    let found = regex.find_at(text, 0).expect("in time")?;
    let groups = found.groups.iter().map(|group| group.map_or("-", |(start, end)| &text[start..end]));
    Some(std::iter::once(&text[found.start..found.end]).chain(groups).collect::<Vec<_>>().join("|"))
}

fn check(cases: &[(&str, &str, &str, Option<&str>)]) {
    for (pattern, flags, text, expected) in cases {
        assert_eq!(found(pattern, flags, text).as_deref(), *expected, "/{pattern}/{flags} in {text:?}");
    }
}

#[test]
fn characters_classes_and_anchors() {
    check(&[
        ("b", "", "abc", Some("b")),
        ("", "", "abc", Some("")),
        ("x", "", "abc", None),
        (".", "", "\n\r\u{2028}a", Some("a")),
        (".", "", "💩", Some("💩")),
        (r"\d\D\w\W\s\S", "", "x1aa- b", Some("1aa- b")),
        ("[a-cx]+", "", "zabcxd", Some("abcx")),
        ("[^a-c]+", "", "abcxyz", Some("xyz")),
        ("[]", "", "a", None),
        ("[^]", "", "\n", Some("\n")),
        (r"[\w-]+", "", "!a-b!", Some("a-b")),
        (r"[\d-x]+", "", "w1-x", Some("1-x")),
        ("[а-я]+", "", "Это всё", Some("то")),
        (r"[\b]", "", "a\u{8}", Some("\u{8}")),
        ("^b", "", "a\nb", None),
        ("^b", "m", "a\nb", Some("b")),
        ("a$", "", "a\nb", None),
        ("a$", "m", "a\nb", Some("a")),
        (r"\bb\w*", "", "ab bc", Some("bc")),
        (r"\Bb", "", "b ab", Some("b")),
        ("^(?:a|b)", "", "ca", None),
    ]);
}

#[test]
fn escapes() {
    check(&[
        (r"\t\n\v\f\r\0", "", "\t\n\u{B}\u{C}\r\0", Some("\t\n\u{B}\u{C}\r\0")),
        (r"\x41\u0042\cA", "", "AB\u{1}", Some("AB\u{1}")),
        (r"\ud83d\udca9", "", "💩", Some("💩")),
        (r"\ud83d", "", "💩", None),
        (r"\x4\u12\a\/", "", "x4u12a/", Some("x4u12a/")),
        (r"\101\8", "", "A8", Some("A8")),
        (r"\c!", "", r"\c!", Some(r"\c!")),
        (r"\.\*\[\]\(\)\{\}\^\$\|\?\+\\", "", r".*[](){}^$|?+\", Some(r".*[](){}^$|?+\")),
        ("a{,2}]{", "", "a{,2}]{", Some("a{,2}]{")),
        (r"\k<a>", "", "k<a>", Some("k<a>")),
        (r"\p{L}", "", "p{L}", Some("p{L}")),
    ]);
}

#[test]
fn quantifiers() {
    check(&[
        ("a*", "", "aaa", Some("aaa")),
        ("a*?b", "", "aaab", Some("aaab")),
        ("a+?", "", "aaa", Some("a")),
        ("ba?", "", "ba", Some("ba")),
        ("ba??", "", "ba", Some("b")),
        ("a{2}", "", "aaa", Some("aa")),
        ("a{2,}", "", "aaaa", Some("aaaa")),
        ("a{1,2}?", "", "aa", Some("a")),
        ("(ab){2,3}", "", "ababababab", Some("ababab|ab")),
        ("(ab){2,3}?", "", "abababab", Some("abab|ab")),
        ("(?:ab){2}c", "", "ababab ababc", Some("ababc")),
        ("(a*)*", "", "b", Some("|-")),
        ("(a*)+", "", "b", Some("|")),
        ("(?:a*?)*?b", "", "aab", Some("aab")),
        ("(z)((a+)?(b+)?(c))*", "", "zaacbbbcac", Some("zaacbbbcac|z|ac|a|-|c")),
        ("(a|ab)(c|bcd)(d*)", "", "abcd", Some("abcd|a|bcd|")),
        ("<.+>", "", "<a><b>c", Some("<a><b>")),
        ("<.+?>", "", "<a><b>c", Some("<a>")),
        (".*é", "", "aééb", Some("aéé")),
        ("(?:){3}x", "", "x", Some("x")),
    ]);
}

#[test]
fn groups_references_and_lookarounds() {
    check(&[
        ("(a)|(b)", "", "b", Some("b|-|b")),
        (r"(a)(?:b)(?<last>c)\k<last>", "", "abcc", Some("abcc|a|c")),
        (r"(['x]).*?\1", "", "ax'b'x", Some("x'b'x|x")),
        (r"\1(a)", "", "aa", Some("a|a")),
        (r"(?:(a)|b)*\1", "", "ab", Some("ab|-")),
        (r"(Ä)\1", "i", "äÄ", Some("äÄ|ä")),
        (r"a(?=b)", "", "acab", Some("a")),
        (r"a(?!b)\w", "", "abac", Some("ac")),
        (r"(?=(a+))a*b\1", "", "baaabac", Some("aba|a")),
        (r"(.*?)a(?!(a+)b\2c)\2(.*)", "", "baaabaac", Some("baaabaac|ba|-|abaac")),
        (r"(?<=\$)\d+", "", "1 $23", Some("23")),
        (r"(?<!\$|\d)\d+", "", "$23 45", Some("45")),
        (r"(?<=(\d+)(\d+))$", "", "1053", Some("|1|053")),
        (r"(?<=\1(a))b", "", "aab", Some("b|a")),
        (r"(?<=a{2})b", "", "ab aab", Some("b")),
        (r"(?:(?=a)){2,}a", "", "a", Some("a")),
    ]);
}

#[test]
fn case_is_ignored_as_in_javascript() {
    check(&[
        ("hat", "i", "a HaT", Some("HaT")),
        ("[a-f]+", "i", "xAbCz", Some("AbC")),
        ("[^a-f]+", "i", "AbCz", Some("z")),
        ("ПРИВЕТ", "i", "привет", Some("привет")),
        ("[α-ω]+", "i", "ΣΊΣ", Some("Σ")),
        ("ß", "i", "SS", None),
        (r"\w+", "i", "\u{17F}\u{212A}", None),
    ]);
}

#[test]
fn a_search_begins_where_it_is_told_to() {
    let regex = Regex::compile("b+", "g").expect("in time");
    let text = "ababbxabbcc";
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(found) = regex.find_at(text, at).expect("in time") {
        starts.push((found.start, found.end));
        at = found.end;
    }
    assert_eq!(starts, [(1, 2), (3, 5), (7, 9)]);
    assert_eq!(Regex::compile("^a", "").expect("in time").find_at("aa", 1), Ok(None));
    assert_eq!(regex.find_at("b", 9), Ok(None));
    assert_eq!(regex.find_at("éb", 1).expect("in time").map(|found| found.start), Some(2));
}

#[test]
fn what_is_no_expression_is_refused_in_v8s_words() {
    let cases = [
        ("(a", "Invalid regular expression: /(a/g: Unterminated group"),
        ("a)", "Invalid regular expression: /a)/g: Unmatched ')'"),
        ("*", "Invalid regular expression: /*/g: Nothing to repeat"),
        ("a**", "Invalid regular expression: /a**/g: Nothing to repeat"),
        ("{1}", "Invalid regular expression: /{1}/g: Nothing to repeat"),
        ("^*", "Invalid regular expression: /^*/g: Nothing to repeat"),
        ("(?<=a)*", "Invalid regular expression: /(?<=a)*/g: Invalid quantifier"),
        ("a{2,1}", "Invalid regular expression: /a{2,1}/g: numbers out of order in {} quantifier"),
        ("[a", "Invalid regular expression: /[a/g: Unterminated character class"),
        ("[b-a]", "Invalid regular expression: /[b-a]/g: Range out of order in character class"),
        ("\\", "Invalid regular expression: /\\/g: \\ at end of pattern"),
        ("(?a)", "Invalid regular expression: /(?a)/g: Invalid group"),
        ("(?<1>a)", "Invalid regular expression: /(?<1>a)/g: Invalid capture group name"),
        ("(?<a>)(?<a>)", "Invalid regular expression: /(?<a>)(?<a>)/g: Duplicate capture group name"),
        (r"(?<a>)\k", r"Invalid regular expression: /(?<a>)\k/g: Invalid named reference"),
        (r"(?<a>)\k<b>", r"Invalid regular expression: /(?<a>)\k<b>/g: Invalid named capture referenced"),
    ];
    for (pattern, message) in cases {
        assert_eq!(Regex::compile(pattern, "g").expect_err("no expression").to_string(), message, "{pattern}");
    }
    let flags = Regex::compile("a", "ii").expect_err("no expression");
    assert_eq!(flags.to_string(), "Invalid flags supplied to RegExp constructor 'ii'");
}

#[test]
fn nothing_hangs_or_overflows() {
    let text = "a".repeat(100_000);
    for pattern in ["(a*)*b", "(?:a|a)*b", "(a+)+$b", r"(?:(a)\1?)*b", "(?:(?:a?){99}){99}b", "(?=(a*)*b)"] {
        let regex = Regex::compile(pattern, "").expect("in time");
        assert_eq!(regex.find_within(&text, 0, &mut 300_000), Err(TooManySteps), "{pattern}");
    }
    let empty = Regex::compile("(?:){1000000000}", "").expect("in time");
    assert_eq!(empty.find_within(&text, 0, &mut 300_000), Err(TooManySteps));
    assert_eq!(found("(?:a|b)*", "", &text).map(|found| found.len()), Some(100_000));
    let nested = format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(Regex::compile(&nested, "").expect_err("no expression").problem, Problem::TooDeep);
    let mut steps = 5;
    assert_eq!(Regex::compile("x", "i").expect("in time").find_within(&text, 0, &mut steps), Err(TooManySteps));
}

proptest! {
    #[test]
    fn any_pattern_ends_on_any_text(
        pattern in r"(\(|\)|\(\?:|\(\?=|\(\?<!|[ab.^$|*+?é]|\[|\]|-|\{1,3\}|\\[1bBwdk]|<a>){0,20}",
        flags in "i?m?",
        text in "[abAB é\n]{0,24}",
        start in 0usize..30,
    ) {
        let Ok(regex) = Regex::compile(&pattern, &flags) else { return Ok(()) };
        let mut steps = 100_000;
        if let Ok(Some(found)) = regex.find_within(&text, start, &mut steps) {
            prop_assert!(found.start >= start && found.end >= found.start);
            prop_assert!(text.get(found.start..found.end).is_some());
            for (from, to) in found.groups.into_iter().flatten() {
                prop_assert!(text.get(from..to).is_some());
            }
        }
    }

    #[test]
    fn any_text_is_a_pattern_or_refused(pattern in any::<String>(), text in any::<String>()) {
        if let Ok(regex) = Regex::compile(&pattern, "") {
            let _ = regex.find_within(&text, 0, &mut 100_000);
        }
    }
}
