//! The files of a configuration: those next to a pipeline file win over the embedded copies, one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use include_dir::{Dir, include_dir};

use crate::disk;
use crate::error::{Error, Result, Sought, TomlFile};
use crate::hash::sha256;
use crate::spelling::nearest;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/pipelines");

/// Where a configuration is read from: a folder on disk before the embedded copies.
#[derive(Debug, Clone)]
pub struct Assets {
    /// The folder of the pipeline file; `None`: the embedded files only.
    pub(crate) folder: Option<PathBuf>,
    /// What was read so far.
    texts: Arc<Mutex<BTreeSet<(String, String)>>>,
}

impl Assets {
    /// The embedded files only.
    pub(crate) fn embedded() -> Assets {
        Assets::of(None)
    }

    /// Those of a folder before the embedded ones.
    pub(crate) fn of(folder: Option<PathBuf>) -> Assets {
        Assets { folder, texts: Arc::default() }
    }

    /// What was read so far: names of files, each with the SHA-256 of its text.
    pub(crate) fn texts(&self) -> BTreeSet<(String, String)> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers that a file was read.
    pub(crate) fn note(&self, name: &str, text: &[u8]) {
        let text = (name.to_owned(), sha256(text));
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).insert(text);
    }

    /// Whether a file is next to the pipeline, or there is no pipeline on disk.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.as_ref().is_none_or(|folder| folder.join(name).exists())
    }

    /// A file, under the name that mistakes show.
    pub(crate) fn toml(&self, name: &str) -> Result<TomlFile> {
        if let Some(folder) = &self.folder {
            let path = folder.join(name);
            match disk::text(&path) {
                Ok(text) => {
                    self.note(name, text.as_bytes());
                    return Ok(TomlFile::new(path.display().to_string(), text));
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io("read", &path)(error)),
            }
        }
        match EMBEDDED.get_file(name).and_then(|file| file.contents_utf8()) {
            Some(text) => {
                self.note(name, text.as_bytes());
                Ok(TomlFile::new(format!("<embedded>/{name}"), text))
            }
            None => {
                let path = self.folder.clone().unwrap_or_default().join(name);
                Err(Error::io("read", &path)(std::io::ErrorKind::NotFound.into()))
            }
        }
    }

    /// The bytes of a file next to the pipeline file that another one names: it is noted as a part of that.
    pub(crate) fn part(&self, of: &str, name: &str) -> Result<Vec<u8>> {
        let path = self.folder.clone().unwrap_or_default().join(name);
        let bytes = disk::bytes(&path).map_err(Error::io("read", &path))?;
        self.note(&format!("{of}/{name}"), &bytes);
        Ok(bytes)
    }

    /// The files of a subfolder, by name: those next to the pipeline file and, for names not there, the embedded ones.
    pub fn files(&self, subfolder: &str) -> Result<BTreeMap<String, String>> {
        let mut files = BTreeMap::new();
        for file in EMBEDDED.get_dir(subfolder).into_iter().flat_map(Dir::files) {
            if let (Some(name), Some(text)) = (file.path().file_name().and_then(|n| n.to_str()), file.contents_utf8()) {
                files.insert(name.to_owned(), text.to_owned());
            }
        }
        let Some(folder) = self.folder.as_ref().map(|folder| folder.join(subfolder)).filter(|folder| folder.is_dir())
        else {
            return Ok(self.noted(subfolder, files));
        };
        for entry in std::fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
            let path = entry.map_err(Error::io("read", &folder))?.path();
            if let Some(name) = path.file_name().and_then(|name| name.to_str())
                && path.is_file()
            {
                let text = disk::text(&path).map_err(Error::io("read", &path))?;
                files.insert(name.to_owned(), text);
            }
        }
        Ok(self.noted(subfolder, files))
    }

    fn noted(&self, subfolder: &str, files: BTreeMap<String, String>) -> BTreeMap<String, String> {
        files.iter().for_each(|(name, text)| self.note(&format!("{subfolder}/{name}"), text.as_bytes()));
        files
    }

    /// A file as it is embedded, and then as it lies next to the pipeline file, if it does.
    pub(crate) fn layers(&self, name: &str) -> Result<Vec<TomlFile>> {
        // The embedded copy goes with the program.
        let mut layers = vec![Assets::embedded().toml(name)?];
        if self.folder.is_some() && self.has(name) {
            layers.push(self.toml(name)?);
        }
        Ok(layers)
    }
}

