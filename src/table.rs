//! A table declared once: its rows, and for each column name, layout, meaning and how it is taken from a case.
//!
//! [`table!`] makes of one list of columns the row type, the writer's Arrow builders, the reader's arrays and the entry
//! of the data dictionary. Columns are found by name on both ways, so their order is nothing that code could get wrong.
//! Knows Arrow and Parquet and nothing of the domain.
//!
//! ```text
//! table! {
//!     /// One month.
//!     Months of Month<'a> from Settled<'a> as of;
//!     "months" by [month], "每月一行。", "One row per month.";
//!     month: Date = of.month, "月份", "the month, its first day";
//!     settled: Integer = of.count(), "判定的环节数", "stage passes settled in it";
//! }
//! ```

mod parts;

use std::fmt::Debug;
use std::fs::File;
use std::marker::PhantomData;
use std::path::Path;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowPredicateFn, ParquetRecordBatchReaderBuilder, RowFilter};

pub use self::parts::{Encoded, Part, PartedFiles, Parts, Writer, parted};
use crate::calendar::{self, Day};
use crate::error::{Error, Result};
use crate::lake::{self, BATCH, Layout, TEXT_BYTES};
use crate::words::{Lang, Vocabulary};

/// A sentence in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

impl Meaning {
    /// The sentence in one language.
    pub fn get(self, lang: Lang) -> &'static str {
        lang.pick(self.zh, self.en)
    }

    /// What is meant, in a few words: the sentence up to its first stop, without the unit and what else it says.
    pub fn head(self, lang: Lang) -> &'static str {
        let meaning = self.get(lang);
        let stop = |c: char| "：，；。（,;:.(".contains(c);
        meaning.split(stop).next().unwrap_or(meaning).trim_end()
    }
}

/// A table of the data dictionary.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name, also the stem of its file.
    pub name: &'static str,
    /// The columns that make a row unique.
    pub grain: &'static [&'static str],
    /// What one row is.
    pub meaning: Meaning,
    /// Its columns, in order.
    pub columns: &'static [Column],
}

/// A column of the data dictionary.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// How it is laid out.
    pub layout: Layout,
    /// Whether a row may hold nothing.
    pub optional: bool,
    /// What it says, with its unit.
    pub meaning: Meaning,
}

/// What the cells of a column hold: their type in the program, and their layout in Arrow.
pub trait Cell {
    /// The layout.
    const LAYOUT: Layout;
    /// Whether a cell may hold nothing.
    const OPTIONAL: bool = false;
    /// The value of one cell.
    type Of<'a>: Copy + Debug;
    /// What collects the cells of a batch.
    type Builder: ArrayBuilder;
    /// The cells of a batch that was read.
    type Array: Array + Clone + 'static;

