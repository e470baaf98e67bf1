//! What suggestions to everybody have in common.

use std::{cell::RefCell, rc::Rc};

use door::Transport;
use futures::try_join;
use service::{Clock, Moment, Problem};

use crate::{
    catalogue::Catalogue,
    siblings::{Showtime, Siblings},
};

/// How many days after today the programme counts: a week with today, as cinemas announce theirs.
const PROGRAMME: i64 = 6;

/// For so many milliseconds an instance goes by what it has read: where many ask, few have it read anew, and nobody misses for long
/// what is new.
const FRESH: i64 = 2_000;

/// What anybody may read, and is alike for every user.
#[derive(Debug)]
pub struct Common {
    /// When it was read.
    since: Moment,
    /// The programme of the coming week, the soonest first.
    pub programme: Vec<Showtime>,
    /// The best-rated films, and those on the programme.
    pub films: Catalogue,
}

/// What an instance keeps for the next user.
#[derive(Debug, Clone, Default)]
pub struct Kept(Rc<RefCell<Option<Rc<Common>>>>);

impl Kept {
    /// What is kept while it is fresh, or else what the siblings say now.
    pub async fn read<A: Transport>(
        &self,
        siblings: &Siblings<A>,
        clock: &Clock,
    ) -> Result<Rc<Common>, Problem> {
        let now = clock.now();
        if let Some(common) = &*self.0.borrow()
            && (0..FRESH).contains(&(now.millis() - common.since.millis()))
        {
            return Ok(Rc::clone(common));
        }
        let today = clock.today();
        let (programme, mut films) = try_join!(
            siblings.programme(today, today.plus_days(PROGRAMME)),
            Catalogue::read(siblings)
        )?;
        let shown = programme.iter().flat_map(|showtime| &showtime.movies);
        let shown: Vec<_> = shown.copied().collect();
        films.complete(siblings, &shown).await?;
        let common = Rc::new(Common {
            since: now,
            programme,
            films,
        });
        *self.0.borrow_mut() = Some(Rc::clone(&common));
        Ok(common)
    }
}
