//! A Tauri window with an empty page: what `cargo xtask bench ui` compares the window's memory with.

fn main() {
    let window = tauri::Builder::default().run(tauri::generate_context!("benches/ui/tauri.conf.json"));
    if let Err(error) = window {
        eprintln!("the window could not be opened: {error}");
    }
}