    /// A builder with room for a batch, so that nothing moves while it is filled.
    fn builder() -> Self::Builder;
    /// Adds a cell.
    fn append(value: Self::Of<'_>, to: &mut Self::Builder);
    /// Adds a cell that holds nothing.
    fn append_null(to: &mut Self::Builder);
    /// The cell of a row; none where it holds nothing that the type knows.
    fn get(from: &Self::Array, row: usize) -> Option<Self::Of<'_>>;
}

macro_rules! cell {
    (
        $(#[$doc:meta])* $name:ident as $of:ty, $layout:ident, $builder:ident, $array:ident,
        |$value:ident| $put:expr, |$stored:ident| $take:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Cell for $name {
            const LAYOUT: Layout = Layout::$layout;
            type Of<'a> = $of;
            type Builder = $builder;
            type Array = $array;

            fn builder() -> $builder {
                $builder::with_capacity(BATCH)
            }

            #[inline]
            fn append($value: $of, to: &mut $builder) {
                to.append_value($put);
            }

            #[inline]
            fn append_null(to: &mut $builder) {
                to.append_null();
            }

            #[inline]
            fn get(from: &$array, row: usize) -> Option<$of> {
                if from.is_null(row) {
                    return None;
                }
                let $stored = from.value(row);
                $take
            }
        }
    };
}

cell! {
    /// A number.
    Number as f64, Number, Float64Builder, Float64Array, |value| value, |stored| Some(stored)
}
cell! {
    /// A whole number.
    Integer as i64, Integer, Int64Builder, Int64Array, |value| value, |stored| Some(stored)
}
cell! {
    /// A whole number that fits 32 bits, such as days.
    Count as i32, Integer, Int64Builder, Int64Array, |value| i64::from(value), |stored| i32::try_from(stored).ok()
}
cell! {
    /// Yes or no.
    Flag as bool, Flag, BooleanBuilder, BooleanArray, |value| value, |stored| Some(stored)
}
cell! {
    /// A date.
    Date as Day, Date, Date32Builder, Date32Array, |value| value.0, |stored| Some(Day(stored))
}
cell! {
    /// A local civil time.
    Time as calendar::Instant, Instant, TimestampMicrosecondBuilder, TimestampMicrosecondArray,
    |value| value.0, |stored| Some(calendar::Instant(stored))
}

/// Text, an identifier or a code that the exports made.
#[derive(Debug)]
pub enum Text {}

impl Cell for Text {
    const LAYOUT: Layout = Layout::Text;
    type Of<'a> = &'a str;
    type Builder = StringBuilder;
    type Array = StringArray;

    fn builder() -> StringBuilder {
        StringBuilder::with_capacity(BATCH, BATCH * TEXT_BYTES)
    }

    #[inline]
    fn append(value: &str, to: &mut StringBuilder) {
        to.append_value(value);
    }

    #[inline]
    fn append_null(to: &mut StringBuilder) {
        to.append_null();
    }

    #[inline]
    fn get(from: &StringArray, row: usize) -> Option<&str> {
        (!from.is_null(row)).then(|| from.value(row))
    }
}

/// A code of one of the program's own vocabularies.
#[derive(Debug)]
pub struct Code<V>(PhantomData<V>);

impl<V: Vocabulary> Cell for Code<V> {
    const LAYOUT: Layout = Layout::Text;
    type Of<'a> = V;
    type Builder = StringBuilder;
    type Array = StringArray;

    fn builder() -> StringBuilder {
        Text::builder()
    }

    #[inline]
    fn append(value: V, to: &mut StringBuilder) {
        Text::append(value.code(), to);
    }

    #[inline]
    fn append_null(to: &mut StringBuilder) {
        Text::append_null(to);
    }

    #[inline]
    fn get(from: &StringArray, row: usize) -> Option<V> {
        Text::get(from, row).and_then(V::of_code)
    }
}

/// A cell that may hold nothing.
#[derive(Debug)]
pub struct Maybe<C>(PhantomData<C>);

impl<C: Cell> Cell for Maybe<C> {
    const LAYOUT: Layout = C::LAYOUT;
    const OPTIONAL: bool = true;
    type Of<'a> = Option<C::Of<'a>>;
    type Builder = C::Builder;
    type Array = C::Array;

    fn builder() -> C::Builder {
        C::builder()
    }

    #[inline]
    fn append(value: Option<C::Of<'_>>, to: &mut C::Builder) {
        match value {
            Some(value) => C::append(value, to),
            None => C::append_null(to),
        }
    }

    #[inline]
    fn append_null(to: &mut C::Builder) {
        C::append_null(to);
    }

    #[inline]
    fn get(from: &C::Array, row: usize) -> Option<Option<C::Of<'_>>> {
        if from.is_null(row) { Some(None) } else { C::get(from, row).map(Some) }
    }
}

/// Rows of a declared type, on their way to and from Parquet; [`record!`] writes the implementation.
pub trait Record {
    /// One row.
    type Row<'a>;
    /// What collects the rows of a batch.
    type Builders: Default;
    /// The rows of a batch that was read.
    type Arrays;

    /// The columns, in order.
    const LAYOUTS: &'static [(&'static str, Layout)];
    /// Adds a row.
    fn append(row: &Self::Row<'_>, to: &mut Self::Builders);
    /// The arrays of what was collected, in order.
    fn finish(builders: Self::Builders) -> Vec<ArrayRef>;
    /// The columns of a batch, each cell of which can be read; else what is wrong with it.
    fn arrays(batch: &RecordBatch) -> Result<Self::Arrays, String>;
    /// A row of them.
    fn row(arrays: &Self::Arrays, row: usize) -> Self::Row<'_>;
}

/// A record that the data dictionary describes.
pub trait Declared: Record {
    /// Its entry.
    const TABLE: Table;
}

