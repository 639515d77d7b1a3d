//! A mistake of a configuration file is shown at its line, whatever else the file says.
//!
//! Each kind of mistake is a small file whose culprit begins with `> `. The word that is wrong, and every other word of
//! the culprit, is planted in comments and prose all over the file; the line that is shown must stay the culprit's.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use yekuo::config::Config;
use yekuo::error::Error;
use yekuo::marts::Catalogue;
use yekuo::words::Lang;

/// A file with one mistake.
struct Kind {
    file: &'static str,
    text: &'static str,
    says: &'static str,
}

const fn kind(file: &'static str, text: &'static str, says: &'static str) -> Kind {
    Kind { file, text, says }
}

/// A pipeline's first two lines; the prose holds the words that mistakes are about.
const HEAD: &str = r#"title = { zh = "PLANTED", en = "PLANTED" }
name = "p"
"#;

const PIPELINE: &[Kind] = &[
    kind("p.toml", "> name = \"P 1\"\ntitle = { zh = \"PLANTED\", en = \"\" }\n", "a name has small letters"),
    kind("p.toml", "HEAD> workbook = \"../x.xlsx\"\n", "a workbook's name"),
    kind("p.toml", "HEAD> max_rejects = 5.0\n", "max_rejects is a share"),
    kind("p.toml", "HEAD> calendar = \"atlantis\"\n", "cannot read"),
    kind("p.toml", "HEAD> standards = \"tea\"\n", "no set of standards `tea`"),
    kind("p.toml", "HEAD> time_zone = \"Europe/Tea\"\n", "no time zone"),
    kind("p.toml", "HEAD> source = \"tea.toml\"\n", "cannot read"),
    kind("p.toml", "HEAD> max_reject = 0.1\n", "unknown field `max_reject`"),
    kind("p.toml", "HEAD> fault_days = \"seven\"\n", "invalid type"),
    kind("p.toml", "HEAD> pending = \"maybe\"\n", "unknown variant `maybe`"),
];

/// What only the catalogue of marts shows to be wrong.
const CONTENTS: &[Kind] = &[
    kind("p.toml", "HEADtables = [\n\"watchlist\",\n> \"tea\",\n]\n", "no table `tea`"),
    kind("p.toml", "HEADtables = [\n\"watchlist\",\n\"*\",\n> \"watchlist\",\n]\n", "named twice"),
    kind("p.toml", "HEADtables = [\n\"overdue\"\n]\nheadlines = [\n> \"overdue\",\n]\n", "no headline `overdue`"),
    kind("p.toml", "HEADtables = [\n\"overdue\"\n]\ncharts = [\n> \"overdue\",\n]\n", "no chart `overdue`"),
    kind("p.toml", "HEADpublic = true\ntables = [\n\"public_fees\",\n> \"watchlist\",\n]\n", "is for the office"),
    kind(
        "p.toml",
        "HEADtables = [\n\"reminder\"\n]\n[[handouts]]\nby = [\"colour\"]\ntitle = { zh = \"\", en = \"\" }\ntables = [\n> \"reminder\",\n]\n",
        "cannot be handed out",
    ),
    kind(
        "targets.toml",
        "SOURCES[[targets]]\n> figure = \"callback_coverge\"\ndirection = \"at_least\"\ntarget = 1\nsource = \"house\"\n",
        "no headline `callback_coverge`",
    ),
    kind(
        "targets.toml",
        "SOURCES[[targets]]\n> figure = \"bottleneck\"\ndirection = \"at_least\"\ntarget = 1\nsource = \"house\"\n",
        "is not a single number",
    ),
    kind(
        "form.toml",
        "> columns = [{ title = { zh = \"\", en = \"PLANTED\" }, words = { zh = \"{stage}\", en = \"{stage}\" }, width = 9 }]\n",
        "must be readable",
    ),
    kind(
        "form.toml",
        "[[columns]]\ntitle = { zh = \"\", en = \"PLANTED\" }\nwords = { zh = \"{application_id}\", en = \"{application_id}\" }\nwidth = 9\n[[columns]]\ntitle = { zh = \"\", en = \"\" }\nwidth = 9\n> words = { zh = \"{stage}\", en = \"{stege}\" }\n",
        "no column `stege`",
    ),
    kind("targets.toml", "TARGETsource = \"house\"\n> target = 95\n", "is a share from 0 to 1"),
    kind(
        "targets.toml",
        "SOURCES[[targets]]\nfigure = \"callback_coverage\"\n> direction = \"at_most\"\ntarget = 1\nsource = \"house\"\n",
        "should go the other way",
    ),
    kind(
        "targets.toml",
        "TARGETsource = \"house\"\ntarget = 1\n> department = \"PLANTED\"\n",
        "is not known by department",
    ),
];

