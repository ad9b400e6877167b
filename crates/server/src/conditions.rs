//! What of a file a client wants: all of it or a part (`Range`), and whether it has it already or means another (`If-None-Match`,
//! `If-Match` and the like), and over which one it writes. RFC 9110, 13 and 14.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use cairn_engine::{Condition, FileReader, Present};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// A time as HTTP says it; other forms of old are not understood, and such a header then says nothing.
const DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// What is to be answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of it.
    Whole,
    /// Its bytes from the one to before the other.
    Part(u64, u64),
    /// A part that it does not have.
    Beyond,
    /// Nothing: the client has it already.
    Nothing,
    /// Nothing: it is another than the client means.
    Another,
}

/// A file as it is, in the words of HTTP.
#[derive(Debug)]
pub(crate) struct Known {
    /// The strong validator, with its quotes.
    tag: String,
    /// When its content last changed, in whole seconds.
    modified: Option<OffsetDateTime>,
    size: u64,
}

impl Known {
    pub(crate) fn of(file: &FileReader) -> Self {
        Self::new(&file.version(), file.entry().modified, file.entry().size)
    }

    fn new(version: &str, modified: OffsetDateTime, size: u64) -> Self {
        Self { tag: format!("\"{version}\""), modified: modified.replace_nanosecond(0).ok(), size }
    }

    /// Whether it is another than the client means.
    fn is_another(&self, headers: &HeaderMap) -> bool {
        match tags(headers, header::IF_MATCH) {
            Some(tags) => !tags.iter().any(|tag| *tag == "*" || *tag == self.tag),
            None => date(headers, header::IF_UNMODIFIED_SINCE).is_some_and(|then| self.modified > Some(then)),
        }
    }

    /// Whether it is one of those that the client does not mean, if it names some.
    fn is_excluded(&self, headers: &HeaderMap) -> Option<bool> {
        let tags = tags(headers, header::IF_NONE_MATCH)?;
        Some(tags.iter().any(|tag| *tag == "*" || tag.trim_start_matches("W/") == self.tag))
    }

    /// What the request's `headers` ask for. A part is only for who `gets` it, and does not ask for the head alone.
    pub(crate) fn wanted(&self, headers: &HeaderMap, gets: bool) -> Wanted {
        if self.is_another(headers) {
            return Wanted::Another;
        }
        // The very time: a file that took this one's place may be older.
        let is_of_that_time =
            || date(headers, header::IF_MODIFIED_SINCE).is_some_and(|then| self.modified == Some(then));
        if self.is_excluded(headers).unwrap_or_else(is_of_that_time) {
            return Wanted::Nothing;
        }
        // A time is too coarse to put parts together by it.
        let is_the_same = headers.get(header::IF_RANGE).is_none_or(|tag| tag.as_bytes() == self.tag.as_bytes());
        let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
        match range {
            Some(range) if gets && is_the_same => part(range, self.size),
            _ => Wanted::Whole,
        }
    }

    /// Says in an answer's headers what the file is.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let modified = self.modified.and_then(|time| time.format(DATE).ok());
        let said = [(header::ETAG, Some(self.tag.clone())), (header::LAST_MODIFIED, modified)];
        for (name, value) in said {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                headers.insert(name, value);
            }
        }
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    }
}

/// What a request that writes a file says of what must be there (RFC 9110, 13.1).
#[derive(Debug, Default)]
pub(crate) struct ToWrite {
    missed: Arc<AtomicBool>,
}

impl ToWrite {
    /// The condition in `headers`, if there is one.
    pub(crate) fn condition(&self, headers: &HeaderMap) -> Option<Condition> {
        let said = [header::IF_MATCH, header::IF_NONE_MATCH, header::IF_UNMODIFIED_SINCE];
        if !said.iter().any(|name| headers.contains_key(name)) {
            return None;
        }
        let (missed, headers) = (self.missed.clone(), headers.clone());
        Some(Condition::new(move |present| {
            let holds = may_write(present, &headers);
            missed.fetch_or(!holds, Ordering::Relaxed);
            holds
        }))
    }

