//! Hashing a file: read once, through any number of algorithms.
//!
//! The file is read, not mapped. A mapping is 7 % faster on a warm cache, and a bus error that kills the process when
//! somebody truncates the file.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use super::{Algorithm, Change, Digest, FileError, FileKind, Hasher, Params};
use crate::{Checkpoint, Threads};

/// How a file is read.
#[derive(Debug, Clone, Copy)]
pub struct FileOptions {
    /// The most bytes read at once. At least 4 KiB are used, and no more than the file has.
    pub buffer_size: usize,
}

impl Default for FileOptions {
    /// 256 KiB: for SHA-256 as fast as any (186 ms for 256 MiB in the cache, 183 ms with 1 MiB). Only CRC and XXH, at memory
    /// speed, gain from 1 MiB (32 ms instead of 44), and BLAKE3 on a pool needs it.
    fn default() -> Self {
        Self { buffer_size: 256 << 10 }
    }
}

/// Told, after each read, the bytes hashed so far and the length of the file. `Send`, because it may be called from a
/// thread of the pool the caller installs.
pub type Progress<'p> = dyn FnMut(u64, u64) + Send + 'p;

/// The digests of a file by several algorithms, in their order, from one pass over it.
///
/// Only regular files: a FIFO or a device could block or never end. A file that changes meanwhile is an error, because the
/// bytes read may be of no version of it: its length, time of modification and number of links are compared before and
/// after. (A write within one tick of the file system's clock, 4 ms on some Linux kernels, that keeps the length goes
/// unnoticed.)
///
/// The length a file claims is not believed: it is read until its end. So files that the kernel makes up, such as those in
/// `/proc` (length 0) and `/sys` (length 4096), give the hash of what reading them gives, as `sha256sum` does; the progress
/// of the former has a total of 0.
///
/// Polls before every read and every 128 KiB of hashing. With [`Threads::Pool`], several algorithms run at the same time,
/// and BLAKE3 by itself uses all threads if the buffer has 512 KiB or more.
///
/// # Errors
///
/// [`FileError`].
///
/// # Example
///
/// ```
/// use sidelane_kernels::hash::{Algorithm, FileOptions, hash_file};
/// use sidelane_kernels::{Threads, Uninterruptible};
///
/// let path = std::env::temp_dir().join(format!("sidelane-doc-{}", std::process::id()));
/// std::fs::write(&path, "123456789")?;
/// let digests = hash_file(
///     &path,
///     &[Algorithm::Crc32, Algorithm::Md5],
///     &FileOptions::default(),
///     &Uninterruptible,
///     Threads::One,
///     &mut |read, total| println!("{read} of {total}"),
/// )?;
/// assert_eq!(digests[0].to_string(), "cbf43926");
/// assert_eq!(digests[1].to_string(), "25f9e794323b453885f5181f1b624d0b");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn hash_file(
    path: &Path,
    algorithms: &[Algorithm],
    options: &FileOptions,
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
    progress: &mut Progress<'_>,
) -> Result<Vec<Digest>, FileError> {
    let hashers = algorithms.iter().map(|algorithm| Hasher::new(*algorithm, &Params::default()));
    let hashers = hashers.collect::<Result<Vec<_>, _>>()?;
    hash_file_with(path, hashers, options, checkpoint, threads, progress)
}

/// [`hash_file`] with hashers of the caller: for keys, HMACs and output lengths.
///
/// # Errors
///
/// [`FileError`].
pub fn hash_file_with(
    path: &Path,
    mut hashers: Vec<Hasher>,
    options: &FileOptions,
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
    progress: &mut Progress<'_>,
) -> Result<Vec<Digest>, FileError> {
    checkpoint.poll()?;
    let file = open(path)?;
    let before = Stat::of(&file)?;
    // A small file needs no large buffer, whose fresh pages would cost more than its hash.
    let wanted = usize::try_from(before.len).unwrap_or(usize::MAX);
    let mut buffer = vec![0; wanted.min(options.buffer_size).max(4 << 10)];
    let mut read = 0;
    loop {
        checkpoint.poll()?;
        let len = read_at(&file, &mut buffer, read).map_err(FileError::system("read"))?;
        if len == 0 {
            break;
        }
        update_all(&mut hashers, &buffer[..len], checkpoint, threads)?;
        read += len as u64;
        progress(read, before.len);
        // A file that grows as fast as it is read would never end.
        if read > before.len {
            before.compare(&Stat::of(&file)?)?;
        }
    }
    before.compare(&Stat::of(&file)?)?;
    Ok(hashers.into_iter().map(|hasher| hasher.finalize_with(checkpoint)).collect::<Result<_, _>>()?)
}

fn update_all(
    hashers: &mut [Hasher],
    data: &[u8],
    checkpoint: &dyn Checkpoint,
    threads: Threads<'_>,
) -> Result<(), FileError> {
    Ok(threads.for_each(hashers.iter_mut(), |hasher| hasher.update_with(data, checkpoint, threads))?)
}

/// What tells two versions of a file apart.
struct Stat {
    len: u64,
    modified: Option<SystemTime>,
    /// Whether a directory still has the file. Windows does not say.
    linked: bool,
}

impl Stat {
    fn of(file: &File) -> Result<Self, FileError> {
        let metadata = file.metadata().map_err(FileError::system("fstat"))?;
        if let Some(kind) = FileKind::of(metadata.file_type()) {
            return Err(FileError::NotRegular { kind });
        }
        #[cfg(unix)]
        let linked = std::os::unix::fs::MetadataExt::nlink(&metadata) > 0;
        #[cfg(not(unix))]
        let linked = true;
        Ok(Self { len: metadata.len(), modified: metadata.modified().ok(), linked })
    }

    fn compare(&self, after: &Self) -> Result<(), FileError> {
        let change = if after.len != self.len {
            Change::Size { before: self.len, after: after.len }
        } else if self.linked && !after.linked {
            Change::Unlinked
        } else if after.modified != self.modified {
            Change::Modified
        } else {
            return Ok(());
        };
        Err(FileError::Changed(change))
    }
}

fn open(path: &Path) -> Result<File, FileError> {
    // Asked first, because opening is not harmless: it wakes the writer of a FIFO, rewinds a tape, and fails on a socket
    // (ENXIO) and, on Windows, on a directory. What the path names by then is asked again of the open file. An error
    // here comes again from `open`, under the name users know.
    if let Some(kind) = std::fs::metadata(path).ok().and_then(|metadata| FileKind::of(metadata.file_type())) {
        return Err(FileError::NotRegular { kind });
    }
    let mut options = OpenOptions::new();
    options.read(true);
    // Should it have become a FIFO or a terminal since: opening must neither block nor take the terminal over. The standard
    // library adds O_CLOEXEC.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    options.open(path).map_err(FileError::system("open"))
}

/// Reads at a place of its own: the file's cursor is not used, so it needs no lock.
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        #[cfg(unix)]
        let result = std::os::unix::fs::FileExt::read_at(file, buffer, offset);
        #[cfg(windows)]
        let result = std::os::windows::fs::FileExt::seek_read(file, buffer, offset);
        match result {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