/// Declares a row type and how it is written and read: `Table of Row<'a>: column: Cell; …`.
macro_rules! record {
    (
        $(#[$doc:meta])* $table:ident of $row:ident<$life:lifetime>:
        $( $(#[$about:meta])* $column:ident: $cell:ty; )+
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $row<$life> {
            $( $(#[$about])* pub $column: <$cell as $crate::table::Cell>::Of<$life>, )+
        }

        #[doc = concat!("The table whose rows are [`", stringify!($row), "`].")]
        #[derive(Debug)]
        pub enum $table {}

        const _: () = {
            use $crate::table::{Cell, Record};

            pub struct Builders {
                $( $column: <$cell as Cell>::Builder, )+
            }

            impl Default for Builders {
                fn default() -> Builders {
                    Builders { $( $column: <$cell as Cell>::builder(), )+ }
                }
            }

            pub struct Arrays {
                $( $column: <$cell as Cell>::Array, )+
            }

            impl Record for $table {
                type Row<$life> = $row<$life>;
                type Builders = Builders;
                type Arrays = Arrays;

                const LAYOUTS: &'static [(&'static str, $crate::lake::Layout)] =
                    &[ $( (stringify!($column), <$cell as Cell>::LAYOUT), )+ ];

                fn append(row: &$row<'_>, to: &mut Builders) {
                    $( <$cell as Cell>::append(row.$column, &mut to.$column); )+
                }

                fn finish(mut builders: Builders) -> Vec<arrow_array::ArrayRef> {
                    vec![ $( arrow_array::builder::ArrayBuilder::finish(&mut builders.$column), )+ ]
                }

                fn arrays(batch: &arrow_array::RecordBatch) -> Result<Arrays, String> {
                    Ok(Arrays { $( $column: $crate::table::array::<$cell>(batch, stringify!($column))?, )+ })
                }

                fn row(arrays: &Arrays, row: usize) -> $row<'_> {
                    $row { $( $column: $crate::table::value::<$cell>(&arrays.$column, row), )+ }
                }
            }
        };
    };
}
pub(crate) use record;

/// Declares a table of the data dictionary, and how its rows are taken from what they tell of.
macro_rules! table {
    (
        $(#[$doc:meta])*
        $table:ident of $row:ident<$life:lifetime> from $source:ty as $of:ident;
        $name:literal by [$($grain:ident),+], $zh:literal, $en:literal;
        $( $column:ident: $cell:ty = $value:expr, $column_zh:literal, $column_en:literal; )+
    ) => {
        $crate::table::record! {
            $(#[$doc])*
            $table of $row<$life>:
            $( #[doc = $column_en] $column: $cell; )+
        }

        impl $crate::table::Declared for $table {
            const TABLE: $crate::table::Table = $crate::table::Table {
                name: $name,
                grain: &[ $( stringify!($grain), )+ ],
                meaning: $crate::table::Meaning { zh: $zh, en: $en },
                columns: &[ $( $crate::table::Column {
                    name: stringify!($column),
                    layout: <$cell as $crate::table::Cell>::LAYOUT,
                    optional: <$cell as $crate::table::Cell>::OPTIONAL,
                    meaning: $crate::table::Meaning { zh: $column_zh, en: $column_en },
                }, )+ ],
            };
        }

        impl<$life> From<&$life $source> for $row<$life> {
            fn from($of: &$life $source) -> $row<$life> {
                $row { $( $column: $value, )+ }
            }
        }
    };
}
pub(crate) use table;

/// The column of a batch by its name, of the type that its cells have; every cell can be read.
pub(crate) fn array<C: Cell>(batch: &RecordBatch, name: &str) -> Result<C::Array, String> {
    let Some(column) = batch.column_by_name(name) else { return Err(format!("there is no column `{name}`")) };
    let layout = C::LAYOUT.arrow();
    let column = match column.data_type() {
        same if *same == layout => column.clone(),
        _ => arrow_cast::cast(column, &layout).map_err(|error| format!("column `{name}`: {error}"))?,
    };
    let Some(array) = column.as_any().downcast_ref::<C::Array>() else {
        return Err(format!("column `{name}` is of type {}", column.data_type()));
    };
    match (0..array.len()).find(|row| C::get(array, *row).is_none()) {
        Some(row) => Err(format!("column `{name}` holds nothing that is known in row {row} of a batch")),
        None => Ok(array.clone()),
    }
}

/// A cell of a column that [`array`] has looked through.
pub(crate) fn value<C: Cell>(array: &C::Array, row: usize) -> C::Of<'_> {
    C::get(array, row).expect("every cell was read when the batch was")
}

/// The file of a table in a folder.
pub fn path(folder: &Path, name: &str) -> std::path::PathBuf {
    folder.join(format!("{name}.parquet"))
}

/// Rows that were read.
pub struct Rows<T: Record> {
    batches: Vec<(T::Arrays, usize)>,
}

impl<T: Record> Rows<T> {
    /// Every row, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = T::Row<'_>> {
        self.batches.iter().flat_map(|(arrays, rows)| (0..*rows).map(|row| T::row(arrays, row)))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.batches.iter().all(|(_, rows)| *rows == 0)
    }
}

impl<T: Declared> Rows<T> {
    /// Reads the whole table from a folder.
    pub fn read(folder: &Path) -> Result<Rows<T>> {
        Rows::of(&path(folder, T::TABLE.name), Of::All)
    }

    /// Reads the rows that hold one of some texts in a column; of the others nothing but that column is read.
    pub fn with(folder: &Path, column: &str, texts: &[&str]) -> Result<Rows<T>> {
        Rows::named(folder, T::TABLE.name, column, texts)
    }

    /// The same of a table of the same columns under another name.
    pub fn named(folder: &Path, name: &str, column: &str, texts: &[&str]) -> Result<Rows<T>> {
        Rows::of(&path(folder, name), Of::With(column, texts))
    }

    fn of(path: &Path, wanted: Of<'_>) -> Result<Rows<T>> {
        let mut batches = Vec::new();
        each_batch::<T>(path, wanted, |arrays, rows| {
            batches.push((arrays, rows));
            Ok(())
        })?;
        Ok(Rows { batches })
    }
}

/// Gives every row of a file to `visit`.
pub fn each_row<T: Record>(path: &Path, mut visit: impl FnMut(T::Row<'_>) -> Result<()>) -> Result<()> {
    each_batch::<T>(path, Of::All, |arrays, rows| (0..rows).try_for_each(|row| visit(T::row(&arrays, row))))
}

/// Gives every row of a row group of a file to `visit`.
pub fn each_row_of_group<T: Record>(
    path: &Path,
    group: usize,
    mut visit: impl FnMut(T::Row<'_>) -> Result<()>,
) -> Result<()> {
    each_batch::<T>(path, Of::Group(group), |arrays, rows| (0..rows).try_for_each(|row| visit(T::row(&arrays, row))))
}

/// Which rows of a file are read.
#[derive(Clone, Copy)]
enum Of<'a> {
    /// Every one.
    All,
    /// Those of a row group.
    Group(usize),
    /// Those that hold one of some texts in a column.
    With(&'a str, &'a [&'a str]),
}

fn each_batch<T: Record>(
    path: &Path,
    wanted: Of<'_>,
    mut visit: impl FnMut(T::Arrays, usize) -> Result<()>,
) -> Result<()> {
    let doing = || format!("cannot read {}", path.display());
    let file = lake::open(path)?;
    let mask = columns(&file, T::LAYOUTS.iter().map(|(name, _)| *name));
    let file = match wanted {
        Of::All => file,
        Of::Group(group) => file.with_row_groups(vec![group]),
        Of::With(column, texts) => {
            let filter = holds_one_of(&file, column, texts);
            file.with_row_filter(filter)
        }
    };
    let file = file.with_projection(mask);
    for batch in file.build().map_err(Error::engine(doing()))? {
        let batch = batch.map_err(Error::engine(doing()))?;
        let arrays = T::arrays(&batch).map_err(Error::engine(doing()))?;
        visit(arrays, batch.num_rows())?;
    }
    Ok(())
}

fn columns<'a>(file: &ParquetRecordBatchReaderBuilder<File>, names: impl Iterator<Item = &'a str>) -> ProjectionMask {
    ProjectionMask::columns(file.parquet_schema(), names)
}

fn holds_one_of(file: &ParquetRecordBatchReaderBuilder<File>, column: &str, texts: &[&str]) -> RowFilter {
    let texts: std::collections::HashSet<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    let column_name = column.to_owned();
    let predicate = ArrowPredicateFn::new(columns(file, [column].into_iter()), move |batch| {
        let column = array::<Maybe<Text>>(&batch, &column_name).map_err(ArrowError::SchemaError)?;
        Ok(column.iter().map(|text| Some(text.is_some_and(|text| texts.contains(text)))).collect())
    });
    RowFilter::new(vec![Box::new(predicate)])
}
