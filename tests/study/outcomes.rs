//! Outcomes: of the published sets under the rules that they used, and of a study of our own.

use super::*;
use mitoscope::model::Rule;
use mitoscope::study::outcome::{derive, edit, settlement};
use std::path::PathBuf;

/// A real database; `None` where the data were not handed over.
fn real(test: &str, name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../shared/data/databases/{name}.sqlite"));
    if !path.is_file() {
        println!("skipped: {test}: no {name}.sqlite in the shared data");
        return None;
    }
    Some(path)
}

/// Uids of objects whose stored class is not what the rule says.
fn exceptions(path: &Path, rule: Rule, raters: &[&str]) -> Vec<i64> {
    let db = Database::open(path, Access::ReadOnly).unwrap();
    let raters = raters.iter().map(|r| db.rater_named(r).unwrap().id).collect();
    let outcome = derive(&db, settlement(&db, rule, raters).unwrap()).unwrap();
    outcome.changes.iter().map(|(object, ..)| object.0).collect()
}

#[test]
fn published_outcomes_follow_from_their_labels() {
    let name = "published_outcomes_follow_from_their_labels";
    // MIDOG: the detector RetinaNet stands among the persons; the majority of the three experts decides. With the
    // detector's label among them nine cells are ties.
    if let Some(path) = real(name, "MIDOG__MIDOG_AperioCS2") {
        assert_eq!(exceptions(&path, Rule::Majority, &["CB", "RK", "TD"]), Vec::<i64>::new());
        assert_eq!(
            exceptions(&path, Rule::Majority, &[]),
            [1439, 1455, 1464, 1470, 1476, 1477, 1506, 1510, 1575]
        );
    }
    // TUPAC, alternative labels: two experts, and their consensus where they differ.
    if let Some(path) = real(name, "TUPAC_AL__training") {
        assert_eq!(exceptions(&path, Rule::Consensus, &[]), Vec::<i64>::new());
    }
    // MITOS 2014: two experts, and a third where they differ.
    if let Some(path) = real(name, "SlideRunner__MITOS2014") {
        assert_eq!(exceptions(&path, Rule::ThirdOnDisagreement, &[]), Vec::<i64>::new());
        assert_eq!(exceptions(&path, Rule::Unanimity, &[]).len(), 541);
    }
}

#[test]
fn an_outcome_is_one_act_that_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = study(&path, 9);
    let names = ["Expert 2", "Expert 3"];
    for (k, name) in names.iter().enumerate() {
        task(&mut db, name, name, TaskKind::Label, &Choice::default(), 0.0);
        let mut open = ballots(&path, name);
        for item in 1..=9 {
            open.vote(item, &vote(if (item as usize + k).is_multiple_of(3) { LOOK_ALIKE } else { FIGURE }))
                .unwrap();
        }
        open.seal().unwrap();
    }
    let agreed = |db: &Database| objects(db).iter().map(|o| o.agreed).collect::<Vec<_>>();
    let (first, labels) = (agreed(&db), objects(&db).iter().map(|o| o.labels.clone()).collect::<Vec<_>>());
    let outcome = derive(&db, settlement(&db, Rule::Majority, Vec::new()).unwrap()).unwrap();
    assert!(!outcome.changes.is_empty());
    assert_eq!(agreed(&db), first, "a preview changes nothing");
    db.apply(RaterId(0), edit(&outcome)).unwrap();
    for object in objects(&db).iter().filter(|o| !o.deleted) {
        let votes = |class| object.labels.iter().filter(|l| l.class == class).count();
        let all = object.labels.len();
        let wanted = [FIGURE, LOOK_ALIKE, ClassId(3)].into_iter().find(|c| 2 * votes(*c) > all);
        assert_eq!(object.agreed, wanted.unwrap_or(ClassId::UNKNOWN));
    }
    assert_eq!(objects(&db).iter().map(|o| o.labels.clone()).collect::<Vec<_>>(), labels);
    assert_eq!(db.settlement().unwrap().map(|s| s.rule), Some(Rule::Majority));

    // A label that is changed afterwards comes to its class by the study's rule.
    let cell = objects(&db).into_iter().find(|o| o.labels.len() == 3 && o.agreed == FIGURE).unwrap();
    let figure = cell.labels.iter().find(|l| l.class == FIGURE).unwrap();
    let change = Edit::SetLabel { object: cell.id, before: None, after: Some(LOOK_ALIKE) };
    db.apply(figure.rater, change).unwrap();
    let now = db.object(cell.id).unwrap().unwrap();
    let figures = now.labels.iter().filter(|l| l.class == FIGURE).count();
    assert_eq!(now.agreed, if figures == 2 { FIGURE } else { LOOK_ALIKE });
    db.undo(figure.rater).unwrap().unwrap();

    db.undo(RaterId(0)).unwrap().unwrap();
    assert_eq!(agreed(&db), first);
    assert_eq!(db.settlement().unwrap(), None);
    db.redo(RaterId(0)).unwrap().unwrap();
    assert_eq!(db.settlement().unwrap().map(|s| s.rule), Some(Rule::Majority));
    // Set anew by somebody else: what would be lost is refused.
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .create_scalar_function("pycurrent_time", 0, rusqlite::functions::FunctionFlags::SQLITE_UTF8, |_| {
            Ok(1.0)
        })
        .unwrap();
    let (object, _, after) = outcome.changes[0];
    let other = if after == FIGURE { 2 } else { 1 };
    connection.execute("UPDATE Annotations SET agreedClass = ?2 WHERE uid = ?1", (object.0, other)).unwrap();
    assert!(db.undo(RaterId(0)).unwrap_err().to_string().contains("set anew"));
    assert!(db.check().unwrap().ok);
}

#[test]
fn undecided_objects_are_named_and_have_no_class() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = study(&path, 3);
    let other = class(&mut db, "apoptosis", Role::Other);
    task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.0);
    let mut open = ballots(&path, "second");
    (1..=3).for_each(|item| drop(open.vote(item, &vote(other)).unwrap()));
    open.seal().unwrap();
    for rule in [Rule::Unanimity, Rule::Majority, Rule::ThirdOnDisagreement] {
        let outcome = derive(&db, settlement(&db, rule, Vec::new()).unwrap()).unwrap();
        // Three cells that two see differently, and the flag that nobody labels.
        assert_eq!((outcome.undecided.len(), outcome.agreed), (4, 1), "{rule}");
    }
    assert!(settlement(&db, Rule::Consensus, Vec::new()).is_err(), "nobody is called Consensus");
}
