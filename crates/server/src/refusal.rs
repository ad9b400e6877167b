//! What a refused request is answered: a status and one sentence, always as an object.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use cairn_api::{ErrorBody, ErrorCode, http_status};
use cairn_engine::{Error, ErrorKind};

/// What a handler answers: an object or an array, or a refusal.
pub(crate) type Answer<T> = Result<Json<T>, Refusal>;

/// A request that is not carried out, and why.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: Box<ErrorBody>,
}

impl Refusal {
    /// A refusal whose message is one sentence, with its final stop.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let message = message.into();
        let body = Box::new(ErrorBody { detail: message.clone(), code, message, hint: None });
        Self { status: status_of(code), body }
    }

    /// Input that makes no sense (422).
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    /// The same refusal with a sentence that says what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        self.body.detail = format!("{} {hint}", self.body.message);
        self.body.hint = Some(hint);
        self
    }

    /// The same refusal with another status than its code's own.
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The refusal as an upload answers it. The seed's client shows the sentence of a 403 only, and for every other
    /// status the bare reason phrase: so whatever is about the state of things, and not about the request, is a 403.
    pub(crate) fn of_upload(self) -> Self {
        match self.body.code {
            ErrorCode::InUse | ErrorCode::NoSpace | ErrorCode::AlreadyExists | ErrorCode::Conflict => {
                self.status(StatusCode::FORBIDDEN)
            }
            _ => self,
        }
    }
}

fn status_of(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(http_status(code)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        if matches!(error.kind(), ErrorKind::Internal | ErrorKind::Io | ErrorKind::Corrupt) {
            tracing::error!(%error, "a request failed");
        }
        let body = Box::new(ErrorBody::from(&error));
        Self { status: status_of(body.code), body }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let code = self.body.code;
        let mut response = (self.status, Json(self.body)).into_response();
        // The audit log says it.
        response.extensions_mut().insert(code);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_that_cannot_be_now_is_a_403_and_a_wrong_one_is_not() {
        let status = |code| Refusal::new(code, "No.").of_upload().status.as_u16();
        assert_eq!(status(ErrorCode::InUse), 403);
        assert_eq!(status(ErrorCode::NoSpace), 403);
        assert_eq!(status(ErrorCode::AlreadyExists), 403);
        assert_eq!(status(ErrorCode::NotFound), 404);
        assert_eq!(status(ErrorCode::InvalidInput), 422);
    }

    #[test]
    fn the_detail_is_the_sentence_and_the_hint() {
        let refusal = Refusal::invalid("It is wrong.").hint("Do it right.");
        assert_eq!(refusal.body.detail, "It is wrong. Do it right.");
        assert_eq!(refusal.body.message, "It is wrong.");
    }
}
