//! Imports, exports, fetches and archives, from the wire's words into the engine's.

use cairn_engine as engine;

use crate::types::{ExportFormat, ExportRequest, FetchRequest, ImportRequest, UnpackRequest};

impl From<ImportRequest> for engine::ImportVolume {
    fn from(value: ImportRequest) -> Self {
        Self {
            source: value.source.into(),
            name: value.name,
            quota_bytes: value.quota_bytes,
            partition: value.partition,
        }
    }
}

impl From<ExportFormat> for engine::ExportFormat {
    fn from(value: ExportFormat) -> Self {
        match value {
            ExportFormat::Qcow2 => Self::Qcow2,
            ExportFormat::Raw => Self::Raw,
            ExportFormat::Tar => Self::Tar,
        }
    }
}

impl From<ExportRequest> for engine::ExportVolume {
    fn from(value: ExportRequest) -> Self {
        Self {
            destination: value.destination.into(),
            format: value.format.into(),
            at: value.at,
            overwrite: value.overwrite,
        }
    }
}

impl From<FetchRequest> for engine::Fetch {
    fn from(value: FetchRequest) -> Self {
        Self {
            url: value.url,
            destination: value.destination,
            sha256: value.sha256,
            conflict: value.conflict.into(),
            unpack: value.unpack,
        }
    }
}

impl From<UnpackRequest> for engine::Unpack {
    fn from(value: UnpackRequest) -> Self {
        Self { archive: value.archive.into(), destination: value.destination, conflict: value.conflict.into() }
    }
}
