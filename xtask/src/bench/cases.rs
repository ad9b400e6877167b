//! What is measured: each case with the scripts of its contestants. The names that scripts use are told in
//! [`scratch`](super::scratch). Whatever has to be durable is made so inside the measured script.

use super::data::Needs;

/// Storage to measure on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// `/dev/shm`: what the engines themselves take.
    Memory,
    /// A disk, everything flushed at the end.
    Disk,
}

impl Place {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
        }
    }
}

/// One who does what a case asks for.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    /// Whether a failure ends the run.
    pub(crate) is_ours: bool,
    /// Whether one round is enough, because everybody knows that it is slow.
    pub(crate) once: bool,
    /// Done before, not measured.
    pub(crate) prepare: &'static str,
    pub(crate) run: &'static str,
    /// Looks at the result after the first round.
    pub(crate) check: &'static str,
}

const fn ours(name: &'static str, prepare: &'static str, run: &'static str, check: &'static str) -> Contestant {
    Contestant { name, is_ours: true, once: false, prepare, run, check }
}

const fn peer(name: &'static str, prepare: &'static str, run: &'static str) -> Contestant {
    Contestant { name, is_ours: false, once: false, prepare, run, check: "" }
}

const fn slow(name: &'static str, prepare: &'static str, run: &'static str) -> Contestant {
    Contestant { name, is_ours: false, once: true, prepare, run, check: "" }
}

/// Something that people do.
pub(crate) struct Case {
    /// For `--only`.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) places: &'static [Place],
    pub(crate) needs: Needs,
    /// Made once, before the first round.
    pub(crate) keep: &'static str,
    /// Whether so much is written that memory has to be warm.
    pub(crate) warm: bool,
    pub(crate) contestants: &'static [Contestant],
}

const BOTH: &[Place] = &[Place::Memory, Place::Disk];
const MEMORY: &[Place] = &[Place::Memory];

const RAW: &str = r#"mke2fs -q -t ext4 "$WORK/i.raw" 4G"#;
const QCOW2: &str = r#""$OURS" format "$WORK/i.qcow2" 4294967296"#;
const STORE: &str = r#""$CAIRN" -q --store "$WORK/store" volume create v --quota 4GiB"#;
const RAW_IS_CLEAN: &str = r#"e2fsck -fn "$WORK/i.raw" 2>&1"#;
const QCOW2_IS_CLEAN: &str = r#"qemu-img check "$WORK/i.qcow2" 2>&1"#;
const STORE_IS_CLEAN: &str = r#"qemu-img check "$WORK"/store/volumes/*/*.qcow2 2>&1"#;

