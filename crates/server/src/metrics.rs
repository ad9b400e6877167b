//! `/metrics`: what the server does and what the store holds, in Prometheus's text format.
//!
//! Requests are counted by route and not by address, so that no client can make the list grow.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cairn_engine::{TransferState, VmState};

use crate::app::{App, Shared};
use crate::refusal::Refusal;

/// The upper ends of the buckets for how long answers take, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// Prometheus's name for its format.
const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The requests of one kind.
#[derive(Clone, Debug, Default)]
struct Seen {
    count: u64,
    seconds: f64,
    /// How many took at most so long as each bucket, and longer than the one before.
    buckets: [u64; BUCKETS.len()],
}

/// A method, a route and a status.
type Kind = (&'static str, String, u16);

/// What was counted since the server began.
#[derive(Debug, Default)]
pub(crate) struct Metrics(Mutex<BTreeMap<Kind, Seen>>);

impl Metrics {
    fn add(&self, kind: Kind, took: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = all.entry(kind).or_default();
        let seconds = took.as_secs_f64();
        seen.count += 1;
        seen.seconds += seconds;
        if let Some(bucket) = BUCKETS.iter().position(|end| seconds <= *end) {
            seen.buckets[bucket] += 1;
        }
    }
}

/// The layer that counts.
pub(crate) async fn measure(
    State(app): State<Shared>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = known(request.method());
    let route = path.map_or_else(String::new, |path| path.as_str().to_owned());
    let response = next.run(request).await;
    app.metrics.add((method, route, response.status().as_u16()), began.elapsed());
    response
}

/// Anybody may make up methods.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// What was counted and what there is, as text.
#[utoipa::path(
    get,
    path = "/metrics",
    responses((status = OK, body = String, content_type = "text/plain; version=0.0.4; charset=utf-8"))
)]
pub(crate) async fn metrics(State(app): State<Shared>) -> Result<Response, Refusal> {
    let mut page = Page::default();
    requests(&mut page, &app.metrics);
    server(&mut page, &app);
    volumes(&mut page, &app).await?;
    machines_and_transfers(&mut page, &app).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(KIND))], page.0).into_response())
}

/// The text as it grows.
#[derive(Default)]
struct Page(String);

impl Page {
    fn begin(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string does not fail.
        let _ = write!(self.0, "# HELP cairn_{name} {help}\n# TYPE cairn_{name} {kind}\n");
    }

