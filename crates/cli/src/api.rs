//! The REST server, asked over HTTP. Refusals become failures with the server's own sentence and code.

use cairn_api::{ErrorBody, ErrorCode, FileEntry, StagedUpload, Vm};
use reqwest::{Body, Client, Method, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::trust::{self, Trust};

/// Query parameters.
type Query<'a> = &'a [(&'a str, &'a str)];

/// A server that answers, and the key to it.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    base: Url,
    key: String,
    is_elsewhere: bool,
}

/// What a server has made of the bytes that were sent.
pub(crate) enum Sent {
    /// All of the file is there.
    Whole(FileEntry),
    /// There is more to come.
    Part(StagedUpload),
}

/// Why bytes that were sent have not become a file.
pub(crate) enum NotSent {
    /// The connection broke.
    Broken(Failure),
    /// The server refused them.
    Refused(Failure),
}

impl From<NotSent> for Failure {
    fn from(why: NotSent) -> Self {
        match why {
            NotSent::Broken(failure) | NotSent::Refused(failure) => failure,
        }
    }
}

impl Api {
    /// The server at `url`.
    pub(crate) fn new(url: &str, key: String, trust: &Trust) -> Result<Self, Failure> {
        let client = trust::client(trust)?;
        let base = Url::parse(url).map_err(|error| {
            Failure::new(ErrorCode::Internal, format!("The running Cairn's address '{url}' makes no sense: {error}."))
        })?;
        Ok(Self { client, base, key, is_elsewhere: false })
    }

    /// The same server, which has other files and paths than we.
    pub(crate) fn elsewhere(self) -> Self {
        Self { is_elsewhere: true, ..self }
    }

    /// Whether it has other files and paths than we.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.is_elsewhere
    }

    /// Refuses what names paths of this computer to a server that may be on another.
    pub(crate) fn knows_our_paths(&self) -> Result<(), Failure> {
        if self.is_elsewhere {
            return Err(Failure::new(
                ErrorCode::Unsupported,
                "The server of --url does not see this computer's files.",
            )
            .hint("Stream them: '-' stands for standard input and output, and --tar for many files."));
        }
        Ok(())
    }

    /// `GET /v1/<path>`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &[&str], query: Query<'_>) -> Result<T, Failure> {
        read(self.send(self.request(Method::GET, path)?.query(query)).await?).await
    }

    /// `GET /v1/vms/`, with the trailing slash: the machines that are stopped as well.
    pub(crate) async fn all_machines(&self) -> Result<Vec<Vm>, Failure> {
        let mut url = self.base.clone();
        url.set_path("/v1/vms/");
        read(self.send(self.client.get(url)).await?).await
    }

    /// `POST /v1/<path>` with a JSON body.
    pub(crate) async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &[&str], body: &B) -> Result<T, Failure> {
        read(self.send(self.request(Method::POST, path)?.json(body)).await?).await
    }

    /// `PATCH /v1/<path>` with a JSON body.
    pub(crate) async fn patch<B: Serialize, T: DeserializeOwned>(&self, path: &[&str], body: &B) -> Result<T, Failure> {
        self.patch_with(path, &[], body).await
    }

    /// `PATCH /v1/<path>` with a query and a JSON body.
    pub(crate) async fn patch_with<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: Query<'_>,
        body: &B,
    ) -> Result<T, Failure> {
        read(self.send(self.request(Method::PATCH, path)?.query(query).json(body)).await?).await
    }

    /// `DELETE /v1/<path>`.
    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &[&str], query: Query<'_>) -> Result<T, Failure> {
        read(self.send(self.request(Method::DELETE, path)?.query(query)).await?).await
    }

    /// `GET /v1/<path>`, whose body is a file's content.
    pub(crate) async fn stream(&self, path: &[&str], query: Query<'_>) -> Result<Response, Failure> {
        self.send(self.request(Method::GET, path)?.query(query)).await
    }

    /// `PUT /v1/<path>` with a file's content.
    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: Query<'_>,
        content: Body,
    ) -> Result<T, Failure> {
        read(self.send(self.request(Method::PUT, path)?.query(query).body(content)).await?).await
    }

    /// `PUT /v1/<path>` with a file's content, or with the part of it that the header `fields` say.
    pub(crate) async fn put_part(
        &self,
        path: &[&str],
        query: Query<'_>,
        fields: &[(&str, String)],
        content: Body,
    ) -> Result<Sent, NotSent> {
        let request = self.request(Method::PUT, path).map_err(NotSent::Refused)?.query(query).body(content);
        let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let response = self.exchange(request).await?;
        if response.status() == StatusCode::ACCEPTED {
            return read(response).await.map(Sent::Part).map_err(NotSent::Broken);
        }
        read(response).await.map(Sent::Whole).map_err(NotSent::Broken)
    }

    /// `POST /v1/<path>` with raw bytes, which are sent as they come.
    pub(crate) async fn post_stream<T: DeserializeOwned>(&self, path: &[&str], content: Body) -> Result<T, Failure> {
        read(self.send(self.request(Method::POST, path)?.body(content)).await?).await
    }

    fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, Failure> {
        Ok(self.client.request(method, self.address(path)?))
    }

    fn address(&self, path: &[&str]) -> Result<Url, Failure> {
        // A name that is empty or all dots would make another address of it.
        if let Some(name) = path.iter().find(|name| matches!(**name, "" | "." | "..")) {
            return Err(Failure::invalid(format!("'{name}' names nothing."))
                .hint("Name a volume, machine or checkpoint by its name or id."));
        }
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Failure::new(ErrorCode::Internal, "The running Cairn's address takes no path."))?
            .clear()
            .push("v1")
            .extend(path);
        Ok(url)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        Ok(self.exchange(request).await?)
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<Response, NotSent> {
        let sent = request.header("X-API-Key", &self.key).send().await;
        let response = sent.map_err(|error| NotSent::Broken(unreachable_server(&error)))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        Err(NotSent::Refused(match serde_json::from_str::<ErrorBody>(&text) {
            Ok(body) => body.into(),
            Err(_) => {
                Failure::new(ErrorCode::Internal, format!("The running Cairn answered {status} without a reason."))
                    .hint("Is it of another version? 'cairn --version' says this one's.")
            }
        }))
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    let text = response.bytes().await.map_err(|error| unreachable_server(&error))?;
    serde_json::from_slice(&text).map_err(|error| {
        Failure::new(ErrorCode::Internal, format!("The running Cairn's answer is not understood: {error}."))
            .hint("Is it of another version? 'cairn --version' says this one's.")
    })
}

/// The innermost cause says what happened.
pub(crate) fn unreachable_server(error: &reqwest::Error) -> Failure {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let cause = cause.to_string();
    let cause = cause.trim_start_matches("unexpected error: ").split(" (os error").next().unwrap_or_default();
    if let (true, Some(url)) = (error.is_connect(), error.url()) {
        let server = url.origin().ascii_serialization();
        return Failure::new(ErrorCode::Io, format!("There is no connection to the server at {server}: {cause}."))
            .hint("Is it running, and is this its address?");
    }
    Failure::new(ErrorCode::Io, format!("The connection to the running Cairn broke: {cause}."))
        .hint("Try again; if it goes on, look into the store's log.")
}
