//! Numbers as people write them: rounded half away from zero (四舍五入), by the decimal that a spreadsheet shows of them.
//!
//! A page, a chart and a workbook tell one figure in one way. Spreadsheets round what they show by the first fifteen
//! significant digits, half away from zero; formatting rounds the binary number, half to even, and would show 6.25 as 6.2.

/// The significant digits that a spreadsheet goes by.
const DIGITS: usize = 15;

/// A number with so many decimals.
pub fn fixed(number: f64, places: usize) -> String {
    written(number, 0, places)
}

/// A share as percent with so many decimals, without the sign.
pub fn percent(share: f64, places: usize) -> String {
    written(share, 2, places)
}

/// A number with its point moved to the right.
fn written(number: f64, moved: i32, places: usize) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let scientific = format!("{:.*e}", DIGITS - 1, number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    // How many digits stand before the point, and how many are kept.
    let whole = 1 + exponent.parse::<i32>().unwrap_or_default() + moved;
    let kept = whole + places as i32;
    let digit = |at: i32| usize::try_from(at).ok().and_then(|at| digits.get(at)).copied().unwrap_or_default();
    let mut shown: Vec<u8> = (whole.min(1) - 1..kept).map(digit).collect();
    if digit(kept) >= 5 {
        raise(&mut shown);
    }
    let point = shown.len() - places;
    let text = |digits: &[u8]| digits.iter().map(|digit| char::from(b'0' + digit)).collect::<String>();
    let (before, after) = (text(&shown[..point]), text(&shown[point..]));
    let before = before.trim_start_matches('0');
    let before = if before.is_empty() { "0" } else { before };
    // Minus zero is zero.
    let sign = if number < 0.0 && shown.iter().any(|digit| *digit > 0) { "-" } else { "" };
    if places == 0 { format!("{sign}{before}") } else { format!("{sign}{before}.{after}") }
}

/// The next number; a new digit stands before it where it needs one.
fn raise(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return;
        }
        *digit = 0;
    }
    digits.insert(0, 1);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_away_from_zero() {
        for (number, places, text) in [
            (6.25, 1, "6.3"),
            (0.285, 2, "0.29"),
            (1.005, 2, "1.01"),
            (2.5, 0, "3"),
            (-2.5, 0, "-3"),
            (-0.05, 1, "-0.1"),
            (-0.04, 1, "0.0"),
            (0.0449, 1, "0.0"),
            (0.0, 2, "0.00"),
            (99.95, 1, "100.0"),
            (0.5, 0, "1"),
            (0.4, 0, "0"),
            (1e-9, 3, "0.000"),
            (123_456_789.125, 2, "123456789.13"),
            (51.65, 1, "51.7"),
            (1e18, 1, "1000000000000000000.0"),
        ] {
            assert_eq!(fixed(number, places), text, "{number}, {places}");
        }
        for (share, places, text) in [
            (0.0625, 1, "6.3"),
            (1.0, 1, "100.0"),
            (0.0, 1, "0.0"),
            (0.0005, 1, "0.1"),
            (0.00049, 1, "0.0"),
            (1.285, 0, "129"),
        ] {
            assert_eq!(percent(share, places), text, "{share}");
        }
        assert_eq!(fixed(f64::NAN, 1), "NaN");
    }

    proptest! {
        /// What has a few decimals is rounded as it is by hand, in whole numbers.
        #[test]
        fn short_decimals_are_rounded_as_by_hand(thousandths in -10_000_000_i64..10_000_000, places in 0_usize..3) {
            let number = thousandths as f64 / 1000.0;
            let unit = 10_i64.pow(3 - places as u32);
            let rounded = (thousandths.abs() + unit / 2) / unit;
            let scale = 10_i64.pow(places as u32);
            let sign = if thousandths < 0 && rounded > 0 { "-" } else { "" };
            let expected = match places {
                0 => format!("{sign}{rounded}"),
                _ => format!("{sign}{}.{:0places$}", rounded / scale, rounded % scale),
            };
            prop_assert_eq!(fixed(number, places), expected.clone());
            prop_assert_eq!(percent(number / 100.0, places), expected);
        }

        /// Whatever the number is, what is shown is less than one unit of the last place away from it.
        #[test]
        fn what_is_shown_is_near(number in -1e9_f64..1e9, places in 0_usize..5) {
            let shown: f64 = fixed(number, places).parse().unwrap();
            let half = 0.5 / 10_u32.pow(places as u32) as f64;
            prop_assert!((shown - number).abs() <= half + number.abs() * 1e-14);
        }
    }
}
