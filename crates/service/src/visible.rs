//! Texts that people read: one way of writing each, and nothing in them that cannot be seen.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup},
};

/// A text without white space around it, in the composed form (NFC, Unicode Standard Annex 15); none where it has characters that
/// control something, break lines or mean nothing, or none that can be seen.
pub fn visible(text: &str) -> Option<String> {
    let text = ComposingNormalizerBorrowed::new_nfc()
        .normalize(text.trim())
        .into_owned();
    let categories = CodePointMapData::<GeneralCategory>::new();
    let means_nothing = |character: char| {
        use GeneralCategory as Is;
        matches!(
            categories.get(character),
            Is::Control
                | Is::Format
                | Is::LineSeparator
                | Is::ParagraphSeparator
                | Is::PrivateUse
                | Is::Surrogate
                | Is::Unassigned
        )
    };
    let stands_alone = |character: char| {
        let none = GeneralCategoryGroup::Mark.union(GeneralCategoryGroup::Separator);
        !none.contains(categories.get(character))
    };
    (!text.chars().any(means_nothing) && text.chars().any(stands_alone)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_kept_in_one_way_of_writing() {
        for (text, read) in [
            (" Am\u{e9}lie\u{3000}", "Am\u{e9}lie"),
            ("Ame\u{301}lie", "Am\u{e9}lie"),
            ("\u{1f600} 東京物語 (1953)", "\u{1f600} 東京物語 (1953)"),
            ("שלום", "שלום"),
        ] {
            assert_eq!(visible(text).as_deref(), Some(read));
        }
    }

    #[test]
    fn what_is_not_is_refused() {
        for text in [
            "",
            "  ",
            "a\0b",
            "a\nb",
            "a\u{200b}b",
            "a\u{202e}b",
            "\u{feff}a",
            "a\u{2028}b",
            "\u{301}",
            "\u{e000}",
            "a\u{378}b",
            "a\u{ad}b",
        ] {
            assert_eq!(visible(text), None, "{text:?}");
        }
    }
}
