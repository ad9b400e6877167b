//! TLS: the certificate that a server shows, generated or the user's, and its fingerprint.
//!
//! A generated one stands in the store's `run/` and stays from one run to the next, so that clients can keep its
//! fingerprint; it is made anew when the server is to have other names.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_engine::{Error, ErrorKind, Result};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::key::hex;
use crate::publish::{cannot_write, write_private};

/// Which certificate a server shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// One that is generated, signed by nobody else; clients know it by its fingerprint.
    Generated,
    /// The user's own, both files in PEM.
    Files {
        /// The certificate, followed by those that vouch for it.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
}

/// A certificate in use.
pub(crate) struct Identity {
    pub(crate) acceptor: TlsAcceptor,
    /// The SHA-256 of the certificate, as hexadecimal digits.
    pub(crate) fingerprint: String,
}

/// Reads the certificate, or generates it, for a server at `ip` with these names.
pub(crate) fn identity(tls: &Tls, store: &Path, ip: IpAddr, names: &[String]) -> Result<Identity> {
    let (certificate, key) = match tls {
        Tls::Files { certificate, key } => (certificate.clone(), key.clone()),
        Tls::Generated => generated(store, ip, names)?,
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .map_err(|error| unusable("certificate", &certificate, &error))?;
    let Some(own) = chain.first() else { return Err(unusable("certificate", &certificate, &"it holds none")) };
    let fingerprint = fingerprint(own);
    let private = PrivateKeyDer::from_pem_file(&key).map_err(|error| unusable("key", &key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable("certificate", &certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| unusable("certificate", &certificate, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Identity { acceptor: TlsAcceptor::from(Arc::new(config)), fingerprint })
}

/// The SHA-256 of a certificate, as hexadecimal digits.
#[must_use]
pub fn fingerprint(certificate: &[u8]) -> String {
    hex(&Sha256::digest(certificate))
}

fn unusable(what: &str, path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("The TLS {what} '{}' cannot be used: {why}.", path.display()))
        .with_hint("Name files in PEM, a certificate and the private key that belongs to it.")
}

/// The files of the store's own certificate.
fn generated(store: &Path, ip: IpAddr, names: &[String]) -> Result<(PathBuf, PathBuf)> {
    let folder = store.join("run");
    let (certificate, key) = (folder.join("tls-certificate.pem"), folder.join("tls-key.pem"));
    let mut all: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    if !ip.is_unspecified() && !ip.is_loopback() {
        all.push(ip.to_string());
    }
    all.extend(names.iter().cloned());
    // What stands before the certificate is a comment to every reader of PEM.
    let title = format!("Cairn, for {}\n", all.join(" "));
    if fs::read_to_string(&certificate).is_ok_and(|text| text.starts_with(&title)) && key.is_file() {
        return Ok((certificate, key));
    }
    let (public, private) = make(all).map_err(|error| {
        Error::new(ErrorKind::InvalidInput, format!("A TLS certificate cannot be generated: {error}."))
            .with_hint("Are the server's names such as DNS has?")
    })?;
    // The key first: a certificate without its key would be taken for whole.
    write_private(&key, private.as_bytes()).map_err(|error| cannot_write(&key, &error))?;
    let text = title + &public;
    write_private(&certificate, text.as_bytes()).map_err(|error| cannot_write(&certificate, &error))?;
    Ok((certificate, key))
}

fn make(names: Vec<String>) -> std::result::Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Cairn");
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_generated_certificate_stays_until_the_names_change_and_its_key_is_private() {
        let store = tempfile::tempdir().unwrap();
        let ip = "192.0.2.7".parse().unwrap();
        let of = |names: &[String]| identity(&Tls::Generated, store.path(), ip, names).unwrap().fingerprint;
        let first = of(&[]);
        assert_eq!((first.len(), of(&[])), (64, first.clone()));
        assert_ne!(of(&["files.example".to_owned()]), first);
        let mode = fs::metadata(store.path().join("run/tls-key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_certificate_is_refused_with_its_name() {
        let store = tempfile::tempdir().unwrap();
        let file = store.path().join("mine.pem");
        fs::write(&file, "nonsense").unwrap();
        let tls = Tls::Files { certificate: file.clone(), key: file };
        let Err(error) = identity(&tls, store.path(), "127.0.0.1".parse().unwrap(), &[]) else { panic!("accepted") };
        assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("mine.pem"), "{error}");
    }
}
