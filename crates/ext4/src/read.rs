//! Reading: metadata, links, listings, and a file's bytes by the run.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::features::INCOMPAT_EA_INODE;
use crate::filesystem::Filesystem;
use crate::inline_data;
use crate::inode::{FLAG_ENCRYPT, Inode};
use crate::inode_table::Window;
use crate::layout::ROOT_INODE;
use crate::list::Listing;
use crate::state::Core;
use crate::{DirEntry, Error, ErrorKind, FileKind, Metadata, Result};

/// Bytes of a link's target that fit into the inode itself.
pub(crate) const FAST_LINK: u64 = 59;

impl Core {
    /// What `stat` tells of an inode.
    pub(crate) fn metadata(&self, inode: &Inode) -> Result<Metadata> {
        let kind = inode.kind().ok_or_else(|| Error::corrupt(format!("inode {} is of no known kind", inode.number)))?;
        Ok(inode.metadata(kind, &self.layout))
    }

    /// Whether the target of the link `inode` stands where other inodes have their block map.
    pub(crate) fn is_fast_link(&self, inode: &Inode) -> bool {
        let attributes = if inode.file_acl() != 0 { self.layout.sectors_per_cluster() } else { 0 };
        // Values of attributes in other inodes count, too; links of that age have extents when they are long.
        let alone = inode.sectors(&self.layout) <= attributes || self.layout.features.has_incompat(INCOMPAT_EA_INODE);
        alone && inode.size() <= FAST_LINK && inode.has_block_map()
    }

    /// The target of the link `inode`.
    pub(crate) fn link_target(&mut self, inode: &Inode) -> Result<Vec<u8>> {
        if inode.kind() != Some(FileKind::Symlink) {
            return Err(Error::new(ErrorKind::Invalid, "this is not a symbolic link"));
        }
        if inode.has_flag(FLAG_ENCRYPT) {
            return Err(Error::unsupported("an encrypted link (encrypt)"));
        }
        let (block, inside);
        let bytes = if let Some(content) = inline_data::content(inode)? {
            inside = content;
            &inside[..]
        } else if self.is_fast_link(inode) {
            inode.i_block()
        } else {
            let place = self.map_block(inode, 0)?.start;
            let place = place.ok_or_else(|| Error::corrupt("a link has no target"))?;
            block = self.load(place, crate::block_kind::BlockKind::Plain)?;
            &block[..]
        };
        let target = usize::try_from(inode.size()).ok().and_then(|len| bytes.get(..len));
        match target {
            Some(target) if !target.is_empty() && !target.contains(&0) => Ok(target.to_vec()),
            _ => Err(Error::corrupt(format!("the target of link {} cannot be", inode.number))),
        }
    }
}

impl Filesystem {
    /// What is known of the file, folder or link at `path`; a link at its end is not followed.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] and the other kinds that a path can cause; [`ErrorKind::Corrupt`].
    pub fn stat(&self, path: &[u8]) -> Result<Metadata> {
        let mut core = self.lock()?;
        let inode = core.resolve(path, false)?;
        core.metadata(&inode)
    }

    /// The target of the symbolic link at `path`, as it is stored.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when it is not a link.
    pub fn read_link(&self, path: &[u8]) -> Result<Vec<u8>> {
        let mut core = self.lock()?;
        let inode = core.resolve(path, false)?;
        core.link_target(&inode).map_err(|e| e.at(path))
    }

    /// The entries of the folder at `path` without `.` and `..`, in no particular order.
    ///
    /// # Errors
    /// [`ErrorKind::NotADirectory`] when it is something else.
    pub fn read_dir(&self, path: &[u8]) -> Result<Vec<DirEntry>> {
        let mut core = self.lock()?;
        let dir = core.resolve(path, true)?;
        core.check_directory(&dir).map_err(|e| e.at(path))?;
        let (mut listing, mut window) = (Listing::new(dir.number), Window::default());
        let mut entries = Vec::new();
        while listing.next(&mut core, &mut window, &mut entries).map_err(|e| e.at(path))? {}
        Ok(entries)
    }

    /// Visits the entries of the folder at `path` without `.` and `..`, in no particular order and in memory that
    /// does not grow with the folder. `visit` may use the filesystem.
    ///
    /// # Errors
    /// [`ErrorKind::NotADirectory`] when it is something else; the first that `visit` answers with.
    pub fn visit_dir<E: From<Error>>(
        &self,
        path: &[u8],
        mut visit: impl FnMut(DirEntry) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let number = {
            let mut core = self.lock()?;
            let dir = core.resolve(path, true)?;
            core.check_directory(&dir).map_err(|e| e.at(path))?;
            dir.number
        };
        let (mut listing, mut window, mut entries) = (Listing::new(number), Window::default(), Vec::new());
        let mut more = true;
        while more {
            // The lock is taken anew each time, so that others can work and `visit` can ask.
            more = listing.next(&mut *self.lock()?, &mut window, &mut entries).map_err(|e| e.at(path))?;
            entries.drain(..).try_for_each(&mut visit)?;
        }
        Ok(())
    }

    /// Visits everything below the folder at `path`, parents before their children; links are visited, not
    /// followed. `visit` gets each path from the root of the volume, may use the filesystem, and may stop
    /// the walk. What others change meanwhile may be missed or met.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] when a folder can be reached in two ways, or when folders claim more blocks than
    /// there are, as no honest ones can: so every walk ends.
    pub fn walk(&self, path: &[u8], visit: &mut dyn FnMut(&[u8], &Metadata) -> ControlFlow<()>) -> Result<()> {
        let top = {
            let mut core = self.lock()?;
            let dir = core.resolve(path, true)?;
            core.check_directory(&dir).map_err(|e| e.at(path))?;
            dir.number
        };
        let start = path.strip_prefix(b"/").unwrap_or(path).to_vec();
        let mut seen = HashSet::from([top, ROOT_INODE]);
        let mut left = vec![(start, top)];
        let (mut entries, mut window) = (Vec::new(), Window::default());
        let mut path = Vec::new();
        let mut blocks = 0;
        while let Some((folder, number)) = left.pop() {
            let mut listing = Listing::one_of_many(number);
            let mut more = true;
            while more {
                // The lock is taken anew each time, so that others can work and `visit` can ask.
                let mut core = self.lock()?;
                more = listing.next(&mut core, &mut window, &mut entries).map_err(|e| e.at(&folder))?;
                if blocks + listing.blocks_read() > core.layout.blocks_count {
                    return Err(Error::corrupt("the folders have more blocks than the filesystem").at(&folder));
                }
                drop(core);
                for entry in entries.drain(..) {
                    path.clear();
                    path.extend_from_slice(&folder);
                    if !path.is_empty() {
                        path.push(b'/');
                    }
                    path.extend_from_slice(&entry.name);
                    if visit(&path, &entry.metadata).is_break() {
                        return Ok(());
                    }
                    if entry.kind == FileKind::Directory {
                        if !seen.insert(entry.inode) {
                            return Err(Error::corrupt("a folder can be reached in two ways").at(&path));
                        }
                        left.push((path.clone(), entry.inode));
                    }
                }
            }
            blocks += listing.blocks_read();
        }
        Ok(())
    }
}
