//! Content that stands in the inode itself: its length, and the entries of a folder.

use super::directories::Names;
use super::{Check, Place, Problem};
use crate::inode::Inode;
use crate::layout::ROOT_INODE;
use crate::{FileKind, Result, dir_entry, inline_data};

impl Check {
    /// Looks at the content inside `inode`.
    pub(super) fn check_inside(&mut self, inode: &Inode, kind: FileKind) -> Result<()> {
        let place = Place::Inode(inode.number);
        let room = inline_data::room(inode);
        let Some(room) = self.tolerate(room, place, Problem::Attributes)? else { return Ok(()) };
        let Some(room) = room else {
            let message = "its content is said to stand in the inode, which has no attribute for the end of it";
            self.grave(place, Problem::Attributes, message);
            return Ok(());
        };
        let size = inode.size();
        let fits = match kind {
            // A folder fills its room with records.
            FileKind::Directory => size == room,
            _ => size <= room,
        };
        if !fits {
            let message = format!("its size of {size} bytes does not fit the {room} bytes inside the inode");
            self.damage(place, Problem::Field, message);
        }
        Ok(())
    }

    /// Looks at the entries of a folder that stand in its inode.
    pub(super) fn check_inside_directory(&mut self, dir: &Inode) -> Result<()> {
        let place = Place::Inode(dir.number);
        let parts = inline_data::records_inside(dir);
        let Some(parts) = self.tolerate(parts, place, Problem::Entry)? else { return Ok(()) };
        let mut names = Names::default();
        for part in parts {
            for record in dir_entry::records(part) {
                let Some(record) = self.tolerate(record, place, Problem::Entry)? else { break };
                if record.inode != 0 {
                    self.check_name(dir, &record, &mut names);
                }
            }
        }
        let up = inline_data::parent(dir);
        let inside = up == ROOT_INODE || (self.core.layout.first_inode..=self.core.layout.inodes_count).contains(&up);
        if !inside {
            self.damage(place, Problem::Entry, format!("the folder says that inode {up} is its parent"));
        }
        if let Some(known) = self.known(dir.number) {
            known.up = if inside { up } else { 0 };
        }
        Ok(())
    }
}
