//! Rows of cases on their way through the disk: packed while the tables are read, a bucket each, and unpacked when their
//! bucket is worked on.
//!
//! A bucket is a range of identifiers, so that buckets one after the other are the cases in their order. What is packed
//! together has names of its own, as numbers; the numbers of all are put in their place when a row is unpacked. The files
//! vanish with the program.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Name, Names};
use crate::calendar::{Day, Instant};
use crate::clock::Ruling;
use crate::error::{Error, Result};
use crate::rules::limits::{Area, Supply};
use crate::rules::vocabulary::{Mode, Transition};

/// Which identifiers each bucket holds.
pub(super) struct Splits {
    /// The first identifier of each bucket but the first.
    firsts: Vec<String>,
}

impl Splits {
    /// Buckets of so many identifiers each, in their order.
    pub fn of(identifiers: Identifiers, each: usize) -> Splits {
        let Identifiers { text, mut places } = identifiers;
        let of = |(start, end): (usize, usize)| &text[start..end];
        places.sort_unstable_by(|a, b| of(*a).cmp(of(*b)));
        Splits { firsts: places.into_iter().step_by(each).skip(1).map(|place| of(place).to_owned()).collect() }
    }

    /// How many buckets there are.
    pub fn buckets(&self) -> usize {
        self.firsts.len() + 1
    }

    fn bucket(&self, identifier: &str) -> usize {
        self.firsts.partition_point(|first| first.as_str() <= identifier)
    }
}

/// The identifiers of all cases, one after the other.
#[derive(Default)]
pub(super) struct Identifiers {
    text: String,
    places: Vec<(usize, usize)>,
}

impl Identifiers {
    pub fn push(&mut self, identifier: &str) {
        let start = self.text.len();
        self.text.push_str(identifier);
        self.places.push((start, self.text.len()));
    }

    pub fn count(&self) -> usize {
        self.places.len()
    }
}

/// What can be packed.
pub(super) trait Packed: Sized {
    fn pack(&self, to: &mut Vec<u8>);
    fn unpack(from: &mut Packet<'_>) -> Self;
}

/// Bytes that were packed, and the number of each name in them among those of all.
pub(super) struct Packet<'a> {
    bytes: &'a [u8],
    names: &'a [Name],
}

impl<'a> Packet<'a> {
    /// The next bytes; a packet holds what was packed.
    fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (next, rest) = self.bytes.split_at(count);
        self.bytes = rest;
        next
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N));
        array
    }

    fn text(&mut self) -> &'a str {
        let length = u32::unpack(self) as usize;
        std::str::from_utf8(self.bytes(length)).expect("a text was packed")
    }
}

fn pack_text(text: &str, to: &mut Vec<u8>) {
    (text.len() as u32).pack(to);
    to.extend_from_slice(text.as_bytes());
}

impl Packed for bool {
    fn pack(&self, to: &mut Vec<u8>) {
        to.push(u8::from(*self));
    }

    fn unpack(from: &mut Packet<'_>) -> bool {
        from.array::<1>() != [0]
    }
}

impl Packed for u32 {
    /// Seven bits a byte, the lowest first: most numbers are small.
    fn pack(&self, to: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            to.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        to.push(rest as u8);
    }

    fn unpack(from: &mut Packet<'_>) -> u32 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let [byte] = from.array();
            number |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return number;
            }
            shift += 7;
        }
    }
}

impl Packed for i64 {
    fn pack(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.to_le_bytes());
    }

    fn unpack(from: &mut Packet<'_>) -> i64 {
        i64::from_le_bytes(from.array())
    }
}

impl Packed for f64 {
    fn pack(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.to_bits().to_le_bytes());
    }

    fn unpack(from: &mut Packet<'_>) -> f64 {
        f64::from_bits(u64::from_le_bytes(from.array()))
    }
}

impl Packed for Day {
    fn pack(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.0.to_le_bytes());
    }

    fn unpack(from: &mut Packet<'_>) -> Day {
        Day(i32::from_le_bytes(from.array()))
    }
}

