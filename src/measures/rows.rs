//! Figures that compare the rows of a mart with each other: totals, ranks, what went before.
//!
//! Rows come in the order of the mart's grain. A *group* numbers the rows that are compared: those with the same values
//! in the columns that the definition names as `within`.

use std::collections::HashMap;

use super::Datum;
use crate::calendar::Day;
use crate::words::Words;

/// The sum of a figure over the rows of each group, in each of its rows; nothing counts as 0.
pub fn total(figures: &[Datum], groups: &[usize]) -> Result<Vec<Datum>, Words> {
    let mut sums: HashMap<usize, i64> = HashMap::new();
    for (figure, group) in figures.iter().zip(groups) {
        let sum = sums.entry(*group).or_default();
        match figure {
            Datum::Whole(whole) => *sum += whole,
            Datum::Null => {}
            other => {
                let shown = other.shown();
                return Err(Words::new(
                    format!("「{shown}」不是整数，不能相加"),
                    format!("`{shown}` is no whole number to add up"),
                ));
            }
        }
    }
    Ok(groups.iter().map(|group| Datum::Whole(sums[group])).collect())
}

/// The place of each row in its group: 1 is the least, or the greatest where `descending`; equal ones share. A row
/// without the figure has none.
pub fn rank(figures: &[Datum], groups: &[usize], descending: bool) -> Vec<Datum> {
    let mut sorted: HashMap<usize, Vec<f64>> = HashMap::new();
    for (figure, group) in figures.iter().zip(groups) {
        sorted.entry(*group).or_default().extend(figure.number());
    }
    for numbers in sorted.values_mut() {
        numbers.sort_by(|a, b| if descending { b.total_cmp(a) } else { a.total_cmp(b) });
    }
    let place = |(figure, group): (&Datum, &usize)| match figure.number() {
        Some(number) => {
            let before = |other: &f64| if descending { *other > number } else { *other < number };
            Datum::Whole(sorted[group].partition_point(before) as i64 + 1)
        }
        None => Datum::Null,
    };
    figures.iter().zip(groups).map(place).collect()
}

/// The figure of the calendar month before, in the row that is about the same otherwise; nothing where there is none.
pub fn previous(figures: &[Datum], months: &[Datum], groups: &[usize]) -> Vec<Datum> {
    let day = |month: &Datum| if let Datum::Day(day) = month { Some(*day) } else { None };
    let rows = months.iter().zip(groups).enumerate();
    let of: HashMap<(Day, usize), usize> =
        rows.filter_map(|(row, (month, group))| day(month).map(|month| ((month, *group), row))).collect();
    let before = |(month, group): (&Datum, &usize)| {
        let row = day(month).and_then(|month| of.get(&(month.month_before(), *group)));
        row.map_or(Datum::Null, |row| figures[*row].clone())
    };
    months.iter().zip(groups).map(before).collect()
}

/// For how many rows of its group in a row, up to this one, something has been so; 0 where it is not.
pub fn streak(flags: &[Datum], groups: &[usize]) -> Vec<Datum> {
    let mut runs: HashMap<usize, i64> = HashMap::new();
    let count = |(flag, group): (&Datum, &usize)| {
        let run = runs.entry(*group).or_default();
        *run = if matches!(flag, Datum::Flag(true)) { *run + 1 } else { 0 };
        Datum::Whole(*run)
    };
    flags.iter().zip(groups).map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(numbers: &[i64]) -> Vec<Datum> {
        numbers.iter().copied().map(Datum::Whole).collect()
    }

    #[test]
    fn equal_figures_share_a_place_and_none_has_none() {
        let figures = [Datum::Real(0.5), Datum::Null, Datum::Whole(0), Datum::Real(0.5), Datum::Real(0.1)];
        let groups = [0, 0, 1, 0, 0];
        let expected = [Datum::Whole(2), Datum::Null, Datum::Whole(1), Datum::Whole(2), Datum::Whole(1)];
        assert_eq!(rank(&figures, &groups, false), expected);
        assert_eq!(rank(&whole(&[3, 5, 3]), &[0, 0, 0], true), whole(&[2, 1, 2]));
    }

    #[test]
    fn totals_streaks_and_what_went_before() {
        assert_eq!(total(&whole(&[1, 2, 4]), &[0, 1, 0]).unwrap(), whole(&[5, 2, 5]));
        let flags = [true, true, false, true].map(Datum::Flag);
        assert_eq!(streak(&flags, &[0, 0, 0, 0]), whole(&[1, 2, 0, 1]));
        let months = ["2026-01-01", "2026-02-01", "2026-04-01"].map(|day| Datum::Day(day.parse().unwrap()));
        let before = previous(&whole(&[7, 8, 9]), &months, &[0, 0, 0]);
        assert_eq!(before, [Datum::Null, Datum::Whole(7), Datum::Null]);
    }
}
