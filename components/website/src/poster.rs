//! Pictures of films, drawn of their titles: the same each time, and nobody has to draw them. A title's hash chooses the colours, one of
//! the drawings and how that is done; the words stand below it.

use maud::{Markup, PreEscaped, html};

const WIDTH: f64 = 200.0;
const HEIGHT: f64 = 300.0;
const MARGIN: f64 = 16.0;

/// The ground, two colours upon it, and that of the words.
type Palette = [&'static str; 4];

const PALETTES: [Palette; 12] = [
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

/// What is drawn, each by a hash's numbers.
const DRAWINGS: [fn(&mut Numbers, &Palette) -> Markup; 9] =
    [sun, beams, rings, hills, dots, arcs, skyline, stairs, waves];

/// A picture within a page.
pub fn draw(title: &str, director: &str) -> Markup {
    html! { svg viewBox="0 0 200 300" aria-hidden="true" focusable="false" { (inside(title, director)) } }
}

/// A picture as a file.
pub fn file(title: &str, director: &str) -> Markup {
    html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"))
        svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 300" width="600" height="900" font-family="system-ui, sans-serif" { (inside(title, director)) }
    }
}

fn inside(title: &str, director: &str) -> Markup {
    let mut numbers = Numbers::of(title);
    let palette = &PALETTES[numbers.below(PALETTES.len())];
    let drawing = DRAWINGS[numbers.below(DRAWINGS.len())];
    let [ground, _, _, ink] = palette;
    let (size, lines) = set(title);
    let first = HEIGHT - MARGIN - 16.0 - size * 1.06 * (lines.len() as f64 - 1.0);
    html! {
        rect width="200" height="300" fill=(ground) {}
        @if lines.len() > 2 { g transform="scale(1 .94)" { (drawing(&mut numbers, palette)) } } @else { (drawing(&mut numbers, palette)) }
        g fill=(ink) font-weight="800" font-size=(size) {
            @for (at, line) in lines.iter().enumerate() { text x="16" y=(round(first + size * 1.06 * at as f64)) { (line) } }
        }
        text x="16" y="289" fill=(ink) font-size="9" letter-spacing="1" { (cut(&director.to_uppercase(), 9.9, WIDTH - 2.0 * MARGIN)) }
    }
}

/// The size in which a title fits, and its lines.
fn set(title: &str) -> (f64, Vec<String>) {
    let room = WIDTH - 2.0 * MARGIN;
    for (size, most) in [(32.0, 2), (28.0, 2), (24.0, 3), (21.0, 3), (18.0, 4)] {
        let lines = wrapped(title, size, room);
        if lines.len() <= most && lines.iter().all(|line| width(line, size) <= room) {
            return (size, lines);
        }
    }
    let size = 15.0;
    let mut lines = wrapped(title, size, room);
    if lines.len() > 4 {
        lines.truncate(4);
        lines[3].push('…');
    }
    (
        size,
        lines.iter().map(|line| cut(line, size, room)).collect(),
    )
}

fn wrapped(title: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(" ", size) + width(word, size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// About how wide a text is in a bold face without serifs.
fn width(text: &str, size: f64) -> f64 {
    let of = |character: char| match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | '\'' | '’' | '!' | ' ' | ':' | ';' | '|' => 0.34,
        'm' | 'w' | 'M' | 'W' | '@' => 0.98,
        'A'..='Z' | '0'..='9' => 0.74,
        character if character as u32 > 0x2e80 => 1.05,
        _ => 0.63,
    };
    text.chars().map(of).sum::<f64>() * size
}

fn cut(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut cut = String::new();
    for character in text.chars() {
        if width(&cut, size) + size * 2.0 > room {
            break;
        }
        cut.push(character);
    }
    cut.push('…');
    cut
}

/// Numbers that follow from a title (SplitMix64, seeded by FNV-1a).
struct Numbers(u64);

impl Numbers {
    fn of(title: &str) -> Self {
        let hash = title
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Self(hash)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// A number between two, to a tenth.
    fn between(&mut self, from: f64, to: f64) -> f64 {
        round(from + (to - from) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

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
    let (x, y) = (numbers.between(50.0, 150.0), numbers.between(80.0, 125.0));
    let step = numbers.between(15.0, 21.0);
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
            "M0 {} C50 {} 70 {} 110 {} S170 {} 200 {} V300 H0Z",
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
fn waves(numbers: &mut Numbers, [_, one, other, ink]: &Palette) -> Markup {
    let (x, tall) = (numbers.between(60.0, 140.0), numbers.between(9.0, 15.0));
    let wave = |y: f64, shift: f64| {
        let mut path = format!("M{} {y}", -50.0 + shift);
        for _ in 0..4 {
            path.push_str(&format!("q16.7 {} 33.3 0t33.3 0", -tall * 2.0));
        }
        path + "V300H-60z"
    };
    html! {
        circle cx=(x) cy="92" r="44" fill=(one) {}
        path d=(wave(118.0, 0.0)) fill=(other) fill-opacity=".45" {}
        path d=(wave(142.0, 18.0)) fill=(other) fill-opacity=".7" {}
        path d=(format!("M{} 138h44l-9 15h-26z", x - 22.0)) fill=(ink) {}
        path d=(wave(168.0, 6.0)) fill=(other) {}
    }
}

/// A page of the pictures of some titles, to be looked at by whoever changes how they are drawn.
#[cfg(test)]
fn gallery<'a>(titles: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let page = html! { (maud::DOCTYPE) body { @for (title, director) in titles { (PreEscaped(file(title, director).into_string().replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "").replace("width=\"600\" height=\"900\"", "width=\"200\" height=\"300\""))) " " } } };
    page.into_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_its_title_s_own_and_nothing_breaks_out_of_it() {
        assert_eq!(
            draw("Heat", "Michael Mann").into_string(),
            draw("Heat", "Michael Mann").into_string()
        );
        assert_ne!(
            draw("Heat", "x").into_string(),
            draw("Heap", "x").into_string()
        );
        let hostile =
            file("</text><script>alert(1)</script>", "\" onload=\"alert(1)").into_string();
        assert!(
            !hostile.contains("<script") && !hostile.contains("\" onload"),
            "{hostile}"
        );
    }

    #[test]
    fn words_stay_within_the_picture() {
        let long = "W".repeat(200);
        for title in [
            "It",
            "Here Be Dragons, Mostly",
            "東京物語、そしてその後の長い長い題名",
            &long,
            "a b c d e f g h i j k l m n o p q r s t u v w x y z",
            "",
        ] {
            let (size, lines) = set(title);
            assert!(lines.len() <= 4, "{lines:?}");
            for line in lines {
                assert!(width(&line, size) <= WIDTH - 2.0 * MARGIN + size, "{line}");
            }
        }
        if let Ok(path) = std::env::var("POSTERS") {
            let titles = std::fs::read_to_string(&path).unwrap();
            std::fs::write(
                format!("{path}.html"),
                gallery(titles.lines().map(|line| (line, "Somebody Else"))),
            )
            .unwrap();
        }
    }
}
