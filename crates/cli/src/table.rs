//! Tables that fit the terminal: when it is too narrow, the columns that may shrink do, and say so by an ellipsis.

use console::{Alignment, measure_text_width, pad_str, style, truncate_str};

use crate::output::printable;

/// Space between columns.
const GAP: &str = "  ";
/// No column shrinks below this.
const NARROWEST: usize = 8;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// Words of ours: never cut.
    Word,
    /// Numbers and sizes: to the right, never cut.
    Number,
    /// Somebody's names: cut when the terminal is too narrow.
    Name,
}

/// Rows under a header.
pub(crate) struct Table {
    columns: Vec<(&'static str, Column)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(columns: &[(&'static str, Column)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row of as many cells as there are columns.
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        debug_assert_eq!(N, self.columns.len());
        self.rows.push(cells.iter().map(|cell| printable(cell)).collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as lines; `width` is the terminal's, none where nothing needs to fit.
    pub(crate) fn render(&self, width: Option<usize>) -> String {
        let widths = self.widths(width);
        let header: Vec<_> = self.columns.iter().map(|(title, _)| (*title).to_owned()).collect();
        let mut text = style(self.render_row(&header, &widths)).bold().to_string();
        text.push('\n');
        for row in &self.rows {
            text.push_str(&self.render_row(row, &widths));
            text.push('\n');
        }
        text
    }

    fn widths(&self, terminal: Option<usize>) -> Vec<usize> {
        let widest = |index: usize, title: &str| {
            let cells = self.rows.iter().map(|row| measure_text_width(&row[index]));
            cells.max().unwrap_or_default().max(measure_text_width(title))
        };
        let mut widths: Vec<_> =
            self.columns.iter().enumerate().map(|(index, (title, _))| widest(index, title)).collect();
        let Some(terminal) = terminal else { return widths };
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        // One after the other, the widest name gives way.
        while widths.iter().sum::<usize>() + gaps > terminal {
            let names = self.columns.iter().zip(&mut widths).filter(|((_, kind), _)| *kind == Column::Name);
            match names.map(|(_, width)| width).max() {
                Some(width) if *width > NARROWEST => *width -= 1,
                _ => break,
            }
        }
        widths
    }

    fn render_row(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, width), (_, kind)) in cells.iter().zip(widths).zip(&self.columns) {
            let side = if *kind == Column::Number { Alignment::Right } else { Alignment::Left };
            let cut = truncate_str(cell, *width, "…");
            line.push_str(&pad_str(&cut, *width, side, None));
            line.push_str(GAP);
        }
        line.truncate(line.trim_end().len());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&[("NAME", Column::Name), ("SIZE", Column::Number), ("STATUS", Column::Word)]);
        table.row(["a rather long name of a volume", "10 GiB", "available"]);
        table.row(["写真", "1 KiB", "in-use"]);
        table
    }

    #[test]
    fn columns_line_up_also_for_wide_characters() {
        let text = table().render(None);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[1], "a rather long name of a volume  10 GiB  available");
        assert_eq!(lines[2], "写真                             1 KiB  in-use");
    }

    #[test]
    fn a_narrow_terminal_cuts_names_only() {
        let text = table().render(Some(30));
        assert!(text.lines().all(|line| measure_text_width(line) <= 30), "{text}");
        assert!(text.contains("…  10 GiB  available"), "{text}");
        // Narrower than the words are: nothing of them is lost.
        assert!(table().render(Some(3)).contains("available"));
    }
}
