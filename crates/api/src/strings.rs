//! Strings of which not all will do, as the description of the routes has them: what the engine would refuse anyway, said
//! where clients can read it.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// What begins no path in a volume and is no part of one: `.` and `..`.
macro_rules! no_dots {
    () => {
        r"^(?!([\s\S]*/)?\.{1,2}(/|$))"
    };
}

/// A path in a volume, the root or not.
pub const PLACE: &str = concat!(no_dots!(), r"/?([^/\u0000]+/)*[^/\u0000]*$");
/// A path in a volume that is not its root.
pub const FILE: &str = concat!(no_dots!(), r"/?([^/\u0000]+/)*[^/\u0000]+/?$");
/// No `/`, no control characters, more than blanks, and not `.` or `..`.
const NAME: &str = r"^(?!\s*\.{1,2}\s*$)[^/\u0000-\u001f\u007f-\u009f]*[^/\s\u0000-\u001f\u007f-\u009f][^/\u0000-\u001f\u007f-\u009f]*$";
const HOST: &str = r"^/[^\u0000]*$";
/// An absolute path in a guest.
pub const GUEST: &str = r"^(?![./]*$)(?!([\s\S]*/)?\.\.(/|$))/[^\u0000-\u001f\u007f-\u009f]*$";
const ADDRESS: &str = r"^https?://[A-Za-z0-9]";
const SHA256: &str = "^[0-9A-Fa-f]{64}$";

macro_rules! strings {
    ($($name:ident, $says:literal, $build:expr;)*) => { $(
        #[doc = $says]
        #[derive(Debug)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let build: fn(ObjectBuilder) -> ObjectBuilder = $build;
                build(ObjectBuilder::new().schema_type(Type::String).description(Some($says))).build().into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )* };
}

strings! {
    Name,
    "A name: 1 to 255 bytes without `/` and control characters, which is not shaped like an id.",
    |it| it.min_length(Some(1)).max_length(Some(255)).pattern(Some(NAME));

    FilePath,
    "The path of a file or folder in a volume. Its names have at most 255 bytes each.",
    |it| it.pattern(Some(FILE));

    PlacePath,
    "A path in a volume; the empty one is the root. Its names have at most 255 bytes each.",
    |it| it.pattern(Some(PLACE));

    HostPath,
    "An absolute path on the computer that the engine runs on.",
    |it| it.pattern(Some(HOST));

    GuestPath,
    "An absolute path in a guest, not its root. Its names have at most 255 bytes each.",
    |it| it.pattern(Some(GUEST));

    MountOptions,
    "Mount options, separated by commas.",
    |it| it.pattern(Some(cairn_engine::mount_options_pattern()));

    WebAddress,
    "The address of a file of the web.",
    |it| it.format(Some(SchemaFormat::Custom("uri".to_owned()))).pattern(Some(ADDRESS));

    Sha256,
    "A SHA-256 as 64 hexadecimal digits.",
    |it| it.pattern(Some(SHA256));
}
