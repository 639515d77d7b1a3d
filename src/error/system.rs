//! What the operating system refuses, in both languages.

use std::io::{self, ErrorKind};

use crate::words::Words;

/// Why the system refused. What has no words here is quoted.
pub(crate) fn reason(error: &io::Error) -> Words {
    let zh = match error.kind() {
        ErrorKind::NotFound => "没有这个文件或目录",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::AlreadyExists => "已经存在",
        ErrorKind::NotADirectory => "其中有一级不是目录",
        ErrorKind::IsADirectory => "这是目录，不是文件",
        ErrorKind::DirectoryNotEmpty => "目录不是空的",
        ErrorKind::ReadOnlyFilesystem => "磁盘是只读的",
        ErrorKind::StorageFull => "磁盘已满",
        ErrorKind::QuotaExceeded => "超出了磁盘配额",
        ErrorKind::FileTooLarge => "文件太大",
        ErrorKind::Unsupported => "这不是普通文件",
        ErrorKind::InvalidFilename => "文件名不能用",
        ErrorKind::UnexpectedEof => "内容在中途结束",
        ErrorKind::TimedOut => "等待超时",
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy | ErrorKind::WouldBlock => "正被其他程序使用",
        ErrorKind::OutOfMemory => "内存不足",
        ErrorKind::BrokenPipe => "对方已经关闭",
        // A reason of our own, in the language of the session.
        ErrorKind::InvalidInput if error.get_ref().is_some() => {
            return Words::new(error.to_string(), error.to_string());
        }
        _ => return Words::quoting("系统拒绝", error),
    };
    Words::new(zh, error.to_string())
}

/// What was tried, as a verb.
pub(super) fn action(action: &str) -> &str {
    match action {
        "read" => "读取",
        "open" => "打开",
        "write" => "写入",
        "create" => "新建",
        "rename" => "改名",
        "remove" => "删除",
        "lock" => "锁定",
        "sync" => "写入磁盘",
        other => other,
    }
}
