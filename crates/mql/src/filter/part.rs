//! What a text has to hold for a regular expression to match in it, for whoever finds texts by their parts.

use bson::{Bson, Regex};
use regex_syntax::{
    ParserBuilder,
    hir::{ClassUnicode, ClassUnicodeRange, Hir, HirKind},
};

/// A text in which every character stands for all those that differ from it in case alone. Of two texts one of which holds the
/// other without regard to case, as `$regex` with the option `i` has it, the one so folded holds the other so folded.
pub fn fold(text: &str) -> String {
    text.chars().map(folded).collect()
}

/// The least of the characters that differ in case alone.
fn folded(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_uppercase();
    }
    let mut alike = ClassUnicode::new([ClassUnicodeRange::new(character, character)]);
    alike.case_fold_simple();
    alike
        .ranges()
        .first()
        .map_or(character, |first| first.start())
}

/// The texts of a value, folded, in one of which every part is found by which a regular expression matches the value.
pub fn texts(value: &Bson) -> Vec<String> {
    match value {
        Bson::String(text) | Bson::Symbol(text) => vec![fold(text)],
        // It matches the same expression, with the same part.
        Bson::RegularExpression(regex) => part(regex).into_iter().collect(),
        Bson::Array(items) => items
            .iter()
            .filter(|item| !matches!(item, Bson::Array(_)))
            .flat_map(texts)
            .collect(),
        _ => Vec::new(),
    }
}

/// A text, folded, that is a part of every text that an expression matches; the longest that is plain to see.
pub(super) fn part(regex: &Regex) -> Option<String> {
    let mut parser = ParserBuilder::new();
    parser.ignore_whitespace(regex.options.as_str().contains('x'));
    let parsed = parser.build().parse(regex.pattern.as_str()).ok()?;
    literal(&parsed).map(|literal| fold(&literal))
}

fn literal(expression: &Hir) -> Option<String> {
    match expression.kind() {
        HirKind::Literal(literal) => String::from_utf8(literal.0.to_vec()).ok(),
        HirKind::Capture(capture) => literal(&capture.sub),
        HirKind::Concat(parts) => {
            let literals = parts.iter().filter_map(literal);
            literals.max_by_key(|literal| literal.chars().count())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str, options: &str) -> Option<String> {
        let regex = Regex {
            pattern: pattern.try_into().expect("a pattern"),
            options: options.try_into().expect("options"),
        };
        part(&regex)
    }

    #[test]
    fn what_differs_in_case_alone_is_folded_alike() {
        for character in '\0'..=char::MAX {
            let mut alike = ClassUnicode::new([ClassUnicodeRange::new(character, character)]);
            alike.case_fold_simple();
            for other in alike.iter().flat_map(|range| range.start()..=range.end()) {
                assert_eq!(folded(character), folded(other), "{character} {other}");
            }
        }
    }

    #[test]
    fn the_longest_plain_part_counts() {
        for (pattern, options, expected) in [
            ("tide", "i", Some("TIDE")),
            (r"the \(tide\)", "i", Some("THE (TIDE)")),
            ("ab.*(cde)", "", Some("CDE")),
            ("a b c", "x", Some("ABC")),
            ("a(?i:b)", "i", Some("A")),
            ("ÉTÉ", "i", Some("ÉTÉ")),
            ("a|b", "i", None),
            ("(abc)?", "i", None),
            ("[ab]+", "i", None),
            ("", "i", None),
        ] {
            assert_eq!(of(pattern, options).as_deref(), expected, "{pattern}");
        }
    }
}
