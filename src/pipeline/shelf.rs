//! The page that lists all reports of a folder, `reports/index.html`, which each run brings up to date.
//!
//! It stands where reports go that are given no place of their own, and where a run finds one that it wrote. A page that
//! somebody has changed, or that was never ours, stays as it is.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{editions, publish};
use crate::disk;
use crate::error::{Error, Result};
use crate::hash;
use crate::report::headline::Headline;
use crate::report::shelf::{self, Earlier, OnShelf};
use crate::words::Lang;

/// The page, as that of each report is called.
pub(super) const PAGE: &str = "index.html";
/// Its last line, which says by what comes before that nobody has changed it.
const SEAL: &str = "<!-- yekuo ";

/// What became of the page.
#[derive(Debug)]
pub enum Shelf {
    /// The folder has none.
    None,
    /// It lists all reports.
    Written(PathBuf),
    /// It is not ours, or no more.
    Kept(PathBuf),
    /// It could not be written.
    Failed(Error),
}

/// What `run.json` says of a report.
#[derive(Deserialize)]
struct Report {
    pipeline: String,
    title: String,
    period: String,
    as_of: String,
    edition: u32,
    lang: String,
    headlines: Vec<Headline>,
    only: Option<About>,
}

/// Which applications it is about.
#[derive(Deserialize)]
struct About {
    #[serde(default)]
    said: String,
}

impl Shelf {
    /// Where all reports are listed, or why they are not.
    pub fn say(&self, lang: Lang) -> Option<String> {
        match self {
            Shelf::None => None,
            Shelf::Written(page) => {
                let page = page.display();
                Some(lang.pick(format!("全部报告列于 {page}"), format!("all reports are listed in {page}")))
            }
            Shelf::Kept(page) => {
                let page = page.display();
                Some(lang.pick(
                    format!("注意：{page} 不是 yekuo 写的，或被改动过，没有更新；移开后会重新生成"),
                    format!(
                        "note: {page} is not as yekuo wrote it, and stays as it is; move it away and it is made again"
                    ),
                ))
            }
            Shelf::Failed(error) => {
                let error = error.report(lang);
                Some(lang.pick(
                    format!("注意：报告目录没有更新：{error}"),
                    format!("note: the list of reports is as it was: {error}"),
                ))
            }
        }
    }
}

/// Lists a report that stands with the others of its folder; `begins` where there is no list yet. The report stands, whatever
/// becomes of that.
pub fn shelve(report: &Path, begins: bool) -> Shelf {
    write(report, begins).unwrap_or_else(Shelf::Failed)
}

fn write(report: &Path, begins: bool) -> Result<Shelf> {
    let folder = disk::parent(report);
    let page = folder.join(PAGE);
    let stands = disk::small(&page).filter(|_| !page.is_symlink());
    let is_ours = stands.as_ref().is_some_and(|stands| is_sealed(stands));
    match () {
        () if is_ours || begins && !disk::is_there(&page) => {}
        () if begins => return Ok(Shelf::Kept(page)),
        () => return Ok(Shelf::None),
    }
    // Whoever comes later lists what has been published until then.
    let _claim = publish::claim(&page)?;
    let (reports, unread) = reports(folder)?;
    // Not that of this run: the page is for whoever reads any of them.
    let lang = if reports.iter().all(|report| report.lang == Lang::En) { Lang::En } else { Lang::Zh };
    let mut text = shelf::page(&reports, &unread, lang)?;
    text += &format!("{SEAL}{} -->\n", hash::sha256(text.as_bytes()));
    if stands.is_none_or(|stands| stands != text.as_bytes()) {
        disk::file(&page, true, |out| out.write_all(text.as_bytes()))?;
    }
    Ok(Shelf::Written(page))
}

/// Whether a page is as it was written.
fn is_sealed(page: &[u8]) -> bool {
    let Ok(page) = std::str::from_utf8(page) else { return false };
    let Some(at) = page.rfind(SEAL) else { return false };
    page[at..] == format!("{SEAL}{} -->\n", hash::sha256(&page.as_bytes()[..at]))
}

/// The reports of a folder, the newest first, and the folders with reports that nobody can list.
fn reports(folder: &Path) -> Result<(Vec<OnShelf>, Vec<String>)> {
    let (mut reports, mut unread) = (Vec::new(), Vec::new());
    for name in folders(folder) {
        let place = folder.join(&name);
        match read(&place) {
            Some(Report { pipeline, title, period, as_of, lang, headlines, only, .. }) => reports.push(OnShelf {
                pipeline,
                about: only.map(|about| about.said).unwrap_or_default(),
                lang: if lang == Lang::En.code() { Lang::En } else { Lang::Zh },
                signed: editions::signature(&place)?.map(|signature| (signature.by, signature.on)),
                earlier: earlier(&place, &name),
                folder: name,
                title,
                period,
                as_of,
                headlines,
            }),
            None if place.join(PAGE).is_file() && place.join(publish::MANIFEST).is_file() => unread.push(name),
            None => {}
        }
    }
    reports.sort_by(|one, other| other.as_of.cmp(&one.as_of).then_with(|| one.folder.cmp(&other.folder)));
    Ok((reports, unread))
}

/// What stood at the place of a report before, but for other layouts of the same figures.
fn earlier(place: &Path, name: &str) -> Vec<Earlier> {
    let kept = editions::of(place);
    let mut earlier: Vec<Earlier> = folders(&kept)
        .into_iter()
        .filter_map(|edition| {
            let Report { as_of, edition: number, headlines, .. } = read(&kept.join(&edition))?;
            if edition == editions::replaced(number) {
                return None;
            }
            let folder = format!("{}/{name}/{edition}", editions::EDITIONS);
            Some(Earlier { folder, edition: number, as_of, headlines })
        })
        .collect();
    earlier.sort_by(|one, other| {
        (&other.as_of, other.edition).cmp(&(&one.as_of, one.edition)).then_with(|| one.folder.cmp(&other.folder))
    });
    earlier
}

/// The names of the folders in a folder, sorted; links are none.
fn folders(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut names: Vec<String> = folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// The report in a folder, where there is one of this version.
fn read(place: &Path) -> Option<Report> {
    let report = serde_json::from_slice(&disk::small(&place.join(publish::MANIFEST))?).ok()?;
    place.join(PAGE).is_file().then_some(report)
}
