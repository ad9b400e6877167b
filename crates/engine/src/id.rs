//! Identities: a prefix and 16 characters of base 32 (RFC 4648's alphabet in lower case, 80 random bits).

use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const RANDOM_CHARACTERS: usize = 16;

/// The text is not an id of the kind that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not an id like {prefix}abcdefghijklmnop")]
pub struct NotAnId {
    text: String,
    prefix: &'static str,
}

fn random_text(prefix: &str) -> Result<String, getrandom::Error> {
    let mut bytes = [0u8; RANDOM_CHARACTERS];
    getrandom::fill(&mut bytes)?;
    let mut text = String::with_capacity(prefix.len() + RANDOM_CHARACTERS);
    text.push_str(prefix);
    // Five bits of each byte are used, so that all characters are equally likely.
    text.extend(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])));
    Ok(text)
}

fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == RANDOM_CHARACTERS && rest.bytes().all(|byte| ALPHABET.contains(&byte)))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What every such id begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id from the operating system's random numbers.
            ///
            /// # Errors
            /// When the operating system has no random numbers to give.
            pub fn random() -> Result<Self, getrandom::Error> {
                random_text(Self::PREFIX).map(Self)
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                if is_id(text, Self::PREFIX) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NotAnId { text: text.to_owned(), prefix: Self::PREFIX })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id!(
    /// A volume's id, also its virtio-blk serial: exactly the 20 bytes that such a serial can carry.
    VolumeId,
    "vol_"
);
id!(
    /// A layer's id; its file is `<layer_id>.qcow2`.
    LayerId,
    "lay_"
);
id!(
    /// A checkpoint's id.
    CheckpointId,
    "ckpt_"
);
id!(
    /// A machine's id.
    VmId,
    "vm_"
);
id!(
    /// A snapshot's id.
    SnapshotId,
    "snap_"
);
id!(
    /// The id of a group of checkpoints that are taken at one moment.
    GroupId,
    "grp_"
);
id!(
    /// The id of a key for the REST server.
    KeyId,
    "key_"
);
id!(
    /// A watched folder's id.
    WatchId,
    "watch_"
);
id!(
    /// A transfer's id.
    TransferId,
    "tr_"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_id_fills_a_virtio_serial_exactly() {
        let id = VolumeId::random().unwrap();
        assert_eq!(id.as_str().len(), 20);
        assert_eq!(id.as_str().parse::<VolumeId>().unwrap(), id);
    }

    #[test]
    fn other_kinds_and_other_shapes_are_not_ids() {
        for text in [
            "",
            "vol_",
            "vol_abc",
            "ckpt_aaaaaaaaaaaaaaaa",
            "vol_AAAAAAAAAAAAAAAA",
            "vol_aaaaaaaaaaaaaaa1",
            "vol_aaaaaaaaaaaaaaaaa",
        ] {
            assert!(text.parse::<VolumeId>().is_err(), "{text}");
        }
    }
}
