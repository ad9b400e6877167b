//! Keys for the REST server beside the store's own: made, listed, revoked, and recognised.
//!
//! `keys.json` in the store holds the SHA-256 of each key and nothing from which one could be had: a key has 256 random
//! bits, so there is nothing to guess and no salt is needed. It is written before an answer, so a revoked key stays so.

use std::path::PathBuf;
use std::sync::RwLock;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use time::OffsetDateTime;

use crate::convert::{hex, io_error};
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::KeyId;
use crate::name;
use crate::store::{Store, internal, write_json};
use crate::sync;

/// What every such key begins with, so that people and scanners for secrets recognise one.
const PREFIX: &str = "cairn_";
/// Random bytes in a key.
const BYTES: usize = 32;
/// How many keys a store may have; every request is compared with each.
const MOST: usize = 200;

/// What the holder of a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyScope {
    /// Look at everything and read every file; change nothing.
    ReadOnly,
    /// Everything.
    Full,
}

/// A key, without the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its identity.
    pub id: KeyId,
    /// Its name, unique in the store; the audit log says it.
    pub name: String,
    /// What its holder may do.
    pub scope: KeyScope,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it stops being one.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}

impl ApiKey {
    /// Whether its time is over.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.expires_at.is_some_and(|end| end <= OffsetDateTime::now_utc())
    }
}

/// What a new key is to be.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Its name, by the same rules as a volume's.
    pub name: String,
    /// What its holder may do.
    pub scope: KeyScope,
    /// When it stops being one.
    pub expires_at: Option<OffsetDateTime>,
}

/// A key in the store: what it is and its digest.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    key: ApiKey,
    sha256: String,
}

/// What `keys.json` says.
#[derive(Debug, Default, Serialize, Deserialize)]
struct KeysFile {
    keys: Vec<Stored>,
}

/// The keys of an open store.
#[derive(Debug)]
pub(crate) struct Keys {
    path: PathBuf,
    known: RwLock<Vec<Stored>>,
    /// Held by whoever changes them.
    changing: tokio::sync::Mutex<()>,
}

impl Keys {
    /// Reads the store's keys.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] when `keys.json` makes no sense: to go on without it would forget what was revoked.
    pub(crate) fn open(store: &Store) -> Result<Self> {
        let path = store.root().join("keys.json");
        let text = durable::read_if_there(&path).map_err(|error| io_error("read the keys", &path, &error))?;
        let file: Option<KeysFile> = text.map(|text| serde_json::from_slice(&text)).transpose().map_err(|error| {
            Error::new(ErrorKind::Corrupt, format!("The file '{}' is damaged: {error}.", path.display()))
                .with_hint("Move it away; keys that were created have to be created anew then.")
        })?;
        let file = file.unwrap_or_default();
        Ok(Self { path, known: RwLock::new(file.keys), changing: tokio::sync::Mutex::default() })
    }

    /// Makes `keys` durable, and those that are recognised from now on.
    fn replace(&self, keys: Vec<Stored>) -> Result<()> {
        let file = KeysFile { keys };
        write_json("write the keys", &self.path, &file)?;
        *sync::write(&self.known) = file.keys;
        Ok(())
    }
}

impl Engine {
    /// Creates a key; answers it with its secret, which is told this once only.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad name or an end in the past, [`ErrorKind::AlreadyExists`] when the name is
    /// taken, [`ErrorKind::Conflict`] when there are too many.
    pub async fn key_create(&self, new: NewApiKey) -> Result<(ApiKey, String)> {
        let engine = self.clone();
        self.run(async move {
            let _changing = engine.inner.keys.changing.lock().await;
            let inner = engine.inner.clone();
            blocking(move || {
                let mut keys = sync::read(&inner.keys.known).clone();
                let (stored, secret) = make(new, &keys)?;
                keys.push(stored.clone());
                inner.keys.replace(keys)?;
                tracing::info!(key = %stored.key.name, scope = ?stored.key.scope, "a key was created");
                Ok((stored.key, secret))
            })
            .await
        })
        .await
    }

    /// The keys, oldest first, also those whose time is over.
    ///
    /// # Errors
    /// When the engine is closed.
    pub async fn key_list(&self) -> Result<Vec<ApiKey>> {
        self.refuse_when_closed()?;
        Ok(sync::read(&self.inner.keys.known).iter().map(|stored| stored.key.clone()).collect())
    }

