//! Points in time with the precision of the service: milliseconds.

use chrono::{DateTime, SecondsFormat, Utc};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time that is `millis` milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds after the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Seconds after the epoch with three decimals, as the API gives times.
    pub fn epoch_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The time `millis` milliseconds later; the last representable one if there is none.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Parses RFC 3339 as AWS takes it: upper-case `T`, and `Z` or an offset with a colon.
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_exact(text).map(|(time, _)| time)
    }

    /// The same with the nanoseconds beyond the millisecond: two of these compare as the points in time do.
    ///
    /// AWS describes the form with the words of Java's `DateTimeFormatter.ISO_OFFSET_DATE_TIME`; so there is no second 60,
    /// no offset beyond 18 hours, and no tenth digit of a second's fraction, all of which RFC 3339 would allow.
    pub fn parse_exact(text: &str) -> Option<(Self, u32)> {
        const MOST_OFFSET: i32 = 18 * 60 * 60;
        const MOST_DIGITS: usize = 9;
        let literal = text.as_bytes().get(10) == Some(&b'T') && !text.contains(['t', 'z', ' ']);
        let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
        if !literal || fraction.bytes().take_while(u8::is_ascii_digit).count() > MOST_DIGITS {
            return None;
        }
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        // The library counts a leap second as nanoseconds beyond a whole second.
        let is_leap_second = time.timestamp_subsec_nanos() >= 1_000_000_000;
        if is_leap_second || time.offset().local_minus_utc().abs() > MOST_OFFSET {
            return None;
        }
        Some((Self(time.timestamp_millis()), time.timestamp_subsec_nanos() % 1_000_000))
    }
}

/// `2024-01-31T12:34:56.789Z`, as in the context object.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or_default();
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_milliseconds() {
        let time = Timestamp::from_millis(1_706_704_496_789);
        assert_eq!(time.to_string(), "2024-01-31T12:34:56.789Z");
        assert_eq!(time.epoch_seconds(), 1_706_704_496.789);
    }

    #[test]
    fn only_full_date_times_are_read() {
        for text in [
            "2016-12-05T21:29:29Z",
            "2016-12-05T21:29:29.000000Z",
            "2016-12-05T21:29:29.123456789Z",
            "2016-12-05T22:29:29.5+01:00",
            "2016-12-05T22:29:29-18:00",
        ] {
            assert!(Timestamp::parse(text).is_some(), "{text}");
        }
        for text in [
            "2016-12-05T21:29:29",
            "2016-12-05 21:29:29Z",
            "05-12-2016T21:29:29Z",
            "2016-13-05T21:29:29Z",
            "2016-12-05t21:29:29z",
            "2016-12-05T21:29:29.Z",
            "2016-12-05T21:29:29.1234567891Z",
            "2016-12-31T23:59:60Z",
            "2016-12-05T21:29:29+18:01",
        ] {
            assert!(Timestamp::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn exact_times_compare_as_points_in_time() {
        let in_order = [
            "1969-12-31T23:59:59.999999999Z",
            "1970-01-01T00:00:00Z",
            "1970-01-01T00:00:00.0000001Z",
            "1970-01-01T00:00:00.0000002Z",
            "1970-01-01T00:00:00.001Z",
            "1970-01-01T00:00:01+00:00",
            "1970-01-01T00:00:02+00:00",
        ];
        let times = in_order.map(|text| Timestamp::parse_exact(text).expect("a time"));
        assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
        assert_eq!(Timestamp::parse_exact("1970-01-01T01:00:00+01:00"), Some(times[1]));
    }
}
