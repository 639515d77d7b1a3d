//! A guess as the file of a source mapping, each line with how sure it is and what it was guessed from.

use super::{Certainty, GroupGuess, Guess, Item, Key, SeenWord, StatusGuess};
use crate::contract::{self, Column, Table};
use crate::error::toml_text;
use crate::words::Lang;

impl Guess {
    /// The mapping, ready to be read.
    pub fn text(&self, lang: Lang) -> String {
        let mut lines = Vec::new();
        lines.extend(comment(lang.pick(HEAD_ZH, HEAD_EN)));
        let of_cases: Vec<&Item> = self.items.iter().filter(|item| item.key.is_of_cases()).collect();
        if !of_cases.is_empty() {
            lines.push(String::new());
            lines.push("[cases]".to_owned());
            lines.extend(of_cases.into_iter().flat_map(|item| item.lines(lang)));
        }
        for (table, files) in &self.tables {
            lines.push(String::new());
            lines.extend(self.table_lines(table, files, lang));
        }
        if !self.others.is_empty() {
            lines.push(String::new());
            lines.extend(comment(lang.pick("不读的文件与工作表：", "Files and sheets that are not read:")));
            let colon = lang.pick("：", ": ");
            lines.extend(self.others.iter().flat_map(|(name, why)| comment(&format!("  {name}{colon}{why}"))));
        }
        lines.join("\n") + "\n"
    }

    fn table_lines(&self, table: &'static Table, files: &[String], lang: Lang) -> Vec<String> {
        let own = self.items.iter().filter(|item| item.table.name == table.name && !item.key.is_of_cases());
        let own: Vec<&Item> = own.collect();
        let (title, files) = (contract::title(table.name, lang), files.join(lang.pick("、", ", ")));
        let mut lines =
            comment(&lang.pick(format!("──── {title}（{}）：{files}", table.name), format!("──── {title}: {files}")));
        let known: Vec<String> = self
            .known
            .iter()
            .filter(|(of, header, column)| of.name == table.name && header != column)
            .map(|(_, header, column)| format!("{header} → {column}"))
            .collect();
        if !known.is_empty() {
            let known = known.join(lang.pick("，", ", "));
            lines.extend(comment(&lang.pick(format!("已认出：{known}"), format!("recognised: {known}"))));
        }
        let spare = self.spare.iter().filter(|spare| spare.table.name == table.name);
        lines.extend(spare.flat_map(|spare| {
            let header = toml_text(&spare.header);
            let samples = shown(&spare.samples, lang);
            comment(&lang.pick(
                format!("未用的表头 {header}{samples}；要用时写 columns.列名 = {header}"),
                format!("not used: the header {header}{samples}; to use it: columns.NAME = {header}"),
            ))
        }));
        let (minor, own): (Vec<&Item>, Vec<&Item>) =
            own.into_iter().partition(|item| item.is_told_only() && item.certainty == Certainty::Unsure);
        lines.extend(minor.into_iter().flat_map(|item| comment(&item.remark(lang))));
        if own.is_empty() {
            return lines;
        }
        lines.push(format!("[tables.{}]", table.name));
        let (words, others): (Vec<&Item>, Vec<&Item>) =
            own.into_iter().partition(|item| matches!(item.key, Key::Word { .. }));
        let is_absent = |item: &&&Item| matches!(item.key, Key::Absent(_)) && item.certainty != Certainty::Unsure;
        let absent: Vec<String> = others.iter().filter(is_absent).filter_map(|item| item.column_name()).collect();
        if !absent.is_empty() {
            lines.push(format!("absent = [{}]", absent.join(", ")));
        }
        let (groups, others): (Vec<&Item>, Vec<&Item>) =
            others.iter().filter(|item| !is_absent(item)).partition(|item| matches!(item.key, Key::Group(_)));
        lines.extend(others.iter().flat_map(|item| item.lines(lang)));
        lines.extend(others.iter().flat_map(|item| item.conditions(lang)));
        let mut column = "";
        for item in words {
            let Key::Word { column: own, .. } = item.key else { continue };
            if own.name != column {
                column = own.name;
                lines.push(format!("[tables.{}.values.{column}]", table.name));
            }
            lines.extend(item.lines(lang));
        }
        for group in groups {
            lines.push(String::new());
            lines.extend(group.group_lines(lang));
        }
        lines
    }
}