    /// Revokes the key with this id or name: from the answer on nobody is let in by it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub async fn key_revoke(&self, key: &str) -> Result<ApiKey> {
        let (engine, wanted) = (self.clone(), key.to_owned());
        self.run(async move {
            let _changing = engine.inner.keys.changing.lock().await;
            let inner = engine.inner.clone();
            blocking(move || {
                let mut keys = sync::read(&inner.keys.known).clone();
                let at = keys.iter().position(|one| one.key.id.as_str() == wanted || one.key.name == wanted);
                let revoked = at.map(|at| keys.remove(at).key).ok_or_else(|| {
                    Error::new(ErrorKind::NotFound, format!("There is no key '{wanted}'."))
                        .with_hint("Look at the list of keys for its name or id.")
                })?;
                inner.keys.replace(keys)?;
                tracing::info!(key = %revoked.name, "a key was revoked");
                Ok(revoked)
            })
            .await
        })
        .await
    }

    /// The key whose secret this is, also when its time is over.
    ///
    /// Every key is compared, in constant time: how long it takes says nothing about which, or how much of one, fits.
    #[must_use]
    pub fn key_of(&self, secret: &str) -> Option<ApiKey> {
        let keys = sync::read(&self.inner.keys.known);
        let offered = digest(secret);
        let (mut fits, mut at) = (Choice::from(0), 0u32);
        for (index, stored) in keys.iter().enumerate() {
            let same = stored.sha256.as_bytes().ct_eq(offered.as_bytes());
            at.conditional_assign(&u32::try_from(index).unwrap_or(u32::MAX), same);
            fits |= same;
        }
        bool::from(fits).then(|| keys.get(at as usize)).flatten().map(|stored| stored.key.clone())
    }
}

fn digest(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

fn make(new: NewApiKey, keys: &[Stored]) -> Result<(Stored, String)> {
    let name = name::check("key", &new.name)?;
    if keys.iter().any(|stored| stored.key.name == name) {
        return Err(Error::new(ErrorKind::AlreadyExists, format!("There is a key '{name}' already."))
            .with_hint("Choose another name, or revoke that one first."));
    }
    if keys.len() >= MOST {
        return Err(Error::new(ErrorKind::Conflict, format!("There are {MOST} keys already, and no more are kept."))
            .with_hint("Revoke keys that nobody uses any more."));
    }
    if new.expires_at.is_some_and(|end| end <= OffsetDateTime::now_utc()) {
        return Err(Error::new(ErrorKind::InvalidInput, "The key's end lies in the past.")
            .with_hint("Name a time to come, or none for a key that stays until it is revoked."));
    }
    let mut bytes = [0u8; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| internal("make a key", &error))?;
    let id = KeyId::random().map_err(|error| internal("make a key's id", &error))?;
    let secret = format!("{PREFIX}{}", hex(&bytes));
    let created_at = OffsetDateTime::now_utc();
    let key = ApiKey { id, name, scope: new.scope, created_at, expires_at: new.expires_at };
    Ok((Stored { key, sha256: digest(&secret) }, secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::OpenOptions;

    fn new(name: &str) -> NewApiKey {
        NewApiKey { name: name.to_owned(), scope: KeyScope::Full, expires_at: None }
    }

    #[tokio::test]
    async fn a_key_is_recognised_until_it_is_revoked_also_by_the_next_engine() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open(OpenOptions::new(folder.path())).await.unwrap();
        let (first, first_secret) = engine.key_create(new("first")).await.unwrap();
        let (second, second_secret) = engine.key_create(new("second")).await.unwrap();
        assert_eq!(engine.key_create(new("first")).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
        engine.close().await.unwrap();

        let text = std::fs::read_to_string(folder.path().join("keys.json")).unwrap();
        assert!(!text.contains(&first_secret) && !text.contains(&first_secret[PREFIX.len()..]));
        let engine = Engine::open(OpenOptions::new(folder.path())).await.unwrap();
        assert_eq!(engine.key_of(&first_secret), Some(first.clone()));
        assert_eq!(engine.key_of(&second_secret), Some(second));
        for wrong in ["", &first_secret[1..], &first_secret.to_uppercase(), &digest(&first_secret)] {
            assert_eq!(engine.key_of(wrong), None, "{wrong}");
        }
        assert_eq!(engine.key_revoke("first").await.unwrap(), first);
        assert_eq!(engine.key_of(&first_secret), None);
        assert_eq!(engine.key_revoke("first").await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(engine.key_list().await.unwrap().len(), 1);
        engine.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_damaged_list_of_keys_is_not_taken_for_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        Engine::open(OpenOptions::new(folder.path())).await.unwrap().close().await.unwrap();
        std::fs::write(folder.path().join("keys.json"), "{").unwrap();
        let error = Engine::open(OpenOptions::new(folder.path())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
    }

    #[test]
    fn a_key_ends_at_its_time() {
        let end = |seconds| Some(OffsetDateTime::now_utc() + time::Duration::seconds(seconds));
        assert!(make(NewApiKey { expires_at: end(-1), ..new("a") }, &[]).is_err());
        let (stored, _) = make(NewApiKey { expires_at: end(60), ..new("a") }, &[]).unwrap();
        assert!(!stored.key.is_expired());
        assert!(ApiKey { expires_at: end(-1), ..stored.key }.is_expired());
    }
}
