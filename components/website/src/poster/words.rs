//! How words are set upon a picture.

pub const WIDTH: f64 = 200.0;
pub const MARGIN: f64 = 16.0;

/// The size in which a title fits, and its lines.
pub fn set(title: &str) -> (f64, Vec<String>) {
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
pub fn width(text: &str, size: f64) -> f64 {
    let of = |character: char| match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | '\'' | '’' | '!' | ' ' | ':' | ';' | '|' => 0.34,
        'm' | 'w' | 'M' | 'W' | '@' => 0.98,
        'A'..='Z' | '0'..='9' => 0.74,
        character if character as u32 > 0x2e80 => 1.05,
        _ => 0.63,
    };
    text.chars().map(of).sum::<f64>() * size
}

pub fn cut(text: &str, size: f64, room: f64) -> String {
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
