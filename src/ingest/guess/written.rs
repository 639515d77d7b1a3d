//! A guess as the file of a source mapping, each line with how sure it is and what it was guessed from.

use super::{Certainty, Guess, Item, Key};
use crate::contract::{self, Column, Table};
use crate::error::toml_text;
use crate::words::Lang;

impl Guess {
    /// The mapping, ready to be read.
    pub fn text(&self, lang: Lang) -> String {
        let mut lines = Vec::new();
        lines.extend(comment(lang.pick(HEAD_ZH, HEAD_EN)));
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
        let own: Vec<&Item> = self.items.iter().filter(|item| item.table.name == table.name).collect();
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
        lines.extend(others.iter().filter(|item| !is_absent(item)).flat_map(|item| item.lines(lang)));
        let mut column = "";
        for item in words {
            let Key::Word { column: own, .. } = item.key else { continue };
            if own.name != column {
                column = own.name;
                lines.push(format!("[tables.{}.values.{column}]", table.name));
            }
            lines.extend(item.lines(lang));
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
            Key::Files | Key::Sheet | Key::IgnoreSheets | Key::DateOrder | Key::Decimal => None,
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
            (Key::Files | Key::IgnoreSheets, _) => list(),
            (_, [one]) if one.is_empty() => "\"…\"".to_owned(),
            (_, [one]) => toml_text(one),
            _ => list(),
        }
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
        }
    }

    /// The line with what it was guessed from; commented out where it is not sure enough.
    fn lines(&self, lang: Lang) -> Vec<String> {
        let mark = match self.certainty {
            Certainty::Sure => lang.pick("确定", "sure"),
            Certainty::Check => lang.pick("请核对", "check"),
            Certainty::Unsure => lang.pick("未采用", "not used"),
        };
        let colon = if matches!(self.key, Key::Absent(_)) { lang.pick("：", ": ") } else { "" };
        let remark = colon.to_owned() + &self.remark(lang).replace(|c: char| c.is_control(), " ");
        let line = format!("{}  # {mark}{remark}", self.line());
        vec![if self.certainty == Certainty::Unsure { format!("# {line}") } else { line }]
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
            Key::Files => lang.pick("：表头像这张表".to_owned(), ": they have the headers of the table".to_owned()),
            Key::Sheet | Key::IgnoreSheets => lang.pick("：同一工作簿中还有其他表".to_owned(), ": other tables are in the workbook too".to_owned()),
            Key::DateOrder | Key::Decimal if self.certainty == Certainty::Unsure => lang.pick(
                format!("：有不止一种读法，请选一种{samples}"),
                format!(": it can be read in more than one way, choose one{samples}"),
            ),
            _ => lang.pick(format!("：{title}{samples}"), format!(": {title}{samples}")),
        }
    }
}
