//! Why a file cannot be read, as far as more than one reader says it.

use std::fmt::Display;
use std::io;

use crate::words::Words;

/// A column, from 1, where no export has so many.
pub(super) fn column(number: usize) -> Words {
    Words::new(format!("第 {number} 列"), format!("column {number}"))
}

/// A size.
pub(super) fn bytes(count: u64) -> Words {
    Words::new(format!("{count} 字节"), format!("{count} bytes"))
}

/// Why packed content cannot be read.
pub(super) fn unpacking(error: &io::Error) -> Words {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Words::new("压缩的内容在中途结束", error.to_string()),
        _ => Words::quoting("压缩的内容无法解开", error),
    }
}

/// Why a document is no XML.
pub(super) fn ill_formed(error: impl Display) -> Words {
    Words::quoting("XML 的标记有误", error)
}