/// A target, but for its number and source.
const TARGET: &str = r#"sources = { house = { zh = "PLANTED", en = "PLANTED" } }
[[targets]]
figure = "callback_coverage"
direction = "at_least"
"#;

const BESIDE: &[Kind] = &[
    kind("days.toml", "covered = [2026, 2026]\nholidays = [\n> { on = \"2026-02-30\" },\n]\n", "is not a date"),
    kind("days.toml", "covered = [2026, 2026]\n> weekend = [\"fry\"]\n", "no day of the week"),
    kind("days.toml", "> covered = [2027, 2026]\n", "ends before it begins"),
    kind("days.toml", "covered = [2026, 2026]\n> time_zone = \"Europe/Tea\"\n", "no time zone"),
    kind(
        "days.toml",
        "holidays = [\n{ on = \"2026-02-01\" },\n]\nworkdays = [\n> { on = \"2026-02-01\", name = \"PLANTED\" },\n]\n",
        "both a holiday and",
    ),
    kind(
        "standards.toml",
        "SOURCES[sets.default]\ntitle = { zh = \"PLANTED\", en = \"\" }\nrules = [\n{ stage = \"survey\", voltage = \"low\", limit = 3, source = \"house\" },\n{ stage = \"survey\", limit = 5, voltage = \"high\", source = \"house\" },\n> { stage = \"survey\", limit = 9, min_kv = 10, source = \"house\" },\n]\n",
        "two rules of `survey` fit the same case",
    ),
    kind(
        "standards.toml",
        "SOURCES[sets.default]\ntitle = { zh = \"PLANTED\", en = \"\" }\nrules = [\n> { stage = \"tea\", limit = 3, source = \"house\" },\n]\n",
        "no stage `tea`",
    ),
    kind(
        "standards.toml",
        "SOURCES[sets.default]\ntitle = { zh = \"PLANTED\", en = \"\" }\nrules = [\n{ stage = \"fee\", limit = 3, valid_to = \"2025-12-31\", source = \"house\" },\n> { stage = \"fee\", limit = 3, valid_from = \"2026-13-01\", source = \"house\" },\n]\n",
        "is not a date",
    ),
    kind(
        "standards.toml",
        "SOURCES[sets.default]\n> base = \"tea\"\ntitle = { zh = \"PLANTED\", en = \"\" }\nrules = []\n",
        "no set of standards `tea`",
    ),
    kind(
        "standards.toml",
        "SOURCES[sets.default]\ntitle = { zh = \"PLANTED\", en = \"\" }\nrules = [\n> { limit = 3, source = \"house\" },\n]\n",
        "a rule limits",
    ),
    kind(
        "standards.toml",
        "SOURCES[sets.default]\ntitle = { zh = \"PLANTED\", en = \"\" }\nrules = [\n> { stage = \"fee\", limit = 3, source = \"hoose\" },\n]\n",
        "[sources] has no `hoose`",
    ),
    kind(
        "standards.toml",
        "[sources]\n> due_on = { zh = \"\", en = \"\" }\n[sets.default]\ntitle = { zh = \"PLANTED\", en = \"\" }\nrules = []\n",
        "no place where a rule stands",
    ),
    kind(
        "vocabularies.toml",
        "[sizes]\nadmitted = { zh = \"PLANTED\", en = \"\" }\n[verdict]\n> admitted = { zh = \"\", en = \"\" }\n",
        "the program's own `verdict`",
    ),
    kind(
        "owners.toml",
        "[[owners]]\ntitle = { zh = \"PLANTED\", en = \"\" }\nrole = \"a\"\n> days_before = 1\n",
        "the first owner",
    ),
    kind(
        "owners.toml",
        "[[owners]]\nrole = \"a\"\ntitle = { zh = \"b\", en = \"PLANTED\" }\n[[owners]]\n> role = \"b\"\ntitle = { zh = \"\", en = \"\" }\n",
        "an owner after the first",
    ),
    kind(
        "owners.toml",
        "[[owners]]\nrole = \"a\"\ntitle = { zh = \"\", en = \"\" }\n[[owners]]\nrole = \"b\"\ntitle = { zh = \"c\", en = \"\" }\ndays_before = 1\n[[owners]]\n> role = \"c\"\ntitle = { zh = \"\", en = \"\" }\ndays_before = 2\n",
        "do not follow each other",
    ),
    kind(
        "scorecard.toml",
        "[weights]\nstage_rate = 1\n> promise = -1\ncallback = 1\ntimely_claims = 1\n[sample]\nshrink = 1\nsmall = 1\nbottom = 1\nbottom_months = 1\n[proposal]\nper_stage = 1\nper_wd = 1\nmost = 1\n[coverage]\nlarge_kv = 1\ncustomers_per_manager = 1\n",
        "`promise` is a number",
    ),
    kind("house.toml", "> number = { zh = \"{yaer}\", en = \"{year}\" }\n", "nothing fills `{yaer}`"),
    kind("targets.toml", "TARGETtarget = 1\n> source = \"hoose\"\n", "[sources] has no `hoose`"),
    kind("targets.toml", "TARGETsource = \"house\"\n> target = -1\n", "`target` is a number"),
    kind("targets.toml", "TARGETsource = \"house\"\ntarget = 0.9\n> warn = 0.95\n", "`warn` is less than it"),
    kind(
        "targets.toml",
        "TARGETsource = \"house\"\ntarget = 1\nvalid_from = \"2026-01-01\"\n> valid_to = \"2025-12-31\"\n",
        "ends before it begins",
    ),
    kind(
        "targets.toml",
        "TARGETsource = \"house\"\ntarget = 1\n[[targets]]\n> figure = \"callback_coverage\"\ndirection = \"at_least\"\ntarget = 0.9\nsource = \"house\"\nvalid_from = \"2026-01-01\"\n",
        "has two targets on the same day",
    ),
    kind(
        "process.toml",
        "[[stages]]\ncode = \"survey\"\ntitle = { zh = \"PLANTED\", en = \"\" }\n> after = [\"tea\"]\n",
        "names `tea`",
    ),
    kind(
        "process.toml",
        "[[stages]]\ncode = \"fee\"\ntitle = { zh = \"PLANTED\", en = \"\" }\n[[stages]]\n> code = \"fee\"\ntitle = { zh = \"\", en = \"\" }\n",
        "stands here twice",
    ),
    kind("process.toml", "> goal = \"tea\"\nopen = true\n", "`goal` names `tea`"),
    kind(
        "process.toml",
        "[[stages]]\ncode = \"fee\"\ntitle = { zh = \"PLANTED\", en = \"\" }\n> plan_wd = [{ when = { voltage = \"low\" }, is = 3 }]\n",
        "do not fit every connection",
    ),
    kind("map.toml", "name = \"PLANTED\"\n> [tables.stagse]\nencoding = \"utf-8\"\n", "no table `stagse`"),
    kind(
        "map.toml",
        "[tables.stages]\nencoding = \"utf-8\"\ncolumns.stage = \"finish_at\"\n> columns.finish_at = \"x\"\n",
        "no column `finish_at`",
    ),
    kind(
        "map.toml",
        "[tables.applications.columns]\nbureau = \"voltage_kv\"\n[tables.applications.defaults]\n> voltage_kv = \"tea\"\n",
        "cannot be read as",
    ),
    kind("map.toml", "[tables.applications]\nsheet = \"pass\"\n> repeat = \"pass\"\n", "is for the table `stages`"),
    kind("map.toml", "[tables.applications]\nsheet = \"utf-9\"\n> encoding = \"utf-9\"\n", "no encoding"),
    kind("map.toml", "[tables.applications]\nsheet = \"delimiter\"\n> delimiter = \"\\\"\"\n", "separates no fields"),
    kind("map.toml", "[tables.applications]\nfiles = [\n\"a.csv\",\n> \"../a.csv\",\n]\n", "inside the data folder"),
];

