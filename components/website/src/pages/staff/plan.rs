//! A day by screen, drawn: a lane a screen, a block a showtime, as long as it takes, filled as far as it is sold. Each block is a link,
//! and says in words what it shows.

use std::collections::BTreeMap;

use maud::{Markup, html};
use service::{Day, Time};

use super::day::{sold, taken, titles};
use crate::{
    siblings::{Programme, Showtime},
    visit::Visit,
};

/// What is drawn an hour long, how high a lane is, and what stands above each.
const HOUR: u32 = 84;
const LANE: u32 = 58;
const LABEL: u32 = 26;
const TOP: u32 = 22;

/// So long is what does not say how long it is.
const UNKNOWN: u32 = 120;

/// A showtime's place: minutes of the day, and the lane of its screen.
struct Block<'a> {
    showtime: &'a Showtime,
    from: u32,
    to: u32,
    lane: u32,
}

/// A screen's lanes: more than one where things overlap, as where no screen is named.
#[derive(Default)]
struct Screen<'a> {
    blocks: Vec<Block<'a>>,
    ends: Vec<u32>,
}

/// The screens by their names, those that are named first, with what is on there.
fn screens(showtimes: &[Showtime]) -> BTreeMap<(bool, Option<&str>), Screen<'_>> {
    let mut screens: BTreeMap<_, Screen<'_>> = BTreeMap::new();
    for showtime in showtimes {
        let Some(time) = showtime.time else { continue };
        let name = showtime.screen.as_deref();
        let screen = screens.entry((name.is_none(), name)).or_default();
        let from = minutes(time);
        let to = from + showtime.minutes.unwrap_or(UNKNOWN).max(30);
        let lane = match screen.ends.iter().position(|end| *end <= from) {
            Some(lane) => lane,
            None => {
                screen.ends.push(0);
                screen.ends.len() - 1
            }
        };
        screen.ends[lane] = to;
        screen.blocks.push(Block {
            showtime,
            from,
            to,
            lane: lane as u32,
        });
    }
    screens
}

fn minutes(time: Time) -> u32 {
    let (hour, minute) = time.parts();
    u32::from(hour) * 60 + u32::from(minute)
}

pub fn draw(visit: &Visit, day: Day, programme: &Programme) -> Markup {
    let (t, screens) = (visit.t, screens(&programme.showtimes));
    let blocks = || screens.values().flat_map(|screen| &screen.blocks);
    let Some(first) = blocks().map(|block| block.from / 60).min() else {
        return html! {};
    };
    let last = blocks()
        .map(|block| block.to.div_ceil(60))
        .max()
        .unwrap_or(24);
    let width = (last - first) * HOUR;
    let height = TOP
        + screens
            .values()
            .map(|screen| LABEL + screen.ends.len() as u32 * LANE)
            .sum::<u32>();
    let x = |minute: u32| minute.saturating_sub(first * 60) * HOUR / 60;
    let now = (day == visit.clock.today()).then(|| minutes(visit.clock.time(visit.clock.now())));
    let now = now.filter(|now| (first * 60..last * 60).contains(now));
    let tops = screens.values().scan(TOP, |next, screen| {
        let top = *next;
        *next += LABEL + screen.ends.len() as u32 * LANE;
        Some(top)
    });
    html! {
        div.scroll.plan role="region" aria-label=(t.day_plan) tabindex="0" {
            svg viewBox={ "0 0 " (width) " " (height + 4) } width=(width) height=(height + 4) role="group" aria-label=(t.day_plan) {
                @for hour in first..=last {
                    @let at = (hour - first) * HOUR;
                    line.grid x1=(at) x2=(at) y1=(TOP - 4) y2=(height) {}
                    @if hour < last { text.hour x=(at + 4) y="12" aria-hidden="true" { (hour % 24) ":00" } }
                }
                @for (((_, name), screen), top) in screens.iter().zip(tops) {
                    @let label = name.map_or_else(|| t.day_no_screen.to_owned(), |name| visit.screen(name));
                    text.screen x="4" y=(top + 18) { (label) }
                    @for block in &screen.blocks {
                        (drawn(visit, programme, block, &label, (x(block.from), top + LABEL + block.lane * LANE, x(block.to) - x(block.from))))
                    }
                }
                @if let Some(now) = now { line.now x1=(x(now)) x2=(x(now)) y1=(TOP - 8) y2=(height) { title { (t.day_now) } } }
            }
        }
    }
}

