//! What a film scores, and the order in which films are suggested.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::programme::Programme;
use crate::reason;
use crate::taste::Taste;
use crate::wit::exports::cinema::recommender::rank::{Movie, Request, Suggestion};

/// The top of the scale of ratings.
const BEST: f64 = 10.0;
/// Scores are rounded to one part in so many.
const SCALE: f64 = 10_000.0;

/// How much each part counts. They add up to 1, and so a score is between 0 and 1.
struct Weights {
    rating: f64,
    nearness: f64,
    soonness: f64,
}

/// For a user whose bookings say something of their taste.
const KNOWN: Weights = Weights {
    rating: 0.5,
    nearness: 0.3,
    soonness: 0.2,
};
/// For a user without bookings: the best-rated films. A tenth of a rating outweighs everything else; between equals, the one
/// that is on sooner.
const UNKNOWN: Weights = Weights {
    rating: 0.995,
    nearness: 0.0,
    soonness: 0.005,
};

/// Ranks the candidates, best first: by score, then title, then id.
pub fn suggest(request: &Request) -> Vec<Suggestion> {
    let taste = Taste::of(&request.booked);
    let programme = Programme::from(&request.today, &request.showings);
    let weights = if request.booked.is_empty() {
        UNKNOWN
    } else {
        KNOWN
    };

    let mut ranked: Vec<(f64, &Movie)> = request
        .candidates
        .iter()
        .map(|movie| (score(movie, &taste, &programme, &weights), movie))
        .collect();
    ranked.sort_by(best_first);

    let mut seen = BTreeSet::new();
    ranked
        .into_iter()
        .filter(|(_, movie)| seen.insert(&movie.id))
        .take(usize::try_from(request.limit).unwrap_or(usize::MAX))
        .map(|(score, movie)| Suggestion {
            movie_id: movie.id.clone(),
            score,
            reason: reason::sentence(
                movie,
                &taste.others_by_director_of(movie),
                rating(movie),
                programme.next(&movie.id),
            ),
        })
        .collect()
}

fn score(movie: &Movie, taste: &Taste, programme: &Programme, weights: &Weights) -> f64 {
    let score = weights.rating * rating(movie).unwrap_or(0.0) / BEST
        + weights.nearness * taste.nearness(movie)
        + weights.soonness * programme.soonness(&movie.id);
    // To four digits: a tenth of a rating still tells, and what looks equal to a reader is equal in the order too.
    (score.clamp(0.0, 1.0) * SCALE).round() / SCALE
}

/// The rating, 0 to 10; none where there is none or it is no number.
fn rating(movie: &Movie) -> Option<f64> {
    movie
        .rating
        .filter(|rating| rating.is_finite())
        .map(|rating| rating.clamp(0.0, BEST))
}

fn best_first(one: &(f64, &Movie), other: &(f64, &Movie)) -> Ordering {
    let ((score, movie), (other_score, other_movie)) = (one, other);
    other_score
        .total_cmp(score)
        .then_with(|| movie.title.cmp(&other_movie.title))
        .then_with(|| movie.id.cmp(&other_movie.id))
}

#[cfg(test)]
mod tests;