const SQL: &str = "select application_id, bureau, net_wd from applications\n";

const SOURCES: &str = "[sources]\nhouse = { zh = \"PLANTED\", en = \"\" }\n";
const MART_HEAD: &str = "title = { zh = \"PLANTED\", en = \"PLANTED\" }\nabout = { zh = \"PLANTED\", en = \"\" }\n";
const BUREAU: &str = "[[columns]]\nname = \"bureau\"\nkind = \"text\"\ntitle = { zh = \"\", en = \"PLANTED\" }\n";
const REST: &str = "[[columns]]\nname = \"applications\"\nkind = \"count\"\ntitle = { zh = \"\", en = \"\" }\nfrom = { distinct = \"application_id\" }\n[[columns]]\nname = \"net_wd\"\nkind = \"days\"\ntitle = { zh = \"\", en = \"\" }\n";

const MARTS: &[Kind] = &[
    kind("own.toml", "MART> grain = [\"tea\"]\ncases = [\"application_id\"]\nBUREAUREST", "the grain names `tea`"),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\n> sort = \"bureau\"\ncases = [\"application_id\"]\nBUREAUREST",
        "to sort by",
    ),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\n> needs = [\"tea\"]\ncases = [\"application_id\"]\nBUREAUREST",
        "no input table `tea`",
    ),
    kind("own.toml", "MARTgrain = [\"bureau\"]\n> cases = [\"tea\"]\nBUREAUREST", "no column `tea`"),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\ncases = [\"application_id\"]\nBUREAU[[columns]]\n> name = \"cases\"\nkind = \"count\"\ntitle = { zh = \"\", en = \"\" }\n[[columns]]\nname = \"net_wd\"\nkind = \"days\"\ntitle = { zh = \"\", en = \"\" }\n",
        "selects no column of that name",
    ),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\ncases = [\"application_id\"]\nBUREAU[[columns]]\nname = \"applications\"\nkind = \"count\"\ntitle = { zh = \"net_wd\", en = \"\" }\n> from = { distinct = \"tea\" }\n[[columns]]\nname = \"net_wd\"\nkind = \"days\"\ntitle = { zh = \"\", en = \"\" }\n",
        "comes from `tea`",
    ),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\ncases = [\"application_id\"]\nBUREAU[[columns]]\nname = \"applications\"\nkind = \"count\"\ntitle = { zh = \"\", en = \"\" }\nfrom = { distinct = \"application_id\" }\n[[columns]]\nname = \"net_wd\"\n> kind = \"measure\"\ntitle = { zh = \"\", en = \"\" }\n",
        "needs a column `unit`",
    ),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\ncases = [\"application_id\"]\n[[columns]]\nname = \"bureau\"\n> kind = { code = \"verdicts\" }\ntitle = { zh = \"\", en = \"PLANTED\" }\nREST",
        "no vocabulary `verdicts`",
    ),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\ncases = [\"application_id\"]\n> case_codes = { application_id = \"tea\" }\nBUREAUREST",
        "no vocabulary `tea`",
    ),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\ncases = [\"application_id\"]\nBUREAUREST> total = \"sum\"\n",
        "for lists of cases",
    ),
    kind("own.toml", "MARTgrain = [\"bureau\"]\nplace = \"cases\"\nBUREAU> total = \"sum\"\n", "do not add up"),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\nplace = \"cases\"\nBUREAU> total = \"mean\"\n",
        "unknown variant `mean`",
    ),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\nplace = \"cases\"\nBUREAU[[columns]]\nname = \"notes\"\ntitle = { zh = \"PLANTED\", en = \"\" }\nprint = \"blank\"\n> kind = \"text\"\n",
        "only printed, and has no `kind`",
    ),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\nplace = \"cases\"\nBUREAU[[columns]]\nname = \"notes\"\ntitle = { zh = \"PLANTED\", en = \"\" }\n[columns.print.rows]\n> of = \"tea\"\nby = [\"bureau\"]\nwords = { zh = \"\", en = \"PLANTED\" }\n",
        "no mart `tea`",
    ),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\nplace = \"cases\"\nBUREAU[[columns]]\nname = \"notes\"\ntitle = { zh = \"PLANTED\", en = \"\" }\n[columns.print.rows]\nof = \"own\"\nby = [\n\"bureau\",\n> \"tea\",\n]\nwords = { zh = \"\", en = \"PLANTED\" }\n",
        "no column `tea`",
    ),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\nplace = \"cases\"\nBUREAU[[columns]]\nname = \"notes\"\ntitle = { zh = \"PLANTED\", en = \"\" }\n[columns.print.rows]\nof = \"own\"\nby = [\"bureau\"]\n> words = { zh = \"{tea}\", en = \"\" }\n",
        "no column `tea` of the mart `own`",
    ),
    kind(
        "own.toml",
        "MARTgrain = [\"bureau\"]\nplace = \"cases\"\nBUREAU[[columns]]\nname = \"notes\"\ntitle = { zh = \"PLANTED\", en = \"\" }\n[columns.print.rows]\nof = \"own\"\nby = [\"bureau\"]\n> words = { zh = \"{bureau\", en = \"\" }\n",
        "come in pairs",
    ),
];

