use super::*;
use proptest::prelude::*;

/// 2018-03-23T10:33:36.617Z, a Friday
const MARCH: f64 = 1521801216617.0;

/// 2026-11-22T18:15:56.729Z
const NOW: f64 = 1795371356729.0;

#[test]
fn without_a_picture_times_are_written_in_iso_8601() {
    let cases = [
        (1.0, None, "1970-01-01T00:00:00.001Z"),
        (MARCH, None, "2018-03-23T10:33:36.617Z"),
        (MARCH + 0.7, None, "2018-03-23T10:33:36.617Z"),
        (-0.5, None, "1970-01-01T00:00:00.000Z"),
        (-62198755200000.0, None, "-0001-01-01T00:00:00.000Z"),
        (253402300800000.0, None, "0000-01-01T00:00:00.000Z"),
        (MARCH, Some("-0500"), "2018-03-23T05:33:36.617-05:00"),
        (MARCH, Some("0000"), "2018-03-23T10:33:36.617Z"),
        (MARCH, Some("-0030"), "2018-03-23T09:03:36.617-01:30"),
    ];
    for (millis, timezone, expected) in cases {
        assert_eq!(from_millis(millis, None, timezone).as_deref(), Ok(expected), "{millis} {timezone:?}");
    }
}

#[test]
fn pictures_say_how_times_are_written() {
    let cases = [
        ("Hello", "Hello"),
        ("", ""),
        ("[[Year]]: [[[Y0001]]]", "[Year]: [2018]"),
        ("Y] a]]b [[", "Y] a]b ["),
        ("[ Y 0 001 ]", "2018"),
        (
            "[Y]|[Y01]|[Y001]|[Y#1]|[Y00000]|[Y,2-2]|[Y,6-8]|[Y,3-2]|[Y0001,2]|[Y9,999,*]",
            "2018|18|018|18|02018|18|00002018|18|2018|2,018",
        ),
        (
            "[YI]|[Yw]|[Ywo]|[Ya]|[Yw,2-2]|[Y1o]|[Y1;o]|[Y٠٠٠١]",
            "MMXVIII|two thousand and eighteen|two thousand and eighteenth|byp|eighteen|2018th|2018;th|٢٠١٨",
        ),
        (
            "[M]|[M01]|[M01,1-1]|[MN]|[Mn]|[MNn]|[MNn,3-3]|[MNn,*-4]|[MNn,10]|[MNno]",
            "3|03|3|MARCH|march|March|Mar|Marc|March|March",
        ),
        ("[D]|[D1o]|[Dwo]|[DWw]|[Da]|[D,3-3]|[d]|[d001]", "23|23rd|twenty-third|Twenty-Three|w|023|82|082"),
        ("[F]|[FNn]|[FN,3-3]|[F0]|[F1o]", "friday|Friday|FRI|5|5th"),
        ("[W]|[w]|[X]|[x]|[xNn]|[X,2-2]|[W01,3-4]", "12|4|2018|3|March|2018|012"),
        ("[H]|[h]|[P]|[PN]|[m]|[s]|[f]|[f01]|[f,2-2]|[Hwo]", "10|10|am|AM|33|36|617|617|617|tenth"),
        ("[C]|[E]|[CN]|[E1]", "ISO|ISO|ISO|ISO"),
        (
            "[Z]|[z]|[Z0]|[Z00]|[Z001]|[Z0001]|[Z0:00]|[Z01:01t]|[z0t]|[Z00-00]",
            "+00:00|GMT+00:00|+0|+00|+000|+0000|+0:00|Z|Z|+00-00",
        ),
    ];
    for (picture, expected) in cases {
        assert_eq!(from_millis(MARCH, Some(picture), None).as_deref(), Ok(expected), "{picture}");
    }
}

#[test]
fn time_zones_move_the_clock() {
    let cases = [
        ("[H]:[m] [Z]", "+0530", "16:03 +05:30"),
        ("[H]:[m] [Z]", "-0530", "4:03 -06:30"),
        ("[Z0]|[z0]|[Z00]|[Z000]|[Z0001]|[Z0101t]", "+0530", "+5:30|GMT+5:30|+05:30|+530|+0530|+0530"),
        ("[Z0]|[Z00:00]|[Z0001]", "-0330", "-4:-30|-04:30|-0430"),
        ("[D] [h][P]", "+1400", "24 12am"),
        ("[Z]", "+5", "+00:05"),
        ("[Z٠٠:٠٠]", "+0530", "+٠٥:٣٠"),
    ];
    for (picture, timezone, expected) in cases {
        assert_eq!(from_millis(MARCH, Some(picture), Some(timezone)).as_deref(), Ok(expected), "{picture} {timezone}");
    }
    for timezone in ["", "Z", "Europe/Berlin", "99999999999999"] {
        assert_eq!(from_millis(MARCH, None, Some(timezone)), Err(DateProblem::InvalidTime), "{timezone}");
    }
}

