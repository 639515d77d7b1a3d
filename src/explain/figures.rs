//! A manager, a department or a mart in a month: every row about it, the arithmetic of each figure, and its cases.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use polars::prelude::*;
use serde::Serialize;

use super::{Lake, Question, Subject};
use crate::calendar::Day;
use crate::cells::marts::mart_cells;
use crate::error::{Error, Result, Sought};
use crate::lake::Columns;
use crate::marts::engine::Engine;
use crate::marts::{Column, Definition, Kind, Mart, Measure, Source};
use crate::measures::formula::Name;
use crate::spelling::nearest;
use crate::vocabularies::estimates::ALL;
use crate::words::Lang;

/// Cases that the text lists of one figure; JSON has them all.
const LISTED: usize = 30;

/// Everything that the marts say of a manager or a department in a month.
#[derive(Debug, Serialize)]
pub struct Explanation {
    subject: Subject,
    name: String,
    month: String,
    as_of: String,
    marts: Vec<MartStory>,
    #[serde(skip)]
    lang: Lang,
}

/// The rows of one mart.
#[derive(Debug, Serialize)]
struct MartStory {
    mart: String,
    title: String,
    rows: Vec<RowStory>,
    /// What an estimator made all of the rows from, where one did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    estimated_from: Vec<String>,
}

/// One row: what it is about, and its figures.
#[derive(Debug, Serialize)]
struct RowStory {
    of: BTreeMap<String, String>,
    figures: Vec<Figure>,
    #[serde(skip)]
    label: String,
}

/// One figure, how it comes about, and the cases that it counts.
#[derive(Debug, Serialize)]
struct Figure {
    name: String,
    title: String,
    value: String,
    arithmetic: String,
    cases: Vec<String>,
}

impl Explanation {
    /// Computes the marts about a subject, and lists the cases behind each figure.
    pub fn read(subject: Subject, question: &Question<'_>, sources: &Lake<'_>) -> Result<Explanation> {
        let by = match subject {
            Subject::Manager => Some("manager_id"),
            Subject::Department => Some("department"),
            _ => None,
        };
        let about = by.map(|by| (by, question.name));
        let conditions: Vec<(&str, &str)> = about
            .into_iter()
            .chain(question.conditions.iter().map(|(key, value)| (key.as_str(), value.as_str())))
            .collect();
        let month = question.month.unwrap_or(sources.as_of).month();
        let mut engine = Engine::open(&sources.clean)?;
        let named = if subject == Subject::Mart { Some(question.name) } else { question.mart };
        let marts: Vec<&Mart> = match named {
            Some(name) => vec![sources.catalogue.mart(name)?],
            None => sources.catalogue.marts.iter().collect(),
        };
        let mut stories = Vec::new();
        for mart in marts {
            // Of figures the grain says what they are about; a list of cases can be cut by any column.
            let definition = &mart.definition;
            let has = |key: &str| match definition.cases.is_empty() {
                true => definition.columns.iter().any(|column| column.name == key),
                false => definition.grain.iter().any(|grain| grain == key),
            };
            if let Some((missing, _)) = conditions.iter().find(|(key, _)| !has(key)) {
                if named.is_some() {
                    let near = nearest(missing, definition.grain.iter().map(String::as_str)).map(str::to_owned);
                    return Err(Error::Unknown { what: Sought::Column, name: (*missing).to_owned(), nearest: near });
                }
                continue;
            }
            let story = read_mart(&mut engine, mart, &conditions, month, question.figure, sources)?;
            if !story.rows.is_empty() {
                stories.push(story);
            }
        }
        if let Some(figure) = question.figure
            && stories.iter().flat_map(|story| &story.rows).all(|row| row.figures.is_empty())
        {
            let known = sources.catalogue.marts.iter().flat_map(|mart| &mart.definition.columns);
            let near = nearest(figure, known.map(|column| column.name.as_str())).map(str::to_owned);
            return Err(Error::Unknown { what: Sought::Figure, name: figure.to_owned(), nearest: near });
        }
        Ok(Explanation {
            subject,
            name: question.name.to_owned(),
            month: month.month_label(),
            as_of: sources.as_of.to_string(),
            marts: stories,
            lang: sources.lang,
        })
    }

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
        if self.marts.is_empty() {
            out += lang.pick("  本月没有记录\n", "  nothing in this month\n");
        }
        for mart in &self.marts {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "\n■ {}  {}", mart.title, mart.mart);
            for row in &mart.rows {
                if !row.label.is_empty() {
                    let _ = writeln!(out, "  {}", row.label);
                }
                for Figure { name, title, value, arithmetic, cases } in &row.figures {
                    let value = if value.is_empty() { lang.pick("—", "–") } else { value };
                    let _ = writeln!(out, "    {title} {name} = {value}{arithmetic}");
                    list(&mut out, "      ", cases, lang);
                }
            }
            if !mart.estimated_from.is_empty() {
                let n = mart.estimated_from.len();
                let told = lang.pick(format!("由下列 {n} 件估计："), format!("estimated from these {n} cases:"));
                let _ = writeln!(out, "  {told}");
                list(&mut out, "    ", &mart.estimated_from, lang);
            }
        }
        out
    }
}