/// The file with the parts that stand for others put in, words of the culprit planted in prose, and in comments as
/// `choices` say; and the line of the culprit.
fn planted(kind: &Kind, choices: &[u8]) -> (String, usize) {
    let text = [
        ("HEAD", HEAD),
        ("TARGET", TARGET),
        ("SOURCES", SOURCES),
        ("MART", MART_HEAD),
        ("BUREAU", BUREAU),
        ("REST", REST),
    ];
    let text = text.iter().fold(kind.text.to_owned(), |text, (name, part)| text.replace(name, part));
    let culprit = text.lines().find_map(|line| line.strip_prefix("> ")).unwrap().to_owned();
    let words: Vec<&str> =
        culprit.split([' ', '"', '=', ',', '[', ']', '{', '}']).filter(|word| !word.is_empty()).collect();
    let mut lines = Vec::new();
    let mut at = 0;
    for (number, line) in text.lines().enumerate() {
        let choice = usize::from(choices[number % choices.len()]);
        let word = words[choice / 8 % words.len()];
        match choice % 8 {
            0 => lines.push(format!("# {word}")),
            1 => lines.push(format!("# \"{word}\"")),
            2 => lines.push(format!("# = \"{word}\"")),
            3 => lines.push(format!("# {culprit}")),
            4 => lines.extend([format!("# {word} = 1"), String::new()]),
            _ => {}
        }
        match line.strip_prefix("> ") {
            Some(line) => {
                lines.push(line.to_owned());
                at = lines.len();
            }
            None => lines.push(line.replace("PLANTED", word)),
        }
    }
    (lines.join("\n") + "\n", at)
}

