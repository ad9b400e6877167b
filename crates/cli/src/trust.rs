//! Which server is believed to be the one that was meant, when it speaks TLS.

use std::path::PathBuf;
use std::sync::Arc;

use reqwest::{Client, Url};
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::failure::Failure;

/// Which certificates are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trust {
    /// None: the server speaks no TLS.
    #[default]
    Nobody,
    /// The one with this SHA-256, in lower-case hexadecimal digits.
    Fingerprint(String),
    /// Those that a certificate of this PEM file vouches for, under their own names.
    Authority(PathBuf),
}

/// A client that believes what `trust` says, and takes no way around.
pub(crate) fn client(trust: &Trust) -> Result<Client, Failure> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::invalid(format!("TLS cannot be spoken: {error}.")))?;
    let config = match trust {
        Trust::Nobody => config.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
        Trust::Authority(file) => config.with_root_certificates(authorities(file)?).with_no_client_auth(),
        Trust::Fingerprint(fingerprint) => config
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { fingerprint: fingerprint.clone(), provider }))
            .with_no_client_auth(),
    };
    // A proxy has no business between two programs on one machine, and none may see a key on its way to another.
    let client = Client::builder().no_proxy().tls_backend_preconfigured(config).build();
    client.map_err(|error| crate::api::unreachable_server(&error))
}

/// Refuses to send a key where it could be read on its way.
pub(crate) fn check_address(url: &Url, trust: &Trust) -> Result<(), Failure> {
    let is_local = match url.host_str().map(|host| host.trim_matches(['[', ']'])) {
        Some(host) => host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        None => false,
    };
    match (url.scheme(), trust) {
        ("http", _) if !is_local => Err(Failure::invalid(format!("'{url}' would be asked without TLS."))
            .hint("Use https:// for another computer, so that nobody on the way learns the key.")),
        ("https", Trust::Nobody) => Err(Failure::invalid(format!("Nothing says which certificate '{url}' has."))
            .hint("Add --tls-fingerprint with what 'cairn serve --tls' printed, or --tls-ca with a PEM file.")),
        ("http" | "https", _) => Ok(()),
        _ => Err(Failure::invalid(format!("'{url}' is no address of a server."))
            .hint("An address begins with http:// or https://.")),
    }
}

fn authorities(file: &PathBuf) -> Result<RootCertStore, Failure> {
    let unusable = |why: &dyn std::fmt::Display| {
        Failure::invalid(format!("The certificates in '{}' cannot be used: {why}.", file.display()))
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unusable(&error))? {
        roots.add(certificate.map_err(|error| unusable(&error))?).map_err(|error| unusable(&error))?;
    }
    if roots.is_empty() { Err(unusable(&"there are none")) } else { Ok(roots) }
}

/// Believes one certificate, whoever signed it and whatever names it has.
#[derive(Debug)]
struct Pinned {
    fingerprint: String,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = cairn_server::fingerprint(certificate);
        if shown == self.fingerprint {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::General(format!("the server's certificate has the fingerprint {shown}, which is not the one named")))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_nowhere_in_clear_but_to_this_computer() {
        let pinned = Trust::Fingerprint("00".repeat(32));
        let check = |url: &str, trust: &Trust| check_address(&url.parse().unwrap(), trust).is_ok();
        assert!(check("http://127.0.0.1:1", &Trust::Nobody) && check("http://[::1]:1", &Trust::Nobody));
        assert!(check("http://localhost:1", &Trust::Nobody) && check("https://files.example", &pinned));
        assert!(!check("http://files.example", &pinned) && !check("http://192.0.2.7", &Trust::Nobody));
        assert!(!check("https://files.example", &Trust::Nobody) && !check("ftp://localhost", &pinned));
    }
}
