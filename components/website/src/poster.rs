//! Pictures of films, drawn of their titles: the same each time, and nobody has to draw them. A title's hash chooses the colours, one of
//! the drawings and how that is done; the words stand below it.

mod drawings;
mod numbers;
mod words;

use maud::{Markup, PreEscaped, html};

use drawings::PALETTES;
use numbers::{Numbers, round};
use words::{MARGIN, WIDTH, cut, set};

const HEIGHT: f64 = 300.0;

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
    let drawing = drawings::ALL[numbers.below(drawings::ALL.len())];
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

/// A page of the pictures of some titles, to be looked at by whoever changes how they are drawn.
#[cfg(test)]
fn gallery<'a>(titles: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let page = html! { (maud::DOCTYPE) body { @for (title, director) in titles { (PreEscaped(file(title, director).into_string().replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "").replace("width=\"600\" height=\"900\"", "width=\"200\" height=\"300\""))) " " } } };
    page.into_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{words::width, *};

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
