//! The clock on the cinema's wall: which day and time it is there, and whether something has begun.

use data_api_client::{Day, Moment, Time};
use jiff::{
    Timestamp, civil,
    tz::{TimeZone, TimeZoneDatabase},
};

/// The cinema's clock, in its time zone.
#[derive(Debug, Clone)]
pub struct Clock {
    zone: TimeZone,
    now: fn() -> Moment,
}

impl Clock {
    /// The clock of a time zone by its name in the IANA's database; none where that has no such name.
    pub fn new(zone: &str, now: fn() -> Moment) -> Option<Self> {
        let zone = TimeZoneDatabase::bundled().get(zone).ok()?;
        Some(Self { zone, now })
    }

    /// Now.
    pub fn now(&self) -> Moment {
        (self.now)()
    }

    /// The day that it is.
    pub fn today(&self) -> Day {
        self.day(self.now())
    }

    /// The day that it is there at a moment.
    pub fn day(&self, moment: Moment) -> Day {
        let timestamp = Timestamp::from_millisecond(moment.millis()).unwrap_or_default();
        let date = self.zone.to_datetime(timestamp).date();
        // No more than the hours around the first and the last moment have no day of their own there.
        Day::of(date.year(), date.month() as u8, date.day() as u8).unwrap_or(moment.day())
    }

    /// The time of day that it is there at a moment.
    pub fn time(&self, moment: Moment) -> Time {
        let timestamp = Timestamp::from_millisecond(moment.millis()).unwrap_or_default();
        let time = self.zone.to_datetime(timestamp).time();
        Time::of(time.hour() as u8, time.minute() as u8).unwrap_or(Time::MIDNIGHT)
    }

    /// The moment at which it is that time of that day. Of a time that a changing clock shows twice it is the first; one that is
    /// left out comes as long after the change as it would without.
    pub fn moment(&self, day: Day, time: Time) -> Moment {
        let ((year, month, day), (hour, minute)) = (day.parts(), time.parts());
        let local =
            civil::DateTime::new(year, month as i8, day as i8, hour as i8, minute as i8, 0, 0);
        let moment = local.and_then(|local| self.zone.to_timestamp(local));
        // Only the last day of 9999 has no moment everywhere.
        Moment::clamped(moment.map_or(i64::MAX, Timestamp::as_millisecond))
    }

    /// Whether what is on that day at that time has begun. What has no time may begin until its day is over.
    pub fn has_begun(&self, day: Day, time: Option<Time>) -> bool {
        match time {
            Some(time) => self.moment(day, time) <= self.now(),
            None => day < self.today(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        static NOW: Cell<Moment> = const { Cell::new(Moment::clamped(0)) };
    }

    /// A clock there at a moment of UTC.
    fn clock(zone: &str, now: &str) -> Clock {
        let now = now.parse::<Timestamp>().unwrap().as_millisecond();
        NOW.set(Moment::clamped(now));
        Clock::new(zone, || NOW.get()).unwrap()
    }

    fn begun(clock: &Clock, day: &str, time: &str) -> bool {
        clock.has_begun(day.parse().unwrap(), time.parse().ok())
    }

    #[test]
    fn the_day_is_that_of_the_cinema() {
        let today = |zone, now| clock(zone, now).today().to_string();
        assert_eq!(today("UTC", "2026-11-25T23:30:00Z"), "2026-11-25");
        assert_eq!(today("Europe/Berlin", "2026-11-25T23:30:00Z"), "2026-11-26");
        assert_eq!(
            today("America/New_York", "2026-11-26T04:59:59Z"),
            "2026-11-25"
        );
        assert_eq!(
            today("Pacific/Kiritimati", "2026-11-25T10:00:00Z"),
            "2026-11-26"
        );
    }

    #[test]
    fn a_moment_has_its_time_of_day_there() {
        let time = |zone, now| {
            let clock = clock(zone, now);
            clock.time(clock.now()).to_string()
        };
        assert_eq!(time("UTC", "2026-11-25T23:30:59Z"), "23:30");
        assert_eq!(time("Europe/Berlin", "2026-11-25T23:30:00Z"), "00:30");
        assert_eq!(time("Europe/Berlin", "2026-07-25T23:30:00Z"), "01:30");
        assert_eq!(time("Asia/Kolkata", "2026-11-25T14:29:59.999Z"), "19:59");
    }

    #[test]
    fn a_time_is_over_from_its_first_millisecond_on_and_a_day_from_the_next_on() {
        let before = clock("Asia/Kolkata", "2026-11-25T14:29:59.999Z");
        assert!(!begun(&before, "2026-11-25", "20:00"));
        let at = clock("Asia/Kolkata", "2026-11-25T14:30:00Z");
        assert!(begun(&at, "2026-11-25", "20:00"));
        assert!(!begun(&at, "2026-11-25", "no time"));
        assert!(!begun(&at, "2026-11-26", "00:00"));
        let midnight = clock("Asia/Kolkata", "2026-11-25T18:30:00Z");
        assert!(begun(&midnight, "2026-11-25", "no time"));
        assert!(begun(&midnight, "2026-11-26", "00:00"));
        assert!(!begun(&midnight, "9999-12-31", "23:59"));
    }

    #[test]
    fn where_clocks_go_forward_a_time_left_out_comes_an_hour_later() {
        // 01:59:59 is followed by 03:00.
        let moment = |time: &str| {
            let clock = clock("Europe/Berlin", "2026-03-29T00:00:00Z");
            let day = "2026-03-29".parse().unwrap();
            clock.moment(day, time.parse().unwrap()).to_string()
        };
        assert_eq!(moment("01:30"), "2026-03-29T00:30:00.000Z");
        assert_eq!(moment("02:30"), "2026-03-29T01:30:00.000Z");
        assert_eq!(moment("03:30"), "2026-03-29T01:30:00.000Z");
        let late = clock("Europe/Berlin", "2026-03-29T21:59:59Z");
        assert_eq!(late.today().to_string(), "2026-03-29");
    }

    #[test]
    fn where_clocks_go_back_a_time_shown_twice_is_the_first() {
        // 02:59:59 is followed by 02:00.
        let first = clock("Europe/Berlin", "2026-10-25T00:30:00Z");
        assert!(begun(&first, "2026-10-25", "02:30"));
        assert!(!begun(&first, "2026-10-25", "02:31"));
        let second = clock("Europe/Berlin", "2026-10-25T01:00:00Z");
        assert!(begun(&second, "2026-10-25", "02:59"));
        assert!(!begun(&second, "2026-10-25", "03:00"));
        // There the day itself begins twice.
        let havana = clock("America/Havana", "2026-11-01T04:30:00Z");
        assert!(begun(&havana, "2026-11-01", "00:30"));
        assert_eq!(havana.today().to_string(), "2026-11-01");
    }

    #[test]
    fn a_zone_is_known_by_its_name() {
        for known in ["UTC", "europe/berlin", "America/Argentina/Buenos_Aires"] {
            assert!(Clock::new(known, Moment::now).is_some(), "{known}");
        }
        for unknown in ["", "Berlin", "Europe/Atlantis", "+01:00", "../etc/passwd"] {
            assert!(Clock::new(unknown, Moment::now).is_none(), "{unknown}");
        }
    }
}
