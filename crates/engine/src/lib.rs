//! The domain: volumes, checkpoints, files, mounts, transfers, and their index. The only place where the rooms meet.
