//! Line ends, blank lines, quotes and separators: rejects name the line that an editor shows.

use crate::place::{Place, holds};

const HEAD: &str = "application_id,stage,department,handler,started_at\n";

/// Exports whose stages have no finish.
fn without_finish() -> Place {
    let place = Place::with_exports();
    place.mapping("[tables.stages]\nabsent = [\"finished_at\"]");
    place
}

#[test]
fn rejects_name_the_line_that_an_editor_shows() {
    let cases: &[(&str, String, &[u64])] = &[
        ("line feeds", format!("{HEAD}A1,survey,D,,bad\nA1,scheme,D,,2026-03-02\nA2,survey,D,,bad\n"), &[2, 4]),
        ("no line feed at the end", format!("{HEAD}A1,survey,D,,2026-03-02\nA2,survey,D,,bad"), &[3]),
        ("blank lines", format!("\n\n{HEAD}\nA1,survey,D,,bad\n\n  \n,,,,\nA2,survey,D,,bad\n\n\n"), &[5, 9]),
        ("a title above the header", format!("明细表,,,,\n{HEAD}A1,survey,D,,bad\n"), &[3]),
        ("quoted line breaks", format!("{HEAD}A1,survey,D,\"a\nb\n\nc\",bad\nA2,survey,D,\"x\",bad\n"), &[2, 6]),
        ("a quoted break in the last field", format!("{HEAD}A1,survey,D,,\"bad\n\"\nA2,survey,D,,bad\n"), &[2, 4]),
        ("quotes inside", format!("{HEAD}A1,survey,D,\"a \"\"b\"\", c\",bad\nA2,survey,D,5\" pipe,bad\n"), &[2, 3]),
        ("trailing commas", format!("{HEAD}A1,survey,D,,bad,,,\nA1,scheme,D,,2026-03-02,, ,\n"), &[2]),
        ("trailing commas in the header", format!("{},,,\nA1,survey,D,,bad,,,\n", HEAD.trim()), &[2]),
        ("tabs", format!("{HEAD}A1,survey,D,,bad\nA2,survey,\"D,E\",,bad\n").replace(',', "\t"), &[2, 3]),
        ("semicolons", format!("{HEAD}A1,survey,D,,bad\n").replace(',', ";"), &[2]),
        ("bars", format!("{HEAD}A1,survey,D,,bad\n").replace(',', "|"), &[2]),
    ];
    for (what, text, lines) in cases {
        for (ends, line_end) in [("LF", "\n"), ("CRLF", "\r\n"), ("CR", "\r")] {
            let place = without_finish();
            place.write("data/stages.csv", format!("{HEAD}A1,archiving,D,,2026-03-02\n"));
            place.write("data/stages_2.csv", text.replace('\n', line_end));
            // Whatever stands there may go on.
            let code = if text.ends_with('\n') { "unparsable" } else { "cut_off" };
            let expected: Vec<_> = lines.iter().map(|line| (*line, "started_at".into(), code.into())).collect();
            assert_eq!(place.faults("stages"), expected, "{what}, {ends}");
        }
    }
}

#[test]
fn a_quoted_line_break_stays_in_its_field() {
    let place = without_finish();
    place.write("data/stages.csv", format!("{HEAD}A1,survey,D,\"张\r\n李 \"\"主\"\"\",2026-03-02\r\n"));
    place.ingest().ends(0);
    assert_eq!(place.column("stages", "handler"), ["张\n李 \"主\""]);
}

#[test]
fn an_unclosed_quote_swallows_no_row() {
    let rows = |count: usize| "A1,scheme,D,,2026-03-02\n".repeat(count);
    let more_than_a_mebibyte = format!("{HEAD}A1,survey,D,\"{}\",2026-03-02\n", "x".repeat(1 << 20));
    for (what, text, line) in [
        ("to the end of the file", format!("{HEAD}A1,survey,\"D,,2026-03-02\n{}", rows(3)), 2),
        ("in the last row", format!("{HEAD}{}A2,survey,D,\"张,2026-03-02", rows(2)), 4),
        ("in the header", HEAD.replace("stage", "\"stage") + &rows(3), 1),
        (
            "to the next quoted field",
            format!("{HEAD}A1,survey,D,\"x,2026-03-02\n{}A2,survey,D,\"y\",bad\n", rows(4)),
            2,
        ),
        ("past a cell's line breaks", format!("{HEAD}A1,survey,D,\"{}\",2026-03-02\n", rows(300)), 2),
        ("past a mebibyte", more_than_a_mebibyte, 2),
    ] {
        let place = without_finish();
        place.write("data/stages.csv", text);
        let said = place.ingest().ends(2).err;
        holds(&said, &["stages.csv", &format!("line {line}:"), "a quote opens here"]);
        assert!(!place.path("lake").exists(), "{what}");
    }
}

