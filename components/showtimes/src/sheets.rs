//! What is claimed of screens as it is stored, and what is asked of storage about it.

use std::time::Duration;

use bson::doc;
use data_api_client::{Client, Collection, Error};
use door::Transport;
use serde::{Deserialize, Serialize};
use service::{Clock, Day, Id, Moment, Time};

use crate::model::Showtime;

const MINUTE: u64 = 60;

/// A showtime's time on a screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Which claim it is.
    pub by: Id,
    pub showtime: Id,
    /// The revision of the showtime that is to be changed; 0 for a new one, too.
    pub revision: i32,
    pub date: Day,
    pub time: Time,
    /// Without it, all that is known is when it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i32>,
    /// Since when.
    pub at: Moment,
}

/// A day of a screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// The day and the screen, as [`sheet_id`] writes them.
    #[serde(alias = "_id")]
    pub id: String,
    pub date: Day,
    /// Another one with each claim.
    pub version: Id,
    pub claims: Vec<Claim>,
}

/// The sheets in storage. Every method is one atomic request, and may be sent again, however late.
pub struct Screens<T> {
    pub sheets: Collection<T, Sheet>,
}

impl Claim {
    /// The claim of a showtime; none where it has no screen or no time, and is in nobody's way.
    pub fn of(showtime: &Showtime, at: Moment) -> Option<(String, Self)> {
        let claim = Self {
            by: Id::new(),
            showtime: showtime.id,
            revision: showtime.revision,
            date: showtime.date,
            time: showtime.time?,
            minutes: showtime.minutes,
            at,
        };
        Some((key(showtime.screen.as_deref()?), claim))
    }

    /// When it begins and ends. What is not known to take any time ends as it begins.
    pub fn span(&self, clock: &Clock) -> (Moment, Moment) {
        let from = clock.moment(self.date, self.time);
        let minutes = self.minutes.unwrap_or_default().unsigned_abs();
        (
            from,
            from.after(Duration::from_secs(MINUTE * u64::from(minutes))),
        )
    }

    pub fn overlaps(&self, other: &Self, clock: &Clock) -> bool {
        let ((from, to), (other_from, other_to)) = (self.span(clock), other.span(clock));
        from == other_from || (from < other_to && other_from < to)
    }

    /// The days that it touches, the first of which is its own.
    pub fn days(&self, clock: &Clock) -> Vec<Day> {
        let (_, to) = self.span(clock);
        let last = clock.day(to.before(Duration::from_millis(1)));
        let days = std::iter::successors(Some(self.date), |day| Some(day.plus_days(1)));
        let mut days: Vec<_> = days.take_while(|day| *day <= last).collect();
        if days.is_empty() {
            days.push(self.date);
        }
        days
    }

    /// Whether its showtime is just there, then and for so long.
    pub fn stands(&self, screen: &str, showtime: &Showtime) -> bool {
        let there = showtime.screen.as_deref().map(key);
        there.as_deref() == Some(screen)
            && (self.date, Some(self.time), self.minutes)
                == (showtime.date, showtime.time, showtime.minutes)
    }
}

impl<T: Transport> Screens<T> {
    /// Those of a storage.
    pub fn new(client: &Client<T>) -> Self {
        let sheets = client.collection("screens").idempotent();
        Self { sheets }
    }

    pub async fn find(&self, id: &str) -> Result<Option<Sheet>, Error> {
        self.sheets.find_one(doc! {"_id": id}).await
    }

    /// Enters a claim, where no other was since the sheet was read.
    pub async fn enter(&self, sheet: &Sheet, claim: &Claim) -> Result<(), Error> {
        let update = doc! {
            "$push": {"claims": self.sheets.written(claim)?},
            "$set": {"version": Id::new()},
        };
        let filter = doc! {"_id": &sheet.id, "version": sheet.version};
        self.sheets.update_one(filter, update).await.map(drop)
    }

    /// Drops a claim that is void.
    pub async fn drop_claim(&self, sheet: &str, by: Id) -> Result<(), Error> {
        let update = doc! {"$pull": {"claims": {"by": by}}};
        let dropped = self.sheets.update_one(doc! {"_id": sheet}, update);
        dropped.await.map(drop)
    }

    /// Clears sheets away of days more than two days past: nothing can be put there any more.
    pub async fn clear(&self, today: Day) {
        let over = doc! {"date": {"$lt": today.plus_days(-2)}};
        self.sheets.clear(over).await;
    }
}

/// A screen's name, as it is compared.
pub fn key(screen: &str) -> String {
    screen.trim().to_lowercase()
}

pub fn sheet_id(screen: &str, day: Day) -> String {
    format!("{day} {screen}")
}
