//! What is drawn.

use maud::{Markup, html};

use super::numbers::{Numbers, round};

/// The ground, two colours upon it, and that of the words.
pub type Palette = [&'static str; 4];

pub const PALETTES: [Palette; 12] = [
    ["#14213d", "#fca311", "#5c7aae", "#ffffff"],
    ["#b5452f", "#f7d08a", "#2d2a4a", "#fff8ec"],
    ["#173f35", "#f2c14e", "#7fb69a", "#f4fbf5"],
    ["#4a0d33", "#fb8b24", "#b3315f", "#fff1e6"],
    ["#f3ecd8", "#d1495b", "#2e4057", "#22242f"],
    ["#073b4c", "#ffd166", "#2a9d8f", "#f1faff"],
    ["#2b1d4e", "#f78fb3", "#786fe0", "#fbf6ff"],
    ["#efb036", "#23395d", "#c8412b", "#1d1b1a"],
    ["#25323a", "#e8b298", "#6f9a8d", "#f3f6f4"],
    ["#f4c9c1", "#7a2e3a", "#d9776a", "#3a1620"],
    ["#101018", "#ff3b5c", "#22c7c0", "#f2f2f5"],
    ["#e7d8ad", "#0b5c66", "#bf4a1f", "#10232b"],
];

/// All drawings, each of which is done by a title's numbers.
pub const ALL: [fn(&mut Numbers, &Palette) -> Markup; 9] =
    [sun, beams, rings, hills, dots, arcs, skyline, stairs, waves];

/// A low sun that the horizon cuts into slices.
fn sun(numbers: &mut Numbers, [ground, one, other, _]: &Palette) -> Markup {
    let (x, r) = (numbers.between(60.0, 140.0), numbers.between(56.0, 78.0));
    let y = 106.0;
    html! {
        circle cx=(x) cy=(y) r=(round(r + 14.0)) fill=(other) fill-opacity=".45" {}
        circle cx=(x) cy=(y) r=(r) fill=(one) {}
        g fill=(ground) {
            @for slice in 0..5 { rect y=(y + 8.0 + 13.0 * f64::from(slice)) width="200" height=(round(2.5 + 1.7 * f64::from(slice))) {} }
        }
    }
}

/// The light of a projector.
fn beams(numbers: &mut Numbers, [_, one, other, ink]: &Palette) -> Markup {
    let left = numbers.below(2) == 0;
    let (x, far) = if left { (22.0, 200.0) } else { (178.0, 0.0) };
    let y = numbers.between(40.0, 70.0);
    let spread = numbers.between(34.0, 48.0);
    let ray = |from: f64, to: f64| format!("{x},{y} {far},{} {far},{}", round(from), round(to));
    html! {
        polygon points=(ray(y - spread, y + spread * 3.2)) fill=(other) fill-opacity=".55" {}
        polygon points=(ray(y - spread * 0.2, y + spread * 2.2)) fill=(one) fill-opacity=".8" {}
        polygon points=(ray(y + spread * 0.5, y + spread * 1.3)) fill=(ink) fill-opacity=".85" {}
        circle cx=(x) cy=(y) r="15" fill=(other) {}
        circle cx=(x) cy=(y) r="8" fill=(ink) {}
    }
}

/// Rings around a point that is not in the middle.
fn rings(numbers: &mut Numbers, [ground, one, other, _]: &Palette) -> Markup {
    let (x, y) = (numbers.between(50.0, 150.0), numbers.between(78.0, 104.0));
    let step = numbers.between(13.0, 17.0);
    html! {
        @for ring in (0..6).rev() {
            @let fill = if ring % 3 == 0 { one } else if ring % 3 == 1 { other } else { ground };
            circle cx=(x) cy=(y) r=(round(step * (f64::from(ring) + 0.8))) fill=(fill) {}
        }
    }
}

/// Hills, one behind another, and a moon.
fn hills(numbers: &mut Numbers, [ground, one, other, _]: &Palette) -> Markup {
    let moon = (
        numbers.between(40.0, 160.0),
        numbers.between(44.0, 70.0),
        numbers.between(20.0, 30.0),
    );
    let mut hill = |top: f64| {
        let (a, b, c) = (
            numbers.between(-22.0, 22.0),
            numbers.between(-22.0, 22.0),
            numbers.between(-16.0, 16.0),
        );
        format!(
            "M0 {} C50 {} 70 {} 110 {} S170 {} 200 {} V330 H0Z",
            top,
            round(top - 30.0 + a),
            round(top + 20.0 + b),
            round(top + c),
            round(top - 26.0 - a),
            round(top - 6.0 + b)
        )
    };
    let (back, middle, front) = (hill(112.0), hill(142.0), hill(174.0));
    html! {
        circle cx=(moon.0) cy=(moon.1) r=(moon.2) fill=(one) {}
        path d=(back) fill=(other) fill-opacity=".5" {}
        path d=(middle) fill=(other) {}
        path d=(front) fill=(ground) {}
    }
}

/// A field of dots, one of which is another's.
fn dots(numbers: &mut Numbers, [_, one, other, _]: &Palette) -> Markup {
    let odd = numbers.below(20);
    let grows = numbers.below(2) == 0;
    html! {
        @for at in 0..20_usize {
            @let (x, y) = (31.0 + 46.0 * (at % 4) as f64, 30.0 + 37.0 * (at / 4) as f64);
            @let r = if grows { 5.0 + 2.6 * (at / 4) as f64 } else { 15.5 - 2.6 * (at % 4) as f64 };
            @if at == odd { circle cx=(x) cy=(y) r="17.5" fill=(one) {} }
            @else { circle cx=(x) cy=(y) r=(round(r)) fill=(other) {} }
        }
    }
}

/// Quarters of circles.
fn arcs(numbers: &mut Numbers, [_, one, other, ink]: &Palette) -> Markup {
    html! {
        @for at in 0..12_usize {
            @let (x, y) = (50 * (at % 4), 20 + 50 * (at / 4));
            @let path = match numbers.below(4) {
                0 => format!("M{x} {y}h50a50 50 0 0 1-50 50z"),
                1 => format!("M{} {y}v50a50 50 0 0 1-50-50z", x + 50),
                2 => format!("M{} {}h-50a50 50 0 0 1 50-50z", x + 50, y + 50),
                _ => format!("M{x} {}v-50a50 50 0 0 1 50 50z", y + 50),
            };
            @let fill = match numbers.below(5) { 0 | 1 => one, 2 | 3 => other, _ => ink };
            path d=(path) fill=(fill) {}
        }
    }
}

/// A town at night, in which somebody is awake.
fn skyline(numbers: &mut Numbers, [_, one, other, ink]: &Palette) -> Markup {
    let lit = numbers.below(6);
    let moon = numbers.between(30.0, 170.0);
    let heights: Vec<f64> = (0..6).map(|_| numbers.between(50.0, 120.0)).collect();
    html! {
        circle cx=(moon) cy="42" r="16" fill=(ink) fill-opacity=".9" {}
        @for (at, height) in heights.iter().enumerate() {
            @let x = 8.0 + 31.0 * at as f64;
            rect x=(x) y=(round(196.0 - height)) width="28" height=(height) fill=(other) fill-opacity=(if at % 2 == 0 { "1" } else { ".7" }) {}
            @for window in 0..3_u8 {
                @let is_lit = at == lit || numbers.below(4) == 0;
                rect x=(x + 8.0) y=(round(206.0 - height + 16.0 * f64::from(window))) width="12" height="8" fill=(one) fill-opacity=(if is_lit { "1" } else { ".22" }) {}
            }
        }
    }
}

/// Steps, up or down.
fn stairs(numbers: &mut Numbers, [_, one, other, ink]: &Palette) -> Markup {
    let up = numbers.below(2) == 0;
    let (at, steps) = (numbers.below(5), 5);
    html! {
        @for step in 0..steps {
            @let height = 34 + 30 * if up { step } else { steps - 1 - step };
            @let fill = if step == at { one } else { other };
            rect x=(40 * step) y=(200 - height) width="40" height=(height) fill=(fill) fill-opacity=(if step % 2 == 0 || step == at { "1" } else { ".75" }) {}
        }
        @let top = 34 + 30 * if up { at } else { steps - 1 - at };
        circle cx=(40 * at + 20) cy=(180 - top) r="13" fill=(ink) {}
    }
}

/// Waves, and something upon them.
fn waves(numbers: &mut Numbers, [ground, one, other, ink]: &Palette) -> Markup {
    let (x, tall) = (numbers.between(60.0, 140.0), numbers.between(9.0, 15.0));
    let wave = |y: f64, shift: f64| {
        let mut path = format!("M{} {y}", -50.0 + shift);
        for _ in 0..4 {
            path.push_str(&format!("q16.7 {} 33.3 0t33.3 0", -tall * 2.0));
        }
        path + "V330H-60z"
    };
    html! {
        circle cx=(x) cy="92" r="44" fill=(one) {}
        path d=(wave(118.0, 0.0)) fill=(other) fill-opacity=".45" {}
        path d=(wave(142.0, 18.0)) fill=(other) fill-opacity=".7" {}
        path d=(format!("M{} 138h44l-9 15h-26z", x - 22.0)) fill=(ink) {}
        path d=(wave(168.0, 6.0)) fill=(other) {}
        path d=(wave(194.0, 24.0)) fill=(ground) {}
    }
}
