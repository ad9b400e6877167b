//! The binary: starts the desktop shell, which is a library so that its rooms can be documented and tested.

// A release build on Windows opens no console beside the window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    cairn_shell::run()
}
