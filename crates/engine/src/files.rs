//! Files in a volume: look, change, copy in and out. Those that a machine writes are looked at as they were a moment ago.

mod archive;
mod arrange;
mod copy;
pub(crate) mod delete;
mod download;
mod fetch;
mod gathered;
pub(crate) mod guest;
pub(crate) mod holes;
mod host_file;
mod list;
pub(crate) mod live;
pub(crate) mod path;
mod place;
pub(crate) mod plan;
mod read;
mod restore;
mod room;
mod sent;
pub(crate) mod staged;
pub(crate) mod staging;
pub(crate) mod tree;
mod unpack;
mod upload;
mod write;

pub use archive::FileArchive;
pub(crate) use download::{clean_up as clean_up_downloads, staging_on_host};
pub use fetch::Fetch;
pub(crate) use fetch::{clean_up as clean_up_fetches, forget as forget_fetched};
pub(crate) use list::is_hidden_name;
pub(crate) use path::VolumePath;
pub use read::FileReader;
pub use staged::{StagedUpload, UploadPart, Uploaded};
pub use unpack::Unpack;
pub(crate) use upload::file_name;
