//! Which rows of a table repeat another, across all its files.
//!
//! Every parsed row leaves its key and a hash of its content in one of a few spill files; each is then sorted on its
//! own, so that memory does not grow with the table. Hashes are 128-bit (XXH3): in ten million rows the chance that
//! two different keys meet is below 10⁻²⁴.

use std::collections::HashSet;
use std::fs::File;
use std::hash::BuildHasherDefault;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_128;

use super::mapping::Repeats;
use crate::error::{Error, Result};
use crate::lake::Value;
use crate::spelling::folded_identity;

/// Spill files a table.
const PARTITIONS: usize = 16;
/// Bytes of an entry: key 16, content 16, file 4, row 4, line 8.
const ENTRY: usize = 48;

/// Where a row stands: the number of its file, of its row among the parsed ones, and of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, in reading order.
    pub file: u32,
    /// The row among the file's rows that could be parsed, from 0.
    pub row: u32,
    /// The line in the file, from 1.
    pub line: u64,
}

/// A row that is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// An earlier row says the same.
    Exact,
    /// Another row with this key says something else, and the mapping says that it counts.
    SetAside,
    /// Other rows with this key say something else.
    Conflict,
}

/// Makes hashes of values: of names and other texts as they are compared, whatever their spelling (docs/method.md §2).
#[derive(Default)]
pub struct Hasher {
    bytes: Vec<u8>,
}

impl Hasher {
    /// Some values as a hash.
    pub fn hash<'a>(&mut self, values: impl IntoIterator<Item = &'a Value<'a>>) -> u128 {
        let bytes = &mut self.bytes;
        bytes.clear();
        for value in values {
            match value {
                Value::Null => bytes.push(0),
                Value::Text(text) => {
                    let text = folded_identity(text);
                    bytes.push(1);
                    bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
                    bytes.extend_from_slice(text.as_bytes());
                }
                Value::Number(number) => bytes.extend_from_slice(&tagged(2, number.to_bits())),
                Value::Integer(integer) => bytes.extend_from_slice(&tagged(3, *integer as u64)),
                Value::Flag(flag) => bytes.extend_from_slice(&[4, u8::from(*flag)]),
                Value::Date(day) => bytes.extend_from_slice(&tagged(5, day.0 as u64)),
                Value::Instant(instant) => bytes.extend_from_slice(&tagged(6, instant.0 as u64)),
            }
        }
        xxh3_128(bytes)
    }
}

/// Hashes as they are in the keys of a table: they need not be hashed again.
pub type Hashes = HashSet<u128, BuildHasherDefault<AsItIs>>;

/// Takes the low half of a hash for a hash of it.
#[derive(Default)]
pub struct AsItIs(u64);

impl std::hash::Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        let low = bytes.first_chunk().expect("what is hashed is a hash of 128 bits");
        self.0 = u64::from_le_bytes(*low);
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn tagged(tag: u8, bits: u64) -> [u8; 9] {
    let mut bytes = [tag; 9];
    bytes[1..].copy_from_slice(&bits.to_le_bytes());
    bytes
}

/// The keys of a table's rows, on disk.
pub struct Keys {
    partitions: Vec<BufWriter<File>>,
    folder: std::path::PathBuf,
}

impl Keys {
    /// Opens the spill files in a folder; they vanish with the program.
    pub fn create(folder: &Path) -> Result<Keys> {
        let open = || tempfile::tempfile_in(folder).map(BufWriter::new).map_err(Error::io("write", folder));
        Ok(Keys { partitions: (0..PARTITIONS).map(|_| open()).collect::<Result<_>>()?, folder: folder.to_owned() })
    }

    /// Notes one row.
    pub fn push(&mut self, key: u128, content: u128, place: Place) -> Result<()> {
        let mut entry = [0; ENTRY];
        entry[..16].copy_from_slice(&key.to_le_bytes());
        entry[16..32].copy_from_slice(&content.to_le_bytes());
        entry[32..36].copy_from_slice(&place.file.to_le_bytes());
        entry[36..40].copy_from_slice(&place.row.to_le_bytes());
        entry[40..].copy_from_slice(&place.line.to_le_bytes());
        let partition = key as usize % PARTITIONS;
        self.partitions[partition].write_all(&entry).map_err(Error::io("write", &self.folder))
    }

