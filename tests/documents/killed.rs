//! Pull the plug: what was acknowledged is there.

use super::{document, spot};
use mitoscope::model::{ClassId, Edit, RaterId, SlideId};
use mitoscope::store::{Access, Database};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Names the document to the child.
const DOCUMENT: &str = "MITOSCOPE_TEST_DOCUMENT";

/// Act number `n` from 0 of one round: a spot, then its label changed, then that taken back, then again a spot.
fn perform(db: &mut Database, round: i64, n: i64) {
    let rater = RaterId(1);
    match n % 3 {
        0 => {
            db.apply(rater, spot(n as f64, round as f64, 1)).unwrap();
        }
        1 => {
            let object = db.objects(SlideId(1)).unwrap().last().unwrap().id;
            db.apply(rater, Edit::SetLabel { object, before: None, after: Some(ClassId(2)) }).unwrap();
        }
        _ => {
            db.undo(rater).unwrap().unwrap();
        }
    }
}

/// Classes of the round's spots after `acts` acts, in the order in which they were set.
fn wanted(acts: i64) -> Vec<i64> {
    let mut classes = Vec::new();
    for n in 0..acts {
        match n % 3 {
            0 => classes.push(1),
            1 => *classes.last_mut().unwrap() = 2,
            _ => *classes.last_mut().unwrap() = 1,
        }
    }
    classes
}

/// Not a test of its own: the program that is killed. It acknowledges each act on standard output when the store
/// has called it done, and goes on until it is stopped.
#[test]
fn child_that_labels_until_it_is_killed() {
    let Some(path) = std::env::var_os(DOCUMENT).map(PathBuf::from) else { return };
    let mut db = Database::open(&path, Access::ReadWrite).unwrap();
    let round = db.raters().unwrap().len() as i64;
    for n in 0.. {
        perform(&mut db, round, n);
        let mut out = std::io::stdout().lock();
        if writeln!(out, "\nacknowledged {n}").and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}

/// One round; the number of acts that were acknowledged.
fn killed_after(path: &Path, acts: u64, spin: u64) -> i64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["killed::child_that_labels_until_it_is_killed", "--exact", "--nocapture", "--test-threads=1"])
        .env(DOCUMENT, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut seen = 0;
    let mut count = |line: String| seen += i64::from(line.starts_with("acknowledged "));
    let mut wait = acts;
    while wait > 0 {
        let line = lines.next().expect("the child ended by itself");
        wait -= u64::from(line.starts_with("acknowledged "));
        count(line);
    }
    // Somewhere within the next acts.
    for _ in 0..spin {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it had written before it died.
    lines.for_each(count);
    seen
}

#[test]
fn every_label_that_was_acknowledged_before_a_kill_is_in_the_document() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    drop(document(&path));
    let (mut state, mut journals, mut half) = (0x9e37_79b9_7f4a_7c15u64, 0, 0);
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    for _ in 0..10 {
        let round = Database::open(&path, Access::ReadOnly).unwrap().raters().unwrap().len() as i64;
        let acknowledged = killed_after(&path, 1 + random(12), random(2_000_000));
        journals += i32::from(folder.path().join("study.sqlite-journal").exists());

        let mut db = Database::open(&path, Access::ReadWrite).unwrap();
        let objects = db.objects(SlideId(1)).unwrap();
        let mine = objects.iter().filter(|o| o.shape.center().is_some_and(|c| c.y == round as f64));
        let found: Vec<i64> = mine.map(|o| o.label_by(RaterId(1)).unwrap().class.0).collect();
        let done = [acknowledged, acknowledged + 1].into_iter().find(|n| found == wanted(*n));
        assert!(done.is_some(), "{acknowledged} acts acknowledged, there are {found:?}");
        half += i32::from(done != Some(acknowledged));
        let check = db.check().unwrap();
        assert!(check.ok, "{check:?}");
        // The rater count tells rounds apart.
        let rater = mitoscope::model::Rater { id: RaterId(0), name: format!("round {round}") };
        db.apply(RaterId(0), Edit::AddRater { rater }).unwrap();
    }
    println!("10 kills: {journals} left a journal, {half} fell between the commit and its acknowledgement");
}
