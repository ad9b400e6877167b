//! `cairn files fetch`: a file of the web into a volume.

use cairn_api::FetchRequest;
use clap::Args;

use super::count;
use super::files::IfThere;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::printable;
use crate::size::human;
use crate::watch;

pub(crate) const EXAMPLES: &str = "\
Examples:
  cairn files fetch data https://example.org/data.csv                  into the volume's root
  cairn files fetch data https://example.org/data.csv seeds/           into a folder
  cairn files fetch data https://example.org/disk.iso disk --sha256 SUM
  cairn files fetch data https://example.org/photos.tar.gz pictures --unpack

A connection that breaks off is taken up again. A file that is not what --sha256 says is not copied.
Archives: tar, tar.gz, zip. All that is in one comes into the volume, or nothing.";

/// What to fetch, and where to.
#[derive(Args)]
pub(crate) struct Fetch {
    /// The volume's name or id
    pub(super) volume: String,
    /// The file's address: http or https
    // `--url` of all commands has that name already.
    #[arg(id = "address", value_name = "URL")]
    pub(super) url: String,
    /// Where it goes in the volume; a folder when it exists as one or ends with '/'
    #[arg(value_name = "DEST", default_value = "/", hide_default_value = true)]
    pub(super) destination: String,
    /// The file's SHA-256, 64 hexadecimal digits
    #[arg(long, value_name = "SUM")]
    pub(super) sha256: Option<String>,
    /// What to do about a file that is already there
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = IfThere::Replace)]
    pub(super) if_there: IfThere,
    /// The file is an archive: what is in it goes into the folder DEST, made when it is not there
    #[arg(long)]
    pub(super) unpack: bool,
}

/// Carries the command out.
pub(crate) async fn run(command: Fetch, context: &Context) -> Result<(), Failure> {
    let Fetch { volume, url, destination, sha256, if_there, unpack } = command;
    let request = FetchRequest { url, destination, sha256, conflict: if_there.into(), unpack };
    let transfer = context.begin(&volume, "fetch", request).await?;
    let done = watch::until_done(context, transfer).await?;
    context.out.did(&done, |done| {
        let (title, bytes, volume) = (printable(&done.title), human(done.bytes_done), printable(&volume));
        match unpack {
            true => format!("Unpacked {title} ({}, {bytes}) into {volume}.", count(done.files_done, "file")),
            false => format!("Fetched {title} ({bytes}) into {volume}."),
        }
    })
}
