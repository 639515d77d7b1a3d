//! Every encoding that exports come in, and files that are cut or are none.

use std::io::Write;

use encoding_rs::GB18030;

use crate::place::{APPLICATIONS, Place, STAGES, holds};

fn gb(text: &str) -> Vec<u8> {
    let (bytes, _, lossy) = GB18030.encode(text);
    assert!(!lossy);
    bytes.into_owned()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2], marked: bool) -> Vec<u8> {
    let mark = if marked { "\u{feff}" } else { "" };
    mark.encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn the_same_table_in_every_encoding() {
    // 㐀 takes four bytes in GB18030, which older readers of Chinese text do not know.
    let text = APPLICATIONS.replace("城东机械厂", "城东㐀机械厂");
    let cases = [
        ("UTF-8", text.clone().into_bytes(), ""),
        ("UTF-8", ["\u{feff}", &text].concat().into_bytes(), ""),
        ("UTF-16LE", utf16(&text, u16::to_le_bytes, true), ""),
        ("UTF-16BE", utf16(&text, u16::to_be_bytes, true), ""),
        ("UTF-16LE", utf16(&text, u16::to_le_bytes, false), "utf-16le"),
        ("gb18030", gb(&text), ""),
        ("gb18030", gb(&text), "gbk"),
        ("gb18030", gb(&text), "GB18030"),
        ("UTF-8", text.clone().into_bytes(), "utf-8"),
    ];
    for (encoding, bytes, declared) in cases {
        let place = Place::with_exports();
        place.write("data/applications.csv", bytes);
        if !declared.is_empty() {
            place.mapping(&format!("[tables.applications]\nencoding = \"{declared}\""));
        }
        let ledger = place.ingest().ends(0).json();
        assert_eq!(ledger[0]["encoding"], encoding, "declared {declared}");
        assert_eq!(ledger[0]["accepted"], 2);
        assert_eq!(
            place.column("applications", "customer_name"),
            ["城东㐀机械厂", "南湖酒店"],
            "{encoding} {declared}"
        );
    }
}

#[test]
fn lines_of_another_encoding_are_rejected_one_by_one() {
    let row = |number: u32, name: &str| format!("B{number},{name},城东,10,500,2026-03-02,\n");
    let head = "application_id,customer_name,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\n";
    for odd_is_utf8 in [false, true] {
        let encode = |text: &str, utf8: bool| if utf8 { text.as_bytes().to_vec() } else { gb(text) };
        let mut bytes = head.as_bytes().to_vec();
        for number in 2..=9 {
            bytes.extend(encode(&row(number, "和平小区"), !odd_is_utf8 ^ (number == 4 || number == 9)));
        }
        let place = Place::with_exports();
        place.write("data/stages.csv", "application_id,stage,department,started_at\n");
        place.write("data/applications.csv", bytes);
        let odd = |line| (line, String::new(), "mixed_encoding".to_owned());
        assert_eq!(place.faults("applications"), [odd(4), odd(9)], "the odd lines are UTF-8: {odd_is_utf8}");
        assert_eq!(place.rows("applications").len(), 6);
    }
}

#[test]
fn what_is_in_no_encoding_is_refused() {
    let table = |name: &[u8]| {
        let head = b"application_id,customer_name,bureau,voltage_kv,capacity_kva,accepted_at\n";
        let rows = (1..5).map(|n| [format!("A{n},").as_bytes(), name, b",east,10,500,2026-03-02\n"].concat());
        [head.to_vec(), rows.collect::<Vec<_>>().concat()].concat()
    };
    for (bytes, declared, tried) in [
        (table(b"\xff\xfe\xfa"), "", "UTF-8, GB18030"),
        (table(b"\xff\xfe\xfa"), "gbk", "gb18030"),
        (table("和平小区".as_bytes()), "gbk", "gb18030"),
        (table(&gb("和平小区")), "utf-8", "UTF-8"),
        ([b"\xff\xfe".to_vec(), APPLICATIONS.as_bytes()[1..].to_vec(), vec![0, 0xd8]].concat(), "", "UTF-16LE"),
    ] {
        let place = Place::with_exports();
        place.write("data/applications.csv", bytes);
        if !declared.is_empty() {
            place.mapping(&format!("[tables.applications]\nencoding = \"{declared}\""));
        }
        let said = place.ingest().ends(2).err;
        holds(&said, &["applications.csv", &format!("cannot be decoded as {tried}"), "`encoding`"]);
        assert!(!place.path("lake").exists());
    }
}

#[test]
fn packed_text_is_read_and_cut_packed_text_is_refused() {
    let place = Place::with_exports();
    place.remove("data/stages.csv");
    let whole = gz(STAGES.as_bytes());
    place.write("data/stages.csv.gz", &whole);
    assert_eq!(place.ingest().ends(0).json()[1]["accepted"], 3);
    std::fs::remove_dir_all(place.path("lake")).unwrap();
    for kept in [0, 1, 5, 12, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        place.write("data/stages.csv.gz", &whole[..kept]);
        let said = place.ingest().ends(2).err;
        holds(&said, &["stages.csv.gz", "cut short or damaged"]);
        assert!(!place.path("lake").exists(), "{kept} bytes were published");
    }
}
