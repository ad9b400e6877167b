//! `cairn files get`: files and folders of a volume onto the host, or to standard output.

use cairn_api::{DownloadRequest, ErrorCode};
use clap::Args;
use futures::StreamExt;
use reqwest::Response;

use super::count;
use super::files::IfThere;
use crate::api::unreachable_server;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{printable, write};
use crate::size::human;
use crate::watch;

pub(crate) const EXAMPLES: &str = "\
Examples:
  cairn files get data photos .                          the folder photos, into this folder
  cairn files get data report.csv ~/report-old.csv --at before-import
  cairn files get data src.tar - | tar t                 to standard output
  cairn files get data photos notes - --tar | tar x      as a tar archive, with owners, times and holes

DEST is a folder when it exists as one or ends with '/'.";

/// What to copy, and where to.
#[derive(Args)]
pub(crate) struct Get {
    /// The volume's name or id
    volume: String,
    /// Files and folders in the volume
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Where they go on this machine, or '-' for standard output
    #[arg(value_name = "DEST")]
    destination: String,
    /// As they were at this checkpoint
    #[arg(long, value_name = "CHECKPOINT")]
    at: Option<String>,
    /// As one tar archive to standard output: DEST is '-'; the path '/' is the whole volume
    #[arg(long)]
    tar: bool,
    /// What to do about files that are already there
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = IfThere::Replace)]
    if_there: IfThere,
}

/// Carries the command out.
pub(crate) async fn run(command: Get, context: &Context) -> Result<(), Failure> {
    if command.tar {
        return archive(&command, context).await;
    }
    if command.destination == "-" {
        return to_stdout(&command, context).await;
    }
    let request = DownloadRequest {
        paths: command.paths,
        destination: destination(&command.destination)?,
        at: command.at,
        conflict: command.if_there.into(),
    };
    let transfer = context.begin(&command.volume, "download", request).await?;
    let done = watch::until_done(context, transfer).await?;
    context.out.did(&done, |done| {
        let copied = count(done.files_done, "item");
        format!("Copied {copied} ({}) to {}.", human(done.bytes_done), printable(&command.destination))
    })
}

async fn to_stdout(command: &Get, context: &Context) -> Result<(), Failure> {
    let [path] = command.paths.as_slice() else {
        return Err(Failure::invalid("Only one file goes to standard output ('-').")
            .hint("With --tar, several files and folders go there as one archive."));
    };
    let query = [("path", path.as_str()), ("at", command.at.as_deref().unwrap_or_default())];
    pass_on(context.api.stream(&["volumes", &command.volume, "files", "content"], &query).await?).await
}

async fn archive(command: &Get, context: &Context) -> Result<(), Failure> {
    if command.destination != "-" {
        return Err(Failure::invalid("With --tar, the destination is '-', which is standard output.")
            .hint("Let the shell write the file: ... - --tar > archive.tar"));
    }
    let mut query: Vec<_> = command.paths.iter().map(|path| ("path", path.as_str())).collect();
    query.push(("at", command.at.as_deref().unwrap_or_default()));
    pass_on(context.api.stream(&["volumes", &command.volume, "files", "archive"], &query).await?).await
}

/// Writes the answer to standard output, piece by piece.
async fn pass_on(response: Response) -> Result<(), Failure> {
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| unreachable_server(&error))?;
        // The pipe's reader may be slow: not a task of the runtime's to wait for.
        tokio::task::block_in_place(|| write(&piece))?;
    }
    Ok(())
}

/// The destination as the engine, which has another working folder, understands it.
fn destination(given: &str) -> Result<String, Failure> {
    let path = std::path::absolute(given).map_err(|_| Failure::invalid("The destination has no name."))?;
    let mut text = path.into_os_string().into_string().map_err(|path| {
        Failure::new(ErrorCode::InvalidInput, format!("The name '{}' is not UTF-8.", path.to_string_lossy()))
    })?;
    if given.ends_with('/') && !text.ends_with('/') {
        text.push('/');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_keeps_its_slash() {
        assert!(destination("out/").unwrap().ends_with("/out/"));
        assert!(destination("./out").unwrap().ends_with("/out"));
        assert_eq!(destination("/").unwrap(), "/");
        assert!(destination("").is_err());
    }
}
