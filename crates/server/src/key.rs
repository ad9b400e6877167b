//! The API key: made from the operating system's random numbers, compared in constant time, never logged.

use std::fmt;

use cairn_engine::{Error, ErrorKind, Result};
use subtle::ConstantTimeEq;

/// Random bytes in a key.
const BYTES: usize = 32;

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A key of 256 random bits, written as 64 hexadecimal digits.
#[derive(Clone)]
pub(crate) struct Key(String);

impl Key {
    /// A new key.
    pub(crate) fn random() -> Result<Self> {
        let mut bytes = [0u8; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| {
            Error::new(ErrorKind::Io, format!("The operating system gives no random numbers for a key: {error}."))
        })?;
        Ok(Self(hex(&bytes)))
    }

    /// The key that `text` spells, when it is shaped like one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let shaped = text.len() == 2 * BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        shaped.then(|| Self(text.to_owned()))
    }

    /// Whether `offered` is this key; takes as long for a wrong key as for the right one.
    pub(crate) fn is(&self, offered: &str) -> bool {
        self.0.as_bytes().ct_eq(offered.as_bytes()).into()
    }

    /// The key as text.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The key as text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_key_is_the_key() {
        let key = Key::random().unwrap();
        assert!(key.is(key.text()));
        assert!(Key::parse(&format!("{}\n", key.text())).unwrap().is(key.text()));
        for wrong in ["", "x", &key.text()[1..], &key.text().to_uppercase(), &format!("{} ", key.text())] {
            // A key without letters equals its upper case.
            assert!(!key.is(wrong) || wrong == key.text(), "{wrong:?}");
        }
        assert!(!key.is(Key::random().unwrap().text()));
    }

    #[test]
    fn a_key_does_not_show_itself() {
        let key = Key::random().unwrap();
        assert!(!format!("{key:?}").contains(key.text()));
        assert!(Key::parse("short").is_none());
    }
}
