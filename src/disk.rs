//! Files and folders as they are handled everywhere: links are never followed into a folder, what is read to find out
//! about a place is a file and not a pipe, and what is written is whole before it has its name.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The files below a folder, relative and sorted. What a link points to is not below it: the link is a file.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    below(folder).map(|(files, _)| files)
}

/// The files below a folder and the folders in which there is nothing, relative and sorted.
pub(crate) fn below(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut files, mut empty) = (Vec::new(), Vec::new());
    let mut open = vec![folder.to_owned()];
    let relative = |path: &Path| path.strip_prefix(folder).unwrap_or(path).to_owned();
    while let Some(next) = open.pop() {
        let mut is_empty = true;
        for entry in fs::read_dir(&next).map_err(Error::io("read", &next))? {
            let entry = entry.map_err(Error::io("read", &next))?;
            let path = entry.path();
            match entry.file_type().map_err(Error::io("read", &path))?.is_dir() {
                true => open.push(path),
                false => files.push(relative(&path)),
            }
            is_empty = false;
        }
        if is_empty && next != folder {
            empty.push(relative(&next));
        }
    }
    files.sort();
    empty.sort();
    Ok((files, empty))
}

/// The file of a lock, which is made where there is none; to hold it one needs to read it. Neither follows a link nor waits for
/// a pipe that somebody has put there.
pub(crate) fn lock_file(path: &Path) -> Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        let file = path.file_name().unwrap_or_default().into();
        return Err(Error::Occupied { path: parent(path).to_owned(), file });
    }
    let opened = match open_file(OpenOptions::new().write(true).create(true), path) {
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
            open_file(&mut OpenOptions::new(), path)
        }
        opened => opened,
    };
    opened.map_err(Error::io("write", path))
}

/// The same where there is one; nothing is made.
pub(crate) fn existing_lock_file(path: &Path) -> Option<File> {
    let found = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    found.then(|| open_file(&mut OpenOptions::new(), path).ok()).flatten()
}

fn open_file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32);
    }
    options.read(true).truncate(false).open(path)
}

/// Removes a file, a link or a folder, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Whether anything is at a place, be it a link that leads nowhere.
pub(crate) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Fails where something is at a place and is no folder: what a link leads to is not ours to write into.
pub(crate) fn is_folder_or_nothing(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_dir() => {
            let file = path.file_name().unwrap_or_default().into();
            Err(Error::Occupied { path: parent(path).to_owned(), file })
        }
        _ => Ok(()),
    }
}

/// The bytes of a small file that is read to find out about a place: `None` where there is none, or something else that a
/// reader might wait for, or that is too long to be what is meant.
pub(crate) fn small(path: &Path) -> Option<Vec<u8>> {
    let found = fs::metadata(path).ok()?;
    (found.is_file() && found.len() <= SMALL).then(|| fs::read(path).ok()).flatten()
}

/// The text of a file of the configuration.
pub(crate) fn text(path: &Path) -> io::Result<String> {
    String::from_utf8(bytes(path)?).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

/// The bytes of a file of the configuration, which people write: neither a device nor longer than any of them would be.
pub(crate) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    match plain(path)?.len() > CONFIGURATION {
        true => Err(ErrorKind::FileTooLarge.into()),
        false => fs::read(path),
    }
}

/// What the system knows of a file; an error for what is none: a device has no end, and a pipe waits for whoever writes to it.
pub(crate) fn plain(path: &Path) -> io::Result<fs::Metadata> {
    let found = fs::metadata(path)?;
    match found.is_file() {
        true => Ok(found),
        false if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        false => Err(ErrorKind::Unsupported.into()),
    }
}

/// The longest of ours has 40 KiB.
const CONFIGURATION: u64 = 1 << 20;

/// A `run.json` of a report about thousands of files is a few megabytes long.
const SMALL: u64 = 64 << 20;

/// The folder that a place is in.
pub(crate) fn parent(place: &Path) -> &Path {
    place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A place, and places next to it with numbers behind its name: `r`, `r-2`, `r-3` …
pub(crate) fn numbered(place: &Path) -> impl Iterator<Item = PathBuf> {
    let (place, name) = (place.to_owned(), place.file_name().unwrap_or_default().to_string_lossy().into_owned());
    (1..).map(
        move |number: u64| if number == 1 { place.clone() } else { place.with_file_name(format!("{name}-{number}")) },
    )
}

/// Moves a folder to where nothing stands, onto another file system too.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            for file in files(from)? {
                copy(from, to, &file)?;
            }
            sync(to)?;
            remove(from)
        }
        renamed => renamed.map_err(Error::io("rename", from)),
    }
}