#[test]
fn weeks_belong_to_where_their_thursday_is() {
    let cases = [
        ("2005-01-01", "2004-W53-6, 5 of December"),
        ("2006-01-01", "2005-W52-7, 5 of December"),
        ("2008-12-29", "2009-W01-1, 1 of January"),
        ("2010-01-03", "2009-W53-7, 5 of December"),
        ("2013-02-01", "2013-W05-5, 5 of January"),
        ("2018-07-31", "2018-W31-2, 1 of August"),
    ];
    for (date, expected) in cases {
        let millis = to_millis(date, None, NOW).expect("ISO 8601").expect("a time");
        let week = from_millis(millis, Some("[X0001]-W[W01]-[F1], [w] of [xNn]"), None);
        assert_eq!(week.as_deref(), Ok(expected), "{date}");
    }
}

/// The time in ISO 8601 or the code of the error; `undefined` and `NaN` for themselves.
fn read(text: &str, picture: Option<&str>) -> String {
    match to_millis(text, picture, NOW) {
        Ok(Some(millis)) if millis.is_nan() => "NaN".into(),
        Ok(Some(millis)) => from_millis(millis, None, None).expect("a time"),
        Ok(None) => "undefined".into(),
        Err(problem) => problem.code().unwrap_or("other").into(),
    }
}

#[test]
fn without_a_picture_times_are_read_as_iso_8601() {
    let cases = [
        ("2018", "2018-01-01T00:00:00.000Z"),
        ("2018-02", "2018-02-01T00:00:00.000Z"),
        ("2018-02-30", "2018-03-02T00:00:00.000Z"),
        ("2018-02-03Z", "2018-02-03T00:00:00.000Z"),
        ("0000-01-01", "0000-01-01T00:00:00.000Z"),
        ("2018T11:15:33Z", "2018-01-01T11:15:33.000Z"),
        ("2018-02-03T11:15:33", "2018-02-03T11:15:33.000Z"),
        ("2018-02-03T11:15:33.12Z", "2018-02-03T11:15:33.120Z"),
        ("2018-02-03T11:15:33.1239+0130", "2018-02-03T09:45:33.123Z"),
        ("2018-02-03T11:15:33-01:30", "2018-02-03T12:45:33.000Z"),
        ("2018-02-03T24:00:00Z", "2018-02-04T00:00:00.000Z"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text, None), expected, "{text}");
    }
    let nan = [
        "2018-13-01",
        "2018-00-03",
        "2018-02-32",
        "2018-02-03+01:00",
        "2018-02-03-04",
        "2018-0203",
        "2018-02-03T24:00:01Z",
        "2018-02-03T25:00:00Z",
        "2018-02-03T11:15:33+24:00",
    ];
    for text in nan {
        assert_eq!(read(text, None), "NaN", "{text}");
    }
    let no_times = [
        "",
        "foo",
        "01-02-2018",
        "2018-2-3",
        "20180203",
        "218",
        " 2018",
        "2018-02-03 11:15:33",
        "2018-02-03T11:15",
        "2018-02-03T11:15:33-01",
        "2018-02-03T23:60:00Z",
        "2018-02-03T11:15:33,1Z",
        "-0001-01-01",
    ];
    for text in no_times {
        assert_eq!(read(text, None), "D3110", "{text}");
    }
}

