//! Taking a volume away from a guest that uses it, because somebody says so.

use std::sync::Arc;

use cairn_vm::Machine;

use crate::engine::Engine;
use crate::error::Result;
use crate::manifest::MountRecord;
use crate::model::{NoticeLevel, Unmounted};
use crate::slot::Slot;

impl Engine {
    /// Unmounts what a machine has at a path, also when something in the guest uses it: it goes out of the guest's tree
    /// at once, and is unplugged. Answers with what that has cost, if it cost anything.
    ///
    /// # Errors
    /// As [`unmount`](Self::unmount), but that nothing is too busy.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn unmount_by_force(&self, vm: &str, mount_path: &str) -> Result<Unmounted> {
        let path = super::mount_path(mount_path)?;
        let (engine, vm) = (self.clone(), self.machine_slot(vm)?);
        self.run(async move {
            let _turn = vm.turn.lock().await;
            engine.unmount_now(&vm, &path, true).await
        })
        .await
    }

    /// The guest would not unmount it: it is taken out of its tree, as far as the guest does even that. Answers with
    /// what that costs.
    pub(super) async fn tear_off(
        &self,
        volume: &Arc<Slot>,
        machine: &Machine,
        record: &MountRecord,
        refusal: &cairn_vm::Error,
    ) -> String {
        // Who does not answer is not asked again.
        let lazily = match super::attach::was_not_asked(refusal) {
            true => Err(refusal.to_string()),
            false => machine.unmount_lazily(volume.id.as_str(), &record.path).await.map_err(|error| error.to_string()),
        };
        let cost = match (lazily, refusal.holders()) {
            (Err(error), _) => {
                tracing::warn!(volume = %volume.id, error, "the guest does not even let it go lazily");
                "The guest could not be asked to write anything back before; what it had not written is lost."
                    .to_owned()
            }
            (Ok(()), []) => "What used it there gets errors, and what it had not written is lost.".to_owned(),
            (Ok(()), holders) => {
                let names: Vec<String> =
                    holders.iter().map(|holder| format!("{} (process {})", holder.name, holder.pid)).collect();
                let (verb, which) = if names.len() == 1 { ("gets", "it has") } else { ("get", "they have") };
                let names = names.join(", ");
                format!("{names} still used it there and {verb} errors; what {which} not written is lost.")
            }
        };
        let warning = format!("The volume '{}' was taken away from {} by force. {cost}", volume.name(), record.path);
        self.inner.events.notice(NoticeLevel::Warning, warning.clone());
        warning
    }
}