/// Where a pipeline is.
pub(crate) enum Found {
    /// In a file.
    File(PathBuf),
    /// Among those that the program brings, under this name of a file.
    Embedded(String),
}

/// The pipeline file that is nearest by name, in the folder of one that is not there.
fn beside(pipeline: &Path) -> Option<String> {
    let folder = pipeline.parent()?;
    let entries = std::fs::read_dir(if folder == Path::new("") { Path::new(".") } else { folder }).ok()?;
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    let near = nearest(pipeline.file_name()?.to_str()?, names.iter().map(String::as_str))?;
    Some(folder.join(near).display().to_string())
}

impl Found {
    /// A pipeline by its file, or by its name: one in `pipelines/`, else one that the program brings.
    pub(crate) fn of(pipeline: &Path) -> Result<Found> {
        if pipeline.is_file() {
            return Ok(Found::File(pipeline.to_owned()));
        }
        let name = pipeline.to_string_lossy();
        let unknown =
            |nearest: Option<String>| Error::Unknown { what: Sought::Pipeline, name: name.to_string(), nearest };
        let is_folder = || unknown(Some(format!("--data {name}")));
        if pipeline.extension().is_some() || pipeline.components().count() != 1 {
            return Err(match beside(pipeline) {
                _ if pipeline.is_dir() => is_folder(),
                None => Error::io("read", pipeline)(std::io::ErrorKind::NotFound.into()),
                nearest => unknown(nearest),
            });
        }
        let file = format!("{name}.toml");
        let own = Path::new("pipelines").join(&file);
        if own.is_file() {
            return Ok(Found::File(own));
        }
        let names = embedded_pipelines();
        if names.contains(&&*name) {
            return Ok(Found::Embedded(file));
        }
        Err(if pipeline.is_dir() { is_folder() } else { unknown(nearest(&name, names.into_iter()).map(str::to_owned)) })
    }

    /// The folder whose files it brings.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        match self {
            Found::File(path) => Some(path.parent().unwrap_or(Path::new("")).to_owned()),
            Found::Embedded(_) => None,
        }
    }

    /// What its file is called.
    pub(crate) fn file_name(&self) -> String {
        match self {
            Found::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            Found::Embedded(name) => name.clone(),
        }
    }
}

/// The pipelines that the program brings, by name.
fn embedded_pipelines() -> Vec<&'static str> {
    let is_pipeline = |text: &str| text.lines().any(|line| line.starts_with("name = "));
    let files = EMBEDDED.files().filter(|file| file.contents_utf8().is_some_and(is_pipeline));
    files.filter_map(|file| file.path().file_stem()?.to_str()).collect()
}

/// Whether the program brings the marts of files of that name itself.
pub fn ships_mart(file: &str) -> bool {
    EMBEDDED.get_file(format!("marts/{file}.sql")).is_some()
}

/// Whether the program brings the marts of a file with just that SQL itself.
pub(crate) fn ships_sql(file: &str, sql: &str) -> bool {
    EMBEDDED.get_file(format!("marts/{file}.sql")).is_some_and(|shipped| shipped.contents() == sql.as_bytes())
}

/// The files of a new project: the embedded ones, with the pipelines pointed at `data/` and no mapping, and what to do
/// with them.
pub fn starter() -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = vec![(PathBuf::from("README.md"), include_bytes!("../assets/init/README.md").to_vec())];
    let mut folders = vec![&EMBEDDED];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let path = Path::new("pipelines").join(file.path());
            let wanted = file
                .path()
                .extension()
                .is_some_and(|extension| ["toml", "sql", "json"].contains(&extension.to_string_lossy().as_ref()));
            match file.contents_utf8() {
                Some(text) if text.contains("data = \"../sample_data\"") => {
                    let own = text.replace("data = \"../sample_data\"", "data = \"../data\"");
                    let own = own.replace("source = \"sources/sample.toml\"", "# source = \"sources/own.toml\"");
                    files.push((path, own.into_bytes()));
                }
                _ if wanted => files.push((path, file.contents().to_vec())),
                _ => {}
            }
        }
    }
    files.sort();
    files
}
