//! Whether Cairn starts with the session: a desktop file in the user's `autostart` folder, after the XDG specification.

use std::io;
use std::path::{Path, PathBuf};

use cairn_api::ErrorCode;

use crate::refusal::{Answer, Refusal};

/// The file's name.
const FILE: &str = "org.cairn.Cairn.desktop";

/// Where the desktop looks for it.
fn folder() -> Answer<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME")
        .filter(|folder| folder.is_absolute())
        .or_else(|| set("HOME").map(|home| home.join(".config")));
    config.map(|config| config.join("autostart")).ok_or_else(|| {
        Refusal::new(ErrorCode::Missing, "There is no home folder to note it in.", "Set HOME and start Cairn again.")
    })
}

/// Whether it does.
pub(crate) fn is_on() -> Answer<bool> {
    Ok(folder()?.join(FILE).is_file())
}

/// Has it start with the session from now on, hidden to the tray; or not.
pub(crate) fn set(on: bool, store: &Path) -> Answer<()> {
    let folder = folder()?;
    let done = if on { write(&folder, store) } else { remove(&folder) };
    done.map_err(|error| {
        let sentence = format!("{} could not be changed: {error}.", folder.join(FILE).display());
        Refusal::new(ErrorCode::Io, sentence, "Look at the permissions of that folder.")
    })
}

fn write(folder: &Path, store: &Path) -> io::Result<()> {
    let program = std::env::current_exe()?;
    std::fs::create_dir_all(folder)?;
    let text = desktop_file(&program.to_string_lossy(), &store.to_string_lossy());
    let fresh = folder.join(format!(".{FILE}.new"));
    std::fs::write(&fresh, text)?;
    std::fs::rename(fresh, folder.join(FILE))
}

fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_file(folder.join(FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn desktop_file(program: &str, store: &str) -> String {
    let line = format!("{} --hidden --store {}", quoted(program), quoted(store));
    format!(
        "[Desktop Entry]\nType=Application\nName=Cairn\nExec={line}\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
    )
}

/// An argument of `Exec`: quoted, its own marks escaped twice (once for the quotes, once for the file), `%` doubled.
fn quoted(argument: &str) -> String {
    let mut text = String::from("\"");
    for letter in argument.chars() {
        match letter {
            '\\' => text.push_str("\\\\\\\\"),
            '"' | '`' | '$' => {
                text.push_str("\\\\");
                text.push(letter);
            }
            '%' => text.push_str("%%"),
            // A line break would begin another entry.
            letter if letter.is_control() => text.push('_'),
            letter => text.push(letter),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_starts_this_program_on_this_store() {
        let text = desktop_file("/opt/my apps/cairn-desktop", "/home/a\"b$c%d\\e");
        let line = "Exec=\"/opt/my apps/cairn-desktop\" --hidden --store \"/home/a\\\\\"b\\\\$c%%d\\\\\\\\e\"";
        assert!(text.lines().any(|one| one == line), "{text}");
        assert!(!desktop_file("/a\nExec=evil", "/").lines().any(|one| one == "Exec=evil"));
    }

    #[test]
    fn it_is_written_and_taken_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("autostart");
        write(&place, Path::new("/store")).expect("it is written");
        write(&place, Path::new("/store")).expect("it is written again");
        assert_eq!(std::fs::read_dir(&place).expect("the folder").count(), 1);
        assert!(place.join(FILE).is_file());
        remove(&place).expect("it goes");
        remove(&place).expect("it is gone");
        assert!(!place.join(FILE).exists());
    }
}