/// Copies a file of one folder into another, which is made.
pub(crate) fn copy(from: &Path, to: &Path, name: impl AsRef<Path>) -> Result<()> {
    put(&from.join(&name), &to.join(&name))
}

/// Copies a file to a place, whose folder is made.
pub(crate) fn put(file: &Path, place: &Path) -> Result<()> {
    let folder = parent(place);
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    fs::copy(file, place).map(drop).map_err(Error::io("write", place))
}

/// Puts a file at another place as well: a Parquet file, into which nobody writes once it is whole, is the same one there where the
/// file system can; any other is a copy.
pub(crate) fn share(file: &Path, place: &Path) -> Result<()> {
    let folder = parent(place);
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let is_of_lake = file.extension().is_some_and(|extension| extension == "parquet");
    if is_of_lake && fs::hard_link(file, place).is_ok() {
        return Ok(());
    }
    put(file, place)
}

/// Writes a file and the folders that it stands in.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = parent(path);
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let mut file = File::create(path).map_err(Error::io("write", path))?;
    file.write_all(bytes).map_err(Error::io("write", path))
}

/// Writes a file next to its place and renames it there when it is whole; another one that is there stays, or is replaced.
pub(crate) fn file(path: &Path, replace: bool, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let folder = parent(path);
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let mut building = tempfile::Builder::new();
    building.prefix(".yekuo-");
    // As any other file, it can be read by whom the user's mask lets.
    #[cfg(unix)]
    building.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let building = building.tempfile_in(folder).map_err(Error::io("write", folder))?;
    let mut out = BufWriter::with_capacity(1 << 16, building);
    write(&mut out).and_then(|()| out.flush()).map_err(Error::io("write", path))?;
    let building = out.into_inner().map_err(|error| Error::io("write", path)(error.into_error()))?;
    building.as_file().sync_all().map_err(Error::io("sync", path))?;
    let placed = if replace { building.persist(path) } else { building.persist_noclobber(path) };
    match placed {
        Ok(_) => sync_folder(folder),
        Err(error) if !replace && is_there(path) => {
            drop(error);
            Err(Error::Exists { path: path.to_owned(), option: "--force" })
        }
        Err(error) => Err(Error::io("rename", path)(error.error)),
    }
}

/// Fills a folder, which is made, with what is built in one within it, once all of that is there. What was built replaces
/// files of the same names.
pub(crate) fn fill<T>(folder: &Path, build: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let is_new = !is_there(folder);
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let filled = tempfile::Builder::new().prefix(".yekuo-").tempdir_in(folder).map_err(Error::io("create", folder));
    let filled = filled.and_then(|building| {
        let built = build(building.path())?;
        let (files, empty) = below(building.path())?;
        for place in empty.into_iter().map(|left| folder.join(left)) {
            fs::create_dir_all(&place).map_err(Error::io("create", &place))?;
        }
        for file in files {
            let place = folder.join(&file);
            fs::create_dir_all(parent(&place)).map_err(Error::io("create", &place))?;
            fs::rename(building.path().join(file), &place).map_err(Error::io("write", &place))?;
        }
        Ok(built)
    });
    if filled.is_err() && is_new {
        // Nothing is in it, or it stays.
        let _ = fs::remove_dir(folder);
    }
    filled
}

/// Brings every file and folder below `folder` to the disk.
pub(crate) fn sync(folder: &Path) -> Result<()> {
    let mut folders = BTreeSet::from([folder.to_owned()]);
    for file in files(folder)? {
        let path = folder.join(file);
        sync_file(&path)?;
        folders.extend(path.parent().map(Path::to_owned));
    }
    folders.iter().try_for_each(|folder| sync_folder(folder))
}

/// Brings a file to the disk.
pub(crate) fn sync_file(path: &Path) -> Result<()> {
    // Windows brings only to the disk what is open for writing.
    let open = OpenOptions::new().read(true).write(cfg!(windows)).open(path);
    open.and_then(|file| file.sync_all()).map_err(Error::io("sync", path))
}

/// Brings the names in a folder to the disk.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", folder))
}

/// Brings the names in a folder to the disk.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> Result<()> {
    Ok(())
}
