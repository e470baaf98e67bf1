//! What nobody guesses.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use data_api_client::Id;
use thiserror::Error;

/// There is no source of random bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no source of random bytes: {0}")]
pub struct NoRandom(String);

/// Letters and digits that nobody takes for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// So many random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| NoRandom(error.to_string()))?;
    Ok(bytes)
}

/// 32 random bytes, in base64url.
pub fn secret() -> Result<String, NoRandom> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}

/// An id that tells nothing of when it was made, nor of any other.
pub fn id() -> Result<Id, NoRandom> {
    Ok(Id::from_bytes(bytes()?))
}

/// 80 random bits for somebody to type: `XXXX-XXXX-XXXX-XXXX`.
pub fn code() -> Result<String, NoRandom> {
    let characters = bytes::<16>()?.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    let groups: Vec<String> = characters
        .chunks(4)
        .map(|four| four.iter().collect())
        .collect();
    Ok(groups.join("-"))
}

/// A code as it was given, however it is typed.
pub fn typed(code: &str) -> String {
    let kept = code.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|character| match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_typed() -> Result<(), NoRandom> {
        let code = code()?;
        assert_eq!(code.len(), 19);
        let careless = code
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .replace('1', "l");
        assert_eq!(typed(&careless), typed(&code));
        assert_ne!(typed(&super::code()?), typed(&code));
        Ok(())
    }
}
