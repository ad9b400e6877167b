//! `cairn completions` and `cairn man`: what a shell and a reader of manuals want to have of the command line.

use std::io;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::failure::Failure;
use crate::output::{Output, write};

pub(crate) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  cairn completions bash > ~/.local/share/bash-completion/completions/cairn
  cairn completions zsh > ~/.zfunc/_cairn              a folder in $fpath
  cairn completions fish > ~/.config/fish/completions/cairn.fish";

pub(crate) const MAN_EXAMPLES: &str = "\
Examples:
  cairn man ~/.local/share/man/man1 && man cairn-files-put";

/// For which shell.
#[derive(clap::Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

/// Where the pages go.
#[derive(clap::Args)]
pub(crate) struct Man {
    /// A folder, which is made when it is not there
    dir: PathBuf,
}

/// Prints the script.
pub(crate) fn completions(command: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut Args::command(), "cairn", &mut script);
    write(&script)
}

/// Writes a page for each command.
pub(crate) fn man(command: &Man, out: &Output) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| {
        Failure::io(&format!("Manual pages cannot be written to '{}'", command.dir.display()), &error)
    };
    std::fs::create_dir_all(&command.dir).map_err(cannot)?;
    let mut whole = Args::command().disable_help_subcommand(true);
    whole.build();
    write_pages(&whole, &command.dir).map_err(cannot)?;
    out.note(&format!("Wrote the manual pages to {}.", command.dir.display()));
    Ok(())
}

/// The pages of a command and of those below it.
fn write_pages(command: &clap::Command, folder: &Path) -> io::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write_pages(below, folder)?;
    }
    let source = format!("cairn {}", env!("CARGO_PKG_VERSION"));
    let page = clap_mangen::Man::new(command.clone()).source(source).manual("Cairn");
    let mut text = Vec::new();
    page.render(&mut text)?;
    // What follows the help's options has one name there, whatever it is.
    let text = String::from_utf8_lossy(&text)
        .replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n")
        .replace(".SH EXTRA\nExample:\n", ".SH EXAMPLES\n")
        .replace(".SH EXTRA\n", ".SH NOTES\n");
    std::fs::write(folder.join(page.get_filename()), with_lines_kept(&text))
}

/// A page in which the lines of examples stay what they are: they begin with spaces.
fn with_lines_kept(text: &str) -> String {
    let (mut page, mut is_example) = (String::new(), false);
    for line in text.lines() {
        if line.starts_with("  ") != is_example {
            is_example = !is_example;
            page.push_str(if is_example { ".nf\n" } else { ".fi\n" });
        }
        page.push_str(line);
        page.push('\n');
    }
    page
}