/// What is said of a pipeline in a folder, its tables and charts too where `catalogued`.
fn said(folder: &Path, catalogued: bool) -> String {
    let checked = || {
        let config = Config::load(Some(&folder.join("p.toml")))?;
        if catalogued {
            let catalogue = Catalogue::open(&config.assets, &config.vocabularies)?;
            yekuo::report::Contents::read(&config, &catalogue)?;
        }
        Ok::<(), Error>(())
    };
    checked().expect_err("there is a mistake").report(Lang::En)
}

#[track_caller]
fn shows(said: &str, kind: &Kind, text: &str, line: usize) {
    // A long message is wrapped.
    let flat = said.split(['\n', '│']).map(str::trim).collect::<Vec<_>>().join(" ");
    assert!(flat.contains(kind.says), "no `{}` in\n{said}", kind.says);
    let place = format!("{}:{line}:", kind.file);
    assert!(said.contains(&place), "`{place}` is not shown by\n{said}\nof\n{text}");
    assert_eq!(said.matches(" ╭─[").count(), 1, "one mistake is shown once:\n{said}");
}

fn shown_in_a_folder(kind: &Kind, choices: &[u8], catalogued: bool) {
    let folder = tempfile::tempdir().unwrap();
    let (text, line) = planted(kind, choices);
    let pipeline = "name = \"p\"\ntitle = { zh = \"\", en = \"\" }\n";
    let names = match kind.file {
        "days.toml" => "calendar = \"days.toml\"\n",
        "map.toml" => "source = \"map.toml\"\n",
        _ => "",
    };
    std::fs::write(folder.path().join("p.toml"), format!("{pipeline}{names}")).unwrap();
    std::fs::write(folder.path().join(kind.file), &text).unwrap();
    shows(&said(folder.path(), catalogued), kind, &text, line);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn a_mistake_is_shown_at_its_line(choices in prop::collection::vec(any::<u8>(), 24)) {
        for kind in PIPELINE.iter().chain(BESIDE) {
            shown_in_a_folder(kind, &choices, false);
        }
    }

    #[test]
    fn a_mistake_of_a_mart_is_shown_at_its_line(choices in prop::collection::vec(any::<u8>(), 24)) {
        for kind in MARTS {
            let (text, line) = planted(kind, &choices);
            let files = BTreeMap::from([("own.sql".to_owned(), SQL.to_owned()), ("own.toml".to_owned(), text.clone())]);
            let error = Catalogue::read(&files, &BTreeMap::new(), &[], &Config::load(None).unwrap().vocabularies).expect_err("there is a mistake");
            shows(&error.report(Lang::En), kind, &text, line);
        }
    }
}

proptest! {
    // Each opens the whole catalogue.
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn a_mistake_of_a_reports_contents_is_shown_at_its_line(choices in prop::collection::vec(any::<u8>(), 24)) {
        for kind in CONTENTS {
            shown_in_a_folder(kind, &choices, true);
        }
    }
}

/// All at once, in the order of the file; what only follows from another is not said.
#[test]
fn every_mistake_of_a_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let text = "nmae = \"p\"\ntitle = { zh = \"\", eng = \"\" }\nfault_days = \"seven\"\nmax_reject = 0.1\npending = \"maybe\"\n";
    std::fs::write(folder.path().join("p.toml"), text).unwrap();
    let said = said(folder.path(), false);
    let places = ["p.toml:1:1", "p.toml:2:20", "p.toml:3:14", "p.toml:4:1", "p.toml:5:11"];
    let found: Vec<Option<usize>> = places.iter().map(|place| said.find(place)).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{said}");
    assert_eq!(said.matches(" ╭─[").count(), places.len(), "{said}");
}
