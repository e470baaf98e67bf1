//! What suggestions to everybody have in common.

use std::rc::Rc;

use door::Transport;
use futures::try_join;
use service::{Clock, Fresh, Problem};

use crate::{
    catalogue::Catalogue,
    siblings::{Showtime, Siblings},
};

/// How many days after today the programme counts: a week with today, as cinemas announce theirs.
const PROGRAMME: i64 = 6;

/// What anybody may read, and is alike for every user.
#[derive(Debug)]
pub struct Common {
    /// The programme of the coming week, the soonest first.
    pub programme: Vec<Showtime>,
    /// The best-rated films, and those on the programme.
    pub films: Catalogue,
}

/// What an instance keeps for the next user.
#[derive(Debug, Clone, Default)]
pub struct Kept(Fresh<(), Rc<Common>>);

impl Kept {
    /// What is kept while it is fresh, or else what the siblings say now.
    pub async fn read<A: Transport>(
        &self,
        siblings: &Siblings<A>,
        clock: &Clock,
    ) -> Result<Rc<Common>, Problem> {
        let now = clock.now();
        if let Some(common) = self.0.get(&(), now) {
            return Ok(common);
        }
        let today = clock.today();
        let (programme, mut films) = try_join!(
            siblings.programme(today, today.plus_days(PROGRAMME)),
            Catalogue::read(siblings)
        )?;
        let shown = programme.iter().flat_map(|showtime| &showtime.movies);
        let shown: Vec<_> = shown.copied().collect();
        films.complete(siblings, &shown).await?;
        let common = Rc::new(Common { programme, films });
        self.0.keep((), Rc::clone(&common), now);
        Ok(common)
    }
}
