//! Tells Tauri which commands there are and where the capabilities stand, and says so when the UI is not built.

use std::error::Error;
use std::path::Path;

use tauri_build::{AppManifest, Attributes};

include!("commands/names.rs");

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=ui/dist");
    if !Path::new("ui/dist/index.html").is_file() {
        return Err("the window's pages are not built: run `npm ci` and `npm run build` in the folder ui".into());
    }
    let attributes = Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/**/*")
        .app_manifest(AppManifest::new().commands(COMMAND_NAMES));
    tauri_build::try_build(attributes)?;
    Ok(())
}
