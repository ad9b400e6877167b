//! The server that was named on the command line, in place of the store's own.

use std::path::PathBuf;

use clap::Args;
use reqwest::Url;

use crate::api::Api;
use crate::failure::Failure;
use crate::trust::{Trust, check_address};

/// Which server is asked, and how it is known.
#[derive(Args)]
pub(crate) struct Remote {
    /// Ask the server at this address, not the store's own; its key is in CAIRN_API_KEY or --key-file
    #[arg(long, global = true, env = "CAIRN_URL", value_name = "URL", hide_env_values = true)]
    url: Option<Url>,
    /// The file with that server's key
    #[arg(long, global = true, value_name = "FILE", requires = "url")]
    key_file: Option<PathBuf>,
    /// The SHA-256 of that server's certificate, as 'cairn serve --tls' prints it
    #[arg(long, global = true, env = "CAIRN_TLS_FINGERPRINT", value_name = "HEX", hide_env_values = true)]
    tls_fingerprint: Option<String>,
    /// A PEM file with the certificate that vouches for that server's
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "tls_fingerprint")]
    tls_ca: Option<PathBuf>,
}

impl Remote {
    /// The server that was named, if one was.
    pub(crate) fn api(&self) -> Result<Option<Api>, Failure> {
        let Some(url) = &self.url else { return Ok(None) };
        let trust = match (&self.tls_fingerprint, &self.tls_ca) {
            (Some(text), _) => Trust::Fingerprint(fingerprint(text)?),
            (None, Some(file)) => Trust::Authority(file.clone()),
            (None, None) => Trust::Nobody,
        };
        check_address(url, &trust)?;
        Api::new(url.as_str(), self.key()?, &trust).map(|api| Some(api.elsewhere()))
    }

    fn key(&self) -> Result<String, Failure> {
        if let Some(file) = &self.key_file {
            let text = std::fs::read_to_string(file)
                .map_err(|error| Failure::io(&format!("The key in '{}' cannot be read", file.display()), &error))?;
            return Ok(text.trim().to_owned());
        }
        std::env::var("CAIRN_API_KEY").map_err(|_| {
            Failure::invalid("There is no key for the server.")
                .hint("Set CAIRN_API_KEY, or name a file with it after --key-file.")
        })
    }
}

/// Digits as other programs print them, too: in upper case, with colons.
fn fingerprint(text: &str) -> Result<String, Failure> {
    let digits: String =
        text.chars().filter(|letter| *letter != ':').map(|letter| letter.to_ascii_lowercase()).collect();
    if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(digits);
    }
    Err(Failure::invalid(format!("'{text}' is no fingerprint: a SHA-256 has 64 hexadecimal digits."))
        .hint("'cairn serve --tls' prints the one of its certificate."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_understood_as_others_print_it() {
        assert_eq!(fingerprint(&["AB"; 32].join(":")).unwrap(), "ab".repeat(32));
        assert!(fingerprint("ab").is_err() && fingerprint(&"xy".repeat(32)).is_err());
    }
}
