//! What keeps a mart from being computed.

use std::collections::{BTreeMap, BTreeSet};

use super::{ColumnFile, MartFile};
use crate::contract;
use crate::error::{Mistake, TomlFile, TomlPath};
use crate::marts::dialect;
use crate::marts::estimate::Estimator;
use crate::marts::measure::Measure;
use crate::marts::print::Total;
use crate::marts::{Column, Kind, Mart, Place};
use crate::words::Words;

/// Finds what keeps a mart from being computed, each with its place.
pub(super) struct Check<'a> {
    pub(super) file: &'a MartFile,
    pub(super) source: &'a TomlFile,
    pub(super) at: TomlPath<'a>,
    pub(super) mart: &'a Mart,
    pub(super) mistakes: Vec<Mistake>,
}

impl Check<'_> {
    /// Where a figure is defined.
    fn place(&self, figure: &str) -> TomlPath<'_> {
        match self.file.columns.iter().position(|column| column.name == figure) {
            Some(number) => self.source.at("columns").item(number).key("from"),
            None => self.source.at("steps"),
        }
    }

    /// Something is wrong with a figure.
    fn refuse(&mut self, figure: &str, message: Words) {
        let mistake = self.place(figure).mistake(message);
        self.mistakes.push(mistake);
    }

    pub(super) fn everything(&mut self) {
        let (mart, definition) = (self.mart, &self.mart.definition);
        if dialect::TABLES.contains(&mart.name.as_str()) {
            let name = &mart.name;
            let message = Words::new(
                format!("「{name}」是明细表的名称，指标表不能用"),
                format!("`{name}` is a clean table, which no mart can stand in for"),
            );
            self.mistakes.push(self.source.whole().mistake(message));
        }
        self.needs();
        self.list();
        for (number, case) in definition.cases.iter().enumerate() {
            if !mart.selected.columns.contains(case) {
                let message =
                    Words::new(format!("明细中没有「{case}」列"), format!("the cases have no column `{case}`"));
                self.mistakes.push(self.source.at("cases").item(number).mistake(message));
            }
        }
        if let Some(estimator) = definition.estimator {
            return self.estimated(estimator);
        }
        for (number, key) in definition.grain.iter().enumerate() {
            let declared = definition.columns.iter().any(|column| column.name == *key);
            if declared && !mart.selected.columns.contains(key) {
                let message = Words::new(
                    format!("粒度中的「{key}」没有被 SQL 选出"),
                    format!("the grain names `{key}`, which the SQL does not select"),
                );
                self.mistakes.push(self.at.key("grain").item(number).mistake(message));
            }
        }
        for column in &definition.columns {
            self.column(column);
        }
        for (name, step) in &definition.steps {
            self.measure(name, &step.from, step.within.as_deref());
        }
        self.circles();
    }

    /// The input tables and columns, and the column `unit`, that the mart needs and does not have.
    fn needs(&mut self) {
        let columns = self.source.at("columns");
        let file = self.file;
        let of_mart =
            file.needs.iter().enumerate().map(|(number, table)| (table, self.source.at("needs").item(number)));
        let of_columns = file.columns.iter().enumerate().flat_map(|(number, column)| {
            let needs = columns.item(number).key("needs");
            column.needs.iter().enumerate().map(move |(number, table)| (table, needs.item(number)))
        });
        let unknown =
            of_mart.chain(of_columns).filter_map(|(input, here)| Some((contract::unknown_input(input)?, here)));
        let unknown = unknown.map(|(unknown, here)| here.mistake(unknown.message()).did_you_mean(unknown.nearest));
        self.mistakes.extend(unknown);
        let measure = file.columns.iter().position(|column| column.kind == Some(Kind::Measure));
        if let Some(number) = measure.filter(|_| !file.columns.iter().any(|column| column.name == "unit")) {
            let message =
                Words::new("measure 类型的列要有一列 unit 与它并列", "a `measure` needs a column `unit` next to it");
            self.mistakes.push(columns.item(number).key("kind").mistake(message));
        }
    }

    /// What only lists of cases have: they are read to their end, and each row is one case.
    fn list(&mut self) {
        for (number, column) in self.file.columns.iter().enumerate() {
            let at = self.source.at("columns").item(number);
            for (key, given) in [("print", column.print.is_some()), ("total", column.total.is_some())] {
                if given && self.file.place != Place::Cases {
                    let message = Words::new(
                        format!("{key} 只用于逐件清单，即 place = \"cases\""),
                        format!("`{key}` is for lists of cases, with `place = \"cases\"`"),
                    );
                    self.mistakes.push(at.key(key).mistake(message));
                }
            }
            if column.total == Some(Total::Sum) && !self.adds_up(column) {
                let name = &column.name;
                let message =
                    Words::new(format!("「{name}」的值不能相加"), format!("the values of `{name}` do not add up"));
                self.mistakes.push(at.key("total").mistake(message));
            }
        }
    }

    /// Whether a sum over the rows of a column means something.
    fn adds_up(&self, file: &ColumnFile) -> bool {
        let column = self.mart.definition.columns.iter().find(|column| column.name == file.name);
        column.map_or(file.print.is_none(), |column| {
            matches!(column.kind, Kind::Count | Kind::Days | Kind::Minutes | Kind::Score | Kind::Kva | Kind::Number)
        })
    }

    fn estimated(&mut self, estimator: Estimator) {
        let definition = &self.mart.definition;
        for (name, _) in estimator.needs() {
            if !self.mart.selected.columns.iter().any(|column| column == name) {
                let message = Words::new(
                    format!("估计方法需要「{name}」列，而 SQL 没有选出"),
                    format!("the estimator needs a column `{name}`, which the SQL does not select"),
                );
                self.mistakes.push(self.source.at("estimator").mistake(message));
            }
        }
        for column in definition.columns.iter().filter(|column| column.from.is_some()) {
            let name = &column.name;
            let message = Words::new(
                format!("「{name}」由估计方法给出，不能另有来源"),
                format!("`{name}` comes from the estimator, and has no other origin"),
            );
            self.refuse(&column.name, message);
        }
        let made: Vec<&str> = estimator.gives().iter().map(|(name, _)| *name).collect();
        let declared: Vec<&str> = definition.columns.iter().map(|column| column.name.as_str()).collect();
        if made != declared {
            let (made_ones, declared_ones) = (made.join(", "), declared.join(", "));
            let message = Words::new(
                format!("估计方法给出的列与写明的列不同\n  估计方法：{made_ones}\n  写明的列：{declared_ones}"),
                format!(
                    "the columns of the estimator are not those declared\n  estimator: {made_ones}\n  declared: {declared_ones}"
                ),
            );
            // The first column that differs, or the last where more are made.
            let same = made.iter().zip(&declared).take_while(|(made, declared)| *made == *declared).count();
            let column = self.source.at("columns").item(same.min(declared.len().saturating_sub(1)));
            self.mistakes.push(column.key("name").mistake(message));
        }
    }

    fn column(&mut self, column: &Column) {
        let definition = &self.mart.definition;
        if definition.grain.contains(&column.name) {
            return;
        }
        match &column.from {
            Some(measure) => self.measure(&column.name, measure, column.within.as_deref()),
            None if self.mart.selected.columns.contains(&column.name) => {}
            None => {
                let name = &column.name;
                let message = Words::new(
                    format!("「{name}」没有 from，SQL 也没有选出同名的列"),
                    format!("`{name}` has no `from`, and the SQL selects no column of that name"),
                );
                let number = self.file.columns.iter().position(|file| file.name == column.name).unwrap_or_default();
                self.mistakes.push(self.source.at("columns").item(number).key("name").mistake(message));
            }
        }
    }

    fn measure(&mut self, name: &str, measure: &Measure, within: Option<&[String]>) {
        let definition = &self.mart.definition;
        for source in measure.sources() {
            let columns = match &source.table {
                None => Some(self.mart.selected.columns.as_slice()),
                Some(table) => self.mart.selected.cte(table),
            };
            match columns {
                None => {
                    let message = Words::new(
                        format!("「{name}」来自「{source}」，而 SQL 中没有这个 CTE"),
                        format!("`{name}` comes from `{source}`, but the SQL has no such CTE"),
                    );
                    self.refuse(name, message);
                }
                Some(columns) if !source.is_every_row() && !columns.contains(&source.column) => {
                    let message = Words::new(
                        format!("「{name}」来自「{source}」，而 SQL 没有选出它"),
                        format!("`{name}` comes from `{source}`, which the SQL does not select"),
                    );
                    self.refuse(name, message);
                }
                Some(columns) => {
                    for key in within.into_iter().flatten().filter(|key| !columns.contains(key)) {
                        let message = Words::new(
                            format!("「{name}」按「{key}」分组计数，而它的明细没有这一列"),
                            format!("`{name}` is counted within `{key}`, which is no column of its cases"),
                        );
                        self.refuse(name, message);
                    }
                }
            }
            if source.table.is_some() && within.is_none() {
                let message = Words::new(
                    format!("「{name}」来自另一些明细：请用 within 写明按哪些列对应"),
                    format!("`{name}` comes from other cases: `within` says by which columns of the row"),
                );
                self.refuse(name, message);
            }
            if definition.is_list() && source.table.is_none() {
                let message = Words::new(
                    format!("「{name}」要计数，而每一行就是一件"),
                    format!("`{name}` counts cases, but each row is one"),
                );
                self.refuse(name, message);
            }
        }
        for key in within.into_iter().flatten() {
            let known =
                definition.grain.contains(key) || definition.is_list() && self.mart.selected.columns.contains(key);
            if !known {
                let message = Words::new(
                    format!("「{name}」的 within 写了「{key}」，而行中没有这一列"),
                    format!("`{name}` is within `{key}`, which no row has"),
                );
                self.refuse(name, message);
            }
        }
        for figure in measure.figures() {
            if !self.mart.has_figure(figure) {
                let message = Words::new(
                    format!("「{name}」来自「{figure}」，而行中没有这个指标"),
                    format!("`{name}` comes from `{figure}`, which is no figure of the row"),
                );
                self.refuse(name, message);
            }
        }
    }

    /// A figure that is made of itself.
    fn circles(&mut self) {
        let measures: BTreeMap<&str, &Measure> = self.mart.definition.figures().collect();
        for start in measures.keys() {
            let (mut seen, mut ahead) = (BTreeSet::new(), measures[start].figures());
            while let Some(figure) = ahead.pop() {
                if seen.insert(figure) && figure != *start {
                    ahead.extend(measures.get(figure).iter().flat_map(|measure| measure.figures()));
                }
            }
            if seen.contains(start) {
                let message = Words::new(format!("「{start}」由它自身算出"), format!("`{start}` is made of itself"));
                self.refuse(start, message);
            }
        }
    }
}
