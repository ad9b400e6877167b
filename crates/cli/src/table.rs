//! Tables that fit the terminal: when it is too narrow, ids are left out, then names are cut and say so by an ellipsis. When
//! that is not enough, each row becomes some lines of its own.

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
    /// What `get` and `--json` tell as well: left out when the terminal is too narrow.
    Id,
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
        let mut widths: Vec<_> = (0..self.columns.len()).map(|index| self.natural_width(index)).collect();
        if let Some(width) = width {
            self.fit(&mut widths, width);
            if total(&widths) > width {
                return self.render_as_list();
            }
        }
        let header: Vec<_> = self.columns.iter().map(|(title, _)| (*title).to_owned()).collect();
        let mut text = style(self.render_row(&header, &widths)).bold().to_string();
        text.push('\n');
        for row in &self.rows {
            text.push_str(&self.render_row(row, &widths));
            text.push('\n');
        }
        text
    }

    fn natural_width(&self, index: usize) -> usize {
        let cells = self.rows.iter().map(|row| measure_text_width(&row[index]));
        cells.max().unwrap_or_default().max(measure_text_width(self.columns[index].0))
    }

    /// Narrows columns until they fit; one of width 0 is left out.
    fn fit(&self, widths: &mut [usize], terminal: usize) {
        let of_kind = |kind| (0..self.columns.len()).filter(move |index| self.columns[*index].1 == kind);
        let too_wide = |widths: &[usize]| total(widths) > terminal;
        if too_wide(widths) {
            of_kind(Column::Id).for_each(|index| widths[index] = 0);
        }
        // One after the other, the widest name gives way.
        while too_wide(widths) {
            match of_kind(Column::Name).max_by_key(|index| widths[*index]) {
                Some(index) if widths[index] > NARROWEST => widths[index] -= 1,
                _ => break,
            }
        }
    }

    /// Every cell that says something on a line of its own, an empty line between rows.
    fn render_as_list(&self) -> String {
        let titles = self.columns.iter().map(|(title, _)| measure_text_width(title)).max().unwrap_or_default();
        let rows = self.rows.iter().map(|row| {
            let told = self.columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
            let lines = told.map(|((title, _), cell)| {
                let title = style(pad_str(title, titles, Alignment::Left, None)).bold().to_string();
                format!("{title}{GAP}{cell}\n")
            });
            lines.collect::<String>()
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    fn render_row(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, width), (_, kind)) in
            cells.iter().zip(widths).zip(&self.columns).filter(|((_, width), _)| **width > 0)
        {
            let side = if *kind == Column::Number { Alignment::Right } else { Alignment::Left };
            let cut = truncate_str(cell, *width, "…");
            line.push_str(&pad_str(&cut, *width, side, None));
            line.push_str(GAP);
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// How wide columns of these widths are together.
fn total(widths: &[usize]) -> usize {
    let shown = widths.iter().filter(|width| **width > 0).count();
    widths.iter().sum::<usize>() + GAP.len() * shown.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let columns = [("NAME", Column::Name), ("SIZE", Column::Number), ("STATUS", Column::Word), ("ID", Column::Id)];
        let mut table = Table::new(&columns);
        table.row(["a rather long name of a volume", "10 GiB", "available", "vol_a"]);
        table.row(["写真", "1 KiB", "in-use", "vol_b"]);
        table
    }

    #[test]
    fn columns_line_up_also_for_wide_characters() {
        let text = table().render(None);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[1], "a rather long name of a volume  10 GiB  available  vol_a");
        assert_eq!(lines[2], "写真                             1 KiB  in-use     vol_b");
    }

    #[test]
    fn a_narrow_terminal_leaves_ids_out_and_cuts_names() {
        let text = table().render(Some(50));
        assert!(text.contains("of a volume  10 GiB  available\n") && !text.contains("vol_"), "{text}");
        let text = table().render(Some(30));
        assert!(text.lines().all(|line| measure_text_width(line) <= 30), "{text}");
        assert!(text.contains("…  10 GiB  available"), "{text}");
    }

    #[test]
    fn a_terminal_narrower_than_a_row_gets_a_list_with_all_of_it() {
        let mut table = table();
        table.row(["", "0 B", "error", "vol_c"]);
        let text = table.render(Some(24));
        assert!(text.contains("NAME    写真\nSIZE    1 KiB\nSTATUS  in-use\nID      vol_b\n\nSIZE    0 B\n"), "{text}");
        assert!(text.contains("a rather long name of a volume\n"), "{text}");
    }
}
