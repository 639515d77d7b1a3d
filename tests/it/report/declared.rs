//! Headlines and charts that a user declares in files, and their mistakes.

use crate::place::{Outcome, Place, holds};

const SQL: &str = "\
select
    bureau,
    count(*) as waiting,
    sum(gross_wd) as waited_wd
from stages
where state = 'open'
group by bureau
";

const DEFINITION: &str = r#"
title = { zh = "在途环节", en = "Waiting stages" }
grain = ["bureau"]

[[columns]]
name = "bureau"
kind = "text"
title = { zh = "供电单位", en = "bureau" }

[[columns]]
name = "waiting"
kind = "count"
title = { zh = "在途", en = "waiting" }

[[columns]]
name = "waited_wd"
kind = "days"
title = { zh = "已用工作日", en = "waited" }
"#;

const HEADLINES: &str = r#"[offices]
form = "count"
title = { zh = "有在途环节的单位", en = "Bureaus that wait" }
mart = "waiting"
unit = { zh = "个", en = "bureaus" }

[waited]
form = "mean"
title = { zh = "已等工作日", en = "Waited" }
mart = "waiting"
where = { bureau = "West" }
column = "waited_wd"
better = "less"
unit = { zh = "天", en = "days" }
detail = { zh = "{n} 行，截至 {as_of}", en = "{n} row, as of {as_of}" }
"#;

const CHART: &str = r#"form = "bar"
title = { zh = "各单位等了多久", en = "How long bureaus wait" }
mart = "waiting"
label = ["bureau"]
n = "waiting"
series = [{ column = "waited_wd", title = { zh = "工作日", en = "working days" } }]
sort = "-waited_wd"
unit = { suffix = { zh = " 天", en = " d" } }

[words]
subtitle = { zh = "截至 {as_of}", en = "as of {as_of}" }
"#;

/// Two bureaus with an open stage each, a mart that counts them, its headlines and its chart.
fn place(headlines: &str, chart: &str) -> Place {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\nA1,East,10,500,2026-05-06,\nA2,West,0.4,8,2026-05-06,\n",
    );
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at\nA1,survey,Survey,2026-05-06,\nA2,survey,Survey,2026-05-25,\n",
    );
    place.write(
        "p/monthly.toml",
        "name = \"monthly\"\ntitle = { zh = \"月报\", en = \"Monthly\" }\ndata = \"../data\"\n\
         headlines = [\"offices\", \"waited\", \"open\"]\ncharts = [\"waiting\"]\n",
    );
    place.write("p/marts/waiting.sql", SQL);
    place.write("p/marts/waiting.toml", DEFINITION);
    place.write("p/headlines.toml", headlines);
    place.write("p/charts/waiting.toml", chart);
    place
}

#[test]
fn a_custom_mart_has_a_headline_and_a_chart() {
    let place = place(HEADLINES, CHART);
    for (lang, words) in [
        ("zh", ["2 个", "4 天", "1 行，截至 2026-05-31", "2 户", "各单位等了多久", "截至 2026-05-31", "18 天"]),
        (
            "en",
            [
                "2 bureaus",
                "4.0 days",
                "1 row, as of 2026-05-31",
                "2 applications",
                "How long bureaus wait",
                "as of 2026-05-31",
                "18 d",
            ],
        ),
    ] {
        let run =
            ["run", "p/monthly.toml", "--as-of", "2026-05-31", "--allow-stale", "--out", "report", "--lang", lang];
        place.run(&run).ends(0);
        let page = place.pages("report");
        for word in words.map(|word| word.replace("4 天", "4.0 天")) {
            assert!(page.contains(&word), "{lang}: no `{word}`");
        }
        let chart = place.text("report/charts/waiting.svg");
        // The longest first, with how many they rest on.
        let at = |text: &str| chart.find(text).unwrap_or_else(|| panic!("{lang}: no `{text}`"));
        assert!(at(">East<") < at(">West<") && at("n = 1") > 0, "{lang}");
    }
}