const HEAD_ZH: &str = "\
来源映射，由 yekuo map 按文件的表头与内容推测，可以随意修改。表头是常用名称的列不必写。
「确定」名称与内容相符。「请核对」已采用，请看样例对不对。「未采用」的行以 # 开头，去掉 # 即采用。";
const HEAD_EN: &str = "\
A source mapping, guessed by `yekuo map` from headers and cells; change it as you like. Columns under usual headers need
no line. \"sure\": name and cells agree. \"check\": used, look at the samples. \"not used\": the line is commented out; without its # it counts.";

/// Lines of comment; what breaks a line breaks no comment.
fn comment(text: &str) -> Vec<String> {
    text.lines().map(|line| format!("# {}", line.replace(|c: char| c.is_control(), " "))).collect()
}

/// Some cells in brackets.
fn shown(samples: &[String], lang: Lang) -> String {
    if samples.is_empty() {
        return String::new();
    }
    let quoted: Vec<String> =
        samples.iter().map(|text| lang.pick(format!("「{text}」"), format!("`{text}`"))).collect();
    lang.pick(format!("（样例 {}）", quoted.join("、")), format!(" (such as {})", quoted.join(", ")))
}

impl Item {
    fn column(&self) -> Option<&'static Column> {
        match self.key {
            Key::Column(column) | Key::Unit(column) | Key::Default(column) | Key::Absent(column) => Some(column),
            Key::Word { column, .. } => Some(column),
            _ => None,
        }
    }

    fn column_name(&self) -> Option<String> {
        Some(toml_text(self.column()?.name))
    }

    /// The value in TOML; where nothing fits, a place for it.
    fn value(&self) -> String {
        let list = || {
            let texts: Vec<String> = self.values.iter().map(|text| toml_text(text)).collect();
            format!("[{}]", texts.join(", "))
        };
        match (&self.key, &self.values[..]) {
            (Key::Ends, [one]) if one == "last" => toml_text(one),
            (Key::Files | Key::IgnoreSheets | Key::Ends, _) => list(),
            (_, [one]) if one.is_empty() => "\"…\"".to_owned(),
            (_, [one]) => toml_text(one),
            _ => list(),
        }
    }

    /// The key of the mapping that it is, in front of its value.
    pub fn setting(&self) -> String {
        let line = self.line();
        line.split(" = ").next().unwrap_or_default().to_owned()
    }

    /// The line of the mapping that it is, without comment.
    pub(super) fn line(&self) -> String {
        let value = self.value();
        match &self.key {
            Key::Files => format!("files = {value}"),
            Key::Sheet => format!("sheet = {value}"),
            Key::IgnoreSheets => format!("ignore_sheets = {value}"),
            Key::DateOrder => format!("date_order = {value}"),
            Key::Decimal => format!("decimal = {value}"),
            Key::Column(column) => format!("columns.{} = {value}", column.name),
            Key::Unit(column) => format!("units.{} = {value}", column.name),
            Key::Default(column) => format!("defaults.{} = {value}", column.name),
            Key::Word { word, .. } => format!("{} = {value}", toml_text(word)),
            Key::Absent(column) => format!("absent = [{}]", toml_text(column.name)),
            Key::Group(group) => group.columns_line(),
            Key::Status(status) => status.columns_lines().join("\n"),
            Key::Repeat => format!("repeat = {value}"),
            Key::Order => format!("order = {value}"),
            Key::Begins => format!("begins = {value}"),
            Key::Ends => format!("ends = {value}"),
            Key::Starts => format!("starts = {value}"),
        }
    }

    /// Whether it says what a column holds in another way than by a header of its own.
    pub(super) fn tells(&self, column: &Column) -> bool {
        match &self.key {
            Key::Status(status) => self.certainty != Certainty::Unsure && status.has(column.name),
            // The events of a case end it.
            Key::Ends => self.certainty != Certainty::Unsure && column.name == "energised_at",
            _ => false,
        }
    }

    /// How sure it is, in the words of the head of the file.
    fn mark(&self, lang: Lang) -> &'static str {
        match self.certainty {
            Certainty::Sure => lang.pick("确定", "sure"),
            Certainty::Check => lang.pick("请核对", "check"),
            Certainty::Unsure => lang.pick("未采用", "not used"),
        }
    }

    /// The line with what it was guessed from; commented out where it is not sure enough.
    fn lines(&self, lang: Lang) -> Vec<String> {
        let mark = self.mark(lang);
        let colon = if matches!(self.key, Key::Absent(_)) { lang.pick("：", ": ") } else { "" };
        let remark = colon.to_owned() + &self.remark(lang).replace(|c: char| c.is_control(), " ");
        if let Key::Status(status) = &self.key {
            let lines = comment(&remark_of(mark, &remark)).into_iter();
            return lines.chain(self.commented(status.columns_lines())).collect();
        }
        if self.is_choice() {
            let choice = |value: &String| Item { values: vec![value.clone()], ..self.clone() }.line();
            let lines = comment(&remark_of(mark, &remark)).into_iter();
            return lines.chain(self.commented(self.values.iter().map(choice).collect())).collect();
        }
        self.commented(vec![format!("{}  # {mark}{remark}", self.line())])
    }

    /// Lines, as comments where they are not sure enough.
    fn commented(&self, lines: Vec<String>) -> Vec<String> {
        let shown = |line: String| if self.certainty == Certainty::Unsure { format!("# {line}") } else { line };
        lines.into_iter().map(shown).collect()
    }

    /// The words under which columns hold a date, in a table of their own.
    fn conditions(&self, lang: Lang) -> Vec<String> {
        let Key::Status(status) = &self.key else { return Vec::new() };
        let mut lines = self.commented(status.condition_lines(self.table.name));
        lines.extend(status.unknown_lines(lang));
        lines
    }

    /// The lines of a stage of a ledger.
    fn group_lines(&self, lang: Lang) -> Vec<String> {
        let Key::Group(group) = &self.key else { return Vec::new() };
        let mark = self.mark(lang);
        let remark = group.remark(lang).replace(|c: char| c.is_control(), " ");
        let mut lines = vec![format!("[[tables.{}.groups]]", self.table.name)];
        lines.push(format!("{}  # {mark}{remark}", group.columns_line()));
        let mut defaults = format!("stage = {}", toml_text(&group.stage));
        let mut why = String::new();
        if group.without_department > 0 {
            defaults += &format!(", department = {}", toml_text(super::not_said(lang)));
            let (missing, rows) = (group.without_department, group.rows);
            why = lang.pick(
                format!("  # 请核对：{rows} 行中 {missing} 行没有责任部门，可改为负责该环节的部门"),
                format!("  # check: {missing} of {rows} rows name no department; write the one that does it"),
            );
        }
        lines.push(format!("defaults = {{ {defaults} }}{why}"));
        if !group.absent.is_empty() {
            let absent: Vec<String> = group.absent.iter().map(|column| toml_text(column)).collect();
            let why = lang.pick("台账中没有", "the ledger has none");
            lines.push(format!("absent = [{}]  # {why}", absent.join(", ")));
        }
        self.commented(lines)
    }

    /// What it was guessed from, or what it is for.
    pub(super) fn remark(&self, lang: Lang) -> String {
        let samples = shown(&self.samples, lang);
        let is_open = self.values.iter().all(String::is_empty);
        let title = self.column().map_or("", |column| column.title(lang));
        match &self.key {
            Key::Absent(column) => {
                let cost = column.absence.map_or("", |absence| absence.cost(lang));
                lang.pick(
                    format!("没有 {title}（{}）：{cost}", column.name),
                    format!("no {}: {cost}", column.name),
                )
            }
            Key::Default(_) => lang.pick(
                format!("：没有找到 {title}，这一列不可缺；每行都相同时在此写明，否则用 columns 指明表头"),
                format!(": {title} was not found, and no row can do without; write it here where all rows have the same, else name its header in `columns`"),
            ),
            Key::Column(_) if is_open => lang.pick(
                format!("：没有找到 {title}，这一列不可缺，请写明它的表头"),
                format!(": {title} was not found, and the table cannot be read without: write its header"),
            ),
            Key::Unit(_) if is_open => lang.pick(
                format!("：{title} 的单位认不出{samples}，请写明"),
                format!(": the unit of {title} is not known{samples}; write it"),
            ),
            Key::Word { count, .. } if is_open => lang.pick(
                format!("：出现 {count} 次，没有相近的词，请写明 {title} 的值"),
                format!(": {count} times, near no word that is known; write what it is"),
            ),
            Key::Word { count, .. } => lang.pick(format!("：出现 {count} 次"), format!(": {count} times")),
            Key::Group(group) => group.remark(lang),
            Key::Status(status) => status.remark(lang),
            Key::Repeat if self.values == ["pass"] => lang.pick(
                format!("：有 {} 行的工单、环节与时间都相同，各算一次", self.samples.join("")),
                format!(": {} rows are equal in case, stage and moment; each is a pass", self.samples.join("")),
            ),
            Key::Repeat if self.values == ["last"] => lang.pick(
                format!("：有 {} 个编号在前后的文件中重复，以后一个文件的行为准", self.samples.join("")),
                format!(": {} numbers come again in a later file, whose row counts", self.samples.join("")),
            ),
            Key::Repeat => lang.pick(
                "：每个事件一行，工单的各列取其第一行".to_owned(),
                ": a row an event; of a case the first counts".to_owned(),
            ),
            Key::Order => lang.pick(
                format!("：同一时刻的事件很多（{}），按文件中的次序", self.samples.join("")),
                format!(": many events share their moment ({}), and stand in the order of the file", self.samples.join("")),
            ),
            Key::Begins => lang.pick(
                "：没有受理时间，取工单的第一个事件".to_owned(),
                ": no acceptance is recorded; a case is accepted by its first event".to_owned(),
            ),
            Key::Ends if self.certainty == Certainty::Unsure => lang.pick(
                "：没有送电时间，也看不出哪些事件结束工单；\"last\" 指最后一个事件，或写明环节，如 [\"送电\"]".to_owned(),
                ": no end is recorded, and no event is seen to end cases; \"last\": the last event; or name stages".to_owned(),
            ),
            Key::Ends => lang.pick(
                "：没有送电时间，以这些环节的完成为送电；没有这些环节的工单仍在途".to_owned(),
                ": no end is recorded; these stages end a case, and one without them is open".to_owned(),
            ),
            Key::Starts => lang.pick(
                "：有环节只有完成时间，开始取上一环节的完成（没有则取受理）".to_owned(),
                ": of some stages there is only a finish; each begins where the one before it ended, or at acceptance".to_owned(),
            ),
            Key::Files => lang.pick("：表头像这张表".to_owned(), ": they have the headers of the table".to_owned()),
            Key::Sheet | Key::IgnoreSheets => lang.pick("：同一工作簿中还有其他表".to_owned(), ": other tables are in the workbook too".to_owned()),
            Key::DateOrder | Key::Decimal if self.is_choice() => {
                let readings = self.samples.join(lang.pick("；", "; "));
                lang.pick(
                    format!("：有不止一种读法，请选一种：{readings}"),
                    format!(": it can be read in more than one way, choose one: {readings}"),
                )
            }
            _ => lang.pick(format!("：{title}{samples}"), format!(": {title}{samples}")),
        }
    }
}

