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
            let expected: Vec<_> = lines.iter().map(|line| (*line, "started_at".into(), "unparsable".into())).collect();
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