#[test]
fn a_row_of_another_width_is_ragged() {
    let place = without_finish();
    place.write(
        "data/stages.csv",
        format!("{HEAD}A1,survey,D,2026-03-02\nA2,survey,D,,2026-03-02,x\nA1,scheme,D,,2026-03-02\n"),
    );
    let ragged = |line| (line, String::new(), "ragged_row".to_owned());
    assert_eq!(place.faults("stages"), [ragged(2), ragged(3)]);
    let values: Vec<_> = place.rejects("stages").into_iter().map(|reject| (reject.value, reject.expected)).collect();
    assert_eq!(values, [("4".into(), "5 fields".into()), ("6".into(), "5 fields".into())]);
}

/// Stages of A1 and A2, with finishes of several lengths, and some without.
fn long() -> String {
    let finish = ["2026-03-09 16:40", "", "2026-03-10", "2026-03-11 09:05:30"];
    let row = |pass: usize| format!("A1,survey,{pass},营销部,2026-03-02,{}\n", finish[pass % 4]);
    "application_id,stage,pass,department,started_at,finished_at\n".to_owned() + &(1..=40).map(row).collect::<String>()
}

#[test]
fn a_file_that_is_cut_off_is_told_and_no_other_value_is_read() {
    let place = Place::with_exports();
    let text = long();
    place.write("data/stages.csv", &text);
    let whole: Vec<Vec<String>> = read(&place).0;
    assert_eq!(whole.len(), 40);
    let bytes = text.as_bytes();
    for cut in (bytes.len() / 2..bytes.len()).step_by(bytes.len() / 80) {
        place.write("data/stages.csv", &bytes[..cut]);
        let (rows, said) = read(&place);
        assert!(rows.iter().all(|row| whole.contains(row)), "cut at {cut}: {rows:?}");
        assert_eq!(said.contains("check that the file is whole"), bytes[cut - 1] != b'\n', "cut at {cut}: {said}");
        // Told once more where what was read is taken from before.
        assert_eq!(read(&place), (rows, said), "cut at {cut}");
    }
}

fn read(place: &Place) -> (Vec<Vec<String>>, String) {
    let said = place.ingest().ends(0).err;
    (place.rows("stages"), said)
}

#[test]
fn a_last_line_that_is_whole_for_certain_counts() {
    let row = |pass: usize, finish: &str| format!("A1,survey,{pass},营销部,2026-03-02,{finish}\n");
    let head = "application_id,stage,pass,department,started_at,finished_at\n";
    let days = |last: &str| head.to_owned() + &(1..=9).map(|pass| row(pass, "2026-03-09")).collect::<String>() + last;
    for (text, rows) in [
        (days(row(10, "2026-03-12").trim_end()), 10),
        (days(row(10, "2026-03-1").trim_end()), 9),
        (days(row(10, "").trim_end()), 9),
        (days("A1,survey,10,营销部,2026-03-02,\"2026-03-9\""), 10),
        // So few lines tell nothing of how long a field is.
        (head.to_owned() + &row(1, "2026-03-09") + row(2, "2026-03-09").trim_end(), 1),
    ] {
        let place = Place::with_exports();
        place.write("data/stages.csv", &text);
        holds(&place.ingest().ends(0).err, &["stages.csv: nothing ends the last line"]);
        assert_eq!(place.rows("stages").len(), rows, "{text}");
        // The gate does not count it.
        place.pipeline("max_rejects = 0.0");
        place.ingest().ends(0);
    }
}
