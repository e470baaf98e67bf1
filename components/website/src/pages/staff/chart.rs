//! Pictures of numbers. What they show stands in a table beside them, for who can't see them.

use maud::{Markup, html};

/// A bar: what it is of, in a few letters and in words, and how high it is.
pub struct Bar {
    pub label: Option<String>,
    pub words: String,
    pub value: u32,
    /// What the style knows it by.
    pub kind: &'static str,
}

/// How full something was: so many of so many.
#[derive(Clone, Copy, Default)]
pub struct Share {
    pub part: u32,
    pub whole: u32,
}

impl Share {
    pub fn percent(self) -> u32 {
        (u64::from(self.part) * 100 / u64::from(self.whole.max(1))).min(100) as u32
    }
}

/// A picture's place, whose own size it keeps where there is less room.
/// `kind` is what the style knows it by: one that begins with its newest part, or one that is narrow.
fn figure(name: &str, kind: &str, (width, height): (u32, u32), inside: &Markup) -> Markup {
    html! {
        div.scroll.(kind) role="region" aria-label=(name) tabindex="0" {
            svg.chart.(kind) viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) role="img" aria-label=(name) { (inside) }
        }
    }
}

/// The least of 1, 2 and 5 with zeros that is no less than a number, so that an axis ends at something round.
fn round_up(value: u32) -> u32 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            if step * factor >= value.max(1) {
                return step * factor;
            }
        }
        if step >= 100_000_000 {
            return value;
        }
        step *= 10;
    }
}

/// The values at which lines are drawn: up to four, the last no less than the most.
fn ticks(most: u32) -> Vec<u32> {
    let step = round_up(most.div_ceil(4));
    let count = most.div_ceil(step).max(1);
    (0..=count).map(|at| at * step).collect()
}

/// Bars side by side.
pub fn bars(name: &str, bars: &[Bar]) -> Markup {
    const LEFT: u32 = 44;
    const TOP: u32 = 12;
    const HEIGHT: u32 = 190;
    const BELOW: u32 = 26;
    let width = (720 - LEFT) / (bars.len() as u32).max(1);
    let ticks = ticks(bars.iter().map(|bar| bar.value).max().unwrap_or_default());
    let most = ticks.last().copied().unwrap_or(1).max(1);
    let high = |value: u32| (u64::from(value) * u64::from(HEIGHT) / u64::from(most)) as u32;
    let all = LEFT + width * bars.len() as u32;
    let inside = html! {
        @for tick in ticks {
            @let y = TOP + HEIGHT - high(tick);
            line.grid x1=(LEFT) x2=(all) y1=(y) y2=(y) {}
            text.axis x=(LEFT - 8) y=(y + 4) text-anchor="end" { (tick) }
        }
        @for (at, bar) in bars.iter().enumerate() {
            @let (x, high) = (LEFT + at as u32 * width, high(bar.value));
            g {
                title { (bar.words) }
                rect.hit x=(x) y=(TOP) width=(width) height=(HEIGHT) {}
                rect.bar.(bar.kind) x=(x + 2) y=(TOP + HEIGHT - high) width=(width.saturating_sub(4)) height=(high) rx="3" {}
            }
            @if let Some(label) = &bar.label { text.axis x=(x + 2) y=(TOP + HEIGHT + 18) { (label) } }
        }
    };
    figure(name, "newest", (all, TOP + HEIGHT + BELOW), &inside)
}

/// Bars one below another, each with its name above it.
pub fn rows(name: &str, rows: &[(String, u32)]) -> Markup {
    const WIDTH: u32 = 340;
    const ROW: u32 = 46;
    let most = rows
        .iter()
        .map(|(_, value)| *value)
        .max()
        .unwrap_or(1)
        .max(1);
    let inside = html! {
        @for (at, (name, value)) in rows.iter().enumerate() {
            @let (y, long) = (at as u32 * ROW, u64::from(*value) * u64::from(WIDTH) / u64::from(most));
            svg x="0" y=(y) width=(WIDTH - 52) height=(ROW) { text.name x="0" y="17" { (name) } }
            text.value x=(WIDTH) y=(y + 17) text-anchor="end" { (value) }
            rect.rest x="0" y=(y + 25) width=(WIDTH) height="10" rx="5" {}
            rect.bar x="0" y=(y + 25) width=(long.max(3)) height="10" rx="5" {}
        }
    };
    figure(name, "slim", (WIDTH, rows.len() as u32 * ROW), &inside)
}