#[test]
fn pictures_say_how_times_are_read() {
    let cases = [
        ("2018-03-27T14:03:00.123Z", "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001]Z", "2018-03-27T14:03:00.123Z"),
        ("20180205", "[Y0001][M01][D01]", "2018-02-05T00:00:00.000Z"),
        ("201802", "[Y,*-4][M01]", "2018-02-01T00:00:00.000Z"),
        ("2018-2-3", "[Y0001]-[M01]-[D01]", "undefined"),
        ("3-1", "[M#1]-[D1]", "2026-03-01T00:00:00.000Z"),
        ("18", "[Y##01]", "1918-01-01T00:00:00.000Z"),
        ("8", "[Y##01]", "undefined"),
        ("18", "[Y##1,2-3]", "1918-01-01T00:00:00.000Z"),
        ("18", "[Y,2-3]", "undefined"),
        ("1", "[M,0-0]", "2026-01-01T00:00:00.000Z"),
        ("18", "[Y]", "1918-01-01T00:00:00.000Z"),
        ("-2018", "[Y]", "undefined"),
        ("x2018", "[Y]", "undefined"),
        ("(2018)+", "([Y])+", "2018-01-01T00:00:00.000Z"),
        ("X2018", "x[Y]", "2018-01-01T00:00:00.000Z"),
        ("27th 3 1976", "[D1o] [M#1] [Y0001]", "1976-03-27T00:00:00.000Z"),
        ("1xx 3 1976", "[D1o] [M] [Y]", "undefined"),
        ("27 iii MMXVIII", "[D1] [Mi] [YI]", "2018-03-27T00:00:00.000Z"),
        ("iv-III-2018", "[DI]-[MI]-[Y]", "NaN"),
        ("ae C mmxviii", "[Da] [MA] [Yi]", "2018-03-31T00:00:00.000Z"),
        ("Twentieth of August, two thousand and seventeen", "[DW] of [MNn], [Yw]", "2017-08-20T00:00:00.000Z"),
        ("fourth-three-2018", "[Dw]-[Mw]-[Y]", "2018-03-04T00:00:00.000Z"),
        ("1 fivesix 2018", "[D] [Mw] [Y]", "2018-01-01T00:00:00.000Z"),
        ("zip 2018", "[Mw] [Y]", "undefined"),
        ("2 Feb 2012", "[D1] [MNn,3-3] [Y0001]", "2012-02-02T00:00:00.000Z"),
        ("march 2018", "[MNn] [Y]", "2018-01-01T00:00:00.000Z"),
        ("Wednesday, 14th November 2018", "[FNn], [D1o] [MNn] [Y]", "2018-11-14T00:00:00.000Z"),
        ("4/4/2018 12:06 am", "[D1]/[M1]/[Y0001] [h]:[m] [P]", "2018-04-04T00:06:00.000Z"),
        ("4/4/2018 12:06 PM", "[D1]/[M1]/[Y0001] [h]:[m] [P]", "2018-04-04T12:06:00.000Z"),
        ("4/4/2018 5 pm", "[D1]/[M1]/[Y0001] [h] [P]", "2018-04-04T17:00:00.000Z"),
        ("2018-094", "[Y0001]-[d001]", "2018-04-04T00:00:00.000Z"),
        ("2018-13-01", "[Y]-[M]-[D]", "2019-01-01T00:00:00.000Z"),
        ("2018-00-00", "[Y]-[M]-[D]", "2017-12-31T00:00:00.000Z"),
        ("1/1/275761", "[D]/[M]/[Y]", "NaN"),
        ("2018-1-1 11:30:20.5", "[Y]-[M]-[D] [H]:[m]:[s].[f]", "2018-01-01T11:30:20.005Z"),
        ("2020-09-09 08:00 +02:00", "[Y]-[M]-[D] [H]:[m] [Z]", "2020-09-09T06:00:00.000Z"),
        ("2020-09-09 08:00 GMT-5", "[Y]-[M]-[D] [H]:[m] [z01]", "2020-09-09T13:00:00.000Z"),
        ("2020-09-09 08:00 -0530", "[Y]-[M]-[D] [H]:[m] [Z0001]", "2020-09-09T13:30:00.000Z"),
        ("2020-09-09 08:00 Z", "[Y]-[M]-[D] [H]:[m] [Z01:01t]", "undefined"),
        ("2018-1-1 ISO", "[Y]-[M]-[D] [E]", "D3133"),
        ("Hello", "Hello", "undefined"),
        ("", "", "undefined"),
    ];
    for (text, picture, expected) in cases {
        assert_eq!(read(text, Some(picture)), expected, "{text} {picture}");
    }
}