    /// Finds the rows to drop, in the order of files and rows; `accepted` gets every key that stays.
    pub fn resolve(self, repeats: Repeats, mut accepted: impl FnMut(u128)) -> Result<Vec<(Place, Repeat)>> {
        let mut drops = Vec::new();
        for partition in self.partitions {
            let mut entries = read_entries(partition).map_err(Error::io("read", &self.folder))?;
            entries.sort_unstable();
            for group in entries.chunk_by(|a, b| a.key == b.key) {
                if let [alone] = group {
                    accepted(alone.key);
                    continue;
                }
                let kept = match repeats {
                    Repeats::First => Some(0),
                    Repeats::Last => Some(group.len() - 1),
                    Repeats::Reject | Repeats::Pass => None,
                };
                let differ = group.iter().any(|entry| entry.content != group[0].content);
                let conflict = differ && kept.is_none();
                if !conflict {
                    accepted(group[0].key);
                }
                if let Some(kept) = kept.filter(|_| differ) {
                    let others = group.iter().enumerate().filter(|(i, _)| *i != kept);
                    drops.extend(others.map(|(_, entry)| (entry.place, Repeat::SetAside)));
                    continue;
                }
                let mut earlier = HashSet::new();
                for entry in group {
                    let repeated = !earlier.insert(entry.content);
                    match (repeated, conflict) {
                        (true, _) => drops.push((entry.place, Repeat::Exact)),
                        (false, true) => drops.push((entry.place, Repeat::Conflict)),
                        (false, false) => {}
                    }
                }
            }
        }
        drops.sort_unstable_by_key(|(place, _)| *place);
        Ok(drops)
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: u128,
    place: Place,
    content: u128,
}

fn read_entries(partition: BufWriter<File>) -> std::io::Result<Vec<Entry>> {
    let mut file = partition.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    let count = file.seek(SeekFrom::End(0))? as usize / ENTRY;
    file.seek(SeekFrom::Start(0))?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    let mut entries = Vec::with_capacity(count);
    let mut bytes = [0; ENTRY];
    for _ in 0..count {
        file.read_exact(&mut bytes)?;
        entries.push(Entry {
            key: u128::from_le_bytes(part(&bytes, 0)),
            content: u128::from_le_bytes(part(&bytes, 16)),
            place: Place {
                file: u32::from_le_bytes(part(&bytes, 32)),
                row: u32::from_le_bytes(part(&bytes, 36)),
                line: u64::from_le_bytes(part(&bytes, 40)),
            },
        });
    }
    Ok(entries)
}

fn part<const N: usize>(bytes: &[u8; ENTRY], at: usize) -> [u8; N] {
    std::array::from_fn(|i| bytes[at + i])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(row: u32) -> Place {
        Place { file: 0, row, line: u64::from(row) + 2 }
    }

    /// Resolves rows with keys 1, 2, 1, 2, 3, 2 of which those with key 2 differ.
    fn resolve(repeats: Repeats) -> (Vec<u128>, Vec<(Place, Repeat)>) {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = Keys::create(folder.path()).unwrap();
        for (row, (key, content)) in [(1, 10), (2, 20), (1, 10), (2, 21), (3, 30), (2, 20)].into_iter().enumerate() {
            keys.push(key, content, place(row as u32)).unwrap();
        }
        let mut accepted = Vec::new();
        let drops = keys.resolve(repeats, |key| accepted.push(key)).unwrap();
        accepted.sort_unstable();
        (accepted, drops)
    }

    #[test]
    fn exact_repeats_go_and_conflicts_go_together() {
        let (accepted, drops) = resolve(Repeats::Reject);
        assert_eq!(accepted, [1, 3]);
        let expected = [(1, Repeat::Conflict), (2, Repeat::Exact), (3, Repeat::Conflict), (5, Repeat::Exact)];
        assert_eq!(drops, expected.map(|(row, repeat)| (place(row), repeat)));
    }

    #[test]
    fn the_first_or_the_last_of_those_that_differ_can_count() {
        for (repeats, others) in [(Repeats::First, [3, 5]), (Repeats::Last, [1, 3])] {
            let (accepted, drops) = resolve(repeats);
            assert_eq!(accepted, [1, 2, 3]);
            let aside: Vec<u32> = drops.iter().filter(|d| d.1 == Repeat::SetAside).map(|d| d.0.row).collect();
            assert_eq!((aside, drops.len()), (others.to_vec(), 3), "{repeats:?}");
        }
    }
}
