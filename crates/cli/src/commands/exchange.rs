//! `cairn volume import` and `export`: volumes from files of other programs, and into them.

use std::path::PathBuf;

use cairn_api::{ExportFormat, ExportRequest, ImportRequest};
use clap::{Args, ValueEnum};

use super::vm_create::absolute;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::printable;
use crate::size::{self, human};
use crate::watch;

pub(crate) const IMPORT_EXAMPLES: &str = "\
Examples:
  cairn volume import disk.vmdk                 a volume 'disk' of a disk image
  cairn volume import photos.tar.gz holiday     a volume 'holiday' with what is in an archive
  cairn volume import server.qcow2 --partition 2

Images: raw, qcow2, vmdk, vdi, vhdx, with an ext4 filesystem. Archives: tar, tar.gz, zip.";

pub(crate) const EXPORT_EXAMPLES: &str = "\
Examples:
  cairn volume export data data.qcow2
  cairn volume export data data.img --format raw --at before-import
  cairn volume export data files.tar --format tar";

/// A file that becomes a volume.
#[derive(Args)]
pub(crate) struct Import {
    /// A disk image or an archive
    file: PathBuf,
    /// The new volume's name [default: the file's, without what it ends in]
    name: Option<String>,
    /// The size of the volume's disk; for archives [default: what is in it, and room for more]
    #[arg(long, value_parser = size::parse, value_name = "SIZE")]
    quota: Option<u64>,
    /// Which partition of a disk image, when several have an ext4 filesystem
    #[arg(long, value_name = "N")]
    partition: Option<u32>,
}

/// A volume that becomes a file.
#[derive(Args)]
pub(crate) struct Export {
    /// The volume's name or id
    volume: String,
    /// The file to be written
    file: PathBuf,
    /// As what
    #[arg(long, value_enum, default_value_t = Format::Qcow2)]
    format: Format,
    /// As it was at this checkpoint
    #[arg(long, value_name = "CHECKPOINT")]
    at: Option<String>,
    /// Replace a file that is there
    #[arg(long)]
    overwrite: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A qcow2 image that stands on nothing else
    Qcow2,
    /// The disk's bytes as they are, with holes
    Raw,
    /// An archive of the files
    Tar,
}

/// Carries the command out.
pub(crate) async fn import(command: Import, context: &Context) -> Result<(), Failure> {
    let request = ImportRequest {
        source: absolute(&command.file)?,
        name: command.name,
        quota_bytes: command.quota,
        partition: command.partition,
    };
    let transfer = context.begin_at(&["transfers", "import"], request).await?;
    let done = watch::until_done(context, transfer).await?;
    let made: cairn_api::Volume = context.api.get(&["volumes", &done.volume_id], &[]).await?;
    context.out.did(&made, |made| {
        format!("Imported {} as volume {} ({}).", printable(&done.title), printable(&made.name), made.id)
    })
}

/// Carries the command out.
pub(crate) async fn export(command: Export, context: &Context) -> Result<(), Failure> {
    let format = match command.format {
        Format::Qcow2 => ExportFormat::Qcow2,
        Format::Raw => ExportFormat::Raw,
        Format::Tar => ExportFormat::Tar,
    };
    let destination = absolute(&command.file)?;
    let request = ExportRequest { destination, format, at: command.at, overwrite: command.overwrite };
    let transfer = context.begin(&command.volume, "export", request).await?;
    let done = watch::until_done(context, transfer).await?;
    context.out.did(&done, |done| {
        format!("Exported {} to {} ({}).", printable(&command.volume), printable(&done.title), human(done.bytes_done))
    })
}
