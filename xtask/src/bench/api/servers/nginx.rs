//! nginx, one process, that stores what is PUT (DAV) and serves it.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{Address, Server};

/// Starts it in a folder of its own; its files are in `files`.
pub(in super::super) fn start(folder: &Path) -> Result<Server> {
    for name in ["files", "temporary"] {
        fs::create_dir_all(folder.join(name))?;
    }
    // Free a moment ago.
    let host = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("  {name}_temp_path temporary/{name};\n"))
        .collect();
    let settings = format!(
        "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log error.log;\nevents {{ worker_connections 64; }}\n\
         http {{\n  access_log off;\n  sendfile on;\n{temporary}  server {{\n    listen {host};\n    root files;\n    \
         client_max_body_size 0;\n    location / {{ dav_methods PUT; }}\n  }}\n}}\n"
    );
    fs::write(folder.join("nginx.conf"), settings)?;
    let mut nginx = Command::new("/usr/sbin/nginx");
    nginx.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).args(["-e", "error.log"]);
    Server::start(nginx, || Some(Address { host: host.clone(), headers: String::new() }))
}
