//! Your own list of holidays: `calendar = "holidays.csv"`.
//!
//! One day a line, `date[,name][,work]`, in any order, as a spreadsheet saves it: UTF-8 or GB18030, with or without a
//! header. A day is off unless a cell of its line says that it is worked (班, 上班, 补班, 调休上班, work).

use crate::calendar::{CalendarFile, MarkedDay};
use crate::error::Mistake;
use crate::ingest::values;
use crate::spelling::word;
use crate::words::Words;

const WORKED: [&str; 8] = ["班", "上班", "补班", "调休上班", "工作日", "work", "workday", "workingday"];
const OFF: [&str; 7] = ["休", "放假", "休息", "节假日", "off", "holiday", "dayoff"];

/// Reads a list; every line that is no day is a mistake. It covers the years from its first holiday to its last.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<CalendarFile, Vec<Mistake>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => match encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) => text.into_owned(),
            None => {
                let message =
                    Words::new("清单既不是 UTF-8，也不是 GB18030 编码", "the list is neither UTF-8 nor GB18030");
                let help = Words::new("请另存为 CSV UTF-8", "save it as CSV UTF-8");
                return Err(vec![Mistake::new(file, "", None, message).help(help)]);
            }
        },
    };
    let mut list = CalendarFile::default();
    let mut mistakes = Vec::new();
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let span = at..at + line.trim_end().len();
        at += line.len();
        let line = line.split('#').next().unwrap_or_default();
        let mut cells = line.split([',', '，', ';', '\t']).map(|cell| cell.trim().trim_matches('"').trim());
        let first = cells.next().unwrap_or_default();
        let Some(day) = values::day(first) else {
            let is_header = number == 0 && !first.starts_with(|c: char| c.is_ascii_digit());
            if !is_header && !line.trim().is_empty() {
                let message = Words::new(
                    format!("「{first}」不是日期；应为 1980 至 2099 年间的日期，写作 2026-10-01"),
                    format!("`{first}` is not a date between 1980 and 2099 written as 2026-10-01"),
                );
                mistakes.push(Mistake::new(file, &text, Some(span), message));
            }
            continue;
        };
        let (marks, names): (Vec<&str>, Vec<&str>) = cells.filter(|cell| !cell.is_empty()).partition(|cell| {
            let cell = word(cell);
            WORKED.contains(&cell.as_str()) || OFF.contains(&cell.as_str())
        });
        let is_worked = marks.iter().any(|mark| WORKED.contains(&word(mark).as_str()));
        let marked = MarkedDay { on: day.to_string(), name: names.join(" ") };
        if is_worked { list.workdays.push(marked) } else { list.holidays.push(marked) }
    }
    if mistakes.is_empty() && list.holidays.is_empty() {
        let message = Words::new("清单中没有节假日", "the list has no holiday");
        let help = Words::new(
            "每行一天：2026-10-01，逗号后写名称；调休上班的日子再写「班」",
            "one day a line: 2026-10-01, and after commas its name, and `work` where it is worked",
        );
        mistakes.push(Mistake::new(file, &text, None, message).help(help));
    }
    if mistakes.is_empty() { Ok(list) } else { Err(mistakes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, Day};
    use crate::error::Error;
    use crate::words::Lang;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_list_as_a_spreadsheet_saves_it() {
        let utf8 = "日期,名称,类型\r\n2026/10/1,国庆节,休\r\n2026年10月2日,国庆节\r\n\r\n2026-10-10,国庆节,班\r\n";
        let gb18030 = encoding_rs::GB18030.encode(utf8).0;
        let marked = ["\u{feff}", utf8].concat();
        for bytes in [utf8.as_bytes(), &gb18030, marked.as_bytes()] {
            let calendar = Calendar::new(&read("holidays.csv", bytes).unwrap()).unwrap();
            let works = ["2026-09-30", "2026-10-01", "2026-10-02", "2026-10-05", "2026-10-10", "2026-10-11"];
            assert_eq!(works.map(|text| calendar.is_working(day(text))), [true, false, false, true, true, false]);
            assert_eq!(calendar.covered(), [2026, 2026]);
        }
    }

    #[test]
    fn dates_alone_are_enough() {
        let list = "2011-12-26\n20120101 # a Sunday\n\"2012-01-02\"; New Year, observed\n";
        let calendar = Calendar::new(&read("holidays.csv", list.as_bytes()).unwrap()).unwrap();
        assert_eq!(calendar.working_days(day("2011-12-23"), day("2012-01-03")), 5);
        assert_eq!(calendar.covered(), [2011, 2012]);
    }

    #[test]
    fn what_is_no_day_is_shown_with_its_line() {
        for (list, parts) in [
            (
                "date\n2026-10-01\n2026-13-01,x\n31/12/2026\n",
                &["holidays.csv:3:1", "`2026-13-01`", "holidays.csv:4:1"][..],
            ),
            ("2026-02-30\n", &["holidays.csv:1:1", "`2026-02-30` is not a date"]),
            ("date,name\n", &["holidays.csv: the list has no holiday"]),
        ] {
            let said = Error::from(read("holidays.csv", list.as_bytes()).unwrap_err()).report(Lang::En);
            for part in parts {
                assert!(said.contains(part), "no `{part}` in:\n{said}");
            }
        }
    }
}
