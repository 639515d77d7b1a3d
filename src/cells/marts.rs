//! The columns of a mart as cells.

use super::{Cell, Format};
use crate::config::Config;
use crate::error::Result;
use crate::flow::BETWEEN_STAGES;
use crate::lake::Columns;
use crate::marts::{Column, Kind};
use crate::vocabularies::Tone;
use crate::vocabularies::estimates::MeasureUnit;
use crate::words::Lang;

/// The cells of one column of a mart, and how they are written; an empty one is called what the column says.
pub fn mart_cells(config: &Config, lang: Lang, declared: &Column, data: Columns<'_>) -> Result<(Format, Vec<Cell>)> {
    let (format, cells) = bare_cells(config, lang, declared, data)?;
    let cells = match &declared.empty {
        None => cells,
        Some(words) => {
            let named = |cell| if cell == Cell::Empty { Cell::text(words.get(lang)) } else { cell };
            cells.into_iter().map(named).collect()
        }
    };
    Ok((format, cells))
}

/// The cells of one column of a mart, and how they are written.
pub(crate) fn bare_cells(
    config: &Config,
    lang: Lang,
    declared: &Column,
    data: Columns<'_>,
) -> Result<(Format, Vec<Cell>)> {
    let format = match &declared.kind {
        Kind::Month => Format::Month,
        Kind::Date => Format::Date,
        Kind::Count | Kind::Days => Format::Integer,
        Kind::MeanDays | Kind::Minutes | Kind::Score => Format::Decimal(1),
        Kind::Number => Format::Decimal(2),
        Kind::Kva => Format::Decimal(0),
        Kind::Measure => Format::Decimal(1),
        Kind::PValue => Format::Decimal(4),
        Kind::Rate => Format::Rate,
        Kind::Variant => Format::Wrapped,
        _ => Format::Text,
    };
    let name = &declared.name;
    let cells: Vec<Cell> = match &declared.kind {
        Kind::Month | Kind::Date => data.days(name)?.into_iter().map(Cell::date).collect(),
        Kind::Count | Kind::Days => {
            data.integers(name)?.into_iter().map(|n| n.map_or(Cell::Empty, Cell::Integer)).collect()
        }
        Kind::Movement => {
            data.integers(name)?.into_iter().map(|n| n.map_or(Cell::Empty, |places| moved(places, lang))).collect()
        }
        Kind::Kv => {
            let kv = |kv: f64| Cell::Text(format!("{kv} kV"));
            data.numbers(name)?.into_iter().map(|number| number.map_or(Cell::Empty, kv)).collect()
        }
        Kind::Flag => {
            let yes_no = |flag: bool| Cell::text(if flag { lang.pick("是", "yes") } else { lang.pick("否", "no") });
            data.flags(name)?.into_iter().map(|flag| flag.map_or(Cell::Empty, yes_no)).collect()
        }
        Kind::MeanDays | Kind::Number | Kind::Rate | Kind::Minutes | Kind::Score | Kind::Kva => {
            data.numbers(name)?.into_iter().map(|n| n.map_or(Cell::Empty, Cell::Number)).collect()
        }
        Kind::PValue => {
            let cell = |p: f64| if p < 0.0001 { Cell::text("<0.0001") } else { Cell::Number(p) };
            data.numbers(name)?.into_iter().map(|p| p.map_or(Cell::Empty, cell)).collect()
        }
        Kind::Measure => {
            let cell = |(number, unit): (Option<f64>, Option<&str>)| match (number, unit.and_then(MeasureUnit::of_code))
            {
                (None, _) => Cell::Empty,
                (Some(share), Some(MeasureUnit::Share)) => Cell::Share(share),
                (Some(projects), Some(MeasureUnit::Projects)) => Cell::Integer(projects as i64),
                (Some(number), _) => Cell::Number(number),
            };
            data.numbers(name)?.into_iter().zip(data.texts("unit")?.iter()).map(cell).collect()
        }
        Kind::Text
        | Kind::Manager
        | Kind::Unit
        | Kind::Stage
        | Kind::Variant
        | Kind::Role
        | Kind::Source
        | Kind::Code(_) => {
            let cell = |text: &str| text_cell(config, lang, &declared.kind, text);
            data.texts(name)?.iter().map(|text| text.map_or(Cell::Empty, cell)).collect()
        }
    };
    Ok((format, cells))
}

/// By how many places a rank rose or fell: a shape and a word, whatever colour they have.
fn moved(places: i64, lang: Lang) -> Cell {
    let by = places.unsigned_abs();
    match places {
        0 => Cell::text(lang.pick("– 持平", "– same")),
        1.. => Cell::Toned(lang.pick(format!("↑{by} 上升"), format!("↑{by} up")), Tone::Better),
        _ => Cell::Toned(lang.pick(format!("↓{by} 下降"), format!("↓{by} down")), Tone::Worse),
    }
}

/// A text of a mart as its kind says: a code in words, a text of the data as it stands.
pub(crate) fn text_cell(config: &Config, lang: Lang, kind: &Kind, text: &str) -> Cell {
    match kind {
        Kind::Stage => Cell::text(config.process.name(text, lang)),
        Kind::Variant => {
            let stages = text.split(BETWEEN_STAGES).map(|stage| config.process.name(stage, lang));
            Cell::Text(stages.collect::<Vec<_>>().join(BETWEEN_STAGES))
        }
        Kind::Role => Cell::text(config.owners.name(text, lang)),
        Kind::Source => Cell::text(config.standards.source(text, lang)),
        Kind::Code(vocabulary) => {
            let vocabularies = &config.vocabularies;
            let title = vocabularies.title(vocabulary, text, lang).into_owned();
            match vocabularies.tone(vocabulary, text) {
                Some(tone) => Cell::Toned(title, tone),
                None => Cell::Text(title),
            }
        }
        _ => Cell::text(text),
    }
}
