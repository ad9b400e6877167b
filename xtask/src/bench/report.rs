//! What was measured, as tables: on the terminal and in docs/benchmarks.md, each between two marks of its own.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process::output;

/// One measurement of a whole process.
pub(crate) struct Figures {
    /// Seconds.
    pub(crate) wall: f64,
    /// Peak memory of the largest process, in bytes.
    pub(crate) memory: f64,
    /// Bytes that were given to the system to write, where the contestant tells.
    pub(crate) written: Option<f64>,
}

/// All measurements of one contestant.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    is_ours: bool,
    figures: Vec<Figures>,
    failed: Option<String>,
}

impl Row {
    pub(crate) fn new(name: &'static str, is_ours: bool) -> Self {
        Self { name, is_ours, figures: Vec::new(), failed: None }
    }

    pub(crate) fn add(&mut self, figures: Figures) {
        self.figures.push(figures);
    }

    pub(crate) fn fail(&mut self, error: &anyhow::Error) {
        println!("   failed     {}: {error:#}", self.name);
        self.failed = Some(format!("{error:#}").chars().take(80).collect());
    }

    /// Whether it is not to run again: it failed, or takes longer than `patience` seconds.
    pub(crate) fn is_over(&self, patience: f64) -> bool {
        let slow = self.figures.first().is_some_and(|first| first.wall > patience);
        self.failed.is_some() || (slow && !self.is_ours)
    }

    fn seconds(&self) -> Option<f64> {
        median(self.figures.iter().map(|figures| figures.wall))
    }
}

/// What a case came to in one place.
pub(crate) struct Table {
    pub(crate) case: &'static str,
    pub(crate) title: &'static str,
    pub(crate) place: &'static str,
    pub(crate) rows: Vec<Row>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### {} ({})\n", self.title, self.place)?;
        writeln!(f, "| | median | min – max | runs | × our time (raw) | peak memory | written |")?;
        writeln!(f, "|---|---:|---:|---:|---:|---:|---:|")?;
        let ours = self.rows.iter().find(|row| row.is_ours).and_then(Row::seconds);
        for row in &self.rows {
            let (Some(median), None) = (row.seconds(), &row.failed) else {
                let why = row.failed.as_deref().unwrap_or("not run");
                writeln!(f, "| {} | – | {} | | | | |", row.name, why.replace('|', "/"))?;
                continue;
            };
            let times = || row.figures.iter().map(|figures| figures.wall);
            let (min, max) = (times().fold(f64::MAX, f64::min), times().fold(0.0, f64::max));
            let ratio = ours.map_or(1.0, |ours| median / ours);
            let memory = row.figures.iter().map(|figures| figures.memory).fold(0.0, f64::max) / 1048576.0;
            let written = row.figures.iter().filter_map(|figures| figures.written).fold(0.0, f64::max) / 1e6;
            let written = if written > 0.0 { format!("{written:.1} MB") } else { String::new() };
            writeln!(
                f,
                "| {} | {} | {} – {} | {} | {ratio:.2} | {memory:.0} MiB | {written} |",
                row.name,
                shown(median),
                shown(min),
                shown(max),
                row.figures.len()
            )?;
        }
        Ok(())
    }
}

fn shown(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 0.1 => format!("{:.1} ms", seconds * 1000.0),
        seconds if seconds < 1.0 => format!("{:.0} ms", seconds * 1000.0),
        seconds => format!("{seconds:.2} s"),
    }
}

pub(super) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        1 => values.get(middle).copied(),
        _ => Some(values.get(middle.checked_sub(1)?)?.midpoint(*values.get(middle)?)),
    }
}

/// Puts a table in the place of the one before it.
pub(crate) fn write(page: &Path, table: &Table) -> Result<()> {
    put(page, &format!("{} {}", table.case, table.place), &table.to_string())
}

/// Says on which machine, and how the order came about.
pub(crate) fn note_machine(page: &Path, seed: u64) -> Result<()> {
    let first = |text: Option<String>| text.and_then(|text| text.lines().next().map(str::to_owned)).unwrap_or_default();
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = processor.lines().filter(|line| line.starts_with("processor")).count();
    let text = format!(
        "Last measured on {}: {cores} × {}, Linux {}, {}, {}; order shuffled with `--seed {seed}`.\n",
        first(output("date", &["-u", "+%Y-%m-%d"])),
        model.trim_start_matches([' ', '\t', ':']),
        first(output("uname", &["-r"])),
        first(output("cp", &["--version"])),
        first(output("qemu-img", &["--version"])),
    );
    put(page, "machine", &text)
}

pub(super) fn put(page: &Path, mark: &str, text: &str) -> Result<()> {
    let before = fs::read_to_string(page).with_context(|| format!("could not read {}", page.display()))?;
    let (begin, end) = (format!("<!-- measured: {mark} -->\n"), "<!-- end -->");
    let (head, rest) = before
        .split_once(&begin)
        .with_context(|| format!("{} has no place for {mark}: {}", page.display(), begin.trim()))?;
    let (_, tail) = rest.split_once(end).with_context(|| format!("the place for {mark} has no end"))?;
    Ok(fs::write(page, format!("{head}{begin}{text}{end}{tail}"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), Some(2.5));
        assert_eq!(median(std::iter::empty()), None);
    }

    #[test]
    fn a_table_takes_the_place_of_the_one_before_it() {
        let page = std::env::temp_dir().join(format!("cairn-bench-page-{}", std::process::id()));
        fs::write(&page, "a\n<!-- measured: x -->\nold\n<!-- end -->\nb\n").unwrap();
        put(&page, "x", "new\n").unwrap();
        let text = fs::read_to_string(&page).unwrap();
        fs::remove_file(&page).unwrap();
        assert_eq!(text, "a\n<!-- measured: x -->\nnew\n<!-- end -->\nb\n");
    }
}