/// More bars than anybody looks through: the first are drawn, and the chart says of how many.
#[test]
fn a_chart_says_how_many_it_does_not_draw() {
    let place = place(HEADLINES, CHART);
    let bureaus = 1..=1_000;
    let applications = bureaus.clone().map(|n| format!("A{n},B{n},10,500,2026-05-06,\n")).collect::<String>();
    place.write(
        "data/applications.csv",
        format!("application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\n{applications}"),
    );
    let stages = bureaus.map(|n| format!("A{n},survey,Survey,2026-05-06,\n")).collect::<String>();
    place.write("data/stages.csv", format!("application_id,stage,department,started_at,finished_at\n{stages}"));
    for (lang, words) in
        [("zh", "共 1000 项，图中为前 60 项，其余见表。"), ("en", "The first 60 of 1000; the table has the rest.")]
    {
        let run =
            ["run", "p/monthly.toml", "--as-of", "2026-05-31", "--allow-stale", "--out", "report", "--lang", lang];
        place.run(&run).ends(0);
        let chart = place.text("report/charts/waiting.svg");
        holds(&chart, &[words]);
        assert_eq!(chart.matches(">B").count(), 60, "{lang}");
    }
}

/// What `check` says where one line of a declaration is another.
fn said(headlines: (&str, &str), chart: (&str, &str)) -> Outcome {
    let changed = |text: &str, (from, to): (&str, &str)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let place = place(&changed(HEADLINES, headlines), &changed(CHART, chart));
    place.run(&["check", "p/monthly.toml", "--lang", "en"])
}

#[test]
fn mistakes_of_a_headline_show_their_lines() {
    for (from, to, place, words) in [
        ("form = \"count\"", "form = \"cuont\"", "2:8", "did you mean `count`?"),
        ("mart = \"waiting\"", "mart = \"wating\"", "4:8", "did you mean `waiting`?"),
        ("column = \"waited_wd\"", "column = \"waited\"", "12:10", "no column of the mart `waiting` `waited`"),
        ("column = \"waited_wd\"", "column = \"bureau\"", "12:10", "`bureau` does not hold numbers"),
        ("where = { bureau = \"West\" }", "where = { bureau = 3 }", "11:20", "does not hold this kind of value"),
        ("where = { bureau = \"West\" }", "where = { office = \"West\" }", "11:11", "`office`"),
        ("better = \"less\"", "better = \"lower\"", "13:10", "unknown variant `lower`"),
        ("better = \"less\"\n", "", "8:8", "missing field `better`"),
        ("{as_of}", "{as_off}", "15:10", "there is no `{as_off}` to fill in"),
        ("unit = { zh = \"个\"", "units = { zh = \"个\"", "5:1", "unknown field `units`"),
        ("[waited]", "needs = [\"nothing\"]\n[waited]", "7:10", "there is no input table `nothing`"),
    ] {
        said((from, to), ("", "")).fails(2, &[words, &format!("headlines.toml:{place}")]);
    }
}

#[test]
fn mistakes_of_a_chart_show_their_lines() {
    for (from, to, place, words) in [
        ("form = \"bar\"", "form = \"bars\"", "1:8", "did you mean `bar`?"),
        ("mart = \"waiting\"", "mart = \"wating\"", "3:8", "there is no mart `wating`"),
        ("label = [\"bureau\"]", "label = [\"bureaus\"]", "4:10", "did you mean `bureau`?"),
        ("n = \"waiting\"", "n = \"bureau\"", "5:5", "`bureau` does not hold whole numbers"),
        ("series = [{ column = \"waited_wd\"", "series = [{ column = \"bureau\"", "6:22", "does not hold numbers"),
        ("sort = \"-waited_wd\"", "sort = \"-waited\"", "7:8", "did you mean `waited_wd`?"),
        ("sort = \"-waited_wd\"", "months = 1", "7:10", "the mart `waiting` has no column of months"),
        ("mart = \"waiting\"\n", "", "1:8", "missing field `mart`"),
        ("subtitle =", "subtilte =", "11:1", "did you mean `subtitle`?"),
        ("form = \"bar\"", "form = \"pareto\"", "6:1", "unknown field `series`"),
        ("unit = {", "colour = {", "8:1", "unknown field `colour`"),
    ] {
        said(("", ""), (from, to)).fails(2, &[words, &format!("charts/waiting.toml:{place}")]);
    }
}

/// A report for everybody shows nothing of the office's marts, whatever its charts and headlines say.
#[test]
fn a_public_report_refuses_headlines_and_charts_of_the_office() {
    let place = place(HEADLINES, CHART);
    let pipeline = place.text("p/monthly.toml").replace("\"open\"]", "\"public_open\"]");
    place.write("p/monthly.toml", format!("{pipeline}tables = []\npublic = true\n"));
    place.run(&["check", "p/monthly.toml", "--lang", "en"]).fails(
        2,
        &["the mart `waiting`, which is for the office", "monthly.toml:4:14", "monthly.toml:4:25", "monthly.toml:5:11"],
    );
}
