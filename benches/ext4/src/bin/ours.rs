//! The engine's side of `cargo xtask bench ext4`: one operation, in a process of its own.

use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use bench_ext4::{RawFile, Whole, tree};
use cairn_block::BlockDevice;
use cairn_block::qcow2::{self, Access, CreateOptions};
use cairn_ext4::{Attributes, Filesystem, FormatOptions, Mode, Timestamp, format};

/// Bytes of a download that are copied at once, as the engine does it.
const CHUNK: usize = 4 << 20;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["format", image, size] => make(Path::new(image), size.parse()?),
        ["seed", image, source] => seed(&open(image, Mode::ReadWrite)?, Path::new(source)),
        ["many", image, count] => many(&open(image, Mode::ReadWrite)?, count.parse()?),
        ["holes", image, count] => holes(&open(image, Mode::ReadWrite)?, count.parse()?),
        ["list", image, path] => list(&open(image, Mode::ReadOnly)?, path),
        ["root", image] => root(&open(image, Mode::ReadOnly)?),
        ["get", image, path, to] => get(&open(image, Mode::ReadOnly)?, path, Path::new(to)),
        ["rm", image, path] => {
            let fs = open(image, Mode::ReadWrite)?;
            fs.remove_all(path.as_bytes())?;
            Ok(fs.flush()?)
        }
        _ => bail!("ours: which operation?"),
    }?;
    // Everything that was given to the system to write, whatever it went to.
    let io = std::fs::read_to_string("/proc/self/io")?;
    let written = io.lines().find_map(|line| line.strip_prefix("wchar: ")).context("/proc/self/io has no wchar")?;
    println!("written {written}");
    Ok(())
}

fn device(image: &str, mode: Mode) -> Result<Arc<dyn BlockDevice>> {
    let access = if mode == Mode::ReadOnly { Access::ReadOnly } else { Access::ReadWrite };
    Ok(match image.ends_with(".qcow2") {
        true => Arc::new(qcow2::Image::open(Path::new(image), access)?),
        false => Arc::new(RawFile::open(Path::new(image))?),
    })
}

fn open(image: &str, mode: Mode) -> Result<Filesystem> {
    Ok(Filesystem::open(device(image, mode)?, mode)?)
}

fn make(image: &Path, size: u64) -> Result<()> {
    match image.extension().is_some_and(|kind| kind == "qcow2") {
        true => qcow2::create(image, &CreateOptions { virtual_size: size, backing_file: None })?,
        false => File::create(image)?.set_len(size)?,
    }
    let device = device(&image.to_string_lossy(), Mode::ReadWrite)?;
    let options = FormatOptions { label: "bench".into(), uuid: [7; 16], hash_seed: [9; 16], now: Timestamp::now() };
    Ok(format(&*device, &options)?)
}

fn attributes(meta: &std::fs::Metadata) -> Attributes {
    let time = |seconds, nanoseconds: i64| Timestamp { seconds, nanoseconds: nanoseconds as u32 };
    Attributes {
        mode: (meta.mode() & 0o7777) as u16,
        uid: meta.uid(),
        gid: meta.gid(),
        atime: time(meta.atime(), meta.atime_nsec()),
        mtime: time(meta.mtime(), meta.mtime_nsec()),
    }
}

/// A tree or a file of the host into the volume, in one batch, as an upload does it.
fn seed(fs: &Filesystem, source: &Path) -> Result<()> {
    fs.begin_batch()?;
    for item in tree(source)? {
        if item.folder {
            fs.mkdir(item.path.as_bytes(), &attributes(&item.host.metadata()?))?;
            continue;
        }
        let file = File::open(&item.host)?;
        let meta = file.metadata()?;
        let mut source = Whole { file, at: 0, len: meta.len() };
        fs.create_file_from(item.path.as_bytes(), &attributes(&meta), &mut source, Some(meta.len()))?;
    }
    fs.commit()?;
    Ok(fs.flush()?)
}

/// A folder with `count` files of a few bytes each.
fn many(fs: &Filesystem, count: u32) -> Result<()> {
    let attributes = Attributes::root(0o644, Timestamp::now());
    fs.begin_batch()?;
    fs.mkdir(b"many", &Attributes::root(0o755, Timestamp::now()))?;
    for number in 0..count {
        let (path, content) = (format!("many/file-{number:07}"), number.to_string());
        fs.create_file(path.as_bytes(), &attributes, &mut content.as_bytes(), Some(content.len() as u64))?;
    }
    fs.commit()?;
    Ok(fs.flush()?)
}

/// Fills the volume with files of one block, and frees `count` of them, every second one: nothing but holes of
/// one block is free then.
fn holes(fs: &Filesystem, count: u32) -> Result<()> {
    let attributes = Attributes::root(0o644, Timestamp::now());
    fs.begin_batch()?;
    let mut number = 0;
    loop {
        if number % 1000 == 0 {
            fs.mkdir(format!("full-{}", number / 1000).as_bytes(), &Attributes::root(0o755, Timestamp::now()))?;
        }
        let path = format!("full-{}/{number}", number / 1000);
        match fs.create_file(path.as_bytes(), &attributes, &mut &b"one block"[..], Some(9)) {
            Ok(_) => number += 1,
            Err(error) if error.kind() == cairn_ext4::ErrorKind::NoSpace => break,
            Err(error) => return Err(error.into()),
        }
    }
    fs.commit()?;
    fs.begin_batch()?;
    for freed in 0..count {
        let freed = 2 * freed + 1;
        fs.remove(format!("full-{}/{freed}", freed / 1000).as_bytes())
            .with_context(|| format!("{number} files fitted"))?;
    }
    fs.commit()?;
    Ok(fs.flush()?)
}

fn list(fs: &Filesystem, path: &str) -> Result<()> {
    let (mut files, mut bytes) = (0u64, 0u64);
    fs.walk(path.as_bytes(), &mut |_, found| {
        if found.kind == cairn_ext4::FileKind::File {
            (files, bytes) = (files + 1, bytes + found.size);
        }
        std::ops::ControlFlow::Continue(())
    })?;
    println!("files {files} bytes {bytes}");
    Ok(())
}

fn root(fs: &Filesystem) -> Result<()> {
    println!("entries {}", fs.read_dir(b"")?.len());
    Ok(())
}

fn get(fs: &Filesystem, path: &str, to: &Path) -> Result<()> {
    let (source, file) = (fs.open_file(path.as_bytes())?, File::create(to)?);
    let mut offset = 0;
    loop {
        let count = source.copy_to(&file, offset, CHUNK)?;
        if count == 0 {
            break;
        }
        offset += count as u64;
    }
    if offset < source.len() {
        let mut buffer = vec![0; CHUNK];
        while let count @ 1.. = source.read_at(&mut buffer, offset)? {
            file.write_all_at(&buffer[..count], offset)?;
            offset += count as u64;
        }
    }
    Ok(file.sync_data()?)
}
