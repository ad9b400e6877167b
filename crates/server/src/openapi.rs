//! The description of all routes, OpenAPI 3.1, at `/openapi.json`, and the page that shows it at `/docs`.
//!
//! The routes themselves say what they take and answer (`#[utoipa::path]`); what holds for all of them is added here:
//! parameters in addresses, the key, `Idempotency-Key`, refusals. `docs/openapi.json` is the checked-in copy.

use std::sync::OnceLock;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cairn_api::strings::{FILE, GUEST, PLACE};
use cairn_api::{ErrorBody, Event};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};

use crate::app::Shared;
use crate::routes;

/// What the page may do: load its own files and the document, nothing else, and nobody may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The statuses of refusals, and when each is answered.
const REFUSALS: [(&str, &str); 9] = [
    ("401", "The key is missing, wrong, expired or revoked."),
    (
        "403",
        "The key may only read; another site's page or name is used; or there is no room (uploads: whatever the state of things does not allow).",
    ),
    ("404", "There is no such thing."),
    ("409", "The name is taken, somebody else has it, or the state of things does not allow it."),
    ("413", "The body is larger than the route takes."),
    ("422", "The input makes no sense, or is nothing that Cairn does."),
    ("424", "A program is missing, the guest did not do it, or it took too long."),
    ("429", "The server has as many requests at once as it takes; try again."),
    ("500", "The disk is damaged or refuses, or a defect in Cairn."),
];

/// The routes whose `path` may be the root of a volume.
const OF_THE_ROOT_TOO: [&str; 3] = ["/files/stat", "/files/history", "/files/archive"];

/// Of these fields of a request at least one is needed.
const ONE_OF_THEM: [(&str, &[&str]); 3] = [
    ("NewCheckpointGroup", &["volume_ids", "vm_id"]),
    ("NewVmVolume", &["volume_id", "name"]),
    ("AttachVm", &["qmp", "libvirt"]),
];

/// What stands for what in addresses.
const IN_ADDRESSES: [(&str, &str); 7] = [
    ("volume", "A volume, by id or name"),
    ("checkpoint", "A checkpoint, by id or name; `latest` is the newest"),
    ("vm", "A machine, by id or name"),
    ("snapshot", "A snapshot, by id or name"),
    ("transfer", "A transfer's id"),
    ("session", "A session's id"),
    ("key", "A key, by id or name"),
];

/// The document and the page, which ask for no key: there is nothing secret in them.
pub(crate) fn pages() -> Router<Shared> {
    Router::new()
        .route("/openapi.json", get(async || file("application/json", document())))
        .route("/docs", get(async || file("text/html; charset=utf-8", include_str!("docs/index.html"))))
        .route("/docs/docs.js", get(async || file("text/javascript; charset=utf-8", include_str!("docs/docs.js"))))
        .route("/docs/docs.css", get(async || file("text/css; charset=utf-8", include_str!("docs/docs.css"))))
}

fn file(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, content).into_response()
}

/// The document as text, made once.
fn document() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let keyed = routes::keyed().split_for_parts().1;
        let open = routes::open().split_for_parts().1;
        let whole = describe(keyed, open);
        serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
    })
}

fn describe(keyed: OpenApi, open: OpenApi) -> Value {
    let mut parts = [(as_json(keyed), true), (as_json(open), false)];
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for (part, has_key) in &mut parts {
        for (path, item) in entries(&mut part["paths"]) {
            for (method, operation) in entries(item) {
                complete(&path, &method, operation, *has_key);
                paths.entry(&path).or_insert_with(|| json!({}))[&method] = operation.take();
            }
        }
        schemas.extend(entries(&mut part["components"]["schemas"]).map(|(name, schema)| (name, schema.take())));
    }
    add_schema::<ErrorBody>(&mut schemas);
    // What the stream of events has in it.
    add_schema::<Event>(&mut schemas);
    say_what_numbers_there_are(&mut schemas);
    for (name, fields) in ONE_OF_THEM {
        let one =
            |field: &&str| json!({ "required": [field], "properties": { (*field): { "not": { "type": "null" } } } });
        if let Some(schema) = schemas.get_mut(name) {
            schema["anyOf"] = fields.iter().map(one).collect();
        }
    }
    relax_bodies(&mut paths, &schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cairn",
            "version": env!("CARGO_PKG_VERSION"),
            "description": env!("CARGO_PKG_DESCRIPTION"),
            "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }, { "keyInQuery": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": refusals(),
            "securitySchemes": {
                "key": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
                "keyInQuery": { "type": "apiKey", "in": "query", "name": "key" },
            },
        },
    })
}

fn as_json(document: OpenApi) -> Value {
    serde_json::to_value(document).unwrap_or_default()
}

/// The fields of an object.
fn entries(value: &mut Value) -> impl Iterator<Item = (String, &mut Value)> {
    value.as_object_mut().into_iter().flatten().map(|(name, value)| (name.clone(), value))
}

