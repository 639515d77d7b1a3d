//! Lines of a mapping that a message offers to paste: the groups of a wide ledger, and the conditions of a status word.

use super::toml_file::toml_text;
use crate::words::Lang;

/// What a mapping could say of a sheet that looks like a wide ledger.
#[derive(Debug, Clone)]
pub struct LedgerOffer {
    /// The table.
    pub table: &'static str,
    /// The file, where no table has its name.
    pub file: Option<String>,
    /// What every row says of all its stages: column and header.
    pub shared: Vec<(&'static str, String)>,
    /// Whether a header says the department of every stage.
    pub has_department: bool,
    /// The stages that have headers.
    pub groups: Vec<OfferedGroup>,
}

/// The headers of one stage.
#[derive(Debug, Clone)]
pub struct OfferedGroup {
    /// What the stage is called.
    pub stage: String,
    /// Column and header.
    pub columns: Vec<(&'static str, String)>,
}

impl OfferedGroup {
    fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|(name, _)| *name == column)
    }
}

impl LedgerOffer {
    /// The lines, below what the sheet is.
    pub(super) fn say(&self, place: &str, lang: Lang) -> String {
        let title = lang.pick(
            format!("{place}：像是台账（一户一行，各环节的日期各占一列），没有「环节名称」列。请在来源映射中写明各环节用哪些表头（以下各行可直接粘贴，请核对）："),
            format!("{place}: it looks like a ledger, one row a case with a column for the date of each stage, and has no column of stages. Name the headers of each stage in the source mapping (paste these lines, and check them):"),
        );
        let mut lines = vec![title];
        lines.extend(self.lines(lang).into_iter().map(|line| format!("    {line}")));
        if self.groups.iter().any(|group| !group.has("started_at")) {
            lines.push(lang.pick(
                "  只有完成日期的环节：在流水线旁的 process.toml（没有时先运行 yekuo init）第一个 [[stages]] 之前写 starts = \"previous\"，开始即取上一环节的完成（没有则取受理）".to_owned(),
                "  hint: for stages with only a finish, write starts = \"previous\" above the first [[stages]] of the process.toml next to the pipeline (`yekuo init` makes one): each begins when the one before it ended, or at acceptance".to_owned(),
            ));
        }
        lines.join("\n")
    }

    /// The lines of the mapping.
    fn lines(&self, lang: Lang) -> Vec<String> {
        let table = self.table;
        let mut lines = vec![format!("[tables.{table}]")];
        lines.extend(self.file.as_ref().map(|file| format!("files = [{}]", toml_text(file))));
        lines.extend((!self.shared.is_empty()).then(|| format!("columns = {}", inline(&self.shared))));
        for group in &self.groups {
            lines.push(String::new());
            lines.push(format!("[[tables.{table}.groups]]"));
            lines.push(format!("columns = {}", inline(&group.columns)));
            let mut defaults = vec![("stage", group.stage.clone())];
            if group.has("department") || self.has_department {
                lines.push(format!("defaults = {}", inline(&defaults)));
            } else {
                defaults.push(("department", lang.pick("责任部门", "department").to_owned()));
                let remark = lang.pick("# 改为负责该环节的部门", "# the department that does it");
                lines.push(format!("defaults = {}  {remark}", inline(&defaults)));
            }
            let absent = ["finished_at", "due_on"].into_iter().filter(|column| !group.has(column));
            let absent: Vec<String> = absent.map(toml_text).collect();
            if !absent.is_empty() {
                let remark = lang.pick("# 表中没有", "# the ledger has none");
                lines.push(format!("absent = [{}]  {remark}", absent.join(", ")));
            }
        }
        lines
    }
}

/// Columns and headers as an inline table.
fn inline(columns: &[(&'static str, String)]) -> String {
    let columns: Vec<String> = columns.iter().map(|(name, text)| format!("{name} = {}", toml_text(text))).collect();
    format!("{{ {} }}", columns.join(", "))
}

/// Columns that could share one header, told apart by the words of another.
#[derive(Debug, Clone)]
pub struct StatusOffer {
    /// The header with the dates.
    pub header: String,
    /// The header with the words.
    pub status: String,
    /// Column and the words under which it holds the date.
    pub words: Vec<(&'static str, Vec<String>)>,
    /// The words that mean none of them.
    pub others: Vec<String>,
    /// The words of which nobody knows what they mean.
    pub unsure: Vec<String>,
}

impl StatusOffer {
    /// What the lines are about.
    pub(super) fn head_lines(&self, lang: Lang) -> Vec<String> {
        vec![lang.pick(
            format!("# 「{}」区分同一日期的含义时（请核对各词）：", self.status),
            format!("# if `{}` tells what the date is of (check the words):", self.status),
        )]
    }

    /// The columns that share the date, and the words that mean none of them.
    pub(super) fn column_lines(&self, lang: Lang) -> Vec<String> {
        let (header, status) = (toml_text(&self.header), toml_text(&self.status));
        let columns = self.words.iter().map(|(column, _)| format!("columns.{column} = {header}"));
        let mut lines: Vec<String> = columns.collect();
        if !self.others.is_empty() {
            let remark = lang.pick("# 两者都不是", "# neither");
            lines.push(format!("otherwise = {{ {status} = [{}] }}  {remark}", listed(&self.others)));
        }
        lines
    }

    /// The words under which each column holds the date, in a table of their own.
    pub(super) fn condition_lines(&self, table: &str, lang: Lang) -> Vec<String> {
        let status = toml_text(&self.status);
        let mut lines = Vec::new();
        if !self.unsure.is_empty() {
            let unsure = listed(&self.unsure);
            lines.push(lang.pick(
                format!("# 含义不明，请写入 when 或 otherwise：{unsure}"),
                format!("# not known; add them under `when` or `otherwise`: {unsure}"),
            ));
        }
        lines.push(format!("[tables.{table}.when]"));
        let conditions = self.words.iter();
        lines.extend(conditions.map(|(column, named)| format!("{column} = {{ {status} = [{}] }}", listed(named))));
        lines
    }
}

fn listed(words: &[String]) -> String {
    words.iter().map(|word| toml_text(word)).collect::<Vec<_>>().join(", ")
}
