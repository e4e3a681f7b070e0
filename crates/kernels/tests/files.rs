//! Files of every kind, and files that change while they are read.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use sidelane_kernels::hash::{
    Algorithm, Change, Digest, FileError, FileKind, FileOptions, Hasher, Params, digest, hash_file,
    hash_file_with,
};
use sidelane_kernels::{Checkpoint, Interrupted, Threads, Uninterruptible};

use common::several;

/// A directory that goes away with the test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("sidelane-files-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, content: &[u8]) -> PathBuf {
        let path = self.0.join("file");
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SMALL: FileOptions = FileOptions { buffer_size: 4 << 10 };

fn sequence(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 251) as u8).collect()
}

fn sha256(path: &Path) -> Result<Vec<Digest>, FileError> {
    hash_file(path, &[Algorithm::Sha256], &SMALL, &Uninterruptible, Threads::One, &mut |_, _| {})
}

/// Hashes a file of 20 KB, and runs `change` when the first 4 KiB of it are read.
fn changed_by(change: impl FnOnce(&Path) + Send) -> Result<Vec<Digest>, FileError> {
    let directory = Directory::new();
    let path = directory.file(&sequence(20_000));
    let mut change = Some(change);
    let mut progress = |_, _| {
        if let Some(change) = change.take() {
            change(&path);
        }
    };
    hash_file(&path, &[Algorithm::Sha256], &SMALL, &Uninterruptible, Threads::One, &mut progress)
}

#[test]
fn any_length_by_several_algorithms_on_any_threads() {
    let directory = Directory::new();
    let algorithms = [Algorithm::Blake3, Algorithm::Sha256, Algorithm::Crc32, Algorithm::Shake128];
    for len in [0, 1, 4095, 4096, 4097, 300_000, 2_000_000] {
        let content = sequence(len);
        let path = directory.file(&content);
        let expected = algorithms.map(|algorithm| digest(algorithm, &Params::default(), &content).unwrap());
        for threads in [Threads::One, several()] {
            for options in [SMALL, FileOptions::default(), FileOptions { buffer_size: 1 << 20 }] {
                let mut last = (0, len as u64);
                let mut progress = |read, total| {
                    assert!(read > last.0 && total == len as u64);
                    last = (read, total);
                };
                let digests =
                    hash_file(&path, &algorithms, &options, &Uninterruptible, threads, &mut progress);
                assert_eq!(digests.unwrap(), expected, "{len} bytes, {threads:?}");
                assert_eq!(last.0, last.1, "progress reaches the end");
            }
        }
    }
}

#[test]
fn hashers_of_the_caller() {
    let directory = Directory::new();
    let path = directory.file(b"what do ya want for nothing?");
    let hashers = vec![Hasher::hmac(Algorithm::Sha256, b"Jefe").unwrap()];
    let digests =
        hash_file_with(&path, hashers, &SMALL, &Uninterruptible, Threads::One, &mut |_, _| {}).unwrap();
    assert!(digests[0].to_string().starts_with("5bdcc146bf60754e"));
}

#[test]
fn missing_file_is_a_system_error_of_open() {
    let directory = Directory::new();
    let error = sha256(&directory.0.join("none")).unwrap_err();
    assert!(matches!(&error, FileError::System { syscall: "open", .. }), "{error}");
    #[cfg(unix)]
    assert_eq!(error.errno(), Some(libc::ENOENT));
}

#[test]
fn directory() {
    let directory = Directory::new();
    let error = sha256(&directory.0).unwrap_err();
    assert!(matches!(error, FileError::NotRegular { kind: FileKind::Directory }), "{error}");
    assert_eq!(error.to_string(), "expected a regular file, found a directory");
}

#[cfg(unix)]
#[test]
fn fifo_does_not_block() {
    let directory = Directory::new();
    let path = directory.0.join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert!(matches!(sha256(&path), Err(FileError::NotRegular { kind: FileKind::Fifo })));
}

#[cfg(unix)]
#[test]
fn socket_and_device() {
    let directory = Directory::new();
    let path = directory.0.join("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    assert!(matches!(sha256(&path), Err(FileError::NotRegular { kind: FileKind::Socket })));
    let device = sha256(Path::new("/dev/zero"));
    assert!(matches!(device, Err(FileError::NotRegular { kind: FileKind::CharacterDevice })));
}

#[cfg(unix)]
#[test]
fn unreadable_file() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new();
    let path = directory.file(b"secret");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read everything.
    if File::open(&path).is_ok() {
        return;
    }
    assert_eq!(sha256(&path).unwrap_err().errno(), Some(libc::EACCES));
}

#[cfg(target_os = "linux")]
#[test]
fn files_the_kernel_makes_up_are_read_to_their_end() {
    let content = fs::read("/proc/version").unwrap();
    let expected = digest(Algorithm::Sha256, &Params::default(), &content).unwrap();
    assert_eq!(sha256(Path::new("/proc/version")).unwrap(), [expected]);
}

#[test]
fn truncated() {
    let result =
        changed_by(|path| OpenOptions::new().write(true).open(path).unwrap().set_len(10_000).unwrap());
    let Err(FileError::Changed(change)) = result else { panic!("{result:?}") };
    assert_eq!(change, Change::Size { before: 20_000, after: 10_000 });
    assert_eq!(change.to_string(), "shrank from 20000 to 10000 bytes");
}

#[test]
fn grown() {
    let result = changed_by(|path| {
        OpenOptions::new().append(true).open(path).unwrap().write_all(&[0; 30_000]).unwrap();
    });
    let Err(FileError::Changed(change)) = result else { panic!("{result:?}") };
    assert_eq!(change, Change::Size { before: 20_000, after: 50_000 });
}

#[test]
fn grows_for_ever() {
    let directory = Directory::new();
    let path = directory.file(&sequence(10_000));
    let mut writer = OpenOptions::new().append(true).open(&path).unwrap();
    let mut progress = |read, _| {
        assert!(read < 1 << 20, "it should have been noticed long ago");
        writer.write_all(&[0; 8 << 10]).unwrap();
    };
    let result = hash_file(&path, &[Algorithm::Md5], &SMALL, &Uninterruptible, Threads::One, &mut progress);
    assert!(matches!(result, Err(FileError::Changed(Change::Size { before: 10_000, .. }))), "{result:?}");
}

#[test]
fn overwritten_at_the_same_length() {
    let result = changed_by(|path| {
        let mut file = OpenOptions::new().write(true).open(path).unwrap();
        file.write_all(b"other").unwrap();
        // Do not depend on the tick of the file system's clock.
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    });
    assert!(matches!(result, Err(FileError::Changed(Change::Modified))), "{result:?}");
}

#[cfg(unix)]
#[test]
fn unlinked_and_replaced() {
    let result = changed_by(|path| fs::remove_file(path).unwrap());
    assert!(matches!(result, Err(FileError::Changed(Change::Unlinked))), "{result:?}");
    let result = changed_by(|path| {
        let new = path.with_extension("new");
        fs::write(&new, sequence(20_000)).unwrap();
        fs::rename(new, path).unwrap();
    });
    assert!(matches!(result, Err(FileError::Changed(Change::Unlinked))), "{result:?}");
}

#[test]
fn stops_when_told() {
    struct Stop;
    impl Checkpoint for Stop {
        fn poll(&self) -> Result<(), Interrupted> {
            Err(Interrupted)
        }
    }
    let directory = Directory::new();
    let path = directory.file(b"x");
    let result = hash_file(&path, &[Algorithm::Md5], &SMALL, &Stop, Threads::One, &mut |_, _| {});
    assert!(matches!(result, Err(FileError::Interrupted)));
}
