//! A font of a few hundred glyphs out of the embedded one, as WOFF 1.0.
//!
//! The general subsetters either drop the `cmap` (they serve PDF) or bring thirty
//! crates. Our source is known: static TrueType outlines, no composites, no hints,
//! no layout (`assets/fonts/make-fonts.py` sees to it). So glyphs are copied as
//! they are and numbered in the order of their characters, and only the tables
//! that hold numbers of glyphs are written anew.

use std::collections::BTreeSet;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use skrifa::raw::TableProvider as _;
use skrifa::raw::types::Tag;
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

/// A table of the new font: its tag and its bytes.
type Table = ([u8; 4], Vec<u8>);

/// Makes the WOFF file of the characters of `text` that `font` has.
pub(super) fn woff(font: &FontRef<'_>, text: &str) -> Vec<u8> {
    pack(&tables(font, text))
}

/// Writes the tables anew, in the order of their tags.
fn tables(font: &FontRef<'_>, text: &str) -> Vec<Table> {
    let charmap = font.charmap();
    let characters: BTreeSet<char> = text.chars().chain(" ".chars()).collect();
    let kept: Vec<(u32, GlyphId)> = characters
        .into_iter()
        .filter(|c| !c.is_control())
        .filter_map(|c| Some((u32::from(c), charmap.map(c)?)))
        .collect();
    // glyph 0 is the empty box; the character at place i has glyph i + 1
    let glyphs: Vec<GlyphId> = std::iter::once(GlyphId::NOTDEF).chain(kept.iter().map(|&(_, glyph)| glyph)).collect();
    let count = u16::try_from(glyphs.len()).expect("the embedded font has fewer than 65,536 glyphs");

    let (glyf, loca) = outlines(font, &glyphs);
    let mut head = copied(font, *b"head");
    head[8..12].fill(0); // checkSumAdjustment, once the rest is known
    head[50..52].copy_from_slice(&1_i16.to_be_bytes()); // loca in 32 bits
    let mut hhea = copied(font, *b"hhea");
    hhea[34..36].copy_from_slice(&count.to_be_bytes());
    let mut maxp = copied(font, *b"maxp");
    maxp[4..6].copy_from_slice(&count.to_be_bytes());

    let codes: Vec<u32> = kept.iter().map(|&(code, _)| code).collect();
    let mut tables: Vec<Table> = vec![
        (*b"OS/2", copied(font, *b"OS/2")),
        (*b"cmap", cmap(&codes)),
        (*b"glyf", glyf),
        (*b"head", head),
        (*b"hhea", hhea),
        (*b"hmtx", metrics(font, &glyphs)),
        (*b"loca", loca),
        (*b"maxp", maxp),
        (*b"name", copied(font, *b"name")), // copyright and licence travel with the glyphs
        (*b"post", copied(font, *b"post")),
    ];
    let whole = sfnt_checksum(&tables);
    let adjustment = 0xB1B0_AFBA_u32.wrapping_sub(whole);
    tables[3].1[8..12].copy_from_slice(&adjustment.to_be_bytes());
    tables
}

fn copied(font: &FontRef<'_>, tag: [u8; 4]) -> Vec<u8> {
    let table = font.table_data(Tag::new(&tag)).expect("the embedded font has this table");
    table.as_bytes().to_vec()
}

/// Copies the outlines; gives `glyf` and the `loca` that finds them.
fn outlines(font: &FontRef<'_>, glyphs: &[GlyphId]) -> (Vec<u8>, Vec<u8>) {
    let source = copied(font, *b"glyf");
    let places = font.loca(None).expect("the embedded font has a loca table");
    let place = |index: usize| {
        let offset = places.get_raw(index).expect("a mapped glyph has its place");
        usize::try_from(offset).expect("offsets into an embedded file fit")
    };
    let mut glyf = Vec::new();
    let mut loca = Vec::with_capacity(4 * glyphs.len() + 4);
    for glyph in glyphs {
        put_u32(&mut loca, size_u32(glyf.len()));
        let index = usize::try_from(glyph.to_u32()).expect("a glyph number fits");
        glyf.extend_from_slice(&source[place(index)..place(index + 1)]);
        pad(&mut glyf);
    }
    put_u32(&mut loca, size_u32(glyf.len()));
    (glyf, loca)
}

/// Writes each glyph's advance and left side bearing.
fn metrics(font: &FontRef<'_>, glyphs: &[GlyphId]) -> Vec<u8> {
    let hmtx = font.hmtx().expect("the embedded font has an hmtx table");
    let mut table = Vec::with_capacity(4 * glyphs.len());
    for &glyph in glyphs {
        put_u16(&mut table, hmtx.advance(glyph).unwrap_or_default());
        table.extend_from_slice(&hmtx.side_bearing(glyph).unwrap_or_default().to_be_bytes());
    }
    table
}