pub(crate) const ALL: &[Case] = &[
    Case {
        name: "small",
        title: "Seed 20,000 small files in 500 folders",
        places: BOTH,
        needs: Needs::Small,
        keep: r#"{ cd "$DATA/small"; find . -mindepth 1 -type d -printf 'mkdir /%P\n'
            find . -type f -printf 'cd /%h\nwrite %p %f\n' | awk '!/^cd/ || $0 != last; /^cd/ { last = $0 }'; } > "$KEPT/commands""#,
        warm: false,
        contestants: &[
            ours("Cairn's engine, raw", RAW, r#""$OURS" seed "$WORK/i.raw" "$DATA/small""#, RAW_IS_CLEAN),
            ours("Cairn's engine, qcow2", QCOW2, r#""$OURS" seed "$WORK/i.qcow2" "$DATA/small""#, QCOW2_IS_CLEAN),
            ours(
                "`cairn files put` (qcow2)",
                STORE,
                r#""$CAIRN" -q --store "$WORK/store" files put v "$DATA/small" /"#,
                STORE_IS_CLEAN,
            ),
            peer("`cp -r` to a plain folder", "", r#"cp -r "$DATA/small" "$WORK/copy"; sync -f "$WORK/copy""#),
            peer("libext2fs, contiguous", RAW, r#""$CONTIGUOUS" seed "$WORK/i.raw" "$DATA/small""#),
            peer("kernel loop mount, `cp -r` (root)", RAW, KERNEL_SMALL),
            peer("`mke2fs -d`", "", r#"mke2fs -q -t ext4 -d "$DATA/small" "$WORK/i.raw" 4G; sync "$WORK/i.raw""#),
            peer(
                "`debugfs -w`",
                RAW,
                r#"cd "$DATA/small"; debugfs -w -f "$KEPT/commands" "$WORK/i.raw" > "$WORK/said" 2>&1; sync "$WORK/i.raw""#,
            ),
            peer("crate rust-fs-ext4 0.8", RAW, r#""$PEER" rust-fs-ext4 seed "$WORK/i.raw" "$DATA/small""#),
            slow("fuse2fs, `cp -r`", RAW, FUSE_SMALL),
            slow("guestfish copy-in (qcow2, TCG)", QCOW2, GUESTFISH_SMALL),
        ],
    },
    Case {
        name: "big",
        title: "Seed one file of 2 GiB",
        places: BOTH,
        needs: Needs::Big,
        keep: "",
        warm: true,
        contestants: &[
            ours("Cairn's engine, raw", RAW, r#""$OURS" seed "$WORK/i.raw" "$DATA/big""#, RAW_IS_CLEAN),
            ours("Cairn's engine, qcow2", QCOW2, r#""$OURS" seed "$WORK/i.qcow2" "$DATA/big""#, QCOW2_IS_CLEAN),
            ours(
                "`cairn files put` (qcow2)",
                STORE,
                r#""$CAIRN" -q --store "$WORK/store" files put v "$DATA/big" /"#,
                STORE_IS_CLEAN,
            ),
            peer("`cp` to a plain file", "", r#"cp "$DATA/big" "$WORK/copy"; sync "$WORK/copy""#),
            peer("libext2fs, contiguous", RAW, r#""$CONTIGUOUS" seed "$WORK/i.raw" "$DATA/big""#),
            peer("kernel loop mount, `cp` (root)", RAW, KERNEL_BIG),
            slow("crate rust-fs-ext4 0.8", RAW, r#""$PEER" rust-fs-ext4 seed "$WORK/i.raw" "$DATA/big""#),
            slow(
                "`debugfs -w`",
                RAW,
                r#"debugfs -w -R "write $DATA/big big" "$WORK/i.raw" > "$WORK/said" 2>&1; sync "$WORK/i.raw""#,
            ),
        ],
    },
    Case {
        name: "holes",
        title: "Seed 150 MB where 59,000 holes of one block are all that is free",
        places: BOTH,
        needs: Needs::Medium,
        keep: r#"mke2fs -q -t ext4 -i 4096 "$KEPT/h.raw" 550M; "$OURS" holes "$KEPT/h.raw" 59000
            qemu-img convert -O qcow2 -o cluster_size=128k,extended_l2=on "$KEPT/h.raw" "$KEPT/h.qcow2""#,
        warm: false,
        contestants: &[
            ours(
                "Cairn's engine, raw",
                r#"cp --sparse=always "$KEPT/h.raw" "$WORK/i.raw""#,
                r#""$OURS" seed "$WORK/i.raw" "$DATA/medium""#,
                RAW_IS_CLEAN,
            ),
            ours(
                "Cairn's engine, qcow2",
                r#"cp "$KEPT/h.qcow2" "$WORK/i.qcow2""#,
                r#""$OURS" seed "$WORK/i.qcow2" "$DATA/medium""#,
                QCOW2_IS_CLEAN,
            ),
            peer("`cp` to a plain file", "", r#"cp "$DATA/medium" "$WORK/copy"; sync "$WORK/copy""#),
            peer(
                "libext2fs, contiguous",
                r#"cp --sparse=always "$KEPT/h.raw" "$WORK/i.raw""#,
                r#""$CONTIGUOUS" seed "$WORK/i.raw" "$DATA/medium""#,
            ),
            peer("kernel loop mount, `cp` (root)", r#"cp --sparse=always "$KEPT/h.raw" "$WORK/i.raw""#, KERNEL_MEDIUM),
        ],
    },
    Case {
        name: "list",
        title: "List 20,000 files with their sizes",
        places: MEMORY,
        needs: Needs::Small,
        keep: KEEP_SMALL,
        warm: false,
        contestants: &[
            ours("Cairn's engine, raw", "", r#""$OURS" list "$KEPT/s.raw" """#, ""),
            ours("Cairn's engine, qcow2", "", r#""$OURS" list "$KEPT/s.qcow2" """#, ""),
            ours(
                "`cairn files ls -r` (qcow2)",
                "",
                r#""$CAIRN" --store "$KEPT/store" files ls -r v > "$WORK/said""#,
                "",
            ),
            peer("libext2fs", "", r#""$CONTIGUOUS" list "$KEPT/s.raw""#),
            peer("kernel loop mount, `find` (root)", "", KERNEL_LIST),
            peer("crate rust-fs-ext4 0.8", "", r#""$PEER" rust-fs-ext4 list "$KEPT/s.raw""#),
            peer("crate ext4-view 1.0", "", r#""$PEER" ext4-view list "$KEPT/s.raw""#),
            peer("crate ext4plus 0.1", "", r#""$PEER" ext4plus list "$KEPT/s.raw""#),
        ],
    },
    Case {
        name: "root",
        title: "Open a volume and list its root",
        places: MEMORY,
        needs: Needs::Small,
        keep: KEEP_SMALL,
        warm: false,
        contestants: &[
            ours("Cairn's engine, raw", "", r#""$OURS" root "$KEPT/s.raw""#, ""),
            ours("Cairn's engine, qcow2", "", r#""$OURS" root "$KEPT/s.qcow2""#, ""),
            ours("`cairn files ls` (qcow2)", "", r#""$CAIRN" --store "$KEPT/store" files ls v"#, ""),
            peer("`debugfs -R ls`", "", r#"debugfs -R 'ls -l /' "$KEPT/s.raw" 2>&1"#),
        ],
    },
    Case {
        name: "get",
        title: "Download one file of 2 GiB",
        places: BOTH,
        needs: Needs::Big,
        keep: r#"mke2fs -q -t ext4 "$KEPT/b.raw" 4G; "$CONTIGUOUS" seed "$KEPT/b.raw" "$DATA/big"
            "$OURS" format "$KEPT/b.qcow2" 4294967296; "$OURS" seed "$KEPT/b.qcow2" "$DATA/big"
            "$CAIRN" -q --store "$KEPT/store" volume create v --quota 4GiB
            "$CAIRN" -q --store "$KEPT/store" files put v "$DATA/big" /"#,
        warm: true,
        contestants: &[
            ours("Cairn's engine, raw", "", r#""$OURS" get "$KEPT/b.raw" big "$WORK/copy""#, SAME),
            ours("Cairn's engine, qcow2", "", r#""$OURS" get "$KEPT/b.qcow2" big "$WORK/copy""#, SAME),
            ours(
                "`cairn files get` (qcow2)",
                "",
                r#""$CAIRN" -q --store "$KEPT/store" files get v big "$WORK/copy""#,
                SAME,
            ),
            peer("`cp` of a plain file", "", r#"cp "$DATA/big" "$WORK/copy"; sync "$WORK/copy""#),
            peer("kernel loop mount, `cp` (root)", "", KERNEL_GET),
            peer("crate rust-fs-ext4 0.8", "", r#""$PEER" rust-fs-ext4 get "$KEPT/b.raw" big "$WORK/copy""#),
            peer("crate ext4-view 1.0", "", r#""$PEER" ext4-view get "$KEPT/b.raw" big "$WORK/copy""#),
        ],
    },
    Case {
        name: "rm",
        title: "Delete 10,000 of 20,000 files with their 250 folders",
        places: BOTH,
        needs: Needs::Small,
        keep: KEEP_SMALL,
        warm: false,
        contestants: &[
            ours(
                "Cairn's engine, raw",
                r#"cp --sparse=always "$KEPT/s.raw" "$WORK/i.raw""#,
                r#""$OURS" rm "$WORK/i.raw" half-0"#,
                RAW_IS_CLEAN,
            ),
            ours(
                "Cairn's engine, qcow2",
                r#"cp --sparse=always "$KEPT/s.qcow2" "$WORK/i.qcow2""#,
                r#""$OURS" rm "$WORK/i.qcow2" half-0"#,
                QCOW2_IS_CLEAN,
            ),
            ours(
                "`cairn files rm -r` (qcow2)",
                r#"cp -r "$KEPT/store" "$WORK/store""#,
                r#""$CAIRN" -q --store "$WORK/store" files rm -r v small/half-0"#,
                STORE_IS_CLEAN,
            ),
            peer("kernel loop mount, `rm -r` (root)", r#"cp --sparse=always "$KEPT/s.raw" "$WORK/i.raw""#, KERNEL_RM),
            peer(
                "crate rust-fs-ext4 0.8",
                r#"cp --sparse=always "$KEPT/s.raw" "$WORK/i.raw""#,
                r#""$PEER" rust-fs-ext4 rm "$WORK/i.raw" half-0"#,
            ),
        ],
    },
    Case {
        name: "million",
        title: "List 1,000,000 files of one folder with their sizes",
        places: MEMORY,
        needs: Needs::Nothing,
        keep: KEEP_MILLION,
        warm: false,
        contestants: &[
            ours("Cairn's engine, raw", "", r#""$OURS" list "$KEPT/m.raw" """#, ""),
            ours("Cairn's engine, qcow2", "", r#""$OURS" list "$KEPT/m.qcow2" """#, ""),
            peer("libext2fs", "", r#""$CONTIGUOUS" list "$KEPT/m.raw""#),
            peer("crate rust-fs-ext4 0.8", "", r#""$PEER" rust-fs-ext4 list "$KEPT/m.raw""#),
            peer("crate ext4-view 1.0", "", r#""$PEER" ext4-view list "$KEPT/m.raw""#),
        ],
    },
    Case {
        name: "million-seed",
        title: "Seed 1,000,000 files into one folder",
        places: MEMORY,
        needs: Needs::Nothing,
        keep: "",
        warm: false,
        contestants: &[Contestant {
            once: true,
            ..ours("Cairn's engine, qcow2", MILLION_QCOW2, r#""$OURS" many "$WORK/i.qcow2" 1000000"#, QCOW2_IS_CLEAN)
        }],
    },
    Case {
        name: "million-rm",
        title: "Delete a folder of 1,000,000 files",
        places: MEMORY,
        needs: Needs::Nothing,
        keep: KEEP_MILLION,
        warm: false,
        contestants: &[Contestant {
            once: true,
            ..ours(
                "Cairn's engine, qcow2",
                r#"cp --sparse=always "$KEPT/m.qcow2" "$WORK/i.qcow2""#,
                r#""$OURS" rm "$WORK/i.qcow2" many"#,
                QCOW2_IS_CLEAN,
            )
        }],
    },
];

const KEEP_SMALL: &str = r#"mke2fs -q -t ext4 "$KEPT/s.raw" 4G; "$OURS" seed "$KEPT/s.raw" "$DATA/small"
    "$OURS" format "$KEPT/s.qcow2" 4294967296; "$OURS" seed "$KEPT/s.qcow2" "$DATA/small"
    "$CAIRN" -q --store "$KEPT/store" volume create v --quota 4GiB
    "$CAIRN" -q --store "$KEPT/store" files put v "$DATA/small" /"#;
const MILLION_QCOW2: &str = r#""$OURS" format "$WORK/i.qcow2" 17179869184"#;
const KEEP_MILLION: &str = r#"mke2fs -q -t ext4 "$KEPT/m.raw" 16G; "$OURS" many "$KEPT/m.raw" 1000000
    qemu-img convert -O qcow2 -o cluster_size=128k,extended_l2=on "$KEPT/m.raw" "$KEPT/m.qcow2""#;
const SAME: &str = r#"cmp "$DATA/big" "$WORK/copy" 2>&1"#;

const KERNEL_SMALL: &str = r#"mkdir "$WORK/mnt"; mount -o loop "$WORK/i.raw" "$WORK/mnt"
    cp -r "$DATA/small/." "$WORK/mnt/"; umount "$WORK/mnt"; sync "$WORK/i.raw""#;
const KERNEL_BIG: &str = r#"mkdir "$WORK/mnt"; mount -o loop "$WORK/i.raw" "$WORK/mnt"
    cp "$DATA/big" "$WORK/mnt/"; umount "$WORK/mnt"; sync "$WORK/i.raw""#;
const KERNEL_MEDIUM: &str = r#"mkdir "$WORK/mnt"; mount -o loop "$WORK/i.raw" "$WORK/mnt"
    cp "$DATA/medium" "$WORK/mnt/"; umount "$WORK/mnt"; sync "$WORK/i.raw""#;
const KERNEL_LIST: &str = r#"mkdir "$WORK/mnt"; mount -o loop,ro "$KEPT/s.raw" "$WORK/mnt"
    find "$WORK/mnt" -type f -printf '%s %p\n' > "$WORK/said"; umount "$WORK/mnt""#;
const KERNEL_GET: &str = r#"mkdir "$WORK/mnt"; mount -o loop,ro "$KEPT/b.raw" "$WORK/mnt"
    cp "$WORK/mnt/big" "$WORK/copy"; umount "$WORK/mnt"; sync "$WORK/copy""#;
const KERNEL_RM: &str = r#"mkdir "$WORK/mnt"; mount -o loop "$WORK/i.raw" "$WORK/mnt"
    rm -r "$WORK/mnt/half-0"; umount "$WORK/mnt"; sync "$WORK/i.raw""#;
const FUSE_SMALL: &str = r#"mkdir "$WORK/mnt"; fuse2fs -f -o fakeroot "$WORK/i.raw" "$WORK/mnt" 2> "$WORK/said" & daemon=$!
    until mountpoint -q "$WORK/mnt"; do sleep 0.01; kill -0 $daemon; done
    cp -r "$DATA/small/." "$WORK/mnt/"; fusermount -u "$WORK/mnt"; wait $daemon; sync "$WORK/i.raw""#;
const GUESTFISH_SMALL: &str = r#"export LIBGUESTFS_BACKEND_SETTINGS=force_tcg
    timeout 180 guestfish -a "$WORK/i.qcow2" -m /dev/sda copy-in "$DATA/small" /"#;
