//! Inputs that are meant to take the machine down: each is refused with a sentence, or read, within a gibibyte.

use std::io::{Cursor, Write};
use std::process::Command;
use std::sync::Arc;

use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;

use crate::ingest::patched;
use crate::place::{APPLICATIONS, Outcome, Place, STAGES, python};

/// The most that any of them may take, in KiB.
const MOST_KIB: u64 = 1 << 20;

/// Runs the program; also what it took at its peak, in KiB.
fn run(place: &Place, typed: &str) -> (Outcome, u64) {
    const MEASURED: &str = "import resource, subprocess, sys\n\
        status = subprocess.run(sys.argv[1:]).returncode\n\
        print('peak', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n\
        sys.exit(status if status >= 0 else 100 - status)";
    let program = place.command(&[]);
    let mut command = python();
    command.args(["-c", MEASURED]).arg(program.get_program()).args(typed.split(' ')).current_dir(place.path(""));
    command.env_remove("LC_ALL").env_remove("LANG");
    let mut outcome = Outcome::new(command.output().unwrap());
    let at = outcome.err.rfind("peak ").unwrap_or_else(|| panic!("{typed}: {}", outcome.err));
    let peak = outcome.err[at + 5..].trim().parse().unwrap();
    outcome.err.truncate(at);
    (outcome, peak)
}

/// What is expected of a case: that it is read, or refused with these words.
enum Wanted {
    Read,
    Refused(&'static [&'static str]),
}
use Wanted::{Read, Refused};

/// Its name, what is wanted of it, and what it makes of a place with exports in order.
type Case<'a> = (&'a str, Wanted, &'a dyn Fn(&Place));

