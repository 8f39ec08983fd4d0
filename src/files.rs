//! Files that appear whole or not at all.

use std::io;
use std::path::Path;
use tempfile::NamedTempFile;

/// The folder of a file; the present one for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new file beside `path`, to be written and then renamed to it. It is gone if it is dropped before.
///
/// # Errors
/// What the system says when the folder is not there or can't be written.
pub fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = folder_of(path);
    // In the system's words neither would name what is wrong.
    if !folder.is_dir() {
        return Err(io::Error::other("there is no such folder"));
    }
    // A folder can't be replaced, a device or a pipe must not be.
    match std::fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => return Err(io::Error::other("a folder has this name")),
        Ok(there) if !there.is_file() && !there.is_symlink() => {
            return Err(io::Error::other("what has this name is no file"));
        }
        _ => {}
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".mitoscope-");
    // As any new file: what the user's mask leaves. Else a colleague could not read it.
    #[cfg(unix)]
    let shared: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(shared);
    builder.tempfile_in(folder)
}

/// How much of a file's beginning and end its print looks at.
const PRINT: u64 = 1 << 20;

/// What a file is known by whatever its name is: BLAKE3 over its size, its first and its last MiB. A slide of several
/// GB is not read whole for it.
///
/// # Errors
/// What the system says when the file can't be read.
pub fn print(path: &Path) -> io::Result<[u8; 32]> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let mut file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    let mut hasher = blake3::Hasher::new_derive_key("mitoscope file 1");
    hasher.update(&size.to_le_bytes());
    io::copy(&mut (&mut file).take(PRINT), &mut hasher)?;
    if size > PRINT {
        file.seek(SeekFrom::Start((size - PRINT).max(PRINT)))?;
        io::copy(&mut file.take(PRINT), &mut hasher)?;
    }
    Ok(*hasher.finalize().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_kept_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        drop(beside(&path).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        beside(&path).unwrap().persist(&path).unwrap();
        assert!(path.is_file());
        assert_eq!(folder_of(Path::new("a.txt")), Path::new("."));
        assert!(beside(&folder.path().join("nowhere/a.txt")).is_err());
        assert!(beside(folder.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_never_replaced() {
        assert!(beside(Path::new("/dev/null")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_kept_file_has_the_rights_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (plain, ours) = (folder.path().join("plain"), folder.path().join("ours"));
        std::fs::write(&plain, "").unwrap();
        beside(&ours).unwrap().persist(&ours).unwrap();
        let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode();
        assert_eq!(mode(&plain), mode(&ours));
    }
}
