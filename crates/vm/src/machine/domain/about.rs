//! What a domain is, and where something can be plugged into it.

use super::{Domain, LOOK};
use crate::error::{Error, ErrorKind, Result};
use crate::libvirt::DomainXml;
use crate::machine::about::About;
use crate::machine::slots::{NoSlots, Slots};

/// What makes one more slot in a domain's description.
const PORT: &str = "<controller type='pci' model='pcie-root-port'/>";
const BRIDGE: &str = "<controller type='pci' model='pci-bridge'/>";

impl Domain {
    pub(in crate::machine) async fn about(&mut self) -> Result<About> {
        let domain = self.describe().await?;
        // "Running hypervisor: QEMU 10.0.2"
        let version = self.virsh.run(&["version"], LOOK).await?;
        let running = version.lines().find_map(|line| line.strip_prefix("Running hypervisor: QEMU "));
        Ok(About {
            qemu: running.unwrap_or("of unknown version").trim().to_owned(),
            machine_type: domain.machine_type,
            memory_mib: domain.memory_mib,
            cpus: domain.cpus,
            is_kvm: domain.is_kvm,
        })
    }

    pub(in crate::machine) async fn slots(&mut self) -> Result<Slots> {
        let domain = self.describe().await?;
        let (free, total) = domain.slots;
        Ok(Slots { free, total, none: none(&domain) })
    }

    pub(super) fn no_free_slot(&self, domain: &DomainXml) -> Error {
        let NoSlots { reason, options } = none(domain);
        let message = format!(
            "{reason}. Unmount a volume from it first, or add {options} to its devices (virsh edit), then shut it down \
             and start it again"
        );
        Error::new(ErrorKind::NoFreeSlot, message)
    }
}

fn none(domain: &DomainXml) -> NoSlots {
    let total = domain.slots.1;
    let reason = match total {
        0 => format!("nothing can be plugged into the machine ({}) while it runs", domain.machine_type),
        total => format!("all {total} slots of the machine are taken"),
    };
    let is_pc = domain.machine_type.starts_with("pc-i440fx");
    NoSlots { reason, options: if is_pc { BRIDGE } else { PORT }.to_owned() }
}
