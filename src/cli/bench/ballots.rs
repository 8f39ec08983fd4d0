//! What an answer costs: a ballot of a long task beside a label, each on disk when it is done.

use super::super::Failure;
use crate::model::{ClassId, Edit, Rater, RaterId, Shape, SlideId, SlidePx, TaskKind, Vote};
use crate::store::{Access, Database, Source, exchange};
use crate::study::blind::BallotBox;
use crate::study::key::Signer;
use crate::study::select::{self, Choice};
use crate::study::task::{self, Order, Wish};
use std::time::Instant;

/// Cells of the task.
const CELLS: u32 = 12_000;
/// Answers that are timed.
const ANSWERS: u32 = 200;

/// Milliseconds for one label and for one ballot, from the call until it is on disk; the median of 200. In a document of
/// its own, in the system's folder for temporary files.
pub(super) fn measure() -> Result<(f64, f64), Failure> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("study.sqlite");
    let mut db = Database::create(&path)?;
    let rater = Rater { id: RaterId(0), name: "Expert 1".into() };
    db.apply(RaterId(0), Edit::AddRater { rater })?;
    let mut rows = String::from("x,y,class\n");
    for i in 0..u64::from(CELLS) {
        rows.push_str(&format!("{},{},mitotic figure\n", i * 7919 % 90_001, i * 104_729 % 60_013));
    }
    let reading = exchange::parse(rows.as_bytes(), exchange::Format::Csv).map_err(Failure::Failed)?;
    let (slide, one) = (Some("case.svs".to_owned()), Some("Expert 1".to_owned()));
    db.import(reading, &Source { file: "cells.csv".into(), slide, rater: one })?;
    let (slides, things) =
        select::things(&db, TaskKind::Label, None, &Choice::default(), &mut |_, _| Ok(true))?;
    let wish = Wish {
        name: "second".into(),
        rater: "Expert 2".into(),
        kind: TaskKind::Label,
        order: Order::Shuffled(1),
        repeats: 0.0,
        view: None,
        classes: task::choices(&db.classes()?),
        chosen: String::new(),
    };
    db.create_task(&task::plan(&path, wish, slides, &things, 0.0)?)?;
    let mut labels = Vec::new();
    for i in 0..ANSWERS {
        let add = Edit::AddObject {
            object: None,
            slide: SlideId(1),
            shape: Shape::Spot(SlidePx::new(f64::from(i), 70_000.0)),
            class: ClassId(1),
            description: String::new(),
        };
        labels.push(timed(|| db.apply(RaterId(1), add).map(drop).map_err(Failure::from))?);
    }
    let signer = Signer::from_secret([1; 32]);
    let mut open = BallotBox::open(&path, Some("second"), Access::ReadWrite, signer)?;
    let mut ballots = Vec::new();
    for item in 1..=ANSWERS {
        let vote = Vote { class: ClassId(1), ..Vote::default() };
        ballots.push(timed(|| open.vote(item, &vote).map(drop).map_err(Failure::from))?);
    }
    Ok((super::measured::median(labels), super::measured::median(ballots)))
}

fn timed(work: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}
