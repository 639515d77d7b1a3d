//! The figures of a subject on a terminal: a short table of them first, and their cases where they are asked for.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::made::{Part, Role, rounded};
use super::{Explanation, Figure, Listed, MartStory, RowStory, Step};
use crate::explain::Subject;
use crate::words::Lang;

/// Cases that the text lists of each of many figures; of one that is asked for it lists all.
const LISTED: usize = 30;

/// Rows of cases that the text shows of a mart that is one of many.
const FEW_ROWS: usize = 1;

// Writing to a String cannot fail, here and below.
impl Explanation {
    /// The explanation as text for a terminal.
    pub fn text(&self) -> String {
        let lang = self.lang;
        let what = match self.subject {
            Subject::Manager => lang.pick("客户经理", "Manager"),
            Subject::Mart => lang.pick("指标表", "Mart"),
            _ => lang.pick("部门", "Department"),
        };
        let Explanation { name, month, as_of, .. } = self;
        let mut out = lang.pick(
            format!("{what} {name}，{month}（统计日 {as_of}）\n"),
            format!("{what} {name}, {month} (as of {as_of})\n"),
        );
        out += &self.nothing();
        let is_short = |story: &&MartStory| self.is_chosen || !story.is_list && story.rows.len() <= FEW_ROWS;
        let (shown, other): (Vec<&MartStory>, Vec<&MartStory>) = self.marts.iter().partition(is_short);
        for story in &shown {
            out += &self.mart(story);
        }
        if !other.is_empty() {
            let _ = writeln!(out, "\n{}", lang.pick("另有下列各表（--mart 名称 展开）：", "More, by --mart NAME:"));
            for MartStory { mart, title, rows, .. } in other {
                let n = rows.len();
                let rows = lang.pick(format!("{n} 行"), format!("{n} row{}", if n == 1 { "" } else { "s" }));
                let _ = writeln!(out, "  {}  {title}  {rows}", padded(mart, 24));
            }
        }
        if self.listed == Listed::No && !shown.is_empty() {
            out += lang.pick(
                "\n--cases 列出各指标计入的个案，--figure 名称 列出一个指标的全部个案\n",
                "\n--cases lists the cases of each figure, --figure NAME all those of one\n",
            );
        }
        out
    }

    /// That there is nothing of the month, and of which months there is something.
    fn nothing(&self) -> String {
        let lang = self.lang;
        match &self.other_months {
            Some([first, last]) => lang.pick(
                format!("  本月没有记录；有记录的月份：{first} 至 {last}\n"),
                format!("  nothing in this month; there are rows of {first} to {last}\n"),
            ),
            None if self.marts.is_empty() => lang.pick("  本月没有记录\n", "  nothing in this month\n").to_owned(),
            None => String::new(),
        }
    }

    fn mart(&self, story: &MartStory) -> String {
        let lang = self.lang;
        let mut out = format!("\n■ {}  {}\n", story.title, story.mart);
        for row in &story.rows {
            if !row.label.is_empty() {
                let _ = writeln!(out, "  {}", row.label);
            }
            match self.listed {
                Listed::No => out += &table(row, lang),
                Listed::First => row.figures.iter().for_each(|figure| out += &with_cases(figure, lang)),
                Listed::All => row.figures.iter().for_each(|figure| out += &with_parts(figure, lang)),
            }
        }
        if !story.estimated_from.is_empty() && self.listed != Listed::No {
            let n = story.estimated_from.len();
            let _ = writeln!(
                out,
                "  {}",
                lang.pick(format!("由下列 {n} 件估计："), format!("estimated from these {n} cases:"))
            );
            list(&mut out, "    ", &story.estimated_from, self.most(), lang);
        }
        out
    }

    /// How many cases of a figure are listed at most.
    fn most(&self) -> usize {
        if self.listed == Listed::All { usize::MAX } else { LISTED }
    }
}

/// The figures of a row: what each is called, its value, how many cases of how many, and the month.
fn table(row: &RowStory, lang: Lang) -> String {
    let head = [
        lang.pick("指标", "figure"),
        lang.pick("名称", "name"),
        lang.pick("数值", "value"),
        lang.pick("计入 / 全部", "n of m"),
    ];
    let line = |figure: &Figure| {
        let cases = figure.n_of_m.as_ref().map(|[n, m]| format!("{n} / {m}")).unwrap_or_default();
        [figure.title.clone(), figure.name.clone(), value(figure, lang).to_owned(), cases]
    };
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(row.figures.iter().map(line));
    let wide = |column: usize| lines.iter().map(|line| line[column].width()).max().unwrap_or(0);
    let widths = [wide(0), wide(1), wide(2), wide(3)];
    let mut out = String::new();
    for (number, [title, name, value, cases]) in lines.iter().enumerate() {
        let month = match (row.month.is_empty(), number) {
            (true, _) => "",
            (false, 0) => lang.pick("月份", "month"),
            (false, _) => &row.month,
        };
        let [title, name] = [padded(title, widths[0]), padded(name, widths[1])];
        let [value, cases] = [right(value, widths[2]), right(cases, widths[3])];
        let _ = writeln!(out, "{}", format!("    {title}  {name}  {value}  {cases}  {month}").trim_end());
    }
    out
}

