//! The crates beside ours in `cargo xtask bench ext4`: one operation of one of them, in a process of its own.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use bench_ext4::tree;

/// Bytes that are copied at once.
const CHUNK: usize = 1 << 20;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["rust-fs-ext4", "seed", image, source] => rust_fs_ext4::seed(image, Path::new(source)),
        ["rust-fs-ext4", "list", image] => rust_fs_ext4::list(image),
        ["rust-fs-ext4", "rm", image, folder] => rust_fs_ext4::remove(image, folder),
        ["rust-fs-ext4", "get", image, name, to] => rust_fs_ext4::get(image, name, to),
        ["ext4-view", "list", image] => ext4_view_list(image),
        ["ext4-view", "get", image, name, to] => ext4_view_get(image, name, to),
        ["ext4plus", "list", image] => ext4plus_list(image),
        _ => bail!("peer: which crate, which operation?"),
    }
}

mod rust_fs_ext4 {
    use super::{Arc, CHUNK, Context, File, Path, Read, Result, Write, anyhow, tree};
    use fs_ext4::Filesystem;
    use fs_ext4::block_io::FileDevice;
    use fs_ext4::dir::DirEntryType;

    const ROOT: u32 = 2;

    fn open(image: &str, writable: bool) -> Result<Filesystem> {
        let device = if writable { FileDevice::open_rw(image) } else { FileDevice::open(image) };
        let device = device.map_err(|e| anyhow!("{e:?}"))?;
        Filesystem::mount(Arc::new(device)).map_err(|e| anyhow!("{e:?}"))
    }

    pub(super) fn seed(image: &str, source: &Path) -> Result<()> {
        let fs = open(image, true)?;
        let mut folders = std::collections::HashMap::new();
        let mut buffer = vec![0; CHUNK];
        for item in tree(source)? {
            let (above, name) = item.path.rsplit_once('/').unwrap_or(("", &item.path));
            let parent = folders.get(above).copied().unwrap_or(ROOT);
            if item.folder {
                let made = fs.apply_mkdir_at(parent, name.as_bytes(), 0o755).map_err(|e| anyhow!("{e:?}"))?;
                folders.insert(item.path, made);
                continue;
            }
            let made = fs.apply_create_at(parent, name.as_bytes(), 0o644).map_err(|e| anyhow!("{e:?}"))?;
            let mut file = File::open(&item.host)?;
            let mut offset = 0;
            loop {
                let count = file.read(&mut buffer)?;
                if count == 0 {
                    break;
                }
                fs.apply_pwrite_ino(made, offset, &buffer[..count]).map_err(|e| anyhow!("{e:?}"))?;
                offset += count as u64;
            }
        }
        fs.flush().map_err(|e| anyhow!("{e:?}"))
    }

    pub(super) fn list(image: &str) -> Result<()> {
        let fs = open(image, false)?;
        let (mut files, mut bytes) = (0u64, 0u64);
        let mut left = vec![ROOT];
        while let Some(folder) = left.pop() {
            for entry in fs.read_dir_ino(folder).map_err(|e| anyhow!("{e:?}"))? {
                if entry.name == b"." || entry.name == b".." {
                    continue;
                }
                let (inode, _) = fs.read_inode_verified(entry.inode).map_err(|e| anyhow!("{e:?}"))?;
                match entry.file_type {
                    DirEntryType::Directory => left.push(entry.inode),
                    _ => (files, bytes) = (files + 1, bytes + inode.size),
                }
            }
        }
        println!("files {files} bytes {bytes}");
        Ok(())
    }

    /// Removes `folder` with its folders of files.
    pub(super) fn remove(image: &str, folder: &str) -> Result<()> {
        let fs = open(image, true)?;
        let top = fs.lookup_at(ROOT, folder.as_bytes()).map_err(|e| anyhow!("{e:?}"))?;
        let entries = |inode| fs.read_dir_ino(inode).map_err(|e| anyhow!("{e:?}"));
        let real = |name: &[u8]| name != b"." && name != b"..";
        for below in entries(top)?.into_iter().filter(|entry| real(&entry.name)) {
            for file in entries(below.inode)?.into_iter().filter(|entry| real(&entry.name)) {
                fs.apply_unlink_at(below.inode, &file.name).map_err(|e| anyhow!("{e:?}"))?;
            }
            fs.apply_rmdir_at(top, &below.name).map_err(|e| anyhow!("{e:?}"))?;
        }
        fs.apply_rmdir_at(ROOT, folder.as_bytes()).map_err(|e| anyhow!("{e:?}"))?;
        fs.flush().map_err(|e| anyhow!("{e:?}"))
    }

    pub(super) fn get(image: &str, name: &str, to: &str) -> Result<()> {
        let fs = open(image, false)?;
        let number = fs.lookup_at(ROOT, name.as_bytes()).map_err(|e| anyhow!("{e:?}"))?;
        let (inode, _) = fs.read_inode_verified(number).map_err(|e| anyhow!("{e:?}"))?;
        let mut file = File::create(to).with_context(|| to.to_owned())?;
        let mut buffer = vec![0; CHUNK];
        let mut offset = 0;
        while offset < inode.size {
            let wanted = (inode.size - offset).min(CHUNK as u64);
            let count =
                fs_ext4::file_io::read(&fs, &inode, offset, wanted, &mut buffer).map_err(|e| anyhow!("{e:?}"))?;
            file.write_all(&buffer[..usize::try_from(count)?])?;
            offset += count.max(1);
        }
        Ok(file.sync_data()?)
    }
}

fn ext4_view_list(image: &str) -> Result<()> {
    let fs = ext4_view::Ext4::load_from_path(image)?;
    let (mut files, mut bytes) = (0u64, 0u64);
    let mut left = vec![ext4_view::PathBuf::new("/")];
    while let Some(folder) = left.pop() {
        for entry in fs.read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == "." || name == ".." {
                continue;
            }
            let found = entry.metadata()?;
            match found.is_dir() {
                true => left.push(entry.path()),
                false => (files, bytes) = (files + 1, bytes + found.len()),
            }
        }
    }
    println!("files {files} bytes {bytes}");
    Ok(())
}

fn ext4_view_get(image: &str, name: &str, to: &str) -> Result<()> {
    let fs = ext4_view::Ext4::load_from_path(image)?;
    let mut source = fs.open(format!("/{name}").as_str())?;
    let mut file = File::create(to)?;
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = source.read_bytes(&mut buffer)?;
        if count == 0 {
            break;
        }
        file.write_all(&buffer[..count])?;
    }
    Ok(file.sync_data()?)
}

fn ext4plus_list(image: &str) -> Result<()> {
    let fs = ext4plus::Ext4::load_from_path(image)?;
    let (mut files, mut bytes) = (0u64, 0u64);
    let mut left = vec![ext4plus::path::PathBuf::new("/")];
    while let Some(folder) = left.pop() {
        let entries = fs.read_dir(&folder)?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            if name == "." || name == ".." {
                continue;
            }
            let found = entry.metadata()?;
            match found.is_dir() {
                true => left.push(entry.path()),
                false => (files, bytes) = (files + 1, bytes + found.len()),
            }
        }
    }
    println!("files {files} bytes {bytes}");
    Ok(())
}
