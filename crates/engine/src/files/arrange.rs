//! Where everything of a transfer goes, as `cp -r` has it, and what happens about what is there already.
//!
//! The same for uploads and downloads: only how to look at a place differs. All refusals happen here, before
//! anything is written.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::path::VolumePath;
use super::plan::{Kind, Node, Plan};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Conflict;

/// What is to be done about one thing of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// It is made, in the place of a file that may be there.
    Make,
    /// The folder is there already and is filled.
    Merge,
    /// A file is there already and stays.
    Skip,
}

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum There {
    /// Nothing.
    Nothing,
    /// A folder.
    Folder,
    /// A file, a link, or anything else.
    File,
}

/// A place to which something is copied.
pub(crate) trait Place: Clone + Ord {
    /// The place of `name` in this folder.
    fn below(&self, name: &[u8]) -> Result<Self>;
    /// As people read it.
    fn shown(&self) -> String;
}

impl Place for VolumePath {
    fn below(&self, name: &[u8]) -> Result<Self> {
        Self::from_bytes(self.join(name).as_bytes())
    }
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Place for PathBuf {
    fn below(&self, name: &[u8]) -> Result<Self> {
        Ok(self.join(OsStr::from_bytes(name)))
    }
    fn shown(&self) -> String {
        self.display().to_string()
    }
}

/// Where a transfer was told to go.
#[derive(Clone, Debug)]
pub(crate) struct Target<P> {
    /// The place that was named.
    pub(crate) place: P,
    /// Whether things go into it, rather than becoming it.
    pub(crate) is_folder: bool,
}

/// The places and actions of a whole plan.
#[derive(Debug)]
pub(crate) struct Arrangement<P> {
    actions: Vec<Action>,
    /// Where each thing that was named itself goes, by its index in the plan.
    roots: Vec<(usize, P)>,
}

impl<P: Place> Arrangement<P> {
    /// Looks at what is there with `look`, and decides.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] and [`ErrorKind::Conflict`] when things do not go together (several files
    /// under one name, a folder in the place of a file); [`ErrorKind::AlreadyExists`] when the transfer is to
    /// fail then.
    pub(crate) fn make(
        plan: &Plan,
        target: &Target<P>,
        conflict: Conflict,
        look: &dyn Fn(&P) -> Result<There>,
    ) -> Result<Self> {
        if target.is_folder && look(&target.place)? == There::File {
            return Err(in_the_way(&target.place, "a folder", "a file"));
        }
        Self::of_roots(plan, roots(plan, target)?, conflict, look)
    }

    /// The same when each thing that was named has a place of its own.
    pub(crate) fn of_roots(
        plan: &Plan,
        roots: Vec<(usize, P)>,
        conflict: Conflict,
        look: &dyn Fn(&P) -> Result<There>,
    ) -> Result<Self> {
        let mut arrangement = Self { actions: Vec::with_capacity(plan.nodes.len()), roots };
        for index in 0..plan.nodes.len() {
            let action = arrangement.decide(plan, index, conflict, look)?;
            arrangement.actions.push(action);
        }
        Ok(arrangement)
    }

    /// What is to be done about a node.
    pub(crate) fn action(&self, index: usize) -> Action {
        self.actions[index]
    }

    /// Where a node goes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when that is no place, because it is too long.
    pub(crate) fn place(&self, plan: &Plan, index: usize) -> Result<P> {
        let mut names = Vec::new();
        let mut at = index;
        while let Some(parent) = plan.nodes[at].parent {
            names.push(plan.name(at));
            at = parent as usize;
        }
        // Every node without a parent has a place: `roots` went through the same nodes.
        let root = self.roots.partition_point(|(index, _)| *index < at);
        names.into_iter().rev().try_fold(self.roots[root].1.clone(), |place, name| place.below(name))
    }

    /// Whether a node is put in its place by itself, and not together with the folder that it is in.
    pub(crate) fn is_placed_itself(&self, plan: &Plan, index: usize) -> bool {
        let in_new_folder = plan.nodes[index].parent.is_some_and(|parent| self.action(parent as usize) == Action::Make);
        self.action(index) == Action::Make && !in_new_folder
    }