/// From so many percent on it counts as full.
const FULL: u32 = 60;

/// How strong a field's colour is. Between full and not it leaps, past where neither dark nor light letters would be read on it.
fn strength(percent: u32) -> String {
    let strength = match percent.checked_sub(FULL) {
        None => 0.08 + 0.42 * f64::from(percent) / f64::from(FULL),
        Some(beyond) => 0.76 + 0.24 * f64::from(beyond) / f64::from(100 - FULL),
    };
    format!("{strength:.2}")
}

/// A field for each row and column, the fuller the stronger; what there is nothing of is left empty.
pub fn heat(name: &str, columns: &[String], rows: &[(String, Vec<Option<Share>>)]) -> Markup {
    const LEFT: u32 = 44;
    const TOP: u32 = 22;
    const WIDTH: u32 = 52;
    const HEIGHT: u32 = 36;
    let inside = html! {
        @for (at, column) in columns.iter().enumerate() { text.axis x=(LEFT + at as u32 * WIDTH + WIDTH / 2) y="13" text-anchor="middle" { (column) } }
        @for (at, (row, shares)) in rows.iter().enumerate() {
            @let y = TOP + at as u32 * HEIGHT;
            text.axis x="0" y=(y + HEIGHT / 2 + 4) { (row) }
            @for (at, share) in shares.iter().enumerate() {
                @let x = LEFT + at as u32 * WIDTH;
                @match share {
                    None => rect.none x=(x + 1) y=(y + 1) width=(WIDTH - 3) height=(HEIGHT - 3) rx="6" {},
                    Some(share) => {
                        @let percent = share.percent();
                        rect.cell x=(x + 1) y=(y + 1) width=(WIDTH - 3) height=(HEIGHT - 3) rx="6" fill-opacity=(strength(percent)) {}
                        text.percent.strong[percent >= FULL] x=(x + WIDTH / 2) y=(y + HEIGHT / 2 + 4) text-anchor="middle" { (percent) }
                    },
                }
            }
        }
    };
    figure(
        name,
        "hours",
        (
            LEFT + columns.len() as u32 * WIDTH,
            TOP + rows.len() as u32 * HEIGHT,
        ),
        &inside,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_something_round_and_no_lower_than_what_is_shown() {
        for (most, expected) in [
            (0, vec![0, 1]),
            (3, vec![0, 1, 2, 3]),
            (7, vec![0, 2, 4, 6, 8]),
            (100, vec![0, 50, 100]),
            (101, vec![0, 50, 100, 150]),
            (1999, vec![0, 500, 1000, 1500, 2000]),
        ] {
            assert_eq!(ticks(most), expected, "{most}");
        }
        assert!(ticks(u32::MAX / 4).len() > 1);
    }

    #[test]
    fn shares_are_of_what_there_is() {
        let percent = |part, whole| Share { part, whole }.percent();
        assert_eq!(
            (
                percent(0, 0),
                percent(1, 3),
                percent(80, 80),
                percent(81, 80)
            ),
            (0, 33, 100, 100)
        );
    }

    #[test]
    fn no_colour_is_one_on_which_nothing_is_read() {
        let all: Vec<f64> = (0..=100)
            .filter_map(|percent| strength(percent).parse().ok())
            .collect();
        assert_eq!((all.len(), all[0], all[100]), (101, 0.08, 1.0));
        assert!(
            all.is_sorted()
                && all
                    .iter()
                    .all(|strength| *strength <= 0.5 || *strength >= 0.76)
        );
    }

    #[test]
    fn names_are_written_as_they_are_and_nothing_breaks_out() {
        let drawn = rows("<b>", &[("</svg><script>".into(), 0), ("x".into(), 5)]).into_string();
        assert!(
            !drawn.contains("<script")
                && !drawn.contains("<b>")
                && drawn.contains("&lt;/svg&gt;&lt;script&gt;")
        );
    }
}
