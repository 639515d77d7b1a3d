//! Compound files, which old workbooks are: a file system of sectors, each naming the next of its chain.
//!
//! A chain that comes back to itself never ends, and its reader takes all memory: five kilobytes are enough. The tables of
//! sectors are looked through before a workbook is opened.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::{Error, ExportProblem, Result};
use crate::words::Words;

/// From here on a number is no sector but says what there is instead.
const LAST_SECTOR: u32 = 0xffff_fff9;

/// Refuses a file in which a chain of sectors comes back to itself.
pub(super) fn check(path: &Path, name: &str) -> Result<()> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    // What is cut off is for the workbook's reader to say.
    match has_circle(BufReader::new(file)) {
        Ok(true) => {
            let reason = Words::new("扇区链首尾相接，没有尽头", "a chain of sectors comes back to itself");
            Err(Error::export(name, ExportProblem::Damaged { reason }))
        }
        Ok(false) | Err(_) => Ok(()),
    }
}

fn has_circle(mut file: impl Read + Seek) -> io::Result<bool> {
    let mut header = [0; 512];
    file.read_exact(&mut header)?;
    let number = |at: usize| u32_at(&header, at);
    let size = match header[30] {
        12 => 4_096,
        _ => 512,
    };
    let sectors = file.seek(SeekFrom::End(0))? / size;
    let mut tables: Vec<u32> = (76..512).step_by(4).map(number).filter(|id| *id <= LAST_SECTOR).collect();
    // Large files list more tables, in sectors whose last number names the next one.
    let (mut next, mut lists) = (number(68), 0);
    while next <= LAST_SECTOR {
        lists += 1;
        if lists > sectors {
            return Ok(true);
        }
        let mut list = sector(&mut file, next, size)?;
        next = list.pop().unwrap_or(u32::MAX);
        tables.extend(list.into_iter().filter(|id| *id <= LAST_SECTOR));
    }
    let mut chains = Vec::new();
    for id in tables.into_iter().take(sectors as usize) {
        chains.extend(sector(&mut file, id, size)?);
    }
    if goes_round(&chains) {
        return Ok(true);
    }
    // Small streams have sectors of their own, chained by a table that is a chain itself.
    let (mut small, mut next) = (Vec::new(), number(60));
    while next <= LAST_SECTOR {
        small.extend(sector(&mut file, next, size)?);
        next = chains.get(next as usize).copied().unwrap_or(u32::MAX);
    }
    Ok(goes_round(&small))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// The numbers of a sector; none of one that the file does not have.
fn sector(file: &mut (impl Read + Seek), id: u32, size: u64) -> io::Result<Vec<u32>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start((u64::from(id) + 1) * size))?;
    file.take(size).read_to_end(&mut bytes)?;
    Ok(bytes.chunks_exact(4).map(|four| u32_at(four, 0)).collect())
}

/// Whether one of some chains comes back to a sector that it has passed.
fn goes_round(chains: &[u32]) -> bool {
    // Sector → the walk that passed it, from 1.
    let mut passed = vec![0_u32; chains.len()];
    (1..).zip(0..chains.len()).any(|(walk, mut at)| {
        while let Some(by) = passed.get_mut(at).filter(|by| **by == 0) {
            *by = walk;
            at = chains[at] as usize;
        }
        passed.get(at) == Some(&walk) && chains[at] <= LAST_SECTOR
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_that_come_back_to_themselves_are_found() {
        const END: u32 = 0xffff_fffe;
        for (chains, round) in [
            (vec![], false),
            (vec![1, 2, END, u32::MAX], false),
            (vec![2, 2, END], false),
            (vec![9, END], false),
            (vec![0], true),
            (vec![1, 2, 0], true),
            (vec![1, 2, 1], true),
            (vec![END, 3, END, 1], true),
        ] {
            assert_eq!(goes_round(&chains), round, "{chains:?}");
        }
    }
}
