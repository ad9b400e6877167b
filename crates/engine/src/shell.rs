//! Words for lines that a person pastes into a shell.

/// A word as a shell takes it, in quotes where it needs them.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-,=:".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) { word.to_owned() } else { quoted(word) }
}

/// A word in quotes.
pub(crate) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn only_what_needs_quotes_gets_them() {
        assert_eq!((shell_word("path=/a"), shell_word("it's")), ("path=/a".into(), "'it'\\''s'".into()));
        assert_eq!(shell_word(""), "''");
    }
}
