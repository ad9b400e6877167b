// Shows /openapi.json: every route with what it takes and answers. Everything is set as text, never as markup.
"use strict";

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

function withClass(made, name) {
  made.className = name;
  return made;
}

let api;

function resolved(schema) {
  const name = schema?.$ref?.split("/").pop();
  return name ? { name, ...(api.components.schemas[name] ?? api.components.responses[name]) } : (schema ?? {});
}

function typeOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return choices.map(typeOf).join(" or ");
  if (schema.allOf) return schema.allOf.map(typeOf).join(" and ");
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(" or ");
  const types = [schema.type ?? "anything"].flat();
  return types.map((type) => (type === "array" ? `list of ${typeOf(schema.items)}` : type)).join(" or ");
}

function row(name, type, required, says) {
  const kind = withClass(element("td", `${type}${required ? ", required" : ""}`), "type");
  return element("tr", "", element("td", "", element("code", name)), kind, element("td", says ?? ""));
}

function fields(schema) {
  const whole = resolved(schema);
  const table = element("table");
  for (const part of [whole, ...(whole.allOf ?? []).map(resolved)]) {
    for (const [name, field] of Object.entries(part.properties ?? {})) {
      table.append(row(name, typeOf(field), part.required?.includes(name), field.description));
    }
  }
  return table.rows.length > 0 ? [table] : [];
}

function content(title, body) {
  return Object.entries(body?.content ?? {}).flatMap(([kind, { schema }]) => [
    element("h4", title, withClass(element("span", ` ${kind}: ${typeOf(schema)}`), "type")),
    ...fields(schema?.type === "array" ? schema.items : schema),
  ]);
}

function route(path, method, operation) {
  const title = element("summary", "", withClass(element("b", method.toUpperCase()), "method"), path);
  title.append(element("span", operation.summary ?? ""));
  const shown = element("details", "", title);
  shown.dataset.words = `${method} ${path} ${operation.summary ?? ""}`.toLowerCase();
  shown.addEventListener("toggle", () => shown.childElementCount > 1 || shown.append(...about(operation)));
  return shown;
}

function about(operation) {
  const parts = operation.description ? [element("p", operation.description)] : [];
  if (operation.parameters) {
    const rows = operation.parameters.map((one) =>
      row(one.name, `${one.in}, ${typeOf(one.schema)}`, one.required, one.description),
    );
    parts.push(element("h4", "Parameters"), element("table", "", ...rows));
  }
  parts.push(...content("Body", operation.requestBody));
  const refusals = element("table");
  for (const [status, answer] of Object.entries(operation.responses)) {
    if (status === "200") parts.push(...content("Answer", answer));
    else refusals.append(row(status, "", false, resolved(answer).description));
  }
  return [...parts, element("h4", "Refusals"), refusals];
}

function show() {
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? "";
      groups.set(tag, [...(groups.get(tag) ?? []), route(path, method, operation)]);
    }
  }
  const sections = [...groups].map(([tag, routes]) => element("section", "", element("h2", tag), ...routes));
  document.getElementById("routes").replaceChildren(...sections);
  document.getElementById("version").textContent = api.info.version;
}

function find(words) {
  for (const section of document.querySelectorAll("section")) {
    const routes = [...section.querySelectorAll("details")];
    for (const one of routes) one.hidden = !words.every((word) => one.dataset.words.includes(word));
    section.hidden = routes.every((one) => one.hidden);
  }
}

document.getElementById("find").addEventListener("input", (event) => {
  find(event.target.value.toLowerCase().split(/\s+/));
});

fetch("/openapi.json")
  .then((answer) => answer.json())
  .then((document_) => {
    api = document_;
    show();
  })
  .catch((error) => {
    document.getElementById("routes").textContent = `The description could not be loaded: ${error}`;
  });