fn drawn(
    visit: &Visit,
    programme: &Programme,
    block: &Block<'_>,
    screen: &str,
    (x, y, width): (u32, u32, u32),
) -> Markup {
    let showtime = block.showtime;
    let (films, seats) = (
        titles(visit, programme, showtime),
        taken(visit, programme, showtime),
    );
    let time = showtime
        .time
        .map(|time| time.to_string())
        .unwrap_or_default();
    let (width, height) = (width.saturating_sub(3), LANE - 6);
    let share = sold(programme, showtime)
        .map(|(sold, capacity)| f64::from(sold) / f64::from(capacity.max(1)));
    let is_over = visit.clock.has_begun(showtime.date, showtime.time);
    let kind = if is_over {
        "over"
    } else if share.is_some_and(|share| share >= 1.0) {
        "full"
    } else {
        "open"
    };
    html! {
        a.block.(kind) href={ "/staff/showtimes/" (showtime.id) "/bookings" } {
            title { (time) ", " (films) ", " (screen) ", " (seats) }
            svg x=(x) y=(y) width=(width) height=(height) {
                rect.ground x="1" y="1" width=(width.saturating_sub(2)) height=(height - 2) rx="8" {}
                @if let Some(share) = share {
                    rect.rest x="8" y=(height - 10) width=(width.saturating_sub(16)) height="4" rx="2" {}
                    rect.sold x="8" y=(height - 10) width=(format!("{:.0}", f64::from(width.saturating_sub(16)) * share.min(1.0))) height="4" rx="2" {}
                }
                text.when x="8" y="17" { (time) }
                text.seats x=(width.saturating_sub(8)) y="17" text-anchor="end" { (short(programme, showtime)) }
                svg x="0" y="0" width=(width.saturating_sub(6)) height=(height) { text.what x="8" y="35" { (films) } }
            }
        }
    }
}

/// How many are sold of how many, in as few letters as will do.
fn short(programme: &Programme, showtime: &Showtime) -> String {
    sold(programme, showtime)
        .map(|(sold, capacity)| format!("{sold}/{capacity}"))
        .unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn showtime(time: &str, screen: Option<&str>, minutes: Option<u32>) -> Showtime {
        Showtime {
            id: "65a1f0c27d5b3e9a41c80f05".parse().unwrap(),
            date: "2030-01-15".parse().unwrap(),
            time: Some(time.parse().unwrap()),
            screen: screen.map(str::to_owned),
            movies: Vec::new(),
            minutes,
            capacity: None,
        }
    }

    #[test]
    fn what_overlaps_has_a_lane_of_its_own() {
        let all = [
            showtime("18:00", None, Some(90)),
            showtime("18:00", Some("1"), Some(120)),
            showtime("19:00", None, None),
            showtime("19:30", None, Some(5)),
            showtime("20:00", Some("1"), None),
        ];
        let screens = screens(&all);
        let lanes: Vec<_> = screens
            .iter()
            .map(|((_, name), screen)| {
                (
                    *name,
                    screen
                        .blocks
                        .iter()
                        .map(|block| block.lane)
                        .collect::<Vec<_>>(),
                )
            })
            .collect();
        assert_eq!(lanes, [(Some("1"), vec![0, 0]), (None, vec![0, 1, 0])]);
        assert_eq!(screens[&(false, Some("1"))].ends, [22 * 60]);
    }
}
