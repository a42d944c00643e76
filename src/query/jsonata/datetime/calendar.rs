//! The proleptic Gregorian calendar with the weeks of ISO 8601.

const DAY: i64 = 86_400_000;

/// The last millisecond, before and after the epoch, that JavaScript's dates reach.
pub(super) const MAX_MILLIS: f64 = 8.64e15;

/// A date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    /// From 1 on.
    pub(super) month: i64,
    pub(super) day: i64,
    /// Days since 1970-01-01.
    pub(super) number: i64,
}

/// A date and the time of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) date: Date,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) milli: i64,
}

impl Moment {
    /// The moment so many milliseconds after the epoch; nothing beyond what JavaScript's dates reach.
    pub(super) fn from_millis(millis: f64) -> Option<Self> {
        if millis.is_nan() || millis.abs() > MAX_MILLIS {
            return None;
        }
        let millis = millis as i64;
        let (days, rest) = (millis.div_euclid(DAY), millis.rem_euclid(DAY));
        let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60);
        Some(Self { date: Date::from_number(days), hour, minute, second, milli: rest % 1000 })
    }
}

impl Date {
    fn from_number(number: i64) -> Self {
        // Counted from March on, February and its leap day come last.
        let days = number + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month, day, number }
    }

    /// The day of the year, from 1 on.
    pub(super) fn day_of_year(&self) -> i64 {
        self.number - days_before(self.year, 1) + 1
    }

    /// 1 for Monday to 7 for Sunday.
    pub(super) fn weekday(&self) -> i64 {
        (self.number + 3).rem_euclid(7) + 1
    }

    /// The Thursday of its week: a week belongs to the year and the month that its Thursday lies in.
    pub(super) fn thursday(&self) -> Date {
        Date::from_number(self.number - self.weekday() + 4)
    }
}

/// The days between the epoch and the first of a month; `month` may be outside of 1 to 12.
fn days_before(year: i64, month: i64) -> i64 {
    let (year, month) = (year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1);
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The milliseconds since the epoch; every part may be outside of its range. NaN where JavaScript's dates end.
pub(super) fn millis(year: f64, month: f64, day: f64, time: [f64; 4]) -> f64 {
    const LIMIT: f64 = 1e9;
    if !(year.abs() < LIMIT && month.abs() < LIMIT) {
        return f64::NAN;
    }
    let days = days_before(year as i64, month as i64) as f64 + day - 1.0;
    let [hour, minute, second, milli] = time;
    let millis = days * DAY as f64 + hour * 3_600_000.0 + minute * 60_000.0 + second * 1000.0 + milli;
    if millis.abs() <= MAX_MILLIS { millis } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Datelike, Timelike};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn dates_are_those_of_chrono(time in -60_000_000_000_000i64..=60_000_000_000_000) {
            let moment = Moment::from_millis(time as f64).expect("in range");
            let known = DateTime::from_timestamp_millis(time).expect("in range");
            let date = (i64::from(known.year()), i64::from(known.month()), i64::from(known.day()));
            prop_assert_eq!((moment.date.year, moment.date.month, moment.date.day), date);
            let clock = (i64::from(known.hour()), i64::from(known.minute()), i64::from(known.second()));
            prop_assert_eq!((moment.hour, moment.minute, moment.second), clock);
            prop_assert_eq!(moment.date.day_of_year(), i64::from(known.ordinal()));
            prop_assert_eq!(moment.date.weekday(), i64::from(known.weekday().number_from_monday()));
            let thursday = moment.date.thursday();
            let week = (thursday.year, (thursday.day_of_year() + 6) / 7);
            prop_assert_eq!(week, (i64::from(known.iso_week().year()), i64::from(known.iso_week().week())));
            let (hour, minute, second) = (moment.hour as f64, moment.minute as f64, moment.second as f64);
            let clock = [hour, minute, second, moment.milli as f64];
            prop_assert_eq!(millis(date.0 as f64, date.1 as f64, date.2 as f64, clock), time as f64);
        }
    }

    #[test]
    fn parts_may_be_out_of_range() {
        let midnight = [0.0; 4];
        assert_eq!(millis(2018.0, 13.0, 1.0, midnight), millis(2019.0, 1.0, 1.0, midnight));
        assert_eq!(millis(2018.0, 0.0, 31.0, midnight), millis(2017.0, 12.0, 31.0, midnight));
        assert_eq!(millis(2018.0, 2.0, 30.0, midnight), millis(2018.0, 3.0, 2.0, midnight));
        for (year, month, day) in
            [(275_761.0, 1.0, 1.0), (2018.0, 1e20, 1.0), (2018.0, 1.0, 1e300), (f64::NAN, 1.0, 1.0)]
        {
            assert!(millis(year, month, day, midnight).is_nan());
        }
        assert!(Moment::from_millis(8.64e15).is_some() && Moment::from_millis(8.64e15 + 1.0).is_none());
    }
}
