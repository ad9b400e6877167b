//! Stories told in the product's words against the real thing: the command, the window, real guests.
//!
//! One program, so that everything is linked once. What the stories are told with stands in `common`; what only a
//! desktop needs (a private display, a tray, drops) stands in `common::desktop` and `desktop/`. The programs under
//! test and the demo VM are built by `cargo xtask test`.

mod browser;
mod command_line;
mod common;
mod on_the_desktop;
mod window;
