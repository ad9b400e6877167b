//! The command `cairn`.
fn main() {}