/// A figure with the first of its cases, one of many.
fn with_cases(figure: &Figure, lang: Lang) -> String {
    let mut out = head(figure, lang);
    list(&mut out, "      ", &figure.cases, LISTED, lang);
    out
}

/// A figure with all that it is made of.
fn with_parts(figure: &Figure, lang: Lang) -> String {
    let mut out = head(figure, lang);
    for Step { name, title, value, arithmetic } in &figure.steps {
        let called = format!("{title} {name}");
        let value = if value.is_null() { lang.pick("—", "–").to_owned() } else { rounded(&plain(value)) };
        let _ = writeln!(out, "      {} = {value}{arithmetic}", called.trim());
    }
    let above = of_role(&figure.parts, Role::Numerator);
    let below = of_role(&figure.parts, Role::Denominator);
    // What is counted below the line holds, as a rule, what is counted above it: that is not listed twice.
    let counted: BTreeSet<usize> = above.iter().flat_map(|part| part.places.iter().copied()).collect();
    for part in &figure.parts {
        let Part { role, n, cases, title, figure: name, places } = part;
        let called = format!("{title} {name}");
        let called = called.trim();
        let rest: Vec<String> = match (role, above.len(), below.len()) {
            (Role::Denominator, 1, 1) if !counted.is_empty() && counted.iter().all(|place| places.contains(place)) => {
                let left = places.iter().zip(cases).filter(|(place, _)| !counted.contains(place));
                left.map(|(_, case)| case.clone()).collect()
            }
            _ => cases.clone(),
        };
        let without = n - rest.len();
        let told = match role {
            Role::Case => lang.pick("本行即该个案：".to_owned(), "the row is the case:".to_owned()),
            Role::Counted => lang.pick(format!("计入 {n} 件："), format!("{n} counted:")),
            Role::Numerator => lang.pick(format!("分子 {called}：{n} 件"), format!("numerator {called}: {n}")),
            Role::Denominator if without > 0 => lang.pick(
                format!("分母 {called}：{n} 件，即上列 {without} 件和下列 {} 件", rest.len()),
                format!("denominator {called}: {n}, those {without} and these {}", rest.len()),
            ),
            Role::Denominator => lang.pick(format!("分母 {called}：{n} 件"), format!("denominator {called}: {n}")),
            Role::Term => lang.pick(format!("其中 {called}：{n} 件"), format!("of which {called}: {n}")),
            Role::Rows => lang.pick(format!("各行的 {called}（{n} 行）："), format!("{called} of {n} rows:")),
        };
        let _ = writeln!(out, "      {told}");
        list(&mut out, "        ", &rest, usize::MAX, lang);
    }
    for reason in &figure.unlisted {
        let _ = writeln!(out, "      {}{reason}", lang.pick("不逐件列出：", "not listed: "));
    }
    out
}

fn of_role(parts: &[Part], role: Role) -> Vec<&Part> {
    parts.iter().filter(|part| part.role == role).collect()
}

fn head(figure: &Figure, lang: Lang) -> String {
    let Figure { name, title, arithmetic, .. } = figure;
    format!("    {title} {name} = {}{arithmetic}\n", value(figure, lang))
}

fn value(figure: &Figure, lang: Lang) -> &str {
    if figure.shown.is_empty() { lang.pick("—", "–") } else { &figure.shown }
}

/// The first of some cases, and how many more there are.
fn list(out: &mut String, indent: &str, cases: &[String], most: usize, lang: Lang) {
    for case in cases.iter().take(most) {
        let _ = writeln!(out, "{indent}· {case}");
    }
    if cases.len() > most {
        let more = cases.len() - most;
        let more = lang.pick(format!("… 其余 {more} 件用 --figure 列出"), format!("… {more} more with --figure"));
        let _ = writeln!(out, "{indent}{more}");
    }
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// A value as JSON has it, a text without its quotes.
fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
