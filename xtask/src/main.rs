//! Developer tasks.

mod demo_vm;

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    match std::env::args().nth(1).as_deref() {
        Some("demo-vm") => demo_vm::assemble(root).map(|folder| println!("{}", folder.display())),
        _ => anyhow::bail!("usage: cargo xtask demo-vm"),
    }
}