/// Writes the characters in both ways that browsers read: formats 4 and 12.
fn cmap(codes: &[u32]) -> Vec<u8> {
    let basic: Vec<u32> = codes.iter().copied().filter(|&code| code < 0xFFFF).collect();
    let four = format_4(&runs(&basic));
    let twelve = format_12(&runs(codes));
    let mut table = Vec::new();
    put_u16(&mut table, 0);
    put_u16(&mut table, 2);
    for (encoding, offset) in [(1, 20), (10, 20 + four.len())] {
        put_u16(&mut table, 3);
        put_u16(&mut table, encoding);
        put_u32(&mut table, size_u32(offset));
    }
    table.extend(four);
    table.extend(twelve);
    table
}

/// Joins neighbouring codes: first code, last code, the first one's glyph.
///
/// Glyphs are numbered in the order of the codes, from 1, and codes past the
/// basic plane come last, so the same numbers hold for both formats.
fn runs(codes: &[u32]) -> Vec<(u32, u32, u32)> {
    let mut runs: Vec<(u32, u32, u32)> = Vec::new();
    for (glyph, &code) in (1..).zip(codes) {
        match runs.last_mut() {
            Some((_, last, _)) if *last + 1 == code => *last = code,
            _ => runs.push((code, code, glyph)),
        }
    }
    runs
}

fn format_4(runs: &[(u32, u32, u32)]) -> Vec<u8> {
    let low = |number: u32| u16::try_from(number & 0xFFFF).expect("it is masked to 16 bits");
    let segments = runs.len() + 1; // and the closing one for U+FFFF
    let halves = segments.ilog2();
    let search = 2_usize << halves;
    let mut table = Vec::new();
    put_u16(&mut table, 4);
    put_u16(&mut table, low(size_u32(16 + 8 * segments)));
    put_u16(&mut table, 0);
    put_u16(&mut table, low(size_u32(2 * segments)));
    put_u16(&mut table, low(size_u32(search)));
    put_u16(&mut table, low(halves));
    put_u16(&mut table, low(size_u32(2 * segments - search)));
    for &(_, last, _) in runs {
        put_u16(&mut table, low(last));
    }
    put_u16(&mut table, 0xFFFF);
    put_u16(&mut table, 0);
    for &(first, _, _) in runs {
        put_u16(&mut table, low(first));
    }
    put_u16(&mut table, 0xFFFF);
    for &(first, _, glyph) in runs {
        put_u16(&mut table, low(glyph.wrapping_sub(first)));
    }
    put_u16(&mut table, 1);
    table.resize(table.len() + 2 * segments, 0); // no glyph arrays
    table
}

fn format_12(runs: &[(u32, u32, u32)]) -> Vec<u8> {
    let mut table = Vec::new();
    put_u16(&mut table, 12);
    put_u16(&mut table, 0);
    put_u32(&mut table, size_u32(16 + 12 * runs.len()));
    put_u32(&mut table, 0);
    put_u32(&mut table, size_u32(runs.len()));
    for &(first, last, glyph) in runs {
        put_u32(&mut table, first);
        put_u32(&mut table, last);
        put_u32(&mut table, glyph);
    }
    table
}

/// Sums the TrueType file that these tables make, directory and all.
fn sfnt_checksum(tables: &[Table]) -> u32 {
    let mut file = sfnt_header(tables.len());
    let mut offset = 12 + 16 * tables.len();
    for (tag, data) in tables {
        file.extend_from_slice(tag);
        put_u32(&mut file, checksum(data));
        put_u32(&mut file, size_u32(offset));
        put_u32(&mut file, size_u32(data.len()));
        offset += data.len().next_multiple_of(4);
    }
    tables.iter().fold(checksum(&file), |sum, (_, data)| sum.wrapping_add(checksum(data)))
}

fn sfnt_header(tables: usize) -> Vec<u8> {
    let halves = tables.ilog2();
    let search = 16_usize << halves;
    let mut header = vec![0, 1, 0, 0];
    for number in [tables, search, usize::try_from(halves).unwrap_or(0), 16 * tables - search] {
        put_u16(&mut header, u16::try_from(number).expect("a font has few tables"));
    }
    header
}

