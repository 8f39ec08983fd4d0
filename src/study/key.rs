//! The key that a user's ballots are signed with (ed25519), in the user's own folder.

use super::StudyError;
use crate::files;
use crate::model::{Digest, Signed};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Whoever signs.
pub struct Signer {
    key: SigningKey,
}

impl Signer {
    /// The user's own key; made on the first use.
    ///
    /// # Errors
    /// When there is no home folder, or the key can't be read or made.
    pub fn of_user() -> Result<Self, StudyError> {
        use etcetera::BaseStrategy as _;
        let Ok(base) = etcetera::choose_base_strategy() else {
            let why = "has no place: the system names no home folder; set HOME".into();
            return Err(StudyError::Key { path: PathBuf::from("signing.key"), why });
        };
        Self::at(&base.data_dir().join("mitoscope").join("signing.key"))
    }

    /// The key in a file of 64 hexadecimal digits; made where there is none, readable by its user alone.
    ///
    /// # Errors
    /// When the file can't be read or made, or holds something else.
    pub fn at(path: &Path) -> Result<Self, StudyError> {
        let wrong = |why: String| StudyError::Key { path: path.to_owned(), why };
        let unreadable =
            |e: &std::io::Error| wrong(format!("can't be read ({e}); check the file's permissions"));
        match fs::read_to_string(path) {
            Ok(text) => Self::read(&text).ok_or_else(|| {
                wrong("is no key; put the right file there, or move it away to get a new key".into())
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                make(path).map_err(|e| wrong(format!("can't be made ({e}); check the folder")))?;
                // Two programs that begin at once use the key that was there first.
                let text = fs::read_to_string(path).map_err(|e| unreadable(&e))?;
                Self::read(&text).ok_or_else(|| wrong("is no key; move the file away".into()))
            }
            Err(e) if e.kind() == std::io::ErrorKind::InvalidData => {
                Err(wrong("is no key; put the right file there, or move it away to get a new key".into()))
            }
            Err(e) => Err(unreadable(&e)),
        }
    }

    fn read(text: &str) -> Option<Self> {
        Digest::from_hex(text).map(|secret| Self { key: SigningKey::from_bytes(&secret.0) })
    }

    /// A key that is kept nowhere.
    pub fn from_secret(secret: [u8; 32]) -> Self {
        Self { key: SigningKey::from_bytes(&secret) }
    }

    /// The public key.
    pub fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// Signs a hash.
    pub fn sign(&self, hash: Digest) -> Signed {
        Signed { hash, key: self.public(), signature: self.key.sign(&hash.0).to_bytes() }
    }
}

/// Is the signature the key's, over the hash?
pub fn is_valid(signed: &Signed) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(&signed.key) else { return false };
    key.verify_strict(&signed.hash.0, &Signature::from_bytes(&signed.signature)).is_ok()
}

/// A public key as people compare it: 64 hexadecimal digits.
pub fn text(key: &[u8; 32]) -> String {
    Digest(*key).to_string()
}

/// The public key that 64 hexadecimal digits write, blanks between them or not.
pub fn parse(text: &str) -> Option<[u8; 32]> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    Digest::from_hex(&digits).map(|d| d.0).filter(|k| VerifyingKey::from_bytes(k).is_ok())
}

fn make(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(files::folder_of(path))?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(std::io::Error::other)?;
    let mut file = tempfile::Builder::new().prefix(".mitoscope-").tempfile_in(files::folder_of(path))?;
    writeln!(file, "{}", Digest(secret))?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_signs_what_only_it_can_sign() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/signing.key");
        let (one, again) = (Signer::at(&path).unwrap(), Signer::at(&path).unwrap());
        assert_eq!(one.public(), again.public());
        let signed = one.sign(Digest([7; 32]));
        assert!(is_valid(&signed));
        assert!(!is_valid(&Signed { hash: Digest([8; 32]), ..signed }));
        let other = Signer::from_secret([1; 32]);
        assert!(!is_valid(&Signed { key: other.public(), ..signed }));
        assert_eq!(parse(&text(&one.public())), Some(one.public()));
        assert_eq!(parse("abc"), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "its user's alone");
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing.key");
        for wrong in ["", "hello", "zz"] {
            fs::write(&path, wrong).unwrap();
            assert!(Signer::at(&path).is_err());
            assert_eq!(fs::read_to_string(&path).unwrap(), wrong);
        }
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(Signer::at(&path).is_err());
    }
}
