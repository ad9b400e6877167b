//! The program `cairn`; what it does stands in the library beside it, so that its parts can be fuzzed.

fn main() -> std::process::ExitCode {
    cairn_cli::main()
}
