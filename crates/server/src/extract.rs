//! What comes in: path segments, query parameters and JSON bodies, each refused with a sentence that names what is
//! wrong. axum's own extractors are not used by handlers, since they refuse in plain text.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::BytesMut;
use cairn_api::ErrorCode;
use cairn_engine::Page;
use futures::StreamExt;
use percent_encoding::percent_decode_str;
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use serde_json::Value;

use crate::audit::Note;
use crate::bounds::is_too_slow;
use crate::refusal::Refusal;

/// The largest JSON body.
const JSON_LIMIT: usize = 4 << 20;
/// How long the sender of a refused body may be silent.
const SILENCE: Duration = Duration::from_secs(30);
/// How many entries a page has when nobody says.
const PAGE: usize = 1000;

/// Path segments, percent-decoded.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(Refusal::invalid(format!(
                "The address '{}' is not valid: {}.",
                parts.uri.path(),
                rejection.body_text().trim_end_matches('.')
            ))),
        }
    }
}

/// Query parameters; of one that is given twice the last counts, unknown ones are ignored.
pub(crate) struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        // Bytes that are no UTF-8 would become U+FFFD, and name another file than the one that is meant.
        percent_decode_str(parts.uri.query().unwrap_or_default())
            .decode_utf8()
            .map_err(|error| Refusal::invalid(format!("The query is not UTF-8: {error}.")))?;
        Query::try_from_uri(&parts.uri).map(|Query(pairs)| Self(pairs)).map_err(|rejection| {
            Refusal::invalid(format!("The query is not valid: {}.", rejection.body_text().trim_end_matches('.')))
        })
    }
}

impl Params {
    /// The parameter, when it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The parameter, when it is there and not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// The parameter, which must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::invalid(format!("The parameter '{name}' is missing.")))
    }

    /// The parameter as often as it is there.
    pub(crate) fn every(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// A parameter that is one of the words `true` and `false`.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool, Refusal> {
        self.get(name).map_or(Ok(default), |value| flag(name, value))
    }

    /// The page that is wanted, if one is: `cursor` is there, if only an empty one for the first page.
    pub(crate) fn page(&self) -> Result<Option<Page>, Refusal> {
        let Some(cursor) = self.get("cursor") else { return Ok(None) };
        let cursor = Some(cursor).filter(|cursor| !cursor.is_empty()).map(str::to_owned);
        Ok(Some(Page { limit: self.number("limit")?.unwrap_or(PAGE), cursor }))
    }

    /// The same of a list that takes no `limit` otherwise.
    pub(crate) fn page_or_limit(&self) -> Result<Option<Page>, Refusal> {
        match self.page()? {
            None => Ok(self.number("limit")?.map(|limit| Page { limit, cursor: None })),
            page => Ok(page),
        }
    }

    /// A parameter that is a whole number, when it is there.
    pub(crate) fn number<T: TryFrom<u64>>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let is_digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let number = value.parse::<u64>().ok().filter(|_| is_digits).and_then(|number| T::try_from(number).ok());
        number.map(Some).ok_or_else(|| {
            let why = if is_digits {
                format!("The number '{value}' is too large for the parameter '{name}'.")
            } else {
                format!("The parameter '{name}' is a whole number of at least 0, not '{value}'.")
            };
            Refusal::invalid(why)
        })
    }

    /// A parameter that is one of the words of `T`; its default when it is not there.
    pub(crate) fn word<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, Refusal> {
        let Some(value) = self.filled(name) else { return Ok(T::default()) };
        T::deserialize(value.into_deserializer()).map_err(|error: serde::de::value::Error| {
            Refusal::invalid(format!("The parameter '{name}' cannot be used: {}.", plain(&error.to_string())))
        })
    }
}

/// One of the words `true` and `false`, as the parameter or field `name` says it.
pub(crate) fn flag(name: &str, value: &str) -> Result<bool, Refusal> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(Refusal::invalid(format!("'{name}' is true or false, not '{other}'."))),
    }
}

/// A JSON object, whatever its content type says. An empty body is an empty object; unknown fields are ignored.
pub(crate) struct Object<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Object<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let note = request.extensions().get::<Note>().cloned();
        let body = read_small(request).await?;
        parse(&body, note.as_ref()).map(Self)
    }
}

