//! `cairn files unpack`: what is in an archive, into a folder of a volume.

use std::path::PathBuf;

use cairn_api::UnpackRequest;
use clap::Args;

use super::count;
use super::files::IfThere;
use super::vm_create::absolute;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::printable;
use crate::size::human;
use crate::watch;

pub(crate) const EXAMPLES: &str = "\
Examples:
  cairn files unpack data photos.tar.gz
  cairn files unpack data release.zip /app --if-there fail

Archives: tar, tar.gz, zip. All of it comes into the volume, or nothing.";

/// An archive whose files come into a volume.
#[derive(Args)]
pub(crate) struct Unpack {
    /// The volume's name or id
    volume: String,
    /// The archive
    archive: PathBuf,
    /// The folder of the volume, made when it is not there [default: the volume's root]
    #[arg(default_value = "", hide_default_value = true)]
    destination: String,
    /// What to do about files that are already there
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = IfThere::Replace)]
    if_there: IfThere,
}

/// Carries the command out.
pub(crate) async fn run(command: Unpack, context: &Context) -> Result<(), Failure> {
    let Unpack { volume, archive, destination, if_there } = command;
    let request = UnpackRequest { archive: absolute(&archive)?, destination, conflict: if_there.into() };
    let transfer = context.begin(&volume, "unpack", request).await?;
    let done = watch::until_done(context, transfer).await?;
    context.out.did(&done, |done| {
        let (files, bytes) = (count(done.files_done, "file"), human(done.bytes_done));
        format!("Unpacked {} ({files}, {bytes}) into {}.", printable(&done.title), printable(&volume))
    })
}