/// The first of some cases, and how many more there are.
fn list(out: &mut String, indent: &str, cases: &[String], lang: Lang) {
    for case in cases.iter().take(LISTED) {
        let _ = writeln!(out, "{indent}· {case}");
    }
    if cases.len() > LISTED {
        let more = cases.len() - LISTED;
        let more = lang.pick(format!("… 其余 {more} 件见 --json"), format!("… {more} more with --json"));
        let _ = writeln!(out, "{indent}{more}");
    }
}

fn read_mart(
    engine: &mut Engine,
    mart: &Mart,
    conditions: &[(&str, &str)],
    month: Day,
    figure: Option<&str>,
    sources: &Lake<'_>,
) -> Result<MartStory> {
    let definition = &mart.definition;
    let (lang, doing) = (sources.lang, format!("mart {}", mart.name));
    let equal = |(key, value): &(&str, &str)| col(*key).cast(DataType::String).eq(lit(*value));
    let about = |table: DataFrame| -> Result<DataFrame> {
        let mut wanted = conditions.iter().map(equal).fold(lit(true), Expr::and);
        if let Some(of) = definition.columns.iter().find(|column| column.kind == Kind::Month)
            && definition.grain.contains(&of.name)
        {
            wanted = wanted.and(col(&of.name).cast(DataType::Int32).eq(lit(month.0)));
        }
        crate::lake::collect(table.lazy().filter(wanted), &doing)
    };
    let keys = |table: &DataFrame| -> Result<Vec<Vec<String>>> {
        let columns = definition.grain.iter().map(|key| texts(table, key, &doing)).collect::<Result<Vec<_>>>()?;
        Ok((0..table.height()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect())
    };
    let (made, steps) = engine.with_steps(mart)?;
    let every = if steps.is_empty() { Vec::new() } else { keys(&made)? };
    let rows = about(made)?;
    let estimated_from = match definition.estimator {
        Some(estimator) if rows.height() > 0 => {
            let cases = engine.cases(mart)?;
            // Cases bear the bands that rows are about, but neither a day nor a measure; `all` wants them all.
            let known = cases.get_column_names_owned();
            let wanted =
                conditions.iter().filter(|(key, value)| *value != ALL.code && known.iter().any(|name| name == key));
            let wanted = wanted.map(equal).fold(lit(true), Expr::and);
            let cases = crate::lake::collect(cases.lazy().filter(wanted), &doing)?;
            let labels = case_labels(&cases, mart, sources)?;
            match estimator.measured() {
                Some(measured) => {
                    let values = texts(&cases, measured, &doing)?;
                    labels.iter().zip(values).map(|(label, value)| format!("{label}: {value}")).collect()
                }
                None => labels,
            }
        }
        _ => Vec::new(),
    };
    let told = !definition.cases.is_empty() && definition.estimator.is_none();
    let cases = if told { Some(about(engine.cases(mart)?)?) } else { None };
    let mut shown = Vec::new();
    for column in &definition.columns {
        let (format, cells) = mart_cells(sources.config, lang, column, Columns(&rows))?;
        shown.push(cells.iter().map(|cell| cell.display(format)).collect::<Vec<_>>());
    }
    let row_keys = keys(&rows)?;
    let places: BTreeMap<&Vec<String>, usize> = every.iter().enumerate().map(|(place, key)| (key, place)).collect();
    let mut case_rows: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (row, key) in cases.as_ref().map(&keys).transpose()?.into_iter().flatten().enumerate() {
        case_rows.entry(key).or_default().push(row);
    }
    let labels = cases.as_ref().map(|cases| case_labels(cases, mart, sources)).transpose()?.unwrap_or_default();
    let mut stories = Vec::new();
    for (row, key) in row_keys.iter().enumerate() {
        let named = |column: &&Column| definition.grain.contains(&column.name);
        let of = definition.columns.iter().zip(&shown).filter(|(column, _)| named(column));
        let of: BTreeMap<String, String> =
            of.map(|(column, cells)| (column.name.clone(), cells[row].clone())).collect();
        let rest: Vec<&str> = definition
            .grain
            .iter()
            .filter(|key| conditions.iter().all(|(by, _)| by != key))
            .filter_map(|key| of.get(key).map(String::as_str))
            .collect();
        let label = rest.join("  ");
        let mine = case_rows.get(key).map(Vec::as_slice).unwrap_or_default();
        let mut figures = Vec::new();
        for (column, cells) in definition.columns.iter().zip(&shown) {
            let asked = figure.is_none_or(|figure| figure == column.name);
            if definition.grain.contains(&column.name) || !asked {
                continue;
            }
            figures.push(Figure {
                name: column.name.clone(),
                title: column.title.get(lang).to_owned(),
                value: cells[row].clone(),
                arithmetic: arithmetic(
                    column,
                    |name| {
                        let at = definition.columns.iter().position(|column| column.name == name);
                        let step = || Some(steps.get(name)?[*places.get(key)?].clone());
                        at.map(|at| shown[at][row].clone()).or_else(step).unwrap_or_default()
                    },
                    |name| engine.param(name),
                    lang,
                ),
                cases: match &cases {
                    Some(cases) => counted(cases, &origin(column, definition), mine, &labels, &doing)?,
                    None => Vec::new(),
                },
            });
        }
        stories.push(RowStory { of, figures, label });
    }
    Ok(MartStory {
        mart: mart.name.clone(),
        title: definition.title.get(lang).to_owned(),
        rows: stories,
        estimated_from,
    })
}

/// A column as texts, for keys.
fn texts(table: &DataFrame, name: &str, doing: &str) -> Result<Vec<String>> {
    let column = table.column(name).map_err(Error::engine(doing.to_owned()))?;
    let column = column.cast(&DataType::String).map_err(Error::engine(doing.to_owned()))?;
    let column = column.str().map_err(Error::engine(doing.to_owned()))?;
    Ok(column.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
}

/// What each case is called: the columns that name it, stages and codes in words, texts of the data as they stand.
fn case_labels(cases: &DataFrame, mart: &Mart, sources: &Lake<'_>) -> Result<Vec<String>> {
    let doing = format!("cases of {}", mart.name);
    let columns = mart.definition.cases.iter().map(|name| texts(cases, name, &doing)).collect::<Result<Vec<_>>>()?;
    let label = |row: usize| {
        let parts = mart.definition.cases.iter().zip(&columns).filter_map(|(name, column)| {
            let text = column[row].as_str();
            match name.as_str() {
                _ if text.is_empty() => None,
                "stage" => Some(sources.config.process.name(text, sources.lang).to_owned()),
                "pass" if text == "1" => None,
                "pass" => Some(sources.lang.pick(format!("第 {text} 次"), format!("pass {text}"))),
                name => Some(match mart.definition.case_code(name) {
                    Some(vocabulary) => sources.config.vocabularies.title(vocabulary, text, sources.lang).into_owned(),
                    None => text.to_owned(),
                }),
            }
        });
        parts.collect::<Vec<_>>().join(" ")
    };
    Ok((0..cases.height()).map(label).collect())
}

/// What a figure rests on: of a formula of one step, what the step rests on.
fn origin(column: &Column, definition: &Definition) -> Measure {
    let summed = || Measure::Sum(Source { table: None, column: column.name.clone() });
    let measure = column.from.clone().unwrap_or_else(summed);
    let step = match (&measure, measure.figures().as_slice()) {
        (Measure::Formula(_), [figure]) => definition.steps.get(*figure).filter(|step| step.within.is_none()),
        _ => None,
    };
    step.map_or(measure.clone(), |step| step.from.clone())
}

/// The cases that a figure counts: those that bring something to it, with what they bring where they are not just
/// counted. A 0 brings nothing to a sum, but is a value like others to a mean.
fn counted(
    cases: &DataFrame,
    measure: &Measure,
    mine: &[usize],
    labels: &[String],
    doing: &str,
) -> Result<Vec<String>> {
    let Some(Source { table: None, column }) = measure.sources().into_iter().next() else { return Ok(Vec::new()) };
    let values = if column == "*" { vec!["1".to_owned(); cases.height()] } else { texts(cases, column, doing)? };
    let adds = matches!(measure, Measure::Count(_) | Measure::Sum(_));
    let told = mine.iter().filter_map(|row| match values[*row].as_str() {
        "" => None,
        "0" | "false" if adds => None,
        "1" | "true" if adds => Some(labels[*row].clone()),
        value => Some(format!("{}: {value}", labels[*row])),
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    Ok(told)
}

/// How a figure comes about, in signs: ` = 4 ÷ 123`.
fn arithmetic(column: &Column, of: impl Fn(&str) -> String, param: impl Fn(&str) -> String, lang: Lang) -> String {
    let Some(measure) = &column.from else { return String::new() };
    let about = || column.about.get(lang);
    let plain = |zh: &str, en: &str| lang.pick(format!("（{zh}）"), format!(" ({en})"));
    match measure {
        Measure::Rate([part, whole]) => format!(" = {} ÷ {}", of(part), of(whole)),
        Measure::Mean(_) => plain("下列各值的平均", "the mean of"),
        Measure::WeightedMean(..) => plain("下列各值的加权平均", "the weighted mean of"),
        Measure::Percentile(_, percent) => plain(
            &format!("下列各值的 {percent} % 分位，线性插值"),
            &format!("percentile {percent} of, by linear interpolation"),
        ),
        Measure::Distinct(_) => plain("下列各值中不同的个数", "how many different ones of"),
        Measure::Most(_) => plain("下列各值中最大的", "the greatest of"),
        Measure::First(_) => plain("下列各值中最小或最早的", "the least or first of"),
        Measure::TopShare(_) => plain("最多者所占份额", "the share of the most frequent"),
        Measure::Concentration(_) => plain("各份额平方之和", "the sum of the squared shares"),
        Measure::Above(_, figure) => {
            let limit = of(figure);
            plain(&format!("下列各值中大于 {limit} 的个数"), &format!("how many above {limit} of"))
        }
        Measure::WilsonLow([part, whole]) | Measure::WilsonHigh([part, whole]) => {
            let (part, whole) = (of(part), of(whole));
            plain(
                &format!("{part} ÷ {whole} 的 95 % Wilson 区间"),
                &format!("95 % Wilson interval of {part} ÷ {whole}"),
            )
        }
        Measure::Total(figure) => plain(&format!("各行 {figure} 之和"), &format!("the sum of {figure} over the rows")),
        Measure::Share(figure) => {
            let value = of(figure);
            plain(&format!("{value} ÷ 各行 {figure} 之和"), &format!("{value} ÷ the sum of {figure} over the rows"))
        }
        Measure::Rank(by) => {
            let value = of(&by.figure);
            plain(
                &format!("按 {} = {value}；{}", by.figure, about()),
                &format!("by {} = {value}; {}", by.figure, about()),
            )
        }
        Measure::Previous(figure) => plain(&format!("上月的 {figure}"), &format!("{figure} of the month before")),
        Measure::Streak(figure) => plain(&format!("{figure} 连续为是的行数"), &format!("rows in a row with {figure}")),
        Measure::Formula(formula) => {
            let value = |name: Name<'_>| match name {
                Name::Figure(figure) => of(figure),
                Name::Param(name) => param(name),
            };
            let name = |name: Name<'_>| match name {
                Name::Figure(figure) | Name::Param(figure) => figure.to_owned(),
            };
            format!(" = {} = {}", formula.shown(&name), formula.shown(&value))
        }
        Measure::Count(_) | Measure::Given(_) | Measure::Sum(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three cases of 0, 3 and 1 days, and one of none.
    fn told(measure: &Measure) -> Vec<String> {
        let days = [Some(0_i64), Some(3), Some(1), None];
        let cases = DataFrame::new(4, vec![polars::prelude::Column::new("days".into(), days)]).unwrap();
        let labels = ["A1", "A2", "A3", "A4"].map(str::to_owned);
        counted(&cases, measure, &[0, 1, 2, 3], &labels, "test").unwrap()
    }

    #[test]
    fn a_nought_is_a_case_of_a_mean_and_not_of_a_sum() {
        let days = || Source { table: None, column: "days".to_owned() };
        let every = ["A1: 0", "A2: 3", "A3: 1"];
        assert_eq!(told(&Measure::Mean(days())), every);
        assert_eq!(told(&Measure::Percentile(days(), 80)), every);
        assert_eq!(told(&Measure::Given(days())), every);
        assert_eq!(told(&Measure::Sum(days())), ["A2: 3", "A3"]);
        assert_eq!(told(&Measure::Count(Source { table: None, column: "*".to_owned() })), ["A1", "A2", "A3", "A4"]);
    }
}
