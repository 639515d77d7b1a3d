//! The command line: help, answers, messages and exit status.

use insta::assert_snapshot;

use crate::place::{APPLICATIONS, Place, STAGES, holds};

/// Every command, as the program lists them itself.
fn commands() -> Vec<String> {
    let help = Place::new().yekuo("--help --lang en").ends(0).out;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(str::to_owned).collect();
    assert!(names.len() > 14, "{help}");
    names
}

#[test]
fn help_of_every_command() {
    let place = Place::new();
    for lang in ["zh", "en"] {
        let mut help = place.yekuo(&format!("--help --lang {lang}")).ends(0).out;
        for command in commands() {
            help += &format!("\n──── yekuo {command} --help\n\n");
            help += &place.yekuo(&format!("{command} --help --lang {lang}")).ends(0).out;
        }
        assert_snapshot!(format!("help_{lang}"), help);
    }
}

/// Words of a help text that are neither options, values nor names.
fn foreign(text: &str) -> Vec<&str> {
    let own = ["yekuo", "zh", "en", "shell", "monthly", "weekly", "half-monthly", "daily", "public", "bottleneck"];
    let lines = text.lines().map(|line| line.split('`').step_by(2).collect::<Vec<_>>());
    let words =
        lines.flatten().flat_map(|part| part.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.<>".contains(c))));
    words
        .filter(|word| word.len() > 2 && word.starts_with(|c: char| c.is_ascii_lowercase()) && !own.contains(word))
        .collect()
}

#[test]
fn a_chinese_session_reads_chinese() {
    let place = Place::new();
    let known = commands();
    let commands_of = |word: &&str| {
        known.iter().any(|command| command == word)
            || ["tables", "application", "fault", "complaint", "list", "prune"].contains(word)
    };
    for command in &known {
        let help = place.yekuo(&format!("{command} --help")).ends(0).out;
        let values =
            ["manager", "department", "mart", "limits", "history", "plan.xlsx", "plan.csv", "reports", "bureau"];
        let more = [
            "comparison",
            "exports",
            "canonical",
            "csv",
            "parquet",
            "lake",
            "bash",
            "elvish",
            "fish",
            "powershell",
            "zsh",
            "svg",
            "png",
            "clean",
            "man",
            "sources",
            "own.toml",
            "process.toml",
            "send.toml",
            "units.toml",
            "pipelines",
        ];
        let left: Vec<&str> = foreign(&help)
            .into_iter()
            .filter(|word| !commands_of(word) && !values.contains(word) && !more.contains(word))
            .collect();
        assert!(left.is_empty(), "{command}: {left:?} in\n{help}");
    }
    for (typed, said) in [
        ("rnu", "没有命令「rnu」，是否指「run」？"),
        ("run --hlep", "没有选项「--hlep」"),
        ("run --as-of 昨天", "无效：日期写作 2026-06-30 或 2026年6月30日"),
        ("explain", "缺少 <对象>"),
        ("run --as-of 2026-06-30 --month 2026-06", "不能与"),
        ("run weekyl", "找不到流水线「weekyl」，是否指「weekly」？"),
    ] {
        let outcome = place.yekuo(typed).ends(2);
        holds(&outcome.err, &[said]);
        assert!(
            foreign(&outcome.err.replace("weekyl", "").replace("rnu", ""))
                .iter()
                .all(|word| commands_of(word) || word.contains('<')),
            "{}",
            outcome.err
        );
    }
}

#[test]
fn the_environment_names_the_language_of_messages_and_never_of_reports() {
    let place = Place::with_exports();
    for (lang, begins) in [("en_US.UTF-8", "error: "), ("zh_CN.UTF-8", "错误："), ("C", "错误："), ("", "错误：")]
    {
        let output = place.command(&["run", "nosuch"]).env("LANG", lang).output().unwrap();
        assert!(String::from_utf8(output.stderr).unwrap().starts_with(begins), "{lang}");
    }
    let report = |out: &str, lang: &str| {
        let arguments = ["run", "p.toml", "--as-of", "2026-05-20", "--out", out];
        let output = place.command(&arguments).env("LANG", lang).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    report("a", "en_US.UTF-8");
    report("b", "C");
    assert_eq!(place.files("a"), place.files("b"));
}

#[test]
fn days_and_months_are_read_as_people_type_them() {
    let place = Place::with_exports();
    for typed in ["--as-of 2026-05-20", "--as-of 2026/5/20", "--as-of 2026年5月20日", "--as-of 20260520"] {
        place
            .yekuo(&format!("run p.toml --out {} {typed}", typed.trim_start_matches("--as-of ").replace('/', "")))
            .ends(0);
    }
    for typed in ["2026-05", "2026/5", "2026年5月", "202605"] {
        place.yekuo(&format!("run p.toml --out month --month {typed}")).ends(0);
        assert_eq!(place.json("month/run.json")["as_of"], "2026-05-31");
    }
}

#[test]
fn a_pipeline_is_found_by_its_name() {
    let place = Place::with_exports();
    place.yekuo("run weekly --data data --as-of 2026-05-20 --out embedded --allow-stale").ends(0);
    assert_eq!(place.json("embedded/run.json")["pipeline"], "weekly");
    // One of the user's own comes first.
    place.write("pipelines/weekly.toml", "name = \"mine\"\ndata = \"../data\"\nmax_rejects = 1.0\nfresh_wd = 9999\n");
    place.yekuo("run weekly --as-of 2026-05-20 --out own").ends(0);
    assert_eq!(place.json("own/run.json")["pipeline"], "mine");
    // Without a title the name is one.
    holds(&place.text("own/index.html"), &["<h1>mine</h1>"]);
    place.yekuo("run data").fails(2, &["--data data"]);
}

#[test]
fn what_is_explained_is_read_from_the_newest_report() {
    let place = Place::with_exports();
    place.yekuo("run p.toml --as-of 2026-05-19").ends(0);
    place.yekuo("run p.toml --as-of 2026-05-20").ends(0);
    let outcome = place.yekuo("explain A1").ends(0);
    holds(&outcome.err, &["reports/lake/p-2026-05-20"]);
    holds(&outcome.out, &["A1", "2026-05-20"]);
}

#[test]
fn the_manual_has_every_command() {
    let place = Place::new();
    holds(
        &place.yekuo("man --lang en").ends(0).out,
        &[".TH yekuo 1", "run", "explain", "export", "map", "doctor", "schema"],
    );
}

#[test]
fn a_wrong_command_line_could_not_run() {
    let place = Place::new();
    for arguments in [
        "",
        "frobnicate",
        "run --nosuch",
        "run a.toml b.toml",
        "explain",
        "run --as-of yesterday",
        "run --month 2026-13",
        "run --as-of 2026-06-30 --month 2026-06",
        "explain A1 --lake l --data d",
        "sample x --months 0",
        "run --lang fr",
        "completions nosuch",
    ] {
        let said = place.yekuo(arguments).ends(2);
        assert!(said.out.is_empty() && (said.err.contains("用法：") || said.err.contains("错误：")), "{arguments}");
    }
    place.yekuo("run").fails(2, &["错误：", "--data"]);
    place.yekuo("run --lang en").fails(2, &["error: no exports are named", "--data DIR"]);
    place.yekuo("run nosuch.toml --lang en").fails(2, &["cannot read nosuch.toml"]);
    holds(&place.yekuo("--version").ends(0).out, &[env!("CARGO_PKG_VERSION")]);
}

#[test]
fn check_says_what_it_found_and_writes_nothing() {
    let place = Place::with_exports();
    let before = yekuo::disk::files(&place.path("")).unwrap();
    assert_snapshot!("check", place.yekuo("check p.toml --lang en").ends(0).out);
    assert_snapshot!("check_zh", place.yekuo("check --data data").ends(0).out);
    place.pipeline("nosuch = 1");
    place.yekuo("check p.toml").ends(2);
    assert_eq!(yekuo::disk::files(&place.path("")).unwrap(), before);
    place.write("data/stages.csv", STAGES.replace("department", "dept"));
    place.yekuo("check --data data --lang en").fails(2, &["department (责任部门)", "`dept`"]);
}

#[test]
fn the_doctor_says_what_would_stop_a_run() {
    let place = Place::with_exports();
    let good = place.yekuo("doctor p.toml").ends(0).out;
    holds(&good, &["[正常] 程序：yekuo ", "[正常] 字体", "读入 5 行", "reports 中还没有", "可以运行。"]);
    assert!(!place.path("reports").exists(), "it writes nothing");
    // What a run that was cut off has left.
    place.write("reports/.yekuo-building/p-2026-05-20/report/index.html", "");
    place.write("reports/.yekuo-building/p-2026-05-20.lock", "");
    let json = place.yekuo("doctor p.toml --json").ends(0).json();
    let state = |matter: &str| {
        let of_matter = |finding: &&serde_json::Value| finding["matter"] == matter;
        json.as_array().unwrap().iter().find(of_matter).unwrap()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!((state("lock"), state("rows"), state("report")), ("note".into(), "good".into(), "note".into()));
    place.yekuo("run p.toml --as-of 2026-05-20").ends(0);
    let said = place.yekuo("doctor p.toml --lang en").ends(0).out;
    holds(&said, &["[good] newest report: reports/p-2026-05-20, as of 2026-05-20", "nothing is left over"]);
    // Every mistake at once: a header that cannot be read, and another pipeline.
    place.write("data/stages.csv", STAGES.replace("department", "dept"));
    place.write("q.toml", "name = \"q\"\ncalender = \"cn\"\n");
    let bad = place.yekuo("doctor p.toml").ends(1).out;
    holds(&bad, &["calender", "责任部门", "yekuo map", "会使运行失败"]);
    let nothing = Place::new();
    holds(&nothing.yekuo("doctor").ends(1).out, &["没有指明数据"]);
}

#[test]
fn marts_are_listed_and_shown() {
    let place = Place::new();
    let list = place.yekuo("marts").ends(0).out;
    holds(&list, &["stage_overdue ", "department_month ", "callback ", "客户回访"]);
    let names = place.yekuo("marts --json").ends(0).json();
    assert_eq!(names.as_array().unwrap().len(), list.lines().count());
    let one = place.yekuo("marts department_month --lang en").ends(0).out;
    holds(&one, &["department_month · ", "grain: month, department", "  rate_net ", "select"]);
    let json = place.yekuo("marts department_month --json").ends(0).json();
    assert_eq!(json["grain"], serde_json::json!(["month", "department"]));
    let queries: Vec<&str> = json["sql"].as_array().unwrap().iter().map(|query| query.as_str().unwrap()).collect();
    assert!(one.ends_with(&queries.join("\n")));
    let said = place.yekuo("marts departmant_month --lang en").ends(2).err;
    assert_eq!(said, "error: there is no mart `departmant_month`; did you mean `department_month`?\n");
    assert_eq!(place.yekuo("marts cycel").ends(2).err, "错误：找不到指标表「cycel」，是否指「cycle」？\n");
}

/// An application with a claim that is admitted, one that came too late, and a stage that is still open.
fn told() -> Place {
    let place = Place::with_exports();
    place.write(
        "data/applications.csv",
        "application_id,customer_name,bureau,voltage_kv,capacity_kva,accepted_at,promised_on,energised_at\n\
         A1,城东机械厂,城东,10,5000,2026-03-02,2026-06-30,\n",
    );
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at,due_on\n\
         A1,survey,营销部,2026-03-02,2026-03-17,\n\
         A1,scheme,发展策划部,2026-03-17,2026-04-02,2026-03-26\n\
         A1,grid_works,基建部,2026-04-02,,\n\
         A1,design_review,生产技术部,2026-04-02,,\n",
    );
    place.write(
        "data/delays.csv",
        "delay_id,application_id,stage,cause,began_at,ended_at,reported_at,ruling,reason\n\
         D1,A1,survey,customer,2026-03-04,2026-03-13,2026-03-05,admitted,客户未腾出场地\n\
         D2,A1,scheme,customer,2026-03-20,2026-03-25,2026-03-30,admitted,资料不全\n",
    );
    place
}

#[test]
fn an_application_is_told_to_the_last_day() {
    let place = told();
    let explain = "explain A1 --data data --as-of 2026-05-29";
    assert_snapshot!("explain_zh", place.yekuo(explain).ends(0).out);
    assert_snapshot!("explain_en", place.yekuo(&format!("{explain} --lang en")).ends(0).out);
    let json = place.yekuo(&format!("{explain} --json")).ends(0).json();
    assert_eq!([&json["application_id"], &json["as_of"]], ["A1", "2026-05-29"]);
    assert_eq!(json["stages"].as_array().unwrap().len(), 4);
    // Numbers as numbers, under the names of the clean tables.
    let scheme = &json["stages"][1];
    assert_eq!((&scheme["stage"], scheme["gross_wd"].is_i64()), (&"scheme".into(), true), "{scheme}");
    assert_eq!(json["claims"][0]["verdict"], "admitted");
    assert_eq!(json["application"]["accepted_on"], "2026-03-02");
    assert_eq!(yekuo::disk::files(&place.path("")).unwrap().len(), 4, "explaining writes nothing");

    place.yekuo(&format!("{explain} --chart a.svg")).ends(0);
    holds(&place.text("a.svg"), &["<svg", "A1"]);
    place.yekuo(&format!("{explain} --chart a.png")).ends(0);
    place.yekuo(&format!("{explain} --chart a.svg")).fails(2, &["a.svg", "--force"]);
    place.yekuo(&format!("{explain} --chart a.svg --force")).ends(0);
    assert!(place.bytes("a.png").starts_with(b"\x89PNG"));

    place.yekuo("run --data data --as-of 2026-05-29 --out r --allow-stale").ends(0);
    let from_lake = place.yekuo("explain A1 --lake lake/r").ends(0).out;
    assert_eq!(from_lake, place.yekuo(explain).ends(0).out);
    let said = place.yekuo("explain A7 --data data --as-of 2026-05-29 --lang en").ends(2).err;
    assert_eq!(said, "error: there is no case, manager, department or mart `A7`\n");
}

#[test]
fn answers_in_json() {
    let place = Place::with_exports();
    let ledger = place.yekuo("ingest --data data --json").ends(0).json();
    assert_eq!(ledger[0]["file"], "applications.csv");
    assert_eq!(ledger[0]["read"], 2);
    let manifest = place.yekuo("run --data data --out r --as-of 2026-06-30 --allow-stale --json").ends(0).json();
    assert_eq!(manifest, place.json("r/run.json"));
    assert_eq!(manifest["lang"], "zh");
}

#[test]
fn the_language_is_the_pipelines_unless_it_is_asked_for() {
    let place = Place::with_exports();
    place.pipeline("lang = \"en\"");
    holds(&place.yekuo("check p.toml").ends(0).out, &["files found"]);
    holds(&place.yekuo("check p.toml --lang zh").ends(0).out, &["找到的文件"]);
}

#[test]
fn a_completion_script_names_the_commands() {
    let script = Place::new().yekuo("completions bash").ends(0).out;
    holds(&script, &["_yekuo()", "complete -F _yekuo"]);
    let known = commands();
    holds(&script, &known.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_project_of_ones_own_runs() {
    let place = Place::new();
    holds(&place.yekuo("init mine --lang en").ends(0).out, &["mine/data", "yekuo run monthly", "README.md"]);
    let sample =
        "run mine/pipelines/monthly.toml --data mine/sample --source mine/pipelines/sources/sample.toml --out first";
    place.yekuo(sample).ends(0);
    place.yekuo("run mine/pipelines/monthly.toml --lang en").fails(2, &["applications.csv"]);
    place.write("mine/data/applications.csv", APPLICATIONS);
    place.write("mine/data/stages.csv", STAGES);
    place.yekuo("run mine/pipelines/monthly.toml --as-of 2026-06-30 --allow-stale").ends(0);
    assert!(place.path("reports/monthly-2026-06-30/index.html").exists());
    let before = place.text("mine/pipelines/monthly.toml");
    place.yekuo("init mine").fails(2, &["mine"]);
    assert_eq!(place.text("mine/pipelines/monthly.toml"), before);
}

#[test]
fn samples_are_the_same_for_the_same_seed() {
    let place = Place::new();
    for folder in ["a", "b"] {
        let said = place.yekuo(&format!("sample {folder} --applications 40 --seed 7 --months 3")).ends(0);
        assert!(said.out.lines().all(|line| place.path(line).exists()), "{}", said.out);
    }
    let files = yekuo::disk::files(&place.path("a")).unwrap();
    assert!(files.len() >= 5);
    for file in files {
        let [a, b] = ["a", "b"].map(|folder| std::fs::read(place.path(folder).join(&file)).unwrap());
        assert!(a == b, "{}", file.display());
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let place = Place::new();
    for arguments in [&["marts", "callback"][..], &["completions", "bash"], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = place.command(arguments).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn messages_carry_no_colour_where_none_is_wanted() {
    let place = Place::with_exports();
    place.pipeline("nosuch = 1");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "xterm-256color")] {
        let output = place.command(&["check", "p.toml"]).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(!output.stderr.contains(&0x1b), "{name}");
    }
}

/// What the program says of a pipeline file.
fn said_of(pipeline: &str, standards: Option<&str>) -> String {
    let place = Place::with_exports();
    place.write("p.toml", pipeline);
    if let Some(standards) = standards {
        place.write("standards.toml", standards);
    }
    let said = place.yekuo("check p.toml --lang en").ends(2);
    assert!(said.out.is_empty());
    said.err
}

#[test]
fn mistakes_of_a_pipeline_are_shown_with_their_lines() {
    let head = "name = \"p\"\ntitle = { zh = \"月报\", en = \"Monthly\" }\ndata = \"data\"\n";
    let wrong_name = head.replace("\"p\"", "\"月报 2026\"");
    for (name, text) in [
        ("unknown_key", format!("{head}max_reject = 0.1\n")),
        ("wrong_type", format!("{head}fault_days = \"seven\"\n")),
        ("wrong_word", format!("{head}pending = \"maybe\"\n")),
        ("wrong_name", wrong_name.clone()),
        ("unknown_standards", format!("{head}standards = \"sgcc_promise\"\n")),
        ("unknown_calendar", format!("{head}calendar = \"atlantis\"\n")),
        ("no_toml", format!("{head}calendar = cn\n")),
        (
            "several_mistakes",
            format!("{wrong_name}max_rejects = 5.0\nstandards = \"nosuch\"\nsource = \"nosuch.toml\"\n"),
        ),
    ] {
        assert_snapshot!(format!("pipeline_{name}"), said_of(&text, None));
    }
}

#[test]
fn rules_that_overlap_are_shown_with_their_line() {
    let head = "name = \"p\"\ntitle = { zh = \"月报\", en = \"Monthly\" }\ndata = \"data\"\n";
    let rules = |rules: &str| {
        format!(
            "[sources]\nhouse = {{ zh = \"内部规定\", en = \"house rule\" }}\n\n[sets.default]\n\
         title = {{ zh = \"规定\", en = \"Rules\" }}\nrules = [\n{rules}]\n"
        )
    };
    let overlapping = rules(
        "    { stage = \"survey\", voltage = \"high\", limit = 5, source = \"house\" },\n    \
         { stage = \"scheme\", limit = 8, source = \"house\" },\n    \
         { stage = \"scheme\", min_kv = 10, limit = 20, source = \"house\" },\n    \
         { stage = \"nosuch\", limit = 1, source = \"hoose\" },\n    \
         { stage = \"fee\", limit = 1, valid_from = \"2026-13-01\", source = \"house\" },\n",
    );
    assert_snapshot!("standards_overlapping", said_of(head, Some(&overlapping)));
}

/// The pipeline of a project is the one that runs, also where nobody names it.
#[test]
fn the_default_pipeline_is_that_of_the_folder() {
    let place = Place::new();
    place.yekuo("init own").ends(0);
    let pipeline = place.text("own/pipelines/monthly.toml");
    place.write("own/pipelines/monthly.toml", format!("nonsense = 1\n{pipeline}"));
    for arguments in [&["check"][..], &["check", "monthly"], &["run", "--data", "sample"], &["marts"]] {
        let said = place.command(arguments).current_dir(place.path("own")).output().unwrap();
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.contains("nonsense"), "{arguments:?}: {said}");
    }
    // A folder that is called like it is in nobody's way.
    let elsewhere = Place::new();
    elsewhere.write("monthly/x.txt", "");
    elsewhere.yekuo("marts").ends(0);
    elsewhere.yekuo("marts --pipeline ./monthly").fails(2, &["--data ./monthly"]);
}
