//! The QEMUs that run on this computer, found by the command lines of its processes. Linux only, through `/proc`.
//!
//! What a command line says is only a hint at where to look: what a socket is, [`probe_qmp`] finds out.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command_line::AGENT_NAME;
use crate::error::Result;
use crate::process::{command_line, runs_qemu};
use crate::qmp::Qmp;

/// A QEMU that runs, and what its command line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundQemu {
    /// Its process id.
    pub pid: u32,
    /// The machine's name, when it has one.
    pub name: Option<String>,
    /// The machine's type, as it was told: `q35`, `pc`, `microvm` …
    pub machine_type: Option<String>,
    /// The machine's identity, when it was told one, as libvirt does.
    pub uuid: Option<String>,
    /// The sockets at which it listens for QMP.
    pub qmp: Vec<PathBuf>,
    /// The socket of the guest's agent.
    pub agent: Option<PathBuf>,
}

/// All QEMUs that run, those that somebody else has started as well, by process id.
#[must_use]
pub fn running_qemus() -> Vec<FoundQemu> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut found: Vec<FoundQemu> = pids.filter_map(look_at).collect();
    found.sort_by_key(|qemu| qemu.pid);
    found
}

/// Whether somebody speaks QMP at a socket, and to us. The connection is closed again.
///
/// # Errors
/// As [`connect_to`](crate::connect_to).
pub async fn probe_qmp(socket: &Path) -> Result<()> {
    Qmp::connect(socket).await.map(drop)
}

fn look_at(pid: u32) -> Option<FoundQemu> {
    let line = command_line(pid);
    let (program, options) = line.split_first()?;
    if !runs_qemu(program) {
        return None;
    }
    // Of others' processes only root may know it, and one that went into the background has left it; then a relative
    // path stays what it is.
    let folder = std::fs::read_link(format!("/proc/{pid}/cwd")).ok();
    let absolute = |path: PathBuf| match &folder {
        Some(folder) if path.is_relative() && folder.join(&path).exists() => folder.join(path),
        _ => path,
    };
    let said = Said::read(options);
    Some(FoundQemu {
        pid,
        qmp: said.qmp_sockets().into_iter().map(absolute).collect(),
        agent: said.agent_socket().map(absolute),
        name: said.name,
        machine_type: said.machine_type,
        uuid: said.uuid,
    })
}

/// An option's value in QEMU's notation, `first,key=value,…`, by key; `first` has the key that is implied.
type Keys = BTreeMap<String, Vec<u8>>;

/// What a command line says, as far as it concerns us.
#[derive(Default)]
struct Said {
    name: Option<String>,
    machine_type: Option<String>,
    uuid: Option<String>,
    /// By id.
    sockets: BTreeMap<Vec<u8>, PathBuf>,
    /// Paths of `-qmp unix:…`.
    qmp: Vec<PathBuf>,
    /// Ids of chardevs.
    monitors: Vec<Vec<u8>>,
    agent: Option<Vec<u8>>,
}

impl Said {
    fn read(options: &[Vec<u8>]) -> Self {
        let mut said = Self::default();
        for pair in options.windows(2) {
            let [option, value] = pair else { continue };
            let Some(option) = option.strip_prefix(b"-") else { continue };
            match option.strip_prefix(b"-").unwrap_or(option) {
                b"name" => said.name = text(keys(value, "guest").get("guest")),
                b"machine" | b"M" => said.machine_type = text(keys(value, "type").get("type")).or(said.machine_type),
                b"uuid" => said.uuid = text(Some(value)),
                b"chardev" => said.chardev(&keys(value, "backend")),
                b"mon" => said.monitor(keys(value, "chardev")),
                b"qmp" | b"qmp-pretty" => said.qmp(value),
                b"device" => said.device(value),
                _ => {}
            }
        }
        said
    }

    fn chardev(&mut self, keys: &Keys) {
        let (Some(id), Some(path)) = (keys.get("id"), keys.get("path")) else { return };
        if keys.get("backend").is_some_and(|backend| backend == b"socket") && listens(keys) {
            self.sockets.insert(id.clone(), path_of(path));
        }
    }

    fn monitor(&mut self, mut keys: Keys) {
        if keys.get("mode").is_some_and(|mode| mode == b"control") {
            self.monitors.extend(keys.remove("chardev"));
        }
    }

