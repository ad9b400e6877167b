//! Checking a volume's filesystem, as it is now or as it was at a checkpoint; nothing is changed.

use std::sync::Arc;

use cairn_block::qcow2::Access;
use cairn_ext4::{Finding, Severity, Verdict};

use crate::checkpoint;
use crate::convert::ext4_error;
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::layer;
use crate::lease;
use crate::model::{CheckFinding, CheckSeverity, VolumeCheck};

impl Engine {
    /// Checks the whole filesystem of a volume and says in words what is wrong; `at` names a checkpoint. While
    /// the check runs nobody can write the volume's present.
    ///
    /// # Errors
    /// [`InUse`](crate::ErrorKind::InUse) while a machine writes the volume, unless a checkpoint is checked;
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for a filesystem that Cairn does not handle. Damage is
    /// not an error.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn volume_check(&self, volume: &str, at: Option<&str>) -> Result<VolumeCheck> {
        let slot = self.slot(volume)?;
        let pass = match at {
            Some(_) => None,
            None => {
                lease::may_read_head(&*slot.manifest()?, &self.vm_names())?;
                Some(slot.gate.read(&slot.name()).await?)
            }
        };
        let (engine, at) = (self.clone(), at.map(str::to_owned));
        blocking(move || {
            let _pass = pass;
            let manifest = slot.manifest()?;
            let layer = match at {
                Some(at) => checkpoint::resolve(&manifest, &at)?.layer.clone(),
                None => {
                    // A machine may have taken it while this waited.
                    lease::may_read_head(&manifest, &engine.vm_names())?;
                    manifest.head.clone()
                }
            };
            let image = {
                let _opening = slot.opening();
                layer::open_image(&slot.folder, &*slot.manifest()?, &layer, Access::ReadOnly)?
            };
            let verdict = cairn_ext4::verify(Arc::new(image));
            Ok(told(verdict.map_err(|e| ext4_error("check the volume's filesystem", &e))?))
        })
        .await
    }
}

fn told(verdict: Verdict) -> VolumeCheck {
    VolumeCheck {
        clean: verdict.is_clean(),
        complete: verdict.complete,
        inodes: verdict.inodes,
        folders: verdict.directories,
        total: verdict.total,
        findings: verdict.findings.into_iter().map(finding).collect(),
    }
}

fn finding(finding: Finding) -> CheckFinding {
    CheckFinding {
        place: finding.place.to_string(),
        problem: finding.problem.name().to_owned(),
        severity: match finding.severity {
            Severity::Notice => CheckSeverity::Notice,
            Severity::Damage => CheckSeverity::Damage,
            Severity::Grave => CheckSeverity::Grave,
        },
        path: finding.path.map(|path| String::from_utf8_lossy(&path).into_owned()),
        message: format!("{}.", finding.message),
    }
}
