//! Which screen is taken when: one sheet for each screen and day, changed by single atomic updates only, on which whoever is about to
//! show something there claims its time first.
//!
//! ```text
//!            claim                 write, or change
//!  (nothing) ─────▶ claimed ─────────────────────────────▶ standing
//!                      │                                       │
//!                      │ neither after a minute,               │ the showtime is moved on,
//!                      │ and somebody wants the time:          │ or gone: void
//!                      ▼ a fence                               ▼
//!                    void ──────────────────────────────▶ (nothing)
//!                                       drop
//! ```
//!
//! Rules keep two showtimes from ever being on one screen at once, wherever a process dies and however late a request arrives:
//! 1. A showtime is written, or moved, only after its time was claimed on the sheet of each day that it touches.
//! 2. A sheet gets another *version* with each claim, and a claim is entered only in the version in which its maker has seen that
//!    nothing else is there at that time. Whatever overlaps meets on the sheet of some day.
//! 3. A claim stands as long as its showtime is just there, then and for so long. It is made for one revision of the showtime, or for a
//!    new one, and void once the showtime has another revision and is elsewhere, or is void itself. What is void stays so.
//! 4. What is neither, and a minute old, is dropped only behind a fence: a tombstone in the place of a showtime that was not written,
//!    another revision for one that was not moved. So who is late finds that it can't be done any more, and begins anew.
//! 5. A sheet begins with what was on the programme before there were sheets.

use std::time::Duration;

use data_api_client::{Error, Place};
use door::{Transport, log};
use service::{Day, Id};

use crate::{
    model::Showtime,
    sheets::{Claim, Sheet, sheet_id},
    storage::Storage,
};

/// A claim whose showtime is not there is left alone for so long: whoever made it may still be on the way.
pub const GRACE: Duration = Duration::from_secs(60);

/// How often something is tried while others change the same sheet.
const ROUNDS: usize = 32;

/// A claim and the screen that it is on.
#[derive(Debug)]
pub struct Claimed {
    screen: String,
    days: Vec<Day>,
    claim: Claim,
}

/// Why a time can't be claimed: what is there.
#[derive(Debug, PartialEq)]
pub struct Taken(pub Claim);

/// Claims a showtime's time on its screen, for when it will be written so. None where it needs none.
pub async fn claim<T: Transport>(
    storage: &Storage<T>,
    showtime: &Showtime,
) -> Result<Result<Option<Claimed>, Taken>, Error> {
    let Some((screen, claim)) = Claim::of(showtime, storage.clock.now()) else {
        return Ok(Ok(None));
    };
    let days = claim.days(&storage.clock);
    let claimed = Claimed {
        screen,
        days,
        claim,
    };
    for day in &claimed.days {
        let taken = claim_day(storage, &claimed.screen, *day, &claimed.claim).await;
        if !matches!(taken, Ok(None)) {
            give_up(storage, &claimed).await;
        }
        if let Some(taken) = taken? {
            return Ok(Err(Taken(taken)));
        }
    }
    Ok(Ok(Some(claimed)))
}

/// Claims a time on the sheet of one day. Gives what is there already.
async fn claim_day<T: Transport>(
    storage: &Storage<T>,
    screen: &str,
    day: Day,
    claim: &Claim,
) -> Result<Option<Claim>, Error> {
    let id = sheet_id(screen, day);
    for _ in 0..ROUNDS {
        let Some(sheet) = storage.screens.find(&id).await? else {
            begin(storage, screen, day).await?;
            continue;
        };
        if sheet.claims.iter().any(|one| one.by == claim.by) {
            return Ok(None);
        }
        let mut others = sheet.claims.iter();
        let other = others
            .find(|one| one.showtime != claim.showtime && one.overlaps(claim, &storage.clock));
        match other {
            None => storage.screens.enter(&sheet, claim).await?,
            Some(other) if is_void(storage, screen, other).await? => {
                storage.screens.drop_claim(&id, other.by).await?;
            }
            Some(other) => return Ok(Some(other.clone())),
        }
    }
    Err(Error::Busy)
}

/// Begins the sheet of a day with what is on there already.
async fn begin<T: Transport>(storage: &Storage<T>, screen: &str, day: Day) -> Result<(), Error> {
    storage.screens.clear(storage.clock.today()).await;
    let now = storage.clock.now();
    let showtimes = storage.day(day).await?;
    let claims = showtimes.iter().filter_map(|one| Claim::of(one, now));
    let claims = claims.filter(|(other, _)| other == screen);
    let sheet = Sheet {
        id: sheet_id(screen, day),
        date: day,
        version: Id::new(),
        claims: claims.map(|(_, claim)| claim).collect(),
    };
    let begun = storage.screens.sheets.insert_if_absent(&sheet);
    begun.await.map(drop)
}

/// Whether a claim is in nobody's way, and never will be.
async fn is_void<T: Transport>(
    storage: &Storage<T>,
    screen: &str,
    claim: &Claim,
) -> Result<bool, Error> {
    let is_late = storage.clock.now().since(claim.at) > GRACE;
    // After a fence, what stands there is another revision, or has come in time.
    for _ in 0..2 {
        let entry = match storage.entry(claim.showtime).await? {
            None if is_late => {
                storage.clear_tombstones().await;
                storage.void(claim.showtime).await?
            }
            None => return Ok(false),
            Some(entry) => entry,
        };
        match entry {
            Place::Void(_) => return Ok(true),
            Place::Living(showtime) if claim.stands(screen, &showtime) => return Ok(false),
            Place::Living(showtime) if showtime.revision > claim.revision => return Ok(true),
            Place::Living(showtime) if is_late => storage.fence(&showtime).await?,
            Place::Living(_) => return Ok(false),
        }
    }
    Ok(false)
}

/// Drops the claim of what will not be done. Nobody waits for it: else it is dropped by who wants the time.
pub async fn give_up<T: Transport>(storage: &Storage<T>, claimed: &Claimed) {
    for day in &claimed.days {
        let id = sheet_id(&claimed.screen, *day);
        note(storage.screens.drop_claim(&id, claimed.claim.by).await);
    }
}

/// Drops the claims of a showtime as it was, which has been changed to `now` since, or is gone. What another was about to claim for the
/// same change stays, since both may take it for theirs.
pub async fn leave<T: Transport>(storage: &Storage<T>, was: &Showtime, now: Option<&Showtime>) {
    let Some((screen, claim)) = Claim::of(was, storage.clock.now()) else {
        return;
    };
    for day in claim.days(&storage.clock) {
        note(leave_day(storage, &screen, day, was, now).await);
    }
}

async fn leave_day<T: Transport>(
    storage: &Storage<T>,
    screen: &str,
    day: Day,
    was: &Showtime,
    now: Option<&Showtime>,
) -> Result<(), Error> {
    let id = sheet_id(screen, day);
    let Some(sheet) = storage.screens.find(&id).await? else {
        return Ok(());
    };
    let left = sheet.claims.iter().filter(|claim| {
        claim.showtime == was.id
            && claim.revision <= was.revision
            && !now.is_some_and(|now| claim.stands(screen, now))
    });
    for claim in left {
        storage.screens.drop_claim(&id, claim.by).await?;
    }
    Ok(())
}

fn note(done: Result<(), Error>) {
    if let Err(error) = done {
        log::warn(&format!("a claim is dropped later: {error}"));
    }
}
