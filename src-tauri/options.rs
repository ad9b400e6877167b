//! What the program is told when it starts.

use std::path::PathBuf;

use clap::Parser;

/// Cairn's window: persistent volumes for local virtual machines.
#[derive(Debug, Parser)]
#[command(name = "cairn-desktop", version)]
pub(crate) struct Options {
    /// The folder that everything is kept in.
    #[arg(long, env = "CAIRN_STORE", value_name = "DIR", default_value_os_t = cairn_engine::default_store())]
    pub(crate) store: PathBuf,
    /// Begin hidden: only the icon in the tray is shown. Without a tray the window is.
    #[arg(long)]
    pub(crate) hidden: bool,
    /// What to show, such as cairn://volume/work.
    #[arg(value_name = "LINK")]
    pub(crate) link: Option<String>,
}