    fn qmp(&mut self, value: &[u8]) {
        let Some(value) = value.strip_prefix(b"unix:") else { return };
        let keys = keys(value, "path");
        if let Some(path) = keys.get("path").filter(|_| listens(&keys)) {
            self.qmp.push(path_of(path));
        }
    }

    fn device(&mut self, value: &[u8]) {
        let keys = match serde_json::from_slice::<Value>(value) {
            Ok(Value::Object(options)) => {
                let texts = options.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.into())));
                texts.collect()
            }
            _ => keys(value, "driver"),
        };
        if keys.get("name").is_some_and(|name| name == AGENT_NAME.as_bytes()) {
            self.agent = keys.get("chardev").cloned();
        }
    }

    fn qmp_sockets(&self) -> Vec<PathBuf> {
        let behind = self.monitors.iter().filter_map(|id| self.sockets.get(id));
        self.qmp.iter().chain(behind).cloned().collect()
    }

    fn agent_socket(&self) -> Option<PathBuf> {
        self.sockets.get(self.agent.as_ref()?).cloned()
    }
}

/// Whether QEMU waits at a socket for others; else it has connected to one, and is a client itself.
fn listens(keys: &Keys) -> bool {
    let is_on = |key: &str| keys.get(key).is_some_and(|value| matches!(&value[..], b"on" | b"yes" | b"true" | b""));
    is_on("server")
}

/// Two commas stand for one that separates nothing; a key without a value is one that is switched on.
fn keys(value: &[u8], implied: &str) -> Keys {
    let mut parts = vec![Vec::new()];
    let mut bytes = value.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte == b',' && bytes.next_if_eq(&b',').is_none() {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(byte);
        }
    }
    let split = |(at, part): (usize, Vec<u8>)| match part.iter().position(|byte| *byte == b'=') {
        Some(equals) => (String::from_utf8_lossy(&part[..equals]).into_owned(), part[equals + 1..].to_vec()),
        None if at == 0 => (implied.to_owned(), part),
        None => (String::from_utf8_lossy(&part).into_owned(), Vec::new()),
    };
    parts.into_iter().enumerate().map(split).collect()
}

fn text(bytes: Option<&Vec<u8>>) -> Option<String> {
    bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

fn path_of(bytes: &[u8]) -> PathBuf {
    OsString::from_vec(bytes.to_vec()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &[&str]) -> Said {
        Said::read(&line.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>())
    }

    #[test]
    fn sockets_are_found_however_people_write_them() {
        let said = read(&[
            "-name",
            "guest=web,, the first,debug-threads=on",
            "-M",
            "q35,accel=tcg",
            "-qmp",
            "unix:/run/one.sock,server,nowait",
            "--qmp",
            "unix:two,,.sock,server=on,wait=off",
            "-qmp",
            "unix:/run/client.sock",
            "-qmp",
            "tcp:localhost:4444,server=on",
            "-chardev",
            "socket,id=mon,server=on,path=/run/three.sock",
            "-mon",
            "mon,mode=control",
            "-chardev",
            "socket,id=human,server=on,path=/run/human.sock",
            "-mon",
            "chardev=human,mode=readline",
            "-chardev",
            "socket,id=charqga,fd=26,server=on",
        ]);
        let sockets = ["/run/one.sock", "two,.sock", "/run/three.sock"].map(PathBuf::from);
        assert_eq!(said.qmp_sockets(), sockets);
        assert_eq!((said.name.as_deref(), said.machine_type.as_deref()), (Some("web, the first"), Some("q35")));
        assert_eq!(said.agent_socket(), None);
        assert_eq!(read(&["-name", "web", "-qmp"]).name.as_deref(), Some("web"));
        assert!(read(&[]).qmp_sockets().is_empty());
    }

    #[test]
    fn the_agents_socket_is_found_by_what_guests_call_its_port() {
        let chardev = ["-chardev", "socket,path=/run/ga,server=on,id=x"];
        for device in [
            "virtserialport,chardev=x,name=org.qemu.guest_agent.0",
            r#"{"driver":"virtserialport","nr":1,"chardev":"x","name":"org.qemu.guest_agent.0"}"#,
        ] {
            let line = [&["-device", device][..], &chardev[..]].concat();
            assert_eq!(read(&line).agent_socket(), Some(PathBuf::from("/run/ga")), "{device}");
        }
        let other = ["-device", "virtserialport,chardev=x,name=com.redhat.spice.0"];
        assert_eq!(read(&[&other[..], &chardev[..]].concat()).agent_socket(), None);
    }
}
