//! The command line as such: help, versions, exit codes, and the reference page made from its tables.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]

use std::path::Path;
use std::process::{Command, Output};

fn mitoscope(arguments: &[&str]) -> Output {
    let home = std::env::temp_dir();
    Command::new(env!("CARGO_BIN_EXE_mitoscope"))
        .args(arguments)
        .env("XDG_CONFIG_HOME", &home)
        .env("XDG_STATE_HOME", &home)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_verb_explains_itself_with_an_example() {
    let verbs = mitoscope::cli::verbs();
    assert!(verbs.len() >= 10, "{verbs:?}");
    for verb in verbs {
        let mut words: Vec<&str> = verb.split(' ').collect();
        words.push("--help");
        let answer = mitoscope(&words);
        let text = out(&answer);
        assert!(answer.status.success(), "{verb}: {}", err(&answer));
        assert!(text.len() > 150 && text.contains("Example"), "{verb}: {text}");
        assert_eq!(err(&answer), "", "{verb}");
    }
}

#[test]
fn the_version_names_its_libraries() {
    let text = out(&mitoscope(&["--version"]));
    assert!(
        text.contains(env!("CARGO_PKG_VERSION")) && text.contains("OpenSlide ") && text.contains("SQLite 3."),
        "{text}"
    );
}

#[test]
fn wrong_usage_ends_with_two_and_speaks_on_standard_error() {
    for words in [
        "frobnicate",
        "db",
        "db frobnicate",
        "screen frobnicate",
        "info",
        "info --no-such-option x.svs",
        "region x.svs --x 1",
        "synthesize",
        "count",
        "nowhere.svs",
    ] {
        let answer = mitoscope(&words.split(' ').collect::<Vec<_>>());
        assert_eq!(answer.status.code(), Some(2), "{words}: {}", err(&answer));
        assert!(out(&answer).is_empty() && !err(&answer).is_empty(), "{words}");
    }
}

#[test]
fn what_cannot_be_done_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.svs");
    std::fs::write(&text, "no slide").unwrap();
    let text = text.to_str().unwrap();
    for words in [
        vec!["info", "nowhere.svs"],
        vec!["info", text],
        vec!["db", "info", text],
        vec!["screen", "plan", text],
    ] {
        let answer = mitoscope(&words);
        assert_eq!(answer.status.code(), Some(1), "{words:?}: {}", err(&answer));
        assert_eq!(err(&answer).lines().count(), 1, "{words:?}: {}", err(&answer));
        assert!(err(&answer).contains(words.last().unwrap()), "{words:?}: {}", err(&answer));
    }
}

/// `docs/commands.md` is what the program says of itself; `UPDATE=1` writes it anew.
#[test]
fn the_reference_page_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    let page = mitoscope::cli::reference();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/commands.md is not what the program says; run UPDATE=1 cargo test --test command_line"
    );
}

/// A copy of the real slide, and its bytes.
fn copied(folder: &Path, name: impl AsRef<Path>) -> (std::path::PathBuf, Vec<u8>) {
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/CMU-1-Small-Region.svs");
    let to = folder.join(name);
    std::fs::copy(real, &to).unwrap();
    let bytes = std::fs::read(&to).unwrap();
    (to, bytes)
}

#[test]
fn what_is_read_is_never_replaced_by_the_output() {
    let folder = tempfile::tempdir().unwrap();
    let (slide, before) = copied(folder.path(), "case.svs");
    let text = slide.to_str().unwrap();
    let roundabout = folder.path().join("./case.svs");
    for output in [text, roundabout.to_str().unwrap()] {
        for more in ["region --x 0 --y 0 --w 8 --h 8", "render --center 9,9 --objective 20 --size 8x8"] {
            if more.starts_with("render") && cfg!(not(feature = "gui")) {
                continue;
            }
            let mut words: Vec<&str> = more.split(' ').collect();
            words.insert(1, text);
            words.extend(["-o", output]);
            let answer = mitoscope(&words);
            assert_eq!(answer.status.code(), Some(1), "{words:?}");
            assert!(err(&answer).contains("another name"), "{}", err(&answer));
            assert!(std::fs::read(&slide).unwrap() == before, "{words:?}");
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_unicode_are_told_in_json_too() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (slide, _) = copied(folder.path(), std::ffi::OsStr::from_bytes(b"f\xffll.svs"));
    let document = folder.path().join(std::ffi::OsStr::from_bytes(b"d\xff.sqlite"));
    for (verb, file) in [("info", &slide), ("screen plan", &slide), ("db create", &document)] {
        let answer = Command::new(env!("CARGO_BIN_EXE_mitoscope"))
            .args(verb.split(' '))
            .arg(file)
            .arg("--json")
            .output()
            .unwrap();
        assert!(answer.status.success(), "{verb}: {}", err(&answer));
        serde_json::from_slice::<serde_json::Value>(&answer.stdout).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_device_or_a_pipe_is_no_slide() {
    let answer = mitoscope(&["info", "/dev/null"]);
    assert_eq!(answer.status.code(), Some(1));
    assert!(err(&answer).contains("not a slide"), "{}", err(&answer));
}

#[test]
fn a_slide_that_was_cut_short_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let (slide, whole) = copied(folder.path(), "short.svs");
    std::fs::write(&slide, &whole[..whole.len() / 20]).unwrap();
    let answer = mitoscope(&["info", slide.to_str().unwrap()]);
    assert_eq!(answer.status.code(), Some(1));
    assert!(err(&answer).contains("short.svs") && err(&answer).contains("cut short"), "{}", err(&answer));
}
