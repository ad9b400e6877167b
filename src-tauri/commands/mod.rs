//! What the window calls: each command asks the engine and turns the answer into the wire's types. No rule lives here.

pub(crate) mod autostart;
pub(crate) mod checkpoints;
pub(crate) mod clipboard;
pub(crate) mod console;
pub(crate) mod dialogs;
pub(crate) mod files;
pub(crate) mod language;
pub(crate) mod log;
pub(crate) mod machines;
pub(crate) mod openings;
pub(crate) mod policy;
pub(crate) mod rates;
pub(crate) mod server;
pub(crate) mod snapshots;
pub(crate) mod space;
pub(crate) mod transfers;
pub(crate) mod trash;
pub(crate) mod volumes;
pub(crate) mod watches;

/// What every command is given.
type Held<'a> = tauri::State<'a, crate::shell::Shell>;

/// Each item of the engine's answer as its wire type.
fn wire<T, W: From<T>>(items: Vec<T>) -> Vec<W> {
    items.into_iter().map(Into::into).collect()
}

#[cfg(test)]
mod tests {
    include!("names.rs");

    #[test]
    fn the_window_may_call_every_command_and_nothing_else() {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../capabilities/default.json")).expect("the capability is JSON");
        let granted = file["permissions"].as_array().expect("permissions").iter().filter_map(|name| name.as_str());
        let mut expected = vec!["core:event:allow-listen".to_owned(), "core:event:allow-unlisten".to_owned()];
        expected.extend(COMMAND_NAMES.iter().map(|name| format!("allow-{}", name.replace('_', "-"))));
        assert_eq!(granted.collect::<Vec<_>>(), expected);
    }
}