/// Adds to a route's own description what follows from its address, its method and its body.
fn complete(path: &str, method: &str, operation: &mut Value, has_key: bool) {
    let named = || path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = named().map(in_address).collect();
    let own = operation.get_mut("parameters").and_then(Value::as_array_mut);
    parameters.extend(own.into_iter().flatten().map(|parameter| in_query(path, parameter)));
    if method == "post" && has_key {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header",
            "description": "A request that is sent again with the same key is carried out once and answered alike: for an hour, and until the server is restarted.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
        }));
    }
    let has_body = operation.get("requestBody").is_some();
    let is_input = has_body || !parameters.is_empty();
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    bytes_are_bytes(operation.pointer_mut("/requestBody/content"));
    entries(&mut operation["responses"]).for_each(|(_, answer)| bytes_are_bytes(answer.get_mut("content")));
    let done = &mut operation["responses"]["200"]["description"];
    if done.as_str().is_none_or(str::is_empty) {
        *done = "Done.".into();
    }
    if !has_key {
        operation["security"] = json!([]);
    }
    for (status, _) in REFUSALS {
        let is_answered = match status {
            "401" => has_key || has_body,
            "404" | "422" => is_input,
            "409" | "424" => has_key,
            "413" => has_body,
            _ => true,
        };
        if is_answered {
            operation["responses"][status] = json!({ "$ref": format!("#/components/responses/{status}") });
        }
    }
}

/// What the code has as `Vec<u8>` is no list of numbers on the wire.
fn bytes_are_bytes(content: Option<&mut Value>) {
    for (_, described) in content.into_iter().flat_map(entries) {
        if described["schema"]["items"]["format"] == "int32" {
            described["schema"] = json!({ "type": "string", "format": "binary" });
        }
    }
}

fn in_address(name: &str) -> Value {
    let says = IN_ADDRESSES.iter().find(|(known, _)| *known == name).map_or(name, |(_, says)| says);
    json!({ "name": name, "in": "path", "required": true, "description": says, "schema": { "type": "string" } })
}

/// A parameter as the code says it, and what that leaves out: how large a count may be, and which paths there are.
fn in_query(route: &str, parameter: &mut Value) -> Value {
    let mut parameter = parameter.take();
    let pattern = match parameter["name"].as_str() {
        Some("path") if OF_THE_ROOT_TOO.iter().any(|end| route.ends_with(end)) => Some(PLACE),
        Some("path") => Some(FILE),
        Some("prefix") => Some(PLACE),
        Some("mount_path") => Some(GUEST),
        _ => None,
    };
    let Some(schema) = parameter.get_mut("schema") else { return parameter };
    if schema["type"] == "integer" {
        // Whatever the code takes it for, more than that cannot be read.
        if schema["maximum"].is_null() {
            schema["maximum"] = u64::MAX.into();
        }
        bound(schema);
    }
    if let Some(pattern) = pattern {
        match schema.get_mut("items") {
            Some(items) => items["pattern"] = pattern.into(),
            None => schema["pattern"] = pattern.into(),
        }
    }
    parameter
}

/// A body of which nothing is required may be left out altogether, and so may raw bytes: then there are none.
fn relax_bodies(paths: &mut Map<String, Value>, schemas: &Map<String, Value>) {
    for operation in paths.values_mut().flat_map(entries).map(|(_, operation)| operation) {
        let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref").and_then(Value::as_str);
        let schema = schema.and_then(|name| schemas.get(name.rsplit('/').next()?));
        let is_raw = operation.pointer("/requestBody/content/application~1octet-stream").is_some();
        if is_raw || schema.is_some_and(|schema| schema.get("required").or(schema.get("anyOf")).is_none()) {
            operation["requestBody"]["required"] = false.into();
        }
    }
}

fn refusals() -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{}", ErrorBody::name()) });
    let one = |says: &str| json!({ "description": says, "content": { "application/json": { "schema": schema } } });
    REFUSALS.iter().map(|(status, says)| ((*status).to_owned(), one(says))).collect::<Map<_, _>>().into()
}

/// Adds a schema, and those that it refers to, that no route names.
fn add_schema<T: ToSchema>(schemas: &mut Map<String, Value>) {
    let mut needed: Vec<(String, RefOr<Schema>)> = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut needed);
    for (name, schema) in needed {
        schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
    }
}

/// Numbers are as large as their type in the code allows, which is not what the formats of integers mean: those have a
/// sign.
fn say_what_numbers_there_are(schemas: &mut Map<String, Value>) {
    for schema in schemas.values_mut() {
        bound(schema);
    }
}

fn bound(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let largest = match fields.get("format").and_then(Value::as_str) {
                Some("int32") if fields.contains_key("minimum") => Some(u64::from(u32::MAX)),
                Some("int64") if fields.contains_key("minimum") => Some(u64::MAX),
                _ => None,
            };
            if let Some(largest) = largest {
                fields.remove("format");
                fields.entry("maximum").or_insert_with(|| largest.into());
            }
            fields.values_mut().for_each(bound);
        }
        Value::Array(values) => values.iter_mut().for_each(bound),
        _ => {}
    }
}
