//! Why a file was not hashed.

use std::{fmt, io};

use super::Error;
use crate::Interrupted;

/// Why a file was not hashed.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileError {
    /// The path is not that of a regular file. Nothing was read.
    NotRegular {
        /// What it is.
        kind: FileKind,
    },
    /// The file changed while it was read: the bytes seen may never have been its content.
    Changed(Change),
    /// A call of the operating system failed.
    System {
        /// The name of the call: `open`, `fstat` or `read`.
        syscall: &'static str,
        /// Its error, with the number of the system.
        source: io::Error,
    },
    /// The algorithm cannot be had in this way.
    Hash(Error),
    /// The checkpoint said stop.
    Interrupted,
}

impl FileError {
    /// The system's error number, if the system refused.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Self::System { source, .. } => source.raw_os_error(),
            _ => None,
        }
    }

    pub(super) fn system(syscall: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::System { syscall, source }
    }
}

/// What a path can name besides a regular file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A directory.
    Directory,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A character device, such as a terminal or `/dev/zero`.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// Something else.
    Other,
}

impl FileKind {
    /// What `file_type` says, if it is not a regular file.
    pub(super) fn of(file_type: std::fs::FileType) -> Option<Self> {
        if file_type.is_file() {
            return None;
        }
        if file_type.is_dir() {
            return Some(Self::Directory);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::FileTypeExt;
            if file_type.is_fifo() {
                return Some(Self::Fifo);
            }
            if file_type.is_socket() {
                return Some(Self::Socket);
            }
            if file_type.is_char_device() {
                return Some(Self::CharacterDevice);
            }
            if file_type.is_block_device() {
                return Some(Self::BlockDevice);
            }
        }
        Some(Self::Other)
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory => "a directory",
            Self::Fifo => "a FIFO",
            Self::Socket => "a socket",
            Self::CharacterDevice => "a character device",
            Self::BlockDevice => "a block device",
            Self::Other => "something else",
        })
    }
}

/// How a file changed while it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Its length.
    Size {
        /// Bytes when it was opened.
        before: u64,
        /// Bytes when that was found out.
        after: u64,
    },
    /// Its time of modification, at the same length.
    Modified,
    /// Its last name: it was deleted, or another file was renamed over it.
    Unlinked,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { before, after } if after < before => {
                write!(f, "shrank from {before} to {after} bytes")
            }
            Self::Size { before, after } => write!(f, "grew from {before} to {after} bytes"),
            Self::Modified => f.write_str("was modified"),
            Self::Unlinked => f.write_str("was deleted or replaced"),
        }
    }
}

impl From<Interrupted> for FileError {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl From<Error> for FileError {
    fn from(error: Error) -> Self {
        match error {
            Error::Interrupted => Self::Interrupted,
            error => Self::Hash(error),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRegular { kind } => write!(f, "expected a regular file, found {kind}"),
            Self::Changed(change) => write!(f, "the file {change} while it was read"),
            Self::System { syscall, source } => write!(f, "{syscall}: {source}"),
            Self::Hash(error) => error.fmt(f),
            Self::Interrupted => Interrupted.fmt(f),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::System { source, .. } => Some(source),
            Self::Hash(error) => Some(error),
            _ => None,
        }
    }
}