/// The refusal of a body that did not come in whole.
pub(crate) fn broken_off(error: &(dyn std::error::Error + 'static)) -> Refusal {
    let refusal = Refusal::invalid(format!("The request's body broke off: {error}."));
    if is_too_slow(error) { refusal.status(StatusCode::REQUEST_TIMEOUT) } else { refusal }
}

/// The whole body, which is small.
async fn read_small(request: Request) -> Result<Vec<u8>, Refusal> {
    let (parts, body) = request.into_parts();
    let mut pieces = body.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| broken_off(&error))?;
        if whole.len() + piece.len() > JSON_LIMIT {
            throw_away(&parts.headers, Body::from_stream(pieces), u64::MAX);
            return Err(Refusal::new(
                ErrorCode::InvalidInput,
                format!("The request's body is larger than the {} MiB that this route takes.", JSON_LIMIT >> 20),
            )
            .status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

fn parse<T: DeserializeOwned>(text: &[u8], note: Option<&Note>) -> Result<T, Refusal> {
    let mut value: Value = if text.trim_ascii().is_empty() {
        Value::Object(serde_json::Map::new())
    } else {
        serde_json::from_slice(text)
            .map_err(|error| Refusal::invalid(format!("The request's body is not JSON: {error}.")))?
    };
    if !value.is_object() {
        return Err(Refusal::invalid("The request's body is not a JSON object."));
    }
    whole_numbers(&mut value);
    if let Some(note) = note {
        note.read(&value);
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let why = plain(&error.into_inner().to_string());
        if path == "." {
            Refusal::invalid(format!("The request's body cannot be used: {why}."))
        } else {
            Refusal::invalid(format!("The field '{path}' cannot be used: {why}."))
        }
    })
}

/// What is written as `5.0` is the whole number 5, as JSON Schema has it.
fn whole_numbers(value: &mut Value) {
    /// Beyond it not each whole number is one of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            let as_float = number.as_f64().unwrap_or(f64::NAN);
            if as_float.fract() == 0.0 && as_float.abs() < EXACT {
                *value = Value::from(as_float as i64);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

/// serde's words for people.
fn plain(why: &str) -> String {
    let too_large = why.strip_prefix("invalid value: integer `").filter(|rest| !rest.starts_with('-'));
    if let Some((number, _)) = too_large.and_then(|rest| rest.split_once("`, expected u")) {
        return format!("the number {number} is too large");
    }
    let why = ["invalid type: ", "unknown variant ", "invalid value: "]
        .iter()
        .fold(why, |why, kind| why.strip_prefix(kind).unwrap_or(why));
    let Some((said, wanted)) = why.split_once(", expected ") else { return why.to_owned() };
    let said = match said {
        "map" => "an object",
        "sequence" => "a list",
        said => said,
    };
    let wanted = match wanted {
        "u64" | "u32" | "u16" | "u8" => "a whole number of at least 0",
        "a sequence" => "a list",
        "a map" => "an object",
        struct_of if struct_of.starts_with("struct ") => "an object",
        wanted => wanted,
    };
    format!("{said}, expected {wanted}")
}

/// Reads what is left of a refused body, at most `limit` bytes, and throws it away, while the refusal is on its way:
/// a client that is still sending when the connection closes never reads the answer. One that asked first
/// (`Expect: 100-continue`) is not sending.
pub(crate) fn throw_away(headers: &HeaderMap, body: Body, limit: u64) {
    if headers.contains_key(header::EXPECT) || body.is_end_stream() {
        return;
    }
    let mut pieces = body.into_data_stream();
    tokio::spawn(async move {
        let mut read = 0;
        while read < limit {
            match tokio::time::timeout(SILENCE, pieces.next()).await {
                Ok(Some(Ok(piece))) => read += piece.len() as u64,
                _ => return,
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use cairn_api::{NewCheckpoint, NewVm, NewVolume};

    use super::*;

    fn refused<T: DeserializeOwned>(text: &str) -> String {
        match parse::<T>(text.as_bytes(), None) {
            Ok(_) => panic!("{text} was accepted"),
            Err(refusal) => format!("{refusal:?}"),
        }
    }

    #[test]
    fn a_field_that_is_wrong_is_named() {
        for (text, name) in [
            (r#"{"name": "a", "quota_bytes": -5}"#, "quota_bytes"),
            (r#"{"name": "a", "quota_bytes": 1e30}"#, "quota_bytes"),
            (r#"{"name": "a", "quota_bytes": 18446744073709551616}"#, "quota_bytes"),
            (r#"{"name": "a", "quota_bytes": "much"}"#, "quota_bytes"),
            (r#"{"name": 7, "quota_bytes": 5}"#, "name"),
            (r#"{"quota_bytes": 5}"#, "missing field `name`"),
        ] {
            let said = refused::<NewVolume>(text);
            assert!(said.contains(name) && !said.contains("u64"), "{said}");
        }
        let said = refused::<NewVm>(r#"{"memory_mb": 1099511627776}"#);
        assert!(said.contains("'memory_mb' cannot be used: the number 1099511627776 is too large."), "{said}");
        let said = refused::<NewVm>(r#"{"volumes": [7]}"#);
        assert!(said.contains("'volumes[0]' cannot be used: integer `7`, expected an object."), "{said}");
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for text in ["{", "[]", "null", "7", "\"a\"", r#"["a", 5]"#, "\u{0}"] {
            refused::<NewCheckpoint>(text);
        }
        assert!(parse::<NewCheckpoint>(b" ", None).unwrap().name.is_none());
        assert_eq!(parse::<NewCheckpoint>(br#"{"name": "x", "more": [1]}"#, None).unwrap().name.unwrap(), "x");
        assert_eq!(parse::<NewVolume>(br#"{"name": "x", "quota_bytes": 64.0}"#, None).unwrap().quota_bytes, 64);
        assert!(parse::<NewVolume>(br#"{"name": "x", "quota_bytes": 64.5}"#, None).is_err());
    }
}