/// Wraps the tables as WOFF 1.0: each one deflated if that makes it smaller.
fn pack(tables: &[Table]) -> Vec<u8> {
    let mut directory = Vec::new();
    let mut body = Vec::new();
    let start = 44 + 20 * tables.len();
    let mut unpacked = 12 + 16 * tables.len();
    for (tag, data) in tables {
        let deflated = deflate(data);
        let stored = if deflated.len() < data.len() { &deflated } else { data };
        directory.extend_from_slice(tag);
        put_u32(&mut directory, size_u32(start + body.len()));
        put_u32(&mut directory, size_u32(stored.len()));
        put_u32(&mut directory, size_u32(data.len()));
        let mut sum = checksum(data);
        if tag == b"head" {
            // the directory's sum of `head` is taken before the adjustment
            let adjustment = u32::from_be_bytes([data[8], data[9], data[10], data[11]]);
            sum = sum.wrapping_sub(adjustment);
        }
        put_u32(&mut directory, sum);
        body.extend_from_slice(stored);
        pad(&mut body);
        unpacked += data.len().next_multiple_of(4);
    }
    let mut file = Vec::with_capacity(start + body.len());
    file.extend_from_slice(b"wOFF");
    put_u32(&mut file, 0x0001_0000);
    put_u32(&mut file, size_u32(start + body.len()));
    put_u16(&mut file, u16::try_from(tables.len()).expect("a font has few tables"));
    put_u16(&mut file, 0);
    put_u32(&mut file, size_u32(unpacked));
    file.resize(44, 0); // version 0.0, no metadata, no private data
    file.extend(directory);
    file.extend(body);
    file
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail")
}

fn checksum(data: &[u8]) -> u32 {
    data.chunks(4).fold(0, |sum: u32, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

fn pad(data: &mut Vec<u8>) {
    data.resize(data.len().next_multiple_of(4), 0);
}

fn put_u16(table: &mut Vec<u8>, number: u16) {
    table.extend_from_slice(&number.to_be_bytes());
}

fn put_u32(table: &mut Vec<u8>, number: u32) {
    table.extend_from_slice(&number.to_be_bytes());
}

fn size_u32(size: usize) -> u32 {
    u32::try_from(size).expect("a subset is smaller than the embedded 2.8 MB")
}

#[cfg(test)]
mod tests {
    use super::super::Weight;
    use super::*;

    /// Puts the tables together as a TrueType file, to read it back.
    fn ttf(tables: &[Table]) -> Vec<u8> {
        let mut file = sfnt_header(tables.len());
        let mut body = Vec::new();
        for (tag, data) in tables {
            file.extend_from_slice(tag);
            put_u32(&mut file, checksum(data));
            put_u32(&mut file, size_u32(12 + 16 * tables.len() + body.len()));
            put_u32(&mut file, size_u32(data.len()));
            body.extend_from_slice(data);
            pad(&mut body);
        }
        file.extend(body);
        file
    }

    #[test]
    fn keeps_the_outline_and_advance_of_each_character() {
        let text = "业扩报装 2026年3月 12.5% 𬇕 ABC";
        for weight in [Weight::Regular, Weight::Bold] {
            let source = weight.parsed();
            let file = ttf(&tables(&source, text));
            let subset = FontRef::new(&file).unwrap();
            let outline = |font: &FontRef<'_>, c: char| {
                let glyph = font.charmap().map(c).unwrap();
                let place = font.loca(None).unwrap();
                let index = glyph.to_u32() as usize;
                let (a, b) = (place.get_raw(index).unwrap(), place.get_raw(index + 1).unwrap());
                let advance = font.hmtx().unwrap().advance(glyph);
                (copied(font, *b"glyf")[a as usize..b as usize].to_vec(), advance)
            };
            for c in text.chars() {
                let (mut expected, advance) = outline(&source, c);
                pad(&mut expected);
                let (mut found, found_advance) = outline(&subset, c);
                pad(&mut found);
                assert_eq!(found, expected, "{c}");
                assert_eq!(found_advance, advance, "{c}");
            }
            assert!(subset.charmap().map('电').is_none());
        }
    }

    #[test]
    fn the_embedded_fonts_have_no_composites() {
        for weight in [Weight::Regular, Weight::Bold] {
            let font = weight.parsed();
            let glyf = copied(&font, *b"glyf");
            let loca = font.loca(None).unwrap();
            for index in 0..usize::from(font.maxp().unwrap().num_glyphs()) {
                let (a, b) = (loca.get_raw(index).unwrap(), loca.get_raw(index + 1).unwrap());
                assert!(a == b || glyf[a as usize] < 0x80, "glyph {index} is a composite");
            }
        }
    }

    #[test]
    fn is_small_and_the_same_each_time() {
        let font = Weight::Regular.parsed();
        let text = "客户服务中心 营销部 发展策划部 生产技术部 电力调度中心 基建部";
        let file = woff(&font, text);
        assert_eq!(file, woff(&font, text));
        assert_eq!(&file[..4], b"wOFF");
        assert!(file.len() < 12_000, "{} bytes", file.len());
        assert_eq!(woff(&font, "装业"), woff(&font, "业 装 业丂\n"));
    }
}
