//! The things that a person would drop on a volume, and how to tell that they came through.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::symlink;
use std::path::Path;

use sha2::{Digest, Sha256};

/// What a path holds: the hash of a file's bytes, a link's target, or that it is a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// SHA-256 in hexadecimal.
    File(String),
    /// Where it points.
    Link(String),
    /// A folder.
    Folder,
}

/// Bytes that do not compress and that are the same in every run (splitmix64).
pub(crate) fn noise(seed: u64, length: u64) -> impl Read {
    let mut state = seed;
    let words = std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)).to_le_bytes()
    });
    Words { words, rest: Vec::new() }.take(length)
}

struct Words<I> {
    words: I,
    rest: Vec<u8>,
}

impl<I: Iterator<Item = [u8; 8]>> Read for Words<I> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.rest.len() < buffer.len() {
            self.rest.extend(self.words.by_ref().take(8192).flatten());
        }
        let rest = self.rest.split_off(buffer.len());
        buffer.copy_from_slice(&self.rest);
        self.rest = rest;
        Ok(buffer.len())
    }
}

/// Makes the tree: 300 files in sub-folders, one of 200 MB, an empty one, a Japanese name, an empty folder, links.
pub(crate) fn plant(root: &Path) {
    fs::create_dir_all(root).expect("the tree's folder");
    let write = |path: &Path, seed: u64, length: u64| {
        let mut file = BufWriter::new(fs::File::create(path).expect("a file of the tree"));
        std::io::copy(&mut noise(seed, length), &mut file).expect("its bytes");
        file.flush().expect("its bytes");
    };
    for number in 0..296u64 {
        let folder = root.join(format!("part-{}", number % 12)).join(format!("deeper {}", number % 3));
        fs::create_dir_all(&folder).expect("a sub-folder");
        write(&folder.join(format!("file-{number:03}.bin")), number, number * 997 % 70_000);
    }
    write(&root.join("two hundred megabytes.bin"), 1000, 200_000_000);
    write(&root.join("empty"), 0, 0);
    write(&root.join("写真アルバム.txt"), 1001, 12_345);
    write(&root.join("ends 'here' \"so\".txt"), 1002, 1);
    fs::create_dir(root.join("nothing in here")).expect("an empty folder");
    symlink("写真アルバム.txt", root.join("link")).expect("a link");
    symlink("nowhere/at/all", root.join("dangling")).expect("a link");
}

/// Everything below `root`, by its path.
pub(crate) fn survey(root: &Path) -> BTreeMap<String, Content> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder that can be read").map(|entry| entry.expect("an entry")) {
            let path = entry.path();
            let kind = entry.file_type().expect("its kind");
            let content = if kind.is_symlink() {
                Content::Link(fs::read_link(&path).expect("its target").to_string_lossy().into_owned())
            } else if kind.is_dir() {
                folders.push(path.clone());
                Content::Folder
            } else {
                Content::File(sha256(&path))
            };
            found.insert(path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned(), content);
        }
    }
    found
}

/// SHA-256 of a file, in hexadecimal.
pub(crate) fn sha256(path: &Path) -> String {
    let mut hash = Sha256::new();
    let mut file = fs::File::open(path).expect("a file");
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).expect("its bytes") {
            0 => break,
            length => hash.update(&buffer[..length]),
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines that `sha256sum -c` wants, with paths below `prefix`.
pub(crate) fn checksum_list(tree: &BTreeMap<String, Content>, prefix: &str) -> String {
    let mut list = String::new();
    for (path, content) in tree {
        if let Content::File(hash) = content {
            list.push_str(&format!("{hash}  {prefix}/{path}\n"));
        }
    }
    list
}
