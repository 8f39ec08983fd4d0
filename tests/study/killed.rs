//! Pull the plug in the middle of a task: every ballot that was acknowledged is there.

use super::*;
use mitoscope::store::TaskFile;
use mitoscope::study::ballot;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Names the file to the child.
const FILE: &str = "MITOSCOPE_TEST_BALLOTS";

/// Not a test of its own: the rater who is killed. Acknowledges each ballot when the file has it.
#[test]
fn child_that_votes_until_it_is_killed() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else { return };
    let mut open = ballots(&path, "second");
    for n in 0u32.. {
        let item = n % open.task().items + 1;
        let cast = open.vote(item, &vote(if n % 3 == 0 { FIGURE } else { LOOK_ALIKE })).unwrap();
        let mut out = std::io::stdout().lock();
        if writeln!(out, "\nacknowledged {}", cast.number).and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}

/// Kills the rater after so many ballots; the number of the last one that was acknowledged.
fn killed_after(path: &Path, wait: usize, spin: u32) -> u32 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["killed::child_that_votes_until_it_is_killed", "--exact", "--nocapture", "--test-threads=1"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut numbers = lines.filter_map(|l| l.strip_prefix("acknowledged ").and_then(|n| n.parse().ok()));
    let mut last = 0;
    for _ in 0..wait {
        last = numbers.next().expect("the child ended by itself");
    }
    for _ in 0..spin {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    numbers.last().unwrap_or(last)
}

#[test]
fn every_ballot_that_was_acknowledged_before_a_kill_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("study.sqlite");
    let mut db = study(&document, 15);
    task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.0);
    let kit = folder.path().join("second.kit");
    let asked = db.tasks().unwrap().pop().unwrap();
    db.make_kit(&asked, &kit, false, &mut |_, _| Ok(None)).unwrap();
    drop(db);
    for path in [&document, &kit] {
        for round in 0..5usize {
            let acknowledged = killed_after(path, 1 + 3 * round, 400_000 * round as u32);
            // Opening for writing takes an unfinished ballot back.
            drop(ballots(path, "second"));
            let file = TaskFile::open(path, Access::ReadOnly).unwrap();
            let asked = file.task(Some("second")).unwrap();
            let found = file.ballots(asked.id).unwrap();
            let n = found.len() as u32;
            assert!(n == acknowledged || n == acknowledged + 1, "{acknowledged} acknowledged, {n} there");
            let (slides, items) = (file.slides(asked.id).unwrap(), file.items(asked.id).unwrap());
            ballot::verify(&asked, &slides, &items, &found).unwrap();
        }
    }
}
