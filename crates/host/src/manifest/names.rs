//! The names Spin allows: kebab-case for components, lower snake_case for variables.

/// Checks the id of a component: words of ASCII letters and digits, joined by `-`, each beginning with a letter and all of
/// one case.
pub(super) fn component_id(id: &str) -> Result<(), String> {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric())
            && !(word.contains(|c: char| c.is_ascii_uppercase())
                && word.contains(|c: char| c.is_ascii_lowercase()))
    };
    if id.split('-').all(word) {
        Ok(())
    } else {
        Err(format!(
            "component id {id:?} is not valid: write words of letters and digits joined by `-`, such as `data-api`"
        ))
    }
}

/// Checks the name of a variable: lower-case letters, digits and single `_` between them, a letter first.
pub(super) fn variable(name: &str) -> Result<(), String> {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('_').all(word) {
        Ok(())
    } else {
        Err(format!(
            "variable name {name:?} is not valid: write lower-case letters, digits and single `_`, such as `movies_url`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_ids() {
        for id in ["movies", "data-api", "a1", "A-b2"] {
            assert!(component_id(id).is_ok(), "{id}");
        }
        for id in [
            "", "-", "a-", "a--b", "data_api", "1a", "a-1", "aB", "a b", "é",
        ] {
            assert!(component_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn variable_names() {
        for name in ["a", "movies_url", "a1_2"] {
            assert!(variable(name).is_ok(), "{name}");
        }
        for name in ["", "_a", "a_", "a__b", "A", "a-b", "1a"] {
            assert!(variable(name).is_err(), "{name}");
        }
    }
}