#[test]
fn what_is_missing_is_completed() {
    let cases = [
        ("3", "[M]", "2026-03-01T00:00:00.000Z"),
        ("5", "[D]", "2026-11-05T00:00:00.000Z"),
        ("094", "[d]", "2026-04-04T18:15:56.729Z"),
        ("094 11", "[d] [H]", "2026-04-04T11:00:00.000Z"),
        ("13:45", "[H]:[m]", "2026-11-22T13:45:00.000Z"),
        ("30", "[s]", "2026-11-22T18:15:30.000Z"),
        ("4", "[h]", "2026-11-22T04:00:00.000Z"),
        ("1969, 343 DECEMBER", "[Y], [d] [MN]", "1969-12-09T00:00:00.000Z"),
        ("2018-0", "[Y]-[d]", "2018-01-01T00:00:00.000Z"),
        ("pm", "[P]", "2026-11-22T12:00:00.000Z"),
        ("Monday", "[F]", "2026-11-22T18:15:56.729Z"),
        ("2017 20", "[Y] [W]", "2017-01-01T00:00:00.000Z"),
        ("3 100", "[M] [d]", "2026-03-01T00:00:00.000Z"),
        ("5 20", "[x] [W]", "2026-11-22T18:15:56.729Z"),
        ("2018 5", "[Y] [D]", "D3136"),
        ("2018 11", "[Y] [H]", "D3136"),
        ("2018-1-1 5", "[Y]-[M]-[D] [h]", "D3136"),
        ("2018-094 11", "[Y]-[d] [H]", "D3136"),
        ("Foo 3 2018", "[MNn] [D] [Y]", "D3136"),
        ("5-22 23:59", "[M]-[D] [m]:[s]", "D3136"),
        ("2018-32-5", "[X]-[W]-[F1]", "D3136"),
        ("2018-3-2-5", "[X]-[x]-[w]-[F1]", "D3136"),
    ];
    for (text, picture, expected) in cases {
        assert_eq!(read(text, Some(picture)), expected, "{text} {picture}");
    }
}

#[test]
fn unusable_pictures_are_refused() {
    let cases = [
        ("[q]", "D3132: Unknown component specifier \"q\" in date/time picture string"),
        ("[ ]", "D3132: Unknown component specifier \"\" in date/time picture string"),
        (
            "[YN]",
            "D3133: The 'name' modifier can only be applied to months and days in the date/time picture string, not \"Y\"",
        ),
        ("[Z010101t]", "D3134: The timezone integer format specifier cannot have more than four digits"),
        ("[ZN]", "D3134: The timezone integer format specifier cannot have more than four digits"),
        ("[YN]-[M", "D3135: No matching closing bracket ']' in date/time picture string"),
        (
            "[Yα]",
            "D3130: Formatting or parsing an integer as a sequence starting with \"α\" is not supported by this implementation",
        ),
        ("[Y0٠]", "D3131: In a decimal digit pattern, all digits must be from the same decimal group"),
        ("[Y,99999999999999999999]", "-: Invalid string length"),
    ];
    for (picture, expected) in cases {
        let problem = from_millis(MARCH, Some(picture), None).expect_err(picture);
        assert_eq!(format!("{}: {problem}", problem.code().unwrap_or("-")), expected);
    }
    let problem = to_millis("a\"b", None, NOW).expect_err("no time");
    let text = "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given \"a\\\"b\"";
    assert_eq!(problem.to_string(), text);
    for millis in [f64::NAN, f64::INFINITY, 8.64e15 + 2.0] {
        assert_eq!(from_millis(millis, None, None), Err(DateProblem::InvalidTime));
    }
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(
        seconds in -2_000_000_000i64..4_000_000_000,
        picture in r"\[Y0001\]-\[M01\]-\[D01\]T\[H\]:\[m\]:\[s\]|\[Dwo\] \[MNn\] \[Yw\] \[h\]\.\[m\]\.\[s\]\[P\]|\[YI\],\[M1o\],\[Da\],\[H01\]h\[m1\]h\[sw\] \[Z\]",
    ) {
        let millis = (seconds * 1000) as f64;
        let text = from_millis(millis, Some(&picture), None).expect("a picture");
        prop_assert_eq!(to_millis(&text, Some(&picture), NOW), Ok(Some(millis)), "{}", text);
    }

    #[test]
    fn any_picture_works_or_is_refused(
        millis in any::<f64>(),
        picture in r"(\[[YMDdFWwXxHhPmsfZzCE][#01NnIiwWaAot]{0,3}(,([*]|[0-9]{1,2})(-[0-9*])?)?\]|[\[\] :,é-]){0,6}",
        text in "[0-9a-z+: -]{0,12}",
        timezone in "[+-]?[0-9]{1,5}",
    ) {
        let _ = from_millis(millis, Some(&picture), Some(&timezone));
        let _ = from_millis(MARCH, Some(&picture), Some(&timezone));
        let _ = to_millis(&text, Some(&picture), NOW);
    }
}