    fn say(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "cairn_{name}{labels} {value}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.begin(name, "gauge", help);
        self.say(name, &[], value);
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

fn requests(page: &mut Page, metrics: &Metrics) {
    let all = metrics.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    page.begin("http_requests_total", "counter", "Requests that were answered.");
    for ((method, route, status), seen) in &all {
        let labels = [("method", *method), ("route", route), ("status", &status.to_string())];
        page.say("http_requests_total", &labels, seen.count as f64);
    }
    let mut by_route = BTreeMap::<(&str, &str), Seen>::new();
    for ((method, route, _), seen) in &all {
        let sum = by_route.entry((method, route)).or_default();
        sum.count += seen.count;
        sum.seconds += seen.seconds;
        sum.buckets.iter_mut().zip(seen.buckets).for_each(|(sum, more)| *sum += more);
    }
    page.begin("http_request_duration_seconds", "histogram", "How long it took until an answer began.");
    for ((method, route), seen) in by_route {
        let mut so_far = 0;
        for (end, count) in BUCKETS.iter().zip(seen.buckets) {
            so_far += count;
            let labels = [("method", method), ("route", route), ("le", &end.to_string())];
            page.say("http_request_duration_seconds_bucket", &labels, so_far as f64);
        }
        let labels = [("method", method), ("route", route), ("le", "+Inf")];
        page.say("http_request_duration_seconds_bucket", &labels, seen.count as f64);
        page.say("http_request_duration_seconds_sum", &labels[..2], seen.seconds);
        page.say("http_request_duration_seconds_count", &labels[..2], seen.count as f64);
    }
}

fn server(page: &mut Page, app: &App) {
    page.begin("build_info", "gauge", "1, with the version.");
    page.say("build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    page.gauge("uptime_seconds", "Since when the server runs.", app.began.elapsed().as_secs_f64());
    page.gauge("connections", "Connections that are open.", app.door.taken() as f64);
    let at_work = app.bounds.requests - app.places.available_permits();
    page.gauge("requests_in_flight", "Requests that are being answered.", at_work as f64);
}

async fn volumes(page: &mut Page, app: &App) -> Result<(), Refusal> {
    let volumes = app.engine.volume_list().await?;
    page.gauge("volumes", "How many volumes there are.", volumes.len() as f64);
    for (name, help) in [
        ("volume_quota_bytes", "Size of the volume's disk."),
        ("volume_used_bytes", "Bytes that files take up."),
        ("volume_disk_bytes", "Bytes that its layers take up on this computer's disk."),
        ("volume_checkpoints", "How many checkpoints it has."),
    ] {
        page.begin(name, "gauge", help);
        for volume in &volumes {
            let value = match name {
                "volume_quota_bytes" => volume.quota_bytes,
                "volume_used_bytes" => volume.used_bytes,
                "volume_disk_bytes" => volume.disk_bytes,
                _ => volume.checkpoint_count as u64,
            };
            page.say(name, &[("id", volume.id.as_str()), ("volume", &volume.name)], value as f64);
        }
    }
    Ok(())
}

async fn machines_and_transfers(page: &mut Page, app: &App) -> Result<(), Refusal> {
    let vms = app.engine.vm_list().await?;
    page.begin("vms", "gauge", "How many machines there are, by what they are doing.");
    for (word, state) in [
        ("stopped", VmState::Stopped),
        ("creating", VmState::Starting),
        ("active", VmState::Running),
        ("stopping", VmState::Stopping),
        ("error", VmState::Error),
    ] {
        let count = vms.iter().filter(|vm| vm.state == state).count();
        page.say("vms", &[("status", word)], count as f64);
    }
    let transfers = app.engine.transfer_list();
    page.begin("transfers", "gauge", "How many transfers are known, by how far they are.");
    for (word, state) in [
        ("queued", TransferState::Queued),
        ("running", TransferState::Running),
        ("paused", TransferState::Paused),
        ("done", TransferState::Done),
        ("failed", TransferState::Failed),
        ("cancelled", TransferState::Cancelled),
        ("interrupted", TransferState::Interrupted),
    ] {
        let count = transfers.iter().filter(|transfer| transfer.state == state).count();
        page.say("transfers", &[("state", word)], count as f64);
    }
    let moved: u64 = transfers.iter().map(|transfer| transfer.bytes_done).sum();
    page.gauge("transfers_bytes", "Bytes that the known transfers have copied.", moved as f64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_by_route() {
        let metrics = Metrics::default();
        metrics.add(("GET", "/v1/volumes".to_owned(), 200), Duration::from_millis(2));
        metrics.add(("GET", "/v1/volumes".to_owned(), 401), Duration::from_secs(100));
        let mut page = Page::default();
        requests(&mut page, &metrics);
        for line in [
            r#"cairn_http_requests_total{method="GET",route="/v1/volumes",status="200"} 1"#,
            r#"cairn_http_request_duration_seconds_bucket{method="GET",route="/v1/volumes",le="0.001"} 0"#,
            r#"cairn_http_request_duration_seconds_bucket{method="GET",route="/v1/volumes",le="30"} 1"#,
            r#"cairn_http_request_duration_seconds_bucket{method="GET",route="/v1/volumes",le="+Inf"} 2"#,
            r#"cairn_http_request_duration_seconds_count{method="GET",route="/v1/volumes"} 2"#,
        ] {
            assert!(page.0.lines().any(|one| one == line), "{line}\n{}", page.0);
        }
        assert_eq!(escaped("a\"b\\c\n"), r#"a\"b\\c\n"#);
    }
}
