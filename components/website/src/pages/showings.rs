//! What pages show of films and of showtimes.

use maud::{Markup, html};
use service::{Day, Time};

use crate::{
    poster,
    siblings::{Film, Programme, Seats, Showtime},
    visit::Visit,
};

/// From so few seats on they are counted for all to see.
const FEW: u32 = 10;

/// What is said of a showtime's seats.
pub enum Left {
    Begun,
    SoldOut,
    Few(u32),
    Many,
}

impl Left {
    pub fn of(visit: &Visit, showtime: &Showtime, seats: Option<&Seats>) -> Self {
        if visit.clock.has_begun(showtime.date, showtime.time) {
            return Self::Begun;
        }
        Self::by(seats)
    }

    pub fn by(seats: Option<&Seats>) -> Self {
        match seats.and_then(|seats| seats.left) {
            Some(0) => Self::SoldOut,
            Some(left) if left <= FEW => Self::Few(left),
            _ => Self::Many,
        }
    }

    /// What the style knows it by.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::SoldOut => "sold-out",
            Self::Few(_) => "few",
            Self::Many => "many",
        }
    }

    pub fn words(&self, visit: &Visit) -> String {
        let t = visit.t;
        match self {
            Self::Begun => t.showing_begun.to_owned(),
            Self::SoldOut => t.showing_sold_out.to_owned(),
            Self::Few(left) => t.seats_left(*left),
            Self::Many => t.showing_free.to_owned(),
        }
    }
}

impl Visit {
    /// A time as people read it, and programs, too.
    pub fn time(&self, day: Day, time: Option<Time>) -> Markup {
        html! {
            @match time {
                Some(at) => time datetime=(self.clock.moment(day, at).to_string().replace(".000Z", "Z")) { (at) },
                None => span { (self.t.date_no_time) },
            }
        }
    }

    /// A screen; by its name, where that says what it is.
    pub fn screen(&self, name: &str) -> String {
        if name.chars().all(|character| character.is_ascii_digit()) || name.chars().count() == 1 {
            self.t.showing_screen(name)
        } else {
            name.to_owned()
        }
    }

    /// Day and time in a line.
    pub fn when(&self, day: Day, time: Option<Time>) -> String {
        match time {
            Some(time) => self.t.date_at(self.t.day(day), time),
            None => self.t.day(day),
        }
    }

    /// A showtime as something to press: when, where, and what is left.
    pub fn showing(&self, programme: &Programme, showtime: &Showtime, film: &str) -> Markup {
        let left = Left::of(self, showtime, programme.seats.get(&showtime.id));
        let label = self
            .t
            .showing_book(film, self.when(showtime.date, showtime.time));
        let inside = html! {
            b { (self.time(showtime.date, showtime.time)) }
            @if let Some(screen) = &showtime.screen { span { (self.screen(screen)) } }
            span.left data-seats=[(!matches!(left, Left::Begun)).then_some(showtime.id)] { (left.words(self)) }
        };
        html! {
            @if matches!(left, Left::Begun | Left::SoldOut) { span.showing.(left.class()) { (inside) } }
            @else { a.showing.(left.class()) href={ "/book/" (showtime.id) } title=(label) { (inside) } }
        }
    }

    /// A film's picture: the one it has, where pages may show it, or else one that is drawn.
    pub fn picture(&self, film: &Film) -> Markup {
        let address = film
            .poster
            .as_deref()
            .filter(|address| self.may_show(address));
        html! {
            @match address {
                Some(address) => { img src=(address) alt="" width="200" height="300" loading="lazy" decoding="async"; },
                None => (poster::draw(&film.title, &film.director)),
            }
        }
    }

    /// Whether pictures may come from an address: whether the policy for browsers names its origin.
    pub fn may_show(&self, address: &str) -> bool {
        let sources = self.setting("image_sources").unwrap_or_default();
        is_of(address, &sources)
    }

    /// What is known of a film, in a line.
    pub fn facts(&self, film: &Film) -> Markup {
        html! {
            p.facts {
                span { (self.t.film_directed(&film.director)) }
                @if let Some(minutes) = film.minutes { " · " span { (self.t.film_minutes(minutes)) } }
                " · " (self.rating(film))
            }
        }
    }

    pub fn rating(&self, film: &Film) -> Markup {
        let rating = self.t.decimal(film.rating);
        html! { span.rating aria-label=(self.t.film_rating(&rating)) role="img" { "★ " (rating) } }
    }

    /// Titles in a line; where there is none, that there was a film.
    pub fn titles<'a>(&self, titles: impl Iterator<Item = &'a str>) -> String {
        match titles.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => self.t.film_gone.to_owned(),
            titles => titles,
        }
    }

    /// A film with its showtimes, under a heading of the page's own, or with the page's title alone above it.
    pub fn card(
        &self,
        programme: &Programme,
        film: &Film,
        showtimes: &[&Showtime],
        below: bool,
    ) -> Markup {
        let link = html! { a href={ "/films/" (film.id) } { (film.title) } };
        html! {
            article.film {
                a.poster href={ "/films/" (film.id) } tabindex="-1" aria-hidden="true" { (self.picture(film)) }
                div {
                    @if below { h3 { (link) } } @else { h2.h3 { (link) } }
                    (self.facts(film))
                    div.showings { @for showtime in showtimes { (self.showing(programme, showtime, &film.title)) } }
                }
            }
        }
    }

    /// The days from today on, one of which is shown.
    pub fn days(&self, shown: Day) -> Markup {
        let today = self.clock.today();
        let first = if (today..today.plus_days(7)).contains(&shown) {
            today
        } else {
            shown.plus_days(-3)
        };
        html! {
            nav.days aria-label=(self.t.programme_days) {
                @for day in (0..7).map(|days| first.plus_days(days)) {
                    @let (weekday, date) = self.t.short_day(day);
                    a href={ "/programme/" (day) } aria-current=[(day == shown).then_some("date")] {
                        b { @if day == today { (self.t.date_today) } @else { (weekday) } }
                        span { (date) }
                    }
                }
            }
        }
    }
}

/// Whether an address is of one of some sources: origins, parted by spaces, as `Content-Security-Policy` has them.
fn is_of(address: &str, sources: &str) -> bool {
    let is_within = |source: &str| {
        let origin = source.trim_end_matches('/');
        let rest = address.strip_prefix(origin);
        origin.starts_with("https://") && rest.is_some_and(|rest| rest.starts_with('/'))
    };
    sources.split_whitespace().any(is_within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_from_where_they_may_alone() {
        let sources = "https://pictures.example.com https://other.example:8443/";
        for fine in [
            "https://pictures.example.com/a.jpg",
            "https://other.example:8443/a/b.png",
        ] {
            assert!(is_of(fine, sources), "{fine}");
        }
        for wrong in [
            "https://pictures.example.com.evil.example/a.jpg",
            "https://pictures.example.com@evil.example/a.jpg",
            "https://pictures.example.com",
            "http://pictures.example.com/a.jpg",
            "https://other.example/a.jpg",
            "//pictures.example.com/a.jpg",
            "",
        ] {
            assert!(!is_of(wrong, sources), "{wrong}");
        }
        assert!(!is_of("https://a.example/a.jpg", "") && !is_of("/a.jpg", "/"));
    }
}
