//! Cells that are merged down the rows: the value of the first is that of all.
//!
//! Only merges within one column are taken over: one across columns is a title or a heading, not a value of each row.

use calamine::Dimensions;

use super::held::Held;

/// The merged regions of a sheet, while its rows go by.
#[derive(Default)]
pub(super) struct Merged {
    /// From top to bottom.
    regions: Vec<Dimensions>,
    next: usize,
    /// Regions that the rows have reached, each with the value of its first cell.
    open: Vec<(Dimensions, Option<Held>)>,
}

impl Merged {
    /// The regions of a sheet that lie within one column.
    pub(super) fn new(regions: &[Dimensions]) -> Merged {
        let down = |region: &&Dimensions| region.start.1 == region.end.1 && region.start.0 < region.end.0;
        let mut regions: Vec<Dimensions> = regions.iter().filter(down).copied().collect();
        regions.sort_by_key(|region| region.start);
        Merged { regions, ..Merged::default() }
    }

    /// Gives a row, which may only come after those above it, the values of the cells that it is merged with, and says how
    /// many it took.
    pub(super) fn fill(&mut self, row: u32, cells: &mut Vec<Option<Held>>) -> u64 {
        while let Some(region) = self.regions.get(self.next).filter(|region| region.start.0 <= row) {
            let first = (region.start.0 == row).then(|| cells.get(region.start.1 as usize).cloned().flatten());
            self.open.push((*region, first.flatten()));
            self.next += 1;
        }
        self.open.retain(|(region, _)| row <= region.end.0);
        let mut filled = 0;
        for (region, held) in self.open.iter().filter(|(region, held)| region.start.0 < row && held.is_some()) {
            let column = region.start.1 as usize;
            if cells.len() <= column {
                cells.resize_with(column + 1, || None);
            }
            if cells[column].is_none() {
                cells[column].clone_from(held);
                filled += 1;
            }
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_that_of_every_row_of_its_region() {
        let regions =
            [Dimensions::new((5, 0), (6, 0)), Dimensions::new((1, 0), (3, 0)), Dimensions::new((0, 0), (0, 3))];
        let mut merged = Merged::new(&regions);
        let text = |text: &str| Some(Held::Text(text.to_owned()));
        let mut seen = Vec::new();
        // Row 5, where the second region begins, holds nothing at all.
        for (row, own) in [(0, text("title")), (1, text("a")), (2, None), (3, None), (4, None), (6, None)] {
            let mut cells = vec![own, text("x")];
            let filled = merged.fill(row, &mut cells);
            seen.push((cells[0].clone(), filled));
        }
        let expected = [(text("title"), 0), (text("a"), 0), (text("a"), 1), (text("a"), 1), (None, 0), (None, 0)];
        assert_eq!(seen, expected);
    }
}
