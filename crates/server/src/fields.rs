//! Header fields that say of a body which bytes of a file it has (`Content-Range`, RFC 9110) and what its checksum is
//! (`Repr-Digest` and `Content-Digest`, RFC 9530).

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cairn_api::ErrorCode;
use cairn_engine::Sha256Sum;

use crate::refusal::Refusal;

/// Which bytes of a file a body has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// The first.
    pub(crate) offset: u64,
    /// How many.
    pub(crate) length: u64,
    /// How many the file has.
    pub(crate) size: u64,
}

/// `Content-Length`, when it is there and a number.
pub(crate) fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// `Content-Range`: `bytes FIRST-LAST/SIZE`, or `bytes */SIZE` for no bytes at the end.
pub(crate) fn content_range(headers: &HeaderMap) -> Result<Option<Range>, Refusal> {
    let Some(value) = headers.get(header::CONTENT_RANGE) else { return Ok(None) };
    let shown = String::from_utf8_lossy(value.as_bytes()).into_owned();
    range(&shown).map(Some).ok_or_else(|| {
        Refusal::invalid(format!("The header Content-Range cannot be used: '{shown}'."))
            .hint("Say which bytes of how many the body has, such as 'bytes 0-1048575/4194304'.")
    })
}

fn range(text: &str) -> Option<Range> {
    let (unit, rest) = text.trim().split_once(' ')?;
    let (bytes, size) = rest.trim().split_once('/')?;
    let size = number(size)?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    if bytes == "*" {
        return Some(Range { offset: size, length: 0, size });
    }
    let (first, last) = bytes.split_once('-')?;
    let (offset, last) = (number(first)?, number(last)?);
    if last < offset || last >= size {
        return None;
    }
    Some(Range { offset, length: last - offset + 1, size })
}

/// Digits and nothing else.
fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// The SHA-256 that the field `name` says, if the field is there.
pub(crate) fn digest(headers: &HeaderMap, name: &str) -> Result<Option<Sha256Sum>, Refusal> {
    let values = || headers.get_all(name).iter();
    if values().next().is_none() {
        return Ok(None);
    }
    let members = values().flat_map(|value| value.to_str().unwrap_or_default().split(','));
    // Of a key that is there twice the last counts (RFC 9651).
    let said = members.filter_map(|member| member.trim().strip_prefix("sha-256=")).next_back();
    let Some(said) = said else {
        return Err(Refusal::new(ErrorCode::Unsupported, format!("The header {name} has no SHA-256."))
            .hint("Give one as 'sha-256=:BASE64:', or leave the header out."));
    };
    sum(said).map(Some).ok_or_else(|| {
        Refusal::invalid(format!("The header {name} cannot be used: 'sha-256={said}'."))
            .hint("A SHA-256 is 32 bytes in base64 between colons: 'sha-256=:BASE64:'.")
    })
}

fn sum(said: &str) -> Option<Sha256Sum> {
    let item = said.split(';').next()?.trim();
    let text = item.strip_prefix(':')?.strip_suffix(':')?;
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    bytes.try_into().ok().map(Sha256Sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_what_the_standard_says_and_nothing_else() {
        let is = |text: &str| range(text).map(|Range { offset, length, size }| (offset, length, size));
        assert_eq!(is("bytes 0-3/8"), Some((0, 4, 8)));
        assert_eq!(is("Bytes 4-7/8"), Some((4, 4, 8)));
        assert_eq!(is("bytes */8"), Some((8, 0, 8)));
        assert_eq!(is("bytes */0"), Some((0, 0, 0)));
        let most = u64::MAX;
        assert_eq!(is(&format!("bytes 0-{}/{most}", most - 1)), Some((0, most, most)));
        for wrong in [
            "",
            "bytes",
            "bytes 0-3",
            "bytes 0-3/*",
            "bytes 3-0/8",
            "bytes 0-8/8",
            "bytes -3/8",
            "bytes 0-/8",
            "lines 0-3/8",
            "bytes +0-3/8",
            "bytes 0-18446744073709551615/18446744073709551616",
            "bytes 0--3/8",
            "bytes 0-3/8/9",
        ] {
            assert_eq!(is(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_checksum_is_found_among_others() {
        let one = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("repr-digest", value.parse().unwrap());
            }
            digest(&headers, "repr-digest").map_err(|refusal| format!("{refusal:?}"))
        };
        assert_eq!(of(&[]), Ok(None));
        for values in [
            &[format!("sha-256=:{one}:").as_str()][..],
            &[&format!("sha-512=:AAAA:, sha-256=:{one}:;x=1")],
            &["md5=:AAAA:", &format!("sha-256=:{one}:")],
        ] {
            assert!(of(values).unwrap().unwrap().to_string().starts_with("ba7816bf"), "{values:?}");
        }
        for wrong in ["", "sha-512=:AAAA:", "sha-256=AAAA", "sha-256=:AAAA:", &format!("sha-256=:{one}")] {
            assert!(of(&[wrong]).is_err(), "{wrong}");
        }
    }
}