fn remark_of(mark: &str, remark: &str) -> String {
    format!("{mark}{remark}")
}

impl GroupGuess {
    /// Its headers, as a mapping writes them.
    fn columns_line(&self) -> String {
        let columns = self.columns.iter().map(|own| {
            let headers: Vec<String> = own.headers.iter().map(|header| toml_text(header)).collect();
            match &headers[..] {
                [one] => format!("{} = {one}", own.column),
                _ => format!("{} = [{}]", own.column, headers.join(", ")),
            }
        });
        format!("columns = {{ {} }}", columns.collect::<Vec<_>>().join(", "))
    }

    /// How many rows it gives, and some of their cells.
    fn remark(&self, lang: Lang) -> String {
        let (stage, rows) = (&self.stage, self.rows);
        let samples: Vec<String> = self.columns.iter().flat_map(|own| own.samples.iter().take(1).cloned()).collect();
        let samples = shown(&samples, lang);
        lang.pick(format!("：{stage} {rows} 条{samples}"), format!(": {stage}, {rows} rows{samples}"))
    }
}

impl StatusGuess {
    /// The columns that share the date, and the words that mean none of them.
    fn columns_lines(&self) -> Vec<String> {
        let (dates, status) = (toml_text(&self.dates), toml_text(&self.status));
        let mut lines: Vec<String> =
            self.conditions.iter().map(|(column, _)| format!("columns.{column} = {dates}")).collect();
        if !self.others.is_empty() {
            lines.push(format!("otherwise = {{ {status} = [{}] }}{}", words(&self.others), counts(&self.others)));
        }
        lines
    }

