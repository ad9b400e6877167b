//! The TypeScript that the UI compiles against is generated from the wire types; a drift fails here.
//! `cargo xtask codegen` sets `CAIRN_UPDATE=1` and runs this to write it anew.

use std::path::Path;

use cairn_api::{
    About, AttachVm, AuditEntry, Chain, ChainChange, Checkpoint, CopyFilesRequest, CreatedKey, DeleteFilesRequest,
    Deletion, Diff, DoctorCheck, DownloadRequest, ErrorBody, Event, ExecOutput, ExecRequest, ExportRequest,
    FetchRequest, FileEntry, FileVersion, FilesDeleted, FoundVm, ImportRequest, LogLine, MountLimits, MountRate,
    MountRequest, NewBranch, NewCheckpoint, NewCheckpointGroup, NewKey, NewSnapshot, NewVm, NewVolume, NewWatch,
    Policy, PolicyChange, Pruned, RepairRequest, RestoreFilesRequest, Snapshot, StagedUpload, StoreRepair, Trash,
    TrashChange, Undelete, Unmounted, UnpackRequest, UploadRequest, Vm, VmChange, VmTerminated, Volume, VolumeChange,
    VolumeCheck, VolumeUsage, Watch,
};
use ts_rs::{Config, TS};

fn generate(folder: &Path) -> String {
    let config = Config::new().with_out_dir(folder);
    macro_rules! export {
        ($($name:ident),*) => { $($name::export_all(&config).expect("the type can be exported");)* };
    }
    // Mount, Transfer and the words come along with these.
    export!(Event, FileEntry, DoctorCheck, About, ExecOutput, ErrorBody, NewVolume, VolumeChange);
    export!(MountLimits, MountRate, Unmounted, LogLine);
    export!(UploadRequest, DownloadRequest, RestoreFilesRequest, NewBranch, NewCheckpoint, MountRequest, ExecRequest);
    export!(FileVersion, Diff, Volume, VolumeCheck, VolumeUsage, Chain, ChainChange, Policy, PolicyChange, Pruned);
    export!(Deletion, NewCheckpointGroup, RepairRequest, StoreRepair, Vm, NewVm, Snapshot, NewSnapshot, Checkpoint);
    export!(VmChange, VmTerminated);
    export!(AttachVm, FoundVm);
    export!(StagedUpload);
    export!(ImportRequest, ExportRequest, FetchRequest, CopyFilesRequest);
    export!(DeleteFilesRequest, FilesDeleted, Trash, TrashChange, Undelete);
    export!(AuditEntry, CreatedKey, NewKey);
    export!(Watch, NewWatch, UnpackRequest);
    std::fs::read_to_string(folder.join("types.ts")).expect("types.ts was written")
}

#[test]
fn the_uis_types_are_those_of_the_wire() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/lib/api/types.ts");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let generated = generate(folder.path());
    if std::env::var_os("CAIRN_UPDATE").is_some() {
        std::fs::create_dir_all(committed.parent().expect("a parent")).expect("the folder can be made");
        std::fs::write(&committed, &generated).expect("types.ts can be written");
    }
    let present = std::fs::read_to_string(&committed).unwrap_or_default();
    assert!(present == generated, "ui/src/lib/api/types.ts is out of date: run `cargo xtask codegen`");
}
