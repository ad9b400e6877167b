//! Checking a whole filesystem without changing it: what is wrong with it, in words.
//!
//! In the order in which e2fsck goes: superblock (`superblock`), descriptors and the backups (`tables`), the journal, the
//! list of orphans, every inode with its map of blocks or the content inside it and its attributes (`inodes`,
//! `blocks`, `inside`, `attributes`, `values`), every folder with its entries and its index (`directories`, `index`),
//! whether everything can be reached and is counted (`tree`), and last the bitmaps and the counts against what was
//! seen (`bitmaps`).
//!
//! Work and memory are bounded by the filesystem: every table and every folder's block is read once; a bit
//! for a block, and some twenty bytes for an inode in use. Nothing is repaired here.

mod attributes;
mod bitmaps;
mod blocks;
mod directories;
mod finding;
mod index;
mod inodes;
mod inside;
mod mmp;
mod superblock;
mod tables;
mod tree;
mod used;
mod values;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use cairn_block::BlockDevice;

pub use finding::{Finding, Place, Problem, Severity, Verdict};

use crate::state::Core;
use crate::{Error, ErrorKind, FileKind, Filesystem, Mode, Result};
use attributes::Shares;
use used::UsedBlocks;
use values::StoredValue;

/// Checks the filesystem on `device`; nothing is written. A journal that has to be replayed is replayed in
/// memory first.
///
/// # Errors
/// [`ErrorKind::Device`] when the device fails; [`ErrorKind::Unsupported`] names a feature that the engine
/// does not handle. Damage is not an error but a [`Finding`].
pub fn verify(device: Arc<dyn BlockDevice>) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let core = match Core::open(Arc::clone(&device), Mode::ReadOnly) {
        Ok(core) => core,
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            tables::explain(&*device, &error, &mut verdict)?;
            return Ok(verdict);
        }
        Err(error) => return Err(error),
    };
    core.superblock.features().check_known()?;
    let mut check = Check::new(core, verdict);
    check.run()?;
    let mut verdict = check.verdict;
    if verdict.findings.iter().any(|finding| matches!(finding.place, Place::Inode(_))) {
        name_inodes(device, &mut verdict);
    }
    Ok(verdict)
}

/// An inode in use.
#[derive(Clone, Debug, Default)]
struct Known {
    number: u32,
    /// What it says of the number of its names.
    links: u16,
    /// The kind as an entry tells it.
    kind: u8,
    /// Names that were found; of a folder: folders in it.
    found: u32,
    /// Of a folder: the folder that names it, and the one that its `..` names; 0 if there is none.
    parent: u32,
    up: u32,
}

impl Known {
    fn is_directory(&self) -> bool {
        self.kind == FileKind::Directory.entry_type()
    }
}

/// A check under way.
struct Check {
    core: Core,
    verdict: Verdict,
    used: UsedBlocks,
    /// The inodes in use, by rising numbers.
    inodes: Vec<Known>,
    /// Blocks of attributes, which files may share.
    shares: BTreeMap<u64, Shares>,
    /// Inodes that hold values of attributes, and those that attributes name as such.
    values: BTreeMap<u32, StoredValue>,
    orphans: HashSet<u32>,
    /// Blocks of folders and of values that may still be read: every one belongs to one of them.
    budget: u64,
}

impl Check {
    fn new(core: Core, verdict: Verdict) -> Self {
        let used = UsedBlocks::new(&core.layout);
        let budget = core.layout.blocks_count;
        Self {
            core,
            verdict,
            used,
            inodes: Vec::new(),
            shares: BTreeMap::new(),
            values: BTreeMap::new(),
            orphans: HashSet::new(),
            budget,
        }
    }

    fn run(&mut self) -> Result<()> {
        self.check_tables()?;
        self.check_mmp()?;
        self.check_journal()?;
        self.check_orphans()?;
        self.check_inodes()?;
        self.check_shares();
        self.check_values()?;
        self.check_directories()?;
        self.check_tree();
        self.check_bitmaps()?;
        self.verdict.complete = true;
        self.verdict.inodes = self.inodes.len() as u64;
        self.verdict.directories = self.inodes.iter().filter(|inode| inode.is_directory()).count() as u64;
        self.verdict.used_blocks = self.used.count * self.blocks_per_cluster();
        Ok(())
    }

    /// The inode `number`, if it is in use.
    fn known(&mut self, number: u32) -> Option<&mut Known> {
        let index = self.inodes.binary_search_by_key(&number, |inode| inode.number).ok()?;
        self.inodes.get_mut(index)
    }

    fn damage(&mut self, place: Place, problem: Problem, message: impl Into<String>) {
        self.verdict.add(place, problem, Severity::Damage, message);
    }

    fn grave(&mut self, place: Place, problem: Problem, message: impl Into<String>) {
        self.verdict.add(place, problem, Severity::Grave, message);
    }

    /// The value, or `None` and a finding when the structures contradict each other; other errors stay.
    fn tolerate<T>(&mut self, result: Result<T>, place: Place, problem: Problem) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.kind() == ErrorKind::Device => Err(error),
            Err(error) => {
                self.grave(place, problem, error.what());
                Ok(None)
            }
        }
    }
}

/// Finds a name for every inode that a finding concerns, as far as the folders can still be walked.
fn name_inodes(device: Arc<dyn BlockDevice>, verdict: &mut Verdict) {
    let mut wanted: HashMap<u32, Option<Vec<u8>>> = HashMap::new();
    for finding in &verdict.findings {
        if let Place::Inode(inode) = finding.place {
            wanted.insert(inode, None);
        }
    }
    let Ok(fs) = Filesystem::open(device, Mode::ReadOnly) else { return };
    let mut left = wanted.len();
    // Where the folders are damaged the walk ends, and what lies behind stays without a name.
    let _: Result<(), Error> = fs.walk(b"", &mut |path, stat| {
        if let Some(name @ None) = wanted.get_mut(&stat.inode) {
            *name = Some(path.to_vec());
            left -= 1;
        }
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    for finding in &mut verdict.findings {
        if let Place::Inode(inode) = finding.place {
            finding.path = wanted.get(&inode).cloned().flatten();
        }
    }
}
