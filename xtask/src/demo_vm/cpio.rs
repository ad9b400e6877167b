//! Writes a `newc` cpio archive, the format of a Linux initramfs.
//!
//! Format: `Documentation/driver-api/early-userspace/buffer-format.rst` of the Linux kernel. Everything belongs to
//! root and carries no time, so that the same contents give the same bytes. No knowledge of what is packed.

/// An archive that is being written, in memory.
pub(crate) struct Archive {
    bytes: Vec<u8>,
    next_inode: u32,
}

const MODE_FOLDER: u32 = 0o040_000;
const MODE_FILE: u32 = 0o100_000;
const MODE_SYMLINK: u32 = 0o120_000;

impl Archive {
    /// An archive without entries.
    pub(crate) fn new() -> Self {
        Self { bytes: Vec::new(), next_inode: 1 }
    }

    /// Adds a folder. Its parent must have been added before: the kernel makes none by itself.
    pub(crate) fn folder(&mut self, path: &str, permissions: u32) -> anyhow::Result<()> {
        self.entry(path, MODE_FOLDER | permissions, &[])
    }

    /// Adds a file with its contents.
    pub(crate) fn file(&mut self, path: &str, permissions: u32, contents: &[u8]) -> anyhow::Result<()> {
        self.entry(path, MODE_FILE | permissions, contents)
    }

    /// Adds a symbolic link to `target`.
    pub(crate) fn symlink(&mut self, path: &str, target: &str) -> anyhow::Result<()> {
        self.entry(path, MODE_SYMLINK | 0o777, target.as_bytes())
    }

    /// The finished archive.
    pub(crate) fn finish(mut self) -> anyhow::Result<Vec<u8>> {
        self.entry("TRAILER!!!", 0, &[])?;
        Ok(self.bytes)
    }

    fn entry(&mut self, path: &str, mode: u32, contents: &[u8]) -> anyhow::Result<()> {
        let name = path.trim_start_matches('/');
        let links = if mode & MODE_FOLDER != 0 && mode & MODE_FILE == 0 { 2 } else { 1 };
        let size = u32::try_from(contents.len())?;
        let name_size = u32::try_from(name.len() + 1)?;
        // inode, mode, uid, gid, links, mtime, size, device (2), device that it stands for (2), name size, checksum
        let fields = [self.next_inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, name_size, 0];
        self.next_inode += 1;
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08x}").as_bytes());
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.align();
        self.bytes.extend_from_slice(contents);
        self.align();
        Ok(())
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}