impl Packed for Instant {
    fn pack(&self, to: &mut Vec<u8>) {
        self.0.pack(to);
    }

    fn unpack(from: &mut Packet<'_>) -> Instant {
        Instant(i64::unpack(from))
    }
}

impl Packed for Name {
    fn pack(&self, to: &mut Vec<u8>) {
        (self.place() as u32).pack(to);
    }

    fn unpack(from: &mut Packet<'_>) -> Name {
        let place = u32::unpack(from);
        from.names[place as usize]
    }
}

impl Packed for String {
    fn pack(&self, to: &mut Vec<u8>) {
        pack_text(self, to);
    }

    fn unpack(from: &mut Packet<'_>) -> String {
        from.text().to_owned()
    }
}

impl Packed for Box<str> {
    fn pack(&self, to: &mut Vec<u8>) {
        pack_text(self, to);
    }

    fn unpack(from: &mut Packet<'_>) -> Box<str> {
        from.text().into()
    }
}

impl<T: Packed> Packed for Option<T> {
    fn pack(&self, to: &mut Vec<u8>) {
        self.is_some().pack(to);
        if let Some(value) = self {
            value.pack(to);
        }
    }

    fn unpack(from: &mut Packet<'_>) -> Option<T> {
        bool::unpack(from).then(|| T::unpack(from))
    }
}

impl<T: Packed> Packed for Vec<T> {
    fn pack(&self, to: &mut Vec<u8>) {
        (self.len() as u32).pack(to);
        self.iter().for_each(|value| value.pack(to));
    }

    fn unpack(from: &mut Packet<'_>) -> Vec<T> {
        (0..u32::unpack(from)).map(|_| T::unpack(from)).collect()
    }
}

impl<K: Packed + Ord, V: Packed> Packed for BTreeMap<K, V> {
    fn pack(&self, to: &mut Vec<u8>) {
        (self.len() as u32).pack(to);
        for (key, value) in self {
            key.pack(to);
            value.pack(to);
        }
    }

    fn unpack(from: &mut Packet<'_>) -> BTreeMap<K, V> {
        (0..u32::unpack(from)).map(|_| (K::unpack(from), V::unpack(from))).collect()
    }
}

/// Packs the values of a vocabulary by their places in it.
macro_rules! packed_by_place {
    ($($name:ident)+) => { $(
        impl Packed for $name {
            fn pack(&self, to: &mut Vec<u8>) {
                to.extend($name::ALL.iter().position(|value| value == self).map(|place| place as u8));
            }

            fn unpack(from: &mut Packet<'_>) -> $name {
                let [place] = from.array();
                $name::ALL[usize::from(place)]
            }
        }
    )+ };
}
packed_by_place! { Area Supply Mode Ruling Transition }

/// Packs the fields of a row, in the order in which they are listed.
macro_rules! packed {
    ($row:ident: $($field:ident)+) => {
        impl $crate::cases::spill::Packed for $row {
            fn pack(&self, to: &mut Vec<u8>) {
                $( $crate::cases::spill::Packed::pack(&self.$field, to); )+
            }

            fn unpack(from: &mut $crate::cases::spill::Packet<'_>) -> $row {
                $( let $field = $crate::cases::spill::Packed::unpack(from); )+
                $row { $($field),+ }
            }
        }
    };
}
pub(super) use packed;

/// Packed rows, a sheet for each bucket.
pub(super) struct Sheets<'a> {
    splits: &'a Splits,
    sheets: Vec<Sheet>,
    /// Where the last row went: the next one is mostly of the same case.
    latest: usize,
}

/// The rows of a bucket.
#[derive(Clone, Default)]
struct Sheet {
    bytes: Vec<u8>,
    rows: usize,
    /// The case of the last of them.
    case: String,
}

