//! Files in a block device: an ext4 engine in safe Rust.