/// Runs each case, which changes a place with exports in order.
fn hold(typed: &str, cases: &[Case<'_>]) {
    let mut broken = Vec::new();
    for (name, wanted, prepare) in cases {
        let place = Place::with_exports();
        prepare(&place);
        let (outcome, peak) = run(&place, typed);
        let is_held = match wanted {
            Read => outcome.status == 0,
            Refused(words) => [1, 2].contains(&outcome.status) && words.iter().all(|word| outcome.err.contains(word)),
        };
        if !is_held || peak >= MOST_KIB {
            let said: String = outcome.err.chars().take(500).collect();
            broken.push(format!("{name}: status {}, {peak} KiB, {said}", outcome.status));
        }
    }
    assert!(broken.is_empty(), "{} of {} broken:\n{}", broken.len(), cases.len(), broken.join("\n"));
}

/// Zeros, a mebibyte at a time.
fn zeros(out: &mut dyn Write, mib: usize) {
    let zeros = vec![b'0'; 1 << 20];
    (0..mib).for_each(|_| out.write_all(&zeros).unwrap());
}

fn zip(fill: impl FnOnce(&mut zip::ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    fill(&mut archive);
    archive.finish().unwrap().into_inner()
}

fn begin(archive: &mut zip::ZipWriter<Cursor<Vec<u8>>>, name: &str) {
    archive.start_file(name, SimpleFileOptions::default()).unwrap();
}

/// Stages as a workbook whose sheet is changed.
fn sheet(change: impl Fn(String) -> String) -> Vec<u8> {
    let mut book = Workbook::new();
    let drawn = book.add_worksheet();
    for (row, line) in (0..).zip(STAGES.lines()) {
        for (column, text) in (0..).zip(line.split(',')) {
            drawn.write_string(row, column, text).unwrap();
        }
    }
    patched(&book.save_to_buffer().unwrap(), "xl/worksheets/sheet1.xml", change)
}

#[test]
fn packed_files_that_unpack_to_more_than_any_export() {
    hold(
        "ingest p.toml --lang en",
        &[
            ("an entry of 600 MiB in half a MiB", Refused(&["stages.zip", "too large"]), &|place| {
                place.remove("data/stages.csv");
                place.write(
                    "data/stages.zip",
                    zip(|archive| {
                        begin(archive, "stages.csv");
                        zeros(archive, 600);
                    }),
                );
            }),
            ("20,000 entries", Refused(&["stages.zip", "20000 entries"]), &|place| {
                place.write(
                    "data/stages.zip",
                    zip(|archive| (0..20_000).for_each(|n| begin(archive, &format!("{n}.csv")))),
                );
            }),
            ("an archive in an archive", Refused(&["stages.zip/stages.zip"]), &|place| {
                let inner = zip(|archive| begin(archive, "stages.csv"));
                place.remove("data/stages.csv");
                place.write(
                    "data/stages.zip",
                    zip(|archive| {
                        begin(archive, "stages.zip");
                        archive.write_all(&inner).unwrap();
                    }),
                );
            }),
            ("a line of 600 MiB in gzip", Refused(&["stages.csv.gz"]), &|place| {
                place.remove("data/stages.csv");
                let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
                packed.write_all(b"application_id,stage,department,started_at,finished_at\n").unwrap();
                zeros(&mut packed, 600);
                place.write("data/stages.csv.gz", packed.finish().unwrap());
            }),
            ("a sheet of 600 MiB of blanks", Refused(&["stages.xlsx", "too large"]), &|place| {
                place.remove("data/stages.csv");
                let padded =
                    |text: String| text.replace("<sheetData>", &format!("<sheetData>{}", " ".repeat(600 << 20)));
                place.write("data/stages.xlsx", sheet(padded));
            }),
        ],
    );
}

/// Stages in Parquet, in which a department has a name of a mebibyte: once in a dictionary of at most so many bytes, or in each
/// row.
fn named(place: &Place, dictionary: usize) {
    place.remove("data/stages.csv");
    let text = |of: fn(usize) -> String| Arc::new((0..3_000).map(|n| Some(of(n))).collect::<StringArray>()) as ArrayRef;
    let name = Arc::new(StringArray::from(vec!["x".repeat(1 << 20)]));
    let batch = RecordBatch::try_from_iter([
        ("application_id", text(|_| "A1".to_owned())),
        ("stage", text(|_| "survey".to_owned())),
        ("pass", text(|n| (n % 1_000 + 1).to_string())),
        ("department", Arc::new(DictionaryArray::new(Int32Array::from(vec![0; 3_000]), name)) as ArrayRef),
        ("started_at", text(|n| format!("2026-03-{:02}", n % 28 + 1))),
        ("finished_at", text(|_| "2026-04-01".to_owned())),
    ]);
    let batch = batch.unwrap();
    let packed = parquet::basic::Compression::ZSTD(parquet::basic::ZstdLevel::default());
    let properties = WriterProperties::builder().set_compression(packed).set_dictionary_page_size_limit(dictionary);
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    let bytes = writer.into_inner().unwrap();
    assert!(bytes.len() < 4 << 20, "{} bytes", bytes.len());
    place.write("data/stages.parquet", bytes);
}

#[test]
fn tables_that_are_wider_or_deeper_than_any_export() {
    hold(
        "ingest p.toml --lang en",
        &[
            ("100,000 columns", Refused(&["stages.csv", "too large"]), &|place| {
                let names: Vec<String> = (0..100_000).map(|n| format!("c{n}")).collect();
                place.write("data/stages.csv", format!("{}\n{}\n", names.join(","), "1,".repeat(99_999) + "1"));
            }),
            ("a field of 30 MiB", Refused(&["stages.csv"]), &|place| {
                place.write("data/stages.csv", format!("{STAGES}A1,survey,{},2026-03-02,\n", "x".repeat(30 << 20)));
            }),
            ("a quote that never closes", Refused(&["stages.csv"]), &|place| {
                let rows = "A1,survey,x,2026-03-02,\n".repeat(200_000);
                place.write(
                    "data/stages.csv",
                    format!(
                        "application_id,stage,department,started_at,finished_at\nA1,\"survey,x,2026-03-02,\n{rows}"
                    ),
                );
            }),
            (
                "a name of a mebibyte in each of 3,000 rows",
                Refused(&["department name or identifier of more than 1,000 characters"]),
                &|place| {
                    named(place, 4 << 20);
                },
            ),
            ("3,000 names of a mebibyte, packed", Refused(&["stages.parquet", "too large"]), &|place| named(place, 1)),
            ("entities that name one another", Refused(&["stages.xlsx"]), &|place| {
                place.remove("data/stages.csv");
                let entities: String =
                    (1..10).map(|n| format!("<!ENTITY e{n} \"{}\">", format!("&e{};", n - 1).repeat(10))).collect();
                let bomb = |text: String| {
                    text.replace("<worksheet", &format!("<!DOCTYPE w [<!ENTITY e0 \"x\">{entities}]><worksheet"))
                        .replacen("<v>", "<v>&e9;", 1)
                };
                place.write("data/stages.xlsx", sheet(bomb));
            }),
            ("a page whose cells span millions", Refused(&["stages.xls", "too large"]), &|place| {
                place.remove("data/stages.csv");
                let cells = "<td colspan=1000 rowspan=65535>x</td>".repeat(3);
                place.write("data/stages.xls", format!("<html><body><table><tr>{cells}</tr></table></body></html>"));
            }),
        ],
    );
}

#[test]
fn configuration_that_no_office_writes() {
    let mart = |place: &Place, sql: &str| {
        place.write("marts/mine.sql", sql);
        place.write("marts/mine.toml", "title = { zh = \"一\", en = \"One\" }\n");
    };
    hold(
        "check p.toml --lang en",
        &[
            ("100,000 keys", Refused(&["p.toml"]), &|place| {
                place.pipeline(&(0..100_000).map(|n| format!("k{n} = 1\n")).collect::<String>());
            }),
            ("a file of zeros without an end", Refused(&["map.toml"]), &|place| {
                place.mapping("");
                place.remove("map.toml");
                #[cfg(unix)]
                std::os::unix::fs::symlink("/dev/zero", place.path("map.toml")).unwrap();
            }),
            ("a pipe that nobody writes to", Refused(&["map.toml"]), &|place| {
                place.mapping("");
                place.remove("map.toml");
                assert!(Command::new("mkfifo").arg(place.path("map.toml")).status().unwrap().success());
            }),
            ("20,000 operators", Refused(&["mine.sql", "at most"]), &|place| {
                mart(place, &format!("select {} as a from stages", vec!["pass"; 20_000].join(" + ")));
            }),
            ("CTEs that double", Refused(&["mine.sql", "too often"]), &|place| {
                let ctes = (1..30)
                    .map(|n| format!("c{n} as (select pass from c{m} union all select pass from c{m})", m = n - 1));
                let ctes: Vec<String> =
                    ["c0 as (select pass from stages)".to_owned()].into_iter().chain(ctes).collect();
                mart(place, &format!("with {} select pass from c29", ctes.join(", ")));
            }),
            ("joins on constants that double", Refused(&["mine.sql", "every row with every row"]), &|place| {
                let ctes = (1..9).map(|n| {
                    format!(
                        "c{n} as (select a.k as k, a.pass as pass from c{m} as a inner join c{m} as b on a.k = b.k)",
                        m = n - 1
                    )
                });
                let ctes: Vec<String> =
                    ["c0 as (select 1 as k, pass from stages)".to_owned()].into_iter().chain(ctes).collect();
                mart(place, &format!("with {} select pass from c8", ctes.join(", ")));
            }),
            ("500 selects", Refused(&["mine.sql", "500 selects"]), &|place| {
                mart(place, &vec!["select pass from stages"; 500].join(" union all "));
            }),
            ("parentheses 20,000 deep", Refused(&["mine.sql"]), &|place| {
                mart(place, &format!("select {}1{} as a from stages", "(".repeat(20_000), ")".repeat(20_000)));
            }),
        ],
    );
    hold(
        "sample s --applications 18446744073709551615 --lang en",
        &[("as many applications as a number holds", Refused(&["--applications"]), &|_| {})],
    );
}

/// A gibibyte is what an export in order takes, too.
#[test]
fn exports_in_order_are_read() {
    hold(
        "ingest p.toml --lang en",
        &[("two applications", Read, &|place| place.write("data/applications.csv", APPLICATIONS))],
    );
}