impl<'a> Sheets<'a> {
    pub fn new(splits: &'a Splits) -> Sheets<'a> {
        Sheets { splits, sheets: vec![Sheet::default(); splits.buckets()], latest: 0 }
    }

    /// Adds a row of a case.
    pub fn push(&mut self, case: &str, row: &impl Packed) {
        let is_of = |sheet: &Sheet| sheet.rows > 0 && sheet.case == case;
        if !is_of(&self.sheets[self.latest]) {
            self.latest = self.splits.bucket(case);
        }
        let sheet = &mut self.sheets[self.latest];
        let is_another = !is_of(sheet);
        is_another.pack(&mut sheet.bytes);
        if is_another {
            pack_text(case, &mut sheet.bytes);
            case.clone_into(&mut sheet.case);
        }
        row.pack(&mut sheet.bytes);
        sheet.rows += 1;
    }
}

/// Rows that were read together, and their own names.
pub(super) struct Portion<'a> {
    pub names: Names,
    pub sheets: Sheets<'a>,
}

impl<'a> Portion<'a> {
    pub fn new(splits: &'a Splits) -> Portion<'a> {
        Portion { names: Names::default(), sheets: Sheets::new(splits) }
    }
}

/// The rows of a table on disk, by bucket.
pub(super) struct Spill<T> {
    file: Mutex<File>,
    folder: PathBuf,
    length: u64,
    /// What belongs to each bucket, in the order of the exports.
    chunks: Vec<Vec<Chunk>>,
    /// The names of each portion among those of all.
    names: Vec<Vec<Name>>,
    of: PhantomData<fn() -> T>,
}

#[derive(Clone, Copy)]
struct Chunk {
    start: u64,
    bytes: usize,
    rows: usize,
    portion: usize,
}

impl<T: Packed> Spill<T> {
    /// Opens a file in a folder.
    pub fn create(folder: &Path, splits: &Splits) -> Result<Spill<T>> {
        let file = tempfile::tempfile_in(folder).map_err(Error::io("write", folder))?;
        let chunks = vec![Vec::new(); splits.buckets()];
        Ok(Spill {
            file: Mutex::new(file),
            folder: folder.to_owned(),
            length: 0,
            chunks,
            names: Vec::new(),
            of: PhantomData,
        })
    }

    /// Adds the rows that come next, by the numbers of all names.
    pub fn add(&mut self, sheets: &Sheets<'_>, names: &[Name]) -> Result<()> {
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (chunks, sheet) in self.chunks.iter_mut().zip(&sheets.sheets).filter(|(_, sheet)| sheet.rows > 0) {
            let Sheet { bytes, rows, .. } = sheet;
            file.write_all(bytes).map_err(Error::io("write", &self.folder))?;
            chunks.push(Chunk { start: self.length, bytes: bytes.len(), rows: *rows, portion: self.names.len() });
            self.length += bytes.len() as u64;
        }
        self.names.push(names.to_vec());
        Ok(())
    }

    /// How many rows a bucket has.
    pub fn rows(&self, bucket: usize) -> usize {
        self.chunks[bucket].iter().map(|chunk| chunk.rows).sum()
    }

    /// Gives each row of a bucket to `visit`, with its case and the number of the portion that it came in.
    pub fn each(&self, bucket: usize, mut visit: impl FnMut(&str, T, usize)) -> Result<()> {
        for (chunk, bytes) in self.read(bucket)? {
            let mut packet = Packet { bytes: &bytes, names: &self.names[chunk.portion] };
            let mut case = "";
            while !packet.bytes.is_empty() {
                if bool::unpack(&mut packet) {
                    case = packet.text();
                }
                visit(case, T::unpack(&mut packet), chunk.portion);
            }
        }
        Ok(())
    }

    fn read(&self, bucket: usize) -> Result<Vec<(Chunk, Vec<u8>)>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = |chunk: &Chunk| {
            let mut bytes = vec![0; chunk.bytes];
            file.seek(SeekFrom::Start(chunk.start))?;
            file.read_exact(&mut bytes)?;
            Ok((*chunk, bytes))
        };
        self.chunks[bucket].iter().map(read).collect::<std::io::Result<_>>().map_err(Error::io("read", &self.folder))
    }
}