    fn condition_lines(&self, table: &str) -> Vec<String> {
        let status = toml_text(&self.status);
        let condition = |(column, named): &(&str, Vec<SeenWord>)| {
            format!("{column} = {{ {status} = [{}] }}{}", words(named), counts(named))
        };
        let mut lines = vec![format!("[tables.{table}.when]")];
        lines.extend(self.conditions.iter().map(condition));
        lines
    }

    /// The words that nobody can judge, which a run rejects where a date stands beside them.
    fn unknown_lines(&self, lang: Lang) -> Vec<String> {
        if self.unknown.is_empty() {
            return Vec::new();
        }
        let (words, counts) = (words(&self.unknown), counts(&self.unknown));
        comment(&lang.pick(
            format!("未采用：看不出以下词指送电、撤销还是在途，请写入 when 或 otherwise：{words}{counts}"),
            format!(
                "not used: what these words mean is not known; add each under `when` or `otherwise`: {words}{counts}"
            ),
        ))
    }

    fn remark(&self, lang: Lang) -> String {
        let (dates, status) = (&self.dates, &self.status);
        lang.pick(
            format!("：「{dates}」是各种结束的日期，「{status}」区分是哪一种（词后为出现次数，括号内为有日期的次数）"),
            format!(": `{dates}` is the date of every end, and `{status}` tells which (each word with its rows, and in brackets those with a date)"),
        )
    }
}

fn words(words: &[SeenWord]) -> String {
    words.iter().map(|seen| toml_text(&seen.word)).collect::<Vec<_>>().join(", ")
}

/// How often words are seen, as a comment.
fn counts(words: &[SeenWord]) -> String {
    let count = |seen: &SeenWord| format!("{} ×{} ({})", seen.word, seen.rows, seen.dated);
    let counts = words.iter().map(count).collect::<Vec<_>>().join(", ");
    format!("  # {}", counts.replace(|c: char| c.is_control(), " "))
}