    /// What is to be copied, with its index.
    pub(crate) fn kept<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = (usize, &'a Node)> {
        plan.nodes.iter().enumerate().filter(|(index, _)| self.actions[*index] != Action::Skip)
    }

    /// How many things are to be copied.
    pub(crate) fn files(&self, plan: &Plan) -> u64 {
        self.kept(plan).count() as u64
    }

    /// How many bytes of content are to be copied.
    pub(crate) fn bytes(&self, plan: &Plan) -> u64 {
        let files = self.kept(plan).filter(|(_, node)| node.kind == Kind::File);
        files.fold(0, |sum, (_, node)| sum.saturating_add(node.size))
    }

    /// How many bytes they take on a filesystem with blocks of `block` bytes, names included.
    pub(crate) fn bytes_on_disk(&self, plan: &Plan, block: u64) -> u64 {
        self.kept(plan).fold(0, |sum, (index, node)| {
            // A name takes its bytes and a few more in its folder, of which a part stays empty.
            let name = (plan.name(index).len() as u64 + 12) * 3 / 2;
            let content = match node.kind {
                Kind::File => node.size.div_ceil(block).saturating_mul(block),
                Kind::Directory => block,
                // A short target is kept with the link itself.
                Kind::Symlink if node.size < 60 => 0,
                Kind::Symlink => block,
            };
            sum.saturating_add(content).saturating_add(name)
        })
    }

    fn decide(
        &self,
        plan: &Plan,
        index: usize,
        conflict: Conflict,
        look: &dyn Fn(&P) -> Result<There>,
    ) -> Result<Action> {
        let node = &plan.nodes[index];
        // In a folder that is new, nothing can be in the way.
        if node.parent.is_some_and(|parent| self.actions[parent as usize] == Action::Make) {
            return Ok(Action::Make);
        }
        let place = self.place(plan, index)?;
        match (node.kind, look(&place)?) {
            (_, There::Nothing) => Ok(Action::Make),
            (Kind::Directory, There::Folder) => Ok(Action::Merge),
            (Kind::Directory, There::File) => Err(in_the_way(&place, "a folder", "a file")),
            (_, There::Folder) => Err(in_the_way(&place, "a file", "a folder")),
            (_, There::File) => match conflict {
                Conflict::Replace => Ok(Action::Make),
                Conflict::Skip => Ok(Action::Skip),
                Conflict::Fail => Err(taken(&place)),
            },
        }
    }
}

/// Where the things that were named themselves go.
fn roots<P: Place>(plan: &Plan, target: &Target<P>) -> Result<Vec<(usize, P)>> {
    let named: Vec<usize> = (0..plan.nodes.len()).filter(|index| plan.nodes[*index].parent.is_none()).collect();
    if !target.is_folder {
        if named.len() > 1 {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("'{}' is not a folder, and {} files are to go there.", target.place.shown(), named.len()),
            )
            .with_hint("End the destination with '/' to have the folder made."));
        }
        return Ok(named.into_iter().map(|index| (index, target.place.clone())).collect());
    }
    let mut taken = BTreeSet::new();
    let mut roots = Vec::with_capacity(named.len());
    for index in named {
        let place = target.place.below(plan.name(index))?;
        if plan.name(index).is_empty() || !taken.insert(place.clone()) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("Two of the files to copy would both become '{}'.", place.shown()),
            )
            .with_hint("Copy them one after the other, to different folders."));
        }
        roots.push((index, place));
    }
    Ok(roots)
}

/// A file is at a place already, and was not to be.
pub(super) fn taken<P: Place>(place: &P) -> Error {
    Error::new(ErrorKind::AlreadyExists, format!("There is a file '{}' already.", place.shown()))
        .with_hint("Nothing was copied; choose to replace or to skip files that are there.")
}

/// Something else is at a place already.
pub(super) fn in_the_way<P: Place>(place: &P, wanted: &str, there: &str) -> Error {
    Error::new(
        ErrorKind::Conflict,
        format!("'{}' would become {wanted}, but {there} of that name is there.", place.shown()),
    )
    .with_hint("Nothing was copied; rename or delete one of them.")
}
