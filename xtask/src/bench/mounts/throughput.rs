//! What a guest reads and writes through a volume, beside the same guest on a bare raw image. fio says.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::bare::Bare;
use super::{Bench, report};
use crate::process::run;

/// The machine whose guest has fio.
pub(super) const VM: &str = "fio";
const QUOTA: &str = "2GiB";
const QUOTA_BYTES: u64 = 2 << 30;
/// What is done, and fio's words for it.
const JOBS: [(&str, &str); 4] = [
    ("sequential write, 1 MiB", "--rw=write --bs=1M"),
    ("sequential read, 1 MiB", "--rw=read --bs=1M"),
    ("random write, 4 KiB", "--rw=randwrite --bs=4k"),
    ("random read, 4 KiB", "--rw=randread --bs=4k"),
];
/// A file that is written once in whole before, past the guest's cache, with 16 requests at once.
const FIO: &str = "fio --name=job --filename=/data/file --size=1G --direct=1 --ioengine=libaio --iodepth=16 \
                   --time_based --runtime=10 --randseed=1 --output-format=json";

/// Both guests in turn, in each round every job; an even number of rounds.
pub(super) fn measure(bench: &Bench, debian: &Path, rounds: usize) -> Result<String> {
    println!("# throughput");
    let file = |name: &str| debian.join(name).display().to_string();
    run(&mut bench.cairn(&["volume", "create", "fio", "--quota", QUOTA]))?;
    let (image, kernel, initrd) = (file("disk.qcow2"), file("vmlinuz"), file("initrd.img"));
    let mut create = bench.cairn(&["vm", "create", VM, "--image", &image, "--kernel", &kernel]);
    create.args(["--initrd", &initrd, "--append", crate::debian_vm::APPEND]);
    run(create.args(["--memory", "1GiB", "--network", "none", "--volume", "fio:/data", "--start"]))?;
    let raw = bench.folder.join("bare.raw");
    fs::File::create(&raw)?.set_len(QUOTA_BYTES)?;
    run(Command::new("mke2fs").args(["-q", "-t", "ext4"]).arg(&raw))?;
    let overlay = bench.folder.join("session.qcow2");
    let options = ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b"];
    run(Command::new("qemu-img").args(options).arg(&image).arg(&overlay))?;
    // Everything is as in Cairn's, but for the session disk's file, which is this guest's own.
    let vm = bench.vm(VM)?;
    let own = overlay.display().to_string();
    let mut bare = Bare::like_with(&vm, &bench.folder.join("raw"), "/dev/vdb", |word| own_session(&word, &own))?;
    bare.mount_raw(&raw, "/data")?;
    let prepare = "fio --name=job --filename=/data/file --size=1G --bs=1M --rw=write --direct=1 --output=/dev/null";
    bare.run(prepare)?;
    ours(bench, prepare)?;
    let mut times = vec![[Vec::new(), Vec::new()]; JOBS.len()];
    for round in 0..rounds.max(4).next_multiple_of(2) {
        for ((what, words), times) in JOBS.iter().zip(&mut times) {
            let job = format!("{FIO} {words}");
            let mut rates = [0.0; 2];
            // Each of them is the first one as often as the other.
            for which in [round % 2, 1 - round % 2] {
                // What has been written before is not written to the host's disk beside what is measured.
                run(&mut Command::new("sync"))?;
                rates[which] = rate(&if which == 0 { decoded(&bare.output(&job)?)? } else { ours(bench, &job)? })?;
            }
            println!("{:>9.1} MB/s  {:>9.1} MB/s  {what}", rates[0] / 1e6, rates[1] / 1e6);
            times.iter_mut().zip(rates).for_each(|(times, rate)| times.push(rate));
        }
    }
    let mut table = String::from("| | bare raw image | volume | of it |\n|---|---:|---:|---:|\n");
    for ((what, _), times) in JOBS.iter().zip(times) {
        let [raw, volume] = times.map(|rates| report::median(rates.into_iter()).unwrap_or_default());
        let cells = format!("{:.1} MB/s | {:.1} MB/s | **{:.2}**", raw / 1e6, volume / 1e6, volume / raw);
        table.push_str(&format!("| {what} | {cells} |\n"));
    }
    Ok(table)
}

/// The option of the session disk with another file in it.
fn own_session(word: &str, file: &str) -> String {
    let Ok(mut option) = serde_json::from_str::<Value>(word) else { return word.to_owned() };
    if option["file"]["filename"].as_str().is_some_and(|name| name.ends_with(".session.qcow2")) {
        option["file"]["filename"] = file.into();
    }
    option.to_string()
}

/// What a program prints in Cairn's guest.
fn ours(bench: &Bench, script: &str) -> Result<String> {
    let mut exec = bench.cairn(&["vm", "exec", VM, "--", "/bin/sh", "-c", script]);
    let output = exec.stdout(std::process::Stdio::piped()).output()?;
    anyhow::ensure!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Bytes a second, as fio says.
fn rate(said: &str) -> Result<f64> {
    let json = said.find('{').and_then(|at| said.get(at..)).context("fio says nothing")?;
    let said: Value = serde_json::from_str(json)?;
    let of = |kind: &str| said["jobs"][0][kind]["bw_bytes"].as_f64().unwrap_or(0.0);
    Ok(of("read") + of("write"))
}

/// Text that was in base64.
fn decoded(text: &str) -> Result<String> {
    let value = |byte: u8| {
        let found = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|&b| b == byte);
        found.map(|at| at as u32)
    };
    let mut bytes = Vec::new();
    for four in text.as_bytes().chunks(4) {
        let digits: Vec<u32> = four.iter().filter_map(|byte| value(*byte)).collect();
        let number = digits.iter().fold(0, |number, digit| number << 6 | digit) << (6 * (4 - digits.len()));
        bytes.extend(number.to_be_bytes().into_iter().skip(1).take(digits.len().saturating_sub(1)));
    }
    String::from_utf8(bytes).context("what the guest printed is no text")
}