    /// Whether it did not hold.
    pub(crate) fn is_missed(&self) -> bool {
        self.missed.load(Ordering::Relaxed)
    }
}

fn may_write(present: Option<&Present>, headers: &HeaderMap) -> bool {
    let Some(present) = present else { return !headers.contains_key(header::IF_MATCH) };
    let known = Known::new(&present.version, present.modified, 0);
    !known.is_another(headers) && known.is_excluded(headers) != Some(true)
}

/// The entity tags in the header `name`, if it is there.
fn tags(headers: &HeaderMap, name: HeaderName) -> Option<Vec<&str>> {
    headers.contains_key(&name).then(|| {
        let values = headers.get_all(&name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).map(str::trim).collect()
    })
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<OffsetDateTime> {
    PrimitiveDateTime::parse(headers.get(name)?.to_str().ok()?, DATE).ok().map(PrimitiveDateTime::assume_utc)
}

/// The part that `Range` names. What it does not say rightly, and several parts, is as if it were not there; nor has a file
/// without bytes parts.
fn part(range: &str, size: u64) -> Wanted {
    let Some((first, last)) = one_range(range).filter(|_| size > 0) else { return Wanted::Whole };
    match (first, last) {
        (Some(first), Some(last)) if last < first => Wanted::Whole,
        (Some(first), _) if first >= size => Wanted::Beyond,
        (Some(first), last) => Wanted::Part(first, last.map_or(size, |last| last.saturating_add(1).min(size))),
        (None, Some(0)) => Wanted::Beyond,
        (None, Some(count)) => Wanted::Part(size.saturating_sub(count), size),
        (None, None) => Wanted::Whole,
    }
}

/// `bytes=FIRST-LAST`, `bytes=FIRST-` or, for so many at the end, `bytes=-COUNT`.
fn one_range(range: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, range) = range.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    let number = |text: &str| match text {
        "" => Some(None),
        // One beyond all numbers is beyond each file.
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(Some(digits.parse().unwrap_or(u64::MAX))),
        _ => None,
    };
    unit.trim().eq_ignore_ascii_case("bytes").then_some((number(first)?, number(last)?))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const SUNDAY: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn wanted(said: &[(HeaderName, &str)]) -> Wanted {
        let known = Known { tag: "\"a-1\"".into(), modified: Some(datetime!(1994-11-06 08:49:37 UTC)), size: 10 };
        let headers: HeaderMap = said.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        known.wanted(&headers, true)
    }

    #[test]
    fn a_part_is_what_the_standard_says() {
        for (range, meant) in [
            ("bytes=0-3", Wanted::Part(0, 4)),
            ("Bytes = 4-", Wanted::Part(4, 10)),
            ("bytes=9-99", Wanted::Part(9, 10)),
            ("bytes=0-18446744073709551615", Wanted::Part(0, 10)),
            ("bytes=-3", Wanted::Part(7, 10)),
            ("bytes=-99999999999999999999", Wanted::Part(0, 10)),
            ("bytes=10-", Wanted::Beyond),
            ("bytes=99999999999999999999-", Wanted::Beyond),
            ("bytes=-0", Wanted::Beyond),
            // As if nothing were said.
            ("bytes=3-2", Wanted::Whole),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=0 - 3", Wanted::Whole),
            ("lines=0-3", Wanted::Whole),
            ("bytes", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(wanted(&[(header::RANGE, range)]), meant, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Wanted::Whole);
    }

    #[test]
    fn who_has_it_gets_nothing_and_who_means_another_is_told() {
        const LATER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
        const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
        for (name, value, meant) in [
            (header::IF_NONE_MATCH, "\"a-1\"", Wanted::Nothing),
            (header::IF_NONE_MATCH, "\"x\", W/\"a-1\"", Wanted::Nothing),
            (header::IF_NONE_MATCH, "*", Wanted::Nothing),
            (header::IF_NONE_MATCH, "\"a-2\"", Wanted::Whole),
            (header::IF_MATCH, "\"a-1\"", Wanted::Whole),
            (header::IF_MATCH, "*", Wanted::Whole),
            (header::IF_MATCH, "W/\"a-1\"", Wanted::Another),
            (header::IF_MATCH, "\"a-2\", \"a-3\"", Wanted::Another),
            (header::IF_MODIFIED_SINCE, SUNDAY, Wanted::Nothing),
            (header::IF_MODIFIED_SINCE, LATER, Wanted::Whole),
            (header::IF_MODIFIED_SINCE, "yesterday", Wanted::Whole),
            (header::IF_UNMODIFIED_SINCE, SUNDAY, Wanted::Whole),
            (header::IF_UNMODIFIED_SINCE, LATER, Wanted::Whole),
            (header::IF_UNMODIFIED_SINCE, BEFORE, Wanted::Another),
        ] {
            assert_eq!(wanted(&[(name.clone(), value)]), meant, "{name}: {value}");
        }
        // A tag says more than a time.
        let both = [(header::IF_NONE_MATCH, "\"a-2\""), (header::IF_MODIFIED_SINCE, SUNDAY)];
        assert_eq!(wanted(&both), Wanted::Whole);
    }

    #[test]
    fn what_is_written_over_is_what_the_client_means() {
        let there = Present { version: "a-1".into(), modified: datetime!(1994-11-06 08:49:37.5 UTC) };
        for (name, value, over, as_new) in [
            (header::IF_MATCH, "\"a-1\"", true, false),
            (header::IF_MATCH, "\"a-2\"", false, false),
            (header::IF_MATCH, "*", true, false),
            (header::IF_NONE_MATCH, "*", false, true),
            (header::IF_NONE_MATCH, "\"a-1\"", false, true),
            (header::IF_NONE_MATCH, "\"a-2\"", true, true),
            (header::IF_UNMODIFIED_SINCE, SUNDAY, true, true),
            (header::IF_UNMODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:36 GMT", false, true),
            (header::IF_MODIFIED_SINCE, SUNDAY, true, true),
        ] {
            let headers: HeaderMap = [(name.clone(), value.parse().unwrap())].into_iter().collect();
            assert_eq!(may_write(Some(&there), &headers), over, "{name}: {value}");
            assert_eq!(may_write(None, &headers), as_new, "{name}: {value}");
        }
    }

    #[test]
    fn a_part_is_given_only_of_the_file_that_the_client_has_begun() {
        let with = |tag| wanted(&[(header::RANGE, "bytes=4-"), (header::IF_RANGE, tag)]);
        assert_eq!(with("\"a-1\""), Wanted::Part(4, 10));
        for other in ["\"a-2\"", "W/\"a-1\"", SUNDAY] {
            assert_eq!(with(other), Wanted::Whole, "{other}");
        }
    }

    #[test]
    fn a_file_of_any_time_is_told() {
        for (modified, said) in [
            (datetime!(1994-11-06 08:49:37 UTC), Some(SUNDAY)),
            (datetime!(1901-12-13 20:45:52 UTC), Some("Fri, 13 Dec 1901 20:45:52 GMT")),
            (datetime!(2446-05-10 22:38:55 UTC), Some("Thu, 10 May 2446 22:38:55 GMT")),
        ] {
            let mut headers = HeaderMap::new();
            Known { tag: "\"a\"".into(), modified: Some(modified), size: 1 }.tell(&mut headers);
            assert_eq!(headers.get(header::LAST_MODIFIED).map(|value| value.to_str().unwrap()), said);
            assert_eq!(headers[header::ETAG], "\"a\"");
        }
    }
}
