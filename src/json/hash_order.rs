//! The order in which Java's hash tables list what they hold.
//!
//! AWS's interpreter is a Java program and lets that order show: the members that a payload template computes, the
//! members of what `States.JsonMerge` returns and the items of what `States.ArrayUnique` returns stand in the order of
//! a `HashMap` or `HashSet`. The recordings confirm it for the first two by every object they show. A table has a
//! power of two of buckets, 16 or more, and doubles when it is filled to more than three quarters; within a bucket
//! whatever came first stays first.

use super::{Number, Value};

/// Puts `items` in the order of a table that began with `buckets` (a power of two) and grew as it had to.
pub fn arrange<T>(items: &mut [T], mut buckets: usize, hash: impl Fn(&T) -> u32) {
    while items.len() > buckets / 4 * 3 {
        buckets *= 2;
    }
    items.sort_by_cached_key(|item| {
        let hash = hash(item);
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
}

/// The number of buckets that a table has from the beginning.
pub const BUCKETS: usize = 16;

/// `String.hashCode`
pub fn of_text(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

/// `hashCode` of the Java object that stands for a JSON value: `LinkedHashMap`, `ArrayList`, `Integer` and so on.
///
/// Equal values have equal hashes, `1` and `1.0` too.
pub fn of_value(value: &Value) -> u32 {
    match value {
        Value::Null => 0,
        Value::Bool(true) => 1231,
        Value::Bool(false) => 1237,
        Value::Number(number) => of_number(number),
        Value::String(text) => of_text(text),
        Value::Array(_) => {
            let items = value.as_array().unwrap_or_default();
            items.iter().fold(1, |hash: u32, item| hash.wrapping_mul(31).wrapping_add(of_value(item)))
        }
        Value::Object(object) => {
            object.iter().fold(0, |hash: u32, (name, value)| hash.wrapping_add(of_text(name) ^ of_value(value)))
        }
    }
}

fn of_number(number: &Number) -> u32 {
    match number.as_whole() {
        Some(whole) => match i32::try_from(whole) {
            Ok(int) => int as u32,
            Err(_) => folded(whole as u64),
        },
        None => folded(number.as_f64().to_bits()),
    }
}

fn folded(bits: u64) -> u32 {
    (bits ^ (bits >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_a_hash_map() {
        for (written, listed) in [
            ("encoded decoded", "decoded encoded"),
            ("mergedJson parsedJson stringifiedJson", "parsedJson mergedJson stringifiedJson"),
            (
                "simpleArray partitionedArray containsElement numberRange thirdElement arraySize uniqueValues",
                "uniqueValues simpleArray thirdElement partitionedArray arraySize containsElement numberRange",
            ),
        ] {
            let mut names: Vec<&str> = written.split(' ').collect();
            arrange(&mut names, BUCKETS, |name| of_text(name));
            assert_eq!(names.join(" "), listed);
        }
    }

    #[test]
    fn a_table_grows_when_it_is_three_quarters_full() {
        let listed = |count: i64| {
            let mut numbers: Vec<i64> = (0..count).map(|n| n * 16).collect();
            arrange(&mut numbers, BUCKETS, |n| *n as u32);
            numbers
        };
        assert_eq!(listed(12), (0..12).map(|n| n * 16).collect::<Vec<_>>());
        assert_eq!(listed(13), (0..13).step_by(2).chain((1..13).step_by(2)).map(|n| n * 16).collect::<Vec<_>>());
    }

    #[test]
    fn hashes_are_those_of_java() {
        for (json, hash) in [
            ("null", 0),
            ("true", 1231),
            ("false", 1237),
            ("7", 7),
            ("-7", -7),
            ("7.0", 7),
            ("4294967296", 1),
            ("1.5", 1_073_217_536),
            ("\"Hello\"", 69_609_650),
            ("[]", 1),
            ("[1,2]", 994),
            ("{}", 0),
            (r#"{"a":1,"b":2}"#, 192),
        ] {
            assert_eq!(of_value(&Value::parse(json).expect("valid JSON")) as i32, hash, "{json}");
        }
    }
}
