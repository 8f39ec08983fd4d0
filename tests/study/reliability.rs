//! One rater over time: hidden repeats and the cut-off, from a sealed task, in the library and on the command line.

use super::*;
use mitoscope::study::agreement::{Call, drift};
use mitoscope::study::figures::{Asked, compare};
use std::process::Command;

#[test]
fn repeats_and_drift_are_read_from_sealed_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = study(&path, 60);
    task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.1);
    let asked = db.tasks().unwrap().pop().unwrap();
    let (_, items) = db.task_items(asked.id).unwrap();
    let again: Vec<u32> = items.iter().filter(|i| i.repeats.is_some()).map(|i| i.item.number).collect();
    assert_eq!((items.len(), again.len()), (66, 6));
    // Every item a mitotic figure until the 30th, none from then on; the first two repeats are answered the other way
    // round, and one item is not decided.
    let said = |number: u32| if number < 30 { FIGURE } else { LOOK_ALIKE };
    let undecided = items.iter().find(|i| i.repeats.is_none() && !again_of(&items, i.item.number)).unwrap();
    let mut open = ballots(&path, "second");
    for row in &items {
        let number = row.item.number;
        let first = said(row.repeats.unwrap_or(number));
        let turned = again.iter().take(2).any(|n| *n == number);
        let class = match first {
            _ if number == undecided.item.number => ClassId::UNKNOWN,
            FIGURE if turned => LOOK_ALIKE,
            _ if turned => FIGURE,
            same => same,
        };
        // A change of mind: the last ballot counts.
        if number == 3 {
            open.vote(number, &vote(ClassId::UNKNOWN)).unwrap();
        }
        open.vote(number, &vote(class)).unwrap();
    }
    let before = Database::open(&path, Access::ReadOnly).unwrap();
    assert!(compare(&before, Asked::default()).is_err(), "nothing of an open task is read");
    open.seal().unwrap();
    drop((before, open));

    let db = Database::open(&path, Access::ReadOnly).unwrap();
    let found = compare(&db, Asked::default()).unwrap();
    assert_eq!(found.own.len(), 1, "Expert 1 has no task");
    let own = &found.own[0];
    assert_eq!(
        (own.rater.name.as_str(), own.tasks.as_slice()),
        ("Expert 2", ["second".to_owned()].as_slice())
    );
    let pair = own.repeats.as_ref().unwrap();
    assert_eq!((own.asked_again, pair.figures.n, pair.figures.raw), (6, 6, Some(4.0 / 6.0)));
    assert_eq!((own.calls, own.window), (59, 50));
    // The same by hand: each cell once, in the order of its ballot; the other rater is Expert 1.
    let one = db.rater_named("Expert 1").unwrap().id;
    let cast = db.task_ballots(asked.id).unwrap();
    let calls: Vec<Call> = items
        .iter()
        .filter(|i| i.repeats.is_none() && i.item.number != undecided.item.number)
        .map(|row| {
            let ballot = cast.iter().rfind(|b| b.item == row.item.number).unwrap();
            let object = db.object(row.object.unwrap()).unwrap().unwrap();
            Call {
                time: ballot.time,
                mitotic: ballot.vote.class == FIGURE,
                majority: Some(object.label_by(one).unwrap().class == FIGURE),
            }
        })
        .collect();
    assert_eq!(own.drift, drift(&calls, 50));
    assert!(own.drift.trend_by_majority.unwrap().p < 0.001);
    assert!(own.drift_words().starts_with("mitotic figures get rarer"), "{}", own.drift_words());
    assert!(own.again_words().starts_with("the same answer on 66.7 % of 6 hidden repeats"));

    let run = |more: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_mitoscope"))
            .args(["agree", path.to_str().unwrap()])
            .args(more)
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    let json: serde_json::Value = serde_json::from_str(&run(&["--json"])).unwrap();
    let (again, moved) = (&json["intra_rater"][0], &json["drift"][0]);
    assert_eq!((again["rater"].as_str(), again["n"].as_u64()), (Some("Expert 2"), Some(6)));
    assert_eq!((moved["ballots"].as_u64(), moved["windows"].as_array().unwrap().len()), (Some(59), 2));
    assert_eq!(moved["windows"][0]["ballots"], 50);
    let text = run(&[]);
    assert!(text.contains("Expert 2 again: the same answer on 66.7 %"), "{text}");
    assert!(text.contains("Expert 2 over time: mitotic figures get rarer"), "{text}");
}

fn again_of(items: &[mitoscope::store::tasks::NewItem], number: u32) -> bool {
    items.iter().any(|i| i.repeats == Some(number))
}
