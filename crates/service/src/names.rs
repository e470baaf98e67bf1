//! Names that nobody knows, and those that may be meant by them.

/// The longest name that is repeated to whoever gave it, in characters.
const LONGEST: usize = 40;

/// A name as an error repeats it.
pub fn shown(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}…", &name[..end]),
    }
}

/// What an error says of the known name that is meant, where one is a letter off.
pub fn meant(name: &str, known: &[&str]) -> String {
    let near = |known: &&&str| {
        name.len() <= LONGEST && strsim::osa_distance(&name.to_lowercase(), known) <= 1
    };
    match known.iter().find(near) {
        Some(meant) => format!("; {meant} is meant, perhaps"),
        None => String::new(),
    }
}
